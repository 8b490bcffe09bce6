//! Progress of scans, and cancelling them.
#![expect(clippy::as_conversions, reason = "the numbers of a test are small")]

#[cfg(unix)]
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

#[cfg(unix)]
use memmap_core::Mode;
use memmap_core::testing::Fake;
use memmap_core::{Cancel, Map, Mapping, Progress, checked};
#[cfg(unix)]
use memmap_posix::Live;
use memmap_scan::{Match, Pattern, Scan};

fn fake(bytes: &[u8]) -> Map<Fake> {
    Map::from_mapping(Fake::new(bytes))
}

fn noise(len: usize) -> Vec<u8> {
    let mut state = 7_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

#[cfg(unix)]
#[test]
fn the_zeros_of_a_hole_count_as_progress_when_they_are_passed() {
    let block = 1 << 20;
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"begin").unwrap();
    file.set_len(64 << 20).unwrap();
    let map = Map::<Live>::from_file(&file, Mode::Read).unwrap();
    let (feeding, folding) = (Progress::new(), Progress::new());
    let near = |at: u64, progress: &Progress| {
        assert!(at - progress.done() <= block, "{} is said at {at}", progress.done());
    };
    let scan = || Scan::new(&map).block_len(block).threads(1);
    scan().progress(&feeding).for_each_chunk(|at, _| near(at, &feeding)).unwrap();
    let sum = scan().progress(&folding).fold(
        || 0,
        |sum: u64, at, bytes| {
            near(at, &folding);
            sum + bytes.len() as u64
        },
        |a, b| a + b,
    );
    assert_eq!(sum.unwrap().value, 64 << 20);
    assert_eq!((feeding.done(), folding.done()), (64 << 20, 64 << 20));
}

#[test]
fn cancelling_ends_a_scan_with_what_was_found() {
    let bytes = noise(1 << 20);
    let map = fake(&bytes);
    for threads in [1, 3] {
        let progress = Progress::new();
        let scan = Scan::new(&map).block_len(4096).threads(threads).progress(&progress);
        let mut taken = 0;
        let outcome = scan
            .find_all_into(&Pattern::byte(7), |_| {
                taken += 1;
                if taken == 100 {
                    progress.cancel();
                }
            })
            .unwrap();
        assert!(outcome.is_cancelled && outcome.covered < 1 << 20);
        assert!(outcome.value >= 100 && outcome.value == taken);
        // Within the first block, too, it says how far it was.
        let mut last = 0;
        let progress = Progress::new();
        let scan = Scan::new(&map).block_len(1 << 20).threads(threads).progress(&progress);
        let take = |found: Match| {
            last = found.end();
            progress.cancel();
        };
        let outcome = scan.find_all_into(&Pattern::byte(7), take).unwrap();
        assert_eq!((outcome.is_cancelled, outcome.covered), (true, last));
        // Cancelled before it began, it does nothing.
        let outcome = scan.histogram().unwrap();
        assert_eq!((outcome.is_cancelled, outcome.covered, outcome.value.total()), (true, 0, 0));
        assert_eq!(scan.find_iter(&Pattern::byte(7)).unwrap().count(), 0);
        assert_eq!(scan.find_last(&Pattern::byte(7)).unwrap().value, None);
    }
}

#[test]
fn a_match_that_is_followed_for_long_is_cancelled_meanwhile() {
    /// Cancels when so much was read.
    #[derive(Debug)]
    struct Telling(Cancel, AtomicU64);
    impl Mapping for Telling {
        fn len(&self) -> u64 {
            1 << 40
        }
        fn read_into(&self, offset: u64, out: &mut [u8]) -> memmap_core::Result<()> {
            checked(offset, out.len(), 1 << 40)?;
            out.fill(b'a');
            if self.1.fetch_add(out.len() as u64, Ordering::Relaxed) > 1 << 20 {
                self.0.cancel();
            }
            Ok(())
        }
    }
    let cancel = Cancel::new();
    let map = Map::from_mapping(Telling(cancel.clone(), AtomicU64::new(0)));
    let progress = Progress::until(cancel);
    let scan = Scan::new(&map).progress(&progress).max_match_len(1 << 30).threads(1);
    let outcome = scan.count(&Pattern::regex("a+b").unwrap()).unwrap();
    assert!(outcome.is_cancelled && outcome.value == 0);
    let read = map.mapping().1.load(Ordering::Relaxed);
    assert!(read < 4 << 20, "{read} bytes");
}

#[test]
fn a_plug_in_that_is_slow_is_cancelled_from_another_thread() {
    /// As long as anything can be.
    #[derive(Debug)]
    struct Endless;
    impl Mapping for Endless {
        fn len(&self) -> u64 {
            1 << 50
        }
        fn read_into(&self, offset: u64, out: &mut [u8]) -> memmap_core::Result<()> {
            checked(offset, out.len(), 1 << 50)?;
            out.fill(1);
            Ok(())
        }
    }
    let map = Map::from_mapping(Endless);
    let progress = Progress::new();
    std::thread::scope(|scope| {
        let scan = Scan::new(&map).progress(&progress);
        let running = scope.spawn(move || scan.count(&Pattern::literal("no").unwrap()).unwrap());
        let mut done = 0;
        while progress.done() < 8 << 20 {
            assert!(progress.done() >= done);
            done = progress.done();
            std::thread::yield_now();
        }
        progress.cancel();
        let outcome = running.join().unwrap();
        assert!(outcome.is_cancelled && outcome.covered >= 8 << 20);
        assert_eq!(progress.total(), 1 << 50);
    });
}

#[test]
fn progress_ends_at_the_total_whatever_was_asked() {
    let bytes = noise(300_000);
    let map = fake(&bytes);
    let pattern = Pattern::literal([bytes[0], bytes[1]]).unwrap();
    for threads in [1, 2] {
        let ask = |question: &dyn Fn(Scan<'_, Fake>) -> u64| {
            let progress = Progress::new();
            let scan = Scan::new(&map).range(100..).block_len(5000).threads(threads);
            let hits = question(scan.progress(&progress));
            assert_eq!((progress.done(), progress.total()), (299_900, 299_900));
            assert_eq!(progress.found(), hits);
        };
        ask(&|scan| scan.count(&pattern).unwrap().value);
        ask(&|scan| scan.find_iter(&pattern).unwrap().count() as u64);
        ask(&|scan| scan.find_iter(&Pattern::regex("").unwrap()).unwrap().count() as u64);
        ask(&|scan| scan.find_all_into(&pattern, |_| ()).unwrap().value);
        ask(&|scan| scan.count(&Pattern::byte(7)).unwrap().value);
        ask(&|scan| scan.histogram().map(|_| 0).unwrap());
        ask(&|scan| scan.entropy(1000).map(|_| 0).unwrap());
        ask(&|scan| scan.summary(4).map(|_| 0).unwrap());
        ask(&|scan| scan.for_each_chunk(|_, _| ()).map(|_| 0).unwrap());
    }
}
