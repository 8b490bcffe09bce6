//! Processes that share a file: integers that both change, locks that both take.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

#[path = "kit/child.rs"]
mod child;

use std::fs::File;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use memmap::{ErrorKind, MemMap, Mode, RamMap, SharedCells, widen};
use tempfile::NamedTempFile;

use child::{Child, say};

const THREADS: u64 = 4;

/// A file of zeros.
fn zeros(len: u64) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    file.as_file().set_len(len).unwrap();
    file
}

/// Maps it for writing, from `offset` on.
fn map(path: &Path, offset: u64) -> MemMap {
    MemMap::options().mode(Mode::ReadWrite).offset(offset).open(path).unwrap()
}

/// Counts in the integer at `at` until all processes are there.
fn meet(cells: SharedCells<'_>, at: u64, processes: u64) {
    cells.fetch_add(at, 1_u64).unwrap();
    wait_until(|| cells.load::<u64>(at).unwrap() >= processes);
}

/// Spins; but not for ever, should the other process have died.
fn wait_until(mut is_so: impl FnMut() -> bool) {
    let latest = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < latest, "the other process does not come");
        thread::yield_now();
    }
}

/// Where the processes meet.
const MEETING: u64 = 0;

/// Integers that all threads add to, in two pages, and what they add.
const COUNTERS: [(u64, u64); 4] = [(8, 1), (16, 1 << 32), (4088, 3), (4096, u64::MAX)];

/// How often each thread adds to each counter: all together a million times.
const TIMES: u64 = 1_000_000 / 2 / THREADS / 4;

#[test]
fn a_million_additions_of_two_processes_with_four_threads_each_are_all_there() {
    if let Some((_, path)) = child::part() {
        // The same integers, at other offsets and in another place within their page.
        let mut map = map(&path, 8);
        let cells = map.cells();
        add(MemMap::open(&path, Mode::ReadWrite).unwrap().cells(), Some(cells));
        say("added");
        return;
    }
    let file = zeros(8192);
    let mut map = map(file.path(), 0);
    let cells = map.cells();
    let mut child = Child::start(
        "a_million_additions_of_two_processes_with_four_threads_each_are_all_there",
        "add",
        file.path(),
    );
    add(cells, None);
    assert_eq!(child.line(), "added");
    for (at, more) in COUNTERS {
        let times = 2 * THREADS * TIMES;
        assert_eq!(cells.load::<u64>(at).unwrap(), more.wrapping_mul(times), "at {at}");
    }
    assert_eq!(cells.load::<u64>(MEETING).unwrap(), 2);
}

/// Meets the other process and adds to all counters, in threads; by `shifted` cells, which begin 8
/// bytes further on, if there are some.
fn add(cells: SharedCells<'_>, shifted: Option<SharedCells<'_>>) {
    meet(cells, MEETING, 2);
    let (cells, before) = shifted.map_or((cells, 0), |shifted| (shifted, 8));
    thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                for time in 0..TIMES * 4 {
                    let (at, more) = COUNTERS[usize::try_from((thread + time) % 4).unwrap()];
                    cells.fetch_add(at - before, more).unwrap();
                }
            });
        }
    });
}

/// An integer that is counted in by exchanges, and how far each thread counts.
const EXCHANGED: u64 = 24;
const COUNT: u64 = 20_000;

#[test]
fn of_exchanges_that_two_processes_make_at_once_one_happens_and_the_other_says_so() {
    if let Some((_, path)) = child::part() {
        count(map(&path, 0).cells());
        say("counted");
        return;
    }
    let file = zeros(4096);
    let mut map = map(file.path(), 0);
    let cells = map.cells();
    let mut child = Child::start(
        "of_exchanges_that_two_processes_make_at_once_one_happens_and_the_other_says_so",
        "count",
        file.path(),
    );
    count(cells);
    assert_eq!(child.line(), "counted");
    assert_eq!(cells.load::<u64>(EXCHANGED).unwrap(), 2 * THREADS * COUNT);
}

/// Meets the other process and counts, in threads.
fn count(cells: SharedCells<'_>) {
    meet(cells, MEETING, 2);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(move || {
                for _ in 0..COUNT {
                    let mut was: u64 = cells.load(EXCHANGED).unwrap();
                    while let Err(other) = cells.compare_exchange(EXCHANGED, was, was + 1).unwrap()
                    {
                        was = other;
                    }
                }
            });
        }
    });
}

/// A lock that is spun on, and what it protects, in two cache lines and two pages.
const SPIN: u64 = 8;
const ONE: u64 = 64;
const OTHER: u64 = 4096 + 129;
const TURNS: u64 = 5_000;

#[test]
fn a_spin_lock_in_the_file_lets_one_thread_of_two_processes_at_a_time_change_a_pair() {
    if let Some((_, path)) = child::part() {
        take_turns(map(&path, 0).cells());
        say("done");
        return;
    }
    let file = zeros(8192);
    let mut map = map(file.path(), 0);
    let cells = map.cells();
    let mut child = Child::start(
        "a_spin_lock_in_the_file_lets_one_thread_of_two_processes_at_a_time_change_a_pair",
        "turns",
        file.path(),
    );
    take_turns(cells);
    assert_eq!(child.line(), "done");
    let turns = 2 * 2 * TURNS;
    assert_eq!(cells.get::<u64>(ONE).unwrap(), turns);
    assert_eq!(cells.get::<[u64; 2]>(OTHER).unwrap(), [turns, !turns]);
}

