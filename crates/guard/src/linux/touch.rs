//! The handler of `SIGSEGV`, which is installed when the first range is to be filled. If a page of such a range was
//! touched, it is filled. Every other signal goes to the handler that was installed before.

use std::io::{self, ErrorKind};
use std::ops::RangeInclusive;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{hint, thread};

use libc::{SIGSEGV, c_int, c_void, siginfo_t, ucontext_t};

use super::chain::{OF_SIGSEGV, Place};
use super::report::{report, with_errno_kept};
use super::{NO_MAPPING, NO_MEMORY, page_repair};
use crate::arch::{self, Raw, registers};
use crate::filler::Filler;
use crate::range_table::{RangeTable, Slot};
use crate::{Fill, Filled};

/// All ranges of this process that are filled when they are touched.
static RANGES: RangeTable<Filler, 64> = RangeTable::new();

/// Whether the handler passed its test. Failures are not remembered, because their reason may pass.
static WORKS: AtomicBool = AtomicBool::new(false);

const REFUSED: &str = "the system accepts no handler for SIGSEGV";
const NOT_FILLED: &str = "a page that was to be filled when it was touched was not";

/// A range in the table.
#[derive(Debug)]
pub(crate) struct FillSlot {
    slot: &'static Slot<Filler>,
    /// The process that added it.
    process: libc::pid_t,
}

/// Adds a range. Makes this thread ready to touch it.
pub(crate) fn register_fill(
    first: usize,
    last: usize,
    fill: Arc<dyn Fill>,
) -> Result<FillSlot, &'static str> {
    page_repair::prepare();
    match OF_SIGSEGV.come_first() {
        Place::Refused => return Err(REFUSED),
        Place::Reached => unblock_fills(),
    }
    if !WORKS.load(Ordering::Relaxed) {
        self_test()?;
        WORKS.store(true, Ordering::Relaxed);
    }
    Ok(FillSlot::add(first, last, fill))
}

/// If the handler was ever installed, installs it in front of one that was installed later.
pub(super) fn come_first_again() {
    if WORKS.load(Ordering::Relaxed) {
        OF_SIGSEGV.come_first();
    }
}

pub(crate) fn unblock_fills() {
    super::unblock(SIGSEGV);
}

impl FillSlot {
    fn add(first: usize, last: usize, fill: Arc<dyn Fill>) -> Self {
        // SAFETY: returns a number, and has no conditions.
        let process = unsafe { libc::getpid() };
        Self { slot: RANGES.add(first, last, fill), process }
    }
}

impl Drop for FillSlot {
    fn drop(&mut self) {
        let mut turns = 0_u32;
        // In a child, a thread that held the slot may not exist.
        let may_wait = || {
            turns = turns.saturating_add(1);
            if turns < 100 {
                hint::spin_loop();
            } else {
                thread::yield_now();
            }
            // SAFETY: returns a number, and has no conditions.
            self.process == unsafe { libc::getpid() }
        };
        // SAFETY: this value owns the slot, and does not use it afterwards.
        unsafe { self.slot.remove(may_wait) };
    }
}

/// Makes a page accessible when it is touched.
struct Opens {
    page: usize,
    len: usize,
}

// SAFETY: a single system call, on a page of its own, which was not read before because it was not accessible.
unsafe impl Fill for Opens {
    fn fill(&self, _: usize) -> Filled {
        let page = ptr::without_provenance_mut(self.page);
        // SAFETY: the page that `self_test` made.
        match unsafe { libc::mprotect(page, self.len, libc::PROT_READ) } {
            0 => Filled::Ready,
            _ => Filled::Lost,
        }
    }
}

