//! Room, sharing, attributes, devices, and others who use a file.

#![expect(clippy::single_range_in_vec_init, reason = "a list of ranges has one")]

use super::*;

#[test]
fn locks_belong_to_an_open_file() {
    let disk = TestDisk::new(4);
    disk.put("/file", b"1");
    let (one, two) = (open(&disk, "/file"), open(&disk, "/file"));
    assert!(disk.try_lock(&one).unwrap());
    assert!(disk.try_lock(&one).unwrap());
    assert!(!disk.try_lock(&two).unwrap());
    drop(one);
    assert!(disk.try_lock(&two).unwrap());
    disk.set_locks(false);
    assert_eq!(disk.try_lock(&two).unwrap_err().kind(), io::ErrorKind::Unsupported);
}

#[test]
fn a_full_disk_takes_what_has_room() {
    let disk = TestDisk::new(4);
    disk.put("/file", b"0123");
    disk.cut("/file", 16);
    disk.set_free(Some(8));
    let file = open(&disk, "/file");
    let room = disk.room(&file, &[0..16]).unwrap();
    assert_eq!((room.holes, room.copied, room.free), (12, 0, Some(8)));
    assert!(room.can_be_made_sure);
    let full = disk.make_room(&file, &[0..16]).unwrap_err();
    assert_eq!(full.kind(), io::ErrorKind::StorageFull);
    disk.make_room(&file, &[4..8]).unwrap();
    assert_eq!(disk.free(), Some(4));
    assert_eq!(disk.write_at(&file, b"0123456789abcdef", 0).unwrap(), 12, "a short write");
    assert_eq!(disk.write_at(&file, b"x", 12).unwrap_err().kind(), io::ErrorKind::StorageFull);
    disk.set_len(&file, 4).unwrap();
    assert_eq!(disk.free(), Some(8));
    disk.reserve(&file, 12).unwrap();
    assert_eq!((disk.free(), disk.facts(&file).unwrap().len), (Some(0), 4));
    assert_eq!(disk.write_at(&file, b"4567", 4).unwrap(), 4);
    disk.set_reserves(false);
    assert_eq!(disk.reserve(&file, 99).unwrap_err().kind(), io::ErrorKind::Unsupported);
}

#[test]
fn a_file_system_that_copies_on_write_needs_room_to_overwrite() {
    let disk = TestDisk::new(4);
    disk.put("/file", b"0123");
    disk.set_copy_on_write(true);
    disk.set_free(Some(0));
    let file = open(&disk, "/file");
    let room = disk.room(&file, &[0..4]).unwrap();
    assert!(!room.can_be_made_sure && room.copied == 4);
    assert_eq!(disk.write_at(&file, b"x", 0).unwrap_err().kind(), io::ErrorKind::StorageFull);
    disk.set_free(Some(4));
    assert_eq!(disk.write_at(&file, b"x", 0).unwrap(), 1);
    assert_eq!(disk.free(), Some(4));
}

#[test]
fn whole_blocks_are_shared_and_writing_gives_them_their_own() {
    let disk = TestDisk::new(2);
    disk.put("/from", b"0123456789");
    disk.put("/to", b"");
    let (from, to) = (open(&disk, "/from"), open(&disk, "/to"));
    let error = disk.share(&from, 0..4, &to, 0).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
    disk.set_shared_blocks(Some(4));
    assert_eq!(disk.share(&from, 1..5, &to, 0).unwrap(), 0);
    assert_eq!(disk.share(&from, 0..4, &to, 2).unwrap(), 0);
    assert_eq!(disk.share(&from, 0..6, &to, 0).unwrap(), 4);
    assert_eq!(disk.share(&from, 4..10, &to, 4).unwrap(), 6, "the end may be ragged");
    assert_eq!(disk.read("/to"), b"0123456789");
    disk.set_free(Some(0));
    assert_eq!(disk.room(&to, &[0..4]).unwrap().copied, 4);
    assert_eq!(disk.write_at(&to, b"x", 0).unwrap_err().kind(), io::ErrorKind::StorageFull);
    disk.set_free(Some(2));
    disk.make_room(&to, &[0..2]).unwrap();
    assert_eq!(disk.write_at(&to, b"x", 0).unwrap(), 1);
    assert_eq!(disk.read("/from"), b"0123456789");
}

#[test]
fn copies_may_be_short_and_end_with_the_file() {
    let disk = TestDisk::new(4);
    disk.put("/from", b"0123456789");
    disk.put("/to", b"");
    let (from, to) = (open(&disk, "/from"), open(&disk, "/to"));
    disk.set_copies(Some(6));
    assert_eq!(disk.copy(&from, 0..99, &to, 0).unwrap(), 6);
    assert_eq!(disk.copy(&from, 6..99, &to, 6).unwrap(), 4);
    assert_eq!(disk.copy(&from, 10..99, &to, 10).unwrap(), 0);
    assert_eq!(disk.read("/to"), b"0123456789");
    disk.set_copies(None);
    let error = disk.copy(&from, 0..1, &to, 0).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
}

