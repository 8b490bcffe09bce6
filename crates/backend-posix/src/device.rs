//! What a block device says of itself.

use std::fs::{File, Metadata};

use memmap_core::{Device, FileKind};

use crate::file_info;

/// What a device says, which is open or not.
pub(crate) fn look(file: Option<&File>, metadata: &Metadata) -> Device {
    let (sector_size, physical_sector_size) = file.map_or((None, None), sector_sizes);
    Device { sector_size, physical_sector_size, is_read_only: refuses_writes(metadata) }
}

/// Whether a file is a device that takes no writes.
pub(crate) fn is_read_only(file: &File) -> bool {
    file.metadata().is_ok_and(|found| refuses_writes(&found) == Some(true))
}

/// Whether what was looked at is a device that takes no writes; `None` where nobody tells. It may be opened
/// for writing all the same.
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
    use std::os::unix::fs::MetadataExt;

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
