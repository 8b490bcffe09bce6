//! Sharing and copying within the system: whole blocks, and the ragged end of a file.

use std::fs::{self, File};
use std::io::ErrorKind;

use memmap_core::disk::Disk;

use super::{DISK, read, stage, write};

const BLOCK: u64 = 4096;
/// A length that is no multiple of a block.
const LEN: u64 = 10 * BLOCK + 100;

fn bytes() -> Vec<u8> {
    (0..LEN).map(|at| u8::try_from(at / 7 % 251).unwrap()).collect()
}

fn file(disk: &stage::Mounted) -> File {
    fs::write(disk.path("from"), bytes()).unwrap();
    DISK.open(&disk.path("from"), false).unwrap()
}

#[test]
fn whole_blocks_and_the_end_of_a_file_are_shared_and_nothing_else() {
    for kind in ["xfs", "btrfs"] {
        let Some(disk) = stage::mounted(kind) else { continue };
        let from = file(&disk);
        let folder = DISK.folder(disk.point()).unwrap();
        let share = |name: &str, range, at| {
            let to = DISK.create(&folder, name.as_ref()).unwrap();
            let shared = DISK.share(&from, range, &to, at).unwrap();
            (shared, to)
        };
        // A part before a change: only its whole blocks.
        let (shared, to) = share("head", 0..3 * BLOCK + 5, 0);
        assert_eq!(shared, 3 * BLOCK, "{kind}");
        assert_eq!(read(&to, 3 * 4096, 0), bytes()[..3 * 4096], "{kind}");
        // All of it, with its end.
        let (shared, to) = share("all", 0..LEN, 0);
        assert_eq!((shared, to.metadata().unwrap().len()), (LEN, LEN), "{kind}");
        assert_eq!(read(&to, bytes().len(), 0), bytes(), "{kind}");
        // Shifted by whole blocks, and by less.
        let (shared, to) = share("shifted", BLOCK..LEN, 5 * BLOCK);
        assert_eq!(shared, LEN - BLOCK, "{kind}");
        assert_eq!(read(&to, 100, 14 * BLOCK), bytes()[10 * 4096..], "{kind}");
        assert_eq!(share("odd", BLOCK..LEN, 5 * BLOCK + 1).0, 0, "{kind}");
        assert_eq!(share("start", 1..LEN, 0).0, 0, "{kind}");
        assert_eq!(share("less", 0..BLOCK - 1, 0).0, 0, "{kind}");
        assert_eq!(share("after", LEN + BLOCK..LEN + 2 * BLOCK, 0).0, 0, "{kind}");
        // The ragged end is not put into the middle of a longer file.
        let to = DISK.create(&folder, "longer".as_ref()).unwrap();
        write(&to, &vec![9; 80_000], 0).unwrap();
        assert_eq!(DISK.share(&from, 0..LEN, &to, 0).unwrap(), 10 * BLOCK, "{kind}");
        assert_eq!(read(&to, 200, 10 * BLOCK), [9; 200], "{kind}");
    }
}

#[test]
fn where_nothing_can_be_shared_zero_bytes_are() {
    let Some(disk) = stage::mounted("ext4") else { return };
    let Some(other) = stage::mounted("xfs") else { return };
    let from = file(&disk);
    for folder in [disk.point(), other.point()] {
        let to = DISK.create(&DISK.folder(folder).unwrap(), "to".as_ref()).unwrap();
        assert_eq!(DISK.share(&from, 0..LEN, &to, 0).unwrap(), 0);
        assert_eq!(to.metadata().unwrap().len(), 0);
    }
}

#[test]
fn a_copy_ends_with_the_file_and_not_before() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("from"), bytes()).unwrap();
    let from = DISK.open(&dir.path().join("from"), false).unwrap();
    let to = DISK.create(&DISK.folder(dir.path()).unwrap(), "to".as_ref()).unwrap();
    let (mut at, start) = (0, 5);
    loop {
        match DISK.copy(&from, start + at..u64::MAX, &to, at) {
            Ok(0) => break,
            Ok(copied) => at += copied,
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                return println!("skipped: {error}");
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(start + at, LEN);
    assert_eq!(read(&to, bytes().len() - 5, 0), bytes()[5..]);
    assert_eq!(DISK.copy(&from, 3..3, &to, 0).unwrap(), 0);
}

#[test]
fn what_is_not_copied_within_the_system_is_not_taken_for_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let to = DISK.create(&DISK.folder(dir.path()).unwrap(), "to".as_ref()).unwrap();
    let Some(other) = stage::mounted("tmpfs") else { return };
    fs::write(other.path("from"), bytes()).unwrap();
    let from = DISK.open(&other.path("from"), false).unwrap();
    // From one file system to another of a different kind.
    let error = DISK.copy(&from, 0..LEN, &to, 0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
}
