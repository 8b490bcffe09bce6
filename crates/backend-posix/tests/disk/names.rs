//! Folders and names: links that are not followed, names that are not replaced, folders of others.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, chown, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use memmap_core::disk::{Disk, NodeKind};

use super::child::End;
use super::users::{self, USER, mode};
use super::{DISK, read, stage, write};

fn name(text: &str) -> &OsStr {
    OsStr::new(text)
}

#[test]
fn a_private_folder_is_made_with_its_parents_for_this_user_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a/b/c");
    DISK.private_folder(&path).unwrap();
    for part in ["a", "a/b", "a/b/c"] {
        assert_eq!(fs::metadata(dir.path().join(part)).unwrap().mode() & 0o777, 0o700, "{part}");
    }
    // What is there stays as it is.
    fs::set_permissions(&path, mode(0o755)).unwrap();
    DISK.private_folder(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o755);
}

#[test]
fn a_folder_that_others_can_use_is_refused_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    let refused = |path: &Path| {
        let error = DISK.private_folder(path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
        error.to_string()
    };
    let path = dir.path().join("folder");
    fs::create_dir(&path).unwrap();
    for bits in [0o770, 0o707, 0o720, 0o1777] {
        fs::set_permissions(&path, mode(bits)).unwrap();
        assert!(refused(&path).contains("may be written to by others"), "{bits:o}");
    }
    fs::set_permissions(&path, mode(0o700)).unwrap();
    let link = dir.path().join("link");
    symlink(&path, &link).unwrap();
    assert!(refused(&link).contains("is a symbolic link"));
    let dangling = dir.path().join("dangling");
    symlink(dir.path().join("nowhere"), &dangling).unwrap();
    assert!(DISK.private_folder(&dangling).is_err());
    assert_eq!(DISK.private_folder(&dangling.join("a")).unwrap_err().kind(), ErrorKind::NotFound);
    if users::is_root() {
        chown(&path, Some(USER), None).unwrap();
        assert!(refused(&path).contains("belongs to user 4242"));
    }
}

