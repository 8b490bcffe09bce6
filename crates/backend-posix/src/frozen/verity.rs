//! fs-verity: files that their file system refuses to change, and verifies as it reads them.

use std::fs::File;

use rustix::fs::{AtFlags, StatxAttributes, StatxFlags};

/// Whether the file system says so and is one that is known to keep it: a file system in user space
/// can say anything.
///
/// # Source
/// statx(2), `STATX_ATTR_VERITY`; `Documentation/filesystems/fsverity.rst` of Linux.
pub(super) fn holds(file: &File) -> Result<(), String> {
    /// ext4, f2fs, btrfs: statfs(2).
    const KEEPERS: [rustix::fs::FsWord; 3] = [0xEF53, 0xF2F5_2010, 0x9123_683E];
    let magic = rustix::fs::fstatfs(file).map(|fs| fs.f_type);
    if !magic.is_ok_and(|magic| KEEPERS.contains(&magic)) {
        return Err("only ext4, f2fs and btrfs keep it, and the file is on none of them".to_owned());
    }
    let found = rustix::fs::statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::BASIC_STATS)
        .map_err(|errno| format!("the file cannot be looked at: {errno}"))?;
    let verity = StatxAttributes::VERITY;
    if found.stx_attributes_mask.contains(verity) && found.stx_attributes.contains(verity) {
        Ok(())
    } else {
        Err("it is not turned on for this file; `fsverity enable` does that".to_owned())
    }
}
