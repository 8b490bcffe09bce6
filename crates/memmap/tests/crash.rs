//! A process is killed in the midst of its work, over and over: what it synced is there, and a file
//! that it replaced is the old one or the new one.
//!
//! A kill takes the process away and leaves the system running, so this holds the order of the
//! library's own steps against its promises; `cargo xtask torture` makes the devices fail.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

#[path = "kit/child.rs"]
mod child;

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use memmap::{Map, MemMap, Mode, Progress, RamMap, widen};

use child::{Child, say};

/// Kills happen up to this long after what they wait for.
const MICROS_MAX: usize = 8_000;

#[test]
fn whatever_was_synced_before_a_kill_is_there() {
    const KILLS: usize = 200;
    /// Kills of those who write to the same file, one after the other.
    const KILLS_A_FILE: usize = 20;
    if let Some((_, path)) = child::part() {
        append(&path);
    }
    let mut random = Random(11);
    let mut synced_in_all = 0;
    for _ in 0..KILLS / KILLS_A_FILE {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut synced = 0;
        for kill in 0..KILLS_A_FILE {
            let mut child =
                Child::start("whatever_was_synced_before_a_kill_is_there", "append", &path);
            assert_eq!(child.line(), "begun");
            if kill % 2 == 1 {
                // Half of the kills come before anything is synced, or while the file is made.
                synced = number(&child.line()).max(synced);
            }
            random.sleep();
            let said = child.kill();
            synced = said.iter().map(|line| number(line)).fold(synced, usize::max);
            check_log(&path, synced);
        }
        synced_in_all += synced;
    }
    assert!(synced_in_all >= KILLS / 2, "{synced_in_all} records are too few to tell");
}

/// Bytes of a record: pages and lengths of the file fall into its midst.
const RECORD_LEN: usize = 40;

