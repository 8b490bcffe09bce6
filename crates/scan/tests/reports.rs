//! What a scan reports besides matches: statistics, holes, and what went wrong.
#![expect(
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::naive_bytecount,
    reason = "a test speaks by panicking, and its numbers are small"
)]

use std::fs::File;
use std::io::{self, Write};
#[cfg(unix)]
use std::io::{Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use memmap_core::testing::{Fake, Fault};
use memmap_core::{ErrorKind, Map, Mapping, Mode, checked};
#[cfg(unix)]
use memmap_posix::Live;
use memmap_scan::{Histogram, Match, Pattern, Scan};
#[cfg(windows)]
use memmap_windows::Live;
use proptest::prelude::*;

fn fake(bytes: &[u8]) -> Map<Fake> {
    Map::from_mapping(Fake::new(bytes))
}

fn live(file: &File) -> Map<Live> {
    Map::from_file(file, Mode::Read).unwrap()
}

fn noise(len: usize) -> Vec<u8> {
    let mut state = 7_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// A file of 1 TiB without room for it, with a few bytes at these places.
#[cfg(unix)]
fn sparse(places: &[(u64, &[u8])]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.set_len(1 << 40).unwrap();
    for (at, bytes) in places {
        file.seek(SeekFrom::Start(*at)).unwrap();
        file.write_all(bytes).unwrap();
    }
    file
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn sums_are_those_of_a_loop(
        bytes in prop::collection::vec(0..4_u8, 0..400),
        chunk in 1..50_u64,
        threads in 1..5_usize,
        piece in 1..90_u64,
        (from, to) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
    ) {
        let (a, b) = (from.index(bytes.len() + 1), to.index(bytes.len() + 1));
        let (a, b) = (a.min(b), a.max(b));
        let part = &bytes[a..b];
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let (fake, live) = (fake(&bytes), live(&file));
        let count = |wanted: u8| part.iter().filter(|&&byte| byte == wanted).count() as u64;
        let expected: Vec<Option<f32>> = part.chunks(piece as usize).map(|part| Some(entropy(part))).collect();
        macro_rules! check {
            ($map:expr) => {
                let scan = Scan::new($map).range(a as u64..b as u64).block_len(chunk).threads(threads);
                prop_assert_eq!(scan.count_byte(2).unwrap().value, count(2));
                let histogram = scan.histogram().unwrap();
                prop_assert_eq!((histogram.covered, histogram.is_complete()), (part.len() as u64, true));
                for byte in 0..6 {
                    prop_assert_eq!(histogram.value[byte], count(byte));
                }
                prop_assert_eq!(scan.entropy(piece).unwrap().value, expected.clone());
                let folded = scan.fold(
                    Vec::new,
                    |mut all: Vec<u8>, at, bytes| {
                        assert_eq!(at as usize, a.max(at as usize));
                        all.extend(bytes);
                        all
                    },
                    |a, b| [a, b].concat(),
                );
                prop_assert_eq!(folded.unwrap().value, part);
                let mut fed = Vec::new();
                scan.for_each_chunk(|at, bytes| {
                    assert_eq!(at as usize, a + fed.len());
                    fed.extend_from_slice(bytes);
                })
                .unwrap();
                prop_assert_eq!(fed, part);
            };
        }
        check!(&fake);
        check!(&live);
    }
}

/// By the definition, in the order of the bytes' values.
fn entropy(bytes: &[u8]) -> f32 {
    let share = |byte: u8| {
        let count = bytes.iter().filter(|&&other| other == byte).count();
        count as f64 / bytes.len() as f64
    };
    let bits = (0..=u8::MAX)
        .map(share)
        .filter(|&share| share > 0.0)
        .map(|share| share * (1.0 / share).log2());
    bits.fold(0.0, |sum, bits| sum + bits) as f32
}

#[test]
fn bytes_of_one_kind_have_no_entropy_and_no_sign() {
    let file = tempfile::tempfile().unwrap();
    file.set_len(1 << 20).unwrap();
    let (one, hole) = (fake(&[b'x'; 777]), live(&file));
    let whole = |histogram: Histogram| histogram.entropy().unwrap().to_bits();
    assert_eq!(whole(Scan::new(&one).histogram().unwrap().value), 0);
    assert_eq!(whole(Scan::new(&hole).histogram().unwrap().value), 0);
    for entropy in Scan::new(&one).entropy(100).unwrap().value {
        assert_eq!(entropy.map(f32::to_bits), Some(0));
    }
}

// Windows knows of holes where a file is sparse, which Wine does not make.
#[cfg(unix)]
#[test]
fn a_terabyte_of_hole_is_searched_and_summed_up_at_once() {
    let file = sparse(&[(0, b"begin"), (1 << 39, b"\0needle\0"), ((1 << 40) - 4, b"last")]);
    let map = live(&file);
    let scan = Scan::new(&map);
    let needle = Pattern::literal("needle").unwrap();
    let found: Vec<_> = scan.find_iter(&needle).unwrap().map(|found| found.offset).collect();
    assert_eq!(found, [(1 << 39) + 1]);
    // Borders between holes and data, both ways, and matches that lie across.
    let border = Pattern::regex(r"\x00{9}last|begin\x00{100}").unwrap();
    assert_eq!(scan.count(&border).unwrap().value, 2);
    let histogram = scan.histogram().unwrap();
    assert_eq!(histogram.value[0], (1 << 40) - 5 - 6 - 4);
    assert_eq!((histogram.value[b'e'], histogram.covered), (4, 1 << 40));
    assert_eq!(scan.count_byte(0).unwrap().value, histogram.value[0]);
    // Zeros themselves: as many as fit before, between and behind.
    let between = [(1_u64 << 39) - 4, (1 << 39) - 12];
    let eight = Pattern::literal([0; 8]).unwrap();
    let expected: u64 = between.iter().map(|zeros| zeros / 8).sum();
    assert_eq!(scan.count(&eight).unwrap().value, expected);
    let last = scan.find_last(&eight).unwrap().value.unwrap();
    let start = (1 << 39) + 7;
    assert_eq!(last.offset, start + (between[1] / 8 - 1) * 8);
    assert_eq!(scan.find_last(&needle).unwrap().value.unwrap().offset, (1 << 39) + 1);
    let zero = Pattern::number("u64le=0@8").unwrap();
    assert_eq!(scan.find_first(&zero).unwrap().value.unwrap().offset, 8);
    let entropy = scan.entropy(1 << 36).unwrap().value;
    assert_eq!(entropy.len(), 16);
    assert_eq!(entropy[1], Some(0.0));
    assert!(entropy[0].unwrap() > 0.0);
}

// Windows cuts nothing short that is mapped.
#[cfg(unix)]
#[test]
fn bytes_that_were_cut_off_are_reported_and_the_rest_is_scanned() {
    let mut bytes = noise(1 << 20);
    for at in (0..1 << 20).step_by(1 << 12) {
        // One of them in two pages, of which the second one is to be lost.
        let at = if at == 122 << 12 { 503_806 } else { at };
        bytes[at..at + 4].copy_from_slice(b"\x07-01");
    }
    bytes[100_000..100_006].copy_from_slice(b"needle");
    bytes[900_000..900_006].copy_from_slice(b"needle");
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    let map = live(&file);
    file.set_len(500_000).unwrap();
    let needle = Pattern::literal("needle").unwrap();
    let byte_set = Pattern::byte_set(b"\x01\x02\x03\x04").unwrap();
    let shape = Pattern::regex(r"(?s)\x07-\d{2}").unwrap();
    let longer = Pattern::regex(r"(?s)\x07-\d{2}.*?\x07-01").unwrap();
    // The rest of the page in which the file ends now reads as zeros.
    let page_end = 500_000_usize.next_multiple_of(4096);
    bytes[500_000..page_end].fill(0);
    let shapes = regex::bytes::Regex::new(r"(?s-u)\x07-\d{2}").unwrap();
    let shapes = shapes.find_iter(&bytes[..page_end]).count() as u64;
    for (chunk, threads) in [(1 << 20, 1), (1 << 14, 3), (5000, 2)] {
        let scan = Scan::new(&map).block_len(chunk).threads(threads);
        let outcome = scan.count(&needle).unwrap();
        assert_eq!((outcome.value, outcome.covered), (1, page_end as u64));
        assert!(!outcome.is_complete() && !outcome.is_cancelled);
        let gaps: Vec<_> = outcome.unreadable.iter().map(|gap| gap.range.clone()).collect();
        let expected = page_end as u64..1 << 20;
        assert_eq!(gaps, std::slice::from_ref(&expected));
        assert!(matches!(outcome.unreadable[0].error.kind(), ErrorKind::Truncated { .. }));
        let expected = bytes[..page_end].iter().filter(|byte| (1..5).contains(*byte)).count();
        assert_eq!(scan.count(&byte_set).unwrap().value, expected as u64);
        assert_eq!(scan.count(&shape).unwrap().value, shapes);
        assert_eq!(scan.count(&longer).unwrap().value, shapes / 2);
        let histogram = scan.histogram().unwrap();
        assert_eq!(
            (histogram.value.total(), histogram.covered),
            (page_end as u64, page_end as u64)
        );
        assert_eq!(histogram.unreadable.len(), 1);
        let counted = scan.count_byte(7).unwrap();
        assert_eq!(counted.value, histogram.value[7]);
        let entropy = scan.entropy(1 << 18).unwrap().value;
        assert!(entropy[1].is_some() && entropy[2].is_none() && entropy.len() == 4);
    }
}

#[test]
fn bad_bytes_are_listed_once_with_their_reason_by_every_question() {
    let mut fake = Fake::new(&noise(5000));
    for at in [0, 7, 8, 9, 3000, 4999] {
        fake = fake.with(Fault::Read { at, kind: io::ErrorKind::Other });
    }
    let map = Map::from_mapping(fake);
    let expected = [0..1, 7..10, 3000..3001, 4999..5000];
    for (chunk, threads) in [(1 << 20, 1), (700, 2), (64, 4)] {
        let scan = Scan::new(&map).block_len(chunk).threads(threads);
        let byte_set = Pattern::byte_set(b"ab").unwrap();
        let lists = [
            scan.count(&byte_set).unwrap().unreadable,
            scan.count_byte(7).unwrap().unreadable,
            scan.histogram().unwrap().unreadable,
            scan.entropy(100).unwrap().unreadable,
            scan.summary(4).unwrap().unreadable,
            scan.for_each_chunk(|_, _| ()).unwrap().unreadable,
            scan.fold(|| (), |(), _, _| (), |(), ()| ()).unwrap().unreadable,
        ];
        for list in lists {
            let ranges: Vec<_> = list.iter().map(|gap| gap.range.clone()).collect();
            assert_eq!(ranges, expected);
            assert!(list.iter().all(|gap| matches!(gap.error.kind(), ErrorKind::Os(_))));
        }
    }
}

#[cfg(unix)]
#[test]
fn a_hole_that_one_match_may_fill_costs_no_more_than_its_ends() {
    let file = sparse(&[(0, b"begin"), (1 << 39, b"middle"), ((1 << 40) - 3, b"end")]);
    let map = live(&file);
    let window = 64 << 10;
    for threads in [1, 2] {
        let scan = Scan::new(&map).max_match_len(window).threads(threads);
        for (text, min, first) in [
            (r"\x00+", 4, 5),
            (r"(?s)\x00.*e", 2, 1 << 30),
            (r"(?s)n\x00*", 1, 4),
            (r"\x00*middle|\x00\x00*end", 2, 1 << 30),
        ] {
            let outcome = scan.count(&Pattern::regex(text).unwrap()).unwrap();
            assert!(outcome.value >= min && outcome.value < 20, "{text}: {}", outcome.value);
            assert!(outcome.match_too_long.is_some(), "{text}");
            assert_eq!((outcome.covered, outcome.unreadable.len()), (1 << 40, 0));
            let found = scan.find_first(&Pattern::regex(text).unwrap()).unwrap().value.unwrap();
            assert!(if first > 5 { found.offset > first } else { found.offset == first });
        }
    }
}

#[test]
fn a_panic_in_a_closure_reaches_the_caller_and_spoils_nothing() {
    let map = fake(&noise(100_000));
    let scan = Scan::new(&map).block_len(1000).threads(3);
    let before = scan.count(&Pattern::byte(7)).unwrap().value;
    for at in [0, 50_000, 99_000] {
        let folded = catch_unwind(AssertUnwindSafe(|| {
            scan.fold(|| (), |(), offset, _| assert!(offset < at, "enough"), |(), ()| ())
        }));
        assert!(folded.is_err());
        let taken = catch_unwind(AssertUnwindSafe(|| {
            scan.find_all_into(&Pattern::byte(7), |found| assert!(found.offset < at, "enough"))
        }));
        assert!(taken.is_err());
        assert_eq!(scan.count(&Pattern::byte(7)).unwrap().value, before);
    }
}

#[test]
fn a_sink_may_use_the_same_threads() {
    let map = fake(&noise(100_000));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let scan = Scan::new(&map).block_len(500).threads(8);
    let sum = AtomicU64::new(0);
    let take = |found: Match| {
        rayon::join(
            || sum.fetch_add(found.offset, Ordering::Relaxed),
            || sum.fetch_add(1, Ordering::Relaxed),
        );
    };
    let outcome = pool.install(|| scan.find_all_into(&Pattern::byte(7), take)).unwrap();
    let alone = Scan::new(&map).threads(1);
    let expected: u64 =
        alone.find_iter(&Pattern::byte(7)).unwrap().map(|found| found.offset + 1).sum();
    assert_eq!(sum.into_inner(), expected);
    assert_eq!(outcome.value, alone.count(&Pattern::byte(7)).unwrap().value);
}

#[test]
fn the_first_match_costs_no_more_than_a_block_for_each_thread() {
    const THREADS: usize = 4;
    const BLOCK: u64 = 10_000;

    /// Counts what is read. The match is shown last, when the other threads have read all they may.
    #[derive(Debug)]
    struct Metered {
        bytes: Vec<u8>,
        at: u64,
        read: AtomicU64,
    }
    impl Mapping for Metered {
        fn len(&self) -> u64 {
            self.bytes.len() as u64
        }
        fn read_into(&self, offset: u64, out: &mut [u8]) -> memmap_core::Result<()> {
            let start = checked(offset, out.len(), self.bytes.len())?;
            out.copy_from_slice(&self.bytes[start..start + out.len()]);
            if (offset..offset + out.len() as u64).contains(&self.at) {
                let others = (self.at / BLOCK + THREADS as u64 - 1) * BLOCK;
                while self.read.load(Ordering::Relaxed) < others {
                    std::thread::yield_now();
                }
                // A thread that would read more gets the time to do so.
                for _ in 0..10 {
                    std::thread::yield_now();
                }
            }
            self.read.fetch_add(out.len() as u64, Ordering::Relaxed);
            Ok(())
        }
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(THREADS).build().unwrap();
    for at in [5000, 105_000, 505_000] {
        let mut bytes = vec![0; 1 << 20];
        bytes[at as usize] = 7;
        let map = Map::from_mapping(Metered { bytes, at, read: AtomicU64::new(0) });
        let scan = Scan::new(&map).block_len(BLOCK).threads(THREADS);
        let pattern = Pattern::byte_set(&[7, 9]).unwrap();
        let found = pool.install(|| scan.find_first(&pattern)).unwrap();
        assert_eq!(found.value.map(|found| found.offset), Some(at));
        assert_eq!(found.covered, at + 1);
        // To decide on the last byte of a block, one more is read.
        let blocks = at / BLOCK + THREADS as u64;
        let read = map.mapping().read.load(Ordering::Relaxed);
        assert!(read <= blocks * (BLOCK + 1), "{read} bytes for a match at {at}");
    }
}

#[test]
fn more_matches_than_memory_should_hold_come_in_order() {
    let map = fake(&vec![0; 400_000]);
    for threads in [1, 2] {
        let scan = Scan::new(&map).block_len(50_000).threads(threads);
        let every = Pattern::literal([0]).unwrap();
        let found = scan.find_iter(&every).unwrap().map(|found| found.offset);
        assert!(found.eq(0..400_000));
        let mut next = 0;
        scan.find_all_into(&Pattern::literal([0, 0]).unwrap(), |found| {
            assert_eq!(found.offset, next);
            next += 2;
        })
        .unwrap();
        assert_eq!(next, 400_000);
    }
}

#[test]
fn printable_text_is_found_as_strings_finds_it() {
    let map = fake(b"\x7fELF\x02abcd\tefg\0no\0ok then\xff....");
    let strings: Vec<_> = Scan::new(&map).strings(4).unwrap().map(|found| found.range()).collect();
    assert_eq!(strings, [5..13, 17..24, 25..29]);
}

#[test]
fn a_wrong_range_is_an_error_with_its_numbers() {
    let map = fake(&[0; 10]);
    let beyond = Scan::new(&map).range(5..11).count(&Pattern::byte(0)).unwrap_err();
    assert!(matches!(beyond.kind(), ErrorKind::OutOfBounds { offset: 5, len: 6, bound: 10 }));
    let (a, b) = (5, 4);
    let backward = Scan::new(&map).range(a..b).histogram().unwrap_err();
    assert!(matches!(backward.kind(), ErrorKind::BackwardRange { start: 5, end: 4 }));
    assert!(Scan::new(&map).range(11..).find_iter(&Pattern::byte(0)).is_err());
    assert_eq!(Scan::new(&map).range(10..).count(&Pattern::byte(0)).unwrap().value, 0);
    assert_eq!(Scan::new(&map).range(3..=4).count(&Pattern::byte(0)).unwrap().value, 2);
}
