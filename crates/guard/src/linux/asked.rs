//! The previous handlers that are being asked about a signal at this moment: they were called, and have not
//! returned.
//!
//! A handler that is asked may call our handler again, about the same signal. Our handler must know then
//! which handlers it has already asked. A thread-local cannot hold that: in a library that was loaded later,
//! the first access to one allocates, which a handler must not do.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The signals of one chain that previous handlers are asked about: an entry for each thread that passes one on
/// at the same time. If there are more threads, one takes the entry of another, which may then ask a handler
/// twice, but not more often.
///
/// Each chain has its own. Where a handler left by a jump, the next signal may have its `siginfo_t` at the same
/// address, and if it is of another chain, its frame says nothing about the entry.
#[derive(Debug)]
pub(super) struct Questions([Question; 64]);

impl Questions {
    pub(super) const fn none() -> Self {
        Self([const { Question::none() }; _])
    }

    /// Begins to ask about a signal, or goes on. Only the thread whose stack `info` is on passes it, so threads
    /// compete only for free entries.
    pub(super) fn begin(&self, info: usize, frame: usize) -> Asking<'_> {
        let question = self.find(info);
        let is_inner = question.frame.load(Ordering::Relaxed) != frame
            && question.turns.load(Ordering::Relaxed) != 0;
        if !is_inner {
            question.frame.store(frame, Ordering::Relaxed);
            question.turns.store(0, Ordering::Relaxed);
        }
        Asking { question, info, is_inner, turns: question.turns.load(Ordering::Relaxed) }
    }

    /// The entry of this signal: its own, or a free one, or that of another signal.
    fn find(&self, info: usize) -> &Question {
        let Self(questions) = self;
        let own = questions.iter().find(|question| question.info.load(Ordering::Relaxed) == info);
        let take = |question: &&Question| {
            let order = (Ordering::Acquire, Ordering::Relaxed);
            let taken = question.info.compare_exchange(0, info, order.0, order.1).is_ok();
            if taken {
                question.turns.store(0, Ordering::Relaxed);
            }
            taken
        };
        own.or_else(|| questions.iter().find(take)).unwrap_or_else(|| {
            let [first, ..] = questions;
            // The `siginfo_t` of different threads are pages apart.
            let other = questions.get((info >> 12) % questions.len()).unwrap_or(first);
            other.turns.store(0, Ordering::Relaxed);
            other.info.store(info, Ordering::Relaxed);
            other
        })
    }
}

/// A signal that previous handlers are asked about: the address of its `siginfo_t`, which is on the stack of
/// the interrupted thread, and the stack frame in which it was first passed on.
///
/// A handler may leave by `siglongjmp`, so an entry does not prove that a handler is still running. But the
/// same `siginfo_t` in the same frame is a new signal at the same address, and the same `siginfo_t` in
/// another frame comes from a handler that was asked and called ours.
#[derive(Debug)]
struct Question {
    /// 0 if this entry is free.
    info: AtomicUsize,
    frame: AtomicUsize,
    /// The turns whose previous handler was asked, a bit each.
    turns: AtomicUsize,
}

impl Question {
    const fn none() -> Self {
        Self { info: AtomicUsize::new(0), frame: AtomicUsize::new(0), turns: AtomicUsize::new(0) }
    }
}

/// The state of a question at the start of this call of our handler.
pub(super) struct Asking<'a> {
    question: &'a Question,
    info: usize,
    /// Whether a handler that was asked has called ours.
    is_inner: bool,
    turns: usize,
}

impl Asking<'_> {
    /// Whether the previous handler of this turn was asked about the signal.
    pub(super) fn was_asked(&self, turn: usize) -> bool {
        self.turns & bit(turn) != 0
    }

    /// Records that the previous handler of this turn is asked.
    pub(super) fn ask(&self, turn: usize) {
        self.question.turns.store(self.turns | bit(turn), Ordering::Relaxed);
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        // If there were too many threads, the entry may belong to another one by now.
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

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: usize = 0x1000;

    #[test]
    fn who_is_asked_in_turn_knows_what_was_asked() {
        let questions = Questions::none();
        let outer = questions.begin(FIRST, 900);
        assert!(!outer.was_asked(3));
        outer.ask(3);
        {
            let inner = questions.begin(FIRST, 500);
            assert!(inner.was_asked(3) && !inner.was_asked(0));
            inner.ask(0);
            let innermost = questions.begin(FIRST, 400);
            assert!(innermost.was_asked(3) && innermost.was_asked(0));
        }
        assert!(!questions.begin(FIRST, 500).was_asked(0), "the handler has returned");
        drop(outer);
        assert!(!questions.begin(FIRST, 500).was_asked(3), "the next signal at the same address");

        let gone = questions.begin(2 * FIRST, 900);
        gone.ask(1);
        let _gone = std::mem::ManuallyDrop::new(gone);
        assert!(!questions.begin(2 * FIRST, 900).was_asked(1), "the handler left by a jump");

        let asking: Vec<Asking<'_>> = (100..300).map(|at| questions.begin(at * FIRST, 7)).collect();
        for asking in &asking {
            asking.ask(1);
        }
        let last = questions.begin(299 * FIRST, 5);
        assert!(last.was_asked(1), "it has its entry, because no later signal took it");
        drop(last);
        drop(asking);
        for at in 100..300 {
            assert!(!questions.begin(at * FIRST, 5).was_asked(1));
        }
    }
}
