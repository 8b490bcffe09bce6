//! Searches for the next landmark: a change of byte class, a hole, a run of zeros, a string, a
//! change of entropy.

use std::ops::Range;

use memmap::AnyMap;
use memmap::scan::ByteClass;

use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};
use crate::search::direction::Direction;
use crate::source;
use crate::source::regions::{Part, PartKind, Regions};

/// The type of landmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Landmark {
    /// A change of byte class.
    Change,
    /// The start of a hole in the file.
    Hole,
    /// The start of a run of at least 16 zeros.
    Zeros,
    /// The start of a string: at least six printable ASCII characters.
    Text,
    /// The start of a block whose entropy level (low, medium, high) differs from the block before.
    Entropy,
    /// The start of an unreadable range.
    Unreadable,
}

impl Landmark {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Change => "change of byte class",
            Self::Hole => "hole",
            Self::Zeros => "run of zeros",
            Self::Text => "text",
            Self::Entropy => "change of entropy",
            Self::Unreadable => "unreadable range",
        }
    }
}

/// Minimum length of a run of zeros.
pub(crate) const ZEROS_MIN: u64 = 16;

/// Minimum length of a string, the same as in the list of strings.
const TEXT_MIN: u64 = 6;

/// Bytes per entropy block. Blocks are aligned to this length.
const BLOCK_LEN: u64 = 4 << 10;

/// Bytes read at once.
const PIECE_LEN: u64 = 64 << 10;

/// The same right after a landmark was found. It doubles while nothing is found, as the next one
/// may be near.
const FIRST_PIECE_LEN: u64 = 256;

/// Extents are queried in windows, which double up to this length while they show nothing new.
const WINDOW_MAX: u64 = 1 << 30;

/// The state of a search after the bytes seen so far.
#[derive(Debug)]
struct LandmarkSearch {
    landmark: Landmark,
    direction: Direction,
    /// The boundary between the bytes seen and those still to be seen.
    at: u64,
    start: u64,
    /// The run of bytes at that boundary, and its length so far.
    run: Option<(Kind, u64)>,
    /// Whether the search has left the run that contains the cursor.
    is_out: bool,
    /// Bytes read at once.
    piece_len: u64,
}

/// The classes between which a landmark lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Class(Option<ByteClass>),
    Zero,
    Hole,
    Text,
    Random(Level),
    Lost,
    Other,
}

/// Entropy level of a block. Text and machine code overlap too much to be separate levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Dull,
    Mixed,
    Random,
}

impl Level {
    fn of(block: &[Option<u8>]) -> Self {
        let mut counts = [0_u64; 256];
        for &byte in block.iter().flatten() {
            if let Some(count) = counts.get_mut(usize::from(byte)) {
                *count += 1;
            }
        }
        // The entropy of few bytes is bounded: n bytes have at most log2(n) bits.
        let total: u64 = counts.iter().sum();
        let most = u64::from(total.checked_ilog2().unwrap_or(0).clamp(1, 8)) * 1000;
        match crate::analysis::entropy::millibits(&counts) * 8000 / most {
            0..2000 => Self::Dull,
            2000..7200 => Self::Mixed,
            _ => Self::Random,
        }
    }
}

/// Searches from the byte under the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct LandmarkJob {
    pub(crate) landmark: Landmark,
    pub(crate) direction: Direction,
    pub(crate) cursor: u64,
    /// Finds the `count`-th landmark, counted from 1.
    pub(crate) count: u64,
}

/// The result of a search for the n-th landmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) place: u64,
    /// Number of landmarks found; less than requested if there are no more.
    pub(crate) steps: u64,
}

/// Repeats a search, each time from the last match, until `count` were found.
pub(crate) fn repeated(
    count: u64,
    cursor: u64,
    mut next: impl FnMut(u64, bool) -> Result<Option<u64>, JobError>,
) -> Result<Option<Reached>, JobError> {
    let mut reached: Option<Reached> = None;
    for steps in 1..=count.max(1) {
        let from = reached.map_or(cursor, |it| it.place);
        let Some(place) = next(from, reached.is_some())? else { break };
        reached = Some(Reached { place, steps });
    }
    Ok(reached)
}

