//! What is found is what one search from the first to the last byte finds, whatever the blocks, the
//! threads, the holes and what cannot be read.
#![expect(
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a test speaks by panicking, and its numbers are small"
)]

use std::io;
use std::sync::LazyLock;

use memmap_core::{
    Map, Mapping, Mode, Proofs,
    testing::{Fake, Fault},
};
#[cfg(unix)]
use memmap_posix::{Frozen, Live};
use memmap_scan::{Encoding, Pattern, Scan};
#[cfg(windows)]
use memmap_windows::{Frozen, Live};
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

fn values(
    size: usize,
    align: usize,
    accepts: impl Fn(&[u8]) -> bool + Send + Sync + 'static,
) -> Finder {
    Box::new(move |bytes, at| {
        let last = bytes.len().checked_sub(size)?;
        (at..=last)
            .find(|at| at % align == 0 && accepts(&bytes[*at..at + size]))
            .map(|at| (at, at + size))
    })
}

/// A pattern and its reference implementation.
type Pair = (Pattern, Finder);

/// Patterns of every kind over the bytes 0, `a`, `b`, `c` and a newline, each with its reference; and how
/// many of them may start anywhere: those stand first.
static PAIRS: LazyLock<(Vec<Pair>, usize)> = LazyLock::new(|| {
    let mut pairs = expressions();
    pairs.extend(bytes_and_texts());
    pairs.extend(numbers());
    let anywhere = pairs.len();
    pairs.extend(aligned_numbers());
    (pairs, anywhere)
});

fn pairs() -> &'static [Pair] {
    &PAIRS.0
}

fn expressions() -> Vec<Pair> {
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
    expressions.iter().map(|text| (Pattern::regex(text).unwrap(), regex(text))).collect()
}

fn literal(bytes: &[u8]) -> Finder {
    literals(vec![bytes.to_vec()])
}

fn bytes_and_texts() -> Vec<Pair> {
    let mut pairs = Vec::new();
    for needle in
        [&b"a"[..], b"\0", b"aa", b"aab", b"abab", b"\0\0", b"a\0\0\0b", b"aaaaaaaaaaaaaaaa"]
    {
        pairs.push((Pattern::literal(needle).unwrap(), literal(needle)));
    }
    pairs.push((Pattern::byte(b'c'), literal(b"c")));
    let many = vec![b"aa".to_vec(), b"aab".to_vec(), b"b".to_vec(), b"\0\0c".to_vec()];
    pairs.push((Pattern::literals(&many).unwrap(), literals(many)));
    pairs.push((Pattern::byte_set(b"bc").unwrap(), regex("[bc]")));
    pairs.push((Pattern::byte_set(b"abc\n").unwrap(), regex("[abc\n]")));
    pairs.push((Pattern::byte_set(b"\0b").unwrap(), regex(r"[\x00b]")));
    pairs.push((Pattern::strings(3), regex("[\\t -~]{3,}")));
    for (hex, reference) in [
        ("61 6? ?? (63|00 61)", r"(?s)a[\x60-\x6F].(?:c|\x00a)"),
        ("(61|61 62|00)63", r"(?:a|ab|\x00)c"),
        ("?? 0A", r"(?s).\n"),
        (
            "?1 (62|?? 63) ?0",
            r"(?s-u)[\x01\x11!1AQaq\x81\x91\xA1\xB1\xC1\xD1\xE1\xF1](?:b|.c)[\x00\x10 0@P`p\x80\x90\xA0\xB0\xC0\xD0\xE0\xF0]",
        ),
    ] {
        pairs.push((Pattern::hex(hex).unwrap(), regex(reference)));
    }
    let text = |text, encoding| Pattern::text(text, encoding).unwrap();
    let any_case = |text, encoding| Pattern::text_in_any_case(text, encoding).unwrap();
    pairs.push((text("ab", Encoding::Utf8), literal(b"ab")));
    pairs.push((text("ab", Encoding::Utf16Le), literal(b"a\0b\0")));
    pairs.push((text("ab", Encoding::Utf16Be), literal(b"\0a\0b")));
    pairs.push((any_case("AB", Encoding::Latin1), regex("(?i)ab")));
    pairs.push((any_case("aBc", Encoding::Utf8), regex("(?i)abc")));
    pairs.push((any_case("B", Encoding::Utf16Le), regex(r"(?i)b\x00")));
    pairs.push((any_case("AC", Encoding::Utf16Be), regex(r"(?i)\x00a\x00c")));
    pairs
}

