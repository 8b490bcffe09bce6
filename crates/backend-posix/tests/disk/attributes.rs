//! What a file has beside its bytes: what writing, a new owner and another user take away, and what is said.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use memmap_core::disk::{Attributes, Disk, NotKept};
use rustix::fs::{IFlags, XattrFlags, fsetxattr};

use super::child::End;
use super::users::{self, OTHERS, USER, as_user, mode};
use super::{DISK, stage, write};

/// Capabilities of a program that may send raw packets: version 2, with the effective bit.
fn capability() -> Vec<u8> {
    [0x0200_0001_u32, 1 << 13, 0, 0, 0].iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn set(file: &File, name: &str, value: &[u8]) {
    fsetxattr(file, name, value, XattrFlags::empty()).unwrap();
}

fn extended(name: &str) -> NotKept {
    NotKept::Extended { name: OsString::from(name) }
}

fn value_of<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a [u8]> {
    let found = attributes.extended.iter().find(|(it, _)| it == name);
    found.map(|(_, value)| &value[..])
}

/// A file with everything that a file can have.
fn decorated(path: &Path) -> File {
    let file = File::create_new(path).unwrap();
    chown(path, Some(1234), Some(4321)).unwrap();
    file.set_permissions(mode(0o4751)).unwrap();
    set(&file, "user.note", b"hello");
    set(&file, "trusted.note", b"secret");
    stage::tool(Command::new("setfacl").args(["-m", "u:4242:r"]).arg(path));
    set(&file, "security.capability", &capability());
    file
}

#[test]
fn everything_that_a_file_has_is_given_to_a_new_one() {
    if !users::is_root() {
        return;
    }
    for kind in ["ext4", "xfs", "btrfs"] {
        let Some(disk) = stage::mounted(kind) else { continue };
        let old = decorated(&disk.path("old"));
        let flags = rustix::fs::ioctl_getflags(&old).unwrap();
        rustix::fs::ioctl_setflags(&old, flags | IFlags::NODUMP | IFlags::NOATIME).unwrap();
        let attributes = DISK.attributes(&old).unwrap();
        assert_eq!(attributes.owner, Some((1234, 4321)), "{kind}");
        assert_eq!(attributes.mode.unwrap() & 0o4701, 0o4701, "{kind}");
        assert_eq!(value_of(&attributes, "security.capability"), Some(&capability()[..]));
        let folder = DISK.folder(disk.point()).unwrap();
        let new = DISK.create(&folder, OsStr::new("new")).unwrap();
        assert_eq!(DISK.give(&new, &attributes).unwrap(), [], "{kind}");
        let mut now = DISK.attributes(&new).unwrap();
        let mut expected = attributes;
        now.extended.sort();
        expected.extended.sort();
        assert_eq!(now, expected, "{kind}");
    }
}

#[test]
fn a_list_that_the_folder_hands_on_is_taken_away() {
    if !users::is_root() {
        return;
    }
    let Some(disk) = stage::mounted("ext4") else { return };
    let old = File::create_new(disk.path("old")).unwrap();
    old.set_permissions(mode(0o640)).unwrap();
    let attributes = DISK.attributes(&old).unwrap();
    let hand_on = ["-d", "-m", "u:4242:rwx"];
    if stage::tool(Command::new("setfacl").args(hand_on).arg(disk.point())).is_none() {
        return;
    }
    let folder = DISK.folder(disk.point()).unwrap();
    let new = DISK.create(&folder, OsStr::new("new")).unwrap();
    assert!(value_of(&DISK.attributes(&new).unwrap(), "system.posix_acl_access").is_some());
    assert_eq!(DISK.give(&new, &attributes).unwrap(), []);
    assert_eq!(DISK.attributes(&new).unwrap(), attributes);
}

#[test]
fn flags_that_only_an_empty_file_takes_and_projects_are_kept() {
    let Some(disk) = stage::mounted("btrfs") else { return };
    let folder = DISK.folder(disk.point()).unwrap();
    for flag in [IFlags::NOCOW, IFlags::COMPRESSED] {
        let old = DISK.create(&folder, OsStr::new("old")).unwrap();
        rustix::fs::ioctl_setflags(&old, flag).unwrap();
        let attributes = DISK.attributes(&old).unwrap();
        let new = DISK.create(&folder, OsStr::new("new")).unwrap();
        assert_eq!(DISK.give(&new, &attributes).unwrap(), []);
        assert!(rustix::fs::ioctl_getflags(&new).unwrap().contains(flag));
        // Too late: the file has bytes.
        let late = DISK.create(&folder, OsStr::new("late")).unwrap();
        write(&late, &[7; 8192], 0).unwrap();
        late.sync_all().unwrap();
        if flag == IFlags::NOCOW {
            assert_eq!(DISK.give(&late, &attributes).unwrap(), [NotKept::Flags]);
        }
        for name in ["old", "new", "late"] {
            DISK.remove(&folder, OsStr::new(name)).unwrap();
        }
    }
    let Some(disk) = stage::mounted("xfs") else { return };
    let old = disk.path("old");
    File::create_new(&old).unwrap();
    let project = ["-c", "chattr -p 77 \"$0\""];
    if stage::tool(Command::new("sh").args(project).arg(&old)).is_none() {
        return;
    }
    let attributes = DISK.attributes(&File::open(&old).unwrap()).unwrap();
    assert_eq!(attributes.project, Some(77));
    let folder = DISK.folder(disk.point()).unwrap();
    let new = DISK.create(&folder, OsStr::new("new")).unwrap();
    assert_eq!(DISK.give(&new, &attributes).unwrap(), []);
    assert_eq!(DISK.attributes(&new).unwrap().project, Some(77));
    // A file system without projects.
    let Some(memory) = stage::mounted("tmpfs") else { return };
    let new = DISK.create(&DISK.folder(memory.point()).unwrap(), OsStr::new("new")).unwrap();
    let lost = DISK.give(&new, &attributes).unwrap();
    assert!(lost.contains(&NotKept::Project { was: 77 }), "{lost:?}");
}

#[test]
fn a_least_length_of_extents_is_not_kept_and_that_is_said() {
    let Some(disk) = stage::mounted("xfs") else { return };
    let old = File::create_new(disk.path("old")).unwrap();
    let mut hint = Command::new("xfs_io");
    if stage::tool(hint.args(["-c", "extsize 65536"]).arg(disk.path("old"))).is_none() {
        return;
    }
    let attributes = DISK.attributes(&old).unwrap();
    let new = DISK.create(&DISK.folder(disk.point()).unwrap(), OsStr::new("new")).unwrap();
    assert_eq!(DISK.give(&new, &attributes).unwrap(), [NotKept::Flags]);
}

#[test]
fn what_is_computed_from_the_bytes_is_not_given_and_that_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let folder = DISK.folder(dir.path()).unwrap();
    let new = DISK.create(&folder, OsStr::new("new")).unwrap();
    let list = ["security.ima", "security.evm", "unknown.space"];
    let attributes = Attributes {
        extended: list.iter().map(|&name| (OsString::from(name), b"x".to_vec())).collect(),
        ..Attributes::default()
    };
    assert_eq!(DISK.give(&new, &attributes).unwrap(), list.map(extended));
    assert_eq!(new.metadata().unwrap().mode() & 0o777, 0o600, "nothing else was asked for");
}

