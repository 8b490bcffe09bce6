//! Others append to a file while maps make it longer, or try to: nothing that they wrote is lost.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use memmap::{MemMap, Mode, widen};
use tempfile::NamedTempFile;

/// Attempts to make the file longer, of each kind.
const ATTEMPTS: u64 = 250;

/// Bytes that the file gets at a time, where it gets them.
const STEP: u64 = 10_000;

/// How many append, what, and how much at once.
const WRITERS: u64 = 2;
const RECORD_LEN: usize = 16;
const RECORDS_AT_ONCE: u64 = 256;

#[test]
fn files_that_grow_with_room_reserved_keep_what_others_append() {
    while_others_append(true, |path, len| extend(path, len + STEP, false));
    while_others_append(true, |path, len| resize(path, &[len + STEP], false));
    while_others_append(true, |path, len| resize(path, &[len + 1, len + STEP], false));
}

#[test]
fn files_that_grow_by_a_hole_keep_what_others_append() {
    while_others_append(true, |path, len| extend(path, len + STEP, true));
    while_others_append(true, |path, len| extend(path, len + 1, true));
    while_others_append(true, |path, len| resize(path, &[len + STEP], true));
}

#[test]
fn files_that_cannot_grow_with_room_reserved_keep_what_others_append() {
    for len in [1 << 43, 1 << 46, 1 << 50, 1 << 62] {
        while_others_append(false, |path, _| extend(path, len, false));
        while_others_append(false, |path, _| resize(path, &[len], false));
    }
}

#[test]
fn files_that_cannot_grow_by_a_hole_keep_what_others_append() {
    // The file system refuses the first, if it has no such long files, and the memory the others.
    for len in [1 << 46, 1 << 50, 1 << 62] {
        while_others_append(false, |path, _| extend(path, len, true));
        while_others_append(false, |path, _| resize(path, &[len], true));
    }
}

fn extend(path: &Path, len: u64, is_sparse: bool) -> memmap::Result<()> {
    let options = MemMap::options().mode(Mode::ReadWrite).sparse(is_sparse);
    options.extend(true).len(len).open(path).map(drop)
}

fn resize(path: &Path, lens: &[u64], is_sparse: bool) -> memmap::Result<()> {
    let mut map = MemMap::options().mode(Mode::ReadWrite).sparse(is_sparse).open(path)?;
    lens.iter().try_for_each(|&len| map.resize(len.max(map.len())))
}

/// Makes a file longer, over and over, by a function that is told how long it is, while others
/// append to it; and then looks for all that they did.
fn while_others_append(grows: bool, grow: impl Fn(&Path, u64) -> memmap::Result<()>) {
    let file = NamedTempFile::new().unwrap();
    file.as_file().write_all(&record(0, 0)).unwrap();
    let is_over = AtomicBool::new(false);
    let appended: Vec<_> = (0..WRITERS).map(|_| AtomicU64::new(0)).collect();
    thread::scope(|scope| {
        for (writer, appended) in (1..).zip(&appended) {
            let (is_over, path) = (&is_over, file.path());
            scope.spawn(move || append(path, writer, appended, is_over));
        }
        let done = attempts(file.path(), grows, &appended, grow);
        is_over.store(true, Ordering::Relaxed);
        done
    })
    .unwrap();

    let mut expected: Vec<_> = (1..)
        .zip(&appended)
        .flat_map(|(writer, appended)| {
            (0..appended.load(Ordering::Relaxed)).map(move |number| record(writer, number))
        })
        .collect();
    expected.push(record(0, 0));
    expected.sort_unstable();
    let mut found = records(file.path());
    found.sort_unstable();
    assert_eq!(found.len(), expected.len(), "records are lost");
    assert!(found == expected, "other records than those that were appended");
}

/// So many attempts, and at least one record between each and the next.
fn attempts(
    path: &Path,
    grows: bool,
    appended: &[AtomicU64],
    grow: impl Fn(&Path, u64) -> memmap::Result<()>,
) -> Result<(), String> {
    let latest = Instant::now() + Duration::from_secs(30);
    let mut seen = 0;
    for _ in 0..ATTEMPTS {
        let attempt = grow(path, fs::metadata(path).map_err(|error| error.to_string())?.len());
        match attempt {
            Err(error) if grows => return Err(error.to_string()),
            // A file system that has such long files, and room for them, refuses nothing.
            Ok(()) if !grows => return Ok(()),
            _ => {}
        }
        while appended.iter().map(|it| it.load(Ordering::Relaxed)).sum::<u64>() == seen {
            if Instant::now() > latest {
                return Err("nobody appends".to_owned());
            }
            thread::yield_now();
        }
        seen = appended.iter().map(|it| it.load(Ordering::Relaxed)).sum();
    }
    Ok(())
}

/// Appends record after record, as those do who write logs.
fn append(path: &Path, writer: u8, appended: &AtomicU64, is_over: &AtomicBool) {
    let mut file = File::options().append(true).open(path).unwrap();
    while !is_over.load(Ordering::Relaxed) {
        let number = appended.load(Ordering::Relaxed);
        assert_eq!(file.write(&record(writer, number)).unwrap(), RECORD_LEN);
        appended.store(number + 1, Ordering::Relaxed);
        if number.is_multiple_of(RECORDS_AT_ONCE) {
            thread::sleep(Duration::from_micros(1));
        }
    }
}

/// A record, which begins with a byte that is not zero.
fn record(writer: u8, number: u64) -> [u8; RECORD_LEN] {
    let mut bytes = [writer + 1; RECORD_LEN];
    bytes[8..].copy_from_slice(&number.to_le_bytes());
    bytes
}

/// All records of a file, between which there may be zeros. What nobody ever wrote is not looked at:
/// the file may have become very long.
fn records(path: &Path) -> Vec<[u8; RECORD_LEN]> {
    let map = MemMap::open(path, Mode::Read).unwrap();
    let mut bytes = Vec::new();
    for extent in map.extents(..).unwrap().iter().filter(|extent| extent.is_data()) {
        let range = extent.range();
        let len = usize::try_from(range.end - range.start).unwrap();
        bytes.extend(map.read_at(range.start, len).unwrap());
    }
    let mut records = Vec::new();
    let mut rest = &bytes[..];
    while let Some(start) = rest.iter().position(|&byte| byte != 0) {
        let (record, more) = rest[start..].split_first_chunk().unwrap();
        records.push(*record);
        rest = more;
    }
    assert!(widen(bytes.len()) <= map.len());
    records
}
