//! The chain of handlers of a signal: how our handler gets in front, and how signals that are not ours are
//! passed on to the handlers that were installed before.

use std::hint;
use std::mem;
use std::ptr;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::thread;

use libc::{
    SA_NOCLDSTOP, SA_NOCLDWAIT, SA_ONSTACK, SA_SIGINFO, SIG_DFL, SIG_IGN, SIGBUS, SIGSEGV, c_int,
    c_void, sigaction, sighandler_t, siginfo_t,
};

use super::asked::Questions;
use super::entries::{self, Entries, Previous, TURNS, UNUSED};
use crate::pin;

/// Set in the address of a handler that takes a `siginfo_t`. No function has an address with this bit.
const WITH_INFO: usize = 1 << (usize::BITS - 1);

/// Flags that have a meaning only for `SIGCHLD`. They number the installations of one function of ours, so
/// that a handler that saved an earlier installation and restores it is noticed.
const TIMES: [c_int; 4] = [0, SA_NOCLDSTOP, SA_NOCLDWAIT, SA_NOCLDSTOP | SA_NOCLDWAIT];

/// The chain of handlers of a signal.
#[derive(Debug)]
pub(super) struct Chain {
    signal: c_int,
    entries: &'static Entries,
    /// The code of a report that the interrupted instruction did not cause, although nobody sent it.
    of_no_instruction: c_int,
    /// Whether our handler blocks all signals while it runs. It blocks its own signal in any case.
    blocks_all: bool,
    /// How often each function of ours was installed, and how often any was.
    installed_each: [AtomicUsize; TURNS],
    installed: AtomicUsize,
    /// The process ID of the thread that [installs](Installing), or 0.
    busy: AtomicI32,
    questions: Questions,
}

pub(super) static OF_SIGBUS: Chain =
    Chain::new(SIGBUS, &entries::OF_SIGBUS, libc::BUS_MCEERR_AO, false);

pub(super) static OF_SIGSEGV: Chain = Chain::new(SIGSEGV, &entries::OF_SIGSEGV, SEGV_MTEAERR, true);

/// A tag of memory that did not match, reported after the instruction (arm64).
///
/// # Source
/// `asm-generic/siginfo.h` of Linux.
const SEGV_MTEAERR: c_int = 8;

/// The result of installing our handler in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Our handler receives faults, from the system or from another copy of this library.
    Reached,
    /// The system accepts no handler.
    Refused,
}

/// The handler that the system calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct First {
    /// In the form of [`pack`].
    handler: usize,
    times: c_int,
}

impl Chain {
    const fn new(
        signal: c_int,
        entries: &'static Entries,
        of_no_instruction: c_int,
        blocks_all: bool,
    ) -> Self {
        Self {
            signal,
            entries,
            of_no_instruction,
            blocks_all,
            installed_each: [const { AtomicUsize::new(0) }; TURNS],
            installed: AtomicUsize::new(0),
            busy: AtomicI32::new(0),
            questions: Questions::none(),
        }
    }

