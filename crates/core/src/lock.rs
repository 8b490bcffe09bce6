use std::ops::{Deref, DerefMut};
use std::process;

use crate::{ErrorKind, Map, Mapping, Op, Result};

/// Whether others may hold the same kind of lock meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "operating systems know these two")]
pub enum LockKind {
    /// Others may hold shared locks: for reading.
    Shared,
    /// Nobody else holds any lock: for writing.
    Exclusive,
}

/// A map whose file is locked, until this is dropped or [`unlock`](Self::unlock) is called.
///
/// Made by [`Map::lock`] and [`Map::try_lock`]; used as the map itself.
///
/// # Platform
/// POSIX: after `fork` the lock is that of the process that took it. Dropping this in a child releases
/// nothing.
#[derive(Debug)]
#[must_use = "a lock that is not held is gone at once"]
pub struct Locked<'a, T: Mapping> {
    map: &'a mut Map<T>,
    /// The process that holds it; none once it is given back.
    holder: Option<u32>,
}

/// Locking the file.
impl<T: Mapping> Map<T> {
    /// Waits for an advisory lock on the whole file, which nobody else holds.
    ///
    /// *Advisory*: it holds off those who ask for a lock themselves, and nobody else; it proves
    /// nothing about the bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for memory without a file;
    /// [`ErrorKind::Os`](crate::ErrorKind::Os).
    ///
    /// # Platform
    /// POSIX: `flock(2)`, which belongs to the open file: two maps opened by path exclude each
    /// other, also in one process; of a map made from an open `File` see
    /// [`open_file`](crate::MapOptions::open_file).
    /// Windows: `LockFileEx`, of a byte that no file has, as the system keeps everybody from reading and
    /// writing what is locked; it excludes `File::lock` of std too.
    ///
    /// # Examples
    /// ```
    /// # fn f<T: memmap_core::Mapping>(mut mm: memmap_core::Map<T>) -> memmap_core::Result<()> {
    /// let mut locked = mm.lock()?;
    /// locked.write_at(0, b"one writer at a time")?;
    /// locked.unlock()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn lock(&mut self) -> Result<Locked<'_, T>> {
        self.take_lock(LockKind::Exclusive)
    }

    /// Waits for a lock that others may share, for reading.
    ///
    /// # Errors
    /// As for [`lock`](Self::lock).
    pub fn lock_shared(&mut self) -> Result<Locked<'_, T>> {
        self.take_lock(LockKind::Shared)
    }

    /// Takes the lock if it can be had at once; `None` if another holds one that excludes it.
    ///
    /// # Errors
    /// As for [`lock`](Self::lock).
    pub fn try_lock(&mut self) -> Result<Option<Locked<'_, T>>> {
        self.try_take_lock(LockKind::Exclusive)
    }

    /// Takes a lock that others may share if it can be had at once; `None` if another holds an exclusive one.
    ///
    /// # Errors
    /// As for [`lock`](Self::lock).
    pub fn try_lock_shared(&mut self) -> Result<Option<Locked<'_, T>>> {
        self.try_take_lock(LockKind::Shared)
    }

    fn take_lock(&mut self, kind: LockKind) -> Result<Locked<'_, T>> {
        self.mapping().lock_file(kind).map_err(|error| self.placed(error))?;
        Ok(Locked { map: self, holder: Some(process::id()) })
    }

    fn try_take_lock(&mut self, kind: LockKind) -> Result<Option<Locked<'_, T>>> {
        let is_held = self.mapping().try_lock_file(kind).map_err(|error| self.placed(error))?;
        Ok(is_held.then(|| Locked { map: self, holder: Some(process::id()) }))
    }
}

impl<T: Mapping> Locked<'_, T> {
    /// Gives the lock back, and returns the error that dropping would lose.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOptions`] in another process than the one that took it, whose lock it stays;
    /// and what the operating system says.
    pub fn unlock(mut self) -> Result<()> {
        if !self.is_ours() {
            let what = "the lock is that of the process which took it, and from which this one was \
                        forked; open the file here, and lock that";
            return Err(self.map.error(Op::Lock, ErrorKind::InvalidOptions { what }));
        }
        self.holder = None;
        self.map.mapping().unlock_file().map_err(|error| self.map.placed(error))
    }
}

impl<T: Mapping> Locked<'_, T> {
    /// Whether this process holds it. A child of `fork` has the same open file, so that giving the lock
    /// back there would take it from its parent (flock(2)).
    fn is_ours(&self) -> bool {
        self.holder == Some(process::id())
    }
}

impl<T: Mapping> Drop for Locked<'_, T> {
    fn drop(&mut self) {
        if self.is_ours() {
            // The file's closing releases the lock in any case.
            self.map.mapping().unlock_file().ok();
        }
    }
}

impl<T: Mapping> Deref for Locked<'_, T> {
    type Target = Map<T>;

    fn deref(&self) -> &Map<T> {
        self.map
    }
}

impl<T: Mapping> DerefMut for Locked<'_, T> {
    fn deref_mut(&mut self) -> &mut Map<T> {
        self.map
    }
}