#[test]
fn what_writing_takes_away_is_given_back() {
    if !users::is_root() {
        return;
    }
    for kind in ["ext4", "xfs", "btrfs"] {
        let Some(disk) = stage::mounted(kind) else { continue };
        let path = disk.path("file");
        drop(decorated(&path));
        let file = DISK.open(&path, true).unwrap();
        let before = DISK.attributes(&file).unwrap();
        write(&file, b"y", 9).unwrap();
        let after = DISK.attributes(&file).unwrap();
        // The claim is not empty.
        assert_eq!(value_of(&after, "security.capability"), None, "{kind}");
        assert_eq!(DISK.give_back(&file, &before).unwrap(), [], "{kind}");
        let mut now = DISK.attributes(&file).unwrap();
        let mut expected = before;
        now.extended.sort();
        expected.extended.sort();
        assert_eq!(now, expected, "{kind}");
    }
}

#[test]
fn a_user_gets_back_what_that_user_may_set_and_hears_of_the_rest() {
    if !users::is_root() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), mode(0o777)).unwrap();
    let path = dir.path().join("file");
    File::create_new(&path).unwrap();
    // The own file with another group; then another user's file that anybody may write to.
    for (owner, group, bits, lost) in [
        (USER, USER, 0o6777, vec![]),
        (USER, OTHERS, 0o6777, vec![NotKept::Mode { was: 0o6777 }]),
        (OTHERS, USER, 0o4777, vec![NotKept::Mode { was: 0o4777 }]),
    ] {
        chown(&path, Some(owner), Some(group)).unwrap();
        fs::set_permissions(&path, mode(bits)).unwrap();
        let end = as_user(|| {
            let file = DISK.open(&path, true).unwrap();
            let before = DISK.attributes(&file).unwrap();
            write(&file, b"z", 9).unwrap();
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o4000, 0);
            i32::from(DISK.give_back(&file, &before).unwrap() != lost)
        });
        assert_eq!(end, Some(End::Code(0)), "{owner} {group}");
    }
    chown(&path, Some(USER), Some(USER)).unwrap();
    set(&File::open(&path).unwrap(), "security.capability", &capability());
    let end = as_user(|| {
        let file = DISK.open(&path, true).unwrap();
        let before = DISK.attributes(&file).unwrap();
        write(&file, b"z", 9).unwrap();
        let lost = DISK.give_back(&file, &before).unwrap();
        i32::from(lost != [extended("security.capability")])
    });
    assert_eq!(end, Some(End::Code(0)));
}