    fn previous(&self) -> &'static Previous {
        self.entries.previous()
    }

    fn first(&self) -> First {
        let mut action = default_action();
        // SAFETY: changes nothing; `action` is a local variable.
        unsafe { sigaction(self.signal, ptr::null(), &raw mut action) };
        First { handler: pack(&action), times: action.sa_flags & (SA_NOCLDSTOP | SA_NOCLDWAIT) }
    }

    fn is_ours(&self, first: First) -> bool {
        self.entries.has(first.handler & !WITH_INFO)
    }

    /// Whether it passes signals that are not its own to our handler: it is ours, or belongs to another copy
    /// of this library that passes them on to ours. This cannot be found out about other handlers: a test
    /// with a fault would end a process whose handler passes nothing on.
    fn is_passed_on_by(&self, first: First) -> bool {
        let mut handler = first.handler;
        // A chain of copies is not longer, and has no cycle.
        for _ in 0..=TURNS {
            let function = handler & !WITH_INFO;
            if self.entries.has(function) {
                return true;
            }
            let Some(next) = entries::passes_to(function) else { return false };
            handler = next;
        }
        false
    }

    /// Whether our handler receives faults.
    pub(super) fn is_reached(&self) -> bool {
        self.is_passed_on_by(self.first())
    }

    /// Installs our handler in front of the current one, unless it already receives faults.
    ///
    /// A single system call if there is nothing to do.
    pub(super) fn come_first(&self) -> Place {
        if self.is_reached() {
            return Place::Reached;
        }
        let _installing = Installing::begin(&self.busy);
        let first = self.first();
        if self.is_passed_on_by(first) {
            return Place::Reached;
        }
        pin::keep_loaded();
        let turn = self.turn_before(first.handler);
        if self.put_in_front(turn) { Place::Reached } else { Place::Refused }
    }

    /// The turn in which ours is in front of this handler: the turn that it has already, an unused one, one
    /// whose handler has another turn too, or else the last one. The handler of that is then asked no more: the
    /// new one found it and ours, and knows what it passes on.
    fn turn_before(&self, handler: usize) -> usize {
        const LAST: usize = TURNS - 1;
        let all = self.previous();
        let position =
            |handler| all.iter().position(|previous| previous.load(Ordering::Relaxed) == handler);
        position(handler).unwrap_or_else(|| {
            let is_second = |&turn: &usize| {
                let previous = all.get(turn).map(|previous| previous.load(Ordering::Relaxed));
                previous.and_then(position).is_some_and(|first| first < turn)
            };
            let turn = position(UNUSED).or_else(|| (0..TURNS).find(is_second)).unwrap_or(LAST);
            if let Some(previous) = all.get(turn) {
                previous.store(handler, Ordering::Release);
            }
            turn
        })
    }

    fn put_in_front(&self, turn: usize) -> bool {
        self.installed.fetch_add(1, Ordering::Relaxed);
        let times = self.installed_each.get(turn);
        let times = times.map_or(0, |times| times.fetch_add(1, Ordering::Relaxed)) % TIMES.len();
        let mut action = default_action();
        action.sa_sigaction = self.entries.of(turn);
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | TIMES.get(times).copied().unwrap_or(0);
        if self.blocks_all {
            // SAFETY: a set of signals is plain data, in which all ones is all signals. (`sigfillset` leaves
            // out two of the C library's.)
            unsafe { (&raw mut action.sa_mask).write_bytes(0xFF, 1) };
        }
        self.set(&action)
    }

    fn set(&self, action: &sigaction) -> bool {
        // SAFETY: `action` is a valid one: ours, or the default.
        unsafe { sigaction(self.signal, action, ptr::null_mut()) == 0 }
    }
}

fn pack(action: &sigaction) -> usize {
    let handler = action.sa_sigaction;
    let with_info = action.sa_flags & SA_SIGINFO != 0 && handler != SIG_DFL && handler != SIG_IGN;
    if with_info { handler | WITH_INFO } else { handler }
}

fn default_action() -> sigaction {
    // SAFETY: a `sigaction` is plain data, and all zeros is `SIG_DFL` with an empty mask and no
    // flags.
    unsafe { mem::zeroed() }
}

/// A lock for the thread that changes which handler is in front. Not used in handlers.
///
/// It is the process ID of that thread, or 0. A child that was forked in the meantime does not have that thread,
/// and must not wait for it: the state is consistent after each of its accesses.
struct Installing<'a>(&'a AtomicI32);

impl<'a> Installing<'a> {
    fn begin(busy: &'a AtomicI32) -> Self {
        // SAFETY: returns a number, and has no conditions.
        let process = unsafe { libc::getpid() };
        let take =
            |from| busy.compare_exchange(from, process, Ordering::Acquire, Ordering::Relaxed);
        let mut turns = 0_u32;
        loop {
            match take(0) {
                Ok(_) => return Self(busy),
                Err(other) if other != process => {
                    if take(other).is_ok() {
                        return Self(busy);
                    }
                }
                Err(_) if turns < 100 => hint::spin_loop(),
                Err(_) => thread::yield_now(),
            }
            turns = turns.saturating_add(1);
        }
    }
}

impl Drop for Installing<'_> {
    fn drop(&mut self) {
        self.0.store(0, Ordering::Release);
    }
}

