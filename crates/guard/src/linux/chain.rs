//! Who handles `SIGBUS`: how ours comes first, and how what is not ours goes to whoever was first
//! before.

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
use super::entries::{self, TURNS};
use crate::pin;

/// Who handled `SIGBUS` before each of our functions, as [`pack`] says. Written before that one can
/// run.
///
/// A handler that came in between may pass on to the function that it found, or restore it when it
/// gives up. Then whoever was there before that one is next, as if we had never come again; with one
/// function for all it would be asked again, for ever. The same handler has the same function, however
/// often we come back in front of it.
pub(super) static PREVIOUS: [AtomicUsize; TURNS] = [const { AtomicUsize::new(NOBODY) }; TURNS];

/// A turn that was not needed so far.
const NOBODY: usize = libc::SIG_ERR;

/// Set in an address (no function has one with this bit) if the handler wants a `siginfo_t`.
const WITH_INFO: usize = 1 << (usize::BITS - 1);

/// Flags that mean something for `SIGCHLD` alone, and tell apart the times that one function of ours was
/// put in front: a handler that saved an earlier time and restores it is seen to have done so.
const TIMES: [c_int; 4] = [0, SA_NOCLDSTOP, SA_NOCLDWAIT, SA_NOCLDSTOP | SA_NOCLDWAIT];

/// How often each function of ours was put in front, and how often any was.
static PUT_EACH: [AtomicUsize; TURNS] = [const { AtomicUsize::new(0) }; TURNS];
static PUT: AtomicUsize = AtomicUsize::new(0);

/// What comes of trying to be the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Faults come to us: from the system, or from another copy of this library.
    Reached,
    /// The system takes no handler.
    Refused,
    /// Another handler is first, and there was no turn left.
    Behind,
}

/// What the system calls first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct First {
    /// As [`pack`] says.
    handler: usize,
    times: c_int,
}

impl First {
    fn now() -> Self {
        let mut action = default_action();
        // SAFETY: asks without changing anything; `action` is ours.
        unsafe { sigaction(SIGBUS, ptr::null(), &raw mut action) };
        Self { handler: pack(&action), times: action.sa_flags & (SA_NOCLDSTOP | SA_NOCLDWAIT) }
    }

    fn is_ours(self) -> bool {
        entries::is_ours(self.handler & !WITH_INFO)
    }

