//! A comparison as one of its views sees it: how bytes and ranges relate to the other file.

use std::ops::Range;

use memmap::compare::{DifferenceKind, Side};

use super::{Comparison, Progress, SHOWN_LEN, on_side};
use crate::document::Document;
use crate::source::page_cache::Known;

/// How a byte relates to the one at the same place of the other file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    Different,
    /// The other file has no byte there.
    Alone,
    /// At least one of the bytes is unreadable or not read yet.
    Unknown,
    /// It is not known yet which byte of the other file it belongs to.
    NotAligned,
}

/// A comparison, as one of its views sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compared<'e> {
    pub(crate) comparison: &'e Comparison,
    pub(crate) side: Side,
    /// The other file. Known for drawing only.
    pub(crate) other: Option<&'e Document>,
}

/// What there is in a range of the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    Different,
    /// Nothing that differs, and something that could not be read.
    Unreadable,
    NotCompared,
    Equal,
}

/// How many differences of a range are looked at, for one that was read.
const LOOKED_AT: usize = 64;

impl Compared<'_> {
    /// Where the differences in these lines of the list start on this side, if it has bytes there.
    pub(crate) fn starts(self, lines: Range<usize>) -> Vec<u64> {
        let found = lines.filter_map(|at| self.comparison.list.get(at));
        let ranges = found.map(|it| on_side(&it, self.side));
        ranges.filter(|it| !it.is_empty()).map(|it| it.start).collect()
    }

    /// The bytes of a side that these lines of the list show.
    pub(crate) fn listed(self, lines: Range<usize>, side: Side) -> Vec<Range<u64>> {
        let found = lines.filter_map(|at| self.comparison.list.get(at));
        let ranges = found.map(|it| on_side(&it, side));
        ranges.map(|it| it.start..it.end.min(it.start.saturating_add(SHOWN_LEN))).collect()
    }

    /// The place of the cursor, if this file has no byte where the other one has.
    pub(crate) fn missing_cursor(self) -> Option<u64> {
        let (side, place) = self.comparison.aligned.missing?;
        (self.comparison.has_pairs() && side == self.side).then_some(place)
    }

    /// How a byte of this side relates to the other side.
    pub(crate) fn relation(self, position: u64, byte: Known) -> Relation {
        if self.comparison.is_aligned {
            return Relation::NotAligned;
        }
        if !self.comparison.is_within(self.side, position) {
            return Relation::Unknown;
        }
        self.relation_to(self.comparison.pair(self.side, position), byte, Relation::Alone)
    }

    /// How a byte relates to one of the other side, and what it is if there is none.
    pub(crate) fn relation_to(self, across: Option<u64>, byte: Known, alone: Relation) -> Relation {
        let Some(other) = self.other.filter(|_| byte != Known::NotYet) else {
            return Relation::Unknown;
        };
        let Some(across) = across.filter(|&it| it < other.len) else { return alone };
        match (byte, other.pages.byte(across)) {
            (Known::Value(one), Known::Value(two)) if one == two => Relation::Equal,
            (Known::Value(_), Known::Value(_)) => Relation::Different,
            _ => Relation::Unknown,
        }
    }

    /// What there is in a range of this side.
    pub(crate) fn lane(self, range: &Range<u64>) -> Lane {
        let Self { comparison, side, .. } = self;
        let list = &comparison.list;
        let end = list.started(side, range.end.saturating_sub(1));
        let overlapping =
            (0..end).rev().take(LOOKED_AT).filter_map(|at| list.get(at)).take_while(|it| {
                let own = on_side(it, side);
                own.end > range.start || own.is_empty() && own.start >= range.start
            });
        let mut kinds = overlapping.map(|it| it.kind).peekable();
        let has_any = kinds.peek().is_some();
        if kinds.any(|kind| kind != DifferenceKind::Unreadable) {
            return Lane::Different;
        }
        if has_any {
            return Lane::Unreadable;
        }
        let is_open = comparison.is_aligned && !comparison.has_pairs()
            || comparison.state != Progress::Complete
                && comparison.on_first(side, range.end) > comparison.position
            || list.is_cut() && end == list.len()
            || !comparison.is_within(side, range.start);
        if is_open { Lane::NotCompared } else { Lane::Equal }
    }
}
