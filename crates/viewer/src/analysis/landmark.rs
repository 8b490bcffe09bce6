//! Searches for the next landmark: a change of byte class, a hole, a run of zeros, a string, a change of
//! entropy.

use std::ops::Range;

use memmap::AnyMap;

use crate::format::byte_class::ByteClass;
use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};
use crate::search::direction::Direction;
use crate::source;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Landmark {
    /// Where bytes of another class begin.
    Change,
    /// Where a hole of the file begins.
    Hole,
    /// Where at least 16 zeros begin.
    Zeros,
    /// Where a text begins: at least six characters of ASCII that print.
    Text,
    /// Where bytes begin that are dull, mixed or random, and those before are not.
    Entropy,
    /// Where bytes begin that cannot be read.
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

/// So many zeros are a run.
pub(crate) const ZEROS_MIN: u64 = 16;

/// So many characters are a text, as the list of them has it.
const TEXT_MIN: u64 = 6;

/// Bytes whose entropy is told. They begin at multiples of it.
const BLOCK_LEN: u64 = 4 << 10;

/// Bytes read at once.
const PIECE_LEN: u64 = 64 << 10;

/// The same after a landmark was found on the way to a later one, doubling while nothing is found: the
/// next one may be near.
const FIRST_PIECE_LEN: u64 = 256;

/// The file system is asked for its extents in windows, which double while they show nothing new.
const WINDOW_MAX: u64 = 1 << 30;

/// A search under way: what it knows after the bytes that it has seen.
#[derive(Debug)]
struct LandmarkSearch {
    quarry: Landmark,
    direction: Direction,
    /// Between what was seen and what was not.
    at: u64,
    start: u64,
    /// What the bytes next to what was not seen are, and how many there are of it.
    run: Option<(Kind, u64)>,
    /// Whether what the cursor stood in was left.
    is_out: bool,
    /// Bytes read at once.
    piece_len: u64,
}

/// What is told apart.
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

/// How random a block is. What lies between texts and programs is told apart by no border.
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
        // Of few bytes none can be as random as of many.
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
    pub(crate) quarry: Landmark,
    pub(crate) direction: Direction,
    pub(crate) cursor: u64,
    /// Which of those that follow is searched for: the first one, or a later one.
    pub(crate) count: u64,
}

/// Where a search for one of several that follow each other ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) place: u64,
    /// How many were found: fewer than were asked for where no more follow.
    pub(crate) steps: u64,
}

/// Searches from the cursor, and then on from what was found, until there were `count`.
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
        format!("{} {}", self.direction.adjective(), self.quarry.name())
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<Option<Reached>, JobError> {
        cx.expect(match self.direction {
            Direction::Forward => cx.mapping().len().saturating_sub(self.cursor),
            Direction::Back => self.cursor,
        });
        repeated(self.count, self.cursor, |from, is_again| self.next(cx, from, is_again))
    }
}

impl LandmarkJob {
    /// The first one from a place on.
    fn next(
        &self,
        cx: &JobContext<'_, Never>,
        from: u64,
        is_again: bool,
    ) -> Result<Option<u64>, JobError> {
        let map = cx.mapping();
        let mut hunt = LandmarkSearch::new(self.quarry, self.direction, from);
        hunt.piece_len = if is_again { FIRST_PIECE_LEN } else { PIECE_LEN };
        loop {
            cx.checkpoint()?;
            let rest = match self.direction {
                Direction::Forward => hunt.at..map.len(),
                Direction::Back => 0..hunt.at.min(map.len()),
            };
            if rest.is_empty() {
                return Ok(hunt.last());
            }
            let before = hunt.at;
            if let Some(found) = hunt.piece(map, rest) {
                cx.advance(found.abs_diff(before));
                return Ok(Some(found));
            }
            cx.advance(hunt.at.abs_diff(before));
            hunt.piece_len = PIECE_LEN.min(hunt.piece_len * 2);
        }
    }
}

impl LandmarkSearch {
    const fn new(quarry: Landmark, direction: Direction, cursor: u64) -> Self {
        let (at, start, run, is_out) = (cursor, cursor, None, false);
        Self { quarry, direction, at, start, run, is_out, piece_len: PIECE_LEN }
    }

