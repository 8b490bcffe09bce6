use memmap_core::widen;

use super::matched::{Match, chain};

/// Bytes in a gram: enough that equal ones are seldom equal by chance.
const GRAM_LEN: usize = 16;

/// A gram that occurs once on each side, or might.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    hash: u64,
    /// Its place, plus one.
    a: u32,
    b: u32,
    /// Whether it occurs more often.
    is_repeated: bool,
}

/// Finds grams that occur once on each side, with a table that is used again.
#[derive(Debug, Default)]
pub(super) struct Grams {
    slots: Vec<Slot>,
}

impl Grams {
    /// The matches around grams that occur once in each of two buffers of at most 4 GiB, in order.
    ///
    /// Two different grams may want the same place in the table; the first one has it. So some are
    /// missed, and none is taken wrongly.
    pub(super) fn matches(&mut self, a: &[u8], b: &[u8]) -> Vec<Match> {
        let len = a.len().saturating_mul(2).next_power_of_two().max(2);
        let shift = 64_u32.saturating_sub(len.trailing_zeros());
        self.slots.clear();
        self.slots.resize(len, Slot::default());
        let index = |hash: u64| usize::try_from(hash >> shift).unwrap_or(0);
        for (place, gram) in (1..).zip(a.windows(GRAM_LEN)) {
            let hash = hash_of(gram);
            let Some(slot) = self.slots.get_mut(index(hash)) else { continue };
            if slot.a == 0 {
                *slot = Slot { hash, a: place, b: 0, is_repeated: false };
            } else if slot.hash == hash {
                slot.is_repeated = true;
            }
        }
        for (place, gram) in (1..).zip(b.windows(GRAM_LEN)) {
            let hash = hash_of(gram);
            let Some(slot) = self.slots.get_mut(index(hash)) else { continue };
            if slot.a != 0 && slot.hash == hash {
                slot.is_repeated |= slot.b != 0;
                slot.b = place;
            }
        }
        let mut unique: Vec<(usize, usize)> = self
            .slots
            .iter()
            .filter(|slot| !slot.is_repeated && slot.a != 0 && slot.b != 0)
            .map(|slot| (place_of(slot.a), place_of(slot.b)))
            .collect();
        unique.sort_unstable_by_key(|&(_, b)| b);
        let mut matches: Vec<Match> = Vec::new();
        let mut last = (0, 0, 0);
        for (a_at, b_at) in unique {
            // Within the last match, on its diagonal.
            let (a_last, b_last, len) = last;
            let is_within = b_at < b_last + len && a_at.wrapping_sub(a_last) == b_at - b_last;
            if is_within {
                continue;
            }
            let (a_at, b_at, len) = extended(a, b, a_at, b_at);
            if len < GRAM_LEN {
                continue; // Equal hashes of different bytes.
            }
            last = (a_at, b_at, len);
            matches.push(Match { a: widen(a_at), b: widen(b_at), len: widen(len) });
        }
        matches.sort_unstable_by_key(|found| found.b);
        chain(&matches)
    }
}

fn place_of(stored: u32) -> usize {
    usize::try_from(stored.saturating_sub(1)).unwrap_or(0)
}

/// The equal bytes around two places.
fn extended(a: &[u8], b: &[u8], a_at: usize, b_at: usize) -> (usize, usize, usize) {
    let (a_before, a_after) = a.split_at(a_at.min(a.len()));
    let (b_before, b_after) = b.split_at(b_at.min(b.len()));
    let before = common_suffix(a_before, b_before);
    let after = common_prefix(a_after, b_after);
    (a_at - before, b_at - before, before + after)
}

/// The number of equal bytes at the starts of two buffers.
pub(super) fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    const STEP: usize = 64;
    let equal = a.chunks_exact(STEP).zip(b.chunks_exact(STEP)).take_while(|(a, b)| a == b);
    let blocks = equal.count() * STEP;
    let (a, b) = (a.get(blocks..).unwrap_or_default(), b.get(blocks..).unwrap_or_default());
    blocks + a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// The number of equal bytes at the ends of two buffers.
pub(super) fn common_suffix(a: &[u8], b: &[u8]) -> usize {
    const STEP: usize = 64;
    let equal = a.rchunks_exact(STEP).zip(b.rchunks_exact(STEP)).take_while(|(a, b)| a == b);
    let blocks = equal.count() * STEP;
    let a = a.get(..a.len() - blocks).unwrap_or_default();
    let b = b.get(..b.len() - blocks).unwrap_or_default();
    blocks + a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
}

/// A hash whose highest bits are its best ones.
fn hash_of(gram: &[u8]) -> u64 {
    let word = |at: usize| {
        let bytes = gram.get(at..at + 8).and_then(|bytes| bytes.first_chunk::<8>());
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
    };
    let mixed = (word(0) ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xff51_afd7_ed55_8ccd);
    (mixed.rotate_left(29) ^ word(8)).wrapping_mul(0xc4ce_b9fe_1a85_ec53)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(len: u32) -> Vec<u8> {
        (0..len).flat_map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
    }

    #[test]
    fn an_insertion_leaves_two_matches() {
        let a = text(100);
        let mut b = a.clone();
        b.splice(200..200, [7; 9]);
        let found = Grams::default().matches(&a, &b);
        let expected = [Match { a: 0, b: 0, len: 200 }, Match { a: 200, b: 209, len: 200 }];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_repeats_matches_nothing() {
        assert_eq!(Grams::default().matches(&[0; 100], &[0; 100]), []);
        assert_eq!(Grams::default().matches(&[], &[1; 100]), []);
        assert_eq!(Grams::default().matches(&text(2), &text(2)), []);
    }

    proptest! {
        #[test]
        fn matches_are_equal_bytes_in_order(
            a in prop::collection::vec(0_u8..3, 0..400),
            cuts in prop::collection::vec((0_usize..400, 0_usize..20), 0..5),
        ) {
            let mut b = a.clone();
            for (at, len) in cuts {
                let (start, end) = (at.min(b.len()), (at + len).min(b.len()));
                b.drain(start..end);
            }
            let (mut a_at, mut b_at) = (0, 0);
            for Match { a: a_start, b: b_start, len } in Grams::default().matches(&a, &b) {
                prop_assert!(a_start >= a_at && b_start >= b_at && len > 0);
                for within in 0..len {
                    let at = |start: u64| usize::try_from(start + within).unwrap();
                    prop_assert_eq!(a[at(a_start)], b[at(b_start)]);
                }
                (a_at, b_at) = (a_start + len, b_start + len);
            }
        }
    }
}
