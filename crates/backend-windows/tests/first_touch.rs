//! Bytes that freeze when they are first touched: what a slice shows, and what copies return, while the file
//! changes.
#![cfg(all(windows, target_arch = "x86_64"))]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs::{self, File, OpenOptions};
use std::io::Seek;
use std::os::windows::fs::FileExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use memmap_core::{
    BLOCK_LEN, ErrorKind, Files, Kernel, Map, MapOptions, Mode, OnLostPage, Progress, Proof,
    Proofs, widen,
};
use memmap_windows::{Frozen, Live, Windows};
use tempfile::NamedTempFile;

type FrozenMap = Map<Frozen>;
type MemMap = Map<Live>;

const PAGE: usize = 4096;
const MIB: usize = 1 << 20;

/// A file whose bytes tell where they are.
fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|at| u8::try_from((at / 7 + at / PAGE * 13) % 251).unwrap()).collect()
}

fn file(len: usize) -> (NamedTempFile, Vec<u8>) {
    let (file, bytes) = (NamedTempFile::new().unwrap(), bytes(len));
    fs::write(&file, &bytes).unwrap();
    (file, bytes)
}

fn touching(path: impl AsRef<Path>) -> FrozenMap {
    let frozen = FrozenMap::open_with(path, Proofs::none().first_touch()).unwrap();
    assert_eq!(frozen.proof(), Proof::FirstTouch);
    frozen
}

fn with_zeros(path: impl AsRef<Path>) -> FrozenMap {
    FrozenMap::open_with(path, Proofs::none().first_touch().on_lost(OnLostPage::Zeros)).unwrap()
}

fn overwrite(file: &NamedTempFile, bytes: &[u8]) {
    assert_eq!(writer(file).seek_write(bytes, 0).unwrap(), bytes.len());
}

fn writer(file: &NamedTempFile) -> File {
    OpenOptions::new().write(true).open(file).unwrap()
}

#[test]
fn a_slice_has_the_bytes_of_the_file_and_takes_the_memory_of_what_is_touched() {
    let (file, bytes) = file(10 * MIB + 123);
    let frozen = touching(&file);
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

#[test]
fn any_part_of_a_file_at_any_offset() {
    let (file, bytes) = file(3 * MIB);
    for (offset, len) in [(1, 3 * MIB - 1), (4095, 2 * MIB), (4097, 100_001), (100, 70_000), (9, 5)]
    {
        let start = u64::try_from(offset).unwrap();
        let part = MemMap::options().offset(start).len(u64::try_from(len).unwrap());
        let frozen = part.open(&file).unwrap().prove(Proofs::none().first_touch()).unwrap();
        assert!(frozen[..] == bytes[offset..offset + len], "{len} at {offset}");
        let slice = frozen.slice(3..).unwrap();
        assert!(slice[..] == bytes[offset + 3..offset + len]);
        drop(frozen);
        assert_eq!(slice.read_at(0, 2).unwrap(), bytes[offset + 3..offset + 5]);
    }
}

#[test]
fn what_was_touched_stays_and_what_was_not_is_as_the_file_is_then() {
    let (file, bytes) = file(4 * MIB);
    let frozen = touching(&file);
    assert_eq!(frozen[0], bytes[0]);
    overwrite(&file, &vec![9; 4 * MIB]);
    assert_eq!(frozen[..PAGE], bytes[..PAGE]);
    assert_eq!(frozen.read_at(10, 20).unwrap(), bytes[10..30]);
    assert!(frozen[2 * MIB..].iter().all(|&byte| byte == 9));
    fs::remove_file(&file).unwrap();
    assert!(frozen[MIB..].iter().all(|&byte| byte == 9));
    assert_eq!(frozen[..PAGE], bytes[..PAGE]);
}

#[test]
fn lost_bytes_are_errors_of_what_copies_and_bytes_that_were_seen_stay() {
    let (file, bytes) = file(4 * MIB);
    let frozen = touching(&file);
    assert_eq!(frozen[3 * MIB], bytes[3 * MIB]);
    writer(&file).set_len(100_000).unwrap();
    assert_eq!(frozen[3 * MIB], bytes[3 * MIB]);
    assert!(frozen.read_at(99_000, 500).is_err());
    let error = frozen.read_at(1_048_576, 1).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Truncated { offset: 1_048_576, now: 100_000, .. }),
        "{error}"
    );
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