impl Job for LandmarkJob {
    type Event = Never;
    type Output = Option<Reached>;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn title(&self) -> String {
        format!("{} {}", self.direction.adjective(), self.landmark.name())
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<Option<Reached>, JobError> {
        cx.expect(cx.readable_len(&match self.direction {
            Direction::Forward => self.cursor..cx.mapping().len(),
            Direction::Back => 0..self.cursor,
        }));
        repeated(self.count, self.cursor, |from, is_again| self.next(cx, from, is_again))
    }
}

impl LandmarkJob {
    /// The first landmark after a position, in search direction.
    fn next(
        &self,
        cx: &JobContext<'_, Never>,
        from: u64,
        is_again: bool,
    ) -> Result<Option<u64>, JobError> {
        let map = cx.mapping();
        let mut search = LandmarkSearch::new(self.landmark, self.direction, from);
        search.piece_len = if is_again { FIRST_PIECE_LEN } else { PIECE_LEN };
        loop {
            cx.checkpoint()?;
            let rest = match self.direction {
                Direction::Forward => search.at..map.len(),
                Direction::Back => 0..search.at.min(map.len()),
            };
            if rest.is_empty() {
                return Ok(search.last());
            }
            let before = search.at;
            let part = self.part(cx.source.regions(), &rest);
            let inside =
                part.map(|part| part.range.start.max(rest.start)..part.range.end.min(rest.end));
            let rest = inside.unwrap_or(rest);
            if let Some(part) = part.filter(|part| !part.is_open()) {
                // As one step, however long it is.
                if let Some(found) = search.take(search.kind_of(part), rest.end - rest.start) {
                    return Ok(Some(found));
                }
                continue;
            }
            if let Some(found) = search.piece(map, rest) {
                cx.advance(found.abs_diff(before));
                return Ok(Some(found));
            }
            cx.advance(search.at.abs_diff(before));
            search.piece_len = PIECE_LEN.min(search.piece_len * 2);
        }
    }
}

impl LandmarkJob {
    /// The part that the search comes to next.
    fn part<'r>(&self, regions: &'r Regions, rest: &Range<u64>) -> Option<&'r Part> {
        regions.part(match self.direction {
            Direction::Forward => rest.start,
            Direction::Back => rest.end.saturating_sub(1),
        })
    }
}

impl LandmarkSearch {
    /// What a part without bytes counts as.
    fn kind_of(&self, part: &Part) -> Kind {
        let is_gap = part.kind == PartKind::Gap;
        match self.landmark {
            Landmark::Hole => Kind::Other,
            // Nothing is lost there.
            Landmark::Unreadable if is_gap => Kind::Other,
            _ => self.kind(None),
        }
    }

    const fn new(landmark: Landmark, direction: Direction, cursor: u64) -> Self {
        let (at, start, run, is_out) = (cursor, cursor, None, false);
        Self { landmark, direction, at, start, run, is_out, piece_len: PIECE_LEN }
    }

    /// Scans the next piece of the remaining range.
    fn piece(&mut self, map: &AnyMap, rest: Range<u64>) -> Option<u64> {
        let wants_holes = self.landmark == Landmark::Hole;
        let (range, is_hole) = next_extent(map, self.direction, rest, wants_holes);
        if wants_holes {
            let kind = if is_hole { Kind::Hole } else { Kind::Other };
            return self.take(kind, range.end - range.start);
        }
        if is_hole {
            let kind = self.kind(Some(0));
            return self.take(kind, range.end - range.start);
        }
        if self.landmark == Landmark::Entropy {
            return self.blocks(map, range);
        }
        let range = match self.direction {
            Direction::Forward => range.start..range.end.min(range.start + self.piece_len),
            Direction::Back => range.start.max(range.end.saturating_sub(self.piece_len))..range.end,
        };
        let bytes = source::pass_over(map, range).bytes;
        let direction = self.direction;
        let take = |byte: Option<u8>| {
            let kind = self.kind(byte);
            self.take(kind, 1)
        };
        match direction {
            Direction::Forward => bytes.into_iter().find_map(take),
            Direction::Back => bytes.into_iter().rev().find_map(take),
        }
    }

    /// Scans the next blocks. The cursor may be in the first one.
    fn blocks(&mut self, map: &AnyMap, range: Range<u64>) -> Option<u64> {
        let whole = |range: Range<u64>| {
            let start = range.start / BLOCK_LEN * BLOCK_LEN;
            start..range.end.div_ceil(BLOCK_LEN).saturating_mul(BLOCK_LEN).min(map.len())
        };
        let around = match self.direction {
            Direction::Forward => {
                let around = whole(range.clone());
                around.start..around.end.min(around.start + PIECE_LEN)
            }
            Direction::Back => {
                let around = whole(range.clone());
                let start = around.end.div_ceil(BLOCK_LEN) * BLOCK_LEN;
                around.start.max(start.saturating_sub(PIECE_LEN))..around.end
            }
        };
        let bytes = source::pass_over(map, around.clone()).bytes;
        let block_len = usize::try_from(BLOCK_LEN).unwrap_or(usize::MAX);
        let blocks = (around.start..).step_by(block_len).zip(bytes.chunks(block_len));
        let mut levels: Vec<(u64, Kind)> = blocks
            .map(|(start, block)| {
                let end = start.saturating_add(BLOCK_LEN).min(range.end);
                (end.saturating_sub(start.max(range.start)), Kind::Random(Level::of(block)))
            })
            .collect();
        if self.direction == Direction::Back {
            levels.reverse();
        }
        levels.into_iter().find_map(|(count, level)| self.take(level, count))
    }

