//! A summary is that of a loop over the bytes, whatever the blocks, the threads, the holes and what
//! cannot be read.
#![expect(
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a test speaks by panicking, and its numbers are small"
)]

use std::cmp::Reverse;
use std::io;

use memmap_core::testing::{Fake, Fault};
use memmap_core::{Cancel, Map, Mapping, Progress};
use memmap_scan::{ByteClass, Histogram, Scan, Summary};
use proptest::prelude::*;

#[path = "kit/naive.rs"]
#[expect(dead_code, reason = "searches are not asked for here")]
mod naive;

use naive::Holey;

/// Offset, length and byte of each run; count and bytes of strings.
type Found = (Vec<(u64, u64, u8)>, (u64, u64));

/// The longest runs and the strings, found byte by byte. A byte that is `None` cannot be read.
fn naive(bytes: &[Option<u8>], start: u64, min_string: u64) -> Found {
    let is_text = |byte: u8| byte == b'\t' || (b' '..=b'~').contains(&byte);
    let (mut runs, mut strings) = (Vec::<(u64, u64, u8)>::new(), vec![0_u64]);
    for (at, &byte) in (start..).zip(bytes) {
        match (byte, runs.last_mut()) {
            (Some(byte), Some(run)) if run.2 == byte && run.0 + run.1 == at => run.1 += 1,
            (Some(byte), _) => runs.push((at, 1, byte)),
            (None, _) => {}
        }
        match byte {
            Some(byte) if is_text(byte) => *strings.last_mut().unwrap() += 1,
            _ => strings.push(0),
        }
    }
    runs.retain(|run| run.1 >= 4);
    runs.sort_by_key(|run| (Reverse(run.1), run.0));
    runs.truncate(5);
    strings.retain(|&len| len >= min_string.max(1));
    (runs, (strings.len() as u64, strings.iter().sum()))
}

fn found(summary: &Summary) -> Found {
    let runs = summary.longest_runs.iter().map(|run| (run.offset, run.len, run.byte));
    (runs.collect(), (summary.strings.count, summary.strings.bytes))
}

fn histogram(bytes: &[Option<u8>]) -> Histogram {
    let mut counts = [0; 256];
    for byte in bytes.iter().flatten() {
        counts[usize::from(*byte)] += 1;
    }
    counts.into()
}

/// The same of the library, checked against the loops.
fn check<M: Mapping>(
    scan: Scan<'_, M>,
    bytes: &[Option<u8>],
    start: u64,
    min_string: usize,
) -> Summary {
    let outcome = scan.summary(min_string).unwrap();
    let readable = bytes.iter().flatten().count() as u64;
    assert_eq!((outcome.covered, outcome.is_cancelled), (readable, false));
    let lost: u64 = outcome.unreadable.iter().map(|it| it.range.end - it.range.start).sum();
    assert_eq!(lost, bytes.len() as u64 - readable);
    let summary = outcome.value;
    assert_eq!(summary.range, start..start + bytes.len() as u64);
    assert_eq!(summary.histogram, histogram(bytes));
    assert_eq!(found(&summary), naive(bytes, start, min_string as u64));
    assert_eq!(summary.min_string, min_string.max(1));
    assert!(summary.chunk_len.is_multiple_of(4096) && summary.chunk_len > 0);
    let chunks = bytes.chunks(summary.chunk_len as usize);
    let entropies: Vec<_> = chunks.map(|chunk| histogram(chunk).entropy()).collect();
    assert!(entropies.len() <= 64);
    assert_eq!(summary.entropy_of_chunks, entropies);
    summary
}

