//! Power cuts.

use super::*;

/// What a file can be after a power cut; `None`: it is not there.
fn outcomes(disk: &TestDisk, path: &str) -> BTreeSet<Option<Vec<u8>>> {
    let crashes = disk.crashes(10_000, 1);
    assert!(crashes.is_complete());
    crashes.map(|after| after.exists(path).then(|| after.read(path))).collect()
}

fn some(all: &[&[u8]]) -> BTreeSet<Option<Vec<u8>>> {
    all.iter().map(|bytes| Some(bytes.to_vec())).collect()
}

#[test]
fn sectors_are_independent_until_they_are_synced() {
    let disk = TestDisk::new(2);
    disk.put("/file", b"aabb");
    let file = open(&disk, "/file");
    disk.write_at(&file, b"AABB", 0).unwrap();
    assert_eq!(outcomes(&disk, "/file"), some(&[b"aabb", b"AAbb", b"aaBB", b"AABB"]));
    disk.sync(&file, false).unwrap();
    assert_eq!(outcomes(&disk, "/file"), some(&[b"AABB"]));
}

#[test]
fn each_version_of_a_sector_may_be_the_durable_one() {
    let disk = TestDisk::new(2);
    disk.put("/file", b"..");
    let file = open(&disk, "/file");
    disk.write_at(&file, b"1", 0).unwrap();
    disk.write_at(&file, b"2", 1).unwrap();
    assert_eq!(outcomes(&disk, "/file"), some(&[b"..", b"1.", b"12"]));
}

#[test]
fn a_length_may_be_durable_without_the_bytes_and_they_are_zeros() {
    let disk = TestDisk::new(2);
    disk.put("/file", b"ab");
    let file = open(&disk, "/file");
    disk.write_at(&file, b"cd", 2).unwrap();
    assert_eq!(outcomes(&disk, "/file"), some(&[b"ab", b"ab\0\0", b"abcd"]));
    disk.sync(&file, false).unwrap();
    assert!(outcomes(&disk, "/file").contains(&Some(b"ab".to_vec())), "the length was not synced");
    disk.sync(&file, true).unwrap();
    assert_eq!(outcomes(&disk, "/file"), some(&[b"abcd"]));
}

#[test]
fn bytes_that_were_cut_off_do_not_come_back() {
    let disk = TestDisk::new(2);
    disk.put("/file", b"abcd");
    let file = open(&disk, "/file");
    disk.write_at(&file, b"CD", 2).unwrap();
    disk.set_len(&file, 1).unwrap();
    disk.set_len(&file, 4).unwrap();
    let all = some(&[b"abcd", b"abCD", b"a", b"a\0\0\0"]);
    assert_eq!(outcomes(&disk, "/file"), all);
    disk.sync(&file, true).unwrap();
    assert_eq!(outcomes(&disk, "/file"), some(&[b"a\0\0\0"]));
}

#[test]
fn a_new_file_may_be_gone_or_empty() {
    let disk = TestDisk::new(2);
    let root = disk.folder(Path::new("/")).unwrap();
    let file = disk.create(&root, name("new")).unwrap();
    disk.write_at(&file, b"ab", 0).unwrap();
    let mut all = some(&[b"", b"\0\0", b"ab"]);
    all.insert(None);
    assert_eq!(outcomes(&disk, "/new"), all);
    disk.sync(&file, true).unwrap();
    let either = BTreeSet::from([None, Some(b"ab".to_vec())]);
    assert_eq!(outcomes(&disk, "/new"), either, "its name was not synced");
    disk.sync_folder(&root).unwrap();
    assert_eq!(outcomes(&disk, "/new"), some(&[b"ab"]));
}

