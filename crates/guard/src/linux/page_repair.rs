//! What the handler does when a page of a registered range is lost. All of this runs in a signal handler: it
//! allocates nothing, does not wait, and preserves `errno`.

use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use libc::{MAP_ANONYMOUS, MAP_FAILED, MAP_FIXED, MAP_PRIVATE, PROT_READ, STDERR_FILENO};

use super::range_table::{Loss, RangeTable};
use crate::OnLostPage;

/// All ranges that are registered in this process.
pub(crate) static RANGES: RangeTable<64> = RangeTable::new();

/// The number of bytes of a page; 0 until the first range is registered.
static PAGE_LEN: AtomicUsize = AtomicUsize::new(0);

/// Whether the line was written. It is written once: other threads may fault while the process ends, and a
/// handler that is passed the signal may call this one again.
static REPORTED: AtomicBool = AtomicBool::new(false);

const BEFORE: &[u8] = b"memmap: byte ";
const AFTER: &[u8] = b" of a borrowed map is lost: its device failed, or its file was cut short; \
    the process ends, as borrowed bytes cannot change\n";

/// The digits of the largest number.
const DIGITS: usize = 20;

/// Must be called before a range is registered, outside of a handler: `sysconf` is not allowed there.
pub(crate) fn prepare() {
    if PAGE_LEN.load(Ordering::Relaxed) == 0 {
        // SAFETY: asks for a number.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        // A handler that finds a range finds this too: the thread that added the range stored or loaded it
        // before.
        PAGE_LEN.store(usize::try_from(page).unwrap_or(0), Ordering::Relaxed);
    }
}

/// Replaces the page at this address by zeros if it was registered for that. Returns whether it did; the
/// instruction that faulted is then executed again, and succeeds.
pub(crate) fn repair(address: usize) -> bool {
    let len = PAGE_LEN.load(Ordering::Relaxed);
    let Some(within) = len.checked_sub(1) else { return false };
    let (first, last) = (address & !within, address | within);
    match RANGES.lose(first, last) {
        None => false,
        Some(loss) => with_errno_kept(|| {
            // SAFETY: the page overlaps a range whose owner allows it to be replaced: `RegisteredRange::new`,
            // 1. and 3. The range is still registered, because the thread that faulted uses a reference into
            // it: 2.
            let is_repaired = loss.on_lost == OnLostPage::Zeros && unsafe { replace(first, len) };
            if !is_repaired {
                report(loss);
            }
            is_repaired
        }),
    }
}

/// Replaces a page by zeros. False if the system has no room for one, or if the page is a huge one.
///
/// # Safety
/// All code that uses this page allows it to become zeros.
unsafe fn replace(page: usize, len: usize) -> bool {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    let page = ptr::without_provenance_mut(page);
    // SAFETY: the caller's page, and no other. Other threads that access it find its content or the
    // zeros.
    unsafe { libc::mmap(page, len, PROT_READ, flags, -1, 0) != MAP_FAILED }
}

fn report(loss: Loss) {
    if !REPORTED.swap(true, Ordering::Relaxed) {
        let mut line = Line::default();
        line.push(BEFORE);
        line.push_number(loss.byte);
        line.push(AFTER);
        // SAFETY: the first `line.len` bytes of a local array.
        unsafe { libc::write(STDERR_FILENO, line.bytes.as_ptr().cast(), line.len) };
    }
}

fn with_errno_kept<T>(act: impl FnOnce() -> T) -> T {
    // SAFETY: this thread's `errno`, which lives as long as the thread.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above.
    let before = unsafe { errno.read() };
    let result = act();
    // SAFETY: as above.
    unsafe { errno.write(before) };
    result
}

/// A line of text without allocation. It is cut where it does not fit.
struct Line {
    bytes: [u8; BEFORE.len() + DIGITS + AFTER.len()],
    len: usize,
}

impl Default for Line {
    fn default() -> Self {
        Self { bytes: [0; _], len: 0 }
    }
}

impl Line {
    fn push(&mut self, text: &[u8]) {
        for (to, byte) in self.bytes.iter_mut().skip(self.len).zip(text) {
            *to = *byte;
            self.len += 1;
        }
    }

    fn push_number(&mut self, number: usize) {
        let mut digits = [b'0'; DIGITS];
        let mut rest = number;
        for digit in digits.iter_mut().rev() {
            *digit += u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
        let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
        self.push(digits.split_at(zeros.min(DIGITS - 1)).1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_full() {
        for number in [0, 1, 9, 10, 12_288, 99_999, 100_000, usize::MAX - 1, usize::MAX] {
            let mut line = Line::default();
            line.push_number(number);
            assert_eq!(line.bytes[..line.len], *number.to_string().as_bytes());
        }
    }

    #[test]
    fn the_longest_line_fits() {
        let mut line = Line::default();
        line.push(BEFORE);
        line.push_number(usize::MAX);
        line.push(AFTER);
        assert_eq!(line.len, line.bytes.len());
        assert!(line.bytes.ends_with(b"change\n"));
        line.push(b"more");
        assert_eq!(line.len, line.bytes.len());
    }
}