#[test]
fn with_zeros_a_slice_shows_them_and_everything_else_says_so() {
    let (file, bytes) = file(MIB);
    let frozen = with_zeros(&file);
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

#[test]
fn a_fold_reads_what_nobody_touched() {
    let (file, bytes) = file(2 * MIB);
    let frozen = touching(&file);
    let sum = frozen.fold(.., Sum(0)).unwrap().0;
    assert_eq!(sum, bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>());
}

#[test]
fn written_bytes_are_touched_first() {
    let (file, bytes) = file(3 * MIB);
    let frozen = touching(&file);
    let mut all = NamedTempFile::new().unwrap();
    frozen.write_to(&mut all, 5..).unwrap();
    assert!(fs::read(&all).unwrap() == bytes[5..]);
    // A file takes bytes by a system call, which does not touch.
    let fresh = touching(&file);
    let error = std::io::Write::write_all(all.as_file_mut(), &fresh).unwrap_err();
    // ERROR_NOACCESS or ERROR_INVALID_USER_BUFFER
    assert!([Some(998), Some(1784)].contains(&error.raw_os_error()), "{error}");
    fresh.prefault(.., &Progress::new()).unwrap();
    std::io::Write::write_all(all.as_file_mut(), &fresh).unwrap();
}

#[test]
fn a_limit_is_kept() {
    let (file, _) = file(MIB);
    let limited = Proofs::none().first_touch_up_to(widen(MIB) - 1);
    let refused = MemMap::open(&file, Mode::Read).unwrap().prove(limited).unwrap_err();
    let why = refused.error.reasons().iter().find(|why| why.proof == Proof::FirstTouch).unwrap();
    assert!(why.why.contains("1048575"), "{}", why.why);
    let enough = Proofs::none().first_touch_up_to(widen(MIB));
    assert_eq!(refused.value.prove(enough).unwrap().proof(), Proof::FirstTouch);
}

#[test]
fn many_maps_live_at_once_and_come_and_go() {
    let (file, bytes) = file(100 * PAGE);
    let maps: Vec<_> = (0..100).map(|_| touching(&file)).collect();
    std::thread::scope(|scope| {
        for part in maps.chunks(25) {
            let bytes = &bytes;
            scope.spawn(move || {
                assert!(part.iter().all(|map| map[..] == bytes[..]));
            });
        }
    });
    drop(maps);
    for _ in 0..200 {
        assert_eq!(touching(&file)[77 * PAGE], bytes[77 * PAGE]);
    }
}

#[test]
fn it_is_what_an_open_proves_and_short_files_are_read_at_once() {
    for len in [1, 5000, 64 << 10, (64 << 10) + 1] {
        let (file, bytes) = file(len);
        let frozen = FrozenMap::open(&file).unwrap();
        assert_eq!((frozen.proof(), frozen.touched()), (Proof::FirstTouch, 0));
        let now = overwritten(&file, len);
        let expected = if len > 64 << 10 { now } else { bytes };
        assert!(frozen[..] == expected[..], "{len}");
    }
    let found = memmap_core::explain(&Files::new(Windows), file(100_000).0.path()).unwrap();
    let touch = found.proofs.iter().find(|it| it.proof == Proof::FirstTouch).unwrap();
    assert_eq!(touch.why_not, None);
}

fn overwritten(file: &NamedTempFile, len: usize) -> Vec<u8> {
    overwrite(file, &vec![7; len]);
    vec![7; len]
}

#[test]
fn threads_that_touch_at_random_while_the_file_changes_see_each_byte_once() {
    const LEN: usize = 8 * MIB;
    let (file, _) = file(LEN);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut turn = 0_u8;
            while !is_over.load(Ordering::Relaxed) {
                turn = turn.wrapping_add(1);
                overwrite(&file, &vec![turn; LEN]);
            }
        });
        for _ in 0..4 {
            let frozen = touching(&file);
            let seen = thread::scope(|threads| {
                let one = |seed: u32| {
                    let frozen = &frozen;
                    move || {
                        let mut seen = vec![None; LEN / PAGE];
                        let mut random = seed;
                        for _ in 0..4000 {
                            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                            let page = usize::try_from(random >> 8).unwrap() % seen.len();
                            let byte = frozen
                                [page * PAGE + usize::try_from(random & 0xFFF).unwrap() % PAGE];
                            // A page is as the file was at one moment: a write may be under way.
                            let all = &frozen[page * PAGE..][..PAGE];
                            assert!(all.contains(&byte));
                            let sum: u64 = all.iter().map(|&byte| u64::from(byte)).sum();
                            assert_eq!(*seen[page].get_or_insert(sum), sum, "page {page}");
                        }
                        seen
                    }
                };
                let all = [1, 2, 3, 4].map(|seed| threads.spawn(one(seed)));
                all.map(|thread| thread.join().unwrap())
            });
            for page in 0..LEN / PAGE {
                let mut sums: Vec<u64> = seen.iter().filter_map(|seen| seen[page]).collect();
                sums.dedup();
                assert!(sums.len() < 2, "page {page} was two: {sums:?}");
            }
            frozen.close().unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
    });
}

