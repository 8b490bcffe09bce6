//! The handler of `SIGBUS`: it edits the registers of a routine of ours that faulted; a page of a lent
//! range becomes zeros, if who lent it said so; what is not ours goes to the handler that was there
//! before.

use std::cell::Cell;
use std::hint;
use std::mem;
use std::ops::RangeInclusive;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use libc::{
    SA_ONSTACK, SA_SIGINFO, SIG_DFL, SIG_IGN, SIGBUS, c_int, c_void, sigaction, sighandler_t,
    siginfo_t, ucontext_t,
};

use crate::arch::{self, Raw, registers};
use crate::lost_page;
use crate::{Cause, OnLostPage, Status};

type Handler = unsafe extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

/// How often our handler can be put in front: each time as another function.
///
/// A handler that came in between may pass on to the function that it found, or restore it when it
/// gives up. Then whoever was there before that one is next, as if we had never come again; with one
/// function for all it would be asked again, for ever.
const TURNS: usize = 8;

static HANDLERS: [Handler; TURNS] = [
    handle::<0>,
    handle::<1>,
    handle::<2>,
    handle::<3>,
    handle::<4>,
    handle::<5>,
    handle::<6>,
    handle::<7>,
];

/// Who handled `SIGBUS` before each of ours, as [`pack`] says. Written before that one can run.
static PREVIOUS: [AtomicUsize; TURNS] = [const { AtomicUsize::new(NOBODY) }; TURNS];

/// A turn that was not needed so far.
const NOBODY: usize = libc::SIG_ERR;

/// Set in an address (no function has one with this bit) if the handler wants a `siginfo_t`.
const WITH_INFO: usize = 1 << (usize::BITS - 1);

/// What installing came to, once for the process.
static INSTALLED: OnceLock<Status> = OnceLock::new();

thread_local! {
    /// Whether this thread may fault: the handler is installed, and the signal not blocked. A fault
    /// while it is blocked ends the process whatever the handler.
    static READY: Cell<bool> = const { Cell::new(false) };

    /// What this thread last asked a previous handler.
    static ASKED: Cell<Question> = const { Cell::new(Question { info: 0, frame: 0, turn: 0 }) };
}

/// A signal that a previous handler is asked about: where the system described it, and where on the
/// stack it was first passed on.
///
/// Whether it is still being asked cannot be said: a handler may leave by `siglongjmp`. But the same
/// description in the same frame is the next signal, at the place of the last one; the same
/// description in another frame comes from a handler that was asked and asks us in turn.
#[derive(Clone, Copy)]
struct Question {
    info: usize,
    frame: usize,
    turn: usize,
}

/// Whether this thread may fault already.
#[inline]
pub(crate) fn is_ready() -> bool {
    READY.get()
}

/// Makes this thread ready to fault. All but the first call in a thread are one load and a branch.
#[inline]
pub(crate) fn prepare() {
    if !READY.get() {
        make_ready();
    }
}

#[cold]
fn make_ready() {
    INSTALLED.get_or_init(install);
    unblock();
    READY.set(true);
}

/// A place of a range that is lent, in the table that the handler knows.
pub(crate) type Slot = &'static crate::slots::Slot;

/// Has the handler know a range from `first` to `last`; none if no fault would come to it, which was
/// tried. Makes this thread ready to fault.
pub(crate) fn lend(first: usize, last: usize, on_lost: OnLostPage) -> Option<Slot> {
    prepare();
    lost_page::prepare();
    let is_active = *INSTALLED.get_or_init(install) == Status::Active;
    is_active.then(|| lost_page::LENT.add(first, last, on_lost))
}

pub(crate) fn status() -> Status {
    make_ready();
    match *INSTALLED.get_or_init(install) {
        Status::Active if !is_ours(&current()) => Status::Replaced,
        status => status,
    }
}

pub(crate) fn ensure() -> Status {
    if status() == Status::Replaced {
        take_over();
    }
    status()
}

fn install() -> Status {
    if !take_over() {
        return Status::Unavailable("the system accepts no handler for SIGBUS");
    }
    unblock();
    self_test()
}

