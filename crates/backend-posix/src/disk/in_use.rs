//! What uses a file or a device as a disk: a mount, a loop device, swap, another device above it.
//!
//! # Source
//! `proc_pid_mountinfo(5)`, `proc_swaps(5)`, `Documentation/ABI/testing/sysfs-block` of Linux.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use memmap_core::disk::InUse;
use rustix::fs::{AtFlags, StatxFlags};

use super::device;
use super::kind::{self, Kind};

pub(super) fn of(file: &File) -> io::Result<Option<InUse>> {
    let wanted = Disk::of(&file.metadata()?);
    let mounted = mounts()?.into_iter().find(|mount| mount.is_of(&wanted));
    let by = mounted
        .map(|mount| format!("mounted at {}", mount.point.display()))
        .or_else(|| swap(&wanted).then(|| "swap".to_owned()))
        .or_else(|| loop_over(&wanted).map(|name| format!("loop device /dev/{name}")))
        .or_else(|| holder(&wanted).map(|name| format!("device /dev/{name}")));
    Ok(by.map(|by| InUse { by }))
}

/// What may be used as a disk.
#[derive(Debug, PartialEq, Eq)]
enum Disk {
    /// A device, with the parts of it or the whole that it is a part of.
    Device { number: u64, related: Vec<u64> },
    /// A file, by device and inode.
    File(u64, u64),
}

impl Disk {
    fn of(found: &Metadata) -> Self {
        if found.file_type().is_block_device() {
            let number = found.rdev();
            Self::Device { number, related: related(number) }
        } else {
            Self::File(found.dev(), found.ino())
        }
    }

    fn has_number(&self, other: u64) -> bool {
        match self {
            Self::Device { number, related } => *number == other || related.contains(&other),
            Self::File(..) => false,
        }
    }

    /// Whether it is what is at a path now.
    fn is_at(&self, path: &Path) -> bool {
        let Ok(found) = fs::metadata(path) else { return false };
        match self {
            Self::File(device, inode) => *device == found.dev() && *inode == found.ino(),
            Self::Device { .. } => {
                found.file_type().is_block_device() && self.has_number(found.rdev())
            }
        }
    }
}

/// The partitions of a disk; of a partition, its disk.
fn related(number: u64) -> Vec<u64> {
    let own = device::described(number);
    if own.join("partition").exists() {
        return number_in(&own.join("..")).into_iter().collect();
    }
    let parts = fs::read_dir(own).into_iter().flatten().filter_map(Result::ok);
    let parts = parts.map(|entry| entry.path()).filter(|part| part.join("partition").exists());
    parts.filter_map(|part| number_in(&part)).collect()
}

/// The number of a device that is described in a folder.
fn number_in(folder: &Path) -> Option<u64> {
    number_of(fs::read_to_string(folder.join("dev")).ok()?.trim())
}

fn number_of(text: &str) -> Option<u64> {
    let (major, minor) = text.split_once(':')?;
    Some(rustix::fs::makedev(major.parse().ok()?, minor.parse().ok()?))
}

/// A line of the list of mounts.
#[derive(Debug, PartialEq, Eq)]
struct Mount {
    id: u64,
    number: Option<u64>,
    point: PathBuf,
    kind: OsString,
    source: PathBuf,
    options: OsString,
}

impl Mount {
    fn is_of(&self, wanted: &Disk) -> bool {
        // btrfs has numbers of its own, so its source counts. It is a path only where a disk is mounted.
        self.number.is_some_and(|number| wanted.has_number(number))
            || self.source.is_absolute() && self.kind != "overlay" && wanted.is_at(&self.source)
    }

    /// Parses "id parent major:minor root point options tags… - type source options".
    fn parse(line: &[u8]) -> Option<Self> {
        let mut words = line.split(|&byte| byte == b' ');
        let id = std::str::from_utf8(words.next()?).ok()?.parse().ok()?;
        let number = number_of(std::str::from_utf8(words.nth(1)?).ok()?);
        let point = PathBuf::from(unescaped(words.nth(1)?));
        words.find(|&word| word == b"-")?;
        let kind = unescaped(words.next()?);
        let source = PathBuf::from(unescaped(words.next()?));
        Some(Self { id, number, point, kind, source, options: unescaped(words.next()?) })
    }
}

fn mounts() -> io::Result<Vec<Mount>> {
    let text = fs::read("/proc/self/mountinfo")?;
    Ok(text.split(|&byte| byte == b'\n').filter_map(Mount::parse).collect())
}

