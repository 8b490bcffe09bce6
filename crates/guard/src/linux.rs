//! The handler of `SIGBUS`; that of `SIGSEGV` is [`touch`]'s. If a routine of this crate faulted, it edits the routine's registers. If a page of
//! a registered range is lost, it does what the owner of the range chose. Every other signal goes to the
//! handler that was installed before.

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
pub(crate) mod lent;
mod losses;
mod mend;
mod page_repair;
mod report;
mod shared_words;
mod touch;

use chain::Place;
pub(crate) use mend::{Mend, OfFile};
pub(crate) use touch::{FillSlot, register_fill, unblock_fills};

/// Whether the handler passed its test. Failures are not remembered, because their reason may pass.
static WORKS: AtomicBool = AtomicBool::new(false);

/// Why the last open had no guard, until [`status`] reports it: an index into [`REASONS`], plus 1.
static UNREPORTED: AtomicUsize = AtomicUsize::new(0);

const REFUSED: &str = "the system accepts no handler for SIGBUS";
const NO_MEMORY: &str = "the system had no memory, or no mapping, left to test the handler with";
const NO_MAPPING: &str = "the system refused a mapping to test the handler with";
const NO_FAULT: &str = "a page made to fault did not fault as expected";

const REASONS: [&str; 4] = [REFUSED, NO_MEMORY, NO_MAPPING, NO_FAULT];

