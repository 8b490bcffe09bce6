//! The chain of handlers of `SIGBUS`: how our handler gets in front, and how signals that are not ours are
//! passed on to the handlers that were installed before.

use std::hint;
use std::mem;
use std::ptr;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::thread;

use libc::{
    SA_NOCLDSTOP, SA_NOCLDWAIT, SA_ONSTACK, SA_SIGINFO, SIG_DFL, SIG_IGN, SIGBUS, c_int, c_void,
    sigaction, sighandler_t, siginfo_t,
};

use super::asked::Asking;
use super::entries::{self, PREVIOUS, TURNS, UNUSED};
use crate::pin;

/// Set in the address of a handler that takes a `siginfo_t`. No function has an address with this bit.
const WITH_INFO: usize = 1 << (usize::BITS - 1);

/// Flags that have a meaning only for `SIGCHLD`. They number the installations of one function of ours, so
/// that a handler that saved an earlier installation and restores it is noticed.
const TIMES: [c_int; 4] = [0, SA_NOCLDSTOP, SA_NOCLDWAIT, SA_NOCLDSTOP | SA_NOCLDWAIT];

/// How often each function of ours was installed, and how often any was.
static INSTALLED_EACH: [AtomicUsize; TURNS] = [const { AtomicUsize::new(0) }; TURNS];
static INSTALLED: AtomicUsize = AtomicUsize::new(0);

/// The result of installing our handler in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Our handler receives faults, from the system or from another copy of this library.
    Reached,
    /// The system accepts no handler.
    Refused,
    /// Another handler is in front, and all turns are used.
    Behind,
}

/// The handler that the system calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct First {
    /// In the form of [`pack`].
    handler: usize,
    times: c_int,
}

impl First {
    fn now() -> Self {
        let mut action = default_action();
        // SAFETY: changes nothing; `action` is a local variable.
        unsafe { sigaction(SIGBUS, ptr::null(), &raw mut action) };
        Self { handler: pack(&action), times: action.sa_flags & (SA_NOCLDSTOP | SA_NOCLDWAIT) }
    }

    fn is_ours(self) -> bool {
        entries::is_ours(self.handler & !WITH_INFO)
    }

    /// Whether it passes signals that are not its own to our handler: it is ours, or belongs to another copy
    /// of this library that passes them on to ours. This cannot be found out about other handlers: a test
    /// with a fault would end a process whose handler passes nothing on.
    fn passes_to_us(self) -> bool {
        let mut handler = self.handler;
        // A chain of copies is not longer, and has no cycle.
        for _ in 0..=TURNS {
            let function = handler & !WITH_INFO;
            if entries::is_ours(function) {
                return true;
            }
            let Some(next) = entries::passes_to(function) else { return false };
            handler = next;
        }
        false
    }
}

/// Whether our handler receives faults.
pub(super) fn is_reached() -> bool {
    First::now().passes_to_us()
}

/// Installs our handler in front of the current one, unless it already receives faults.
///
/// A single system call if there is nothing to do.
pub(super) fn come_first() -> Place {
    if is_reached() {
        return Place::Reached;
    }
    let _installing = Installing::begin();
    let first = First::now();
    if first.passes_to_us() {
        return Place::Reached;
    }
    pin::keep_loaded();
    match turn_before(first.handler) {
        Some(turn) if put_in_front(turn) => Place::Reached,
        Some(_) => Place::Refused,
        None => Place::Behind,
    }
}

/// The turn in which ours is in front of this handler: the turn that it has already, an unused one, or one
/// whose handler has another turn too.
fn turn_before(handler: usize) -> Option<usize> {
    let position =
        |handler| PREVIOUS.iter().position(|previous| previous.load(Ordering::Relaxed) == handler);
    position(handler).or_else(|| {
        let is_second = |&turn: &usize| {
            let previous = PREVIOUS.get(turn).map(|previous| previous.load(Ordering::Relaxed));
            previous.and_then(position).is_some_and(|first| first < turn)
        };
        let turn = position(UNUSED).or_else(|| (0..TURNS).find(is_second))?;
        PREVIOUS.get(turn)?.store(handler, Ordering::Release);
        Some(turn)
    })
}

