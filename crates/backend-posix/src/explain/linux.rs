//! The name and kind of a file system, by its number and by the type of its mount.

use memmap_core::FileSystemKind::{
    self, Layered, Local, Memory, Network, Program, Pseudo, Unknown,
};
use rustix::fs::{AtFlags, CWD, StatxFlags};
use std::fs;
use std::path::Path;
/// File systems by the number that `statfs` reports and the type of their mount. If several share a number,
/// the first one is used when the type is not known.
///
/// # Source
/// statfs(2), and `include/uapi/linux/magic.h` of Linux.
const KNOWN: [(u32, &str, FileSystemKind); 71] = [
    (0xef53, "ext4", Local),
    (0xef53, "ext3", Local),
    (0xef53, "ext2", Local),
    (0x5846_5342, "xfs", Local),
    (0x9123_683e, "btrfs", Local),
    (0x2fc1_2fc1, "zfs", Local),
    (0xf2f5_2010, "f2fs", Local),
    (0xca45_1a4e, "bcachefs", Local),
    (0x3153_464a, "jfs", Local),
    (0x5265_4973, "reiserfs", Local),
    (0x3434, "nilfs2", Local),
    (0x4d44, "vfat", Local),
    (0x4d44, "msdos", Local),
    (0x2011_bab0, "exfat", Local),
    (0x7366_746e, "ntfs3", Local),
    (0x5346_544e, "ntfs", Local),
    (0x4244, "hfs", Local),
    (0x482b, "hfsplus", Local),
    (0x9660, "iso9660", Local),
    (0x1501_3346, "udf", Local),
    (0x7371_7368, "squashfs", Local),
    (0xe0f5_e1e2, "erofs", Local),
    (0x28cd_3d45, "cramfs", Local),
    (0x72b6, "jffs2", Local),
    (0x2405_1905, "ubifs", Local),
    (0x0001_1954, "ufs", Local),
    (0x0102_1994, "tmpfs", Memory),
    (0x0102_1994, "devtmpfs", Memory),
    (0x8584_58f6, "ramfs", Memory),
    (0x9584_58f6, "hugetlbfs", Memory),
    (0x794c_7630, "overlay", Layered),
    (0x6175_6673, "aufs", Layered),
    (0xf15f, "ecryptfs", Layered),
    (0x6969, "nfs", Network),
    (0x6969, "nfs4", Network),
    (0xff53_4d42, "cifs", Network),
    (0xfe53_4d42, "cifs", Network),
    (0xfe53_4d42, "smb3", Network),
    (0x517b, "smbfs", Network),
    (0x0102_1997, "9p", Network),
    (0x00c3_6400, "ceph", Network),
    (0x0bd0_0bd0, "lustre", Network),
    (0x4750_4653, "gpfs", Network),
    (0x1983_0326, "beegfs", Network),
    (0x2003_0528, "pvfs2", Network),
    (0x0116_1970, "gfs2", Network),
    (0x7461_636f, "ocfs2", Network),
    (0x5346_414f, "afs", Network),
    (0x6b41_4653, "afs", Network),
    (0x7375_7245, "coda", Network),
    (0x786f_4256, "vboxsf", Network),
    (0xbacb_acbc, "vmhgfs", Network),
    (0x6573_5546, "fuse", Program),
    (0x6573_5546, "fuseblk", Program),
    // Served by the host of this virtual machine.
    (0x6573_5546, "virtiofs", Network),
    (0x9fa0, "proc", Pseudo),
    (0x6265_6572, "sysfs", Pseudo),
    (0x0027_e0eb, "cgroup", Pseudo),
    (0x6367_7270, "cgroup2", Pseudo),
    (0x6462_6720, "debugfs", Pseudo),
    (0x7472_6163, "tracefs", Pseudo),
    (0x7363_6673, "securityfs", Pseudo),
    (0x6265_6570, "configfs", Pseudo),
    (0xcafe_4a11, "bpf", Pseudo),
    (0xde5e_81e4, "efivarfs", Pseudo),
    (0x4249_4e4d, "binfmt_misc", Pseudo),
    (0x1cd1, "devpts", Pseudo),
    (0x1980_0202, "mqueue", Pseudo),
    (0xf97c_ff8c, "selinuxfs", Pseudo),
    (0x5049_5045, "pipefs", Pseudo),
    (0x534f_434b, "sockfs", Pseudo),
];
/// The name and the kind of the file system that contains `path`.
pub(super) fn name(path: &Path) -> (String, FileSystemKind) {
    let number = rustix::fs::statfs(path).map_or(0, |answer| {
        // 32 bits, in a word whose size and sign differ between machines.
        let bytes = answer.f_type.to_le_bytes();
        bytes.iter().take(4).rev().fold(0, |number, &byte| number << 8 | u32::from(byte))
    });
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let mounted = mount(path).and_then(|id| name_of_mount(&mounts, id));
    named(number, mounted)
}
/// The id of the mount that contains `path`; `None` on Linux before 5.8, which does not report it.
fn mount(path: &Path) -> Option<u64> {
    let answer = rustix::fs::statx(CWD, path, AtFlags::empty(), StatxFlags::MNT_ID).ok()?;
    (answer.stx_mask & StatxFlags::MNT_ID.bits() != 0).then_some(answer.stx_mnt_id)
}
/// The type of a mount: the first word after the dash of its line.
///
/// # Source
/// `proc_pid_mountinfo(5)`.
fn name_of_mount(mounts: &str, id: u64) -> Option<&str> {
    let id = id.to_string();
    let line = mounts.lines().find(|line| line.split(' ').next() == Some(id.as_str()))?;
    line.split_once(" - ")?.1.split(' ').next()
}
/// The name and kind by file system number, or by mount type if that is known.
fn named(number: u32, mounted: Option<&str>) -> (String, FileSystemKind) {
    let by_number = KNOWN.iter().find(|known| known.0 == number);
    let by_name = KNOWN.iter().find(|known| Some(known.1) == mounted);
    let kind = match mounted {
        Some(name) if name.starts_with("fuse.") => Program,
        _ => by_name.or(by_number).map_or(Unknown, |known| known.2),
    };
    let name = mounted.or_else(|| by_number.map(|known| known.1));
    (name.map_or_else(|| format!("{number:#x}"), str::to_owned), kind)
}
#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn a_mount_is_found_by_its_number_whatever_else_its_line_says() {
        let mounts = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw\n\
                      122 22 0:5 / /with\\040-\\040dash rw - fuse.sshfs me@there: rw\n\
                      23 22 0:6 / /a rw shared:2 master:1 - tmpfs none rw\n";
        assert_eq!(name_of_mount(mounts, 22), Some("ext4"));
        assert_eq!(name_of_mount(mounts, 122), Some("fuse.sshfs"));
        assert_eq!(name_of_mount(mounts, 23), Some("tmpfs"));
        assert_eq!(name_of_mount(mounts, 2), None);
        assert_eq!(name_of_mount("22 1", 22), None);
    }
    #[test]
    fn the_mount_says_more_than_the_number_and_the_number_is_enough() {
        for (number, mounted, name, kind) in [
            (0xef53, None, "ext4", Local),
            (0xef53, Some("ext2"), "ext2", Local),
            (0x6573_5546, None, "fuse", Program),
            (0x6573_5546, Some("fuse.sshfs"), "fuse.sshfs", Program),
            (0x6573_5546, Some("virtiofs"), "virtiofs", Network),
            (0x6969, Some("nfs4"), "nfs4", Network),
            (0x9123_683e, None, "btrfs", Local),
            (0x1234, Some("newfs"), "newfs", Unknown),
            (0x1234, None, "0x1234", Unknown),
        ] {
            assert_eq!(named(number, mounted), (name.to_owned(), kind));
        }
    }
    #[test]
    fn no_name_has_two_kinds() {
        for one in KNOWN {
            assert!(KNOWN.iter().all(|other| other.1 != one.1 || other.2 == one.2), "{one:?}");
        }
    }
    #[test]
    fn the_kernels_own_are_known() {
        assert_eq!(name(Path::new("/proc/self/maps")), ("proc".to_owned(), Pseudo));
        assert_eq!(name(Path::new("/sys/kernel")), ("sysfs".to_owned(), Pseudo));
    }
}
