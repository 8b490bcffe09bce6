//! Bytes that freeze when they are first touched: the laws, and what is of Windows alone.
#![cfg(all(windows, target_arch = "x86_64"))]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs::{self, File, OpenOptions};
use std::io::Seek;
use std::os::windows::fs::FileExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use memmap_conformance::sample;
use memmap_core::{Files, Map, MapOptions, Proof, Proofs};
use memmap_windows::{Frozen, Windows};
use tempfile::NamedTempFile;

type FrozenMap = Map<Frozen>;

const PAGE: usize = 4096;
const MIB: usize = 1 << 20;

fn file(len: usize) -> (NamedTempFile, Vec<u8>) {
    let (file, bytes) = (NamedTempFile::new().unwrap(), sample(len));
    fs::write(&file, &bytes).unwrap();
    (file, bytes)
}

fn touching(path: impl AsRef<Path>) -> FrozenMap {
    let frozen = FrozenMap::open_with(path, Proofs::none().first_touch()).unwrap();
    assert_eq!(frozen.proof(), Proof::FirstTouch);
    frozen
}

fn overwrite(file: &NamedTempFile, bytes: &[u8]) {
    assert_eq!(writer(file).seek_write(bytes, 0).unwrap(), bytes.len());
}

fn writer(file: &NamedTempFile) -> File {
    OpenOptions::new().write(true).open(file).unwrap()
}

memmap_conformance::touch_laws!(mod by_views, Windows, |law: fn()| law());

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
    let (path, bytes) = (dir.path().join("file"), sample(MIB));
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
