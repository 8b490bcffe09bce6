//! Facts: the same file under another name, another file under the same name, and what changes without notice.

use std::fs::{self, File, FileTimes};
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use memmap_core::disk::{Disk, NodeKind, Stored};
use memmap_core::{Map, Mode};
use memmap_posix::Live;

use super::{DISK, read, stage, write};

#[test]
fn a_file_is_the_same_by_any_name_and_not_what_takes_its_name() {
    for kind in ["ext4", "xfs", "btrfs", "tmpfs"] {
        let Some(disk) = stage::mounted(kind) else { continue };
        let (path, other) = (disk.path("file"), disk.path("other"));
        fs::write(&path, "bytes").unwrap();
        let file = File::open(&path).unwrap();
        let was = DISK.facts(&file).unwrap();
        assert_eq!((was.kind, was.len, was.links), (NodeKind::File, 5, 1), "{kind}");
        assert_eq!(DISK.look(&path).unwrap(), was, "{kind}");
        assert!(was.born.is_some() && was.modified.is_some() && was.changed.is_some(), "{kind}");
        assert!(was.generation.is_some() || kind == "tmpfs", "{kind}");
        assert!(!was.is_read_only && was.serial.is_empty() && was.sectors.is_none());
        fs::hard_link(&path, &other).unwrap();
        let now = DISK.look(&other).unwrap();
        assert!(now.is_same_file(&was) && !now.is_same_version(&was), "{kind}");
        assert_eq!(now.links, 2);
        fs::remove_file(&path).unwrap();
        fs::write(&path, "bytes").unwrap();
        assert!(!DISK.look(&path).unwrap().is_same_file(&was), "{kind}");
    }
}

/// Makes files until one gets the number of a file that is gone.
#[test]
fn a_number_that_is_given_again_is_told_by_its_generation() {
    for kind in ["ext4", "xfs"] {
        let Some(disk) = stage::mounted(kind) else { continue };
        let path = disk.path("file");
        fs::write(&path, "bytes").unwrap();
        let was = DISK.look(&path).unwrap();
        let mut reused = None;
        for _ in 0..100 {
            fs::remove_file(&path).unwrap();
            fs::write(&path, "bytes").unwrap();
            reused = Some(DISK.look(&path).unwrap()).filter(|now| now.inode == was.inode);
            if reused.is_some() {
                break;
            }
        }
        let Some(mut now) = reused else {
            println!("skipped: {kind} gave no number again");
            continue;
        };
        assert_ne!(now.generation, was.generation, "{kind}");
        now.born = was.born;
        assert!(!now.is_same_file(&was), "{kind}");
    }
}

#[test]
fn a_change_that_hides_its_time_is_another_version() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, "bytes").unwrap();
    let file = DISK.open(&path, true).unwrap();
    let was = DISK.facts(&file).unwrap();
    // The clock of files may stand still for some milliseconds.
    while DISK.facts(&file).unwrap().changed == was.changed {
        write(&file, b"other", 0).unwrap();
        file.set_times(FileTimes::new().set_modified(was.modified.unwrap())).unwrap();
    }
    let now = DISK.facts(&file).unwrap();
    assert_eq!((now.len, now.modified), (was.len, was.modified));
    assert!(now.is_same_file(&was) && !now.is_same_version(&was));
}

#[test]
fn what_takes_no_writes_says_so() {
    // A child would keep the file system from becoming read-only.
    let _alone = stage::alone();
    let Some(disk) = stage::mounted("ext4") else { return };
    let path = disk.path("file");
    fs::write(&path, "bytes").unwrap();
    for flag in ["i", "a"] {
        let change = |sign: &str| {
            stage::tool(Command::new("chattr").arg(format!("{sign}{flag}")).arg(&path))
        };
        if change("+").is_some() {
            assert!(DISK.look(&path).unwrap().is_read_only, "{flag}");
            change("-").unwrap();
        }
    }
    assert!(!DISK.look(&path).unwrap().is_read_only);
    let remount = ["-o", "remount,ro"];
    stage::tool(Command::new("mount").args(remount).arg(disk.point())).unwrap();
    assert!(DISK.look(&path).unwrap().is_read_only);
}

#[test]
fn a_map_knows_its_file_though_it_has_another_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, "bytes").unwrap();
    let map = <Live as Stored>::open_on(&DISK, &path).unwrap();
    let facts = || map.mapping().facts().unwrap().unwrap();
    assert_eq!(facts(), DISK.look(&path).unwrap());
    assert_eq!(map.mode(), Mode::Read);
    fs::rename(&path, dir.path().join("moved")).unwrap();
    fs::write(&path, "other bytes").unwrap();
    assert_eq!(facts(), DISK.look(&dir.path().join("moved")).unwrap());
    assert!(!facts().is_same_file(&DISK.look(&path).unwrap()));
    assert_eq!(format!("{:?}", map.mapping().disk()), format!("{DISK:?}"));
    assert!(Map::<Live>::open(dir.path().join("none"), Mode::Read).is_err());
}

#[test]
fn a_file_of_a_lower_layer_stays_the_same_when_it_is_opened_for_writing() {
    let Some(memory) = stage::mounted("tmpfs") else { return };
    let lower = tempfile::tempdir().unwrap();
    fs::write(lower.path().join("file"), "OLD! bytes").unwrap();
    let Some(disk) = stage::overlay(lower.path(), memory.point()) else { return };
    let path = disk.path("file");
    let reader = DISK.open(&path, false).unwrap();
    let was = DISK.facts(&reader).unwrap();
    let writer = DISK.open(&path, true).unwrap();
    let now = DISK.facts(&writer).unwrap();
    if now.inode != was.inode {
        return println!("skipped: this overlay gives a file another number when it is copied");
    }
    assert!(now.is_same_version(&was), "{was:?} {now:?}");
    write(&writer, b"NEW!", 0).unwrap();
    // The descriptor of the reader is of the lower file for ever. Saving has to open anew.
    assert_eq!(read(&DISK.open(&path, false).unwrap(), 4, 0), b"NEW!");
    assert_eq!(fs::read(lower.path().join("file")).unwrap(), b"OLD! bytes");
    assert!(DISK.is_in_memory(&writer), "its upper layer is memory");
    assert_eq!(fs::metadata(&path).unwrap().len(), 10);
    assert_eq!(DISK.facts(&writer).unwrap().inode, u128::from(fs::metadata(&path).unwrap().ino()));
    // It can be replaced by a file beside it, as any other.
    let folder = DISK.folder(disk.point()).unwrap();
    write(&DISK.create(&folder, "new".as_ref()).unwrap(), b"new", 0).unwrap();
    DISK.exchange(&folder, "new".as_ref(), "file".as_ref()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert!(DISK.look_in(&folder, "new".as_ref()).unwrap().unwrap().is_same_file(&was));
}
