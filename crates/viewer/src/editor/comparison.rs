//! Two files compared with each other, in the two views of a tab.

mod compared;

use std::ops::Range;

use memmap::compare::{Difference, Side};

use crate::analysis::alignment::Alignment;
use crate::analysis::comparison::{parts, ranges};
use crate::analysis::difference_list::DifferenceList;
use crate::analysis::equal_stretches::EqualStretches;
use crate::analysis::not_compared::Reasons;
use crate::document::Document;
use crate::editor::Editor;
use crate::format::units::in_units;
use crate::job::list::JobId;
use crate::search::direction::Direction;
use crate::source::handle::SourceHandle;
use crate::structure::model::Edition;
use crate::view::ViewId;

/// A comparison of what two views show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// The view of the first file, and that of the second one.
    pub(crate) views: [ViewId; 2],
    /// Offset in the second file minus that in the first one; 0 of aligned files.
    pub(crate) shift: i64,
    /// The parts of both sides that are compared; `None` if everything is.
    pub(crate) parts: Option<[Range<u64>; 2]>,
    /// Whether what was inserted and deleted is found.
    pub(crate) is_aligned: bool,
    /// Both files, as they are or were compared.
    pub(crate) files: Option<[ComparedFile; 2]>,
    /// What is being compared, or was.
    pub(crate) asked: Option<Asked>,
    /// What was found so far.
    pub(crate) list: DifferenceList,
    /// Why ranges in it were not compared.
    pub(crate) reasons: Reasons,
    /// The bytes of the first file before this offset are compared.
    pub(crate) position: u64,
    pub(crate) state: Progress,
    /// The equal rows that are folded.
    pub(crate) equal: EqualStretches,
    /// What aligned rows need.
    pub(crate) aligned: AlignedRows,
    /// The pending jump to a difference.
    pub(crate) waiting: Option<WaitingJump>,
}

/// One of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ComparedFile {
    pub(crate) source: SourceHandle,
    pub(crate) name: String,
}

impl ComparedFile {
    pub(crate) fn of(document: &Document) -> Self {
        Self { source: document.source().clone(), name: document.name.clone() }
    }
}

/// What a job compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) job: JobId,
    /// The bytes of both files when it started.
    pub(crate) editions: [Edition; 2],
    pub(crate) shift: i64,
    pub(crate) is_aligned: bool,
}

/// What aligned rows need besides the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct AlignedRows {
    /// The place of the first row of each side.
    tops: [u64; 2],
    /// From how many equal rows on they are folded.
    folds_from: u64,
    /// The side whose file has no byte where the other cursor stands, and that place.
    pub(crate) missing: Option<(Side, u64)>,
}

/// How far a comparison is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Running,
    /// The user has stopped it, or it has failed.
    Stopped,
    Complete,
}

/// A jump to a difference that is not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WaitingJump {
    pub(crate) view: ViewId,
    pub(crate) direction: Direction,
    /// Go to the `count`-th, counted from 1.
    pub(crate) count: u64,
    /// The cursor when it was asked for. Moving it cancels the jump.
    pub(crate) cursor: u64,
}

/// The answer to what the next difference is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NextDifference {
    /// This one of the list.
    At(usize, Difference),
    /// Bytes from this offset of the first file on are not compared yet.
    NotYet(u64),
    Nothing,
}

pub(crate) use compared::{Compared, Lane, Relation};

impl Comparison {
    pub(crate) fn new(views: [ViewId; 2]) -> Self {
        Self {
            views,
            shift: 0,
            parts: None,
            is_aligned: false,
            files: None,
            asked: None,
            list: DifferenceList::default(),
            reasons: Reasons::default(),
            position: 0,
            state: Progress::Running,
            equal: EqualStretches::default(),
            aligned: AlignedRows::default(),
            waiting: None,
        }
    }

    /// The comparison starts anew, as this job.
    pub(crate) fn begin(&mut self, job: JobId, editions: [Edition; 2], files: [ComparedFile; 2]) {
        let (views, shift, is_aligned) = (self.views, self.asked_shift(), self.is_aligned);
        let (waiting, parts) = (self.waiting, self.parts.take());
        *self = Self { shift, parts, is_aligned, waiting, ..Self::new(views) };
        self.list = if is_aligned { DifferenceList::aligned() } else { DifferenceList::new(shift) };
        self.files = Some(files);
        self.asked = Some(Asked { job, editions, shift, is_aligned });
    }

    /// A comparison of two parts.
    pub(crate) fn of_parts(views: [ViewId; 2], parts: [Range<u64>; 2]) -> Self {
        let it = Self { parts: Some(parts), ..Self::new(views) };
        Self { shift: it.start_shift(), ..it }
    }

