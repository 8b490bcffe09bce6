use std::io;
use std::ops::Deref;

use memmap_core::disk::Disk;

/// An open file whose lock is given back when this is dropped.
///
/// To close the file is not enough. A process that another thread begins has it open too, and with it the lock,
/// until it runs its program.
#[derive(Debug)]
pub(crate) struct Lockable<D: Disk> {
    disk: D,
    file: D::File,
    is_locked: bool,
}

impl<D: Disk> Lockable<D> {
    pub(crate) fn new(disk: &D, file: D::File) -> Self {
        Self { disk: disk.clone(), file, is_locked: false }
    }

    /// As of [`Disk::try_lock`].
    pub(crate) fn try_lock(&mut self) -> io::Result<bool> {
        let is_ours = self.disk.try_lock(&self.file)?;
        self.is_locked |= is_ours;
        Ok(is_ours)
    }
}

impl<D: Disk> Deref for Lockable<D> {
    type Target = D::File;

    fn deref(&self) -> &D::File {
        &self.file
    }
}

impl<D: Disk> Drop for Lockable<D> {
    fn drop(&mut self) {
        if self.is_locked {
            // If that fails, closing the file has to do.
            self.disk.unlock(&self.file).ok();
        }
    }
}
