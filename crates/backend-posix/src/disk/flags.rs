//! Flags of file systems, and the project that blocks are counted for.
//!
//! # Source
//! `ioctl_iflags(2)`, `ioctl_xfs_fsgetxattr(2)`, `include/uapi/linux/fs.h` of Linux.

use std::fs::File;

use memmap_core::disk::{Attributes, NotKept};
use rustix::fs::{IFlags, ioctl_getflags, ioctl_setflags};

use super::calls;

/// Whether this system shows all that a file has.
pub(super) const ARE_ALL_SEEN: bool = true;

/// Flags that a new file can have: how it is stored and written, and that it is not dumped.
const GIVEN: [u32; 14] = [
    0x1,         // overwritten when it is removed
    0x2,         // kept when it is removed
    0x4,         // compressed
    0x8,         // written at once
    0x40,        // not dumped
    0x80,        // times of access are not kept
    0x400,       // not compressed
    0x4000,      // bytes go to the journal, too
    0x8000,      // its end is not packed
    0x1_0000,    // its names are written at once
    0x2_0000,    // a folder of folders
    0x80_0000,   // not copied on write
    0x200_0000,  // not in the page cache
    0x2000_0000, // the project is inherited
];

/// Flags that a file gets in other ways, and loses when another file takes its place: immutable, append-only,
/// encrypted, sealed by fs-verity.
const OTHERS: u32 = 0x10 | 0x20 | 0x800 | 0x10_0000;

/// What XFS knows beside these, which is not set again: on its device for real time, with a least length of
/// extents (also of copied ones), in streams. They are in the upper half of the flags.
const OF_XFS: u32 = 0x1 | 0x800 | 0x4000 | 0x1_0000;

pub(super) fn of(file: &File) -> Option<u64> {
    let flags = ioctl_getflags(file).ok()?.bits();
    Some(u64::from(of_xfs(file)) << 32 | u64::from(flags))
}

fn of_xfs(file: &File) -> u32 {
    calls::project(file).map_or(0, |found| found.flags & OF_XFS)
}

/// The project of a file; `None` if its file system has none.
pub(super) fn project(file: &File) -> Option<u32> {
    calls::project(file).ok().map(|found| found.project)
}

/// Gives an empty file flags and project.
pub(super) fn give(file: &File, wanted: &Attributes) -> Vec<NotKept> {
    let mut lost = Vec::new();
    if let Some(flags) = wanted.flags
        && !has_flags(file, flags)
    {
        lost.push(NotKept::Flags);
    }
    if let Some(project) = wanted.project
        && !has_project(file, project)
    {
        lost.push(NotKept::Project { was: project });
    }
    lost
}

/// Sets each flag that differs by itself, as the system refuses some to some users. Returns whether all are
/// as wanted.
fn has_flags(file: &File, wanted: u64) -> bool {
    let upper = u32::try_from(wanted >> 32).unwrap_or(0);
    let wanted = u32::try_from(wanted & u64::from(u32::MAX)).unwrap_or(0);
    let now = || ioctl_getflags(file).map_or(0, |flags| flags.bits());
    let given = GIVEN.iter().fold(0, |all, flag| all | flag);
    for flag in GIVEN {
        let current = now();
        if (current ^ wanted) & flag != 0 {
            ioctl_setflags(file, IFlags::from_bits_retain(current ^ flag)).ok();
        }
    }
    let now = now();
    (now ^ wanted) & given == 0 && wanted & OTHERS & !now == 0 && upper & !of_xfs(file) == 0
}

fn has_project(file: &File, wanted: u32) -> bool {
    let Ok(mut found) = calls::project(file) else { return wanted == 0 };
    if found.project == wanted {
        return true;
    }
    found.project = wanted;
    calls::set_project(file, found).is_ok()
}