/// Undoes the escapes of the kernel: a backslash and three octal digits.
fn unescaped(word: &[u8]) -> OsString {
    let mut out = Vec::with_capacity(word.len());
    let mut rest = word;
    while let Some((&byte, after)) = rest.split_first() {
        let digits =
            after.get(..3).filter(|digits| digits.iter().all(|it| (b'0'..b'8').contains(it)));
        let value = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match value.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(value) if byte == b'\\' => {
                out.push(value);
                rest = after.get(3..).unwrap_or_default();
            }
            _ => {
                out.push(byte);
                rest = after;
            }
        }
    }
    OsString::from_vec(out)
}

fn swap(wanted: &Disk) -> bool {
    let text = fs::read("/proc/swaps").unwrap_or_default();
    let names = text.split(|&byte| byte == b'\n').skip(1);
    names
        .filter_map(|line| line.split(|&byte| byte == b' ' || byte == b'\t').next())
        .any(|name| name.starts_with(b"/") && wanted.is_at(Path::new(&unescaped(name))))
}

/// The name of a loop device over it.
fn loop_over(wanted: &Disk) -> Option<String> {
    let all = fs::read_dir("/sys/block").ok()?.filter_map(Result::ok);
    let mut loops = all.filter(|entry| entry.file_name().as_bytes().starts_with(b"loop"));
    let over =
        loops.find(|entry| backing(&entry.path()).is_some_and(|path| wanted.is_at(&path)))?;
    Some(over.file_name().to_string_lossy().into_owned())
}

/// The file of the loop device that is described in a folder.
fn backing(folder: &Path) -> Option<PathBuf> {
    let text = fs::read(folder.join("loop/backing_file")).ok()?;
    Some(PathBuf::from(OsStr::from_bytes(text.strip_suffix(b"\n").unwrap_or(&text))))
}

/// The name of a device that is made of it, such as a volume or a RAID.
fn holder(wanted: &Disk) -> Option<String> {
    let Disk::Device { number, related } = wanted else { return None };
    let all = std::iter::once(number).chain(related);
    let mut holders = all.flat_map(|&number| {
        let folder = device::described(number).join("holders");
        fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok)
    });
    Some(holders.next()?.file_name().to_string_lossy().into_owned())
}

/// Whether a file ends with the machine: its file system is memory, or a layer over such a one, or on a device
/// that is memory.
pub(super) fn is_in_memory(file: &File) -> bool {
    let Ok(found) = file.metadata() else { return false };
    if found.file_type().is_block_device() {
        // Its name is in memory, whatever it is itself.
        return is_memory(found.rdev(), DEPTH);
    }
    match kind::of(file) {
        Kind::Memory => true,
        Kind::Layered => upper(file).is_some_and(|path| is_in_memory_at(&path, DEPTH)),
        _ => is_memory(found.dev(), DEPTH),
    }
}

/// The folder that holds what was written to an overlay, if this process can find it.
fn upper(file: &File) -> Option<PathBuf> {
    let found = rustix::fs::statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::MNT_ID).ok()?;
    let mounts = mounts().ok()?;
    let mount = mounts.iter().find(|it| it.id == found.stx_mnt_id && it.kind == "overlay")?;
    let mut options = mount.options.as_bytes().split(|&byte| byte == b',');
    let upper = options.find_map(|option| option.strip_prefix(b"upperdir="))?;
    Some(PathBuf::from(OsStr::from_bytes(upper)))
}

/// The most file systems and loop devices that are looked through.
const DEPTH: u32 = 8;

/// Whether what is at a path ends with the machine.
fn is_in_memory_at(path: &Path, depth: u32) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    kind::at(path) == Kind::Memory
        || fs::metadata(path).is_ok_and(|found| is_memory(found.dev(), depth))
}

/// Whether a device is memory, or a loop device over a file that is.
fn is_memory(number: u64, depth: u32) -> bool {
    let described = device::described(number);
    let Ok(own) = fs::canonicalize(&described) else { return false };
    // A partition is in the folder of its disk.
    let own = if own.join("partition").exists() { own.join("..") } else { own };
    let own = fs::canonicalize(&own).unwrap_or(own);
    let name = own.file_name().unwrap_or_default().as_bytes();
    if name.starts_with(b"ram") || name.starts_with(b"zram") {
        return true;
    }
    backing(&own).is_some_and(|path| is_in_memory_at(&path, depth))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_is_read_whole_whatever_its_names_contain() {
        let line = b"36 35 98:0 /mnt1 /a\\040b\\134c rw,noatime master:1 - ext3 /dev/root rw,x=y";
        let expected = Mount {
            id: 36,
            number: Some(rustix::fs::makedev(98, 0)),
            point: PathBuf::from("/a b\\c"),
            kind: "ext3".into(),
            source: PathBuf::from("/dev/root"),
            options: "rw,x=y".into(),
        };
        assert_eq!(Mount::parse(line), Some(expected));
        assert_eq!(Mount::parse(b"36 35 98:0 /mnt1"), None);
        assert_eq!(unescaped(b"\\9\\04"), "\\9\\04");
    }
}
