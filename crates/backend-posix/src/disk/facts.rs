//! What the system says of a file, by its name or its descriptor.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use memmap_core::disk::{Facts, NodeKind};
use memmap_core::{FileKind, system};
use rustix::fs::StatVfsMountFlags;

use super::folder::Folder;
use super::{device, pinned};
use crate::file_info;

/// The facts of an open file.
pub(super) fn of(file: &File) -> io::Result<Facts> {
    facts(file, &file.metadata()?, true)
}

/// The facts of what is at a path; links are followed.
pub(super) fn at(path: &Path) -> io::Result<Facts> {
    pinned::at(path, named)
}

/// The facts of a name in a folder; a link is not followed. `None` if nothing has the name.
pub(super) fn in_folder(folder: &Folder, name: &OsStr) -> io::Result<Option<Facts>> {
    match pinned::in_folder(folder, name, named) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        found => found.map(Some),
    }
}

/// The facts of a file that is pinned and not opened. It is opened, for reading, if it is a file or a device,
/// as more is known of those; never a pipe, which may wait, or hear of it.
fn named(pinned: &File) -> io::Result<Facts> {
    let found = pinned.metadata()?;
    match file_info::kind(found.file_type()) {
        FileKind::Regular | FileKind::BlockDevice => match pinned::open(pinned) {
            Ok(file) => of(&file),
            // Not for this user to read, or leased to a writer.
            Err(_) => facts(pinned, &found, false),
        },
        _ => facts(pinned, &found, false),
    }
}

fn facts(file: &File, found: &Metadata, is_open: bool) -> io::Result<Facts> {
    let kind = kind_of(found);
    if kind == NodeKind::Device {
        // Times and the inode of a device are those of its name.
        let number = found.rdev();
        return Ok(Facts {
            kind,
            device: number,
            inode: 0,
            generation: None,
            born: None,
            len: if is_open { device::len(file)? } else { device::described_len(number) },
            modified: None,
            changed: None,
            links: found.nlink(),
            sectors: if is_open {
                device::sectors(file)
            } else {
                device::described_sectors(number)
            },
            is_read_only: device::is_read_only(file, found),
            serial: device::serial(number),
        });
    }
    // A lower file of an overlay gets another time of birth and of change with the first writer.
    let is_layered = pinned::is_layered(file);
    Ok(Facts {
        kind,
        device: found.dev(),
        inode: u128::from(found.ino()),
        generation: if is_open && !is_layered { pinned::generation(file) } else { None },
        born: found.created().ok().filter(|_| !is_layered),
        len: found.len(),
        modified: found.modified().ok(),
        changed: changed(found).filter(|_| !is_layered),
        links: found.nlink(),
        sectors: None,
        is_read_only: is_read_only(file),
        serial: String::new(),
    })
}

fn kind_of(found: &Metadata) -> NodeKind {
    match file_info::kind(found.file_type()) {
        FileKind::Regular => NodeKind::File,
        FileKind::BlockDevice => NodeKind::Device,
        FileKind::Directory => NodeKind::Folder,
        _ if found.is_symlink() => NodeKind::Link,
        _ => NodeKind::Other,
    }
}

fn changed(found: &Metadata) -> Option<SystemTime> {
    let (seconds, nanos) = system::changed_at(found)?;
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let time = if seconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(whole)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(whole)
    };
    time?.checked_add(Duration::from_nanos(u64::from(nanos)))
}

/// Whether a file refuses writes whoever asks: its mount, or an attribute.
fn is_read_only(file: &File) -> bool {
    rustix::fs::fstatvfs(file).is_ok_and(|fs| fs.f_flag.contains(StatVfsMountFlags::RDONLY))
        || memmap_system::attribute_of(file).is_some()
}
