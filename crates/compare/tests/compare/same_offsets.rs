use std::ops::Range;

use memmap_compare::{Compare, Difference, DifferenceKind, Side};
use memmap_core::{ErrorKind, Map, Progress, testing::Fake, widen};
use proptest::prelude::*;

use crate::source::{Source, pair, scaled};

use DifferenceKind::{Changed, OnlyInA, OnlyInB, Unreadable};

/// The differences, found one byte after the other.
fn naive(
    (a, a_range): (&Source, Range<usize>),
    (b, b_range): (&Source, Range<usize>),
) -> Vec<Difference> {
    let common = a_range.len().min(b_range.len());
    let mut all: Vec<Difference> = Vec::new();
    let mut is_over = false;
    for at in 0..common {
        let (in_a, in_b) = (a_range.start + at, b_range.start + at);
        let is_cut = |source: &Source, at| source.cut.is_some_and(|cut| at >= cut);
        is_over |= is_cut(a, in_a) || is_cut(b, in_b);
        let kind = if is_over || !a.is_readable(in_a) || !b.is_readable(in_b) {
            Unreadable
        } else if a.bytes[in_a] != b.bytes[in_b] {
            Changed
        } else {
            continue;
        };
        let one = |at: usize| widen(at)..widen(at) + 1;
        match all.last_mut() {
            Some(last) if last.kind == kind && last.a.end == widen(in_a) => {
                last.a.end += 1;
                last.b.end += 1;
            }
            _ => all.push(Difference { kind, a: one(in_a), b: one(in_b) }),
        }
    }
    let tail = |range: &Range<usize>| widen(range.start + common)..widen(range.end);
    let (a, b) = (tail(&a_range), tail(&b_range));
    match (a.is_empty(), b.is_empty()) {
        (true, true) => {}
        (false, _) => all.push(Difference { kind: OnlyInA, a, b }),
        (true, false) => all.push(Difference { kind: OnlyInB, a, b }),
    }
    all
}

/// Holes are not read, so what is unreadable in them does not matter. The reference does not know that.
fn without_bad_holes(mut source: Source) -> Source {
    let is_zero = |piece: &usize| {
        let bytes = source.bytes.chunks(source.grain).nth(*piece);
        bytes.is_none_or(|bytes| bytes.iter().all(|&byte| byte == 0))
    };
    source.bad.retain(|piece| !is_zero(piece));
    if source.cut.is_some() {
        for piece in source.bytes.chunks_mut(source.grain) {
            piece[0] |= 1;
        }
    }
    source
}

fn part(len: usize, (from, to): (f64, f64)) -> Range<usize> {
    let (from, to) = (scaled(from, len).min(len), scaled(to, len).min(len));
    from.min(to)..from.max(to)
}

fn wide(range: &Range<usize>) -> Range<u64> {
    widen(range.start)..widen(range.end)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_found_is_what_one_loop_over_all_bytes_finds(
        (a, b) in pair(),
        places in prop::option::of((any::<(bool, bool)>(), (0.0..1.0, 0.0..1.0), (0.0..1.0, 0.0..1.0))),
        block_len in prop_oneof![1_u64..300, Just(1 << 20)],
        threads in 1_usize..4,
    ) {
        let (a, b) = (without_bad_holes(a), without_bad_holes(b));
        let (mut a_range, mut b_range) = (0..a.bytes.len(), 0..b.bytes.len());
        if let Some((_, a_place, b_place)) = places {
            a_range = part(a.bytes.len(), a_place);
            b_range = part(b.bytes.len(), b_place);
        }
        let expected = naive((&a, a_range.clone()), (&b, b_range.clone()));
        let (a_map, b_map) = (a.map(), b.map());
        let progress = Progress::new();
        let compare = Compare::new(&a_map, &b_map)
            .ranges(wide(&a_range), wide(&b_range))
            .block_len(block_len)
            .threads(threads);

        let mut differences = compare.progress(&progress).differences().unwrap();
        let found: Vec<Difference> = differences.by_ref().collect();
        prop_assert_eq!(&found, &expected);
        let common = widen(a_range.len().min(b_range.len()));
        prop_assert_eq!((progress.done(), progress.total()), (common, common));
        let outcome = differences.outcome();
        prop_assert!(!outcome.is_cancelled && outcome.value == 0);
        let lost: u64 = found.iter().filter(|it| it.kind == Unreadable).map(Difference::len).sum();
        prop_assert_eq!(outcome.compared, common - lost);
        let listed: u64 = outcome.not_compared.iter().map(|it| it.a.end - it.a.start).sum();
        prop_assert_eq!(listed, lost);
        for lost in &outcome.not_compared {
            let at = match lost.side {
                Side::A => (&a, lost.a.start),
                Side::B => (&b, lost.b.start),
            };
            prop_assert!(!at.0.is_readable(usize::try_from(at.1).unwrap()));
        }

        let count = compare.count().unwrap();
        let changed = || expected.iter().filter(|it| it.kind == Changed);
        prop_assert_eq!(count.value, changed().map(Difference::len).sum::<u64>());
        prop_assert_eq!(count.compared, common - lost);

        let first = compare.first().unwrap();
        let expected_first = expected.iter().find(|it| it.is_different());
        match (&first.value, expected_first) {
            (Some(first), Some(expected)) => {
                prop_assert_eq!((first.kind, first.a.start, first.b.start),
                    (expected.kind, expected.a.start, expected.b.start));
                prop_assert!(first.a.end <= expected.a.end && !first.is_empty());
            }
            (first, expected) => prop_assert!(first.is_none() && expected.is_none()),
        }
    }
}