fn number(text: &str) -> Pattern {
    Pattern::number(text).unwrap()
}

/// The bytes as a number of that many bytes.
fn unsigned(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn numbers() -> Vec<Pair> {
    vec![
        (number("u16le=0x6161"), literal(b"aa")),
        (number("i16le=0"), literal(b"\0\0")),
        (number("u8=97..98"), regex("[ab]")),
        (number("i8=97~1"), regex("[`ab]")),
        (
            number("u16be=0x6100~0x62"),
            values(2, 1, |bytes| {
                let found = u64::from(bytes[0]) << 8 | u64::from(bytes[1]);
                found.abs_diff(0x6100) <= 0x62
            }),
        ),
        (
            number("i32be=-5..0x0a61"),
            values(4, 1, |bytes| {
                let found = i32::from_be_bytes(bytes.try_into().unwrap());
                (-5..=0x0A61).contains(&found)
            }),
        ),
        (
            number("u64le=0x6161..=0x6262_0000_0000"),
            values(8, 1, |bytes| (0x6161..=0x6262_0000_0000).contains(&unsigned(bytes))),
        ),
        (
            number("i128le=0..0x63_0000_0000_0000_0000"),
            values(16, 1, |bytes| {
                i128::from_le_bytes(bytes.try_into().unwrap()) <= 0x63_0000_0000_0000_0000
                    && bytes[15] < 0x80
            }),
        ),
        (
            number("f32le=0~1"),
            values(4, 1, |bytes| f32::from_le_bytes(bytes.try_into().unwrap()).abs() <= 1.0),
        ),
        (
            number("f64be=1e150..1e170"),
            values(8, 1, |bytes| {
                let found = f64::from_be_bytes(bytes.try_into().unwrap());
                (1e150..=1e170).contains(&found)
            }),
        ),
    ]
}

/// Numbers that are aligned to the mapping, to divisors of [`ALIGNMENT`].
fn aligned_numbers() -> Vec<Pair> {
    vec![
        (number("u16be=0x6162@2"), values(2, 2, |bytes| bytes == b"ab")),
        (number("u32le=0..0x6162@3"), values(4, 3, |bytes| unsigned(bytes) <= 0x6162)),
        (number("u16le=0@4"), values(2, 4, |bytes| bytes == [0, 0])),
    ]
}

const ALIGNMENT: usize = 12;

/// Bytes in runs, so that matches are long, and reach over borders.
fn haystack() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(0), Just(b'a'), Just(b'b'), Just(b'c'), Just(b'\n')];
    prop::collection::vec((byte, 1..6_usize), 0..60).prop_map(|runs| {
        runs.into_iter().flat_map(|(byte, len)| std::iter::repeat_n(byte, len)).collect()
    })
}

