use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::path::Path;

use super::*;
use crate::disk::{Attributes, Disk, LeaseOf, Leased, NotKept, Sectors, Stored, Writers};
use crate::{ErrorKind, Extent, Map, Mapping};

mod cuts;
mod rivals;

fn open(disk: &TestDisk, path: &str) -> TestFile {
    disk.open(Path::new(path), true).unwrap()
}

fn name(name: &str) -> &OsStr {
    OsStr::new(name)
}

#[test]
fn each_call_that_changes_something_is_listed_with_its_number() {
    let disk = TestDisk::new(4);
    disk.put("/file", b"bytes");
    let file = open(&disk, "/file");
    assert_eq!(disk.write_at(&file, b"B", 0).unwrap(), 1);
    disk.sync(&file, false).unwrap();
    disk.set_len(&file, 3).unwrap();
    assert_eq!(disk.read("/file"), b"Byt");
    let calls: Vec<String> = disk.calls().iter().map(ToString::to_string).collect();
    assert_eq!(
        calls,
        ["0 [100] Write /file 1 bytes at 0", "1 [100] Sync /file data", "2 [100] SetLen /file 3"]
    );
    assert_eq!(disk.call_count(), 3);
}

#[test]
fn a_process_that_is_stopped_leaves_what_it_wrote_and_no_lock() {
    let disk = TestDisk::new(4);
    disk.put("/file", b"....");
    let file = open(&disk, "/file");
    assert!(disk.try_lock(&file).unwrap());
    disk.stop_after(1);
    disk.write_at(&file, b"1", 0).unwrap();
    disk.write_at(&file, b"2", 1).unwrap_err();
    disk.facts(&file).unwrap_err();
    disk.open(Path::new("/file"), false).unwrap_err();
    assert!(disk.is_killed());
    assert_eq!(disk.read("/file"), b"1...");
    let next = disk.other_process();
    let again = open(&next, "/file");
    assert!(next.try_lock(&again).unwrap());
    assert_eq!(next.runs(&disk.this_process()), Some(false));
    assert_eq!(disk.runs(&next.this_process()), Some(true));
    assert_eq!(disk.runs(&next.on_host("other").this_process()), None);
    let after = disk.crash(&[]);
    assert_eq!(after.runs(&next.this_process()), Some(false));
}

#[test]
fn a_process_can_end_within_a_write() {
    let disk = TestDisk::new(4);
    disk.put("/file", b"........");
    let file = open(&disk, "/file");
    disk.stop_within(0, 3);
    disk.write_at(&file, b"12345", 1).unwrap_err();
    assert!(disk.is_killed());
    assert_eq!(disk.read("/file"), b".123....");
}

#[test]
fn faults_meet_a_number_a_function_or_a_path_once_or_always() {
    let disk = TestDisk::new(4);
    disk.put("/one", b"....");
    disk.put("/two", b"....");
    let (one, two) = (open(&disk, "/one"), open(&disk, "/two"));
    disk.fail(At::Call(1), DiskFault::Error(io::ErrorKind::StorageFull), Times::Once);
    disk.fail(At::on(CallKind::Write, "two"), DiskFault::Errno(5), Times::Always);
    assert_eq!(disk.write_at(&one, b"1", 0).unwrap(), 1);
    let full = disk.write_at(&one, b"2", 0).unwrap_err();
    assert_eq!(full.kind(), io::ErrorKind::StorageFull);
    for _ in 0..2 {
        assert_eq!(disk.write_at(&two, b"3", 0).unwrap_err().raw_os_error(), Some(5));
    }
    disk.heal();
    disk.write_at(&two, b"3", 0).unwrap();
    disk.fail(At::Kind(CallKind::Write), DiskFault::Short(2), Times::Once);
    assert_eq!(disk.write_at(&one, b"abcd", 0).unwrap(), 2);
    disk.fail(At::Kind(CallKind::Write), DiskFault::Error(io::ErrorKind::Interrupted), Times::Once);
    assert!(disk.write_at(&one, b"abcd", 0).is_err());
    assert_eq!(disk.read("/one"), b"ab..");
    disk.fail(At::Kind(CallKind::Read), DiskFault::Short(1), Times::Once);
    assert_eq!(disk.read_at(&one, &mut [0; 4], 0).unwrap(), 1);
}

