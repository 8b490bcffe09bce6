//! Brings written bytes to the device, and remembers failures.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Directory, Error, ErrorKind, Op, Result};

/// What is known about bytes that did not reach the device.
#[derive(Debug)]
pub(super) struct Durable {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The error of the system when it first failed.
    failed: Option<Failure>,
    /// The directory of a new file, until it is synced.
    directory: Option<Directory>,
}

/// An error of the system that can be returned more than once.
#[derive(Debug, Clone, Copy)]
enum Failure {
    Code(i32),
    Kind(io::ErrorKind),
}

impl Failure {
    fn told(self) -> io::Error {
        match self {
            Self::Code(code) => io::Error::from_raw_os_error(code),
            Self::Kind(kind) => kind.into(),
        }
    }
}

impl Durable {
    pub(super) fn new(directory: Option<Directory>) -> Self {
        Self { state: Mutex::new(State { failed: None, directory }) }
    }

    /// One sync at a time: the system reports a failure once, and the next caller gets success
    /// (fsync(2)).
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Syncs the bytes with `bring`, and then the name of a new file.
    pub(super) fn sync(&self, op: Op, bring: impl FnOnce() -> io::Result<()>) -> Result<()> {
        let mut state = self.lock();
        state.require_none_failed(op)?;
        let synced =
            bring().and_then(|()| state.directory.as_ref().map_or(Ok(()), Directory::sync));
        match synced {
            Ok(()) => {
                state.directory = None;
                Ok(())
            }
            Err(error) => Err(state.remember(op, &error)),
        }
    }

    /// Starts to write back with `start`.
    pub(super) fn write_back(&self, start: impl FnOnce() -> io::Result<()>) -> Result<()> {
        let mut state = self.lock();
        state.require_none_failed(Op::Sync)?;
        start().map_err(|error| state.remember(Op::Sync, &error))
    }
}

impl State {
    fn require_none_failed(&self, op: Op) -> Result<()> {
        match self.failed {
            None => Ok(()),
            Some(failed) => Err(Error::new(op, ErrorKind::NotDurable { source: failed.told() })),
        }
    }

    fn remember(&mut self, op: Op, error: &io::Error) -> Error {
        let kind = error.kind();
        let failed = error.raw_os_error().map_or(Failure::Kind(kind), Failure::Code);
        self.failed = Some(failed);
        Error::new(op, ErrorKind::NotDurable { source: failed.told() })
    }
}