    /// Whether what it does not know comes to us: it is ours, or another copy of this library that
    /// passes on to us. What other handlers do cannot be known: trying it out with a fault would be the
    /// end of a process whose handler passes nothing on.
    fn passes_to_us(self) -> bool {
        let mut handler = self.handler;
        // No chain of copies is longer, or comes back to itself.
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

/// Whether faults come to us.
pub(super) fn is_reached() -> bool {
    First::now().passes_to_us()
}

/// Puts our handler in front of the one there is, if faults do not come to us anyway.
///
/// One system call if there is nothing to do.
pub(super) fn come_first() -> Place {
    if is_reached() {
        return Place::Reached;
    }
    let _alone = Alone::begin();
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

/// The turn in which we come before this handler: the one that we had before, a new one, or one that is
/// the same as another.
fn turn_before(handler: usize) -> Option<usize> {
    let position =
        |handler| PREVIOUS.iter().position(|previous| previous.load(Ordering::Relaxed) == handler);
    position(handler).or_else(|| {
        let is_second = |&turn: &usize| {
            let previous = PREVIOUS.get(turn).map(|previous| previous.load(Ordering::Relaxed));
            previous.and_then(position).is_some_and(|first| first < turn)
        };
        let turn = position(NOBODY).or_else(|| (0..TURNS).find(is_second))?;
        PREVIOUS.get(turn)?.store(handler, Ordering::Release);
        Some(turn)
    })
}

fn put_in_front(turn: usize) -> bool {
    PUT.fetch_add(1, Ordering::Relaxed);
    let times = PUT_EACH.get(turn).map_or(0, |times| times.fetch_add(1, Ordering::Relaxed));
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

/// Held by the one thread that changes who is first. Not in handlers.
struct Alone;

/// The process of that thread, or 0. A child that was forked meanwhile has no such thread, and need not
/// wait for it: whatever was half done is whole after each access.
static BUSY: AtomicI32 = AtomicI32::new(0);

impl Alone {
    fn begin() -> Self {
        // SAFETY: asks for a number.
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

impl Drop for Alone {
    fn drop(&mut self) {
        BUSY.store(0, Ordering::Release);
    }
}

/// Lets the handler before this turn of ours have what is not ours.
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
    // By kill(2) or its like, or to tell of broken memory that no instruction needed so far: none
    // will be executed again and fault again.
    let was_sent = code <= 0 || code == libc::BUS_MCEERR_AO;
    let asking = Asking::begin(info.addr(), hint::black_box(&raw const code).addr());
    // Whoever asks us in turn gets the answer of one who was not asked about this signal, an earlier
    // one if need be; or else this would go round for ever.
    let Some((turn, slot, previous)) = (0..=turn).rev().find_map(|turn| {
        let slot = PREVIOUS.get(turn)?;
        let previous = slot.load(Ordering::Acquire);
        let is_asked = |(other, slot): (usize, &AtomicUsize)| {
            asking.was_asked(other) && slot.load(Ordering::Relaxed) == previous
        };
        let is_new = previous != NOBODY && !PREVIOUS.iter().enumerate().any(is_asked);
        is_new.then_some((turn, slot, previous))
    }) else {
        return end_by_default(signal, was_sent);
    };
    if previous == SIG_DFL || (previous == SIG_IGN && !was_sent) {
        return end_by_default(signal, was_sent);
    }
    asking.ask(turn);
    let before = (First::now(), PUT.load(Ordering::Relaxed));
    if previous != SIG_IGN {
        // SAFETY: passes on what the system passed; it was a handler before us.
        unsafe { ask(previous, signal, info, context) };
    }
    drop(asking);
    let now = (First::now(), PUT.load(Ordering::Relaxed));
    if now.0.is_ours() {
        if now.0 != before.0 && now.1 == before.1 {
            // It was none of us who put this one there.
            gave_up(previous);
        }
    } else if was_sent && !now.0.passes_to_us() {
        // std's handler takes itself out at the first signal it does not know, and us with it.
        // The next one is to find what it left, as it would without us; faults still are ours.
        slot.store(now.0.handler, Ordering::Release);
        put_in_front(turn);
    }
}

/// A handler that was asked has restored a function of ours that it found earlier. It is asked no more:
/// if it found that function behind itself, it would be asked, and give up, for ever.
fn gave_up(handler: usize) {
    let mut earlier = SIG_DFL;
    for slot in &PREVIOUS {
        let previous = slot.load(Ordering::Relaxed);
        if previous == handler {
            slot.store(earlier, Ordering::Release);
        } else if previous != NOBODY {
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
        // SAFETY: with SA_SIGINFO a handler is a function of these three.
        let handler = unsafe { mem::transmute::<sighandler_t, WithInfo>(address) };
        // SAFETY: the caller's.
        unsafe { handler(signal, info, context) };
    } else {
        // SAFETY: without SA_SIGINFO a handler is a function of the signal.
        let handler =
            unsafe { mem::transmute::<sighandler_t, unsafe extern "C" fn(c_int)>(address) };
        // SAFETY: the caller's.
        unsafe { handler(signal) };
    }
}

/// Ends the process by this signal, as if there were no handler: an instruction that faulted will
/// fault again once we return; a signal that was sent is sent again.
fn end_by_default(signal: c_int, was_sent: bool) {
    set(&default_action());
    if was_sent {
        // SAFETY: sends a signal to this thread; it arrives once the handler has returned.
        unsafe { libc::raise(signal) };
    }
}