#[test]
fn writers_that_were_denied_stay_denied() {
    let dir = tempfile::tempdir().unwrap();
    let (path, bytes) = (dir.path().join("file"), bytes(MIB));
    fs::write(&path, &bytes).unwrap();
    let options = MapOptions::new(Files::new(Windows)).deny_write(true);
    let frozen = options.open(&path).unwrap().prove(Proofs::none().first_touch()).unwrap();
    let refused = OpenOptions::new().write(true).open(&path).unwrap_err();
    assert_eq!(refused.raw_os_error(), Some(32), "ERROR_SHARING_VIOLATION");
    assert!(frozen[..] == bytes[..]);
    drop(frozen);
    OpenOptions::new().write(true).open(&path).unwrap();
}

#[test]
fn the_position_of_the_file_that_was_passed_is_left_alone() {
    let (file, bytes) = file(MIB);
    let mut own = File::open(&file).unwrap();
    own.seek(std::io::SeekFrom::Start(7)).unwrap();
    let map = MapOptions::new(Files::new(Windows)).open_file(&own).unwrap();
    let frozen = map.prove(Proofs::none().first_touch()).unwrap();
    assert!(frozen[..] == bytes[..]);
    assert_eq!(own.stream_position().unwrap(), 7);
}

#[test]
fn the_ends_of_a_long_file_are_touched_alone() {
    const LEN: u64 = 6 << 30;
    let file = NamedTempFile::new().unwrap();
    writer(&file).set_len(LEN).unwrap();
    overwrite(&file, b"begins");
    writer(&file).seek_write(b"ends", LEN - 4).unwrap();
    let frozen = touching(&file);
    let bytes: &[u8] = &frozen;
    assert!(bytes.starts_with(b"begins") && bytes.ends_with(b"ends"));
    assert!(frozen.touched() <= 64 << 10, "{}", frozen.touched());
}

/// A touch of a page that is lost ends the process, after one line.
#[test]
fn a_lost_page_ends_the_process() {
    const CHILD: &str = "MEMMAP_WINDOWS_LOST";
    const NAME: &str = "a_lost_page_ends_the_process";
    if std::env::var_os(CHILD).is_some() {
        let (file, bytes) = file(MIB);
        let frozen = touching(&file);
        assert_eq!(frozen[5], bytes[5]);
        writer(&file).set_len(10).unwrap();
        assert_eq!(frozen[5], bytes[5]);
        panic!("{} was read", frozen[600_000]);
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    let ended = child.args(["--exact", NAME, "--nocapture"]).env(CHILD, "1").output().unwrap();
    assert_eq!(ended.status.code(), Some(0xC000_0005_u32.cast_signed()), "{ended:?}");
    let said = String::from_utf8_lossy(&ended.stderr);
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("memmap: ")).collect();
    let expected = "memmap: byte 598016 of a borrowed map is lost: its device failed, or its file was \
        cut short; the process ends, as borrowed bytes cannot change";
    assert_eq!(lines, [expected]);
}