#[test]
fn another_program_acts_before_the_selected_call() {
    let disk = TestDisk::new(4);
    disk.put("/file", b"abcd");
    let file = open(&disk, "/file");
    disk.before(At::Kind(CallKind::Write), |other| {
        other.write("/file", 0, b"X");
        other.append("/file", b"Y");
    });
    disk.write_at(&file, b"-", 1).unwrap();
    assert_eq!(disk.read("/file"), b"X-cdY");
    disk.before(At::Call(1), |other| other.replace("/file", b"new"));
    disk.write_at(&file, b"!", 0).unwrap();
    assert_eq!(disk.read("/file"), b"new");
    assert_eq!(disk.facts(&file).unwrap().links, 0);
    disk.before(At::Kind(CallKind::Read), |other| other.cut("/file", 1));
    disk.read_at(&file, &mut [0; 1], 0).unwrap();
    assert_eq!(disk.read("/file"), b"n");
    disk.unlink("/file");
    assert!(!disk.exists("/file"));
}

#[test]
fn numbers_are_given_again_with_another_generation() {
    let disk = TestDisk::new(4);
    disk.put("/file", b"old");
    let old = disk.facts_at("/file");
    disk.unlink("/file");
    disk.settle();
    disk.put("/file", b"new");
    let new = disk.facts_at("/file");
    assert_eq!(old.inode, new.inode);
    assert!(!old.is_same_file(&new));
    disk.set_knows(false, false);
    let unknown = disk.facts_at("/file");
    assert_eq!((unknown.generation, unknown.born), (None, None));
    assert!(old.is_same_file(&unknown), "nothing tells them from each other then");

    let held = open(&disk, "/file");
    disk.unlink("/file");
    disk.settle();
    disk.put("/file", b"newer");
    let newer = disk.facts_at("/file");
    assert_ne!(newer.inode, disk.facts(&held).unwrap().inode, "an open file keeps its number");
}

#[test]
fn the_clock_shows_writes_unless_it_is_held_or_they_are_mapped() {
    let disk = TestDisk::new(4);
    disk.put("/file", b"....");
    let before = disk.facts_at("/file");
    disk.write_mapped("/file", 0, b"m");
    assert!(before.is_same_version(&disk.facts_at("/file")));
    disk.write("/file", 0, b"w");
    let after = disk.facts_at("/file");
    assert!(!before.is_same_version(&after) && after.modified > before.modified);
    disk.hold_clock(true);
    disk.write("/file", 0, b"x");
    assert!(after.is_same_version(&disk.facts_at("/file")));
}

