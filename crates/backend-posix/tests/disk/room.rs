//! Full disks: what is made sure of can be written, and what is not is known beforehand.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use memmap_core::disk::{Disk, Room};

use super::stage::{self, MIB, Mounted};
use super::{DISK, read, write};

const BLOCK: u64 = 4096;

fn open(path: &Path) -> File {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).unwrap()
}

/// Takes all space that is left.
fn fill(disk: &Mounted) {
    let mut file = File::create_new(disk.path("fill")).unwrap();
    let bytes: Vec<u8> = (0..MIB).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect();
    for size in [bytes.len(), 4096] {
        let error = loop {
            if let Err(error) = file.write_all(&bytes[..size]) {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::StorageFull, "{error}");
    }
    file.sync_all().ok();
}

/// Overwrites 64 blocks.
fn overwrite(file: &File, at: u64) -> io::Result<()> {
    write(file, &vec![b'N'; 64 * 4096], at)?;
    DISK.sync(file, false)
}

/// A file of 32 MiB without a block.
fn hole(disk: &Mounted) -> File {
    let file = open(&disk.path("hole"));
    file.set_len(32 * MIB).unwrap();
    file
}

/// A file of 4 MiB, on the device.
fn data(disk: &Mounted) -> File {
    let file = open(&disk.path("data"));
    write(&file, &vec![b'd'; usize::try_from(4 * MIB).unwrap()], 0).unwrap();
    file.sync_all().unwrap();
    file
}

#[test]
fn holes_that_were_given_blocks_can_be_written_on_a_full_disk() {
    for kind in ["ext4", "xfs", "tmpfs"] {
        let Some(disk) = stage::mounted(kind) else { continue };
        let file = hole(&disk);
        let ranges = [0..64 * BLOCK, MIB + 1..MIB + 2];
        let found = DISK.room(&file, &ranges).unwrap();
        let Room { holes, copied, can_be_made_sure, free } = found;
        assert_eq!((holes, copied, can_be_made_sure), (65 * BLOCK, 0, true), "{kind}");
        assert!(free.unwrap() > 16 * MIB, "{kind}");
        DISK.make_room(&file, &ranges).unwrap();
        // Memory does not say which pages were given to a hole.
        if kind != "tmpfs" {
            assert_eq!(DISK.room(&file, &ranges).unwrap().holes, 0, "{kind}");
        }
        assert_eq!(file.metadata().unwrap().len(), 32 * MIB);
        fill(&disk);
        overwrite(&file, 0).unwrap();
        write(&file, b"N", MIB + 1).unwrap();
        let error = DISK.make_room(&file, &[8 * MIB..9 * MIB]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull, "{kind}: {error}");
        // The claim is not empty: what was not given blocks cannot be written.
        assert_eq!(overwrite(&file, 8 * MIB).unwrap_err().kind(), ErrorKind::StorageFull, "{kind}");
    }
}

#[test]
fn blocks_of_its_own_take_no_room() {
    for kind in ["ext4", "xfs"] {
        let Some(disk) = stage::mounted(kind) else { continue };
        let file = data(&disk);
        let found = DISK.room(&file, &[3..2 * MIB]).unwrap();
        assert_eq!((found.holes, found.copied), (0, 0), "{kind}");
        fill(&disk);
        overwrite(&file, 0).unwrap();
    }
}

#[test]
fn every_hole_is_counted_however_many_there_are() {
    for kind in ["ext4", "xfs", "btrfs", "tmpfs"] {
        let Some(disk) = stage::mounted(kind) else { continue };
        let file = hole(&disk);
        for block in 0..300 {
            write(&file, b"data", 2 * block * BLOCK + 5).unwrap();
        }
        file.sync_all().unwrap();
        let found = DISK.room(&file, &[0..600 * BLOCK]).unwrap();
        assert_eq!(found.holes, 300 * BLOCK, "{kind}");
        assert_eq!(found.copied, if kind == "btrfs" { 300 * BLOCK } else { 0 }, "{kind}");
        DISK.make_room(&file, &[0..600 * BLOCK]).unwrap();
        if kind != "tmpfs" {
            assert_eq!(DISK.room(&file, &[0..600 * BLOCK]).unwrap().holes, 0, "{kind}");
        }
        let data = read(&file, 4, 2 * 299 * BLOCK + 5);
        assert_eq!(data, b"data", "{kind}");
    }
}

#[test]
fn what_is_appended_counts_as_a_hole() {
    let Some(disk) = stage::mounted("ext4") else { return };
    let file = data(&disk);
    let end = 4 * MIB;
    assert_eq!(DISK.room(&file, &[end - 1..end + 1]).unwrap().holes, BLOCK);
    DISK.make_room(&file, &[end - 1..end + 64 * BLOCK]).unwrap();
    assert_eq!(file.metadata().unwrap().len(), end, "the length stays");
    fill(&disk);
    overwrite(&file, end).unwrap();
}

#[test]
fn shared_blocks_are_given_blocks_of_their_own_where_the_system_can() {
    let Some(disk) = stage::mounted("xfs") else { return };
    let file = data(&disk);
    let copy = open(&disk.path("copy"));
    assert_eq!(DISK.share(&file, 0..4 * MIB, &copy, 0).unwrap(), 4 * MIB);
    let found = DISK.room(&file, &[0..MIB]).unwrap();
    assert_eq!((found.holes, found.copied, found.can_be_made_sure), (0, MIB, true));
    DISK.make_room(&file, &[0..MIB]).unwrap();
    assert_eq!(DISK.room(&file, &[0..MIB]).unwrap().copied, 0);
    fill(&disk);
    overwrite(&file, 0).unwrap();
    assert!(fs::read(disk.path("copy")).unwrap().iter().all(|&byte| byte == b'd'));
    // Shared blocks that were left alone need others, and there are none.
    let all = (0..4).map(|part| overwrite(&file, 2 * MIB + part * 64 * BLOCK));
    assert!(all.filter_map(Result::err).any(|error| error.kind() == ErrorKind::StorageFull));
}

#[test]
fn a_file_system_that_copies_says_so_unless_the_file_forbids_it() {
    let Some(disk) = stage::mounted("btrfs") else { return };
    let file = data(&disk);
    let found = DISK.room(&file, &[0..MIB, 2 * MIB..2 * MIB + 1]).unwrap();
    assert_eq!((found.copied, found.can_be_made_sure), (MIB + BLOCK, false));

    let fixed = open(&disk.path("fixed"));
    rustix::fs::ioctl_setflags(&fixed, rustix::fs::IFlags::NOCOW).unwrap();
    write(&fixed, &vec![b'd'; usize::try_from(MIB).unwrap()], 0).unwrap();
    fixed.sync_all().unwrap();
    let found = DISK.room(&fixed, &[0..MIB]).unwrap();
    assert_eq!((found.holes, found.copied, found.can_be_made_sure), (0, 0, true));
    let copy = open(&disk.path("copy"));
    rustix::fs::ioctl_setflags(&copy, rustix::fs::IFlags::NOCOW).unwrap();
    assert_eq!(DISK.share(&fixed, 0..MIB, &copy, 0).unwrap(), MIB);
    let found = DISK.room(&fixed, &[0..MIB]).unwrap();
    assert_eq!((found.copied, found.can_be_made_sure), (MIB, false));
    fill(&disk);
    assert!(overwrite(&file, 0).is_err(), "the disk is full, and nothing was made sure of");
}

#[test]
fn reserved_blocks_are_there_though_the_disk_is_full_and_the_length_stays() {
    for kind in ["ext4", "xfs", "btrfs", "tmpfs"] {
        let Some(disk) = stage::mounted(kind) else { continue };
        let file = open(&disk.path("new"));
        DISK.reserve(&file, 4 * MIB).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 0, "{kind}");
        let other = open(&disk.path("other"));
        fill(&disk);
        overwrite(&file, 0).unwrap();
        let error = DISK.reserve(&other, 4 * MIB).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull, "{kind}: {error}");
    }
}

#[test]
fn data_and_holes_end_with_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = open(&dir.path().join("file"));
    file.set_len(8 * MIB).unwrap();
    write(&file, &[1; 4096], 4 * MIB).unwrap();
    let data = DISK.data(&file, 0..u64::MAX).unwrap();
    assert_eq!(data, [4 * MIB..4 * MIB + 4096]);
    assert_eq!(DISK.data(&file, 8 * MIB..9 * MIB).unwrap(), []);
    assert_eq!(DISK.data(&file, 4 * MIB + 7..4 * MIB + 9).unwrap(), [4 * MIB + 7..4 * MIB + 9]);
}
