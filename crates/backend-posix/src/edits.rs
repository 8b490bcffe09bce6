//! Which pages have private edits.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap_core::{Error, ErrorKind, Op, Result, widen};
use zerocopy::FromZeros;

/// A bit for each page of a mapping, set once it holds an edit. Untouched it costs no memory.
#[derive(Debug)]
pub(crate) struct Edits {
    words: Box<[AtomicU64]>,
}

const BITS: usize = 64;

impl Edits {
    /// None yet, in so many pages.
    pub(crate) fn new(pages: usize) -> Result<Self> {
        let words = pages.div_ceil(BITS);
        let Ok(words) = <[AtomicU64]>::new_box_zeroed_with_elems(words) else {
            let len = widen(words).saturating_mul(8);
            return Err(Error::new(Op::Map, ErrorKind::OutOfMemory { len }));
        };
        Ok(Self { words })
    }

    /// Whether this page has an edit.
    pub(crate) fn has(&self, page: usize) -> bool {
        let (word, bit) = place(page);
        self.words.get(word).is_some_and(|word| word.load(Ordering::Relaxed) & bit != 0)
    }

    /// These pages have edits now.
    pub(crate) fn mark(&self, first: usize, last: usize) {
        for page in first..=last {
            let (word, bit) = place(page);
            if let Some(word) = self.words.get(word)
                && word.load(Ordering::Relaxed) & bit == 0
            {
                word.fetch_or(bit, Ordering::Relaxed);
            }
        }
    }

    /// The runs of pages with edits between two pages.
    pub(crate) fn runs(&self, pages: Range<usize>) -> Vec<Range<usize>> {
        let mut runs: Vec<Range<usize>> = Vec::new();
        for page in self
            .groups()
            .filter(|(first, _)| *first < pages.end && first.saturating_add(BITS) > pages.start)
            .flat_map(|(first, _)| first..first.saturating_add(BITS))
            .filter(|page| pages.contains(page) && self.has(*page))
        {
            match runs.last_mut() {
                Some(run) if run.end == page => run.end = page.saturating_add(1),
                _ => runs.push(page..page.saturating_add(1)),
            }
        }
        runs
    }

    /// The pages with edits, 64 at a time: the first page of such a group, and its bits.
    pub(crate) fn groups(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        let starts = (0_usize..).step_by(BITS);
        starts
            .zip(&self.words)
            .map(|(first, word)| (first, word.load(Ordering::Relaxed)))
            .filter(|&(_, bits)| bits != 0)
    }
}

/// The word and the bit of a page.
fn place(page: usize) -> (usize, u64) {
    let within = u32::try_from(page % BITS).unwrap_or(0);
    (page / BITS, 1_u64.checked_shl(within).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_pages_and_no_others_have_edits() {
        for (first, last) in [(0, 0), (63, 64), (5, 130), (199, 199), (0, 199)] {
            let edits = Edits::new(200).unwrap();
            assert_eq!(edits.groups().count(), 0);
            edits.mark(first, last);
            for page in 0..200 {
                assert_eq!(edits.has(page), (first..=last).contains(&page));
            }
            let marked: u32 = edits.groups().map(|(_, bits)| bits.count_ones()).sum();
            assert_eq!(usize::try_from(marked).unwrap(), last - first + 1);
            assert_eq!(edits.runs(0..200), vec![first..last + 1; 1]);
            assert_eq!(
                edits.runs(first..last),
                Vec::from_iter((first < last).then_some(first..last))
            );
            assert!(edits.groups().all(|(start, _)| start % 64 == 0));
        }
    }

    #[test]
    fn edits_of_a_huge_file_cost_nothing_before_they_are_made() {
        let edits = Edits::new(1 << 36).unwrap();
        edits.mark((1 << 36) - 1, (1 << 36) - 1);
        assert!(edits.has((1 << 36) - 1) && !edits.has(0));
    }
}