    /// The shift at the start.
    pub(crate) fn start_shift(&self) -> i64 {
        let by = |[a, b]: &[Range<u64>; 2]| i128::from(b.start) - i128::from(a.start);
        self.parts.as_ref().map_or(0, |parts| i64::try_from(by(parts)).unwrap_or(0))
    }

    /// The range of the first side that is compared with one of the second side.
    pub(crate) fn common(&self) -> Option<Range<u64>> {
        let lens = self.asked?.editions.map(|(_, len)| len);
        let [a, b] = parts(self.parts.as_ref(), lens);
        Some(ranges(&a, &b, self.list.shift()).0)
    }

    /// Whether an offset of a side is in the part that is compared.
    fn is_within(&self, side: Side, position: u64) -> bool {
        let part = |[a, b]: &[Range<u64>; 2]| match side {
            Side::A => a.contains(&position),
            Side::B => b.contains(&position),
        };
        self.parts.as_ref().is_none_or(part)
    }

    /// The shift with which the files are compared.
    pub(crate) const fn asked_shift(&self) -> i64 {
        if self.is_aligned { 0 } else { self.shift }
    }

    /// Whether the list says which bytes are pairs.
    pub(crate) fn has_pairs(&self) -> bool {
        // The list may be that of a comparison at the same offsets, until another one begins.
        let is_list_aligned = self.asked.is_some_and(|asked| asked.is_aligned);
        self.is_aligned && is_list_aligned && self.state == Progress::Complete
    }

    /// The offset of the other side that a byte is compared with, if there is one.
    pub(crate) fn pair(&self, side: Side, position: u64) -> Option<u64> {
        if self.is_aligned {
            let (across, is_pair) = self.list.across(side, position);
            return (self.has_pairs() && is_pair).then_some(across);
        }
        let across = u64::try_from(self.across(side, position)).ok()?;
        let other = if side == Side::A { Side::B } else { Side::A };
        self.is_within(other, across).then_some(across)
    }

    /// How the places of both sides are aligned, once that is known.
    pub(crate) fn alignment(&self, side: Side) -> Option<Alignment<'_>> {
        let asked = self.asked.filter(|_| self.has_pairs())?;
        let lens = asked.editions.map(|(_, len)| len);
        Some(Alignment { list: &self.list, side, lens, folds_from: Some(self.aligned.folds_from) })
    }

    /// The place of the first row of a side, if the rows are aligned.
    pub(crate) const fn top(&self, side: Side) -> u64 {
        let [first, second] = self.aligned.tops;
        match side {
            Side::A => first,
            Side::B => second,
        }
    }

    pub(crate) const fn set_top(&mut self, side: Side, place: u64) {
        let [first, second] = &mut self.aligned.tops;
        match side {
            Side::A => *first = place,
            Side::B => *second = place,
        }
    }

    /// Both files are aligned now. From as many equal rows on, they are folded.
    pub(crate) const fn begin_aligned_rows(&mut self, folds_from: u64) {
        self.aligned = AlignedRows { tops: [0; 2], folds_from, missing: None };
    }

    /// Where the cursor of the other side stands.
    pub(crate) fn cursor_across(&self, side: Side, position: u64) -> u64 {
        if self.has_pairs() {
            return self.list.beside(side, position);
        }
        u64::try_from(self.across(side, position).max(0)).unwrap_or(u64::MAX)
    }

    /// Whether this job compares, or has compared.
    pub(crate) fn is_by(&self, job: JobId) -> bool {
        self.asked.is_some_and(|asked| asked.job == job)
    }

    /// What was found so far.
    pub(crate) fn summary(&self) -> String {
        let list = &self.list;
        let differing = match list.count() {
            0 if self.state == Progress::Complete && list.unreadable() == 0 => {
                let what = if self.parts.is_some() { "ranges" } else { "files" };
                return format!("no differences: the {what} are equal");
            }
            0 => "no differences".to_owned(),
            1 => format!("1 range differs, {}", in_units(list.bytes())),
            n => format!("{n} ranges differ, {}", in_units(list.bytes())),
        };
        match list.unreadable() {
            0 => differing,
            n => format!("{differing}, {n} not compared"),
        }
    }

    /// The side that a view shows.
    pub(crate) fn side(&self, view: ViewId) -> Side {
        if self.views[0] == view { Side::A } else { Side::B }
    }

    /// The view of the other side.
    pub(crate) fn other_view(&self, view: ViewId) -> ViewId {
        if self.views[0] == view { self.views[1] } else { self.views[0] }
    }

    /// The offset on the other side of an offset on this one. It may be before the start.
    pub(crate) fn across(&self, side: Side, position: u64) -> i128 {
        match side {
            Side::A => i128::from(position) + i128::from(self.shift),
            Side::B => i128::from(position) - i128::from(self.shift),
        }
    }

    /// The offset in the first file of an offset on this side.
    fn on_first(&self, side: Side, position: u64) -> u64 {
        match side {
            Side::A => position,
            Side::B if self.has_pairs() => self.list.across(side, position).0,
            Side::B => u64::try_from(self.across(side, position).max(0)).unwrap_or(u64::MAX),
        }
    }

    /// The `count`-th difference after or before an offset on this side, or the last one.
    pub(crate) fn next(
        &self,
        side: Side,
        position: u64,
        direction: Direction,
        count: u64,
    ) -> NextDifference {
        let here = self.on_first(side, position);
        let steps = usize::try_from(count.max(1) - 1).unwrap_or(usize::MAX);
        let at = match direction {
            Direction::Forward => {
                let first = self.list.before(here.saturating_add(1));
                let is_open = self.state == Progress::Running && !self.list.is_cut();
                let last = self.list.len().checked_sub(1).filter(|&last| last >= first);
                match last {
                    Some(last) if first.saturating_add(steps) <= last => first + steps,
                    _ if is_open => return NextDifference::NotYet(self.position),
                    Some(last) => last,
                    None => return NextDifference::Nothing,
                }
            }
            Direction::Back => {
                if here > self.position && self.state == Progress::Running {
                    return NextDifference::NotYet(self.position);
                }
                match self.list.before(here).checked_sub(1) {
                    Some(last) => last.saturating_sub(steps),
                    None => return NextDifference::Nothing,
                }
            }
        };
        self.list.get(at).map_or(NextDifference::Nothing, |it| NextDifference::At(at, it))
    }
}

