//! Scans of files that others cut short, of devices that fail, of files much longer than memory; and
//! what scans cost: memory, and the time until a cancelled one returns.
#![cfg(all(target_os = "linux", feature = "scan"))]
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

#[path = "kit/child.rs"]
mod child;
#[path = "kit/loop_device.rs"]
mod loop_device;

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use memmap::scan::{Outcome, Pattern, Scan};
use memmap::{Cancel, ErrorKind, MemMap, Mode, Progress, RamMap, SharedCells, widen};

use child::{Child, say};
use loop_device::LoopDevice;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const PAGE: u64 = 4096;

const NEEDLE: &[u8] = b"-needle-";

/// Bytes of which none is zero, with needles at odd distances; and where those are.
fn haystack(len: u64) -> (Vec<u8>, Vec<u64>) {
    let mut bytes: Vec<u8> = (1..=251).cycle().take(usize::try_from(len).unwrap()).collect();
    let needles: Vec<u64> = (777..len - 100).step_by(9973).collect();
    for &at in &needles {
        let at = usize::try_from(at).unwrap();
        bytes[at..at + NEEDLE.len()].copy_from_slice(NEEDLE);
    }
    (bytes, needles)
}

/// The needle, searched in place, and so that it has to be copied.
fn patterns() -> [Pattern; 2] {
    [Pattern::literal(NEEDLE).unwrap(), Pattern::regex("[^ ]n[e-f]+dle-").unwrap()]
}

/// Spins; but not for ever, should the other process have died.
fn wait_until(mut is_so: impl FnMut() -> bool) {
    let latest = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < latest, "the other process does not come");
        thread::yield_now();
    }
}

/// How long the file is that is cut short.
const CUT_LEN: u64 = 3 * MIB;

/// What the other process is told: how many orders there were, and what the last one is.
const ORDERS: u64 = 0;
const ORDER: u64 = 8;
const CUT_AT: u64 = 16;
/// What it answers: how many it has carried out.
const CARRIED_OUT: u64 = 24;

/// The orders.
const RESTORE: u64 = 0;
const CUT: u64 = 1;
const CUT_AND_GROW: u64 = 2;
const RAGE: u64 = 3;
const END: u64 = 4;

#[test]
fn what_another_process_cuts_off_in_mid_scan_is_listed_and_the_rest_is_found() {
    let (bytes, needles) = haystack(CUT_LEN);
    if let Some((_, dir)) = child::part() {
        say("ready");
        carry_out(&dir, &bytes);
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), &bytes).unwrap();
    fs::write(dir.path().join("orders"), [0; 4096]).unwrap();
    let mut orders = MemMap::open(dir.path().join("orders"), Mode::ReadWrite).unwrap();
    let orders = orders.cells();
    let map = MemMap::open(dir.path().join("file"), Mode::Read).unwrap();
    let name = "what_another_process_cuts_off_in_mid_scan_is_listed_and_the_rest_is_found";
    let mut child = Child::start(name, "cut", dir.path());
    assert_eq!(child.line(), "ready");

    let end = Instant::now() + Duration::from_secs(2);
    let mut round = 0_u64;
    while round < 18 || Instant::now() < end {
        let order = CUT + round % 3;
        let threads = usize::try_from(1 + round / 3 % 3).unwrap();
        let pattern = &patterns()[usize::from(round / 9 % 2 == 1)];
        // Anywhere before, at or behind where the scan is when it happens.
        let trigger = round * 7 % 100;
        let cut = round.wrapping_mul(0x9E37_79B9_7F4A_7C15) % (2 * MIB);
        round += 1;

        let scan = Scan::new(&map).block_len(MIB / 16).threads(threads);
        let mut found = Vec::new();
        let outcome = scan.find_all_into(pattern, |next| {
            found.push(next.offset);
            if widen(found.len()) == trigger + 1 {
                tell(orders, order, cut);
                if order != RAGE {
                    wait_for(orders);
                }
            }
        });
        let outcome = outcome.unwrap();
        wait_for(orders);
        check_found(&found, &needles, if order == RAGE { 0 } else { cut });
        check_lost(&outcome, cut, order);

        // No byte is made up by sums, either, and all that is there comes back.
        let total = scan.histogram().unwrap();
        assert_eq!(total.value.total(), total.covered);
        check_lost(&total, cut, if order == CUT { CUT } else { RAGE });
        tell(orders, RESTORE, cut);
        wait_for(orders);
        let whole = scan.count(pattern).unwrap();
        assert!(whole.is_complete());
        assert_eq!(whole.value, widen(needles.len()), "after round {round}");
    }
    tell(orders, END, 0);
}

