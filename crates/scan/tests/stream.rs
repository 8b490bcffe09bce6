//! A stream gives what a map of the same bytes gives, however it comes.

#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]
#![expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the numbers of a test are small, or cut on purpose"
)]

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::mpsc;
use std::time::Duration;

use memmap_core::{ErrorKind, Map, Progress, testing::Fake};
use memmap_scan::{Match, Pattern, Scan, StreamScan};
use proptest::prelude::*;

/// Gives pieces of these lengths, again and again.
#[derive(Debug)]
struct Pieces {
    bytes: Vec<u8>,
    at: usize,
    lens: Vec<usize>,
    turn: usize,
}

impl Pieces {
    fn of(bytes: &[u8], lens: &[usize]) -> Self {
        Self { bytes: bytes.to_vec(), at: 0, lens: lens.to_vec(), turn: 0 }
    }
}

impl Read for Pieces {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let asked = self.lens.get(self.turn % self.lens.len().max(1)).copied().unwrap_or(1).max(1);
        self.turn += 1;
        let len = asked.min(out.len()).min(self.bytes.len() - self.at);
        out[..len].copy_from_slice(&self.bytes[self.at..self.at + len]);
        self.at += len;
        Ok(len)
    }
}

fn patterns() -> Vec<Pattern> {
    let regex = |text| Pattern::regex(text).unwrap();
    vec![
        Pattern::byte(b'a'),
        Pattern::literal("ab").unwrap(),
        Pattern::literal("aa").unwrap(),
        Pattern::literal("aa").unwrap().overlapping(true),
        Pattern::literals(["ab", "abba", "b"]).unwrap(),
        Pattern::hex("61 ?? 61").unwrap(),
        Pattern::strings(3),
        regex("a+"),
        regex("a*"),
        regex("a?"),
        regex(""),
        regex(r"\b"),
        regex("^a"),
        regex("b$"),
        regex(r"\bab"),
        regex(r"ab\b"),
        regex("a.{0,5}b"),
        regex("(a|b)*\n"),
    ]
}

fn all_of(bytes: &[u8], pattern: &Pattern, start: u64, end: u64) -> Vec<Match> {
    let map = Map::from_mapping(Fake::new(bytes));
    let end = end.min(map.len());
    Scan::new(&map).range(start..end).find_iter(pattern).unwrap().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn matches_are_those_of_a_map(
        bytes in prop::collection::vec(prop::sample::select(&b"aab \n\0"[..]), 0..300),
        lens in prop::collection::vec(1_usize..120, 1..6),
        from in 0_u64..40,
        len in 0_u64..500,
    ) {
        let from = from.min(bytes.len() as u64);
        for pattern in patterns() {
            let mut found = Vec::new();
            let scan = StreamScan::new(Pieces::of(&bytes, &lens)).range(from..from + len);
            let outcome = scan.find_all_into(&pattern, |it, map| {
                let mut there = vec![0; it.len as usize];
                map.read_into(it.offset, &mut there).unwrap();
                assert_eq!(there, &bytes[it.offset as usize..][..it.len as usize]);
                found.push(it);
                ControlFlow::Continue(())
            }).unwrap();
            let wanted = all_of(&bytes, &pattern, from, from + len);
            prop_assert_eq!(&found, &wanted, "{:?}", pattern);
            prop_assert_eq!(outcome.value, wanted.len() as u64);
            prop_assert!(outcome.is_complete());
            let covered = (bytes.len() as u64).min(from + len) - from;
            prop_assert_eq!(outcome.covered, covered);
        }
    }
}

/// Many MiB, with matches on all borders.
#[test]
fn a_long_stream_is_forgotten_behind_and_searched_by_several_threads() {
    let mut bytes = vec![b'.'; 3 << 20];
    for at in (0..bytes.len() - 8).step_by(64 << 10) {
        bytes[at..at + 6].copy_from_slice(b"needle");
        let back = at.saturating_sub(3);
        bytes[back..back + 3].copy_from_slice(b"ab\n");
    }
    for pattern in [
        Pattern::literal("needle").unwrap(),
        Pattern::regex("ab\n(needle)+").unwrap(),
        Pattern::regex("(?s)needle.{5000}").unwrap(),
        Pattern::strings(4),
    ] {
        for lens in [vec![128 << 10], vec![5000, 70_000, 1]] {
            let mut found = Vec::new();
            let scan = StreamScan::new(Pieces::of(&bytes, &lens)).max_match_len(80 << 10);
            let take = |it, _: &_| {
                found.push(it);
                ControlFlow::Continue(())
            };
            let outcome = scan.find_all_into(&pattern, take).unwrap();
            let map = Map::from_mapping(Fake::new(&bytes));
            let scan = Scan::new(&map).max_match_len(80 << 10);
            let wanted: Vec<Match> = scan.find_iter(&pattern).unwrap().collect();
            assert!(found == wanted, "{pattern:?}: {} and {}", found.len(), wanted.len());
            assert_eq!(outcome.match_too_long, scan.count(&pattern).unwrap().match_too_long);
        }
    }
}

