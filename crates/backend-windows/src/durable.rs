//! Bringing what was written to the device, and remembering that it failed.

use std::io;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use memmap_core::{Error, ErrorKind, Op, Result};
use windows_sys::Win32::Foundation::ERROR_IO_DEVICE;

use crate::live::Mapped;

/// What is known about what reached the device.
#[derive(Debug)]
pub(crate) struct Durable {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// What the system said when it failed first.
    failed: Option<i32>,
}

impl Durable {
    pub(crate) const fn new() -> Self {
        Self { state: Mutex::new(State { failed: None }) }
    }

    /// One at a time: the system tells of a failure once, and whoever asks next is told that all is
    /// well.
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
        bring(mapped, window).map_err(|error| state.remember(op, &error))
    }

    pub(crate) fn write_back(&self, mapped: &Mapped, window: &Range<usize>) -> Result<()> {
        let mut state = self.lock();
        state.require_none_failed(Op::Sync)?;
        match &mapped.pages {
            Some(pages) => {
                pages.write_back(window).map_err(|error| state.remember(Op::Sync, &error))
            }
            None => Ok(()),
        }
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
        let code = error.raw_os_error().unwrap_or(ERROR_IO_DEVICE.cast_signed());
        self.failed = Some(code);
        let source = io::Error::from_raw_os_error(code);
        Error::new(op, ErrorKind::NotDurable { source })
    }
}

/// Hands what was written to the system, and waits for the device: two calls, `FlushViewOfFile` and
/// `FlushFileBuffers`, neither of which does the other's.
///
/// No directory is synced: Windows opens none for that, and NTFS writes its log, in which a new name
/// is, before it answers the second call. (That it does is known, and not promised.)
fn bring(mapped: &Mapped, window: Option<&Range<usize>>) -> io::Result<()> {
    if let (Some(pages), Some(window)) = (&mapped.pages, window) {
        pages.write_back(window)?;
    }
    mapped.file.sync_all()
}