/// What is found was there, in order; and of what was never cut off nothing is missing.
fn check_found(found: &[u64], needles: &[u64], cut: u64) {
    assert!(found.is_sorted() && found.iter().all(|at| needles.binary_search(at).is_ok()));
    let safe = needles.iter().filter(|&&at| at + widen(NEEDLE.len()) <= cut);
    let missing = safe.filter(|at| found.binary_search(at).is_err()).count();
    assert_eq!(missing, 0, "before {cut}");
}

/// What was cut off is one range to the end, and all else was scanned.
fn check_lost<T>(outcome: &Outcome<T>, cut: u64, order: u64) {
    let lost = &outcome.unreadable;
    let sum: u64 = lost.iter().map(|gap| gap.range.end - gap.range.start).sum();
    assert_eq!(outcome.covered + sum, CUT_LEN);
    assert!(lost.iter().all(|gap| matches!(gap.error.kind(), ErrorKind::Truncated { .. })));
    if order == CUT {
        assert_eq!(lost.len(), 1);
    }
    if order != RAGE {
        let first = cut.next_multiple_of(PAGE);
        assert!(lost.iter().all(|gap| gap.range.start >= first && gap.range.end == CUT_LEN));
    }
}

fn tell(orders: SharedCells<'_>, order: u64, cut: u64) {
    orders.store(CUT_AT, cut).unwrap();
    orders.store(ORDER, order).unwrap();
    orders.fetch_add(ORDERS, 1_u64).unwrap();
}

fn wait_for(orders: SharedCells<'_>) {
    let given: u64 = orders.load(ORDERS).unwrap();
    wait_until(|| orders.load::<u64>(CARRIED_OUT).unwrap() == given);
}

/// The other process.
fn carry_out(dir: &Path, bytes: &[u8]) {
    let file = OpenOptions::new().write(true).open(dir.join("file")).unwrap();
    let mut orders = MemMap::open(dir.join("orders"), Mode::ReadWrite).unwrap();
    let orders = orders.cells();
    let restore = |cut: u64| {
        file.set_len(CUT_LEN).unwrap();
        file.write_all_at(&bytes[usize::try_from(cut).unwrap()..], cut).unwrap();
    };
    for done in 0_u64.. {
        wait_until(|| orders.load::<u64>(ORDERS).unwrap() > done);
        let cut: u64 = orders.load(CUT_AT).unwrap();
        match orders.load(ORDER).unwrap() {
            RESTORE => restore(cut),
            CUT => file.set_len(cut).unwrap(),
            CUT_AND_GROW => {
                file.set_len(cut).unwrap();
                file.set_len(CUT_LEN).unwrap();
            }
            RAGE => {
                for turn in 1..6 {
                    file.set_len(cut / turn).unwrap();
                    thread::sleep(Duration::from_micros(100 * turn));
                    restore(cut / turn);
                }
            }
            _ => return,
        }
        orders.store(CARRIED_OUT, done + 1).unwrap();
    }
}

#[test]
fn what_a_device_lost_is_listed_and_everything_else_is_found() {
    let (bytes, needles) = haystack(8 * MIB);
    let dir = tempfile::tempdir().unwrap();
    let image = dir.path().join("image");
    fs::write(&image, &bytes).unwrap();
    let device = match LoopDevice::new(&image) {
        Ok(device) => device,
        Err(why) => {
            #[expect(clippy::print_stdout, reason = "whoever wonders what was tested shall know")]
            {
                println!("skipped: {why}");
            }
            return;
        }
    };
    let map = MemMap::open(device.path(), Mode::Read).unwrap();
    assert_eq!(map.len(), 8 * MIB);
    // The end is in memory, and stays there; the device loses all of its second half.
    let kept = 6 * MIB..8 * MIB;
    map.lock_in_ram(kept.clone()).unwrap();
    File::options().write(true).open(&image).unwrap().set_len(4 * MIB).unwrap();
    let is_there = |at: u64| at + widen(NEEDLE.len()) <= 4 * MIB || kept.start <= at;
    let expected: Vec<u64> = needles.iter().copied().filter(|&at| is_there(at)).collect();
    for (pattern, threads) in patterns().iter().zip([1, 2]) {
        let scan = Scan::new(&map).block_len(MIB / 4).threads(threads);
        let mut found = Vec::new();
        let outcome = scan.find_all_into(pattern, |next| found.push(next.offset)).unwrap();
        assert_eq!(found, expected);
        let histogram = scan.histogram().unwrap();
        assert_eq!(histogram.value.total(), 6 * MIB);
        for (lost, scanned) in [
            (outcome.unreadable, outcome.covered),
            (histogram.unreadable, histogram.covered),
            (scan.count_byte(7).unwrap().unreadable, 6 * MIB),
            (scan.for_each_chunk(|_, _| ()).unwrap().unreadable, 6 * MIB),
        ] {
            assert_eq!((lost.len(), scanned), (1, 6 * MIB));
            assert_eq!(lost[0].range, 4 * MIB..kept.start);
            assert!(matches!(lost[0].error.kind(), ErrorKind::Io { .. }));
        }
    }
}

