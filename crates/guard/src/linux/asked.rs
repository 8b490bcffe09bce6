//! Which previous handlers are being asked about a signal right now.
//!
//! A handler that was asked may ask us in turn, about the same signal. What was asked before has to be
//! known then. It is not kept in a thread-local: in a library that was loaded later, the first access to
//! one allocates, and a handler must not.

use std::sync::atomic::{AtomicUsize, Ordering};

/// A signal that previous handlers are asked about: where the system described it, which is on the stack
/// of the thread that it came to; and where on that stack it was first passed on.
///
/// Whether one is still being asked cannot be said: a handler may leave by `siglongjmp`. But the same
/// description in the same frame is the next signal, at the place of the last one; the same
/// description in another frame comes from a handler that was asked and asks us in turn.
struct Question {
    /// 0 if this place is free.
    info: AtomicUsize,
    frame: AtomicUsize,
    /// A bit for each turn whose previous handler was asked.
    turns: AtomicUsize,
}

impl Question {
    const fn none() -> Self {
        Self { info: AtomicUsize::new(0), frame: AtomicUsize::new(0), turns: AtomicUsize::new(0) }
    }
}

/// As many threads can pass on a signal at the same time. If there are more, one takes the place of
/// another; that one may then ask a handler twice, and not more often.
static QUESTIONS: [Question; 64] = [const { Question::none() }; 64];

/// A question as it was when this call of our handler began.
pub(super) struct Asking {
    question: &'static Question,
    info: usize,
    /// Whether a handler that was asked asks us in turn.
    is_inner: bool,
    turns: usize,
}

impl Asking {
    /// Only the thread on whose stack `info` is comes here with it, so only the taking of a free place
    /// is a matter between threads.
    pub(super) fn begin(info: usize, frame: usize) -> Self {
        let question = find(info);
        let is_inner = question.frame.load(Ordering::Relaxed) != frame
            && question.turns.load(Ordering::Relaxed) != 0;
        if !is_inner {
            question.frame.store(frame, Ordering::Relaxed);
            question.turns.store(0, Ordering::Relaxed);
        }
        Self { question, info, is_inner, turns: question.turns.load(Ordering::Relaxed) }
    }

    /// Whether the handler before this turn was asked about the signal.
    pub(super) fn was_asked(&self, turn: usize) -> bool {
        self.turns & bit(turn) != 0
    }

    /// Notes that it is.
    pub(super) fn ask(&self, turn: usize) {
        self.question.turns.store(self.turns | bit(turn), Ordering::Relaxed);
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        // Somebody else's by now, if there were too many.
        if self.question.info.load(Ordering::Relaxed) == self.info {
            self.question.turns.store(self.turns, Ordering::Relaxed);
            if !self.is_inner {
                let info = &self.question.info;
                info.compare_exchange(self.info, 0, Ordering::Release, Ordering::Relaxed).ok();
            }
        }
    }
}

fn bit(turn: usize) -> usize {
    u32::try_from(turn).ok().and_then(|turn| 1_usize.checked_shl(turn)).unwrap_or(0)
}

/// The place of this signal: its own, or a free one, or another's.
fn find(info: usize) -> &'static Question {
    let own = QUESTIONS.iter().find(|question| question.info.load(Ordering::Relaxed) == info);
    let take = |question: &&Question| {
        let taken =
            question.info.compare_exchange(0, info, Ordering::Acquire, Ordering::Relaxed).is_ok();
        if taken {
            question.turns.store(0, Ordering::Relaxed);
        }
        taken
    };
    own.or_else(|| QUESTIONS.iter().find(take)).unwrap_or_else(|| {
        let [first, ..] = &QUESTIONS;
        // Descriptions of different threads are pages apart.
        let other = QUESTIONS.get((info >> 12) % QUESTIONS.len()).unwrap_or(first);
        other.turns.store(0, Ordering::Relaxed);
        other.info.store(info, Ordering::Relaxed);
        other
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Descriptions of this test: addresses at which no signal is described.
    const FIRST: usize = 0x1000;

    /// One test, as there is one table.
    #[test]
    fn who_is_asked_in_turn_knows_what_was_asked() {
        let outer = Asking::begin(FIRST, 900);
        assert!(!outer.was_asked(3));
        outer.ask(3);
        {
            let inner = Asking::begin(FIRST, 500);
            assert!(inner.was_asked(3) && !inner.was_asked(0));
            inner.ask(0);
            let innermost = Asking::begin(FIRST, 400);
            assert!(innermost.was_asked(3) && innermost.was_asked(0));
        }
        assert!(!Asking::begin(FIRST, 500).was_asked(0), "an answer was given");
        drop(outer);
        assert!(!Asking::begin(FIRST, 500).was_asked(3), "the next signal at the same place");

        let gone = Asking::begin(2 * FIRST, 900);
        gone.ask(1);
        let _gone = std::mem::ManuallyDrop::new(gone);
        assert!(!Asking::begin(2 * FIRST, 900).was_asked(1), "it left by a jump");

        let asking: Vec<Asking> = (100..300).map(|at| Asking::begin(at * FIRST, 7)).collect();
        for asking in &asking {
            asking.ask(1);
        }
        let last = Asking::begin(299 * FIRST, 5);
        assert!(last.was_asked(1), "it has its place, as nobody came later");
        drop(last);
        drop(asking);
        for at in 100..300 {
            assert!(!Asking::begin(at * FIRST, 5).was_asked(1));
        }
    }
}