/// Bytes of a difference shown in the list, of each side.
pub(crate) const SHOWN_LEN: u64 = 8;

/// The range of a difference on a side.
pub(crate) fn on_side(found: &Difference, side: Side) -> Range<u64> {
    match side {
        Side::A => found.a.clone(),
        Side::B => found.b.clone(),
    }
}

impl Editor {
    /// The comparison that a view is part of.
    pub(crate) fn comparison_of(&self, view: ViewId) -> Option<&Comparison> {
        let comparisons = self.tabs.iter().filter_map(|tab| tab.comparison.as_ref());
        comparisons.into_iter().find(|it| it.views.contains(&view))
    }

    /// The same, with what drawing needs.
    pub(super) fn compared(&self, view: ViewId) -> Option<Compared<'_>> {
        let comparison = self.comparison_of(view)?;
        let other = self.views.get(&comparison.other_view(view))?.document;
        let (side, other) = (comparison.side(view), self.documents.get(&other));
        Some(Compared { comparison, side, other })
    }
}

#[cfg(test)]
mod tests {
    use memmap::compare::DifferenceKind;

    use super::*;
    use crate::job::list::Jobs;
    use crate::search::direction::Direction::{Back, Forward};

    #[test]
    fn a_list_of_the_same_offsets_has_no_pairs() {
        let mut it = Comparison::new([ViewId(1), ViewId(2)]);
        let (job, editions) = (Jobs::default().add("test"), [(0, 100); 2]);
        let asked = |is_aligned| Asked { job, editions, shift: 0, is_aligned };
        (it.state, it.is_aligned, it.asked) = (Progress::Complete, true, Some(asked(false)));
        assert!(!it.has_pairs() && it.alignment(Side::A).is_none());
        it.asked = Some(asked(true));
        assert!(it.has_pairs() && it.alignment(Side::B).is_some());
    }

    #[test]
    fn what_was_not_compared_yet_is_open() {
        let mut it = Comparison::new([ViewId(1), ViewId(2)]);
        for start in [10, 20, 30] {
            let range = start..start + 2;
            let (a, b) = (range.clone(), range);
            it.list.push(&Difference { kind: DifferenceKind::Changed, a, b });
        }
        it.position = 100;
        let next = |it: &Comparison, position, direction, count| match it.next(
            Side::A,
            position,
            direction,
            count,
        ) {
            NextDifference::At(_, found) => Ok(found.a.start),
            NextDifference::NotYet(from) => Err(Some(from)),
            NextDifference::Nothing => Err(None),
        };
        assert_eq!(next(&it, 0, Forward, 1), Ok(10));
        assert_eq!(next(&it, 10, Forward, 2), Ok(30));
        assert_eq!(next(&it, 10, Forward, 3), Err(Some(100)));
        assert_eq!(next(&it, 100, Back, 1), Ok(30));
        assert_eq!(next(&it, 200, Back, 1), Err(Some(100)));
        assert_eq!(next(&it, 10, Back, 1), Err(None));
        it.state = Progress::Complete;
        assert_eq!(next(&it, 10, Forward, 3), Ok(30));
        assert_eq!(next(&it, 30, Forward, 1), Err(None));
        assert_eq!(next(&it, 200, Back, 9), Ok(10));
    }
}