/// A record: its number, filler that depends on it, and a checksum.
fn record(number: usize) -> [u8; RECORD_LEN] {
    let mut state = Random(widen(number) + 1);
    let mut words = [widen(number), 0, 0, 0, 0];
    for word in &mut words[1..4] {
        *word = state.next();
    }
    words[4] = words[..4].iter().fold(!0, |sum, &word| sum.rotate_left(7) ^ word);
    let mut bytes = [0; RECORD_LEN];
    for (bytes, word) in bytes.chunks_mut(8).zip(words) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

/// Appends records, syncs some at a time, and says how many are synced; until it is killed.
fn append(path: &Path) -> ! {
    const AT_A_TIME: usize = 3;
    const STEP: u64 = 1000;
    say("begun");
    let mut map = if path.exists() {
        let len = fs::metadata(path).unwrap().len();
        MemMap::options().mode(Mode::ReadWrite).extend(true).len(len + STEP).open(path).unwrap()
    } else {
        MemMap::options().mode(Mode::Create).len(STEP).open(path).unwrap()
    };
    let mut count = whole_records(&map);
    loop {
        let start = count * RECORD_LEN;
        for _ in 0..AT_A_TIME {
            let offset = widen(count * RECORD_LEN);
            let end = offset + widen(RECORD_LEN);
            if end > map.len() {
                map.resize(end + STEP).unwrap();
            }
            map.write_at(offset, &record(count)).unwrap();
            count += 1;
        }
        map.sync(widen(start)..widen(count * RECORD_LEN)).unwrap();
        say(&count.to_string());
    }
}

/// How many records are whole, from the first one on.
fn whole_records(map: &MemMap) -> usize {
    let records = (0_usize..).map(|number| {
        let found = map.read_at(widen(number * RECORD_LEN), RECORD_LEN);
        found.is_ok_and(|found| found == record(number))
    });
    records.take_while(|&is_whole| is_whole).count()
}

/// As many records as were synced are whole, and so may be newer ones; then, at most, comes one of
/// which a part was written; and then nothing.
fn check_log(path: &Path, synced: usize) {
    if !path.exists() {
        assert_eq!(synced, 0, "the file is gone");
        return;
    }
    let map = MemMap::open(path, Mode::Read).unwrap();
    let whole = whole_records(&map);
    assert!(whole >= synced, "{synced} records were synced, and {whole} are there");
    let start = whole * RECORD_LEN;
    let len = usize::try_from(map.len()).unwrap();
    let rest = map.read_at(widen(start), len - start).unwrap();
    let expected = record(whole);
    let is_right = |(index, &byte): (usize, &u8)| {
        byte == 0 || expected.get(index).is_some_and(|&expected| byte == expected)
    };
    assert!(rest.iter().enumerate().all(is_right), "bytes that nobody wrote, from {start} on");
}

#[test]
fn a_file_that_is_being_replaced_is_the_old_one_or_the_new_one() {
    const KILLS: usize = 50;
    if let Some((_, path)) = child::part() {
        replace(&path);
    }
    let mut random = Random(12);
    for kill in 0..KILLS {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("target");
        fs::write(&path, generation(0)).unwrap();
        let mut child = Child::start(
            "a_file_that_is_being_replaced_is_the_old_one_or_the_new_one",
            "replace",
            &path,
        );
        assert_eq!(child.line(), "begun");
        let mut done = 0;
        if kill % 2 == 1 {
            done = number(&child.line());
        }
        random.sleep();
        let done = child.kill().iter().map(|line| number(line)).fold(done, usize::max);
        let found = fs::read(&path).unwrap();
        assert!(
            found == generation(done) || found == generation(done + 1),
            "after {done} replacements the file is {} bytes of something else",
            found.len()
        );
        check_names(dir.path());
        // What a dead one left behind is in nobody's way.
        RamMap::new(7).unwrap().replace_file(&path, &Progress::new()).unwrap();
        assert_eq!(fs::read(&path).unwrap(), [0; 7]);
    }
}

/// What the file holds after so many replacements: no length and no byte as in the one before.
fn generation(number: usize) -> Vec<u8> {
    vec![byte_of(number); (3 << 20) / 2 + number % 5 * 1111]
}

fn byte_of(generation: usize) -> u8 {
    u8::try_from(1 + generation % 251).unwrap()
}

/// Replaces a file and says how often it did; until it is killed.
fn replace(path: &Path) -> ! {
    say("begun");
    for number in 1.. {
        let bytes = generation(number);
        let mut new = RamMap::new(widen(bytes.len())).unwrap();
        new.copy_from_slice(&bytes);
        new.replace_file(path, &Progress::new()).unwrap();
        say(&number.to_string());
    }
    unreachable!("there are more numbers than time")
}

#[test]
fn a_file_that_is_being_made_anew_is_the_old_one_or_the_new_one_and_never_empty() {
    const KILLS: usize = 50;
    if let Some((_, path)) = child::part() {
        make_anew(&path);
    }
    let mut random = Random(13);
    for kill in 0..KILLS {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("target");
        fs::write(&path, vec![byte_of(0); MADE_LEN]).unwrap();
        let mut child = Child::start(
            "a_file_that_is_being_made_anew_is_the_old_one_or_the_new_one_and_never_empty",
            "make",
            &path,
        );
        assert_eq!(child.line(), "begun");
        let mut done = 0;
        if kill % 2 == 1 {
            done = number(&child.line());
        }
        random.sleep();
        let done = child.kill().iter().map(|line| number(line)).fold(done, usize::max);
        let found = fs::read(&path).unwrap();
        assert_eq!(found.len(), MADE_LEN, "after {done} files");
        let is_old = found.iter().all(|&byte| byte == byte_of(done));
        let is_new = found.iter().all(|&byte| [0, byte_of(done + 1)].contains(&byte));
        assert!(is_old || is_new, "after {done} files the bytes are of several");
        check_names(dir.path());
    }
}

const MADE_LEN: usize = 300_001;

/// Makes a file anew, over and over, fills it and says how often it did; until it is killed.
fn make_anew(path: &Path) -> ! {
    say("begun");
    for number in 1.. {
        let options = MemMap::options().mode(Mode::Create).len(widen(MADE_LEN));
        let mut map: Map<_> = options.open(path).unwrap();
        map.fill_range(.., byte_of(number)).unwrap();
        drop(map);
        say(&number.to_string());
    }
    unreachable!("there are more numbers than time")
}

/// Beside the file there is at most what a killed process was about to make of it.
fn check_names(dir: &Path) {
    for entry in fs::read_dir(dir).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(name == "target" || name.starts_with(".memmap-"), "{name:?}");
    }
}

/// A number that the other process said; anything else is why it ended.
fn number(line: &str) -> usize {
    line.parse().unwrap_or_else(|_| panic!("the other process says: {line}"))
}

/// Marsaglia's xorshift: the same moments for the same seed, as far as clocks go.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn sleep(&mut self) {
        thread::sleep(Duration::from_micros(self.next() % widen(MICROS_MAX)));
    }
}
