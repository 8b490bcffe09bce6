//! Properties of block devices.

use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;

use memmap_core::{Device, FileKind};

use crate::{disk, file_info};

/// The properties of a device. Sector sizes, and what uses it, need an open file.
pub(crate) fn look(file: Option<&File>, metadata: &Metadata) -> Device {
    let (sector_size, physical_sector_size) = file.map_or((None, None), sector_sizes);
    let number = metadata.rdev();
    Device {
        sector_size,
        physical_sector_size,
        is_read_only: refuses_writes(metadata),
        serial: Some(disk::serial(number)).filter(|serial| !serial.is_empty()),
        partition: disk::partition(number),
        partitions: disk::partitions(number),
        used_by: file.and_then(|file| disk::in_use(file).ok().flatten()),
    }
}

/// Whether an open file is a read-only device.
pub(crate) fn is_read_only(file: &File) -> bool {
    file.metadata().is_ok_and(|found| refuses_writes(&found) == Some(true))
}

/// Whether a file is a read-only device; `None` if it is not a device, or the system does not report it.
/// Opening a read-only device for writing may succeed.
///
/// # Source
/// `Documentation/ABI/stable/sysfs-block` of Linux.
pub(crate) fn refuses_writes(found: &Metadata) -> Option<bool> {
    if file_info::kind(found.file_type()) != FileKind::BlockDevice {
        return None;
    }
    takes_no_writes(found)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn takes_no_writes(found: &Metadata) -> Option<bool> {
    let (major, minor) = (rustix::fs::major(found.rdev()), rustix::fs::minor(found.rdev()));
    let said = std::fs::read_to_string(format!("/sys/dev/block/{major}:{minor}/ro")).ok()?;
    Some(said.trim() != "0")
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
const fn takes_no_writes(_: &Metadata) -> Option<bool> {
    None
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn sector_sizes(file: &File) -> (Option<u64>, Option<u64>) {
    let logical = rustix::fs::ioctl_blksszget(file).ok().map(u64::from);
    (logical, rustix::fs::ioctl_blkpbszget(file).ok().map(u64::from))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn sector_sizes(_: &File) -> (Option<u64>, Option<u64>) {
    (None, None)
}
