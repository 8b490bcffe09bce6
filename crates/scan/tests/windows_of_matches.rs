//! However small the window is: what is found is what a window over everything finds, or it is said that
//! it may not be.
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use memmap_core::testing::Fake;
use memmap_core::{Mapping, MemMap};
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
    let exceeded = outcome.match_too_long;
    (found, exceeded)
}

/// Runs of few characters, so that matches are under way for long.
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
    fn a_small_window_finds_the_same_or_says_so(
        bytes in bytes(),
        text in prop::sample::select(&PATTERNS[..]),
        window in 8_u64..300,
        chunk in 16_u64..400,
        threads in 1_usize..3,
        overlapping: bool,
    ) {
        let map = MemMap::from_mapping(Fake::new(&bytes));
        let pattern = Pattern::regex(text).unwrap().overlapping(overlapping);
        let (wide, exceeded) = all(Scan::new(&map).threads(1), &pattern);
        prop_assert_eq!(exceeded, None);
        let narrow = Scan::new(&map).threads(threads).block_len(chunk).max_match_len(window);
        let (found, exceeded) = all(narrow, &pattern);
        match exceeded {
            None => prop_assert_eq!(found, wide),
            // Before it, all is certain.
            Some(at) => {
                let before = |all: &[(u64, u64)]| -> Vec<(u64, u64)> {
                    all.iter().copied().filter(|&(offset, _)| offset < at).collect()
                };
                prop_assert_eq!(before(&found), before(&wide));
                if threads == 1 && !overlapping {
                    prop_assert!(wide.iter().any(|&(_, len)| len > window), "{:?} is not cut", at);
                }
            }
        }
    }
}
