//! What was lost of a range whose lost pages become zeros, page by page.
//!
//! The record is in memory that children share, so that a parent sees what its child lost.

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering, fence};

use super::shared_words::SharedWords;
use crate::{HowLost, Lost};

/// The first word: how many pages were lost at the end.
const TAIL: usize = 0;
/// Then two words for each `BITS` pages: a bit for each lost page, and a bit for each that was lost to a store.
const BITS: usize = 8 * WORD_LEN;
const WORD_LEN: usize = size_of::<usize>();
const HEAD: usize = 1;

/// What was lost of a range.
pub(crate) struct Losses {
    words: SharedWords,
    pages: usize,
}

impl fmt::Debug for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Losses").field("pages", &self.pages).finish_non_exhaustive()
    }
}

impl Losses {
    /// A record for `pages` pages, none of them lost. `None` if the system has no memory for it.
    pub(crate) fn new(pages: usize) -> Option<Self> {
        let count = pages.div_ceil(BITS).checked_mul(2)?.checked_add(HEAD)?;
        Some(Self { words: SharedWords::new(count)?, pages })
    }

    fn words(&self) -> &[AtomicUsize] {
        self.words.get()
    }

    /// The words of a page, and its bit.
    fn of(&self, page: usize) -> Option<(&AtomicUsize, &AtomicUsize, usize)> {
        let at = HEAD.checked_add(page.checked_div(BITS)?.checked_mul(2)?)?;
        let [lost, stored] = self.words().get(at..)?.first_chunk()?;
        Some((lost, stored, 1 << (page % BITS)))
    }

    /// Records that these pages are lost. For signal handlers.
    pub(super) fn lose(&self, pages: Range<usize>, to_a_store: bool) {
        for page in pages {
            if let Some((lost, stored, bit)) = self.of(page) {
                if to_a_store {
                    stored.fetch_or(bit, Ordering::Release);
                }
                lost.fetch_or(bit, Ordering::Release);
            }
        }
    }

    /// Whether a page was recorded by itself. For signal handlers.
    pub(super) fn has(&self, page: usize) -> bool {
        self.of(page).is_some_and(|(lost, _, bit)| lost.load(Ordering::Relaxed) & bit != 0)
    }

    /// Records that the file ends before this page. For signal handlers.
    pub(super) fn end_before(&self, page: usize) {
        if let Some(tail) = self.words().get(TAIL) {
            tail.fetch_max(self.pages.saturating_sub(page), Ordering::Release);
        }
    }

    /// What was lost of these pages: runs in order.
    pub(crate) fn within(&self, pages: Range<usize>) -> Vec<Lost> {
        // After all reads of this thread, which may have seen a zero of a lost page.
        fence(Ordering::SeqCst);
        let tail = self.words().first().map_or(0, |tail| tail.load(Ordering::Acquire));
        let end = self.pages.saturating_sub(tail);
        let mut found: Vec<Lost> = Vec::new();
        let mut add = |page: usize, how| match found.last_mut() {
            Some(last) if last.end == page && last.how == how => last.end = page.saturating_add(1),
            _ => found.push(Lost { start: page, end: page.saturating_add(1), how }),
        };
        let mut page = pages.start;
        while page < pages.end.min(end) {
            let Some((lost, stored, bit)) = self.of(page) else { break };
            let lost = lost.load(Ordering::Acquire);
            if lost == 0 {
                page = page.saturating_add(BITS - page % BITS);
                continue;
            }
            if lost & bit != 0 {
                let to_a_store = stored.load(Ordering::Relaxed) & bit != 0;
                add(page, if to_a_store { HowLost::Store } else { HowLost::Load });
            }
            page = page.saturating_add(1);
        }
        if end.max(pages.start) < pages.end {
            found.push(Lost { start: end.max(pages.start), end: pages.end, how: HowLost::Cut });
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use HowLost::{Cut, Load, Store};

    const PAGES: usize = 3 * BITS + 5;

    fn within(losses: &Losses, pages: Range<usize>) -> Vec<(usize, usize, HowLost)> {
        losses.within(pages).into_iter().map(|lost| (lost.start, lost.end, lost.how)).collect()
    }

    #[test]
    fn runs_of_pages_are_found_in_order() {
        let losses = Losses::new(PAGES).unwrap();
        assert_eq!(within(&losses, 0..PAGES), []);
        losses.lose(BITS - 1..BITS + 2, false);
        losses.lose(BITS + 2..BITS + 3, true);
        losses.lose(0..1, true);
        let all = [(0, 1, Store), (BITS - 1, BITS + 2, Load), (BITS + 2, BITS + 3, Store)];
        assert_eq!(within(&losses, 0..PAGES), all);
        assert_eq!(within(&losses, 1..BITS - 1), []);
        assert_eq!(within(&losses, BITS..BITS + 1), [(BITS, BITS + 1, Load)]);
        losses.end_before(BITS + 2);
        losses.end_before(PAGES - 1);
        let cut = [(0, 1, Store), (BITS - 1, BITS + 2, Load), (BITS + 2, PAGES, Cut)];
        assert_eq!(within(&losses, 0..PAGES), cut);
        assert_eq!(within(&losses, PAGES - 1..PAGES), [(PAGES - 1, PAGES, Cut)]);
        losses.end_before(0);
        assert_eq!(within(&losses, 0..PAGES), [(0, PAGES, Cut)]);
    }

    #[test]
    fn pages_beyond_the_range_are_nothing() {
        let losses = Losses::new(1).unwrap();
        losses.lose(BITS..BITS + 1, true);
        losses.lose(usize::MAX - 1..usize::MAX, true);
        assert_eq!(within(&losses, 0..1), []);
    }
}