#[test]
fn a_renamed_name_may_be_durable_while_the_bytes_are_not() {
    let disk = TestDisk::new(2);
    disk.put("/file", b"old");
    let root = disk.folder(Path::new("/")).unwrap();
    let file = disk.create(&root, name("tmp")).unwrap();
    disk.write_at(&file, b"new", 0).unwrap();
    disk.rename(&root, name("tmp"), name("file")).unwrap();
    let found = outcomes(&disk, "/file");
    let empty = Some(Vec::new());
    assert!(found.contains(&empty) && found.contains(&Some(b"old".to_vec())), "{found:?}");
    disk.sync_folder(&root).unwrap();
    assert!(outcomes(&disk, "/file").contains(&empty), "the names were synced, not the bytes");
}

#[test]
fn an_exchange_is_durable_as_a_whole_or_not_at_all() {
    let disk = TestDisk::new(4);
    disk.put("/a", b"1");
    disk.put("/b", b"2");
    let root = disk.folder(Path::new("/")).unwrap();
    disk.exchange(&root, name("a"), name("b")).unwrap();
    let both: BTreeSet<_> =
        disk.crashes(10, 1).map(|after| (after.read("/a"), after.read("/b"))).collect();
    let (one, two) = (b"1".to_vec(), b"2".to_vec());
    assert_eq!(both, BTreeSet::from([(one.clone(), two.clone()), (two, one)]));
}

#[test]
fn a_failed_sync_is_followed_by_one_that_says_that_all_is_well() {
    let disk = TestDisk::new(4);
    disk.put("/file", b"old.");
    let file = open(&disk, "/file");
    disk.write_at(&file, b"new", 0).unwrap();
    disk.fail(At::Kind(CallKind::Sync), DiskFault::Errno(5), Times::Once);
    disk.sync(&file, false).unwrap_err();
    disk.sync(&file, false).unwrap();
    assert_eq!(disk.read("/file"), b"new.");
    assert!(outcomes(&disk, "/file").contains(&Some(b"old.".to_vec())));
    disk.write_at(&file, b"new", 0).unwrap();
    disk.sync(&file, false).unwrap();
    assert_eq!(outcomes(&disk, "/file"), some(&[b"new."]), "written anew, it is dirty again");

    let root = disk.folder(Path::new("/")).unwrap();
    disk.rename(&root, name("file"), name("other")).unwrap();
    disk.fail(At::Kind(CallKind::SyncFolder), DiskFault::Errno(5), Times::Once);
    disk.sync_folder(&root).unwrap_err();
    disk.sync_folder(&root).unwrap();
    assert!(outcomes(&disk, "/other").contains(&None));
}

#[test]
fn many_power_cuts_are_drawn_and_the_extremes_are_among_them() {
    let disk = TestDisk::new(1);
    disk.put("/file", &[b'.'; 40]);
    let file = open(&disk, "/file");
    disk.write_at(&file, &[b'x'; 40], 0).unwrap();
    assert_eq!(disk.unsynced().len(), 40);
    let crashes = disk.crashes(50, 7);
    assert!(!crashes.is_complete());
    let found: BTreeSet<Vec<u8>> = crashes.map(|after| after.read("/file")).collect();
    assert!(found.contains(&vec![b'.'; 40]) && found.contains(&vec![b'x'; 40]));
    assert!(found.len() > 20);
    let again: BTreeSet<Vec<u8>> = disk.crashes(50, 7).map(|after| after.read("/file")).collect();
    assert_eq!(found, again, "the same seed draws the same");
}

#[test]
fn a_disk_after_a_power_cut_is_another_start_of_the_same_host() {
    let disk = TestDisk::new(4);
    disk.put("/file", b"....");
    let file = open(&disk, "/file");
    assert!(disk.try_lock(&file).unwrap());
    disk.write_at(&file, b"x", 0).unwrap();
    let after = disk.crash(&[1]);
    assert_eq!(after.read("/file"), b"x...");
    let held = after.open(Path::new("/file"), true).unwrap();
    assert!(after.try_lock(&held).unwrap());
    assert!(disk.facts_at("/file").is_same_file_later(&after.facts_at("/file")));
    assert_ne!(disk.this_process().boot, after.this_process().boot);
    assert_eq!(after.unsynced(), []);
    after.write("/file", 1, b"y");
    assert_eq!(disk.read("/file"), b"x...", "the disk before the cut is another one");
}