    fn kind(&self, byte: Option<u8>) -> Kind {
        match (self.landmark, byte) {
            (Landmark::Change, byte) => Kind::Class(byte.map(ByteClass::of)),
            (Landmark::Text, Some(b'\t' | b' '..=b'~')) => Kind::Text,
            (Landmark::Text, _) => Kind::Other,
            (Landmark::Entropy, _) => Kind::Random(Level::Dull),
            (Landmark::Unreadable, None) => Kind::Lost,
            (_, Some(0)) => Kind::Zero,
            _ => Kind::Other,
        }
    }

    /// Whether the search is for runs of this class.
    fn is_it(&self, kind: Kind) -> bool {
        match self.landmark {
            Landmark::Change | Landmark::Entropy => true,
            Landmark::Text => kind == Kind::Text,
            Landmark::Hole => kind == Kind::Hole,
            Landmark::Zeros => kind == Kind::Zero,
            Landmark::Unreadable => kind == Kind::Lost,
        }
    }

    const fn len_min(&self) -> u64 {
        match self.landmark {
            Landmark::Zeros => ZEROS_MIN,
            Landmark::Text => TEXT_MIN,
            Landmark::Change | Landmark::Hole | Landmark::Entropy | Landmark::Unreadable => 1,
        }
    }

    /// Takes the next `count` bytes, all of one class. Searching forward, a run matches once it is
    /// long enough. Searching backward, it matches when it is over, as its start is not known
    /// earlier.
    fn take(&mut self, kind: Kind, count: u64) -> Option<u64> {
        let forward = self.direction == Direction::Forward;
        let (len, ended) = match self.run {
            Some((before, len)) if before == kind => (len.saturating_add(count), None),
            ended => (count, ended),
        };
        let edge = self.at;
        self.run = Some((kind, len));
        self.at = if forward { edge.saturating_add(count) } else { edge.saturating_sub(count) };
        if forward {
            // The run that contains the cursor is not a match.
            self.is_out |= ended.is_some() || !self.is_it(kind);
            let is_found = self.is_out && self.is_it(kind) && len >= self.len_min();
            is_found.then(|| self.at - len)
        } else {
            let (before, len) = ended?;
            (self.is_it(before) && len >= self.len_min()).then_some(edge)
        }
    }

    /// The match at the end of the data: searching backward, a run that starts at offset 0.
    fn last(&self) -> Option<u64> {
        let (kind, len) = self.run?;
        let is_found = self.direction == Direction::Back && self.is_it(kind);
        (is_found && len >= self.len_min() && self.start > 0).then_some(0)
    }
}

/// The next extent in search direction, and whether it is a hole. Limited to what can be learned
/// cheaply: a data extent is followed for one window only, unless `wants_holes` is set.
pub(crate) fn next_extent(
    map: &AnyMap,
    direction: Direction,
    rest: Range<u64>,
    wants_holes: bool,
) -> (Range<u64>, bool) {
    let mut window = 1 << 20;
    loop {
        let (asked, next) = match direction {
            Direction::Forward => {
                let asked = rest.start..rest.end.min(rest.start.saturating_add(window));
                (asked.clone(), map.extents(asked).ok().and_then(|all| all.first().cloned()))
            }
            Direction::Back => {
                let asked = rest.start.max(rest.end.saturating_sub(window))..rest.end;
                (asked.clone(), map.extents(asked).ok().and_then(|all| all.last().cloned()))
            }
        };
        // If the file system cannot tell, treat everything as data.
        let Some(extent) = next else { return (asked, false) };
        let (range, is_hole) = (extent.range().clone(), extent.is_hole());
        let touches = match direction {
            Direction::Forward => range.start == asked.start && range.end <= asked.end,
            Direction::Back => range.end == asked.end && range.start >= asked.start,
        };
        if !touches || range.is_empty() {
            return (asked, false);
        }
        // Data is read in pieces anyway, so its full extent does not matter.
        let is_enough = !is_hole && !wants_holes;
        if is_enough || range != asked || asked == rest || window >= WINDOW_MAX {
            return (range, is_hole);
        }
        window *= 2;
    }
}

#[cfg(test)]
mod tests;
