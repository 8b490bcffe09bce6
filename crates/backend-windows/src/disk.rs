//! Saving on Windows: what core's `Disk` asks of it, as far as std and the rest of this crate have it. There
//! are no leases, nothing is shared and no two names are swapped: those are unknown or unsupported.

use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use memmap_core::disk::{
    Attributes, Disk, Facts, InUse, LeaseOf, Leased, NotKept, Process, Room, Writers,
};
use memmap_core::{Backend, LockKind, System};

use crate::{Windows, allocation, lock, paging};

mod attributes;
mod facts;

/// The file systems of this machine.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has no options")]
pub struct WindowsDisk;

/// A folder, by its path: no names are relative to an open one.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    fn of(path: &Path) -> io::Result<Self> {
        // Whatever the current folder is later.
        let path = path.canonicalize()?;
        if fs::metadata(&path)?.is_dir() {
            Ok(Self { path })
        } else {
            Err(io::ErrorKind::NotADirectory.into())
        }
    }

    /// The path of a name that is in this folder and not in another one.
    fn at(&self, name: &OsStr) -> io::Result<PathBuf> {
        let mut parts = Path::new(name).components();
        let is_name = matches!(
            (parts.next(), parts.next()),
            (Some(std::path::Component::Normal(part)), None) if part == name
        );
        // A colon begins the name of a stream of a file.
        if !is_name || name.as_encoded_bytes().contains(&b':') {
            let why = "it is not a name in a folder";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        Ok(self.path.join(name))
    }
}

/// A lease, which no file has here.
#[derive(Debug)]
pub struct Lease(Infallible);

impl Leased for Lease {
    fn is_breaking(&self) -> bool {
        match self.0 {}
    }
}

fn unsupported<T>() -> io::Result<T> {
    Err(io::ErrorKind::Unsupported.into())
}

