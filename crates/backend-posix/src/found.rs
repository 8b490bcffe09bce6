//! What a file is, beyond what std tells: pipes, devices, and the kernel's made-up files.

use std::fs::{File, FileType};
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, FileTypeExt};
use std::path::Path;

use memmap_core::{FileKind, Found, Mode};
use rustix::fs::{Dev, OFlags, Stat};

use crate::origin;

/// Names the kind of a file by what `stat(2)` says.
pub(crate) fn kind(file_type: FileType) -> FileKind {
    match file_type {
        t if t.is_file() => FileKind::Regular,
        t if t.is_dir() => FileKind::Directory,
        t if t.is_fifo() => FileKind::Fifo,
        t if t.is_socket() => FileKind::Socket,
        t if t.is_block_device() => FileKind::BlockDevice,
        t if t.is_char_device() => FileKind::CharDevice,
        _ => FileKind::Other,
    }
}

/// The same of what is at `path`. Less is asked for than by std, as this precedes every open.
pub(crate) fn kind_at(path: &Path) -> io::Result<FileKind> {
    Ok(kind_of(&rustix::fs::stat(path)?))
}

fn kind_of(found: &Stat) -> FileKind {
    match rustix::fs::FileType::from_raw_mode(found.st_mode) {
        rustix::fs::FileType::RegularFile => FileKind::Regular,
        rustix::fs::FileType::Directory => FileKind::Directory,
        rustix::fs::FileType::Fifo => FileKind::Fifo,
        rustix::fs::FileType::Socket => FileKind::Socket,
        rustix::fs::FileType::BlockDevice => FileKind::BlockDevice,
        rustix::fs::FileType::CharacterDevice => FileKind::CharDevice,
        _ => FileKind::Other,
    }
}

/// Looks at an opened file.
pub(crate) fn inspect(file: &File) -> io::Result<Found> {
    let found = rustix::fs::fstat(file)?;
    look(file, &found).map(|kind| kind.identified(origin::identity(&found)))
}

fn look(file: &File, found: &Stat) -> io::Result<Found> {
    let len = u64::try_from(found.st_size).unwrap_or(0);
    match kind_of(found) {
        // `stat` calls a device's length 0; its end is where seeking to the end leads.
        FileKind::BlockDevice => Ok(Found::new(FileKind::BlockDevice, end_of(file)?)),
        FileKind::Regular => {
            match made_up(file, found.st_dev, len) {
                // Its first bytes may have come only now.
                Some(FileKind::MadeUp) => match file.metadata()?.len() {
                    0 => Ok(Found::new(FileKind::MadeUp, 0)),
                    len => Ok(Found::new(FileKind::Regular, len)),
                },
                kind => Ok(Found::new(kind.unwrap_or(FileKind::Regular), len)),
            }
        }
        kind => Ok(Found::new(kind, len)),
    }
}

/// The length of what can be seeked in, leaving the position as it was.
fn end_of(mut file: &File) -> io::Result<u64> {
    let position = file.stream_position()?;
    let end = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(position))?;
    Ok(end)
}

/// Files that the kernel makes up call themselves regular, with a length of 0 or of a page that says
/// nothing about what reading them gives; mapping them fails, or shows nothing. What tells them apart
/// is their file system, or, for those we do not know, that a file without length can be read.
fn made_up(file: &File, device: Dev, len: u64) -> Option<FileKind> {
    // What is on a device is real.
    if rustix::fs::major(device) != 0 {
        return None;
    }
    let reads = || len == 0 && file.read_at(&mut [0], 0).is_ok_and(|read| read > 0);
    by_file_system(file).or_else(|| reads().then_some(FileKind::MadeUp))
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn by_file_system(file: &File) -> Option<FileKind> {
    /// sysfs, and what is mounted below it: cgroup, cgroup2, debugfs, tracefs, securityfs. The
    /// numbers are in statfs(2); rustix names only that of /proc.
    const BELOW_SYS: [rustix::fs::FsWord; 6] =
        [0x6265_6572, 0x0027_e0eb, 0x6367_7270, 0x6462_6720, 0x7472_6163, 0x7363_6673];
    match rustix::fs::fstatfs(file).ok()?.f_type {
        rustix::fs::PROC_SUPER_MAGIC => Some(FileKind::Proc),
        magic if BELOW_SYS.contains(&magic) => Some(FileKind::Sys),
        _ => None,
    }
}

/// Elsewhere `/proc`, where there is one, is mounted by choice and `/sys` does not exist.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn by_file_system(_: &File) -> Option<FileKind> {
    None
}

/// Whether a file was opened for what a mode needs.
pub(crate) fn require_open_for(file: &File, mode: Mode) -> io::Result<()> {
    let flags = rustix::fs::fcntl_getfl(file)?;
    let access = flags & OFlags::RWMODE;
    let suits = if mode.reaches_file() {
        access == OFlags::RDWR
    } else {
        access == OFlags::RDWR || access == OFlags::RDONLY
    };
    if suits { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}