#[test]
fn paths_go_through_links_and_back() {
    let disk = TestDisk::new(4);
    disk.put_folder("/a");
    disk.put_folder("/a/b");
    disk.put("/a/file", b"1");
    disk.put_link("/a/b/up", "../file");
    disk.put_link("/root", "/a/b");
    disk.put_link("/loop", "loop");
    let resolve = |path: &str| disk.resolve(Path::new(path));
    assert_eq!(resolve("/root/up").unwrap(), Path::new("/a/file"));
    assert_eq!(resolve("/root/../file").unwrap(), Path::new("/a/file"));
    assert_eq!(resolve("/root/none").unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(resolve("/a/file/x").unwrap_err().kind(), io::ErrorKind::NotADirectory);
    assert_eq!(resolve("/loop").unwrap_err().to_string(), "too many symbolic links");
    let folder = disk.folder(Path::new("/a/b")).unwrap();
    disk.open_in(&folder, name("up"), false).unwrap_err();
    let link = disk.look_in(&folder, name("up")).unwrap().unwrap();
    assert_eq!(link.kind, crate::disk::NodeKind::Link);
    assert_eq!(disk.look_in(&folder, name("none")).unwrap(), None);
    disk.put_name("/a/file", "/a/second");
    assert_eq!(disk.facts_at("/a/second").links, 2);
}

#[test]
fn a_private_folder_is_made_and_synced_and_another_users_refused() {
    let disk = TestDisk::new(4);
    let path = Path::new("/state/journal");
    let folder = disk.private_folder(path).unwrap();
    assert_eq!(disk.unsynced(), []);
    let file = disk.create(&folder, name("one")).unwrap();
    assert_eq!(disk.create(&folder, name("one")).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(disk.attributes(&file).unwrap().mode, Some(0o600));
    assert_eq!(disk.names(&folder).unwrap(), ["one"]);
    disk.set_not_private(path, Some("it belongs to another user"));
    let error = disk.private_folder(path).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    assert_eq!(error.to_string(), "it belongs to another user");
}

#[test]
fn names_are_moved_exchanged_and_removed_in_one_step() {
    let disk = TestDisk::new(4);
    disk.put("/a", b"1");
    disk.put("/b", b"2");
    let root = disk.folder(Path::new("/")).unwrap();
    disk.exchange(&root, name("a"), name("b")).unwrap();
    assert_eq!((disk.read("/a"), disk.read("/b")), (b"2".to_vec(), b"1".to_vec()));
    let error = disk.rename_new(&root, name("a"), name("b")).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    disk.rename_new(&root, name("a"), name("c")).unwrap();
    disk.rename(&root, name("c"), name("b")).unwrap();
    assert_eq!(disk.list("/"), ["b"]);
    assert_eq!(disk.read("/b"), b"2");
    disk.remove(&root, name("b")).unwrap();
    assert_eq!(disk.remove(&root, name("b")).unwrap_err().kind(), io::ErrorKind::NotFound);
    disk.set_exchanges(false);
    let error = disk.exchange(&root, name("a"), name("b")).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
}

#[test]
fn a_mapping_shows_later_writes_and_misses_what_is_cut_off() {
    let disk = TestDisk::new(4);
    disk.put("/file", b"0123456789ab");
    let map: Map<TestMap> = TestMap::open_on(&disk, Path::new("/file")).unwrap();
    assert_eq!(map.path(), Some(Path::new("/file")));
    disk.write("/file", 0, b"X");
    disk.append("/file", b"more");
    assert_eq!(map.read_at(0, 12).unwrap(), b"X123456789ab");
    assert!(matches!(map.read_at(12, 1).unwrap_err().kind(), ErrorKind::OutOfBounds { .. }));
    disk.cut("/file", 6);
    let error = map.read_at(4, 8).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Truncated { offset: 6, needed: 12, now: 6 }),
        "{error}"
    );
    assert_eq!(map.read_at(4, 2).unwrap(), b"45");
    disk.unlink("/file");
    disk.settle();
    disk.put("/file", b"another");
    assert_eq!(map.read_at(0, 2).unwrap(), b"X1");
    assert_eq!(Stored::facts(map.mapping()).unwrap().unwrap().links, 0);
    let missing = TestMap::open_on(&disk, Path::new("/none")).unwrap_err();
    assert!(matches!(missing.kind(), ErrorKind::NotFound));
}

#[test]
fn a_mapping_tells_holes_and_bytes_that_cannot_be_read() {
    let disk = TestDisk::new(4);
    disk.put("/file", b"0123");
    disk.cut("/file", 12);
    disk.write("/file", 8, b"89ab");
    let map = TestMap::open_on(&disk, Path::new("/file")).unwrap();
    let extents = map.mapping().extents(2, 9).unwrap();
    assert_eq!(extents, [Extent::Data(2..4), Extent::Hole(4..8), Extent::Data(8..11)]);
    let file = open(&disk, "/file");
    assert_eq!(disk.data(&file, 0..100).unwrap(), [0..4, 8..12]);
    disk.set_unreadable("/file", 1..2);
    assert_eq!(map.mapping().next_readable(1), 4);
    let error = map.read_at(0, 8).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Io { offset: 0, .. }), "{error}");
    disk.read_at(&file, &mut [0; 8], 0).unwrap_err();
    disk.write_at(&file, b"x", 0).unwrap();
    disk.read_at(&file, &mut [0; 8], 0).unwrap_err();
    disk.write_at(&file, b"ABCD", 0).unwrap();
    assert_eq!(map.read_at(0, 4).unwrap(), b"ABCD");
}