/// A file of 100 GiB, of which 64 pieces of 64 KiB are stored.
fn sparse_with_data() -> (File, Vec<u64>) {
    let file = tempfile::tempfile().unwrap();
    file.set_len(100 * GIB).unwrap();
    let (bytes, needles) = haystack(MIB / 16);
    let starts: Vec<u64> = (0..64).map(|piece| piece * (100 * GIB / 64) / PAGE * PAGE).collect();
    for &start in &starts {
        file.write_all_at(&bytes, start).unwrap();
    }
    let needles = starts.iter().flat_map(|start| needles.iter().map(move |at| start + at));
    (file, needles.collect())
}

/// A question, which lasts as long as nobody ends it, and says whether somebody did.
type Question<'q> = &'q (dyn Fn(Scan<'_, memmap::plugin::Live>) -> bool + Sync);

#[test]
fn a_cancelled_scan_of_a_hundred_gib_returns_at_once_and_progress_only_grows() {
    let (file, needles) = sparse_with_data();
    let map = MemMap::from_file(&file, Mode::Read).unwrap();
    // By holes it comes to an end.
    let progress = Progress::new();
    let needle = &patterns()[0];
    let outcome = watched(&progress, || Scan::new(&map).progress(&progress).count(needle)).unwrap();
    assert_eq!((outcome.value, outcome.covered), (widen(needles.len()), 100 * GIB));
    assert_eq!((progress.done(), progress.total()), (100 * GIB, 100 * GIB));
    assert_eq!(progress.found(), outcome.value);

    // What is given all zeros of the holes is busy for long.
    let slow = |sum: u64, _: u64, bytes: &[u8]| {
        sum + bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>()
    };
    let zeros = Pattern::literal([0]).unwrap();
    let questions: [(&str, Question<'_>); 4] = [
        ("fold", &|scan| scan.fold(|| 0, slow, |a, b| a + b).unwrap().is_cancelled),
        ("for_each_chunk", &|scan| {
            let mut sum = 0;
            scan.for_each_chunk(|at, bytes| sum = slow(sum, at, bytes)).unwrap().is_cancelled
                && sum > 0
        }),
        ("zeros", &|scan| scan.find_all_into(&zeros, |_| ()).unwrap().is_cancelled),
        ("iter", &|scan| {
            let mut found = scan.find_iter(&zeros).unwrap();
            found.by_ref().for_each(drop);
            found.outcome().is_cancelled
        }),
    ];
    for (name, question) in questions {
        for threads in [1, 2] {
            // This machine may be busy with something else: the best of some times counts.
            let mut times = (0..20).map(|_| time_to_cancel(&map, threads, question));
            let is_quick = times.any(|time| time < Duration::from_millis(50));
            assert!(is_quick, "{name} by {threads}");
        }
    }
}

/// What a future does that is dropped while its scan runs on another thread.
#[test]
fn dropping_what_cancels_ends_a_scan_that_runs() {
    let ram = RamMap::new(1 << 20).unwrap();
    let cancel = Cancel::new();
    let progress = Progress::until(cancel.clone());
    let on_drop = cancel.on_drop();
    thread::scope(|scope| {
        let scanning = scope.spawn(|| {
            while !Scan::new(&ram).progress(&progress).count_byte(7).unwrap().is_cancelled {}
        });
        while progress.done() == 0 {
            thread::yield_now();
        }
        assert!(!scanning.is_finished());
        drop(on_drop);
        scanning.join().unwrap();
    });
}

/// How long it takes from the order to the end.
fn time_to_cancel(map: &MemMap, threads: usize, question: Question<'_>) -> Duration {
    let progress = Progress::new();
    let scan = Scan::new(map).threads(threads).progress(&progress);
    thread::scope(|scope| {
        let order = scope.spawn(|| {
            thread::sleep(Duration::from_millis(20));
            let now = Instant::now();
            progress.cancel();
            now
        });
        let cancelled = watched(&progress, || question(scan));
        let end = Instant::now();
        let ordered = order.join().unwrap();
        assert!(cancelled, "it ended before it was cancelled");
        assert!(progress.done() < progress.total());
        end.saturating_duration_since(ordered)
    })
}

/// Does this while another thread watches the progress.
fn watched<T>(progress: &Progress, question: impl FnOnce() -> T) -> T {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut before = (0, 0);
            while !is_over.load(Relaxed) {
                let now = (progress.done(), progress.found());
                assert!(before.0 <= now.0 && before.1 <= now.1, "{before:?}, then {now:?}");
                assert!(now.0 <= progress.total());
                before = now;
                thread::sleep(Duration::from_micros(50));
            }
        });
        let answer = catch_unwind(AssertUnwindSafe(question));
        is_over.store(true, Relaxed);
        answer.unwrap()
    })
}

