//! Block devices: their size, their name that stays, and opening them for ourselves alone.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use memmap_core::Partition;
use memmap_core::disk::Sectors;
use rustix::fs::OFlags;

use super::calls;
use crate::file_info;

/// The size of an open device.
pub(super) fn len(file: &File) -> io::Result<u64> {
    // `stat` reports a length of 0 for devices.
    file_info::end_of(file)
}

/// What an open device is made of.
pub(super) fn sectors(file: &File) -> Option<Sectors> {
    let logical = rustix::fs::ioctl_blksszget(file).ok()?;
    let physical = rustix::fs::ioctl_blkpbszget(file).unwrap_or(logical);
    Some(Sectors { logical, physical: physical.max(logical) })
}

/// Whether a device is read-only; opening it for writing may succeed nevertheless.
pub(super) fn is_read_only(file: &File, found: &Metadata) -> bool {
    // A device that was found and not opened answers no questions.
    calls::is_read_only_device(file)
        .unwrap_or_else(|_| crate::device::refuses_writes(found) == Some(true))
}

/// Opens a device so that nobody can mount it meanwhile, past the system's cache.
///
/// The cache of a device is not that of the files on it: what a mounted file system wrote is not seen there,
/// and writing a part of a cached block brings the old rest of the block back. Dropping the cache is not
/// enough, as pages stay that anybody has mapped, such as the map that is to be saved. So the device is read
/// and written directly, which also drops mapped pages of what is written.
///
/// # Source
/// open(2): `O_EXCL` without `O_CREAT` fails with `EBUSY` if the device is in use; `O_DIRECT`.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let is_device = |found: Metadata| found.file_type().is_block_device();
    let refuse = || Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a block device"));
    if !is_device(fs::metadata(path)?) {
        return refuse();
    }
    let flags = OFlags::EXCL.union(OFlags::DIRECT);
    let flags = i32::try_from(flags.bits()).unwrap_or(0);
    let file = OpenOptions::new().read(true).write(true).custom_flags(flags).open(path)?;
    if !is_device(file.metadata()?) {
        return refuse();
    }
    // For those who map it or read it later. Only root may.
    calls::drop_cache_of_device(&file).ok();
    Ok(file)
}

/// Where the kernel describes a device.
pub(super) fn described(number: u64) -> PathBuf {
    let (major, minor) = (rustix::fs::major(number), rustix::fs::minor(number));
    PathBuf::from(format!("/sys/dev/block/{major}:{minor}"))
}

/// The folder of a device, or of the disk that it is a part of, and the number of the part.
fn whole(number: u64) -> (PathBuf, Option<String>) {
    let own = described(number);
    // A partition is in the folder of its disk.
    match said(&own, "partition") {
        Some(partition) => (own.join(".."), Some(partition)),
        None => (own, None),
    }
}

/// What a file in such a folder says.
fn said(folder: &Path, name: &str) -> Option<String> {
    let text = fs::read_to_string(folder.join(name)).ok()?;
    let text = text.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// The size of a device that this user may not open; 0 if the system does not say.
pub(super) fn described_len(number: u64) -> u64 {
    // In units of 512 bytes, whatever its sectors are.
    let size = said(&described(number), "size").and_then(|size| size.parse::<u64>().ok());
    size.map_or(0, |size| size.saturating_mul(512))
}

/// The sectors of a device that this user may not open.
pub(super) fn described_sectors(number: u64) -> Option<Sectors> {
    let (whole, _) = whole(number);
    let logical = said(&whole, "queue/logical_block_size")?.parse().ok()?;
    let physical = said(&whole, "queue/physical_block_size")?.parse().ok()?;
    Some(Sectors { logical, physical })
}

/// A name that stays with a device: its serial number, for a partition with the partition's number; of a loop
/// device the file; else a link by id. Empty if there is none.
///
/// # Source
/// `Documentation/ABI/stable/sysfs-block` of Linux.
pub(crate) fn serial(number: u64) -> String {
    const NAMES: [&str; 7] = [
        "serial",
        "device/serial",
        "wwid",
        "device/wwid",
        "dm/uuid",
        "md/uuid",
        "loop/backing_file",
    ];
    let (whole, partition) = whole(number);
    match (NAMES.iter().find_map(|name| said(&whole, name)), partition) {
        (Some(name), Some(partition)) => format!("{name} part {partition}"),
        (Some(name), None) => name,
        (None, _) => by_id(number).unwrap_or_default(),
    }
}

/// Which part of a disk a device is.
///
/// # Source
/// `Documentation/ABI/stable/sysfs-block` of Linux: places and lengths are in units of 512 bytes, whatever the
/// sectors are.
pub(crate) fn partition(number: u64) -> Option<Partition> {
    // The description is a link into the folder of the disk.
    let own = described(number).canonicalize().ok()?;
    partition_in(&own)
}

/// The parts of a disk.
pub(crate) fn partitions(number: u64) -> Vec<Partition> {
    let parts = fs::read_dir(described(number)).into_iter().flatten().filter_map(Result::ok);
    let mut parts: Vec<Partition> = described(number)
        .canonicalize()
        .map(|own| parts.filter_map(|part| partition_in(&own.join(part.file_name()))).collect())
        .unwrap_or_default();
    parts.sort_by_key(|part| part.start);
    parts
}

/// The part of a disk that a folder describes.
fn partition_in(folder: &Path) -> Option<Partition> {
    let number = said(folder, "partition")?.parse().ok()?;
    let bytes = |name| Some(said(folder, name)?.parse::<u64>().ok()?.saturating_mul(512));
    let disk = folder.parent()?.file_name()?.to_string_lossy().into_owned();
    Some(Partition { disk, number, start: bytes("start")?, len: bytes("size")? })
}

/// The first link by id, in the order of their names, that leads to a device.
fn by_id(number: u64) -> Option<String> {
    let all = fs::read_dir("/dev/disk/by-id").ok()?.filter_map(Result::ok);
    let leads = |path: &Path| {
        fs::metadata(path).is_ok_and(|to| to.file_type().is_block_device() && to.rdev() == number)
    };
    let names = all.filter(|link| leads(&link.path())).map(|link| link.file_name());
    Some(names.min()?.to_string_lossy().into_owned())
}
