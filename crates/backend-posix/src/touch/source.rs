//! Reads pages of the file, by calls that a signal handler may make.

use std::ops::Range;

use rustix::io::Errno;

use super::state::{State, Why};

/// Reads the bytes of these pages to `to`. Returns how many pages were read whole, and why the next one was
/// not. The part of a page that was read is there too; the rest of it is not written.
///
/// It allocates nothing, and takes no lock.
///
/// # Safety
/// `to` has room for the pages, and nothing else accesses it.
///
/// # Source
/// pread(2).
pub(super) unsafe fn read(
    state: &State,
    descriptor: i32,
    pages: &Range<usize>,
    to: *mut u8,
) -> (usize, Option<Why>) {
    let (whole, why) = state.read(pages, |position, done, left| {
        // Such a position is beyond the end of any file.
        let Ok(at) = i64::try_from(position) else { return Ok(0) };
        loop {
            // SAFETY: the caller's memory, at most the bytes of the pages. Unlike the function of this name, the
            // call is no cancellation point.
            let got = unsafe {
                libc::syscall(libc::SYS_pread64, descriptor, to.wrapping_add(done), left, at)
            };
            match usize::try_from(got) {
                // It may have ended long before.
                Ok(0) => {
                    let end = len_of(descriptor).map_or(position, |len| len.min(position));
                    return Err(Why::End(end));
                }
                Ok(more) => return Ok(more),
                Err(_) => match errno() {
                    libc::EINTR => {}
                    errno => return Err(Why::Errno(errno)),
                },
            }
        }
    });
    if why.is_none() {
        let bytes = state.bytes(pages);
        let rest = pages.len().saturating_mul(state.page_len).saturating_sub(bytes.len());
        // SAFETY: the rest of the last page, which is not a part of the map.
        unsafe { to.wrapping_add(bytes.len()).write_bytes(0, rest) };
    }
    (whole, why)
}

/// The number of the last error of this thread.
pub(super) fn errno() -> i32 {
    // SAFETY: it has no conditions.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: this thread's `errno`, which lives as long as the thread.
    unsafe { errno.read() }
}

/// Which file a descriptor names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    device: u64,
    inode: u64,
}

impl Named {
    /// For signal handlers.
    pub(super) fn of(descriptor: i32) -> Result<Self, Errno> {
        let found = stat(descriptor)?;
        Ok(Self { device: found.st_dev, inode: found.st_ino })
    }
}

/// The length of the file, if the system says it.
fn len_of(descriptor: i32) -> Option<u64> {
    u64::try_from(stat(descriptor).ok()?.st_size).ok()
}

/// fstat(2), for signal handlers.
fn stat(descriptor: i32) -> Result<libc::stat, Errno> {
    // SAFETY: plain data, for which all zeros is a valid value.
    let mut found = unsafe { std::mem::zeroed::<libc::stat>() };
    // SAFETY: the system writes to a local variable.
    if unsafe { libc::fstat(descriptor, &raw mut found) } != 0 {
        return Err(Errno::from_raw_os_error(errno()));
    }
    Ok(found)
}

/// Writes a line to standard error and ends the process: bytes that were seen could not be told from others
/// any more. For signal handlers, and for the thread that fills pages.
pub(super) fn end(line: &[u8]) -> ! {
    // SAFETY: the bytes of the line.
    unsafe { libc::write(libc::STDERR_FILENO, line.as_ptr().cast(), line.len()) };
    // SAFETY: it has no conditions.
    unsafe { libc::abort() }
}
