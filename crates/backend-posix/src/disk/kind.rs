//! File systems that saving treats in their own way, by the number of statfs(2).

use std::fs::File;
use std::path::Path;

/// A file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// ext2, ext3, ext4: blocks are overwritten in place.
    Ext,
    /// Overwritten in place, unless blocks are shared.
    Xfs,
    /// Copied when written, unless a flag of the file forbids it.
    Btrfs,
    /// zfs, bcachefs, nilfs2: copied when written.
    Copying,
    /// f2fs, which writes elsewhere and keeps room for that.
    F2fs,
    /// tmpfs, ramfs, hugetlbfs.
    Memory,
    /// overlayfs: files are on other file systems.
    Layered,
    /// Any other.
    Other,
}

/// The kind of the file system that holds an open file.
pub(super) fn of(file: &File) -> Kind {
    rustix::fs::fstatfs(file).map_or(Kind::Other, |found| named(found.f_type))
}

/// The kind of the file system that holds what is at a path.
pub(super) fn at(path: &Path) -> Kind {
    rustix::fs::statfs(path).map_or(Kind::Other, |found| named(found.f_type))
}

fn named(number: rustix::fs::FsWord) -> Kind {
    match number {
        0xef53 => Kind::Ext,
        0x5846_5342 => Kind::Xfs,
        0x9123_683e => Kind::Btrfs,
        0x2fc1_2fc1 | 0xca45_1a4e | 0x3434 => Kind::Copying,
        0xf2f5_2010 => Kind::F2fs,
        0x0102_1994 | 0x8584_58f6 | 0x9584_58f6 => Kind::Memory,
        0x794c_7630 => Kind::Layered,
        _ => Kind::Other,
    }
}
