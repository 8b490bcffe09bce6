//! Saving on POSIX systems: what core's `Disk` asks of them. Linux has all of it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use memmap_core::disk::{Attributes, Disk, Facts, InUse, LeaseOf, NotKept, Process, Room, Writers};
use memmap_core::{Backend, LockKind, Mode, System};

use crate::Posix;

mod attributes;
mod extents;
mod facts;
mod folder;
mod process;

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod device;
#[cfg(target_os = "linux")]
mod direct;
#[cfg(target_os = "linux")]
mod flags;
#[cfg(target_os = "linux")]
mod in_use;
#[cfg(target_os = "linux")]
mod kind;
#[cfg(target_os = "linux")]
mod lease;
#[cfg(target_os = "linux")]
mod pinned;
#[cfg(target_os = "linux")]
mod room;
#[cfg(target_os = "linux")]
mod writers;

#[cfg(not(target_os = "linux"))]
mod unsupported;
#[cfg(not(target_os = "linux"))]
use unsupported::{device, direct, flags, in_use, lease, pinned, room, writers};

pub(crate) use device::{partition, partitions, serial};
pub use folder::Folder;
pub use lease::Lease;

/// What uses a file or a device as a disk.
pub(crate) fn in_use(file: &File) -> io::Result<Option<String>> {
    Ok(in_use::of(file)?.map(|found| found.by))
}

/// The file systems of this machine.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has no options")]
pub struct PosixDisk;

impl Disk for PosixDisk {
    type File = File;
    type Folder = Folder;
    type Lease = Lease;

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        path.canonicalize()
    }

    fn open(&self, path: &Path, writes: bool) -> io::Result<File> {
        Posix.open(path, if writes { Mode::ReadWrite } else { Mode::Read })
    }

    fn open_device(&self, path: &Path) -> io::Result<File> {
        device::open(path)
    }

    fn look(&self, path: &Path) -> io::Result<Facts> {
        facts::at(path)
    }

    fn facts(&self, file: &File) -> io::Result<Facts> {
        facts::of(file)
    }

    fn read_at(&self, file: &File, out: &mut [u8], at: u64) -> io::Result<usize> {
        direct::read_at(file, out, at)
    }

    fn write_at(&self, file: &File, bytes: &[u8], at: u64) -> io::Result<usize> {
        direct::write_at(file, bytes, at)
    }

    fn set_len(&self, file: &File, len: u64) -> io::Result<()> {
        file.set_len(len)
    }

    fn sync(&self, file: &File, is_all: bool) -> io::Result<()> {
        if is_all { file.sync_all() } else { file.sync_data() }
    }

    fn try_lock(&self, file: &File) -> io::Result<bool> {
        <Posix as System>::try_lock(file, LockKind::Exclusive)
    }

    fn unlock(&self, file: &File) -> io::Result<()> {
        <Posix as System>::unlock(file)
    }

    fn data(&self, file: &File, range: Range<u64>) -> io::Result<Vec<Range<u64>>> {
        extents::data(file, range)
    }

    fn room(&self, file: &File, ranges: &[Range<u64>]) -> io::Result<Room> {
        room::room(file, ranges)
    }

    fn make_room(&self, file: &File, ranges: &[Range<u64>]) -> io::Result<()> {
        room::make_room(file, ranges)
    }

    fn reserve(&self, file: &File, len: u64) -> io::Result<()> {
        room::reserve(file, len)
    }

    fn share(&self, from: &File, range: Range<u64>, to: &File, at: u64) -> io::Result<u64> {
        extents::share(from, range, to, at)
    }

    fn copy(&self, from: &File, range: Range<u64>, to: &File, at: u64) -> io::Result<u64> {
        extents::copy(from, range, to, at)
    }

    fn lease(&self, file: &File) -> LeaseOf<Lease> {
        lease::take(file)
    }

    fn writers(&self, file: &File) -> Writers {
        writers::of(file)
    }

    fn in_use(&self, file: &File) -> io::Result<Option<InUse>> {
        in_use::of(file)
    }

    fn is_in_memory(&self, file: &File) -> bool {
        in_use::is_in_memory(file)
    }

    fn attributes(&self, file: &File) -> io::Result<Attributes> {
        attributes::of(file)
    }

    fn give(&self, file: &File, attributes: &Attributes) -> io::Result<Vec<NotKept>> {
        attributes::give(file, attributes)
    }

    fn give_back(&self, file: &File, attributes: &Attributes) -> io::Result<Vec<NotKept>> {
        attributes::give_back(file, attributes)
    }

    fn folder(&self, path: &Path) -> io::Result<Folder> {
        folder::open(path)
    }

    fn private_folder(&self, path: &Path) -> io::Result<Folder> {
        folder::private(path)
    }

    fn names(&self, folder: &Folder) -> io::Result<Vec<OsString>> {
        folder::names(folder)
    }

    fn create(&self, folder: &Folder, name: &OsStr) -> io::Result<File> {
        folder::create(folder, name)
    }

    fn open_in(&self, folder: &Folder, name: &OsStr, writes: bool) -> io::Result<File> {
        folder::open_in(folder, name, writes)
    }

    fn look_in(&self, folder: &Folder, name: &OsStr) -> io::Result<Option<Facts>> {
        facts::in_folder(folder, name)
    }

    fn exchange(&self, folder: &Folder, one: &OsStr, other: &OsStr) -> io::Result<()> {
        folder::exchange(folder, one, other)
    }

    fn rename(&self, folder: &Folder, from: &OsStr, to: &OsStr) -> io::Result<()> {
        folder::rename(folder, from, to)
    }

    fn rename_new(&self, folder: &Folder, from: &OsStr, to: &OsStr) -> io::Result<()> {
        folder::rename_new(folder, from, to)
    }

    fn remove(&self, folder: &Folder, name: &OsStr) -> io::Result<()> {
        folder::remove(folder, name)
    }

    fn sync_folder(&self, folder: &Folder) -> io::Result<()> {
        folder::sync(folder)
    }

    fn this_process(&self) -> Process {
        process::this()
    }

    fn runs(&self, process: &Process) -> Option<bool> {
        process::runs(process)
    }
}