impl Disk for WindowsDisk {
    type File = File;
    type Folder = Folder;
    type Lease = Lease;

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        path.canonicalize()
    }

    fn open(&self, path: &Path, writes: bool) -> io::Result<File> {
        OpenOptions::new().read(true).write(writes).open(path)
    }

    fn open_device(&self, _: &Path) -> io::Result<File> {
        unsupported()
    }

    fn look(&self, path: &Path) -> io::Result<Facts> {
        facts::at(path, true)
    }

    fn facts(&self, file: &File) -> io::Result<Facts> {
        facts::of(file)
    }

    fn read_at(&self, file: &File, out: &mut [u8], at: u64) -> io::Result<usize> {
        <Windows as System>::read_at(file, out, at)
    }

    fn write_at(&self, file: &File, bytes: &[u8], at: u64) -> io::Result<usize> {
        <Windows as System>::write_at(file, bytes, at)
    }

    fn set_len(&self, file: &File, len: u64) -> io::Result<()> {
        file.set_len(len)
    }

    fn sync(&self, file: &File, is_all: bool) -> io::Result<()> {
        if is_all { file.sync_all() } else { file.sync_data() }
    }

    fn try_lock(&self, file: &File) -> io::Result<bool> {
        lock::try_lock(file, LockKind::Exclusive)
    }

    /// Closing does: no process that is started gets the handle.
    fn unlock(&self, _: &File) {}

    fn data(&self, file: &File, range: Range<u64>) -> io::Result<Vec<Range<u64>>> {
        let range = range.start..range.end.min(file.metadata()?.len());
        if range.is_empty() {
            return Ok(Vec::new());
        }
        // Some file systems do not say.
        let mut data = paging::allocated(file, &range).unwrap_or_else(|_| vec![range.clone(); 1]);
        for run in &mut data {
            *run = run.start.max(range.start)..run.end.min(range.end);
        }
        data.retain(|run| !run.is_empty());
        Ok(data)
    }

    /// Holes are counted. Whether other blocks are compressed, or copied by the file system, is not known.
    fn room(&self, file: &File, ranges: &[Range<u64>]) -> io::Result<Room> {
        let free = allocation::free_bytes(file);
        let mut room = Room { free: (free != u64::MAX).then_some(free), ..Room::default() };
        for range in ranges {
            let len = range.end.saturating_sub(range.start);
            let data = self.data(file, range.clone())?;
            let lens = data.iter().map(|run| run.end.saturating_sub(run.start));
            let stored = lens.fold(0_u64, u64::saturating_add);
            room.holes = room.holes.saturating_add(len.saturating_sub(stored));
            room.copied = room.copied.saturating_add(stored);
        }
        Ok(room)
    }

    fn make_room(&self, _: &File, _: &[Range<u64>]) -> io::Result<()> {
        unsupported()
    }

    fn reserve(&self, _: &File, _: u64) -> io::Result<()> {
        unsupported()
    }

    fn share(&self, _: &File, _: Range<u64>, _: &File, _: u64) -> io::Result<u64> {
        Ok(0)
    }

    fn copy(&self, _: &File, _: Range<u64>, _: &File, _: u64) -> io::Result<u64> {
        unsupported()
    }

    fn lease(&self, _: &File) -> LeaseOf<Lease> {
        LeaseOf::Unknown
    }

    fn writers(&self, _: &File) -> Writers {
        Writers::Unknown
    }

    fn in_use(&self, _: &File) -> io::Result<Option<InUse>> {
        Ok(None)
    }

    fn is_in_memory(&self, _: &File) -> bool {
        false
    }

    fn attributes(&self, file: &File) -> io::Result<Attributes> {
        attributes::of(file)
    }

    fn give(&self, file: &File, attributes: &Attributes) -> io::Result<Vec<NotKept>> {
        attributes::give(file, attributes)
    }

    /// Writing takes nothing away.
    fn give_back(&self, _: &File, _: &Attributes) -> io::Result<Vec<NotKept>> {
        Ok(Vec::new())
    }

    fn folder(&self, path: &Path) -> io::Result<Folder> {
        Folder::of(path)
    }

    /// The access list is inherited: what is in a user's profile is for that user.
    fn private_folder(&self, path: &Path) -> io::Result<Folder> {
        fs::create_dir_all(path)?;
        if path.is_symlink() {
            let text = format!("{} is a symbolic link, which may lead anywhere", path.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
        }
        Folder::of(path)
    }

    fn names(&self, folder: &Folder) -> io::Result<Vec<OsString>> {
        fs::read_dir(&folder.path)?.map(|entry| Ok(entry?.file_name())).collect()
    }

    fn create(&self, folder: &Folder, name: &OsStr) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create_new(true).open(folder.at(name)?)
    }

    fn open_in(&self, folder: &Folder, name: &OsStr, writes: bool) -> io::Result<File> {
        facts::open_without_links(&folder.at(name)?, writes)
    }

    fn look_in(&self, folder: &Folder, name: &OsStr) -> io::Result<Option<Facts>> {
        match facts::at(&folder.at(name)?, false) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            found => found.map(Some),
        }
    }

    fn exchange(&self, _: &Folder, _: &OsStr, _: &OsStr) -> io::Result<()> {
        unsupported()
    }

    fn rename(&self, folder: &Folder, from: &OsStr, to: &OsStr) -> io::Result<()> {
        fs::rename(folder.at(from)?, folder.at(to)?)
    }

    fn rename_new(&self, folder: &Folder, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Windows.rename_noreplace(&folder.at(from)?, &folder.at(to)?)
    }

    fn remove(&self, folder: &Folder, name: &OsStr) -> io::Result<()> {
        fs::remove_file(folder.at(name)?)
    }

    /// No folder is opened for that. NTFS writes its log, with the names, before `FlushFileBuffers` of a file
    /// returns.
    fn sync_folder(&self, _: &Folder) -> io::Result<()> {
        Ok(())
    }

    fn this_process(&self) -> Process {
        Process {
            host: std::env::var("COMPUTERNAME").unwrap_or_default(),
            boot: String::new(),
            id: std::process::id(),
            started: 0,
            user: 0,
        }
    }

    /// A number is given to another process soon after, so it tells nothing of any other.
    fn runs(&self, process: &Process) -> Option<bool> {
        (*process == self.this_process()).then_some(true)
    }
}

#[cfg(test)]
mod tests;
