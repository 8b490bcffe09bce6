//! Bringing what was written to the device.

use std::fs::File;
use std::io;
use std::ops::Range;

use crate::pages::Pages;

/// Brings what was written to the device, with whatever is needed to find it again.
pub(crate) fn sync(
    pages: Option<&Pages>,
    file: &File,
    window: Option<&Range<usize>>,
    is_all: bool,
) -> io::Result<()> {
    match (pages, window) {
        // What `fdatasync` would do for this range: POSIX asks for no less (msync), and Linux does it
        // (`vfs_fsync_range`). Asking for both would wait for the device twice.
        (Some(pages), Some(window))
            if cfg!(target_os = "linux") && !is_all && window.end <= pages.len() =>
        {
            pages.sync(window)
        }
        (pages, window) => {
            if let (Some(pages), Some(window)) = (pages, window) {
                // Of what is not shown any more the file knows.
                let shown = window.start.min(pages.len())..window.end.min(pages.len());
                pages.sync(&shown)?;
            }
            // On macOS this is F_FULLFSYNC.
            file.sync_all()
        }
    }
}

/// Starts to. `msync` with `MS_ASYNC` has done nothing since Linux 2.6.19 (msync(2)).
#[cfg(target_os = "linux")]
pub(crate) fn write_back(
    _: Option<&Pages>,
    file: &File,
    offset: u64,
    window: &Range<usize>,
) -> io::Result<()> {
    use memmap_core::widen;
    use std::os::fd::AsRawFd;

    let position = offset.saturating_add(widen(window.start));
    let (Ok(position), Ok(len)) = (i64::try_from(position), i64::try_from(window.len())) else {
        return Ok(());
    };
    let file = file.as_raw_fd();
    // SAFETY: it takes numbers, of a file that is open, and touches no memory of this process.
    let answer = unsafe { libc::sync_file_range(file, position, len, libc::SYNC_FILE_RANGE_WRITE) };
    if answer == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Starts to.
#[cfg(not(target_os = "linux"))]
pub(crate) fn write_back(
    pages: Option<&Pages>,
    _: &File,
    _: u64,
    window: &Range<usize>,
) -> io::Result<()> {
    match pages {
        Some(pages) => pages.write_back(window),
        None => Ok(()),
    }
}
