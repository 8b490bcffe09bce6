//! Bringing what was written to the device, and remembering that it failed.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, Ordering};

use memmap_core::{Error, ErrorKind, Op, Result};
use rustix::io::Errno;

use crate::live::Mapped;

/// What is known about what reached the device.
#[derive(Debug)]
pub(crate) struct Durable {
    /// What the system said when it failed first; 0 if it never did.
    failed: AtomicI32,
    /// The name of a file that was made, until its directory is synced.
    name: Mutex<Option<PathBuf>>,
}

impl Durable {
    pub(crate) fn new(created: Option<&Path>) -> Self {
        Self { failed: AtomicI32::new(0), name: Mutex::new(created.map(Path::to_path_buf)) }
    }

    /// The system tells of a failure once, and then calls the bytes clean (fsync(2)): so it is kept.
    fn require_none_failed(&self, op: Op) -> Result<()> {
        match self.failed.load(Ordering::Relaxed) {
            0 => Ok(()),
            code => {
                let source = io::Error::from_raw_os_error(code);
                Err(Error::new(op, ErrorKind::NotDurable { source }))
            }
        }
    }

    fn remember(&self, op: Op, error: &io::Error) -> Error {
        let code = error.raw_os_error().unwrap_or_else(|| Errno::IO.raw_os_error());
        // The first one counts.
        self.failed.compare_exchange(0, code, Ordering::Relaxed, Ordering::Relaxed).ok();
        let source = io::Error::from_raw_os_error(code);
        Error::new(op, ErrorKind::NotDurable { source })
    }

    pub(crate) fn sync(
        &self,
        mapped: &Mapped,
        window: Option<&Range<usize>>,
        op: Op,
    ) -> Result<()> {
        self.require_none_failed(op)?;
        self.try_sync(mapped, window, op).map_err(|error| self.remember(op, &error))
    }

    fn try_sync(&self, mapped: &Mapped, window: Option<&Range<usize>>, op: Op) -> io::Result<()> {
        let is_all = op == Op::Close;
        match (&mapped.pages, window) {
            // What `fdatasync` would do for this range: POSIX asks for no less (msync), and Linux does
            // it (`vfs_fsync_range`). Asking for both would wait for the device twice.
            (Some(pages), Some(window)) if cfg!(target_os = "linux") && !is_all => {
                pages.sync(window)?;
            }
            (pages, window) => {
                if let (Some(pages), Some(window)) = (pages, window) {
                    pages.sync(window)?;
                }
                // On macOS this is F_FULLFSYNC.
                mapped.file.sync_all()?;
            }
        }
        let mut name = self.name.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(path) = &*name {
            memmap_core::sync_directory(path)?;
            *name = None;
        }
        Ok(())
    }

    pub(crate) fn write_back(&self, mapped: &Mapped, window: &Range<usize>) -> Result<()> {
        self.require_none_failed(Op::Sync)?;
        start(mapped, window).map_err(|error| self.remember(Op::Sync, &error))
    }
}

/// `msync` with `MS_ASYNC` has done nothing since Linux 2.6.19 (msync(2)).
#[cfg(target_os = "linux")]
fn start(mapped: &Mapped, window: &Range<usize>) -> io::Result<()> {
    use memmap_core::widen;
    use std::os::fd::AsRawFd;

    let position = mapped.offset.saturating_add(widen(window.start));
    let (Ok(position), Ok(len)) = (i64::try_from(position), i64::try_from(window.len())) else {
        return Ok(());
    };
    let file = mapped.file.as_raw_fd();
    // SAFETY: it takes numbers, of a file that is open, and touches no memory of this process.
    let answer = unsafe { libc::sync_file_range(file, position, len, libc::SYNC_FILE_RANGE_WRITE) };
    if answer == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(not(target_os = "linux"))]
fn start(mapped: &Mapped, window: &Range<usize>) -> io::Result<()> {
    match &mapped.pages {
        Some(pages) => pages.write_back(window),
        None => Ok(()),
    }
}