impl Chain {
    /// Passes a signal that is not ours on to the handler before this turn.
    ///
    /// # Safety
    /// The arguments are those of a handler.
    pub(super) unsafe fn pass_on(
        &self,
        signal: c_int,
        info: *mut siginfo_t,
        context: *mut c_void,
        code: c_int,
        turn: usize,
    ) {
        // Sent by kill(2) or its like, or a report of broken memory that no instruction accessed: no
        // instruction will be executed again and fault again.
        let was_sent = code <= 0 || code == self.of_no_instruction;
        let asking = self.questions.begin(info.addr(), hint::black_box(&raw const code).addr());
        // If the call comes from a handler that was asked, an earlier handler that was not asked about this
        // signal is next. Otherwise the two would call each other without end.
        let Some((turn, slot, previous)) = (0..=turn).rev().find_map(|turn| {
            let slot = self.previous().get(turn)?;
            let previous = slot.load(Ordering::Acquire);
            let is_asked = |(other, slot): (usize, &AtomicUsize)| {
                asking.was_asked(other) && slot.load(Ordering::Relaxed) == previous
            };
            let is_new = previous != UNUSED && !self.previous().iter().enumerate().any(is_asked);
            is_new.then_some((turn, slot, previous))
        }) else {
            return self.end_by_default(signal, was_sent);
        };
        if previous == SIG_DFL || (previous == SIG_IGN && !was_sent) {
            return self.end_by_default(signal, was_sent);
        }
        asking.ask(turn);
        let before = (self.first(), self.installed.load(Ordering::Relaxed));
        if previous != SIG_IGN {
            // SAFETY: passes on what the system passed; it was a handler before us.
            unsafe { ask(previous, signal, info, context) };
        }
        drop(asking);
        let now = (self.first(), self.installed.load(Ordering::Relaxed));
        if self.is_ours(now.0) {
            if now.0 != before.0 && now.1 == before.1 {
                // This function of ours was restored by another handler.
                self.gave_up(previous);
            }
        } else if was_sent && !self.is_passed_on_by(now.0) {
            // std's handler uninstalls itself at the first signal that it does not know, and ours with it.
            // The next such signal goes to the handler that std left, as it would without us; faults still
            // come to ours.
            slot.store(now.0.handler, Ordering::Release);
            self.put_in_front(turn);
        }
    }

    /// A handler that was asked has restored a function of ours that it found when it was installed. It is not
    /// asked any more: it would be asked by that function again, and give up again, without end.
    fn gave_up(&self, handler: usize) {
        let mut earlier = SIG_DFL;
        for slot in self.previous() {
            let previous = slot.load(Ordering::Relaxed);
            if previous == handler {
                slot.store(earlier, Ordering::Release);
            } else if previous != UNUSED {
                earlier = previous;
            }
        }
    }

    /// Ends the process by this signal, as if there were no handler: an instruction that faulted faults again
    /// after the handler returns; a signal that was sent is sent again.
    fn end_by_default(&self, signal: c_int, was_sent: bool) {
        self.set(&default_action());
        if was_sent {
            // SAFETY: sends a signal to this thread; it arrives once the handler has returned.
            unsafe { libc::raise(signal) };
        }
    }
}

/// Calls a handler as the system would.
///
/// # Safety
/// `handler` is the [`pack`] of one that the system had; the others are the arguments of one.
unsafe fn ask(handler: usize, signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    type WithInfo = unsafe extern "C" fn(c_int, *mut siginfo_t, *mut c_void);
    let address = handler & !WITH_INFO;
    if handler & WITH_INFO != 0 {
        // SAFETY: with SA_SIGINFO a handler is a function of these three arguments.
        let handler = unsafe { mem::transmute::<sighandler_t, WithInfo>(address) };
        // SAFETY: the caller's arguments.
        unsafe { handler(signal, info, context) };
    } else {
        // SAFETY: without SA_SIGINFO a handler is a function of the signal.
        let handler =
            unsafe { mem::transmute::<sighandler_t, unsafe extern "C" fn(c_int)>(address) };
        // SAFETY: the caller's arguments.
        unsafe { handler(signal) };
    }
}