    /// Looks at the next piece of what is left.
    fn piece(&mut self, map: &AnyMap, rest: Range<u64>) -> Option<u64> {
        let wants_holes = self.quarry == Landmark::Hole;
        let (range, is_hole) = next_extent(map, self.direction, rest, wants_holes);
        if wants_holes {
            let kind = if is_hole { Kind::Hole } else { Kind::Other };
            return self.take(kind, range.end - range.start);
        }
        if is_hole {
            let kind = self.kind(Some(0));
            return self.take(kind, range.end - range.start);
        }
        if self.quarry == Landmark::Entropy {
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

    /// Looks at the next blocks, of which the cursor may stand in the first one.
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
        match (self.quarry, byte) {
            (Landmark::Change, byte) => Kind::Class(byte.map(ByteClass::of)),
            (Landmark::Text, Some(b'\t' | b' '..=b'~')) => Kind::Text,
            (Landmark::Text, _) => Kind::Other,
            (Landmark::Entropy, _) => Kind::Random(Level::Dull),
            (Landmark::Unreadable, None) => Kind::Lost,
            (_, Some(0)) => Kind::Zero,
            _ => Kind::Other,
        }
    }

    /// Whether a run of this kind is looked for.
    fn is_it(&self, kind: Kind) -> bool {
        match self.quarry {
            Landmark::Change | Landmark::Entropy => true,
            Landmark::Text => kind == Kind::Text,
            Landmark::Hole => kind == Kind::Hole,
            Landmark::Zeros => kind == Kind::Zero,
            Landmark::Unreadable => kind == Kind::Lost,
        }
    }

    const fn len_min(&self) -> u64 {
        match self.quarry {
            Landmark::Zeros => ZEROS_MIN,
            Landmark::Text => TEXT_MIN,
            Landmark::Change | Landmark::Hole | Landmark::Entropy | Landmark::Unreadable => 1,
        }
    }

    /// Takes the next `count` bytes, all of a kind. Forward a run is found when it is long enough,
    /// back when it is over, as only then it is known where it begins.
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
            // The run that the cursor stands in is none that comes next.
            self.is_out |= ended.is_some() || !self.is_it(kind);
            let is_found = self.is_out && self.is_it(kind) && len >= self.len_min();
            is_found.then(|| self.at - len)
        } else {
            let (before, len) = ended?;
            (self.is_it(before) && len >= self.len_min()).then_some(edge)
        }
    }

    /// What is found where the data ends: back, a run that begins with it.
    fn last(&self) -> Option<u64> {
        let (kind, len) = self.run?;
        let is_found = self.direction == Direction::Back && self.is_it(kind);
        (is_found && len >= self.len_min() && self.start > 0).then_some(0)
    }
}

/// The next stretch that is a hole, or that is none, as far as is known cheaply; of data no further
/// than one look goes, unless it is holes that are looked for.
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
        // Where the system does not tell, everything is data.
        let Some(extent) = next else { return (asked, false) };
        let (range, is_hole) = (extent.range().clone(), !extent.is_data());
        let touches = match direction {
            Direction::Forward => range.start == asked.start && range.end <= asked.end,
            Direction::Back => range.end == asked.end && range.start >= asked.start,
        };
        if !touches || range.is_empty() {
            return (asked, false);
        }
        // Data that has to be read is read piece by piece, however far it goes.
        let is_enough = !is_hole && !wants_holes;
        if is_enough || range != asked || asked == rest || window >= WINDOW_MAX {
            return (range, is_hole);
        }
        window *= 2;
    }
}

#[cfg(test)]
mod tests {
    use memmap::{MemMap, Mode, RamMap};
    use proptest::prelude::*;

    use super::*;
    use crate::job::context::finish;
    use crate::source::handle::SourceHandle;

    fn memory(bytes: &[u8]) -> SourceHandle {
        SourceHandle::new(RamMap::from_reader(bytes).unwrap().erase())
    }

    fn find(
        source: &SourceHandle,
        quarry: Landmark,
        direction: Direction,
        cursor: u64,
    ) -> Option<u64> {
        let job = LandmarkJob { quarry, direction, cursor, count: 1 };
        finish(source, job).ended.unwrap().map(|it| it.place)
    }

    /// Where runs of equal keys begin, and how long they are.
    fn runs<K: PartialEq>(bytes: &[u8], key: impl Fn(u8) -> K) -> Vec<(u64, u64, K)> {
        let mut runs: Vec<(u64, u64, K)> = Vec::new();
        for (at, &byte) in (0..).zip(bytes) {
            match runs.last_mut() {
                Some((_, len, last)) if *last == key(byte) => *len += 1,
                _ => runs.push((at, 1, key(byte))),
            }
        }
        runs
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_found_is_what_a_plain_search_finds(
            runs_of in prop::collection::vec((prop::sample::select(vec![0_u8, 0, b'a', b' ', 0xff, 7]), 1..40_usize), 1..12),
            at in 0.0..1.0_f64,
        ) {
            let bytes: Vec<u8> = runs_of.iter().flat_map(|&(byte, len)| vec![byte; len]).collect();
            let places = u32::try_from(bytes.len()).unwrap();
            let cursor = (0..places).rev().find(|&i| f64::from(i) <= at * f64::from(places)).unwrap();
            let cursor = u64::from(cursor);
            let map = memory(&bytes);

            let classes = runs(&bytes, ByteClass::of);
            let next = classes.iter().map(|run| run.0).find(|&start| start > cursor);
            let before = classes.iter().map(|run| run.0).rfind(|&start| start < cursor);
            prop_assert_eq!(find(&map, Landmark::Change, Direction::Forward, cursor), next);
            prop_assert_eq!(find(&map, Landmark::Change, Direction::Back, cursor), before);

            let zeros: Vec<u64> = runs(&bytes, |byte| byte == 0)
                .into_iter().filter(|run| run.2 && run.1 >= ZEROS_MIN).map(|run| run.0).collect();
            let next = zeros.iter().copied().find(|&start| start > cursor);
            // What is behind the cursor counts, so a run that it stands in must be long enough there.
            let before = zeros.iter().copied().rfind(|&start| {
                let rest = &bytes[usize::try_from(start).unwrap()..];
                let zeros = rest.iter().take_while(|&&byte| byte == 0).count();
                let end = (start + u64::try_from(zeros).unwrap()).min(cursor);
                start < cursor && end - start >= ZEROS_MIN
            });
            let found = find(&map, Landmark::Zeros, Direction::Forward, cursor);
            prop_assert_eq!(found, next);
            prop_assert_eq!(find(&map, Landmark::Zeros, Direction::Back, cursor), before);
        }
    }