fn put_in_front(turn: usize) -> bool {
    INSTALLED.fetch_add(1, Ordering::Relaxed);
    let times = INSTALLED_EACH.get(turn).map_or(0, |times| times.fetch_add(1, Ordering::Relaxed));
    let times = times % TIMES.len();
    let mut action = default_action();
    action.sa_sigaction = entries::of(turn);
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | TIMES.get(times).copied().unwrap_or(0);
    set(&action)
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

fn set(action: &sigaction) -> bool {
    // SAFETY: `action` is a valid one: ours, or the default.
    unsafe { sigaction(SIGBUS, action, ptr::null_mut()) == 0 }
}

/// A lock for the thread that changes which handler is in front. Not used in handlers.
struct Installing;

/// The process ID of that thread, or 0. A child that was forked in the meantime does not have that thread,
/// and must not wait for it: the state is consistent after each of its accesses.
static BUSY: AtomicI32 = AtomicI32::new(0);

impl Installing {
    fn begin() -> Self {
        // SAFETY: returns a number, and has no conditions.
        let process = unsafe { libc::getpid() };
        let mut turns = 0_u32;
        loop {
            match BUSY.compare_exchange(0, process, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Self,
                Err(other) if other != process => {
                    let taken =
                        BUSY.compare_exchange(other, process, Ordering::Acquire, Ordering::Relaxed);
                    if taken.is_ok() {
                        return Self;
                    }
                }
                Err(_) if turns < 100 => hint::spin_loop(),
                Err(_) => thread::yield_now(),
            }
            turns = turns.saturating_add(1);
        }
    }
}

impl Drop for Installing {
    fn drop(&mut self) {
        BUSY.store(0, Ordering::Release);
    }
}

/// Passes a signal that is not ours on to the handler before this turn.
///
/// # Safety
/// The arguments are those of a handler.
pub(super) unsafe fn pass_on(
    signal: c_int,
    info: *mut siginfo_t,
    context: *mut c_void,
    code: c_int,
    turn: usize,
) {
    // Sent by kill(2) or its like, or a report of broken memory that no instruction accessed: no
    // instruction will be executed again and fault again.
    let was_sent = code <= 0 || code == libc::BUS_MCEERR_AO;
    let asking = Asking::begin(info.addr(), hint::black_box(&raw const code).addr());
    // If the call comes from a handler that was asked, an earlier handler that was not asked about this
    // signal is next. Otherwise the two would call each other without end.
    let Some((turn, slot, previous)) = (0..=turn).rev().find_map(|turn| {
        let slot = PREVIOUS.get(turn)?;
        let previous = slot.load(Ordering::Acquire);
        let is_asked = |(other, slot): (usize, &AtomicUsize)| {
            asking.was_asked(other) && slot.load(Ordering::Relaxed) == previous
        };
        let is_new = previous != UNUSED && !PREVIOUS.iter().enumerate().any(is_asked);
        is_new.then_some((turn, slot, previous))
    }) else {
        return end_by_default(signal, was_sent);
    };
    if previous == SIG_DFL || (previous == SIG_IGN && !was_sent) {
        return end_by_default(signal, was_sent);
    }
    asking.ask(turn);
    let before = (First::now(), INSTALLED.load(Ordering::Relaxed));
    if previous != SIG_IGN {
        // SAFETY: passes on what the system passed; it was a handler before us.
        unsafe { ask(previous, signal, info, context) };
    }
    drop(asking);
    let now = (First::now(), INSTALLED.load(Ordering::Relaxed));
    if now.0.is_ours() {
        if now.0 != before.0 && now.1 == before.1 {
            // This function of ours was restored by another handler.
            gave_up(previous);
        }
    } else if was_sent && !now.0.passes_to_us() {
        // std's handler uninstalls itself at the first signal that it does not know, and ours with it.
        // The next such signal goes to the handler that std left, as it would without us; faults still
        // come to ours.
        slot.store(now.0.handler, Ordering::Release);
        put_in_front(turn);
    }
}

/// A handler that was asked has restored a function of ours that it found when it was installed. It is not
/// asked any more: it would be asked by that function again, and give up again, without end.
fn gave_up(handler: usize) {
    let mut earlier = SIG_DFL;
    for slot in &PREVIOUS {
        let previous = slot.load(Ordering::Relaxed);
        if previous == handler {
            slot.store(earlier, Ordering::Release);
        } else if previous != UNUSED {
            earlier = previous;
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

/// Ends the process by this signal, as if there were no handler: an instruction that faulted faults again
/// after the handler returns; a signal that was sent is sent again.
fn end_by_default(signal: c_int, was_sent: bool) {
    set(&default_action());
    if was_sent {
        // SAFETY: sends a signal to this thread; it arrives once the handler has returned.
        unsafe { libc::raise(signal) };
    }
}
