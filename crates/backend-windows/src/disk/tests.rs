use std::io::ErrorKind;

use memmap_core::disk::{NodeKind, Stored};

use super::*;
use crate::Live;

const DISK: WindowsDisk = WindowsDisk;

fn name(text: &str) -> &OsStr {
    OsStr::new(text)
}

#[test]
fn names_are_made_replaced_and_removed_in_their_folder() {
    let dir = tempfile::tempdir().unwrap();
    let folder = DISK.private_folder(&dir.path().join("a/b")).unwrap();
    let file = DISK.create(&folder, name("one")).unwrap();
    assert_eq!(DISK.write_at(&file, b"bytes", 3).unwrap(), 5);
    DISK.sync(&file, true).unwrap();
    DISK.sync_folder(&folder).unwrap();
    assert_eq!(DISK.create(&folder, name("one")).unwrap_err().kind(), ErrorKind::AlreadyExists);
    drop(file);
    DISK.rename_new(&folder, name("one"), name("two")).unwrap();
    drop(DISK.create(&folder, name("one")).unwrap());
    let error = DISK.rename_new(&folder, name("one"), name("two")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{error}");
    DISK.rename(&folder, name("one"), name("three")).unwrap();
    let mut names = DISK.names(&folder).unwrap();
    names.sort();
    assert_eq!(names, ["three", "two"]);
    let file = DISK.open_in(&folder, name("two"), false).unwrap();
    let mut bytes = [0; 16];
    assert_eq!(DISK.read_at(&file, &mut bytes, 3).unwrap(), 5);
    assert_eq!(&bytes[..5], b"bytes");
    assert_eq!(DISK.read_at(&file, &mut bytes, 8).unwrap(), 0);
    drop(file);
    DISK.remove(&folder, name("two")).unwrap();
    assert_eq!(DISK.look_in(&folder, name("two")).unwrap(), None);
    for bad in ["", ".", "..", r"a\b", "a/b", "two:stream", "a/"] {
        let error = DISK.create(&folder, name(bad)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{bad}");
    }
    let error = DISK.exchange(&folder, name("three"), name("two")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[test]
fn a_file_is_the_same_by_its_name_its_handle_and_its_map() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, "bytes").unwrap();
    let found = DISK.look(&path).unwrap();
    assert_eq!((found.kind, found.len), (NodeKind::File, 5));
    let file = DISK.open(&path, true).unwrap();
    assert!(DISK.facts(&file).unwrap().is_same_file(&found));
    let map = <Live as Stored>::open_on(&DISK, &path).unwrap();
    assert!(map.mapping().facts().unwrap().unwrap().is_same_file(&found));
    fs::write(dir.path().join("other"), "bytes").unwrap();
    assert!(!DISK.look(&dir.path().join("other")).unwrap().is_same_file(&found));
    assert_eq!(DISK.look(dir.path()).unwrap().kind, NodeKind::Folder);
    assert_eq!(DISK.look(&dir.path().join("none")).unwrap_err().kind(), ErrorKind::NotFound);
    assert!(DISK.try_lock(&file).unwrap());
    assert!(!DISK.try_lock(&DISK.open(&path, true).unwrap()).unwrap());
}

#[test]
fn what_is_not_handed_on_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, "bytes").unwrap();
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    assert!(DISK.look(&path).unwrap().is_read_only);
    let attributes = DISK.attributes(&DISK.open(&path, false).unwrap()).unwrap();
    let folder = DISK.folder(dir.path()).unwrap();
    let new = DISK.create(&folder, name("new")).unwrap();
    assert_eq!(DISK.give(&new, &attributes).unwrap(), [NotKept::Unseen]);
    assert!(new.metadata().unwrap().permissions().readonly());
    let hidden = Attributes { flags: Some(2), ..Attributes::default() };
    assert_eq!(DISK.give(&new, &hidden).unwrap(), [NotKept::Unseen, NotKept::Flags]);
}

#[test]
fn nothing_that_this_system_lacks_is_said_to_be_there() {
    let dir = tempfile::tempdir().unwrap();
    let folder = DISK.folder(dir.path()).unwrap();
    let file = DISK.create(&folder, name("file")).unwrap();
    DISK.write_at(&file, &[7; 4096], 0).unwrap();
    assert!(matches!(DISK.lease(&file), LeaseOf::Unknown));
    assert_eq!(DISK.writers(&file), Writers::Unknown);
    assert_eq!(DISK.share(&file, 0..4096, &file, 4096).unwrap(), 0);
    let room = DISK.room(&file, &[0..4096, 8192..12288]).unwrap();
    assert!(!room.can_be_made_sure && room.holes >= 4096 && room.holes + room.copied == 8192);
    assert_eq!(DISK.data(&file, 4096..u64::MAX).unwrap(), []);
    for refused in [
        DISK.make_room(&file, &[]),
        DISK.reserve(&file, 9),
        DISK.open_device(dir.path()).map(drop),
        DISK.copy(&file, 0..9, &file, 9).map(drop),
    ] {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unsupported);
    }
    let this = DISK.this_process();
    assert_eq!(DISK.runs(&this), Some(true));
    assert_eq!(DISK.runs(&Process { id: this.id + 1, ..this }), None);
}
