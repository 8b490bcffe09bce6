//! However small `max_match_len` is, a search finds what one without a limit finds, or reports that it may not.
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::io;

use memmap_core::testing::{Fake, Fault};
use memmap_core::{Map, Mapping};
use memmap_scan::{Match, Outcome, Pattern, Scan};
use proptest::prelude::*;

/// Expressions without a longest match: greedy and lazy, with looks, with others that match meanwhile.
const PATTERNS: [&str; 20] = [
    "a+b",
    "(?s)a.*b",
    "(?s)a.*?b",
    "a[^b]*b",
    "(?s)<.*>|b",
    "(?s)<.*?>|a+",
    "(?s)a.*z|bb",
    "(?s)a.*?z|b.*?<",
    ".*>",
    "(?m)^a.*$",
    "(?s)^.*z",
    r"\ba+\b",
    r"(?s)<\b.*\b>",
    "(ab)+>",
    "(?s)(a|ab)(c|bcd)?.*<",
    "a*",
    "(?s)-.{40,}>",
    "b{3,}?a",
    "(?s)a.*b$",
    "a+(?:b|<)+-*>",
];

fn all<M: Mapping>(scan: Scan<'_, M>, pattern: &Pattern) -> (Vec<(u64, u64)>, Option<u64>) {
    let mut found = Vec::new();
    let take = |it: Match| found.push((it.offset, it.len));
    let outcome: Outcome<_> = scan.find_all_into(pattern, take).unwrap();
    (found, outcome.match_too_long)
}