#[test]
fn a_new_file_is_for_this_user_alone_and_takes_no_name() {
    let dir = tempfile::tempdir().unwrap();
    let folder = DISK.folder(dir.path()).unwrap();
    let file = DISK.create(&folder, name("new")).unwrap();
    write(&file, b"bytes", 0).unwrap();
    assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
    let error = DISK.create(&folder, name("new")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    symlink(dir.path().join("elsewhere"), dir.path().join("link")).unwrap();
    assert_eq!(DISK.create(&folder, name("link")).unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert!(!dir.path().join("elsewhere").exists());
    for bad in ["", ".", "..", "a/b", "../new"] {
        assert_eq!(DISK.create(&folder, name(bad)).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert!(DISK.remove(&folder, name(bad)).is_err());
        assert!(DISK.rename(&folder, name("new"), name(bad)).is_err());
        assert!(DISK.look_in(&folder, name(bad)).is_err());
    }
    assert_eq!(fs::read(dir.path().join("new")).unwrap(), b"bytes");
}

#[test]
fn names_belong_to_the_folder_that_is_open_wherever_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("folder");
    fs::create_dir(&path).unwrap();
    let folder = DISK.folder(&path).unwrap();
    fs::rename(&path, dir.path().join("moved")).unwrap();
    fs::create_dir(&path).unwrap();
    DISK.create(&folder, name("one")).unwrap();
    DISK.create(&folder, name("two")).unwrap();
    assert!(dir.path().join("moved/one").exists() && !path.join("one").exists());
    let mut names = DISK.names(&folder).unwrap();
    names.sort();
    assert_eq!(names, ["one", "two"]);
    DISK.rename(&folder, name("one"), name("two")).unwrap();
    assert_eq!(DISK.names(&folder).unwrap(), ["two"]);
    DISK.sync_folder(&folder).unwrap();
    DISK.remove(&folder, name("two")).unwrap();
    assert_eq!(DISK.names(&folder).unwrap(), [""; 0]);
    assert_eq!(DISK.remove(&folder, name("two")).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn an_exchange_swaps_and_a_new_name_replaces_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let text = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    fs::write(dir.path().join("old"), "old").unwrap();
    fs::write(dir.path().join("new"), "new").unwrap();
    let folder = DISK.folder(dir.path()).unwrap();
    let was = DISK.look_in(&folder, name("old")).unwrap().unwrap();
    match DISK.exchange(&folder, name("old"), name("new")) {
        Err(error) if error.kind() == ErrorKind::Unsupported => {
            return println!("skipped: {error}");
        }
        done => done.unwrap(),
    }
    assert_eq!((text("old"), text("new")), ("new".to_owned(), "old".to_owned()));
    assert!(DISK.look_in(&folder, name("new")).unwrap().unwrap().is_same_file(&was));
    let error = DISK.exchange(&folder, name("old"), name("missing")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = DISK.rename_new(&folder, name("new"), name("old")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert_eq!((text("old"), text("new")), ("new".to_owned(), "old".to_owned()));
    DISK.rename_new(&folder, name("new"), name("third")).unwrap();
    assert_eq!(text("third"), "old");
    assert!(!dir.path().join("new").exists());
}

#[test]
fn links_and_pipes_are_seen_and_not_followed_or_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "bytes").unwrap();
    symlink("file", dir.path().join("link")).unwrap();
    let fifo = rustix::fs::FileType::Fifo;
    let ours = rustix::fs::Mode::RUSR.union(rustix::fs::Mode::WUSR);
    rustix::fs::mknodat(rustix::fs::CWD, dir.path().join("pipe"), fifo, ours, 0).unwrap();
    let folder = DISK.folder(dir.path()).unwrap();
    let kind = |it: &str| DISK.look_in(&folder, name(it)).unwrap().map(|found| found.kind);
    assert_eq!(kind("file"), Some(NodeKind::File));
    assert_eq!(kind("link"), Some(NodeKind::Link));
    assert_eq!(kind("pipe"), Some(NodeKind::Other));
    assert_eq!(kind("nothing"), None);
    assert_eq!(DISK.look(&dir.path().join("link")).unwrap().kind, NodeKind::File);
    assert_eq!(DISK.look(dir.path()).unwrap().kind, NodeKind::Folder);
    assert_eq!(DISK.look(&dir.path().join("pipe")).unwrap().kind, NodeKind::Other);
    assert!(DISK.open_in(&folder, name("link"), false).is_err());
    assert_eq!(read(&DISK.open_in(&folder, name("file"), true).unwrap(), 5, 0), b"bytes");
    assert!(DISK.open_in(&folder, name("nothing"), true).is_err());
    assert!(!dir.path().join("nothing").exists());
}

#[test]
fn a_path_is_resolved_once_and_opening_makes_and_cuts_nothing() {
    // A child would keep the lock.
    let _alone = stage::alone();
    let dir = tempfile::tempdir().unwrap();
    let real = dir.path().canonicalize().unwrap().join("file");
    fs::write(&real, "bytes").unwrap();
    symlink("file", dir.path().join("link")).unwrap();
    assert_eq!(DISK.resolve(&dir.path().join("link")).unwrap(), real);
    assert!(DISK.resolve(&dir.path().join("nothing")).is_err());
    assert!(DISK.open(&dir.path().join("nothing"), true).is_err());
    let file = DISK.open(&real, true).unwrap();
    assert_eq!(read(&file, 5, 0), b"bytes");
    let flags = rustix::io::fcntl_getfd(&file).unwrap();
    assert!(flags.contains(rustix::io::FdFlags::CLOEXEC));
    let reader = DISK.open(&real, false).unwrap();
    assert!(write(&reader, b"x", 0).is_err());
    DISK.set_len(&file, 9).unwrap();
    DISK.sync(&file, true).unwrap();
    DISK.sync(&file, false).unwrap();
    assert_eq!(fs::read(&real).unwrap(), b"bytes\0\0\0\0");
    assert!(DISK.try_lock(&file).unwrap());
    assert!(!DISK.try_lock(&reader).unwrap());
    drop(file);
    assert!(DISK.try_lock(&reader).unwrap());
}

/// A process that is being started has all open files of this one, as a second descriptor has here.
#[test]
fn a_lock_that_is_given_back_is_not_held_by_who_else_has_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, b"bytes").unwrap();
    let file = DISK.open(&path, true).unwrap();
    assert!(DISK.try_lock(&file).unwrap());
    let inherited = file.try_clone().unwrap();
    DISK.unlock(&file).unwrap();
    drop(file);
    assert!(DISK.try_lock(&DISK.open(&path, true).unwrap()).unwrap());
    drop(inherited);
}

#[test]
fn what_cannot_be_replaced_is_not_and_says_why() {
    // Another user's file in a sticky folder may be written to, and not be replaced.
    let sticky = tempfile::tempdir().unwrap();
    fs::set_permissions(sticky.path(), mode(0o1777)).unwrap();
    fs::write(sticky.path().join("theirs"), "bytes").unwrap();
    fs::set_permissions(sticky.path().join("theirs"), mode(0o666)).unwrap();
    let end = users::as_user(|| {
        let folder = DISK.folder(sticky.path()).unwrap();
        DISK.create(&folder, name("ours")).unwrap();
        let theirs = DISK.open_in(&folder, name("theirs"), true).unwrap();
        write(&theirs, b"BYTES", 0).unwrap();
        for replaced in [
            DISK.rename(&folder, name("ours"), name("theirs")),
            DISK.exchange(&folder, name("ours"), name("theirs")),
        ] {
            assert_eq!(replaced.unwrap_err().kind(), ErrorKind::PermissionDenied);
        }
        0
    });
    if let Some(end) = end {
        assert_eq!(end, End::Code(0));
    }
    assert_eq!(fs::read(sticky.path().join("ours")).unwrap_or_default(), b"");

    // A name that something is mounted on.
    let dir = tempfile::tempdir().unwrap();
    for it in ["mounted", "source", "new"] {
        fs::write(dir.path().join(it), it).unwrap();
    }
    let (source, target) = (dir.path().join("source"), dir.path().join("mounted"));
    let forking = stage::forking();
    let bind = Command::new("mount").arg("--bind").args([&source, &target]).output();
    if bind.is_ok_and(|done| done.status.success()) {
        let folder = DISK.folder(dir.path()).unwrap();
        let errors = [
            DISK.rename(&folder, name("new"), name("mounted")),
            DISK.exchange(&folder, name("new"), name("mounted")),
        ];
        Command::new("umount").arg(&target).output().unwrap();
        for error in errors {
            assert_eq!(error.unwrap_err().kind(), ErrorKind::ResourceBusy);
        }
    } else {
        println!("skipped: nothing can be mounted on a name");
    }
    drop(forking);
}

#[test]
fn a_program_that_runs_is_replaced_and_not_written_to() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("program");
    // A child with the new program open for writing would keep it from being run.
    let _alone = stage::alone();
    fs::copy("/bin/cat", &path).unwrap();
    let mut running = Command::new(&path).stdin(Stdio::piped()).spawn().unwrap();
    let folder = DISK.folder(dir.path()).unwrap();
    let error = DISK.open(&path, true).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ExecutableFileBusy, "{error}");
    assert!(DISK.open_in(&folder, name("program"), true).is_err());
    DISK.create(&folder, name("new")).unwrap();
    DISK.rename(&folder, name("new"), name("program")).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"");
    drop(running.stdin.take());
    assert!(running.wait().unwrap().success());
}
