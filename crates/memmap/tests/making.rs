//! Files that are replaced, and files that are emptied and filled anew in their place.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]
#![expect(clippy::print_stdout, reason = "it says what this machine cannot do")]

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use memmap::{ErrorKind, MapOptions, MemMap, Mode, Progress, RamMap, plugin::Op};
use memmap_core::testing::{FakeBackend, Fault};
use rustix::fs::{XattrFlags, fgetxattr, fremovexattr, fsetxattr};

fn names_in(dir: &Path) -> Vec<String> {
    let names = fs::read_dir(dir).unwrap().map(|it| it.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

fn making(len: u64) -> MapOptions {
    MemMap::options().mode(Mode::Create).len(len)
}

#[test]
fn in_place_it_stays_the_same_file_under_all_its_names() {
    let dir = tempfile::tempdir().unwrap();
    let (path, link) = (dir.path().join("file"), dir.path().join("link"));
    for (offset, len, sparse) in
        [(0, 10, false), (4099, 5000, false), (3, 70_000, true), (0, 0, false)]
    {
        fs::write(&path, vec![7; 20_000]).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        fs::hard_link(&path, &link).unwrap();
        let before = fs::metadata(&path).unwrap();
        let other = MemMap::open(&link, Mode::Read).unwrap();
        let options = making(len).offset(offset).in_place(true).sparse(sparse);
        let head = if offset > 0 { &b"abc"[..] } else { &[] };
        let mut map = options.permissions(0o600).head(head).open(&path).unwrap();
        map.fill_range(.., 9).unwrap();
        let mut expected = head.to_vec();
        expected.resize(usize::try_from(offset).unwrap(), 0);
        expected.resize(usize::try_from(offset + len).unwrap(), 9);
        assert!(fs::read(&link).unwrap() == expected);
        let after = fs::metadata(&path).unwrap();
        assert_eq!((after.ino(), after.nlink()), (before.ino(), 2));
        assert_eq!(after.permissions(), before.permissions());
        if offset + len < 8192 {
            let error = other.read_at(19_999, 1).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Truncated { .. }), "{error:?}");
        }
        map.close().unwrap();
        assert_eq!(names_in(dir.path()), ["file", "link"]);
        fs::remove_file(&link).unwrap();
    }
    // Where there is no file, one is made.
    fs::remove_file(&path).unwrap();
    let map = making(10).in_place(true).permissions(0o600).open(&path).unwrap();
    assert_eq!(map.read_at(0, 10).unwrap(), [0; 10]);
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
}

#[test]
fn a_file_that_cannot_be_refilled_keeps_its_bytes_or_the_error_says_that_they_are_gone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, [7; 100]).unwrap();
    let error = making(1 << 43).in_place(true).open(&path).unwrap_err();
    let ErrorKind::StorageFull { needed, free, .. } = *error.kind() else { panic!("{error:?}") };
    assert!(needed == 1 << 43 && free < needed && error.op() == Op::Create);
    // More than there are addresses for.
    let error = making(1 << 50).sparse(true).in_place(true).open(&path).unwrap_err();
    assert_eq!(error.op(), Op::Map, "{error:?}");
    let error = making(2).head(*b"abc").in_place(true).open(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidOptions { .. }));
    for options in [
        making(2).create_new(true).in_place(true),
        MemMap::options().mode(Mode::ReadWrite).in_place(true),
    ] {
        let error = options.open(&path).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidOptions { .. }), "{error:?}");
    }
    assert_eq!(fs::read(&path).unwrap(), [7; 100]);

    let failing = FakeBackend::default().with(Fault::Extend(std::io::ErrorKind::Other));
    let options = MapOptions::new(memmap_core::Files::new(failing)).mode(Mode::Create).len(10);
    let error = options.clone().in_place(true).open(&path).unwrap_err();
    assert_eq!(error.op(), Op::Refill);
    assert!(error.to_string().starts_with("cannot refill the emptied file \""), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"");
    fs::write(&path, [7; 100]).unwrap();
    assert_eq!(options.open(&path).unwrap_err().op(), Op::Create);
    assert_eq!(fs::read(&path).unwrap(), [7; 100]);
}

const ACCESS_LIST: &str = "system.posix_acl_access";

/// An access list: who, and how much (acl(5), `include/uapi/linux/posix_acl_xattr.h`).
fn access_list(entries: &[(u16, u16, u32)]) -> Vec<u8> {
    let mut list = 2_u32.to_le_bytes().to_vec();
    for &(tag, bits, id) in entries {
        list.extend(tag.to_le_bytes());
        list.extend(bits.to_le_bytes());
        list.extend(id.to_le_bytes());
    }
    list
}

const NOBODY: u32 = u32::MAX;

/// The owner reads and writes, a certain user reads and writes, the group and others nothing.
fn one_user_more() -> Vec<u8> {
    access_list(&[(1, 6, NOBODY), (2, 6, 4242), (4, 0, NOBODY), (16, 6, NOBODY), (32, 0, NOBODY)])
}

fn attribute(path: &Path, name: &str) -> Option<Vec<u8>> {
    let mut value = [0; 4096];
    let len = fgetxattr(File::open(path).unwrap(), name, &mut value[..]).ok()?;
    Some(value[..len].to_vec())
}

#[test]
fn attributes_and_access_lists_are_handed_on_to_the_file_that_replaces() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, [7; 100]).unwrap();
    let file = File::open(&path).unwrap();
    let has_attributes = fsetxattr(&file, "user.note", b"kept", XattrFlags::empty()).is_ok();
    let has_lists = fsetxattr(&file, ACCESS_LIST, &one_user_more(), XattrFlags::empty()).is_ok();
    if !has_attributes && !has_lists {
        return println!("skipped: this file system has no attributes");
    }
    let before = fs::metadata(&path).unwrap();
    let by_map = || drop(making(10).open(&path).unwrap());
    let by_save = || RamMap::new(10).unwrap().replace_file(&path, &Progress::new()).unwrap();
    let ways: [&dyn Fn(); 2] = [&by_map, &by_save];
    for (index, make) in ways.into_iter().enumerate() {
        make();
        let after = fs::metadata(&path).unwrap();
        assert_ne!(after.ino(), before.ino(), "{index}");
        assert_eq!(
            (after.mode(), after.uid(), after.gid()),
            (before.mode(), before.uid(), before.gid())
        );
        if has_attributes {
            assert_eq!(attribute(&path, "user.note").unwrap(), b"kept", "{index}");
        }
        if has_lists {
            assert_eq!(attribute(&path, ACCESS_LIST).unwrap(), one_user_more(), "{index}");
        }
    }
}

#[test]
fn what_the_directory_gives_to_new_files_is_not_given_to_one_that_replaces() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, [7; 100]).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o660)).unwrap();
    let directory = File::open(dir.path()).unwrap();
    let list = "system.posix_acl_default";
    if fsetxattr(&directory, list, &one_user_more(), XattrFlags::empty()).is_err() {
        return println!("skipped: this file system has no access lists");
    }
    drop(making(10).open(&path).unwrap());
    assert_eq!(attribute(&path, ACCESS_LIST), None);
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o660);
    RamMap::new(10).unwrap().replace_file(&path, &Progress::new()).unwrap();
    assert_eq!(attribute(&path, ACCESS_LIST), None);
    // A new name has what the directory gives.
    drop(making(10).open(dir.path().join("new")).unwrap());
    assert!(attribute(&dir.path().join("new"), ACCESS_LIST).is_some());
    fremovexattr(&directory, list).unwrap();
}