#[test]
fn bits_that_others_took_away_meanwhile_stay_away() {
    let dir = tempfile::tempdir().unwrap();
    let folder = DISK.folder(dir.path()).unwrap();
    let file = DISK.create(&folder, OsStr::new("file")).unwrap();
    file.set_permissions(mode(0o4755)).unwrap();
    let before = DISK.attributes(&file).unwrap();
    file.set_permissions(mode(0o700)).unwrap();
    assert_eq!(DISK.give_back(&file, &before).unwrap(), []);
    assert_eq!(file.metadata().unwrap().mode() & 0o7777, 0o4700);
}

#[test]
fn what_a_user_may_not_give_is_said_and_grants_nobody_more() {
    if !users::is_root() {
        return;
    }
    let Some(disk) = stage::mounted("ext4") else { return };
    fs::set_permissions(disk.point(), mode(0o777)).unwrap();
    let old = decorated(&disk.path("old"));
    old.set_permissions(mode(0o4775)).unwrap();
    set(&old, "security.capability", &capability());
    let attributes = DISK.attributes(&old).unwrap();
    let has_list = value_of(&attributes, "system.posix_acl_access").is_some();
    let end = as_user(|| {
        let folder = DISK.folder(disk.point()).unwrap();
        let new = DISK.create(&folder, OsStr::new("new")).unwrap();
        let lost = DISK.give(&new, &attributes).unwrap();
        assert!(lost.contains(&NotKept::Owner { was: (1234, 4321) }), "{lost:?}");
        assert!(lost.contains(&NotKept::Mode { was: 0o4775 }), "{lost:?}");
        assert!(lost.contains(&extended("security.capability")), "{lost:?}");
        assert!(lost.contains(&extended("trusted.note")), "{lost:?}");
        assert_eq!(lost.contains(&extended("system.posix_acl_access")), has_list, "{lost:?}");
        assert_eq!(value_of(&DISK.attributes(&new).unwrap(), "user.note"), Some(&b"hello"[..]));
        i32::from(new.metadata().unwrap().mode() & 0o7777 != 0o705)
    });
    assert_eq!(end, Some(End::Code(0)));
}

/// Only those may set an attribute `user.*` who may write to the file, whoever owns it.
#[test]
fn a_file_that_nobody_may_write_to_keeps_its_attributes() {
    if !users::is_root() {
        return;
    }
    let Some(disk) = stage::mounted("ext4") else { return };
    fs::set_permissions(disk.point(), mode(0o777)).unwrap();
    let end = as_user(|| {
        let folder = DISK.folder(disk.point()).unwrap();
        let old = DISK.create(&folder, OsStr::new("old")).unwrap();
        set(&old, "user.note", b"hello");
        old.set_permissions(mode(0o444)).unwrap();
        let attributes = DISK.attributes(&old).unwrap();
        let new = DISK.create(&folder, OsStr::new("new")).unwrap();
        assert_eq!(DISK.give(&new, &attributes).unwrap(), []);
        i32::from(DISK.attributes(&new).unwrap() != attributes)
    });
    assert_eq!(end, Some(End::Code(0)));
}