/// In two threads, takes the lock, finds the pair in order, changes it and gives the lock back.
fn take_turns(cells: SharedCells<'_>) {
    meet(cells, MEETING, 2);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(move || {
                for _ in 0..TURNS {
                    wait_until(|| cells.compare_exchange(SPIN, 0_u32, 1).unwrap().is_ok());
                    // Copied, not loaded: only the lock keeps these whole, and in order.
                    let turn: u64 = cells.get(ONE).unwrap();
                    let other: [u64; 2] = cells.get(OTHER).unwrap();
                    assert_eq!(other, if turn == 0 { [0, 0] } else { [turn, !turn] });
                    cells.set(ONE, turn + 1).unwrap();
                    cells.set(OTHER, [turn + 1, !(turn + 1)]).unwrap();
                    cells.store(SPIN, 0_u32).unwrap();
                }
            });
        }
    });
}

/// Holds the lock that the part names until it is killed.
fn hold(path: &Path, part: &str) -> ! {
    let mut map = map(path, 0);
    let _locked = if part == "shared" { map.lock_shared() } else { map.lock() }.unwrap();
    say("locked");
    loop {
        thread::park();
    }
}

#[test]
fn a_lock_of_another_process_is_in_the_way_until_that_dies() {
    const NAME: &str = "a_lock_of_another_process_is_in_the_way_until_that_dies";
    if let Some((part, path)) = child::part() {
        hold(&path, &part);
    }
    let file = zeros(1);
    let mut map = map(file.path(), 0);
    let mut child = Child::start(NAME, "exclusive", file.path());
    assert_eq!(child.line(), "locked");
    assert!(map.try_lock().unwrap().is_none() && map.try_lock_shared().unwrap().is_none());
    // The lock holds off those who ask, and nobody else.
    map.write_at(0, b"x").unwrap();
    child.kill();
    let locked = map.try_lock().unwrap();
    assert!(locked.is_some());
    drop(locked);

    let mut child = Child::start(NAME, "shared", file.path());
    assert_eq!(child.line(), "locked");
    assert!(map.try_lock_shared().unwrap().is_some());
    assert!(map.try_lock().unwrap().is_none());
    child.kill();
    assert!(map.try_lock().unwrap().is_some());
}

#[test]
fn who_waits_for_a_lock_gets_it_when_its_holder_dies() {
    if let Some((part, path)) = child::part() {
        hold(&path, &part);
    }
    let file = zeros(1);
    let mut child =
        Child::start("who_waits_for_a_lock_gets_it_when_its_holder_dies", "exclusive", file.path());
    assert_eq!(child.line(), "locked");
    let (got, has_got) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut map = map(file.path(), 0);
            let locked = map.lock().unwrap();
            got.send(()).unwrap();
            locked.unlock().unwrap();
        });
        assert!(has_got.recv_timeout(Duration::from_millis(50)).is_err(), "two have the lock");
        child.kill();
        has_got.recv_timeout(Duration::from_secs(30)).unwrap();
    });
}

#[test]
fn two_maps_of_one_process_exclude_each_other_if_each_opened_the_file() {
    let file = zeros(4);
    let (mut one, mut other) = (map(file.path(), 0), map(file.path(), 0));

    let mut locked = one.lock().unwrap();
    assert!(other.try_lock().unwrap().is_none());
    assert!(other.try_lock_shared().unwrap().is_none());
    // A locked map is used as the map itself.
    locked.write_at(0, b"lock").unwrap();
    assert_eq!(locked.read_at(0, 4).unwrap(), b"lock");
    locked.resize(8).unwrap();
    locked.unlock().unwrap();

    let shared = one.lock_shared().unwrap();
    assert!(other.try_lock_shared().unwrap().is_some());
    assert!(other.try_lock().unwrap().is_none());
    drop(shared);
    let held = other.try_lock().unwrap().unwrap();
    assert!(one.try_lock_shared().unwrap().is_none());
    drop(held);
    assert!(one.try_lock_shared().unwrap().is_some());

    // The end of a map is the end of its lock, also if nobody dropped that.
    let mut third = map(file.path(), 0);
    let locked = third.lock().unwrap();
    assert!(one.try_lock().unwrap().is_none());
    drop(locked);
    third.close().unwrap();
    assert!(one.try_lock().unwrap().is_some());
}

#[test]
fn maps_of_an_open_file_have_locks_of_their_own() {
    let file = zeros(4);
    let opened = File::options().read(true).write(true).open(file.path()).unwrap();
    let mut one = MemMap::from_file(&opened, Mode::ReadWrite).unwrap();
    let mut other = MemMap::from_file(&opened, Mode::Read).unwrap();
    let held = one.lock().unwrap();
    assert!(other.try_lock().unwrap().is_none());
    assert!(opened.try_lock().is_err());
    drop(held);
    assert!(other.try_lock().unwrap().is_some());

    let error = RamMap::new(4).unwrap().lock_shared().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error}");
    assert!(widen(4) == other.len());
}
