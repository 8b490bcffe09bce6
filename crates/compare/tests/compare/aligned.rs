use std::io;

use memmap_compare::{Compare, Compared, Difference, DifferenceKind};
use memmap_core::{Map, Progress, testing::Fake, widen};
use proptest::prelude::*;

use crate::source::{Source, indices, pair, scaled};

use DifferenceKind::{Changed, OnlyInA, OnlyInB, Unreadable};

/// Checks that the list gives B when it is applied to A, and that it is in order.
fn check(a: &Source, b: &Source, outcome: &Compared<Vec<Difference>>) {
    let (mut a_at, mut b_at) = (0, 0);
    let mut applied = Vec::new();
    let mut last: Option<&Difference> = None;
    for found in &outcome.value {
        let (in_a, in_b) = (indices(&found.a), indices(&found.b));
        assert!(in_a.start >= a_at && in_b.start >= b_at && !found.is_empty(), "{found:?}");
        let equal = in_a.start - a_at;
        assert_eq!(equal, in_b.start - b_at, "{last:?} {found:?}");
        for at in 0..equal {
            assert!(a.is_readable(a_at + at) && b.is_readable(b_at + at));
        }
        applied.extend_from_slice(&a.bytes[a_at..in_a.start]);
        applied.extend_from_slice(&b.bytes[in_b.clone()]);
        let expected = match (in_a.is_empty(), in_b.is_empty()) {
            _ if found.kind == Unreadable => Unreadable,
            (false, false) => Changed,
            (false, true) => OnlyInA,
            (true, _) => OnlyInB,
        };
        assert_eq!(found.kind, expected);
        if let Some(last) = last.filter(|last| last.is_different() && found.is_different()) {
            assert!(found.a.start - last.a.end >= 4, "{last:?} {found:?}");
        }
        if found.kind == Unreadable {
            let is_lost = |source: &Source, range: &std::ops::Range<usize>| {
                range.clone().all(|at| !source.is_readable(at))
            };
            assert!(
                (!in_a.is_empty() && is_lost(a, &in_a))
                    || (!in_b.is_empty() && is_lost(b, &in_b))
                    || in_a
                        .clone()
                        .zip(in_b.clone())
                        .all(|(of_a, of_b)| !a.is_readable(of_a) || !b.is_readable(of_b)),
                "{found:?}"
            );
        } else if found.kind == Changed {
            // What only one side has need not be read.
            assert!(in_a.clone().all(|at| a.is_readable(at)), "{found:?}");
            assert!(in_b.clone().all(|at| b.is_readable(at)), "{found:?}");
        }
        (a_at, b_at) = (in_a.end, in_b.end);
        last = Some(found);
    }
    applied.extend_from_slice(&a.bytes[a_at..]);
    assert_eq!(a.bytes.len() - a_at, b.bytes.len() - b_at);
    for at in 0..a.bytes.len() - a_at {
        assert!(a.is_readable(a_at + at) && b.is_readable(b_at + at));
    }
    assert!(applied == b.bytes, "A and the list are not B");
    let unreadable: u64 =
        outcome.value.iter().filter(|it| !it.is_different()).map(Difference::len).sum();
    let listed: u64 = outcome
        .not_compared
        .iter()
        .map(|it| (it.a.end - it.a.start).max(it.b.end - it.b.start))
        .sum();
    assert_eq!(unreadable, listed);
}

fn aligned(a: &Source, b: &Source, threads: usize) -> Vec<Difference> {
    let (a_map, b_map) = (a.map(), b.map());
    let progress = Progress::new();
    let compare = Compare::new(&a_map, &b_map).threads(threads).progress(&progress);
    let outcome = compare.aligned().unwrap();
    check(a, b, &outcome);
    assert_eq!(progress.done(), progress.total());
    outcome.value
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_and_the_list_are_b((a, b) in pair(), threads in 1_usize..3) {
        // Holes are not read, so what is unreadable in them does not matter. The check does not know that.
        let (mut a, mut b) = (a, b);
        a.grain = a.grain.max(1);
        b.grain = b.grain.max(1);
        for source in [&mut a, &mut b] {
            let is_hole: Vec<bool> = source.bytes.chunks(source.grain)
                .map(|piece| piece.iter().all(|&byte| byte == 0)).collect();
            source.bad.retain(|&piece| is_hole.get(piece) == Some(&false));
            if source.cut.is_some() && is_hole.contains(&true) {
                source.cut = None;
            }
        }
        aligned(&a, &b, threads);
    }
}

