//! Laws of bytes that freeze when they are first touched: what a slice shows, and what copies return, while
//! the file changes.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::thread;

use memmap_core::{
    BLOCK_LEN, ErrorKind, Frozen, Kernel, Live, Map, Mode, OnLostPage, Progress, Proof, Proofs,
    System, widen,
};
use tempfile::NamedTempFile;

use crate::support::sample;

const PAGE: usize = 4096;
const MIB: usize = 1 << 20;

fn file(len: usize) -> (NamedTempFile, Vec<u8>) {
    let (file, bytes) = (NamedTempFile::new().unwrap(), sample(len));
    fs::write(&file, &bytes).unwrap();
    (file, bytes)
}

fn touching<S: System>(path: impl AsRef<Path>) -> Map<Frozen<S>> {
    let frozen = Map::open_with(path, Proofs::none().first_touch()).unwrap();
    assert_eq!(frozen.proof(), Proof::FirstTouch);
    frozen
}

fn with_zeros<S: System>(path: impl AsRef<Path>) -> Map<Frozen<S>> {
    Map::open_with(path, Proofs::none().first_touch().on_lost(OnLostPage::Zeros)).unwrap()
}

fn writer(file: &NamedTempFile) -> File {
    OpenOptions::new().write(true).open(file).unwrap()
}

fn overwrite(file: &NamedTempFile, bytes: &[u8]) {
    writer(file).write_all(bytes).unwrap();
}

pub fn a_slice_has_the_bytes_of_the_file_and_takes_the_memory_of_what_is_touched<S: System>() {
    let (file, bytes) = file(10 * MIB + 123);
    let frozen = touching::<S>(&file);
    assert_eq!((frozen.len(), frozen.touched()), (10 * 1_048_576 + 123, 0));
    assert_eq!(frozen[5 * MIB + 17], bytes[5 * MIB + 17]);
    let touched = frozen.touched();
    assert!(touched > 0 && touched <= 64 << 10, "{touched}");
    assert_eq!(frozen.resident(..).unwrap().len(), 1);
    assert!(frozen[..] == bytes[..]);
    assert_eq!(frozen.touched(), 10 * 1_048_576 + 4096);
    assert!(frozen.resident(..).unwrap().iter().eq([&(0..frozen.len())]));
    assert!(frozen.lost().is_empty());
    frozen.close().unwrap();
}

pub fn any_part_of_a_file_at_any_offset<S: System>() {
    let (file, bytes) = file(3 * MIB);
    for (offset, len) in [(1, 3 * MIB - 1), (4095, 2 * MIB), (4097, 100_001), (100, 70_000), (9, 5)]
    {
        let start = u64::try_from(offset).unwrap();
        let part = Map::<Live<S>>::options().offset(start).len(u64::try_from(len).unwrap());
        let frozen = part.open(&file).unwrap().prove(Proofs::none().first_touch()).unwrap();
        assert!(frozen[..] == bytes[offset..offset + len], "{len} at {offset}");
        let slice = frozen.slice(3..).unwrap();
        assert!(slice[..] == bytes[offset + 3..offset + len]);
        drop(frozen);
        assert_eq!(slice.read_at(0, 2).unwrap(), bytes[offset + 3..offset + 5]);
    }
}

pub fn what_was_touched_stays_and_what_was_not_is_as_the_file_is_then<S: System>() {
    let (file, bytes) = file(4 * MIB);
    let frozen = touching::<S>(&file);
    assert_eq!(frozen[0], bytes[0]);
    overwrite(&file, &vec![9; 4 * MIB]);
    assert_eq!(frozen[..PAGE], bytes[..PAGE]);
    assert_eq!(frozen.read_at(10, 20).unwrap(), bytes[10..30]);
    assert!(frozen[2 * MIB..].iter().all(|&byte| byte == 9));
    fs::remove_file(&file).unwrap();
    assert!(frozen[MIB..].iter().all(|&byte| byte == 9));
    assert_eq!(frozen[..PAGE], bytes[..PAGE]);
}

pub fn lost_bytes_are_errors_of_what_copies_and_bytes_that_were_seen_stay<S: System>() {
    let (file, bytes) = file(4 * MIB);
    let frozen = touching::<S>(&file);
    assert_eq!(frozen[3 * MIB], bytes[3 * MIB]);
    writer(&file).set_len(100_000).unwrap();
    assert_eq!(frozen[3 * MIB], bytes[3 * MIB]);
    assert!(frozen.read_at(99_000, 500).is_err());
    let error = frozen.read_at(1_048_576, 1).unwrap_err();
    let ErrorKind::Truncated { offset, now, .. } = *error.kind() else { panic!("{error}") };
    assert_eq!((offset, now), (1_048_576, 100_000));
    assert_eq!(error.path(), Some(file.path()));
    let error = frozen.prefault(.., &Progress::new()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Truncated { .. }), "{error}");
    let mut out = vec![0; 4 * MIB];
    let lost = frozen.rescue(0, &mut out).unwrap();
    assert!(!lost.is_empty());
    for (at, (a, b)) in out.iter().zip(&bytes).take(98_304).enumerate() {
        assert_eq!(a, b, "{at} {lost:?}");
    }
    assert_eq!(out[3 * MIB..3 * MIB + PAGE], bytes[3 * MIB..3 * MIB + PAGE]);
    let error = frozen.close().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Truncated { .. }), "{error}");
}