#[test]
fn a_panic_in_a_closure_leaves_the_map_the_pool_and_the_scan_as_they_were() {
    let (bytes, needles) = haystack(4 * MIB);
    let file = tempfile::tempfile().unwrap();
    file.write_all_at(&bytes, 0).unwrap();
    let map = MemMap::from_file(&file, Mode::Read).unwrap();
    let progress = Progress::new();
    for threads in [1, 2] {
        for at in [0, MIB, 4 * MIB - 1] {
            let scan = Scan::new(&map).block_len(MIB / 8).threads(threads).progress(&progress);
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                let step = |(), offset: u64, bytes: &[u8]| {
                    let here = offset..offset + widen(bytes.len());
                    assert!(!here.contains(&at), "enough");
                };
                scan.fold(|| (), step, |(), ()| ())
            }));
            let message = *panicked.unwrap_err().downcast::<&str>().unwrap();
            assert_eq!(message, "enough");
            for pattern in &patterns() {
                assert_eq!(scan.count(pattern).unwrap().value, widen(needles.len()));
            }
            let len = scan.fold(|| 0, |len, _, bytes| len + bytes.len(), |a, b| a + b);
            assert_eq!(len.unwrap().value, bytes.len());
        }
    }
}

/// Questions about a file that is long, and of which much is stored, need this much memory at most.
const MOST_MEMORY: u64 = 16 * MIB;

#[test]
fn a_scan_of_more_than_a_gib_needs_less_than_sixteen_mib() {
    if let Some((_, path)) = child::part() {
        let map = MemMap::open(path, Mode::Read).unwrap();
        // What the threads and the guard take once is no scan's.
        Scan::new(&map).range(..4 * MIB).block_len(MIB / 2).threads(2).histogram().unwrap();
        let (before, most) = (memory(), AtomicU64::new(0));
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Relaxed) {
                    most.fetch_max(memory(), Relaxed);
                    thread::sleep(Duration::from_micros(500));
                }
            });
            let answer = catch_unwind(AssertUnwindSafe(|| ask_all(&map)));
            is_over.store(true, Relaxed);
            answer.unwrap();
        });
        say(&format!("grew by {}", most.into_inner().saturating_sub(before)));
        return;
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(5 * GIB / 4).unwrap();
    let (bytes, _) = haystack(3 * MIB);
    for piece in 0..8 {
        file.as_file().write_all_at(&bytes, piece * 160 * MIB).unwrap();
    }
    let name = "a_scan_of_more_than_a_gib_needs_less_than_sixteen_mib";
    let mut child = Child::start(name, "scan", file.path());
    let line = child.line();
    let grown: u64 = line.strip_prefix("grew by ").unwrap().parse().unwrap();
    assert!(grown < MOST_MEMORY, "{line}");
}

fn ask_all(map: &MemMap) {
    let scan = Scan::new(map).threads(2).evict_behind(true);
    for pattern in &patterns() {
        assert!(scan.count(pattern).unwrap().value > 0);
    }
    let dense = Pattern::byte_set(&[1, 2, 3, 4]).unwrap();
    let mut count = 0_u64;
    scan.find_all_into(&dense, |_| count += 1).unwrap();
    assert_eq!(widen(scan.find_iter(&dense).unwrap().count()), count);
    assert!(scan.find_last(&patterns()[1]).unwrap().value.is_some());
    assert!(scan.strings(4).unwrap().count() > 0);
    assert_eq!(scan.histogram().unwrap().covered, map.len());
    assert_eq!(scan.entropy(MIB).unwrap().value.len(), 1280);
    let part = scan.range(..320 * MIB);
    let len = part.fold(|| 0, |len, _, bytes| len + bytes.len(), |a, b| a + b);
    assert_eq!(widen(len.unwrap().value), 320 * MIB);
}

/// Bytes of memory that this process has, pages of files that it maps among them.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1024
}
