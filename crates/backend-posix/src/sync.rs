//! Writing dirty pages to the device.

use std::fs::File;
use std::io;
use std::ops::Range;

use crate::pages::Pages;

/// Writes dirty pages to the device, with the metadata that is needed to read them back. `is_all` says that the
/// map is closed, so that everything known of the file is written.
pub(crate) fn sync(
    pages: Option<&Pages>,
    file: &File,
    window: Option<&Range<usize>>,
    is_all: bool,
) -> io::Result<()> {
    match (pages, window) {
        // `msync` does for this range what `fdatasync` does: POSIX requires it, and Linux does it
        // (`vfs_fsync_range`). Calling both would wait for the device twice.
        (Some(pages), Some(window))
            if cfg!(target_os = "linux") && !is_all && window.end <= pages.len() =>
        {
            pages.sync(window)
        }
        (pages, window) => {
            if let (Some(pages), Some(window)) = (pages, window) {
                // Bytes that are no longer mapped are in the page cache, which `sync_all` writes.
                let shown = window.start.min(pages.len())..window.end.min(pages.len());
                pages.sync(&shown)?;
            }
            // On macOS this is F_FULLFSYNC.
            file.sync_all()
        }
    }
}

/// Starts to write dirty pages. `msync` with `MS_ASYNC` does nothing since Linux 2.6.19 (msync(2)).
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
    // SAFETY: the call takes an open descriptor and numbers, and accesses no memory of this process.
    let answer = unsafe { libc::sync_file_range(file, position, len, libc::SYNC_FILE_RANGE_WRITE) };
    if answer == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Starts to write dirty pages.
#[cfg(not(target_os = "linux"))]
pub(crate) fn write_back(
    mapped: Option<&Pages>,
    _: &File,
    _: u64,
    window: &Range<usize>,
) -> io::Result<()> {
    mapped.map_or(Ok(()), |pages| pages.write_back(window))
}