/// Bytes that do not repeat.
fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..len.div_ceil(8)).flat_map(|_| next()).take(len).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_and_the_list_are_b_where_they_are_long(
        seed: u64,
        edits in prop::collection::vec((0.0..1.0, 0_usize..90_000, 0_usize..90_000, 0_u8..4), 0..6),
        len in 100_000_usize..900_000,
        period in prop::option::weighted(0.3, 100_usize..20_000),
        bad in prop::collection::vec((any::<bool>(), 0.0..1.0), 0..3),
        block in prop_oneof![Just(1 << 20), Just(20_000_u64)],
    ) {
        let mut bytes = noise(len, seed);
        if let Some(period) = period {
            // Mostly repeated, so that few strings of bytes are unique.
            bytes = bytes[..period].iter().copied().cycle().take(len).collect();
        }
        let mut edited = bytes.clone();
        for (place, removed, inserted, kind) in edits {
            let start = scaled(place, edited.len()).min(edited.len());
            let end = (start + removed).min(edited.len());
            match kind {
                0 => drop(edited.splice(start..start, noise(inserted, seed ^ 1))),
                1 => drop(edited.drain(start..end)),
                2 => drop(edited.splice(start..end, vec![0; inserted])),
                _ => edited[start..end].reverse(),
            }
        }
        let (mut a, mut b) = (Source::of(bytes), Source::of(edited));
        (a.grain, b.grain) = (4096, 4096);
        for (is_in_a, place) in bad {
            let source = if is_in_a { &mut a } else { &mut b };
            let piece = scaled(place, source.bytes.len() / 4096);
            let range = (piece * 4096).min(source.bytes.len())..;
            if source.bytes[range].iter().take(4096).any(|&byte| byte != 0) {
                source.bad.push(piece);
            }
        }
        let (a_map, b_map) = (a.map(), b.map());
        let outcome = Compare::new(&a_map, &b_map).block_len(block).aligned().unwrap();
        check(&a, &b, &outcome);
    }
}

type Listed = (DifferenceKind, std::ops::Range<u64>, std::ops::Range<u64>);

fn list(a: Vec<u8>, b: Vec<u8>) -> Vec<Listed> {
    let all = aligned(&Source::of(a), &Source::of(b), 2);
    all.into_iter().map(|it| (it.kind, it.a, it.b)).collect()
}

#[test]
fn one_insertion_is_one_difference_however_long() {
    for inserted in [1, 100, 5000, 100_000, 3_000_000] {
        let a = noise(3_000_000, 1);
        let mut b = a.clone();
        b.splice(1_000_000..1_000_000, noise(inserted, 2));
        let inserted = widen(inserted);
        assert_eq!(
            list(a.clone(), b.clone()),
            [(OnlyInB, 1_000_000..1_000_000, 1_000_000..1_000_000 + inserted)]
        );
        assert_eq!(list(b, a), [(OnlyInA, 1_000_000..1_000_000 + inserted, 1_000_000..1_000_000)]);
    }
}

#[test]
fn each_of_many_edits_is_found() {
    let a = noise(4_000_000, 3);
    let mut b = a.clone();
    let mut expected = Vec::new();
    // From the end, so that the places stay.
    for at in (1..400).rev().map(|index| index * 10_000) {
        match at / 10_000 % 3 {
            0 => drop(b.splice(at..at, [b[at - 1] ^ 1, b[at] ^ 1])),
            1 => drop(b.drain(at..at + 2)),
            _ => b[at] ^= 1,
        }
        expected.push(at / 10_000 % 3);
    }
    let found = list(a, b);
    assert_eq!(found.len(), expected.len());
    for ((kind, a, b), edit) in found.iter().zip(expected.iter().rev()) {
        let lens = (a.end - a.start, b.end - b.start);
        match edit {
            0 => assert_eq!((*kind, lens), (OnlyInB, (0, 2))),
            1 => assert_eq!((*kind, lens), (OnlyInA, (2, 0))),
            _ => assert_eq!((*kind, lens), (Changed, (1, 1))),
        }
    }
}

