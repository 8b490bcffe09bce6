//! Replacing a file whose attributes this user may not give to the new one.
#![cfg(target_os = "linux")]
#![expect(clippy::print_stdout, reason = "it says what this machine cannot do")]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::ptr;

use memmap_core::{Error, ErrorKind, Files, Map, Mode, Obstacle, Progress, testing::Fake};
use memmap_posix::{Live, Posix};

#[path = "kit/child.rs"]
mod child;

use child::{End, in_a_child};

/// A user, and a group that this user is not a member of. Neither needs to have a name.
const USER: u32 = 4242;
const OTHERS: u32 = 4243;

/// Becomes that user, without other groups and privileges.
fn become_user() {
    // SAFETY: with a length of 0 the pointer is not read.
    assert_eq!(unsafe { libc::setgroups(0, ptr::null()) }, 0);
    // SAFETY: the call takes a number.
    assert_eq!(unsafe { libc::setgid(USER) }, 0);
    // SAFETY: the call takes a number.
    assert_eq!(unsafe { libc::setuid(USER) }, 0);
}

#[test]
fn a_group_that_cannot_be_kept_leaves_its_rights_to_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    let owned_by = |user, group| {
        fs::write(&path, [7; 100]).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
        chown(&path, Some(user), Some(group))
    };
    if owned_by(USER, OTHERS).is_err() {
        return println!("skipped: only root gives files to others");
    }
    fs::set_permissions(dir.path(), Permissions::from_mode(0o777)).unwrap();
    let by_map = || drop(Map::<Live>::options().mode(Mode::Create).len(9).open(&path).unwrap());
    let by_save =
        || Map::from_mapping(Fake::new(b"bytes")).replace_file(&path, &Progress::new()).unwrap();
    let ways: [&dyn Fn(); 2] = [&by_map, &by_save];
    for replace in ways {
        // First this user's file with another group, then another user's file with this user's group.
        for (user, group, expected) in [(USER, OTHERS, 0o606), (OTHERS, USER, 0o666)] {
            fs::remove_file(&path).unwrap();
            owned_by(user, group).unwrap();
            let end = in_a_child(|| {
                become_user();
                replace();
                0
            });
            assert_eq!(end, End::Code(0));
            let found = fs::metadata(&path).unwrap();
            assert_eq!((found.uid(), found.gid()), (USER, USER));
            assert_eq!(found.mode() & 0o7777, expected, "{user} {group}");
        }
        // Root can keep everything.
        fs::remove_file(&path).unwrap();
        owned_by(USER, OTHERS).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o2640)).unwrap();
        replace();
        let found = fs::metadata(&path).unwrap();
        assert_eq!((found.uid(), found.gid(), found.mode() & 0o7777), (USER, OTHERS, 0o2640));
    }
}

#[test]
fn a_directory_that_lets_this_user_replace_nothing_says_why_and_in_place_works() {
    for (bits, expected) in [(0o1777, Obstacle::StickyDirectory), (0o755, Obstacle::NoPermission)] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, [7; 100]).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
        fs::set_permissions(dir.path(), Permissions::from_mode(bits)).unwrap();
        if chown(&path, Some(OTHERS), Some(OTHERS)).is_err() {
            return println!("skipped: only root gives files to others");
        }
        let making = || Map::<Live>::options().mode(Mode::Create).len(9);
        let end = in_a_child(|| {
            become_user();
            let ram = Map::from_mapping(Fake::new(b"bytes"));
            let explanation = memmap_core::explain(&Files::new(Posix), &path).unwrap();
            let refused = explanation.verdict(Mode::Create).unwrap().refusal().unwrap();
            let is_it = |error: &Error| matches!(*error.kind(), ErrorKind::CannotCreate { reason, .. } if reason == expected);
            let all = is_it(refused)
                && is_it(&making().open(&path).unwrap_err())
                && is_it(&ram.replace_file(&path, &Progress::new()).unwrap_err());
            drop(making().in_place(true).open(&path).unwrap());
            i32::from(!all)
        });
        assert_eq!(end, End::Code(0), "{expected:?}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert_eq!(fs::read(&path).unwrap(), [0; 9]);
        assert_eq!(fs::metadata(&path).unwrap().uid(), OTHERS);
    }
}