thread_local! {
    /// Whether this thread may fault: the handler is installed, if possible, and the signal is not blocked. A
    /// fault while it is blocked ends the process, whatever the handler.
    static READY: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread may fault.
#[inline]
pub(crate) fn is_ready() -> bool {
    READY.get()
}

/// Makes this thread ready to fault. After the first call in a thread this is a load and a branch.
#[inline]
pub(crate) fn prepare() {
    if !READY.get() {
        make_ready();
    }
}

/// Also for a thread that was ready, and has blocked the signal since.
#[cold]
fn make_ready() {
    if !WORKS.load(Ordering::Relaxed) {
        try_to_work();
    }
    unblock(SIGBUS);
    READY.set(true);
}

/// The slot of a registered range.
pub(crate) type Slot = &'static crate::range_table::Slot<lent::Lent>;

/// Registers the range from `first` to `last`. `None` if the handler failed its test. Makes this thread
/// ready to fault.
pub(crate) fn register(first: usize, last: usize, on_lost: OnLostPage) -> Option<Slot> {
    prepare();
    page_repair::prepare();
    WORKS.load(Ordering::Relaxed).then(|| page_repair::RANGES.add(first, last, on_lost))
}

/// As [`register`], for pages of a file that become zeros. The caller keeps the [`Mend`] longer than the slot.
pub(crate) fn register_of_file(
    first: usize,
    last: usize,
    file: OfFile,
    is_writable: bool,
) -> Option<(Slot, Box<Mend>)> {
    prepare();
    page_repair::prepare();
    let mend = Box::new(Mend::new(first, last, file, is_writable)?);
    let add = || page_repair::RANGES.add_of_file(first, last, OnLostPage::Zeros, &raw const *mend);
    WORKS.load(Ordering::Relaxed).then(add).map(|slot| (slot, mend))
}

pub(crate) fn status() -> Status {
    make_ready();
    let unreported = UNREPORTED.swap(0, Ordering::Relaxed).checked_sub(1);
    if let Some(why) = unreported.and_then(|index| REASONS.get(index)) {
        return Status::Unavailable(why);
    }
    if !WORKS.load(Ordering::Relaxed) {
        return try_to_work();
    }
    if chain::OF_SIGBUS.is_reached() { Status::Active } else { Status::Replaced }
}

pub(crate) fn ensure() -> Status {
    make_ready();
    touch::come_first_again();
    try_to_work()
}

pub(crate) fn can_guard() -> bool {
    prepare();
    let status = try_to_work();
    if let Status::Unavailable(why) = status
        && let Some(index) = REASONS.iter().position(|&other| other == why)
    {
        UNREPORTED.store(index.saturating_add(1), Ordering::Relaxed);
    }
    status == Status::Active
}

/// Installs the handler so that it receives faults, and tests it unless it has passed before.
fn try_to_work() -> Status {
    match chain::OF_SIGBUS.come_first() {
        Place::Refused => Status::Unavailable(REFUSED),
        Place::Reached if WORKS.load(Ordering::Relaxed) => Status::Active,
        Place::Reached => {
            unblock(SIGBUS);
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

/// Unblocks a signal in this thread.
fn unblock(signal: c_int) {
    // SAFETY: plain data; emptied below.
    let mut set = unsafe { mem::zeroed() };
    // SAFETY: `set` is ours.
    unsafe { libc::sigemptyset(&raw mut set) };
    // SAFETY: `set` is ours and was emptied.
    unsafe { libc::sigaddset(&raw mut set, signal) };
    // SAFETY: changes the mask of this thread alone.
    unsafe { libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const set, ptr::null_mut()) };
}

/// Tests the handler with a page of our own that faults. The error says what failed.
///
/// A shared anonymous mapping can be extended by `mremap`, but the object that it maps keeps its length, so
/// the page after its end is missing. This needs no descriptor.
///
/// # Source
/// mremap(2); `shmem_fault` of Linux.
fn self_test() -> Result<(), &'static str> {
    const LEN: usize = 1;
    let reason = || match std::io::Error::last_os_error().kind() {
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
        return Err(reason());
    }
    let both_len = page_len.saturating_add(LEN);
    // SAFETY: the whole mapping made above, to which there is no reference.
    let pages = unsafe { libc::mremap(page, LEN, both_len, libc::MREMAP_MAYMOVE) };
    if pages == libc::MAP_FAILED {
        let why = reason();
        // SAFETY: the mapping made above.
        unsafe { libc::munmap(page, LEN) };
        return Err(why);
    }
    let missing = pages.wrapping_byte_add(page_len);
    let mut raw = Raw::default();
    // SAFETY: within the mapping; the handler is installed and the signal is not blocked.
    let answer = unsafe { arch::load_1(missing.cast(), 0, 0, &raw mut raw) };
    // SAFETY: the mapping made above, to which there is no reference.
    unsafe { libc::munmap(pages, both_len) };
    if answer.missing == 1 && raw.address == missing.addr() { Ok(()) } else { Err(NO_FAULT) }
}

/// The codes of faults that the interrupted instruction caused: a missing page, or broken memory that it
/// accessed. (Broken memory that no instruction accessed has another code, and interrupts any instruction.)
const OF_AN_INSTRUCTION: RangeInclusive<c_int> = libc::BUS_ADRALN..=libc::BUS_MCEERR_AR;

/// Those of them that mean a missing page. (The page of a misaligned address is there.)
const OF_A_PAGE: RangeInclusive<c_int> = libc::BUS_ADRERR..=libc::BUS_MCEERR_AR;

/// The cause that a code, as written by a landing pad, stands for.
pub(crate) fn cause(code: usize) -> Cause {
    if usize::try_from(libc::BUS_MCEERR_AR) == Ok(code) { Cause::Hardware } else { Cause::Missing }
}

/// The handler. One of [`entries`] calls it, and passes its index, `turn`. It runs in the interrupted thread,
/// on the alternate stack if there is one. It allocates nothing, takes no lock, uses no thread-local of this
/// crate, and calls only the previous handler and, for registered ranges, `mmap` and `write`.
unsafe extern "C" fn handle(
    signal: c_int,
    info: *mut siginfo_t,
    context: *mut c_void,
    turn: usize,
) {
    // SAFETY: with SA_SIGINFO the system passes a valid `siginfo_t`.
    let code = unsafe { (*info).si_code };
    if OF_AN_INSTRUCTION.contains(&code) {
        // SAFETY: with SA_SIGINFO the third argument is the interrupted context, which the handler may
        // change while it runs: sigaction(2).
        let context = unsafe { &mut *context.cast::<ucontext_t>() };
        // SAFETY: as above, a valid `siginfo_t`.
        let info = unsafe { &*info };
        // SAFETY: a `SIGBUS` that an instruction caused carries the address.
        let address = unsafe { info.si_addr() }.addr();
        if make_value(context, address, code) {
            return;
        }
    }
    if OF_A_PAGE.contains(&code) {
        // SAFETY: as above, a valid `siginfo_t`.
        let info = unsafe { &*info };
        // SAFETY: as above, with the address.
        let address = unsafe { info.si_addr() }.addr();
        // SAFETY: as above, the interrupted context.
        let context = unsafe { &mut *context.cast::<ucontext_t>() };
        let (by_a_store, is_broken) = (!registers::is_load(context), code == libc::BUS_MCEERR_AR);
        if page_repair::repair(address, mend::Missing { by_a_store, is_broken }) {
            return;
        }
    }
    // SAFETY: passes on the arguments that the system passed.
    unsafe { chain::OF_SIGBUS.pass_on(signal, info, context, code, turn) };
}

/// If a routine of this crate, or inline code of it, faulted, makes it return the fault. Returns whether it did.
fn make_value(context: &mut ucontext_t, address: usize, code: c_int) -> bool {
    if let Some(landing) = arch::landing(registers::instruction(context)) {
        registers::redirect(context, landing, address, usize::try_from(code).unwrap_or(0));
        return true;
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(end) = arch::resume_after(registers::instruction(context)) {
        registers::skip(context, end);
        return true;
    }
    false
}