/// Puts our handler in front of the one there is.
fn take_over() -> bool {
    let previous = current();
    if is_ours(&previous) {
        return true;
    }
    let previous = pack(&previous);
    let claim = |(turn, slot): (usize, &AtomicUsize)| {
        slot.compare_exchange(NOBODY, previous, Ordering::AcqRel, Ordering::Relaxed).ok()?;
        Some(turn)
    };
    PREVIOUS.iter().enumerate().find_map(claim).is_some_and(put_in_front)
}

fn pack(action: &sigaction) -> usize {
    let handler = action.sa_sigaction;
    let with_info = action.sa_flags & SA_SIGINFO != 0 && handler != SIG_DFL && handler != SIG_IGN;
    if with_info { handler | WITH_INFO } else { handler }
}

fn put_in_front(turn: usize) -> bool {
    let mut action = default_action();
    action.sa_sigaction = HANDLERS.get(turn).map_or(SIG_DFL, |handler| address(*handler));
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    set(&action)
}

fn default_action() -> sigaction {
    // SAFETY: a `sigaction` is plain data, and all zeros is `SIG_DFL` with an empty mask and no
    // flags.
    unsafe { mem::zeroed() }
}

#[expect(clippy::as_conversions, reason = "how sigaction(2) takes a handler")]
fn address(handler: Handler) -> sighandler_t {
    handler as sighandler_t
}

fn is_ours(action: &sigaction) -> bool {
    HANDLERS.iter().any(|handler| address(*handler) == action.sa_sigaction)
}

fn current() -> sigaction {
    let mut action = default_action();
    // SAFETY: asks without changing anything; `action` is ours.
    unsafe { sigaction(SIGBUS, ptr::null(), &raw mut action) };
    action
}

fn set(action: &sigaction) -> bool {
    // SAFETY: `action` is a valid one: ours, the default, or one that the system gave us.
    unsafe { sigaction(SIGBUS, action, ptr::null_mut()) == 0 }
}

/// Lets `SIGBUS` through in this thread.
fn unblock() {
    // SAFETY: plain data; emptied below.
    let mut set = unsafe { mem::zeroed() };
    // SAFETY: `set` is ours.
    unsafe { libc::sigemptyset(&raw mut set) };
    // SAFETY: `set` is ours and was emptied.
    unsafe { libc::sigaddset(&raw mut set, SIGBUS) };
    // SAFETY: changes the mask of this thread alone.
    unsafe { libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const set, ptr::null_mut()) };
}

/// Makes a page of our own fault, to see that it is survived.
fn self_test() -> Status {
    const LEN: usize = 1;
    const UNTESTED: Status = Status::Unavailable("there is no memory to test the handler with");
    if !is_ours(&current()) {
        return Status::Unavailable("another handler for SIGBUS was installed at the same time");
    }
    // SAFETY: a constant name; the descriptor is closed below.
    let file = unsafe { libc::memfd_create(c"memmap-guard".as_ptr(), libc::MFD_CLOEXEC) };
    if file < 0 {
        return UNTESTED;
    }
    // SAFETY: a new mapping of our own file, at an address that the system chooses.
    let page =
        unsafe { libc::mmap(ptr::null_mut(), LEN, libc::PROT_READ, libc::MAP_SHARED, file, 0) };
    // The file has no byte, so the page behind the mapping is missing from the start.
    let status = if page == libc::MAP_FAILED {
        UNTESTED
    } else {
        let mut raw = Raw::default();
        // SAFETY: within the mapping; the handler is in place and the signal let through.
        let answer = unsafe { arch::load_1(page.cast(), 0, 0, &raw mut raw) };
        // SAFETY: the mapping made above, which nothing refers to any more.
        unsafe { libc::munmap(page, LEN) };
        if answer.missing == 1 && raw.address == page.addr() {
            Status::Active
        } else {
            Status::Unavailable("a page made to fault did not fault as expected")
        }
    };
    // SAFETY: our own descriptor.
    unsafe { libc::close(file) };
    status
}

/// Codes of a fault that the interrupted instruction made: a page that is missing, or broken memory
/// that it needed. (Broken memory that nobody needed yet has another code, and any instruction.)
const OF_AN_INSTRUCTION: RangeInclusive<c_int> = libc::BUS_ADRALN..=libc::BUS_MCEERR_AR;

/// Those of them that tell of a page. (An address that does not suit an instruction has its page.)
const OF_A_PAGE: RangeInclusive<c_int> = libc::BUS_ADRERR..=libc::BUS_MCEERR_AR;

