//! A bit for each page, which threads and signal handlers set and read at once.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use zerocopy::FromZeros;

/// Where bits are kept. A map of 100 GiB has some megabytes of them: where an allocator clears long blocks, a system
/// has memory of its own for them, which is zero where it was not used.
pub trait Words: Send + Sync + Sized {
    /// `count` words, all 0; `None` if there is no memory for them.
    fn zeroed(count: usize) -> Option<Self>;

    /// The same, which a child that is forked later shares, where the system has children.
    fn shared(count: usize) -> Option<Self> {
        Self::zeroed(count)
    }

    /// The words, always the same ones.
    fn words(&self) -> &[AtomicUsize];
}

impl Words for Box<[AtomicUsize]> {
    fn zeroed(count: usize) -> Option<Self> {
        <[AtomicUsize]>::new_box_zeroed_with_elems(count).ok()
    }

    fn words(&self) -> &[AtomicUsize] {
        self
    }
}

/// As many bits as there are pages, all 0 at first.
pub(super) struct Bits<W> {
    memory: Arc<W>,
    /// The first word, and the one after the last.
    words: Range<usize>,
}

#[expect(clippy::as_conversions, reason = "a constant, at most 64")]
pub(super) const WORD: usize = usize::BITS as usize;

impl<W: Words> Bits<W> {
    /// `N` sets of `len` bits, in memory that `make` makes; `None` if there is none.
    pub(super) fn new<const N: usize>(
        len: usize,
        make: impl FnOnce(usize) -> Option<W>,
    ) -> Option<[Self; N]> {
        let count = len.div_ceil(WORD);
        let memory = Arc::new(make(count.saturating_mul(N))?);
        Some(std::array::from_fn(|at| {
            let start = count.saturating_mul(at);
            Self { memory: Arc::clone(&memory), words: start..start.saturating_add(count) }
        }))
    }

    fn words(&self) -> &[AtomicUsize] {
        self.memory.words().get(self.words.clone()).unwrap_or_default()
    }

    /// A word of them, for a number.
    pub(super) fn number(&self, at: usize) -> Option<&AtomicUsize> {
        self.words().get(at)
    }

    /// Whether the bit is set. What was written before it was set is seen after this.
    #[inline]
    pub(super) fn has(&self, at: usize) -> bool {
        self.word(at) & mask(at) != 0
    }

    fn word(&self, at: usize) -> usize {
        self.words().get(at / WORD).map_or(0, |word| word.load(Ordering::Acquire))
    }

    /// Sets the bits of a range.
    pub(super) fn set(&self, range: Range<usize>) {
        for at in range {
            if let Some(word) = self.words().get(at / WORD) {
                word.fetch_or(mask(at), Ordering::Release);
            }
        }
    }

    pub(super) fn clear(&self, at: usize) {
        if let Some(word) = self.words().get(at / WORD) {
            word.fetch_and(!mask(at), Ordering::Release);
        }
    }

    /// The first range of bits that equal `value`, within `range`.
    pub(super) fn run(&self, range: Range<usize>, value: bool) -> Option<Range<usize>> {
        let start = self.next(range.clone(), value)?;
        let end = self.next(start..range.end, !value).unwrap_or(range.end);
        Some(start..end)
    }

    /// The first bit in the range that equals `value`.
    fn next(&self, range: Range<usize>, value: bool) -> Option<usize> {
        let mut at = range.start;
        while at < range.end {
            let word = if value { self.word(at) } else { !self.word(at) };
            let rest = word >> (at % WORD);
            if rest != 0 {
                let more = usize::try_from(rest.trailing_zeros()).ok()?;
                return Some(at.saturating_add(more)).filter(|&found| found < range.end);
            }
            at = (at / WORD).saturating_add(1).saturating_mul(WORD);
        }
        None
    }

    /// How many bits before `at` are set, without a gap; at most `most`.
    pub(super) fn run_before(&self, at: usize, most: usize) -> usize {
        (1..=most.min(at)).take_while(|back| self.has(at.saturating_sub(*back))).count()
    }

    /// The ranges of bits that are set, within `range`.
    pub(super) fn runs(&self, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let Range { mut start, end } = range;
        std::iter::from_fn(move || {
            let run = self.run(start..end, true)?;
            start = run.end;
            Some(run)
        })
    }
}

const fn mask(at: usize) -> usize {
    1 << (at % WORD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_those_of_a_list_of_bools() {
        const LEN: usize = 3 * WORD + 7;
        let mut seed = 7_u32;
        for density in [1, 2, 8, 31] {
            let [before, bits, after] = Bits::<Box<_>>::new(LEN, Words::zeroed).unwrap();
            before.set(LEN - 1..LEN);
            after.set(0..1);
            let mut naive = [false; LEN];
            for (at, set) in naive.iter_mut().enumerate() {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if (seed >> 16).is_multiple_of(density) {
                    bits.set(at..at + 1);
                    *set = true;
                }
            }
            for start in 0..LEN {
                for value in [false, true] {
                    let first = (start..LEN).find(|&at| naive[at] == value);
                    let expected = first.map(|first| {
                        first..(first..LEN).find(|&at| naive[at] != value).unwrap_or(LEN)
                    });
                    assert_eq!(bits.run(start..LEN, value), expected);
                }
                let before = naive[..start].iter().rev().take_while(|set| **set).count();
                assert_eq!(bits.run_before(start, 20), before.min(20));
            }
            let all: Vec<usize> = bits.runs(0..LEN).flatten().collect();
            assert_eq!(all, (0..LEN).filter(|&at| naive[at]).collect::<Vec<_>>());
            bits.clear(all[0]);
            assert!(!bits.has(all[0]) && bits.has(all[1]));
        }
    }

    #[test]
    fn no_bits_have_no_runs() {
        let [bits] = Bits::<Box<_>>::new(0, Words::zeroed).unwrap();
        assert_eq!((bits.run(0..0, false), bits.run(0..0, true)), (None, None));
        assert!(!bits.has(5));
    }
}
