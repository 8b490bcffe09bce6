use std::ops::Range;

use imara_diff::{Algorithm, Diff, Token};
use memmap_core::widen;

use super::grams::{Grams, common_prefix, common_suffix};
use super::list::List;
use super::matched::between;

/// Aligns bytes that are in memory.
#[derive(Debug)]
pub(super) struct Bytes {
    grams: Grams,
    diff: Diff,
    a_tokens: Vec<Token>,
    b_tokens: Vec<Token>,
    /// Steps left for exact alignment. Without them, what has no gram in common is one difference.
    effort: u64,
}

/// Grams are looked for again between those that were found, this often.
const MOST_LEVELS: usize = 8;

/// The longest two ranges that are aligned exactly, by the product of their lengths: for two ranges of
/// random bytes that takes some milliseconds.
const MOST_EXACT: u64 = 1 << 20;

/// The longest replacement that is seen without looking for what was inserted, and the equal bytes that
/// have to follow it.
const MOST_REPLACED: usize = 64;
const LEAST_AGAIN: usize = 32;

/// What was passed with replacements.
#[derive(Debug, Clone, Copy)]
pub(super) struct Replaced {
    /// The length of all that, the equal bytes included.
    pub(super) len: usize,
    /// How many replacements there are.
    pub(super) count: usize,
}

/// A part of the two sides, and the bytes that it has there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'p> {
    pub(super) a: &'p [u8],
    pub(super) b: &'p [u8],
    pub(super) a_at: u64,
    pub(super) b_at: u64,
}

impl Part<'_> {
    fn part(self, a: Range<usize>, b: Range<usize>) -> Self {
        let (a_at, b_at) = (widen(a.start), widen(b.start));
        Self {
            a: self.a.get(a).unwrap_or_default(),
            b: self.b.get(b).unwrap_or_default(),
            a_at: self.a_at.saturating_add(a_at),
            b_at: self.b_at.saturating_add(b_at),
        }
    }

    /// Without equal bytes at both ends.
    pub(super) fn trimmed(self) -> Self {
        let before = common_prefix(self.a, self.b);
        let part = self.part(before..self.a.len(), before..self.b.len());
        let after = common_suffix(part.a, part.b);
        part.part(0..part.a.len().saturating_sub(after), 0..part.b.len().saturating_sub(after))
    }

    /// Finds bytes that were replaced by as many others, one replacement after the other, with the equal
    /// bytes between them, and calls `take` for each.
    pub(super) fn pass_replaced(self, mut take: impl FnMut(Self)) -> Replaced {
        let most = self.a.len().min(self.b.len());
        let (mut at, mut count) = (0, 0);
        while at < most {
            let rest = self.part(at..most, at..most);
            let equal = common_prefix(rest.a, rest.b);
            let rest = rest.part(equal..rest.a.len(), equal..rest.b.len());
            let starts =
                (1..=MOST_REPLACED.min(rest.a.len())).find(|&len| rest.is_found_again(len));
            let Some(len) = starts else {
                at += if at == 0 { 0 } else { equal };
                break;
            };
            take(rest.part(0..len, 0..len));
            at += equal + len;
            count += 1;
        }
        Replaced { len: at, count }
    }

    /// Whether both sides go on alike after so many bytes. Equal bytes that are all the same, as zeros, do
    /// not say where they belong.
    fn is_found_again(self, len: usize) -> bool {
        let rest = self.part(len..self.a.len(), len..self.b.len());
        let (Some(a), Some(b)) = (rest.a.get(..LEAST_AGAIN), rest.b.get(..LEAST_AGAIN)) else {
            return false;
        };
        if a != b {
            return false;
        }
        let first = a.first();
        let same = rest.a.iter().take_while(|byte| Some(*byte) == first).count();
        same < LEAST_AGAIN || common_prefix(rest.a, rest.b) >= same + LEAST_AGAIN
    }

    /// Lists each byte that differs from the one at the same place.
    pub(super) fn push_each(self, list: &mut List) {
        let same = self.a.iter().zip(self.b).enumerate();
        for (at, _) in same.filter(|(_, (a, b))| a != b) {
            self.part(at..at.saturating_add(1), at..at.saturating_add(1)).push(list);
        }
    }

    pub(super) fn push(self, list: &mut List) {
        let a_end = self.a_at.saturating_add(widen(self.a.len()));
        let b_end = self.b_at.saturating_add(widen(self.b.len()));
        list.push(self.a_at..a_end, self.b_at..b_end);
    }
}

impl Bytes {
    pub(super) fn new(effort: u64) -> Self {
        Self {
            grams: Grams::default(),
            diff: Diff::default(),
            a_tokens: Vec::new(),
            b_tokens: Vec::new(),
            effort,
        }
    }

    /// The matches of two buffers.
    pub(super) fn grams(&mut self) -> &mut Grams {
        &mut self.grams
    }

    /// Lists the differences of a part.
    pub(super) fn align(&mut self, part: Part<'_>, list: &mut List) {
        self.align_at(part, MOST_LEVELS, list);
    }

    fn align_at(&mut self, part: Part<'_>, levels: usize, list: &mut List) {
        let part = part.trimmed();
        if part.a.is_empty() || part.b.is_empty() {
            part.push(list);
            return;
        }
        let matches = match levels {
            0 => Vec::new(),
            _ => self.grams.matches(part.a, part.b),
        };
        if matches.is_empty() {
            self.align_rest(part, list);
            return;
        }
        let whole = |bytes: &[u8]| 0..widen(bytes.len());
        for (a, b) in between(&whole(part.a), &whole(part.b), &matches) {
            self.align_at(part.part(indices(&a), indices(&b)), levels.saturating_sub(1), list);
        }
    }

    /// Lists the differences of a part with no gram in common.
    fn align_rest(&mut self, part: Part<'_>, list: &mut List) {
        let steps = widen(part.a.len()).saturating_mul(widen(part.b.len()));
        if steps <= MOST_EXACT && steps <= self.effort {
            self.effort = self.effort.saturating_sub(steps);
            self.align_exactly(part, list);
        } else if part.a.len() == part.b.len() {
            part.push_each(list);
        } else {
            part.push(list);
        }
    }

    fn align_exactly(&mut self, part: Part<'_>, list: &mut List) {
        let Self { diff, a_tokens, b_tokens, .. } = self;
        for (tokens, bytes) in [(&mut *a_tokens, part.a), (&mut *b_tokens, part.b)] {
            tokens.clear();
            tokens.extend(bytes.iter().map(|&byte| Token(u32::from(byte))));
        }
        diff.compute_with(Algorithm::Myers, a_tokens, b_tokens, 256);
        for hunk in diff.hunks() {
            let indices = |range: Range<u32>| indices(&(range.start.into()..range.end.into()));
            part.part(indices(hunk.before), indices(hunk.after)).push(list);
        }
    }
}

/// Offsets in a buffer.
fn indices(range: &Range<u64>) -> Range<usize> {
    let index = |at| usize::try_from(at).unwrap_or(usize::MAX);
    index(range.start)..index(range.end)
}