#[test]
fn a_record_that_was_inserted_among_others_of_its_length_is_one_difference() {
    let record = |number: u32| [&[b'R'; 500][..], &number.to_le_bytes(), &[0; 496]].concat();
    let a: Vec<u8> = (0..500).flat_map(record).collect();
    let b = [record(u32::MAX), a.clone()].concat();
    let found = list(a.clone(), b);
    assert!(found.len() <= 2, "{found:?}");
    // Other counters in the same records are that many differences.
    let c: Vec<u8> = (0..500).map(|number| number + 0x0101_0101).flat_map(record).collect();
    assert_eq!(list(a, c).len(), 500);
}

#[test]
fn two_halves_that_changed_places_keep_the_longer_one() {
    let (first, second) = (noise(1_000_000, 4), noise(1_200_000, 5));
    let found = list([first.clone(), second.clone()].concat(), [second, first].concat());
    assert_eq!(
        found,
        [(OnlyInA, 0..1_000_000, 0..0), (OnlyInB, 2_200_000..2_200_000, 1_200_000..2_200_000)]
    );
}

#[test]
fn what_has_nothing_in_common_is_one_difference() {
    let found = list(noise(500_000, 6), noise(400_000, 7));
    assert_eq!(found.len(), 1, "{found:?}");
    let found = list(vec![0; 300_000], vec![1; 200_000]);
    assert_eq!(found, [(Changed, 0..300_000, 0..200_000)]);
    // Zeros have no place of their own. One insertion of zeros is found all the same.
    assert_eq!(
        list(vec![0; 300_000], vec![0; 300_100]),
        [(OnlyInB, 300_000..300_000, 300_000..300_100)]
    );
}

#[test]
fn a_part_of_each_side() {
    let a = Map::from_mapping(Fake::new(b"xxabcdefghijkl"));
    let b = Map::from_mapping(Fake::new(b"abcd++efghijklyy"));
    let found = Compare::new(&a, &b).ranges(2.., ..14).aligned().unwrap().value;
    assert_eq!(found, [Difference { kind: OnlyInB, a: 6..6, b: 4..6 }]);
}

#[test]
fn unreadable_bytes_are_neither_equal_nor_different() {
    let bytes = noise(400_000, 8);
    let mut a = Source::of(bytes.clone());
    (a.grain, a.bad) = (4096, vec![10, 50]);
    let mut edited = bytes;
    edited.splice(100_000..100_000, *b"inserted");
    let (b, a_map) = (Source::of(edited), a.map());
    let b_map = b.map();
    let outcome = Compare::new(&a_map, &b_map).aligned().unwrap();
    check(&a, &b, &outcome);
    let kinds: Vec<_> = outcome.value.iter().map(|it| (it.kind, it.a.clone())).collect();
    let page = |page: u64| page * 4096..(page + 1) * 4096;
    assert_eq!(
        kinds,
        [(Unreadable, page(10)), (OnlyInB, 100_000..100_000), (Unreadable, page(50))]
    );
    let errors: Vec<_> = outcome.not_compared.iter().map(|it| it.error.to_string()).collect();
    assert!(
        errors.len() == 2 && errors[0].contains(&io::Error::from(io::ErrorKind::Other).to_string()),
        "{errors:?}"
    );
}

#[test]
fn a_cancelled_alignment_keeps_what_it_has() {
    let (a, b) = (Source::of(noise(100_000, 9)).map(), Source::of(noise(100_000, 10)).map());
    let progress = Progress::new();
    progress.cancel();
    let outcome = Compare::new(&a, &b).progress(&progress).aligned().unwrap();
    assert!(outcome.is_cancelled && outcome.value.is_empty() && outcome.compared == 0);
}

#[test]
fn a_range_that_two_blocks_see_in_part_is_unreadable_as_a_whole() {
    let mut b = Source::of(noise(253_952, 0));
    (b.grain, b.bad) = (4096, vec![34, 39]);
    let a = Source::of(b.bytes.clone());
    let (a_map, b_map) = (a.map(), b.map());
    let outcome = Compare::new(&a_map, &b_map).block_len(20_000).aligned().unwrap();
    check(&a, &b, &outcome);
    assert_eq!(outcome.value.len(), 2);
}
