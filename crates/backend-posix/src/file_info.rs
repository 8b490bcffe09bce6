//! The type of a file, beyond what std reports: pipes, devices and the kernel's pseudo files.

use std::fs::{File, FileType};
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, FileTypeExt};
use std::path::Path;

use memmap_core::{FileIdentity, FileInfo, FileKind, Mode};
use rustix::fs::{Dev, OFlags, Stat};

/// The kind of a file by its `stat(2)` type.
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

/// The kind of the file at `path`. It is called before every open, so it asks the system for less than std
/// does.
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

/// The kind, length and identity of an open file.
pub(crate) fn inspect(file: &File) -> io::Result<FileInfo> {
    let found = rustix::fs::fstat(file)?;
    let info = look(file, &found)?;
    Ok(info.identified(identity(&found)).changed_at(changed_at(&found)))
}

/// The device and the number of the file on it.
pub(crate) fn identity(found: &Stat) -> FileIdentity {
    let (major, minor) = (rustix::fs::major(found.st_dev), rustix::fs::minor(found.st_dev));
    FileIdentity::new(u64::from(major) << 32 | u64::from(minor), found.st_ino)
}

/// The `ctime`. The types of its parts differ between systems.
#[allow(clippy::useless_conversion, reason = "not on every system")]
fn changed_at(found: &Stat) -> Option<(i64, u32)> {
    Some((i64::try_from(found.st_ctime).ok()?, u32::try_from(found.st_ctime_nsec).ok()?))
}

fn look(file: &File, found: &Stat) -> io::Result<FileInfo> {
    let len = u64::try_from(found.st_size).unwrap_or(0);
    match kind_of(found) {
        // `stat` reports a length of 0 for devices. Seeking to the end gives the real length.
        FileKind::BlockDevice => Ok(FileInfo::new(FileKind::BlockDevice, end_of(file)?)),
        FileKind::Regular => {
            match pseudo_kind(file, found.st_dev, len) {
                // A regular file may have got its first bytes since `stat`.
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

/// The length of a seekable file. The position is restored.
pub(crate) fn end_of(mut file: &File) -> io::Result<u64> {
    let position = file.stream_position()?;
    let end = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(position))?;
    Ok(end)
}

/// The kind of a file that the kernel generates; `None` for all others.
///
/// Such a file is reported as regular, with a length of 0 or of one page, whatever reading it returns.
/// Mapping it fails or shows nothing. It is recognised by its file system, or, on an unknown file system, by
/// the fact that it can be read although its length is 0.
fn pseudo_kind(file: &File, device: Dev, len: u64) -> Option<FileKind> {
    // Files on a device are not generated.
    if is_on_device(device) {
        return None;
    }
    let reads = || len == 0 && file.read_at(&mut [0], 0).is_ok_and(|read| read > 0);
    by_file_system(file).or_else(|| reads().then_some(FileKind::Pseudo))
}

/// Whether a volume is on a device, by its device number.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_on_device(volume: Dev) -> bool {
    rustix::fs::major(volume) != 0
}

/// On other systems the numbers do not tell.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const fn is_on_device(_: Dev) -> bool {
    false
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn by_file_system(file: &File) -> Option<FileKind> {
    /// sysfs and the file systems mounted below it: cgroup, cgroup2, debugfs, tracefs, securityfs. The
    /// numbers are in statfs(2); rustix has a constant for /proc only.
    const BELOW_SYS: [rustix::fs::FsWord; 6] =
        [0x6265_6572, 0x0027_e0eb, 0x6367_7270, 0x6462_6720, 0x7472_6163, 0x7363_6673];
    match rustix::fs::fstatfs(file).ok()?.f_type {
        rustix::fs::PROC_SUPER_MAGIC => Some(FileKind::Proc),
        magic if BELOW_SYS.contains(&magic) => Some(FileKind::Sys),
        _ => None,
    }
}

/// Whether the file system does not reuse the inode number of a file while it is mapped, so that an equal
/// number means the same file.
///
/// A file server may reuse it: a file that was removed on the server is still mapped here, and another file
/// may have its number.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn keeps_numbers(file: &File, identity: memmap_core::FileIdentity) -> bool {
    /// tmpfs, ramfs, hugetlbfs, btrfs, overlayfs, bcachefs, zfs: statfs(2), and their sources.
    const OWN: [rustix::fs::FsWord; 7] =
        [0x0102_1994, 0x8584_58f6, 0x9584_58f6, 0x9123_683e, 0x794c_7630, 0xca45_1a4e, 0x2fc1_2fc1];
    // For a file system on a device the kernel itself keeps the inode. Its volume number has a major number.
    identity.volume() >> 32 != 0
        || rustix::fs::fstatfs(file).is_ok_and(|fs| OWN.contains(&fs.f_type))
}

/// Whether a file can only be mapped in whole huge pages: hugetlbfs, and memory of that kind.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn has_huge_pages(file: &File) -> bool {
    const HUGETLBFS: rustix::fs::FsWord = 0x9584_58f6;
    rustix::fs::fstatfs(file).is_ok_and(|fs| fs.f_type == HUGETLBFS)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn has_huge_pages(_: &File) -> bool {
    false
}

/// On other systems no file is opened again: there is no guard.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn keeps_numbers(_: &File, _: memmap_core::FileIdentity) -> bool {
    false
}

/// Other systems have no `/sys`, and mount `/proc` by choice, if they have it.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn by_file_system(_: &File) -> Option<FileKind> {
    None
}

/// Checks that a file was opened with the access that `mode` needs.
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
        let keeps = |file: &File| keeps_numbers(file, identity(&rustix::fs::fstat(file).unwrap()));
        let memory = rustix::fs::memfd_create("memory", rustix::fs::MemfdFlags::CLOEXEC).unwrap();
        assert!(keeps(&tempfile::tempfile().unwrap()) && keeps(&File::from(memory)));
        // /proc stands for file systems whose numbers are not known to be kept.
        assert!(!keeps(&File::open("/proc/self/maps").unwrap()));
    }
}