fn check<M: Mapping>(
    map: &Map<M>,
    bytes: &[u8],
    (pattern, reference): &(Pattern, Finder),
    chunk: u64,
    threads: usize,
) {
    for overlaps in [false, true] {
        let pattern = pattern.clone().overlapping(overlaps);
        let scan = Scan::new(map).block_len(chunk).threads(threads).evict_behind(overlaps);
        let expected = all(bytes, reference, overlaps);
        assert_eq!(found(scan, &pattern), expected, "{pattern:?} by {chunk} and {threads}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_pattern_finds_what_one_search_finds(
        bytes in haystack(),
        chunk in prop_oneof![1..4_u64, 4..40_u64],
        threads in 1..=8_usize,
        grain in 1..40_usize,
        which in any::<prop::sample::Index>(),
    ) {
        let pairs = pairs();
        let others = Others::of(&bytes, grain);
        // A few of them each time, so that all kinds are tried with many haystacks.
        for turn in 0..6 {
            let pair = &pairs[(which.index(pairs.len()) + turn * 7) % pairs.len()];
            check(&Map::from_mapping(Fake::new(&bytes)), &bytes, pair, chunk, threads);
            let holey = Map::from_mapping(Holey { bytes: bytes.clone(), grain });
            check(&holey, &bytes, pair, chunk, threads);
            if turn % 2 == 0 {
                others.check(&bytes, pair, chunk, threads);
            }
        }
    }

    #[test]
    fn a_range_is_searched_as_if_nothing_else_existed(
        bytes in haystack(),
        chunk in 1..20_u64,
        threads in 1..=8_usize,
        (from, to) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        which in any::<prop::sample::Index>(),
    ) {
        let pairs = pairs();
        let (pattern, reference) = &pairs[which.index(pairs.len())];
        let (a, b) = (from.index(bytes.len() + 1), to.index(bytes.len() + 1));
        let (a, b) = (a.min(b), a.max(b));
        // Numbers are aligned to the mapping.
        let a = a - a % ALIGNMENT;
        let (fake, live) = (Map::from_mapping(Fake::new(&bytes)), live(&bytes));
        let (fake, live) = (Scan::new(&fake), Scan::new(&live));
        let mut expected = all(&bytes[a..b], reference, false);
        for (start, _) in &mut expected {
            *start += a as u64;
        }
        let range = a as u64..b as u64;
        let scan = fake.range(range.clone()).block_len(chunk).threads(threads);
        prop_assert_eq!(&found(scan, pattern), &expected);
        let scan = live.range(range).block_len(chunk).threads(threads);
        prop_assert_eq!(found(scan, pattern), expected);
    }

    #[test]
    fn what_cannot_be_read_ends_what_is_before_it(
        mut bytes in haystack(),
        bad in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
        chunk in 1..20_u64,
        threads in 1..=8_usize,
        which in any::<prop::sample::Index>(),
    ) {
        bytes.push(b'b');
        // Numbers are aligned to the mapping, and the reference counts from the run.
        let (pairs, anywhere) = &*PAIRS;
        let (pattern, reference) = &pairs[which.index(*anywhere)];
        let bad: std::collections::BTreeSet<usize> =
            bad.into_iter().map(|index| index.index(bytes.len())).collect();
        let mut fake = Fake::new(&bytes);
        for &at in &bad {
            fake = fake.with(Fault::Read { at: at as u64, kind: io::ErrorKind::Other });
        }
        let map = Map::from_mapping(fake);
        let (mut start, mut expected) = (0, Vec::new());
        for end in bad.iter().copied().chain([bytes.len()]) {
            // An empty run is no run, unless it is all there is.
            if start < end || bytes.is_empty() {
                let run = all(&bytes[start..end], reference, false);
                expected.extend(run.into_iter().map(|(at, len)| (at + start as u64, len)));
            }
            start = end + 1;
        }
        let scan = Scan::new(&map).block_len(chunk).threads(threads);
        prop_assert_eq!(found(scan, pattern), expected);
        let outcome = scan.count(pattern).unwrap();
        let lost: Vec<usize> =
            outcome.unreadable.iter().flat_map(|gap| gap.range.start as usize..gap.range.end as usize).collect();
        prop_assert_eq!(lost, bad.iter().copied().collect::<Vec<_>>());
        prop_assert_eq!(outcome.covered, (bytes.len() - bad.len()) as u64);
    }
}

fn mapped(bytes: &[u8], mode: Mode) -> Map<Live> {
    let mut file = tempfile::tempfile().unwrap();
    io::Write::write_all(&mut file, bytes).unwrap();
    Map::from_file(&file, mode).unwrap()
}

fn live(bytes: &[u8]) -> Map<Live> {
    mapped(bytes, Mode::Read)
}

/// The same bytes as other kinds of maps.
struct Others {
    live: Map<Live>,
    /// Private edits make of other bytes the same.
    edited: Map<Live>,
    frozen: Map<Frozen>,
}

impl Others {
    /// Each second piece of that length was edited.
    fn of(bytes: &[u8], grain: usize) -> Self {
        let mut before = bytes.to_vec();
        before.chunks_mut(grain).step_by(2).for_each(|piece| piece.fill(b'a'));
        let mut edited = mapped(&before, Mode::CopyOnWrite);
        for (piece, at) in bytes.chunks(grain).zip((0_u64..).step_by(grain)).step_by(2) {
            edited.write_at(at, piece).unwrap();
        }
        let snapshot = Proofs::none().snapshot_up_to(1 << 20);
        let frozen = live(bytes).prove(snapshot).unwrap();
        Self { live: live(bytes), edited, frozen }
    }

    fn check(&self, bytes: &[u8], pair: &Pair, chunk: u64, threads: usize) {
        check(&self.live, bytes, pair, chunk, threads);
        check(&self.edited, bytes, pair, chunk, threads);
        check(&self.frozen, bytes, pair, chunk, threads);
    }
}

#[test]
fn a_live_file_is_searched_in_place_with_the_same_matches() {
    // Long enough for blocks in registers, with candidates at every place in them.
    let mut bytes = vec![b'.'; 3000];
    for at in (0..2900).step_by(61) {
        bytes[at..at + 4].copy_from_slice([&b"abab"[..], b"aaab", b"a\0\0b", b"Ab c"][at % 4]);
    }
    let map = live(&bytes);
    for pair in pairs() {
        for (chunk, threads) in [(1 << 20, 1), (700, 2), (64, 3)] {
            check(&map, &bytes, pair, chunk, threads);
        }
    }
}

#[test]
fn candidates_are_searched_alike_where_they_are_few_and_where_they_are_all_there_is() {
    // So much of each that looking in place is given up, and tried again.
    const PART_LEN: usize = 150_000;
    let mut bytes = Vec::new();
    let mut random = 1_u32;
    let parts: [&dyn Fn(u32) -> Vec<u8>; 6] = [
        &|random| {
            format!("2026-01-{:02}T{random:x} served {random} from\n", random % 40).into_bytes()
        },
        &|random| random.to_le_bytes().to_vec(),
        // Almost dates, dates and nothing else, and such that overlap.
        &|random| format!("2026-{:02x}-", random % 200).into_bytes(),
        &|random| format!("2026-01-{:02}", random % 40).into_bytes(),
        &|_| b"2026-11-2026-11-20".to_vec(),
        &|random| vec![0; random as usize % 200],
    ];
    for part in parts {
        let end = bytes.len() + PART_LEN;
        while bytes.len() < end {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            bytes.extend(part(random >> 8));
        }
    }
    let map = live(&bytes);
    for text in [
        r"\d{4}-\d{2}-\d{2}",
        r"\d{4}-\d{2}-\d{2}T?",
        r"\b2026-01-0\d",
        r"(?i)t[0-9a-f]{5} SERVED",
        r"(?s)2026-01-1.{24}",
        r"(?s).{20}2026-01-1.{40}",
        r"T[^ ]{4}.* from",
        r"2026-11-2026-11-20",
        r"\x00{40}",
    ] {
        let (pattern, reference) = (Pattern::regex(text).unwrap(), regex(text));
        let expected = all(&bytes, &reference, false);
        assert!(expected.len() > 100, "{text}: {}", expected.len());
        for (chunk, threads) in [(1 << 20, 1), (100_000, 2)] {
            let scan = Scan::new(&map).block_len(chunk).threads(threads);
            assert!(found(scan, &pattern) == expected, "{text} by {chunk}");
        }
    }
}

#[test]
fn edits_that_span_pages_are_searched_with_what_is_around_them() {
    // Needles across the borders between pages that were edited and such that were not.
    let mut bytes = vec![b'.'; 5 * 4096];
    for at in (4096 - 40..4 * 4096).step_by(19) {
        bytes[at..at + 4].copy_from_slice([&b"abab"[..], b"aaab", b"a\0\0b", b"Ab c"][at % 4]);
    }
    let others = Others::of(&bytes, 4096);
    let map = Map::from_mapping(Holey { bytes: bytes.clone(), grain: 4096 });
    for pair in pairs().iter().step_by(5) {
        for (chunk, threads) in [(1 << 20, 1), (777, 8)] {
            check(&others.edited, &bytes, pair, chunk, threads);
            check(&map, &bytes, pair, chunk, threads);
        }
    }
}

#[test]
fn a_match_across_any_border_is_found_whatever_the_block() {
    // At each place within a block, and of each length of blocks, down to one byte.
    for (pattern, needle) in [
        (Pattern::literal("abcab").unwrap(), b"abcab"),
        (Pattern::regex("abc[ab]{2}").unwrap(), b"abcab"),
        (Pattern::regex("ab.*?ab").unwrap(), b"abcab"),
        (Pattern::hex("61 6? (63|64) ?? 62").unwrap(), b"abcab"),
        (Pattern::literals(["zz", "abcab"]).unwrap(), b"abcab"),
        (number("u32le=0x61636261").overlapping(true), b"abcab"),
        (Pattern::text("\u{6261}\u{6163}", Encoding::Utf16Le).unwrap(), b"abcab"),
    ] {
        for at in 0..16 {
            let mut bytes = [b'-'; 30];
            bytes[at..at + 5].copy_from_slice(needle);
            let map = live(&bytes);
            for chunk in [1, 2, 3, 5, 8] {
                let scan = Scan::new(&map).block_len(chunk).threads(2);
                let offsets: Vec<_> = found(scan, &pattern).iter().map(|found| found.0).collect();
                assert_eq!(offsets, [at as u64], "{pattern:?} by {chunk}");
            }
        }
    }
}
