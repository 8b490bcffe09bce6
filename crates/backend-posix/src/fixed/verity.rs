//! fs-verity: the file system makes a file read-only, and verifies its bytes when they are read.

use std::fs::File;

use rustix::fs::{AtFlags, FsWord, StatxAttributes, StatxFlags};

/// Checks that a file has the verity attribute, and that its file system is known to honour it: a file system in
/// user space can report any attribute.
///
/// # Source
/// statx(2), `STATX_ATTR_VERITY`; `Documentation/filesystems/fsverity.rst` of Linux.
pub(super) fn holds(file: &File) -> Result<(), String> {
    let magic = rustix::fs::fstatfs(file).map(|fs| fs.f_type).ok();
    let found = rustix::fs::statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::BASIC_STATS)
        .map_err(|errno| super::cache::cannot_stat(&errno.into()))?;
    decide(magic, found.stx_attributes.intersection(found.stx_attributes_mask))
}

/// The decision, by the number of the file system and the attributes that it reports.
fn decide(magic: Option<FsWord>, attributes: StatxAttributes) -> Result<(), String> {
    /// ext4, f2fs, btrfs: statfs(2).
    const KEEPERS: [FsWord; 3] = [0xEF53, 0xF2F5_2010, 0x9123_683E];
    if !magic.is_some_and(|magic| KEEPERS.contains(&magic)) {
        return Err(
            "only ext4, f2fs and btrfs support it, and the file is on none of them".to_owned()
        );
    }
    if attributes.contains(StatxAttributes::VERITY) {
        Ok(())
    } else {
        Err("it is not enabled for this file; enable it with `fsverity enable`".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verity_is_believed_of_file_systems_that_keep_it_and_of_no_other() {
        const ON: StatxAttributes = StatxAttributes::VERITY;
        for keeper in [0xEF53, 0xF2F5_2010, 0x9123_683E] {
            assert_eq!(decide(Some(keeper), ON), Ok(()));
            let off = decide(Some(keeper), ON.complement()).unwrap_err();
            assert!(off.contains("not enabled"), "{off}");
        }
        // FUSE, overlayfs, tmpfs, NFS, xfs, and a file system without a number.
        for other in [0x6573_5546, 0x794C_7630, 0x0102_1994, 0x6969, 0x5846_5342, 0] {
            assert!(decide(Some(other), ON).unwrap_err().contains("on none of them"));
        }
        assert!(decide(None, ON).unwrap_err().contains("on none of them"));
    }

    #[test]
    fn a_file_is_asked_for_what_it_has() {
        let file = tempfile::tempfile().unwrap();
        assert!(holds(&file).is_err());
    }
}
