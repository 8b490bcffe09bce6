//! Versions that are written beside the file, or under another name.

use std::path::Path;

use memmap_core::Progress;
use memmap_core::disk::Disk;
use memmap_core::testing::{At, CallKind, DiskFault, TestMap, Times};
use memmap_edit::{Overlay, SaveError, Way};

use crate::saving::{OLD, PATH, all, disk_with, journal, open};

#[test]
fn a_large_change_is_written_beside_the_file() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    let first = edited.view();
    edited.insert(0, b"head ").expect("within");
    let expected = all(&edited);
    let saving = edited
        .save()
        .way(Way::Rewrite)
        .journal(journal(&disk))
        .run(&Progress::new())
        .expect("saved");
    assert_eq!(saving.way, Way::Rewrite);
    assert_eq!(disk.read(PATH), expected);
    assert_eq!(disk.list("/files"), ["file"]);
    assert_eq!(disk.crash(&[]).read(PATH), expected, "it is durable");
    assert_eq!(all(&edited), expected);
    assert_eq!(first.read_at(0, 36).expect("the old file is kept"), OLD);
    edited.undo();
    assert_eq!(all(&edited), OLD);
    edited.save().run(&Progress::new()).expect("saved");
    assert_eq!(disk.read(PATH), OLD);
    assert_eq!(first.read_at(0, 36).expect("the old file is kept"), OLD);
}

#[test]
fn a_rewrite_is_refused_where_something_would_be_lost() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.insert(0, b"head ").expect("within");
    disk.put_name(PATH, "/files/other name");
    let beside = edited.save().way(Way::Rewrite).plan(&Progress::new());
    assert!(matches!(beside, Err(SaveError::CannotRewrite { .. })), "{beside:?}");
    edited.save().run(&Progress::new()).expect("in place, both names lead to it");
    assert_eq!(disk.read("/files/other name"), disk.read(PATH));
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.insert(0, b"head ").expect("within");
    let writer = disk.other_process().open_for_writing(PATH);
    let beside = edited.save().way(Way::Rewrite).run(&Progress::new());
    assert!(matches!(beside, Err(SaveError::CannotRewrite { .. })), "{beside:?}");
    assert_eq!((disk.read(PATH), disk.list("/files").len()), (OLD.to_vec(), 1));
    drop(writer);
    edited.save().way(Way::Rewrite).run(&Progress::new()).expect("saved");
}

#[test]
fn another_programs_file_that_came_in_the_last_instant_is_kept() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.insert(0, b"head ").expect("within");
    disk.before(At::Kind(CallKind::Exchange), |disk| disk.replace(PATH, b"theirs"));
    let saving = edited.save().way(Way::Rewrite).run(&Progress::new()).expect("saved");
    let other = saving.other.expect("it came out");
    assert_eq!(disk.read(&other), b"theirs");
    assert_eq!(&disk.read(PATH)[..5], b"head ");
    assert_eq!(disk.list("/files").len(), 2);
}

#[test]
fn a_version_is_written_under_another_name_and_replaces_only_when_asked() {
    let disk = disk_with(OLD);
    disk.put("/files/other", b"other");
    let mut edited = open(&disk);
    edited.insert(3, b"XYZ").expect("within");
    let write = |edited: &mut Overlay<TestMap>, to: &str, replaces| {
        edited.save().draft().write_to(Path::new(to), replaces, &Progress::new())
    };
    assert_eq!(write(&mut edited, "/files/new", false).expect("written"), 39);
    assert_eq!(disk.read("/files/new"), all(&edited));
    assert_eq!(disk.unsynced(), []);
    let exists = write(&mut edited, "/files/other", false);
    assert!(matches!(exists, Err(SaveError::Exists { .. })));
    assert_eq!(disk.read("/files/other"), b"other");
    write(&mut edited, "/files/other", true).expect("written");
    assert_eq!(disk.read("/files/other"), all(&edited));
    assert_eq!(disk.read(PATH), OLD);
    assert!(edited.history().is_modified());
    // A failure leaves what has the name, and nothing else.
    disk.put("/files/other", b"other");
    disk.fail(At::on(CallKind::Sync, ""), DiskFault::Errno(28), Times::Once);
    assert!(matches!(write(&mut edited, "/files/other", true), Err(SaveError::Io { .. })));
    assert_eq!(disk.read("/files/other"), b"other");
    let folder = disk.folder(Path::new("/files")).expect("it exists");
    assert_eq!(disk.names(&folder).expect("readable").len(), 3, "file, new and other");
}