pub fn with_zeros_a_slice_shows_them_and_everything_else_says_so<S: System>() {
    let (file, bytes) = file(MIB);
    let frozen = with_zeros::<S>(&file);
    assert_eq!(frozen[0], bytes[0]);
    writer(&file).set_len(500_000).unwrap();
    assert!(frozen.read_at(600_000, 1).is_err());
    assert_eq!(frozen[700_000], 0);
    // 500,000 is in a page of which a part can be read.
    assert_eq!((frozen[499_999], frozen[500_001]), (bytes[499_999], 0));
    writer(&file).set_len(widen(MIB)).unwrap();
    overwrite(&file, &bytes);
    assert_eq!(frozen[700_000], 0, "once seen it stays");
    let error = frozen.read_at(700_000, 5).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Truncated { offset: 700_000, .. }), "{error}");
    assert_eq!(frozen.read_at(900_000, 5).unwrap(), bytes[900_000..900_005]);
    let lost: Vec<_> = frozen.lost().into_iter().map(|lost| lost.range).collect();
    assert!(lost.iter().any(|range| range.contains(&700_000)), "{lost:?}");
    assert!(lost.iter().all(|range| !range.contains(&900_000) && !range.contains(&0)), "{lost:?}");
    let sum = frozen.fold(.., Sum(0));
    assert!(sum.is_err(), "a fold says so");
    let error = frozen.close().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Truncated { .. }), "{error}");
}

/// Adds up the bytes.
struct Sum(u64);

impl Kernel for Sum {
    fn block(&mut self, block: &[u8; BLOCK_LEN]) {
        self.rest(block);
    }

    fn rest(&mut self, rest: &[u8]) {
        self.0 += rest.iter().map(|&byte| u64::from(byte)).sum::<u64>();
    }
}

pub fn a_fold_reads_what_nobody_touched<S: System>() {
    let (file, bytes) = file(2 * MIB);
    let frozen = touching::<S>(&file);
    let sum = frozen.fold(.., Sum(0)).unwrap().0;
    assert_eq!(sum, bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>());
}

pub fn written_bytes_are_touched_first<S: System>() {
    let (file, bytes) = file(3 * MIB);
    let frozen = touching::<S>(&file);
    let mut all = NamedTempFile::new().unwrap();
    frozen.write_to(&mut all, 5..).unwrap();
    assert!(fs::read(&all).unwrap() == bytes[5..]);
    // A file takes bytes by a system call, which does not touch.
    let fresh = touching::<S>(&file);
    let error = all.as_file_mut().write_all(&fresh).unwrap_err();
    // EFAULT, ERROR_NOACCESS, ERROR_INVALID_USER_BUFFER.
    assert!([Some(14), Some(998), Some(1784)].contains(&error.raw_os_error()), "{error}");
    fresh.prefault(.., &Progress::new()).unwrap();
    all.as_file_mut().write_all(&fresh).unwrap();
}

pub fn a_limit_is_kept<S: System>() {
    let (file, _) = file(MIB);
    let limited = Proofs::none().first_touch_up_to(widen(MIB) - 1);
    let refused = Map::<Live<S>>::open(&file, Mode::Read).unwrap().prove(limited).unwrap_err();
    let why = refused.error.reasons().iter().find(|why| why.proof == Proof::FirstTouch).unwrap();
    assert!(why.why.contains("1048575"), "{}", why.why);
    let enough = Proofs::none().first_touch_up_to(widen(MIB));
    assert_eq!(refused.value.prove(enough).unwrap().proof(), Proof::FirstTouch);
}

pub fn many_maps_live_at_once_and_come_and_go<S: System>() {
    let (file, bytes) = file(100 * PAGE);
    let maps: Vec<_> = (0..100).map(|_| touching::<S>(&file)).collect();
    thread::scope(|scope| {
        for part in maps.chunks(25) {
            let bytes = &bytes;
            scope.spawn(move || {
                assert!(part.iter().all(|map| map[..] == bytes[..]));
            });
        }
    });
    drop(maps);
    for _ in 0..200 {
        assert_eq!(touching::<S>(&file)[77 * PAGE], bytes[77 * PAGE]);
    }
}