/// Tests the handler with a page of our own. The error says what failed.
fn self_test() -> Result<(), &'static str> {
    let len = page_repair::page_of(0).map_or(0, |(_, last)| last + 1);
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping, at an address that the system chooses.
    let page = unsafe { libc::mmap(ptr::null_mut(), len, libc::PROT_NONE, flags, -1, 0) };
    if page == libc::MAP_FAILED {
        let is_short = io::Error::last_os_error().kind() == ErrorKind::OutOfMemory;
        return Err(if is_short { NO_MEMORY } else { NO_MAPPING });
    }
    let first = page.addr();
    let slot = FillSlot::add(first, first + (len - 1), Arc::new(Opens { page: first, len }));
    let mut raw = Raw::default();
    // SAFETY: within the mapping; the handler is installed, the signal is not blocked, and the page is in the table.
    let answer = unsafe { arch::load_1(page.cast(), 0, 0, &raw mut raw) };
    drop(slot);
    // SAFETY: the mapping made above, to which there is no reference.
    unsafe { libc::munmap(page, len) };
    if answer.missing == 0 { Ok(()) } else { Err(NOT_FILLED) }
}

/// The codes of faults that mean that a page is not there, or not accessible.
///
/// # Source
/// `asm-generic/siginfo.h` of Linux: `SEGV_MAPERR` and `SEGV_ACCERR`.
const OF_A_PAGE: RangeInclusive<c_int> = 1..=2;

/// The handler. One of [`entries`](super::entries) calls it, and passes its index, `turn`. It runs in the
/// interrupted thread, on the alternate stack if there is one, with all signals blocked. It allocates nothing, takes
/// no lock, uses no thread-local of this crate, and calls only what fills the range that was touched, the previous
/// handler, and `write`.
pub(super) unsafe extern "C" fn handle(
    signal: c_int,
    info: *mut siginfo_t,
    context: *mut c_void,
    turn: usize,
) {
    // SAFETY: with SA_SIGINFO the system passes a valid `siginfo_t`.
    let code = unsafe { (*info).si_code };
    // SAFETY: with SA_SIGINFO the third argument is the interrupted context, which the handler may change
    // while it runs: sigaction(2).
    let interrupted = unsafe { &mut *context.cast::<ucontext_t>() };
    let is_load = registers::is_load(interrupted);
    if OF_A_PAGE.contains(&code) && (is_load || registers::is_store(interrupted)) {
        // SAFETY: as above, a valid `siginfo_t`.
        let info = unsafe { &*info };
        // SAFETY: a `SIGSEGV` with such a code carries the address.
        let address = unsafe { info.si_addr() }.addr();
        match with_errno_kept(|| RANGES.fill(address, is_load)) {
            None => {}
            Some((Filled::Ready, _)) => return,
            Some((Filled::Lost, offset)) => {
                if super::make_value(interrupted, address, code) {
                    return;
                }
                let page = page_repair::page_of(address).map_or(address, |(first, _)| first);
                let before = address - page;
                with_errno_kept(|| report(offset.saturating_sub(before)));
            }
        }
    }
    let before = block_as_for_others(interrupted, signal);
    // SAFETY: passes on the arguments that the system passed.
    unsafe { OF_SIGSEGV.pass_on(signal, info, context, code, turn) };
    set_blocked(before);
}

/// A set of signals as the kernel has it: a bit each, from number 1 on.
type Set = u64;

/// Blocks what the system blocks for a handler that asks for nothing: the signal, and what was blocked before it
/// came. Other handlers may rely on the rest, for example to survive a `SIGBUS` while they look at memory. Returns
/// what was blocked until now.
fn block_as_for_others(interrupted: &ucontext_t, signal: c_int) -> Set {
    let set = (&raw const interrupted.uc_sigmask).cast::<Set>();
    // SAFETY: the kernel wrote its set at the start of this field, which is longer and aligned to words.
    let set = unsafe { set.read() };
    set_blocked(set | u32::try_from(signal - 1).map_or(0, |bit| 1 << bit))
}

/// Sets which signals this thread blocks, and returns which it blocked. The C library's function would leave out
/// two of its own.
fn set_blocked(set: Set) -> Set {
    let mut before: Set = 0;
    // SAFETY: reads a set and writes another one, both local variables of the length that is passed.
    unsafe {
        libc::syscall(
            libc::SYS_rt_sigprocmask,
            libc::SIG_SETMASK,
            &raw const set,
            &raw mut before,
            size_of::<Set>(),
        )
    };
    before
}