/// Runs of few characters, so that matches stay open for long.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let run = (prop::sample::select(b"aab<>-\n\0".to_vec()), 1_usize..120);
    prop::collection::vec(run, 1..40).prop_map(|runs| {
        runs.into_iter()
            .flat_map(|(byte, len)| vec![byte; if len > 60 { len } else { len % 4 + 1 }])
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_small_max_match_len_finds_the_same_or_says_so(
        bytes in bytes(),
        text in prop::sample::select(&PATTERNS[..]),
        max_match_len in 8_u64..300,
        chunk in 16_u64..400,
        threads in 1_usize..3,
        overlapping: bool,
    ) {
        let map = Map::from_mapping(Fake::new(&bytes));
        let pattern = Pattern::regex(text).unwrap().overlapping(overlapping);
        let (wide, too_long) = all(Scan::new(&map).threads(1), &pattern);
        prop_assert_eq!(too_long, None);
        let narrow = Scan::new(&map).threads(threads).block_len(chunk).max_match_len(max_match_len);
        let (found, too_long) = all(narrow, &pattern);
        match too_long {
            None => prop_assert_eq!(found, wide),
            // Before it, all is certain.
            Some(at) => {
                let before = |all: &[(u64, u64)]| -> Vec<(u64, u64)> {
                    all.iter().copied().filter(|&(offset, _)| offset < at).collect()
                };
                prop_assert_eq!(before(&found), before(&wide));
                if threads == 1 && !overlapping {
                    prop_assert!(wide.iter().any(|&(_, len)| len > max_match_len), "{:?} is not cut", at);
                }
            }
        }
    }
}

#[test]
fn a_match_longer_than_max_match_len_is_reported() {
    let mut bytes = vec![b'-'; 300_000];
    bytes[1000..101_000].fill(b'a');
    let map = Map::from_mapping(Fake::new(&bytes));
    let pattern = Pattern::regex("a+").unwrap();
    for chunk in [1 << 20, 10_000] {
        let scan = Scan::new(&map).block_len(chunk).threads(2);
        let outcome = scan.count(&pattern).unwrap();
        assert_eq!((outcome.value, outcome.match_too_long), (1, None));
        let narrow = scan.max_match_len(20_000);
        assert!(narrow.count(&pattern).unwrap().match_too_long.is_some());
        // One that never ends is not a match.
        let open = Pattern::regex("(?s)aa-.*z").unwrap();
        let outcome = narrow.count(&open).unwrap();
        assert_eq!((outcome.value, outcome.match_too_long), (0, None));
        // A pattern that starts nowhere, or ends in time, needs only a small limit.
        let line = Pattern::regex("a[^b]{0,3}b|zz+").unwrap();
        assert!(narrow.count(&line).unwrap().is_complete());
    }
}

/// Each pattern has matches that stay open for longer than `max_match_len`, and none that is longer.
const OPEN: [(&str, &[(u64, u64)]); 12] = [
    // Nothing matches.
    ("a+b", &[]),
    ("(?s)<.*>", &[]),
    ("(?s)-.*zzz", &[]),
    ("-+b", &[]),
    ("(?s)^.*z$", &[]),
    (r"(?s)aa-.*\bz\b", &[]),
    // The match is short, or ends where another could have started.
    ("(?s)a.*?a", &[(1000, 2); 4]),
    ("(?s)-.*?-|zz", &[(0, 2); 4]),
    ("(?s)a.*b|cc", &[(150_000, 2), (299_998, 2)]),
    ("(?s)q.*d|c", &[(150_000, 1), (150_001, 1), (299_998, 1), (299_999, 1)]),
    ("a{10,}?b|-c+", &[(149_999, 3), (299_997, 3)]),
    ("(?s)a[^-]*!|cc", &[(150_000, 2), (299_998, 2)]),
];

#[test]
fn a_match_that_only_seems_longer_than_max_match_len_is_not_reported() {
    let mut bytes = vec![b'-'; 300_000];
    bytes[1000..101_000].fill(b'a');
    for at in [150_000, 299_998] {
        bytes[at..at + 2].fill(b'c');
    }
    let map = Map::from_mapping(Fake::new(&bytes));
    for (text, expected) in OPEN {
        let pattern = Pattern::regex(text).unwrap();
        for (threads, chunk) in [(1, 1 << 20), (1, 10_000), (2, 10_000), (2, 1000)] {
            let scan = Scan::new(&map).block_len(chunk).threads(threads).max_match_len(20_000);
            let outcome = scan.count(&pattern).unwrap();
            let what = format!("{text} {threads} {chunk}");
            assert_eq!(outcome.match_too_long, None, "{what}");
            assert_eq!(outcome.covered, 300_000, "{what}");
            // If they are dense, the first are enough.
            let is_dense = expected.len() == 4 && expected[0] == expected[1];
            if is_dense {
                let found = scan.find_first(&pattern).unwrap().value.unwrap();
                assert_eq!((found.offset, found.len), expected[0], "{what}");
                let wide = scan.max_match_len(1 << 20).count(&pattern).unwrap();
                assert_eq!(outcome.value, wide.value, "{what}");
                continue;
            }
            let all = scan.find_iter(&pattern).unwrap().map(|it| (it.offset, it.len));
            assert_eq!(all.collect::<Vec<_>>(), expected, "{what}");
        }
    }
}

#[test]
fn a_match_longer_than_max_match_len_is_reported_where_it_starts() {
    let mut bytes = vec![b'-'; 300_000];
    bytes[1000..101_000].fill(b'a');
    bytes[200_000] = b'b';
    let map = Map::from_mapping(Fake::new(&bytes));
    for (text, at) in [("a+", 1000), ("(?s)a.*b", 1000), ("(?s)a.*?b", 1000), ("-+b", 101_000)] {
        for threads in [1, 2] {
            let scan = Scan::new(&map).block_len(10_000).threads(threads).max_match_len(20_000);
            let outcome = scan.count(&Pattern::regex(text).unwrap()).unwrap();
            assert_eq!(outcome.match_too_long, Some(at), "{text}");
        }
    }
    // An unreadable byte ends a match.
    bytes[250_000..].fill(b'a');
    let fault = Fault::Read { at: 260_000, kind: io::ErrorKind::Other };
    let map = Map::from_mapping(Fake::new(&bytes).with(fault));
    let scan = Scan::new(&map).block_len(2000).threads(1).max_match_len(5000);
    let outcome = scan.count(&Pattern::regex("a+c").unwrap()).unwrap();
    assert_eq!((outcome.value, outcome.match_too_long), (0, None));
}