/// What the code that a landing pad wrote says of the page.
pub(crate) fn cause(code: usize) -> Cause {
    if usize::try_from(libc::BUS_MCEERR_AR) == Ok(code) { Cause::Hardware } else { Cause::Missing }
}

/// Runs in the interrupted thread, on its alternate stack if it has one. Allocates nothing, takes no
/// lock, and calls nothing but `mmap` and `write` for lent ranges, and the previous handler.
unsafe extern "C" fn handle<const TURN: usize>(
    signal: c_int,
    info: *mut siginfo_t,
    context: *mut c_void,
) {
    // SAFETY: with SA_SIGINFO the system passes a valid `siginfo_t`.
    let code = unsafe { (*info).si_code };
    if OF_AN_INSTRUCTION.contains(&code) {
        // SAFETY: with SA_SIGINFO the third argument is the interrupted context, ours to change
        // while the handler runs: sigaction(2).
        let context = unsafe { &mut *context.cast::<ucontext_t>() };
        if let Some(landing) = arch::landing(registers::instruction(context)) {
            // SAFETY: as above, a valid `siginfo_t`.
            let info = unsafe { &*info };
            // SAFETY: `SIGBUS` made by an instruction carries the address.
            let address = unsafe { info.si_addr() }.addr();
            registers::redirect(context, landing, address, usize::try_from(code).unwrap_or(0));
            return;
        }
        #[cfg(target_arch = "x86_64")]
        if let Some(behind) = arch::behind(registers::instruction(context)) {
            registers::skip(context, behind);
            return;
        }
    }
    if OF_A_PAGE.contains(&code) {
        // SAFETY: as above, a valid `siginfo_t`.
        let info = unsafe { &*info };
        // SAFETY: as above, with the address.
        let address = unsafe { info.si_addr() }.addr();
        if lost_page::mend(address) {
            return;
        }
    }
    // SAFETY: passes on what the system passed.
    unsafe { pass_on(signal, info, context, code, TURN) };
}

/// Lets the handler before this turn of ours have what is not ours.
///
/// # Safety
/// The arguments are those of a handler.
unsafe fn pass_on(
    signal: c_int,
    info: *mut siginfo_t,
    context: *mut c_void,
    code: c_int,
    turn: usize,
) {
    // By kill(2) or its like, or to tell of broken memory that no instruction needed so far: none
    // will be executed again and fault again.
    let was_sent = code <= 0 || code == libc::BUS_MCEERR_AO;
    let outer = ASKED.get();
    let frame = hint::black_box(&raw const code).addr();
    let asks_us = outer.info == info.addr() && outer.frame != frame;
    // Who asks us in turn gets the answer of an earlier one, or else this would go round for ever.
    let (turn, frame) = if asks_us {
        (outer.turn.checked_sub(1).map(|earlier| earlier.min(turn)), outer.frame)
    } else {
        (Some(turn), frame)
    };
    let slot = turn.and_then(|turn| PREVIOUS.get(turn));
    let previous = slot.map_or(SIG_DFL, |slot| slot.load(Ordering::Acquire));
    let (Some(turn), Some(slot), false) =
        (turn, slot, previous == SIG_DFL || (previous == SIG_IGN && !was_sent))
    else {
        return end_by_default(signal, was_sent);
    };
    ASKED.set(Question { info: info.addr(), frame, turn });
    if previous != SIG_IGN {
        // SAFETY: passes on what the system passed; it was a handler before us.
        unsafe { ask(previous, signal, info, context) };
    }
    ASKED.set(outer);
    let now = current();
    if was_sent && !is_ours(&now) {
        // std's handler takes itself out at the first signal it does not know, and us with it.
        // The next one is to find what it left, as it would without us; faults still are ours.
        slot.store(pack(&now), Ordering::Release);
        put_in_front(turn);
    }
}

/// Calls a handler as the system would.
///
/// # Safety
/// `handler` is the [`pack`] of one that the system had; the others are the arguments of one.
unsafe fn ask(handler: usize, signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let address = handler & !WITH_INFO;
    if handler & WITH_INFO != 0 {
        // SAFETY: with SA_SIGINFO a handler is a function of these three.
        let handler = unsafe { mem::transmute::<sighandler_t, Handler>(address) };
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
