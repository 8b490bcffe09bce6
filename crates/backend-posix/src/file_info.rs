//! What a file is, beyond what std tells: pipes, devices, and the kernel's made-up files.

use std::fs::{File, FileType};
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, FileTypeExt};
use std::path::Path;

use memmap_core::{FileInfo, FileKind, Mode};
use rustix::fs::{Dev, OFlags, Stat};

use crate::file_handle;

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
pub(crate) fn inspect(file: &File) -> io::Result<FileInfo> {
    let found = rustix::fs::fstat(file)?;
    look(file, &found).map(|kind| kind.identified(file_handle::identity(&found)))
}

fn look(file: &File, found: &Stat) -> io::Result<FileInfo> {
    let len = u64::try_from(found.st_size).unwrap_or(0);
    match kind_of(found) {
        // `stat` calls a device's length 0; its end is where seeking to the end leads.
        FileKind::BlockDevice => Ok(FileInfo::new(FileKind::BlockDevice, end_of(file)?)),
        FileKind::Regular => {
            match made_up(file, found.st_dev, len) {
                // Its first bytes may have come only now.
                Some(FileKind::Pseudo) => match file.metadata()?.len() {
                    0 => Ok(FileInfo::new(FileKind::Pseudo, 0)),
                    len => Ok(FileInfo::new(FileKind::Regular, len)),
                },
                kind => Ok(FileInfo::new(kind.unwrap_or(FileKind::Regular), len)),
            }
        }
        kind => Ok(FileInfo::new(kind, len)),
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
    if is_on_device(device) {
        return None;
    }
    let reads = || len == 0 && file.read_at(&mut [0], 0).is_ok_and(|read| read > 0);
    by_file_system(file).or_else(|| reads().then_some(FileKind::Pseudo))
}

/// Whether a volume of this number is on a device, and not made by the system alone.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_on_device(volume: Dev) -> bool {
    rustix::fs::major(volume) != 0
}

/// Elsewhere numbers say nothing.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const fn is_on_device(_: Dev) -> bool {
    false
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

/// Whether a file system gives the number of a file that is mapped to no other one meanwhile, so that a file
/// with this number is this file.
///
/// A server gives numbers as it likes: what was removed there is still mapped here, and its number is
/// perhaps another file's by now.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn keeps_numbers(file: &File, identity: memmap_core::FileIdentity) -> bool {
    /// tmpfs, ramfs, hugetlbfs, btrfs, overlayfs, bcachefs, zfs: statfs(2), and their sources.
    const OWN: [rustix::fs::FsWord; 7] =
        [0x0102_1994, 0x8584_58f6, 0x9584_58f6, 0x9123_683e, 0x794c_7630, 0xca45_1a4e, 0x2fc1_2fc1];
    // What is on a device is known by the system itself; its number begins with the driver's.
    identity.volume() >> 32 != 0
        || rustix::fs::fstatfs(file).is_ok_and(|fs| OWN.contains(&fs.f_type))
}

/// Whether a file is mapped in huge pages alone, and never in part of one: hugetlbfs, and memory like it.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn has_huge_pages(file: &File) -> bool {
    const HUGETLBFS: rustix::fs::FsWord = 0x9584_58f6;
    rustix::fs::fstatfs(file).is_ok_and(|fs| fs.f_type == HUGETLBFS)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn has_huge_pages(_: &File) -> bool {
    false
}

/// Elsewhere no file is asked for again: there is no guard.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn keeps_numbers(_: &File, _: memmap_core::FileIdentity) -> bool {
    false
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_of_this_machines_own_file_systems_a_number_is_one_file() {
        let keeps = |file: &File| {
            keeps_numbers(file, file_handle::identity(&rustix::fs::fstat(file).unwrap()))
        };
        let memory = rustix::fs::memfd_create("memory", rustix::fs::MemfdFlags::CLOEXEC).unwrap();
        assert!(keeps(&tempfile::tempfile().unwrap()) && keeps(&File::from(memory)));
        // As of those of a program.
        assert!(!keeps(&File::open("/proc/self/maps").unwrap()));
    }
}
