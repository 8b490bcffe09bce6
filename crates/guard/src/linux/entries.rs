//! The functions that are installed as our handlers: for each signal one for each turn, so that a later handler
//! that calls or restores one of them identifies the turn.
//!
//! Each is 64 bytes long and has a mark in its first half. By the mark, another copy of this library in the
//! same process recognizes the function, and finds the handler to which it passes signals on.

use std::arch::global_asm;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of different handlers that are asked about a signal that is not ours.
pub(super) const TURNS: usize = 16;

/// The functions of a signal, and the handler that was installed before each of them.
#[derive(Debug)]
pub(super) struct Entries {
    first: &'static u8,
    previous: &'static Previous,
}

/// The handler that was installed before each of our functions, as `chain::pack` makes it. Written before the
/// function can run.
///
/// A handler that was installed between two of ours may call the function of ours that it found, or restore
/// it when it gives up. The next handler to be asked is then the one before that function, as if ours had
/// not been installed a second time. If all turns shared one function, the handler in between would be asked
/// again, without end. A handler keeps its function, however often ours is installed in front of it.
pub(super) type Previous = [AtomicUsize; TURNS];

/// A turn that is not used.
pub(super) const UNUSED: usize = libc::SIG_ERR;

/// The length of a function in bytes, and its alignment, so that it lies within one page.
const LEN: usize = 64;

/// The mark in each function, and its offset. If the layout after it changes, the number must change.
const MARK: [u8; 16] = *b"memmap guard  1\n";
const MARK_AT: usize = 8;

/// The offset of a field that holds the distance from itself to the function's element of its [`Previous`].
const PREVIOUS_AT: usize = 24;

#[cfg(target_arch = "x86_64")]
macro_rules! entry {
    ($turn:literal) => {
        concat!(
            ".p2align 6\nendbr64\njmp 2f\n.p2align 3\n.ascii \"memmap guard  1\\n\"\n",
            ".quad {previous} + 8 * ",
            $turn,
            " - .\n2:\nmov ecx, ",
            $turn,
            "\njmp {handle}\n",
        )
    };
}

#[cfg(target_arch = "aarch64")]
macro_rules! entry {
    ($turn:literal) => {
        concat!(
            ".p2align 6\nhint #34\nb 2f\n.ascii \"memmap guard  1\\n\"\n",
            ".xword {previous} + 8 * ",
            $turn,
            " - .\n2:\nmov x3, #",
            $turn,
            "\nb {handle}\n",
        )
    };
}

macro_rules! entries {
    ($of:ident, $name:literal, $previous:ident, $handle:path) => {
        static $previous: Previous = [const { AtomicUsize::new(UNUSED) }; TURNS];

        pub(super) static $of: Entries = {
            unsafe extern "C" {
                #[link_name = $name]
                static FIRST: u8;
            }
            // SAFETY: the first byte of the code below, which is never written to.
            Entries { first: unsafe { &FIRST }, previous: &$previous }
        };

        global_asm!(
            ".p2align 6",
            concat!(".globl ", $name),
            concat!(".hidden ", $name),
            concat!($name, ":"),
            entry!("0"), entry!("1"), entry!("2"), entry!("3"),
            entry!("4"), entry!("5"), entry!("6"), entry!("7"),
            entry!("8"), entry!("9"), entry!("10"), entry!("11"),
            entry!("12"), entry!("13"), entry!("14"), entry!("15"),
            ".p2align 6",
            previous = sym $previous,
            handle = sym $handle,
        );
    };
}

entries!(OF_SIGBUS, "memmap_guard_0_1_entries", BUS_PREVIOUS, super::handle);
entries!(OF_SIGSEGV, "memmap_guard_0_1_segv_entries", SEGV_PREVIOUS, super::touch::handle);

impl Entries {
    /// The function of a turn, as sigaction(2) takes it.
    pub(super) fn of(&self, turn: usize) -> usize {
        ptr::from_ref(self.first).addr().saturating_add(turn.saturating_mul(LEN))
    }

    pub(super) fn has(&self, function: usize) -> bool {
        (self.of(0)..self.of(TURNS)).contains(&function)
    }

    /// The handler before each of them.
    pub(super) fn previous(&self) -> &'static Previous {
        self.previous
    }
}

