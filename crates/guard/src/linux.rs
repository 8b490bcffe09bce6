//! The handler of `SIGBUS`: it edits the registers of a routine of ours that faulted; a page of a lent
//! range becomes zeros, if who lent it said so; what is not ours goes to the handler that was there
//! before.

use std::cell::Cell;
use std::mem;
use std::ops::RangeInclusive;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use libc::{SIGBUS, c_int, c_void, siginfo_t, ucontext_t};

use crate::arch::{self, Raw, registers};
use crate::{Cause, OnLostPage, Status};

mod asked;
mod chain;
mod entries;
mod page_repair;
mod range_table;

use chain::Place;

/// Whether the handler was seen to work. What hindered it may pass, so nothing else is remembered.
static WORKS: AtomicBool = AtomicBool::new(false);

/// Why the last open that found no guard did not, and nobody was told yet: a place in [`HINDRANCES`], from
/// 1 on.
static UNTOLD: AtomicUsize = AtomicUsize::new(0);

const REFUSED: &str = "the system accepts no handler for SIGBUS";
const NO_MEMORY: &str = "the system had no memory, or no mapping, left to test the handler with";
const NO_MAPPING: &str = "the system refused a mapping to test the handler with";
const NO_FAULT: &str = "a page made to fault did not fault as expected";

const HINDRANCES: [&str; 4] = [REFUSED, NO_MEMORY, NO_MAPPING, NO_FAULT];

thread_local! {
    /// Whether this thread may fault: the handler is installed, if it can be, and the signal not blocked. A
    /// fault while it is blocked ends the process whatever the handler.
    static READY: Cell<bool> = const { Cell::new(false) };
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

/// Also for a thread that was ready, and blocked the signal since.
#[cold]
fn make_ready() {
    if !WORKS.load(Ordering::Relaxed) {
        try_to_work();
    }
    unblock();
    READY.set(true);
}

/// A place of a range that is lent, in the table that the handler knows.
pub(crate) type Slot = &'static range_table::Slot;

/// Has the handler know a range from `first` to `last`; none if no fault would come to it, which was
/// tried. Makes this thread ready to fault.
pub(crate) fn register(first: usize, last: usize, on_lost: OnLostPage) -> Option<Slot> {
    prepare();
    page_repair::prepare();
    WORKS.load(Ordering::Relaxed).then(|| page_repair::RANGES.add(first, last, on_lost))
}

pub(crate) fn status() -> Status {
    make_ready();
    let untold = UNTOLD.swap(0, Ordering::Relaxed).checked_sub(1);
    if let Some(why) = untold.and_then(|untold| HINDRANCES.get(untold)) {
        return Status::Unavailable(why);
    }
    if !WORKS.load(Ordering::Relaxed) {
        return try_to_work();
    }
    if chain::is_reached() { Status::Active } else { Status::Replaced }
}

pub(crate) fn ensure() -> Status {
    make_ready();
    try_to_work()
}

pub(crate) fn can_guard() -> bool {
    prepare();
    let status = try_to_work();
    if let Status::Unavailable(why) = status
        && let Some(place) = HINDRANCES.iter().position(|&other| other == why)
    {
        UNTOLD.store(place.saturating_add(1), Ordering::Relaxed);
    }
    status == Status::Active
}

/// Puts our handler where faults come to it, and tests it unless it was seen to work before.
fn try_to_work() -> Status {
    match chain::come_first() {
        Place::Refused => Status::Unavailable(REFUSED),
        Place::Behind => Status::Replaced,
        Place::Reached if WORKS.load(Ordering::Relaxed) => Status::Active,
        Place::Reached => {
            unblock();
            match self_test() {
                Ok(()) => {
                    WORKS.store(true, Ordering::Relaxed);
                    Status::Active
                }
                Err(why) => Status::Unavailable(why),
            }
        }
    }
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

/// Makes a page of our own fault, to see that it is survived; or says why it is not.
///
/// Memory that is shared but has no file grows by `mremap`, and what it is made of does not, so the page
/// after its end is missing. That takes no descriptor.
///
/// # Source
/// mremap(2); `shmem_fault` of Linux.
fn self_test() -> Result<(), &'static str> {
    const LEN: usize = 1;
    let hindrance = || match std::io::Error::last_os_error().kind() {
        std::io::ErrorKind::OutOfMemory => NO_MEMORY,
        _ => NO_MAPPING,
    };
    // SAFETY: asks for a number.
    let page_len = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page_len = usize::try_from(page_len).map_err(|_unknown| NO_MAPPING)?;
    let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping, at an address that the system chooses.
    let page = unsafe { libc::mmap(ptr::null_mut(), LEN, libc::PROT_READ, flags, -1, 0) };
    if page == libc::MAP_FAILED {
        return Err(hindrance());
    }
    let both_len = page_len.saturating_add(LEN);
    // SAFETY: all of the mapping made above, to which nothing refers.
    let pages = unsafe { libc::mremap(page, LEN, both_len, libc::MREMAP_MAYMOVE) };
    if pages == libc::MAP_FAILED {
        let why = hindrance();
        // SAFETY: the mapping made above.
        unsafe { libc::munmap(page, LEN) };
        return Err(why);
    }
    let missing = pages.wrapping_byte_add(page_len);
    let mut raw = Raw::default();
    // SAFETY: within the mapping; the handler is in place and the signal let through.
    let answer = unsafe { arch::load_1(missing.cast(), 0, 0, &raw mut raw) };
    // SAFETY: the mapping made above, which nothing refers to any more.
    unsafe { libc::munmap(pages, both_len) };
    if answer.missing == 1 && raw.address == missing.addr() { Ok(()) } else { Err(NO_FAULT) }
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

/// Runs in the interrupted thread, on its alternate stack if it has one; called by one of [`entries`],
/// whose turn it is. Allocates nothing, takes no lock, uses no thread-local of ours, and calls nothing but
/// `mmap` and `write` for lent ranges, and the previous handler.
unsafe extern "C" fn handle(
    signal: c_int,
    info: *mut siginfo_t,
    context: *mut c_void,
    turn: usize,
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
        if page_repair::repair(address) {
            return;
        }
    }
    // SAFETY: passes on what the system passed.
    unsafe { chain::pass_on(signal, info, context, code, turn) };
}
