//! How handlers write that line, and preserve `errno`.

use libc::STDERR_FILENO;

use crate::report;

/// Writes the line about the byte of a range that is lost, once.
pub(super) fn report(byte: usize) {
    report::report(byte, |line| {
        // SAFETY: the bytes of the line.
        unsafe { libc::write(STDERR_FILENO, line.as_ptr().cast(), line.len()) };
    });
}

pub(super) fn with_errno_kept<T>(act: impl FnOnce() -> T) -> T {
    // SAFETY: this thread's `errno`, which lives as long as the thread.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above.
    let before = unsafe { errno.read() };
    let result = act();
    // SAFETY: as above.
    unsafe { errno.write(before) };
    result
}