    #[test]
    fn texts_are_found_where_they_begin() {
        let map = memory(b"\0short\0long enough\0\x80another\tone\x01no\0");
        let text = |direction, at| find(&map, Landmark::Text, direction, at);
        assert_eq!(text(Direction::Forward, 0), Some(7));
        // The one that the cursor stands in is none that comes next.
        assert_eq!(text(Direction::Forward, 7), Some(20));
        assert_eq!(text(Direction::Forward, 20), None);
        assert_eq!(text(Direction::Back, 33), Some(20));
        assert_eq!(text(Direction::Back, 20), Some(7));
        assert_eq!(text(Direction::Back, 7), None);
    }

    #[test]
    fn entropy_changes_at_blocks_and_small_ones_are_no_exception() {
        let mut bytes = vec![0; 20_000];
        bytes.extend(b"some of this text is not so random as other bytes are\n".repeat(400));
        bytes.resize(12 * 4096, b' ');
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        while bytes.len() < 100_100 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            bytes.extend(state.to_le_bytes());
        }
        let map = memory(&bytes);
        let change = |direction, at| find(&map, Landmark::Entropy, direction, at);
        let text = change(Direction::Forward, 100).unwrap();
        assert_eq!(text, 5 * 4096);
        let end = bytes.len().try_into().unwrap();
        let mut places = vec![0];
        while let Some(next) = change(Direction::Forward, *places.last().unwrap()) {
            places.push(next);
        }
        assert!(places.contains(&(12 * 4096)), "{places:?}");
        assert_eq!(places.iter().filter(|&&place| place > 12 * 4096).count(), 0, "{places:?}");
        let mut back = vec![end];
        while let Some(next) = change(Direction::Back, *back.last().unwrap()) {
            back.push(next);
        }
        back.reverse();
        back.pop();
        assert_eq!(back, places);
    }

    #[test]
    fn holes_are_found_both_ways_without_reading_them() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(1 << 40).unwrap();
        let write = |at: u64, bytes: &[u8]| {
            use std::io::{Seek, SeekFrom, Write};
            let mut out = file.as_file();
            out.seek(SeekFrom::Start(at)).unwrap();
            out.write_all(bytes).unwrap();
        };
        write(0, b"start");
        write(1 << 39, b"middle");
        let map = SourceHandle::new(MemMap::open(file.path(), Mode::Read).unwrap().erase());
        let extents = map.map().extents(..).unwrap();
        if extents.iter().all(memmap::Extent::is_data) {
            return; // a file system without holes
        }
        let holes: Vec<u64> =
            extents.iter().filter(|it| !it.is_data()).map(|it| it.range().start).collect();
        let [first, second] = holes[..] else { panic!("{extents:?}") };
        let hole = |direction, at| find(&map, Landmark::Hole, direction, at);
        assert_eq!(hole(Direction::Forward, 0), Some(first));
        assert_eq!(hole(Direction::Forward, first), Some(second));
        assert_eq!(hole(Direction::Forward, second), None);
        assert_eq!(hole(Direction::Back, u64::MAX >> 24), Some(second));
        assert_eq!(hole(Direction::Back, second), Some(first));
        assert_eq!(hole(Direction::Back, first), None);
        // From within a terabyte of zeros to what comes after them, and back.
        let change = |direction, at| find(&map, Landmark::Change, direction, at);
        assert_eq!(change(Direction::Forward, 100), Some(1 << 39));
        assert_eq!(change(Direction::Back, 1 << 39), Some(5));
        assert_eq!(find(&map, Landmark::Zeros, Direction::Forward, 0), Some(5));
    }

    #[test]
    fn a_job_says_how_far_it_came() {
        let map = memory(&vec![b'a'; 1 << 20]);
        let job = |direction, cursor| LandmarkJob {
            quarry: Landmark::Zeros,
            direction,
            cursor,
            count: 1,
        };
        for (direction, cursor) in [(Direction::Forward, 10), (Direction::Back, 1 << 20)] {
            let done = finish(&map, job(direction, cursor));
            assert_eq!(done.ended.unwrap(), None);
            assert!(done.progress.total >= (1 << 20) - 10);
            assert_eq!(done.progress.done, done.progress.total);
        }
    }
}
