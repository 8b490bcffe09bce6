//! What is found is what one search from the first to the last byte finds, whatever the blocks, the
//! threads, the holes and what cannot be read.
#![expect(
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a test speaks by panicking, and its numbers are small"
)]

use std::io;

use memmap_core::{
    Mapping, MemMap,
    testing::{Fake, Fault},
};
#[cfg(unix)]
use memmap_posix::Live;
use memmap_scan::{Encoding, Pattern, Scan};
#[cfg(windows)]
use memmap_windows::Live;
use proptest::prelude::*;

#[path = "kit/naive.rs"]
mod naive;

use naive::{Finder, Holey, all, found};

fn regex(text: &str) -> Finder {
    let regex = regex::bytes::RegexBuilder::new(text).unicode(false).build().unwrap();
    Box::new(move |bytes, at| regex.find_at(bytes, at).map(|found| (found.start(), found.end())))
}

fn literals(all: Vec<Vec<u8>>) -> Finder {
    Box::new(move |bytes, at| {
        (at..bytes.len()).find_map(|at| {
            let needle = all.iter().find(|needle| bytes[at..].starts_with(needle))?;
            Some((at, at + needle.len()))
        })
    })
}

fn values(size: usize, align: usize, accepts: impl Fn(&[u8]) -> bool + 'static) -> Finder {
    Box::new(move |bytes, at| {
        let last = bytes.len().checked_sub(size)?;
        (at..=last)
            .find(|at| at % align == 0 && accepts(&bytes[*at..at + size]))
            .map(|at| (at, at + size))
    })
}

/// Patterns of every kind over the bytes 0, `a`, `b`, `c` and a newline, each with its twin.
fn pairs() -> Vec<(Pattern, Finder)> {
    let expressions = [
        "a",
        "ab",
        "aba",
        "a+",
        "a*",
        "a*?b",
        "[ab]{2,3}",
        "(a|ab)(c|bc)?",
        "^a",
        "a$",
        "(?m)^b",
        "(?m)c$",
        r"\bab\b",
        r"\Ba",
        "(?s)a.*c",
        "a[^c]*c",
        "(?s).",
        "",
        "b??",
        r"\x00+",
        r"\x00{3}",
        r"(?s)a.b",
        "(?i)AB|C+",
        r"\z",
        r"\A",
        "[^a]b{2}",
        "(?s)b.{0,4}c",
        "x",
        "a\\x00",
        "(?m)$",
    ];
    let mut pairs: Vec<_> =
        expressions.iter().map(|text| (Pattern::regex(text).unwrap(), regex(text))).collect();
    let literal = |bytes: &[u8]| literals(vec![bytes.to_vec()]);
    for needle in
        [&b"a"[..], b"\0", b"aa", b"aab", b"abab", b"\0\0", b"a\0\0\0b", b"aaaaaaaaaaaaaaaa"]
    {
        pairs.push((Pattern::literal(needle).unwrap(), literal(needle)));
    }
    let many = vec![b"aa".to_vec(), b"aab".to_vec(), b"b".to_vec(), b"\0\0c".to_vec()];
    pairs.push((Pattern::literals(&many).unwrap(), literals(many)));
    pairs.push((Pattern::byte_set(b"bc").unwrap(), regex("[bc]")));
    pairs.push((Pattern::byte_set(b"abc\n").unwrap(), regex("[abc\n]")));
    pairs.push((Pattern::strings(3), regex("[\\t -~]{3,}")));
    pairs.push((
        Pattern::hex("61 6? ?? (63|00 61)").unwrap(),
        regex(r"(?s)a[\x60-\x6F].(?:c|\x00a)"),
    ));
    pairs.push((Pattern::text("ab", Encoding::Utf16Le).unwrap(), literal(b"a\0b\0")));
    pairs.push((Pattern::text_in_any_case("AB", Encoding::Latin1).unwrap(), regex("(?i)ab")));
    let number = |text| Pattern::number(text).unwrap();
    pairs.push((number("u16le=0x6161"), literal(b"aa")));
    pairs.push((number("u16be=0x6162@2"), values(2, 2, |bytes| bytes == b"ab")));
    pairs.push((number("u8=97..98"), regex("[ab]")));
    pairs.push((
        number("u32le=0..0x6162@3"),
        values(4, 3, |bytes| u32::from_le_bytes(bytes.try_into().unwrap()) <= 0x6162),
    ));
    pairs.push((number("i16le=0"), literal(b"\0\0")));
    pairs.push((
        number("f32le=0~1"),
        values(4, 1, |bytes| f32::from_le_bytes(bytes.try_into().unwrap()).abs() <= 1.0),
    ));
    pairs
}

/// Bytes in runs, so that matches are long, and reach over borders.
fn haystack() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(0), Just(b'a'), Just(b'b'), Just(b'c'), Just(b'\n')];
    prop::collection::vec((byte, 1..6_usize), 0..60).prop_map(|runs| {
        runs.into_iter().flat_map(|(byte, len)| std::iter::repeat_n(byte, len)).collect()
    })
}

