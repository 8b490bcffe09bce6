use std::ops::Range;

use memmap_core::{Advice, Error, ErrorKind, Map, Mapping, Partial, widen};

use crate::{Difference, DifferenceKind, Side};

/// What is compared: a range of one map with a range of another. Positions in it count from the starts of
/// both ranges.
#[derive(Debug)]
pub(crate) struct Pair<'c, A: Mapping, B: Mapping> {
    pub(crate) a: &'c Map<A>,
    pub(crate) b: &'c Map<B>,
    a_start: u64,
    b_start: u64,
    a_len: u64,
    b_len: u64,
}

impl<A: Mapping, B: Mapping> Clone for Pair<'_, A, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A: Mapping, B: Mapping> Copy for Pair<'_, A, B> {}

impl<'c, A: Mapping, B: Mapping> Pair<'c, A, B> {
    pub(crate) fn new(
        (a, a_range): (&'c Map<A>, Range<u64>),
        (b, b_range): (&'c Map<B>, Range<u64>),
    ) -> Self {
        let a_len = a_range.end.saturating_sub(a_range.start);
        let b_len = b_range.end.saturating_sub(b_range.start);
        Self { a, b, a_start: a_range.start, b_start: b_range.start, a_len, b_len }
    }

    /// Number of bytes that both sides have.
    pub(crate) fn common_len(&self) -> u64 {
        self.a_len.min(self.b_len)
    }

    /// A position as an offset of the first map.
    pub(crate) const fn a_at(&self, at: u64) -> u64 {
        self.a_start.saturating_add(at)
    }

    /// A position as an offset of the second map.
    pub(crate) const fn b_at(&self, at: u64) -> u64 {
        self.b_start.saturating_add(at)
    }

    /// A range of both sides as a difference.
    pub(crate) fn difference(&self, kind: DifferenceKind, range: &Range<u64>) -> Difference {
        let a = self.a_at(range.start)..self.a_at(range.end);
        let b = self.b_at(range.start)..self.b_at(range.end);
        Difference { kind, a, b }
    }

    /// What the longer side has after the end of the other.
    pub(crate) fn tail(&self) -> Option<Difference> {
        let common = self.common_len();
        let a = self.a_at(common)..self.a_at(self.a_len);
        let b = self.b_at(common)..self.b_at(self.b_len);
        let kind = match (a.is_empty(), b.is_empty()) {
            (true, true) => return None,
            (_, true) => DifferenceKind::OnlyInA,
            (_, false) => DifferenceKind::OnlyInB,
        };
        Some(Difference { kind, a, b })
    }

    /// Copies as many bytes of the first side as can be read. Returns their number, and why it stopped.
    pub(crate) fn read_a(&self, at: u64, out: &mut [u8]) -> (usize, Option<Error>) {
        read(self.a, self.a_at(at), out)
    }

    /// The same for the second side.
    pub(crate) fn read_b(&self, at: u64, out: &mut [u8]) -> (usize, Option<Error>) {
        read(self.b, self.b_at(at), out)
    }

    /// The first position after `at` that can be read again, if there is one before `bound`; else `bound`.
    /// `reason` is why the byte at `at` of that side cannot be read.
    pub(crate) fn next_readable(&self, side: Side, at: u64, reason: &Error, bound: u64) -> u64 {
        if ends_side(reason) {
            return bound;
        }
        let next = match side {
            Side::A => self.a.mapping().next_readable(self.a_at(at)).checked_sub(self.a_start),
            Side::B => self.b.mapping().next_readable(self.b_at(at)).checked_sub(self.b_start),
        };
        next.unwrap_or(0).max(at.saturating_add(1)).min(bound)
    }

    /// Releases the pages of a range of both sides.
    pub(crate) fn evict(&self, range: &Range<u64>) {
        evict(self.a, &(self.a_at(range.start)..self.a_at(range.end)));
        evict(self.b, &(self.b_at(range.start)..self.b_at(range.end)));
    }
}

/// Releases the pages of a range.
pub(crate) fn evict<M: Mapping>(map: &Map<M>, range: &Range<u64>) {
    let len = range.end.saturating_sub(range.start);
    // Only a hint, so an error does not matter.
    map.mapping().advise(range.start, len, Advice::DontNeed).ok();
}

/// Whether nothing after this byte can be read either: the file was cut short, or has other bytes now.
pub(crate) fn ends_side(reason: &Error) -> bool {
    let kind = reason.kind();
    matches!(kind, ErrorKind::Truncated { .. }) || kind.ends_reading()
}

/// Copies as many bytes as can be read. Returns their number, and why it stopped.
pub(crate) fn read<M: Mapping>(map: &Map<M>, at: u64, out: &mut [u8]) -> (usize, Option<Error>) {
    match map.read_some(at, out) {
        Ok(Partial { len, stopped }) => (len, stopped),
        Err(error) => (0, Some(error)),
    }
}

/// A length in memory that a buffer of `most` bytes has room for.
pub(crate) fn clamp_len(len: u64, most: usize) -> usize {
    usize::try_from(len.min(widen(most))).unwrap_or(most)
}