#[test]
fn a_lease_is_refused_to_writers_and_broken_by_them() {
    let disk = TestDisk::new(4);
    disk.put("/file", b"1");
    let file = disk.open(Path::new("/file"), false).unwrap();
    let LeaseOf::Held(lease) = disk.lease(&file) else { panic!("nobody writes") };
    assert!(!lease.is_breaking());
    let other = disk.other_process();
    let writer = other.open_for_writing("/file");
    assert!(lease.is_breaking());
    drop(lease);
    assert!(matches!(disk.lease(&file), LeaseOf::Refused));
    let writers = Writers::Some(vec![(other.this_process().id, "test".to_owned())]);
    assert_eq!(disk.writers(&file), writers);
    drop(writer);
    assert!(matches!(disk.lease(&file), LeaseOf::Held(_)));
    assert_eq!(disk.writers(&file), Writers::None);
    disk.set_writers("/file", &Writers::Unknown);
    assert!(matches!(disk.lease(&file), LeaseOf::Unknown));
    disk.set_writers("/file", &Writers::Some(vec![(7, "log".to_owned())]));
    assert!(matches!(disk.lease(&file), LeaseOf::Refused));
    disk.set_leases(false);
    assert!(matches!(disk.lease(&file), LeaseOf::Unknown));
}

#[test]
fn writing_takes_rights_away_and_they_can_be_given_back() {
    let disk = TestDisk::new(4);
    disk.put("/file", b"1");
    let before = Attributes {
        owner: Some((1, 2)),
        mode: Some(0o4755),
        extended: vec![("security.capability".into(), b"net".to_vec()), ("user.a".into(), vec![1])],
        flags: Some(4),
        project: None,
    };
    disk.set_attributes("/file", &before);
    let file = open(&disk, "/file");
    disk.write_at(&file, b"2", 0).unwrap();
    let after = disk.attributes(&file).unwrap();
    assert_eq!((after.mode, after.extended.len()), (Some(0o755), 1));
    assert_eq!(disk.give_back(&file, &before).unwrap(), []);
    assert_eq!(disk.attributes_at("/file").mode, before.mode);
    assert_eq!(disk.attributes_at("/file").extended.len(), 2);
    assert_ne!(disk.crash(&[]).attributes_at("/file").extended.len(), 1, "nothing was synced");
    disk.sync(&file, true).unwrap();
    assert_eq!(disk.crash(&[]).attributes_at("/file"), disk.attributes_at("/file"));

    disk.put("/new", b"");
    let new = open(&disk, "/new");
    disk.set_not_kept(vec![NotKept::Owner { was: (1, 2) }]);
    assert_eq!(disk.give(&new, &before).unwrap(), [NotKept::Owner { was: (1, 2) }]);
    assert_eq!(disk.attributes_at("/new"), Attributes { owner: None, ..before });
}

#[test]
fn a_device_is_opened_by_one_and_writes_end_with_it() {
    let disk = TestDisk::new(4);
    let sectors = Sectors { logical: 4, physical: 8 };
    disk.put_device("/dev", b"01234567", sectors, "SN1");
    let path = Path::new("/dev");
    let facts = disk.look(path).unwrap();
    assert_eq!((facts.sectors, facts.len, facts.serial.as_str()), (Some(sectors), 8, "SN1"));
    let device = disk.open_device(path).unwrap();
    assert_eq!(disk.open_device(path).unwrap_err().kind(), io::ErrorKind::ResourceBusy);
    assert_eq!(disk.write_at(&device, b"abcdef", 5).unwrap(), 3);
    assert_eq!(disk.write_at(&device, b"x", 8).unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert!(disk.set_len(&device, 3).is_err());
    assert_eq!(disk.read("/dev"), b"01234abc");
    drop(device);
    disk.set_in_use("/dev", Some("mounted at /mnt"));
    assert_eq!(disk.open_device(path).unwrap_err().kind(), io::ErrorKind::ResourceBusy);
    let file = disk.open(path, false).unwrap();
    assert_eq!(disk.in_use(&file).unwrap().unwrap().by, "mounted at /mnt");
    disk.set_in_use("/dev", None);
    disk.set_read_only("/dev", true);
    assert!(disk.look(path).unwrap().is_read_only);
    assert_eq!(disk.open(path, true).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
}

#[test]
fn a_file_of_a_lower_layer_is_copied_and_its_old_map_stays_old() {
    let disk = TestDisk::new(4);
    disk.put("/file", b"old");
    disk.set_lower("/file");
    let map = TestMap::open_on(&disk, Path::new("/file")).unwrap();
    let before = disk.facts_at("/file");
    let file = open(&disk, "/file");
    disk.write_at(&file, b"new", 0).unwrap();
    assert!(before.is_same_file(&disk.facts(&file).unwrap()));
    assert_eq!(disk.read("/file"), b"new");
    assert_eq!(map.read_at(0, 3).unwrap(), b"old");
}

#[test]
fn a_file_that_is_only_read_is_not_written() {
    let disk = TestDisk::new(4);
    disk.put("/file", b"1");
    let file = disk.open(Path::new("/file"), false).unwrap();
    assert_eq!(disk.write_at(&file, b"2", 0).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    disk.set_read_only("/file", true);
    let error = disk.open(Path::new("/file"), true).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ReadOnlyFilesystem);
    disk.set_in_memory(true);
    assert!(disk.is_in_memory(&file));
}
