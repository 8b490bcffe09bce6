//! Bringing what was written to the device, and remembering that it failed.

use std::io;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use memmap_core::{Directory, Error, ErrorKind, Op, Result};
use rustix::io::Errno;

use crate::mapped::Mapped;

/// What is known about what reached the device.
#[derive(Debug)]
pub(crate) struct Durable {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// What the system said when it failed first.
    failed: Option<i32>,
    /// The directory of a file that was made, until it is synced.
    directory: Option<Directory>,
}

impl Durable {
    pub(crate) fn new(directory: Option<Directory>) -> Self {
        Self { state: Mutex::new(State { failed: None, directory }) }
    }

    /// One at a time: the system tells of a failure once, and whoever asks next is told that all is
    /// well (fsync(2)).
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn sync(
        &self,
        mapped: &Mapped,
        window: Option<&Range<usize>>,
        op: Op,
    ) -> Result<()> {
        let mut state = self.lock();
        state.require_none_failed(op)?;
        let synced = bring(mapped, window, op == Op::Close)
            .and_then(|()| state.directory.as_ref().map_or(Ok(()), Directory::sync));
        match synced {
            Ok(()) => {
                state.directory = None;
                Ok(())
            }
            Err(error) => Err(state.remember(op, &error)),
        }
    }

    pub(crate) fn write_back(&self, mapped: &Mapped, window: &Range<usize>) -> Result<()> {
        let mut state = self.lock();
        state.require_none_failed(Op::Sync)?;
        start(mapped, window).map_err(|error| state.remember(Op::Sync, &error))
    }
}

impl State {
    fn require_none_failed(&self, op: Op) -> Result<()> {
        match self.failed {
            None => Ok(()),
            Some(code) => {
                let source = io::Error::from_raw_os_error(code);
                Err(Error::new(op, ErrorKind::NotDurable { source }))
            }
        }
    }

    fn remember(&mut self, op: Op, error: &io::Error) -> Error {
        let code = error.raw_os_error().unwrap_or_else(|| Errno::IO.raw_os_error());
        self.failed = Some(code);
        let source = io::Error::from_raw_os_error(code);
        Error::new(op, ErrorKind::NotDurable { source })
    }
}

/// Brings what was written to the device, with whatever is needed to find it again.
fn bring(mapped: &Mapped, window: Option<&Range<usize>>, is_all: bool) -> io::Result<()> {
    match (&mapped.pages, window) {
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
            mapped.file()?.sync_all()
        }
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
    let file = mapped.file()?.as_raw_fd();
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