fn check<M: Mapping>(
    map: &MemMap<M>,
    bytes: &[u8],
    (pattern, twin): &(Pattern, Finder),
    chunk: u64,
    threads: usize,
) {
    for overlaps in [false, true] {
        let pattern = pattern.clone().overlapping(overlaps);
        let scan = Scan::new(map).chunk_len(chunk).threads(threads);
        let expected = all(bytes, twin, overlaps);
        assert_eq!(found(scan, &pattern), expected, "{pattern:?} by {chunk} and {threads}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_pattern_finds_what_one_search_finds(
        bytes in haystack(),
        chunk in prop_oneof![1..4_u64, 4..40_u64],
        threads in 1..8_usize,
        grain in 1..40_usize,
        which in any::<prop::sample::Index>(),
    ) {
        let pairs = pairs();
        // A few of them each time, so that all kinds are tried with many haystacks.
        for turn in 0..6 {
            let pair = &pairs[(which.index(pairs.len()) + turn * 7) % pairs.len()];
            check(&MemMap::from_mapping(Fake::new(&bytes)), &bytes, pair, chunk, threads);
            let holey = MemMap::from_mapping(Holey { bytes: bytes.clone(), grain });
            check(&holey, &bytes, pair, chunk, threads);
        }
    }

    #[test]
    fn a_range_is_searched_as_if_nothing_else_existed(
        bytes in haystack(),
        chunk in 1..20_u64,
        threads in 1..4_usize,
        (from, to) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        which in any::<prop::sample::Index>(),
    ) {
        let pairs = pairs();
        let (pattern, twin) = &pairs[which.index(pairs.len())];
        let (a, b) = (from.index(bytes.len() + 1), to.index(bytes.len() + 1));
        let (a, b) = (a.min(b), a.max(b));
        // Numbers are aligned to the mapping.
        let a = a - a % 6;
        let map = MemMap::from_mapping(Fake::new(&bytes));
        let scan = Scan::new(&map).range(a as u64..b as u64).chunk_len(chunk).threads(threads);
        let mut expected = all(&bytes[a..b], twin, false);
        for (start, _) in &mut expected {
            *start += a as u64;
        }
        prop_assert_eq!(found(scan, pattern), expected);
    }

    #[test]
    fn what_cannot_be_read_ends_what_is_before_it(
        bytes in haystack(),
        bad in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
        chunk in 1..20_u64,
        threads in 1..4_usize,
        which in any::<prop::sample::Index>(),
    ) {
        prop_assume!(!bytes.is_empty());
        let pairs = pairs();
        let (pattern, twin) = &pairs[which.index(pairs.len())];
        // Numbers are aligned to the mapping, and the twin counts from the run.
        prop_assume!(which.index(pairs.len()) < pairs.len() - 6);
        let bad: std::collections::BTreeSet<usize> =
            bad.into_iter().map(|index| index.index(bytes.len())).collect();
        let mut fake = Fake::new(&bytes);
        for &at in &bad {
            fake = fake.with(Fault::Read { at: at as u64, kind: io::ErrorKind::Other });
        }
        let map = MemMap::from_mapping(fake);
        let (mut start, mut expected) = (0, Vec::new());
        for end in bad.iter().copied().chain([bytes.len()]) {
            // An empty run is no run, unless it is all there is.
            if start < end || bytes.is_empty() {
                let run = all(&bytes[start..end], twin, false);
                expected.extend(run.into_iter().map(|(at, len)| (at + start as u64, len)));
            }
            start = end + 1;
        }
        let scan = Scan::new(&map).chunk_len(chunk).threads(threads);
        prop_assert_eq!(found(scan, pattern), expected);
        let outcome = scan.count(pattern).unwrap();
        let lost: Vec<usize> =
            outcome.unreadable.iter().flat_map(|gap| gap.range.start as usize..gap.range.end as usize).collect();
        prop_assert_eq!(lost, bad.iter().copied().collect::<Vec<_>>());
        prop_assert_eq!(outcome.scanned, (bytes.len() - bad.len()) as u64);
    }
}

fn live(bytes: &[u8]) -> MemMap<Live> {
    let mut file = tempfile::tempfile().unwrap();
    io::Write::write_all(&mut file, bytes).unwrap();
    MemMap::from_file(&file, memmap_core::Mode::Read).unwrap()
}

#[test]
fn a_live_file_is_searched_in_place_with_the_same_matches() {
    // Long enough for blocks in registers, with candidates at every place in them.
    let mut bytes = vec![b'.'; 3000];
    for at in (0..2900).step_by(61) {
        bytes[at..at + 4].copy_from_slice([&b"abab"[..], b"aaab", b"a\0\0b", b"Ab c"][at % 4]);
    }
    let map = live(&bytes);
    for pair in &pairs() {
        for (chunk, threads) in [(1 << 20, 1), (700, 2), (64, 3)] {
            check(&map, &bytes, pair, chunk, threads);
        }
    }
}