fn list(a: &[u8], b: &[u8]) -> Vec<(DifferenceKind, Range<u64>, Range<u64>)> {
    let (a, b) = (Map::from_mapping(Fake::new(a)), Map::from_mapping(Fake::new(b)));
    let differences = Compare::new(&a, &b).differences().unwrap();
    differences.map(|it| (it.kind, it.a, it.b)).collect()
}

#[test]
fn what_only_the_longer_side_has_comes_last() {
    assert_eq!(list(b"", b""), []);
    assert_eq!(list(b"abc", b""), [(OnlyInA, 0..3, 0..0)]);
    assert_eq!(list(b"", b"abc"), [(OnlyInB, 0..0, 0..3)]);
    assert_eq!(list(b"abcd", b"abx"), [(Changed, 2..3, 2..3), (OnlyInA, 3..4, 3..3)]);
}

#[test]
fn a_range_beyond_a_map_is_refused() {
    let (a, b) = (Map::from_mapping(Fake::new(b"abc")), Map::from_mapping(Fake::new(b"abcd")));
    let error = Compare::new(&a, &b).ranges(..4, ..).first().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::OutOfBounds { bound: 3, .. }), "{error}");
    #[expect(clippy::reversed_empty_ranges, reason = "that is what is refused")]
    let error = Compare::new(&a, &b).ranges(.., 3..1).count().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::BackwardRange { .. }), "{error}");
}

#[test]
fn a_difference_is_returned_before_the_rest_is_compared() {
    let mut bytes = vec![7; 64 << 20];
    let a = Source::of(bytes.clone()).map();
    bytes[5] = 8;
    let b = Source::of(bytes).map();
    let progress = Progress::new();
    let mut differences = Compare::new(&a, &b).progress(&progress).differences().unwrap();
    assert_eq!(differences.next().map(|it| it.a), Some(5..6));
    assert!(progress.done() <= 1 << 20, "{}", progress.done());
    progress.cancel();
    assert_eq!(differences.next(), None);
    let outcome = differences.outcome();
    assert!(outcome.is_cancelled && outcome.compared == progress.done());
}

#[test]
fn a_comparison_that_was_cancelled_does_not_say_which_side_is_longer() {
    let (a, b) = (Map::from_mapping(Fake::new(b"abc")), Map::from_mapping(Fake::new(b"abcd")));
    let progress = Progress::new();
    progress.cancel();
    let compare = Compare::new(&a, &b).progress(&progress);
    assert_eq!(compare.first().unwrap().value, None);
    assert!(compare.first().unwrap().is_cancelled);
    assert_eq!(compare.differences().unwrap().count(), 0);
}

#[test]
fn a_hole_that_both_sides_have_is_not_read() {
    // Nothing in it could be.
    let mut a = Source::of(vec![0; 8 << 20]);
    a.bad = (0..8).collect();
    let b = a.map();
    let outcome = Compare::new(&a.map(), &b).first().unwrap();
    assert!(outcome.value.is_none() && outcome.is_complete() && outcome.compared == 8 << 20);
}

#[test]
fn bytes_that_all_differ_are_one_range_in_little_memory() {
    let a = Source::of(vec![1; 8 << 20]).map();
    let b = Source::of(vec![2; 8 << 20]).map();
    let all: Vec<_> = Compare::new(&a, &b).differences().unwrap().map(|it| it.a).collect();
    assert!(matches!(&all[..], [whole] if *whole == (0..8 << 20)));
    // Every other byte: more ranges than wait at a time.
    let bytes: Vec<u8> = (0..8 << 20).map(|at: u32| 1 + u8::from(at.is_multiple_of(2))).collect();
    let b = Source::of(bytes).map();
    let mut differences = Compare::new(&a, &b).differences().unwrap();
    for (index, found) in differences.by_ref().enumerate() {
        let at = 2 * widen(index);
        assert_eq!(found.a, at..at + 1);
    }
    assert_eq!(differences.outcome().compared, 8 << 20);
}