/// The function of another copy of this library that was recognized last. It is not checked again, because
/// no copy is ever unloaded.
static RECOGNIZED: AtomicUsize = AtomicUsize::new(0);

/// The handler to which this function passes signals on, if it belongs to any copy of this library.
///
/// The argument can be anything that is installed as a handler: it is only read where it is readable.
pub(super) fn passes_to(function: usize) -> Option<usize> {
    let previous = previous_of(function)?;
    // SAFETY: an element of a `Previous` of a copy, which stays loaded once its handler was installed.
    Some(unsafe { &*previous }.load(Ordering::Acquire))
}

fn previous_of(function: usize) -> Option<*const AtomicUsize> {
    if function == 0 || !function.is_multiple_of(LEN) {
        return None;
    }
    if RECOGNIZED.load(Ordering::Relaxed) != function {
        let mark = function.wrapping_add(MARK_AT);
        if !is_readable(mark) {
            return None;
        }
        let mark = ptr::with_exposed_provenance::<[u8; 16]>(mark);
        // SAFETY: the page is readable, and the `LEN` bytes of a function lie in one page, because it is
        // aligned to `LEN`. The bytes are code, which is never written to.
        if unsafe { mark.read_volatile() } != MARK {
            return None;
        }
        RECOGNIZED.store(function, Ordering::Relaxed);
    }
    let place = function.wrapping_add(PREVIOUS_AT);
    // SAFETY: as above; the function has the mark of a copy of this library, which is followed by this
    // field.
    let far = unsafe { ptr::with_exposed_provenance::<isize>(place).read_volatile() };
    Some(ptr::with_exposed_provenance(place.wrapping_add_signed(far)))
}

/// Whether eight bytes are readable. Preserves `errno`, and is allowed in a handler.
///
/// # Source
/// `rt_sigprocmask(2)`: the kernel reads the set before it checks the operation, and returns `EFAULT` if it
/// cannot.
fn is_readable(address: usize) -> bool {
    const NOTHING_TO_DO: libc::c_long = -1;
    let set = ptr::without_provenance::<u64>(address);
    // SAFETY: this thread's `errno`, which lives as long as the thread.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above.
    let before = unsafe { errno.read() };
    // SAFETY: the call reads eight bytes if it can, and changes nothing, because the operation is invalid.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_rt_sigprocmask,
            NOTHING_TO_DO,
            set,
            ptr::null::<u64>(),
            size_of::<u64>(),
        )
    };
    // SAFETY: as above.
    let is_invalid = answer == -1 && unsafe { errno.read() } == libc::EINVAL;
    // SAFETY: as above.
    unsafe { errno.write(before) };
    is_invalid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_says_what_it_is() {
        for (entries, other) in [(&OF_SIGBUS, &OF_SIGSEGV), (&OF_SIGSEGV, &OF_SIGBUS)] {
            for (turn, previous) in entries.previous().iter().enumerate() {
                let function = entries.of(turn);
                assert!(entries.has(function) && !other.has(function));
                RECOGNIZED.store(0, Ordering::Relaxed);
                assert_eq!(previous_of(function), Some(ptr::from_ref(previous)));
                assert_eq!(passes_to(function), Some(previous.load(Ordering::Relaxed)));
                assert_eq!(RECOGNIZED.load(Ordering::Relaxed), function);
            }
            assert!(!entries.has(entries.of(TURNS)) && !entries.has(entries.of(0) - 1));
        }
    }

    #[test]
    fn nothing_else_is_taken_for_one() {
        static PAGES: [u64; 1024] = [0; 1024];
        let readable = (&raw const PAGES).addr().next_multiple_of(LEN);
        // Null, the first pages, other code and data, and the end of the address space. (What follows the
        // functions of one signal may be those of the other.)
        let end = OF_SIGBUS.of(TURNS).max(OF_SIGSEGV.of(TURNS));
        let within = [OF_SIGBUS.of(0) + 1, OF_SIGSEGV.of(0) + 1];
        let functions = [0, 1, LEN, 4096, readable, end, usize::MAX - (LEN - 1)];
        for function in functions.into_iter().chain(within) {
            assert_eq!(passes_to(function), None, "{function:#x}");
        }
        assert!(is_readable(readable) && !is_readable(4096));
    }
}