/// Gives what is sent, and waits for it.
struct Sent(mpsc::Receiver<Vec<u8>>);

impl Read for Sent {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Ok(bytes) = self.0.recv() else { return Ok(0) };
        out[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    }
}

#[test]
fn a_literal_is_reported_while_the_rest_is_waited_for() {
    let (sender, receiver) = mpsc::channel();
    sender.send(b"..abc".to_vec()).unwrap();
    let scan = StreamScan::new(Sent(receiver));
    let mut sender = Some(sender);
    let mut offsets = Vec::new();
    let outcome = scan.find_all_into(&Pattern::literal("abc").unwrap(), |found, _| {
        offsets.push(found.offset);
        match &sender {
            Some(more) if offsets.len() < 3 => more.send(b"abc.".to_vec()).unwrap(),
            // It ends.
            _ => sender = None,
        }
        ControlFlow::Continue(())
    });
    assert_eq!(outcome.unwrap().value, 3);
    assert_eq!(offsets, [2, 5, 9]);
}

#[test]
fn a_scan_that_is_cancelled_does_not_wait_for_what_never_comes() {
    let (sender, receiver) = mpsc::channel();
    sender.send(b"ab".to_vec()).unwrap();
    let progress = Progress::new();
    let outcome = std::thread::scope(|scope| {
        let scan = StreamScan::new(Sent(receiver)).progress(&progress);
        let running = scope.spawn(move || scan.summary(4));
        while progress.done() < 2 {
            std::thread::sleep(Duration::from_millis(1));
        }
        progress.cancel();
        running.join().unwrap().unwrap()
    });
    assert!(outcome.is_cancelled);
    assert_eq!((outcome.covered, progress.total()), (2, 2));
    drop(sender);
}

#[test]
fn a_summary_is_that_of_a_map_but_for_the_length_of_its_chunks() {
    let mut bytes: Vec<u8> = (0..3_000_000_u32).map(|i| (i.wrapping_mul(i) >> 5) as u8).collect();
    bytes[1_000_000..1_300_000].fill(0);
    bytes[2_000_000..2_000_400].fill(b'x');
    for lens in [vec![1 << 20], vec![7000, 13, 100_000]] {
        let stream = StreamScan::new(Pieces::of(&bytes, &lens)).range(10..);
        let stream = stream.summary(5).unwrap();
        let map = Map::from_mapping(Fake::new(&bytes));
        let whole = Scan::new(&map).range(10..).summary(5).unwrap();
        assert_eq!(stream.covered, whole.covered);
        let (stream, whole) = (stream.value, whole.value);
        assert_eq!(stream.chunk_len, 64 << 10);
        assert_eq!(stream.entropy_of_chunks.len(), 2_999_990_usize.div_ceil(64 << 10));
        let map = Map::from_mapping(Fake::new(&bytes));
        let entropy = Scan::new(&map).range(10..10 + (64 << 10)).histogram().unwrap().value;
        assert_eq!(stream.entropy_of_chunks[0], entropy.entropy());
        assert_eq!(stream.histogram, whole.histogram);
        assert_eq!(stream.longest_runs, whole.longest_runs);
        assert_eq!((stream.strings, stream.range), (whole.strings, whole.range));
    }
}

#[test]
fn what_the_reader_refuses_is_said() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("on fire"))
        }
    }
    let text = StreamScan::new(Fails).count(&Pattern::byte(0)).unwrap_err().to_string();
    assert!(text.contains("on fire"), "{text}");
    let error = StreamScan::new(&b"abc"[..]).range(4..).summary(4).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::BeyondEnd { offset: 4, source_len: 3, .. }));
    #[expect(clippy::reversed_empty_ranges, reason = "that is asked here")]
    let error = StreamScan::new(&b"abc"[..]).range(2..1).count(&Pattern::byte(0)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::BackwardRange { .. }));
    let nothing = StreamScan::new(&b""[..]).summary(4).unwrap();
    assert_eq!((nothing.value.histogram.total(), nothing.covered), (0, 0));
}
