use std::ops::{Deref, DerefMut};
use std::process;

use crate::{ErrorKind, Map, Mapping, Op, Result};

/// Whether others may hold the same lock at the same time.
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
/// Made by [`Map::lock`] and [`Map::try_lock`]; it is used like the map itself.
///
/// # Platform
/// POSIX: after `fork` the lock belongs to the process that took it. Dropping this in a child releases
/// nothing.
#[derive(Debug)]
#[must_use = "a lock that is not held is gone at once"]
pub struct Locked<'a, T: Mapping> {
    map: &'a mut Map<T>,
    /// The process that holds it; `None` after it was released.
    holder: Option<u32>,
}

/// Locking the file.
impl<T: Mapping> Map<T> {
    /// Waits for an exclusive advisory lock on the whole file.
    ///
    /// *Advisory* means that it only excludes others who ask for a lock themselves. It proves nothing
    /// about the bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for memory without a file;
    /// [`ErrorKind::Os`](crate::ErrorKind::Os).
    ///
    /// # Platform
    /// POSIX: `flock(2)`, which belongs to the open file: two maps opened by path exclude each other,
    /// even in one process. For a map made from an open `File` see
    /// [`open_file`](crate::MapOptions::open_file). Windows: `LockFileEx` on a byte that no file has,
    /// because the system denies everybody access to locked bytes. It also excludes `File::lock` of std.
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

    /// Waits for a shared lock, for reading. Others may hold shared locks at the same time.
    ///
    /// # Errors
    /// As for [`lock`](Self::lock).
    pub fn lock_shared(&mut self) -> Result<Locked<'_, T>> {
        self.take_lock(LockKind::Shared)
    }

    /// Takes the exclusive lock without waiting; `None` if another lock excludes it.
    ///
    /// # Errors
    /// As for [`lock`](Self::lock).
    pub fn try_lock(&mut self) -> Result<Option<Locked<'_, T>>> {
        self.try_take_lock(LockKind::Exclusive)
    }

    /// Takes a shared lock without waiting; `None` if another process or map holds an exclusive one.
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
    /// Releases the lock, and returns the error that dropping would lose.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOptions`] in another process than the one that took the lock, which keeps it;
    /// and errors of the operating system.
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
    /// Whether this process holds it. A child of `fork` shares the open file, so releasing the lock
    /// there would release it for the parent too (flock(2)).
    fn is_ours(&self) -> bool {
        self.holder == Some(process::id())
    }
}

impl<T: Mapping> Drop for Locked<'_, T> {
    fn drop(&mut self) {
        if self.is_ours() {
            // Closing the file releases the lock in any case.
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