/// Runs of zeros, text and others, of a few bytes and of some hundred.
fn texture() -> impl Strategy<Value = Vec<u8>> {
    let len = prop_oneof![1..7_usize, 1..900_usize];
    let piece = (prop::sample::select(vec![0, 0, b'a', b'\t', b'\n', 0xff]), len, 0..3_u8);
    prop::collection::vec(piece, 0..80).prop_map(|pieces| {
        let mut bytes = Vec::new();
        for (kind, len, odd) in pieces {
            bytes.extend(std::iter::repeat_n(kind, len));
            bytes.extend(std::iter::repeat_n(b'b', odd.into()));
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn a_summary_is_that_of_a_loop(
        bytes in texture(),
        bad in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        block in prop_oneof![1..50_u64, 1..9000_u64],
        threads in 1..4_usize,
        grain in 1..300_usize,
        min_string in 0..6_usize,
        (from, to) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
    ) {
        let (a, b) = (from.index(bytes.len() + 1), to.index(bytes.len() + 1));
        let (a, b) = (a.min(b), a.max(b));
        let mut known: Vec<Option<u8>> = bytes.iter().copied().map(Some).collect();

        let map = Map::from_mapping(Holey { bytes: bytes.clone(), grain });
        let scan = Scan::new(&map).range(a as u64..b as u64).block_len(block).threads(threads);
        let summary = check(scan, &known[a..b], a as u64, min_string);
        // Such a map is asked for the holes of a chunk at a time.
        let in_holes: Vec<bool> = (a..b)
            .map(|at| {
                let chunk = a + (at - a) / summary.chunk_len as usize * summary.chunk_len as usize;
                let start = (at / grain * grain).max(chunk);
                let end = ((at / grain + 1) * grain).min(chunk + summary.chunk_len as usize).min(b);
                bytes[start..end].iter().all(|&byte| byte == 0)
            })
            .collect();
        let starts = (0..in_holes.len()).filter(|&at| in_holes[at] && (at == 0 || !in_holes[at - 1]));
        let held = in_holes.iter().filter(|&&is_hole| is_hole).count();
        prop_assert_eq!((summary.holes.count, summary.holes.bytes), (starts.count() as u64, held as u64));

        let mut fake = Fake::new(&bytes);
        for at in bad.iter().filter(|_| !bytes.is_empty()).map(|bad| bad.index(bytes.len())) {
            fake = fake.with(Fault::Read { at: at as u64, kind: io::ErrorKind::Other });
            known[at] = None;
        }
        let map = Map::from_mapping(fake);
        let scan = Scan::new(&map).range(a as u64..b as u64).block_len(block).threads(threads);
        check(scan, &known[a..b], a as u64, min_string);
    }
}

#[test]
fn a_chunk_without_a_readable_byte_has_no_entropy() {
    let mut fake = Fake::new(&[7; 3 * 4096]);
    let mut known = vec![Some(7); 3 * 4096];
    for at in 4096..8192 {
        fake = fake.with(Fault::Read { at, kind: io::ErrorKind::Other });
        known[at as usize] = None;
    }
    let map = Map::from_mapping(fake);
    for (block, threads) in [(1 << 20, 1), (1000, 2)] {
        let scan = Scan::new(&map).block_len(block).threads(threads);
        let summary = check(scan, &known, 0, 4);
        assert_eq!(summary.entropy_of_chunks, [Some(0.0), None, Some(0.0)]);
    }
}

#[test]
fn a_terabyte_of_hole_is_summarized_at_once() {
    /// Zeros between the first byte and the last one, which are not stored.
    #[derive(Debug)]
    struct Hole;
    const LEN: u64 = 1 << 40;
    impl Mapping for Hole {
        fn len(&self) -> u64 {
            LEN
        }
        fn read_into(&self, offset: u64, out: &mut [u8]) -> memmap_core::Result<()> {
            for (at, byte) in (offset..).zip(out) {
                *byte = if at == 0 || at == LEN - 1 { b'x' } else { 0 };
            }
            Ok(())
        }
        fn extents(&self, offset: u64, len: u64) -> memmap_core::Result<Vec<memmap_core::Extent>> {
            use memmap_core::Extent::{Data, Hole};
            let within = |start: u64, end: u64| start.max(offset)..end.min(offset + len);
            let all = [
                Data(within(0, 4096)),
                Hole(within(4096, LEN - 4096)),
                Data(within(LEN - 4096, LEN)),
            ];
            Ok(all.into_iter().filter(|extent| !extent.range().is_empty()).collect())
        }
    }
    let map = Map::from_mapping(Hole);
    for threads in [1, 2] {
        let outcome = Scan::new(&map).threads(threads).summary(1).unwrap();
        assert!(outcome.is_complete() && outcome.covered == LEN);
        let summary = outcome.value;
        assert_eq!(found(&summary), (vec![(1, LEN - 2, 0)], (2, 2)));
        assert_eq!((summary.holes.count, summary.holes.bytes), (1, LEN - 8192));
        assert_eq!((summary.chunk_len, summary.entropy_of_chunks.len()), (LEN / 64, 64));
        assert_eq!(summary.entropy_of_chunks[1], Some(0.0));
        assert_eq!(summary.histogram.of_class(ByteClass::Printable), 2);
        assert_eq!(summary.histogram[0], LEN - 2);
    }
}

#[test]
fn a_summary_that_is_cancelled_is_that_of_the_bytes_before() {
    /// Cancels when it reads this byte.
    #[derive(Debug)]
    struct Telling(Cancel, u64);
    const LEN: u64 = 1 << 20;
    impl Mapping for Telling {
        fn len(&self) -> u64 {
            LEN
        }
        fn read_into(&self, offset: u64, out: &mut [u8]) -> memmap_core::Result<()> {
            out.fill(b'x');
            if (offset..offset + out.len() as u64).contains(&self.1) {
                self.0.cancel();
            }
            Ok(())
        }
    }
    for (threads, at) in [(1, 700_000), (2, 700_000), (1, 0)] {
        let cancel = Cancel::new();
        let map = Map::from_mapping(Telling(cancel.clone(), at));
        let progress = Progress::until(cancel);
        let scan = Scan::new(&map).block_len(1 << 14).threads(threads).progress(&progress);
        let outcome = scan.summary(4).unwrap();
        assert!(outcome.is_cancelled && outcome.covered <= at);
        assert_eq!(outcome.covered > 0, at > 0);
        let summary = outcome.value;
        assert_eq!(summary.histogram[b'x'], outcome.covered);
        assert_eq!(summary.strings.bytes, outcome.covered);
        let longest = summary.longest_runs.first().map_or(0, |run| run.len);
        assert_eq!(longest, outcome.covered);
        let chunks = outcome.covered.div_ceil(summary.chunk_len);
        assert_eq!(summary.entropy_of_chunks, vec![Some(0.0); chunks as usize]);
    }
}
