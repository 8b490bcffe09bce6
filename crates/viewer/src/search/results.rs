//! The results of a search as the view has them, and the ranges not searched yet.

use std::fmt;
use std::ops::Range;

use memmap::scan::{Pattern, PatternError};

use crate::job::Accumulate;
use crate::job::list::JobId;
use crate::search::direction::Direction;
use crate::search::found::{Found, Side};
use crate::search::job::{Report, SearchJob};
use crate::search::match_list::{Match, MatchList};
use crate::search::query::Query;
use crate::search::resume::Resumption;

/// A query and its compiled pattern. Only the query takes part in comparisons.
#[derive(Clone)]
pub(crate) struct CompiledQuery {
    pub(crate) query: Query,
    pub(crate) pattern: Pattern,
}

impl CompiledQuery {
    pub(crate) fn of(query: Query) -> Result<Self, PatternError> {
        let pattern = query.pattern()?;
        Ok(Self { query, pattern })
    }
}

impl PartialEq for CompiledQuery {
    fn eq(&self, other: &Self) -> bool {
        self.query == other.query
    }
}

impl Eq for CompiledQuery {}

impl fmt::Debug for CompiledQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.query.fmt(f)
    }
}

/// The matches so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SearchResults {
    what: CompiledQuery,
    /// Start offset of the search, and length of the data at that time.
    from: u64,
    len: u64,
    /// Current length of the data.
    end: u64,
    before: MatchList,
    ahead: MatchList,
    /// Number of bytes searched: first those from `from` on, then those before it.
    done: u64,
    /// Bytes before `from` that are scanned once more, if everything before it is known.
    lead: u64,
    is_resumed: bool,
    /// Whether the search has ended.
    is_over: bool,
}

/// A jump to a match that is not found yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// The search that is expected to find it.
    pub(crate) job: JobId,
    pub(crate) direction: Direction,
    /// Matches at or after this offset count when going forward, those before it when going back.
    pub(crate) bound: u64,
    /// Jump to the `count`-th match, counted from 1.
    pub(crate) count: u64,
    /// The cursor when the jump was requested. Moving the cursor cancels the jump.
    pub(crate) cursor: u64,
}

/// The next match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// A match. `gap` is a range before it that is not searched yet; `is_wrapped` means that the
    /// search passed an end of the file.
    At {
        hit: Match,
        gap: Option<Range<u64>>,
        is_wrapped: bool,
    },
    /// No match is known, but this range is not searched yet.
    NotYet(Range<u64>),
    Nothing,
}

impl Accumulate<SearchJob> for SearchResults {
    fn begin(job: &SearchJob, len: u64, before: Option<Self>) -> Self {
        match (job.resumption, before) {
            (Some(resumption), Some(before)) => before.resumed(resumption, len),
            _ => Self::new(job.what.clone(), job.from, len),
        }
    }

    fn take(&mut self, event: Found) {
        match event {
            Found::Matches(side, matches) => self.add(side, matches),
            Found::Joined { seam, from } => self.join(seam, from),
            Found::Replaced(all) => self.replace(all),
        }
    }

    fn progress(&mut self, done: u64) {
        self.reached(done.saturating_sub(self.lead));
    }

    fn finish(&mut self, report: Report) -> String {
        self.done = self.len;
        report.to_string()
    }

    fn end(&mut self) {
        self.is_over = true;
    }
}

impl SearchResults {
    pub(crate) fn new(what: CompiledQuery, from: u64, len: u64) -> Self {
        Self {
            what,
            from,
            len,
            end: len,
            before: MatchList::default(),
            ahead: MatchList::default(),
            done: 0,
            lead: 0,
            is_resumed: false,
            is_over: false,
        }
    }

    /// Where to go on when more bytes have come; `None` if some matches were only counted.
    pub(crate) fn resumption(&self) -> Option<Resumption> {
        if self.before.is_cut() || self.ahead.is_cut() {
            return None;
        }
        let last = |before| self.index(before).checked_sub(1).and_then(|at| self.get(at));
        Some(Resumption::after(self.len, &self.what.pattern, last))
    }

    /// These matches as far as they stand, before the rest of a longer file is searched.
    fn resumed(self, Resumption { from, since }: Resumption, len: u64) -> Self {
        let mut before = self.before.up_to(from);
        before.append(self.ahead.up_to(from));
        let lead = from.saturating_sub(since);
        Self { before, lead, is_resumed: true, ..Self::new(self.what, from, len) }
    }

    /// This many bytes from `from` on, and then before it, are searched.
    fn reached(&mut self, done: u64) {
        self.done = self.done.max(done.min(self.len));
    }

    pub(crate) const fn query(&self) -> &Query {
        &self.what.query
    }

    pub(crate) const fn compiled(&self) -> &CompiledQuery {
        &self.what
    }

    /// Whether the search has ended.
    pub(crate) const fn is_over(&self) -> bool {
        self.is_over
    }

    fn add(&mut self, side: Side, matches: MatchList) {
        // Matches arrive in order, so everything up to the last one has been searched.
        let last = matches.last().map(|hit| hit.offset.saturating_add(1));
        match side {
            Side::Before => {
                self.before.append(matches);
                let behind = self.len.saturating_sub(self.from);
                self.reached(last.map_or(0, |last| behind.saturating_add(last)));
            }
            Side::Ahead => {
                self.ahead.append(matches);
                self.reached(last.map_or(0, |last| last.saturating_sub(self.from)));
            }
        }
    }

    fn join(&mut self, seam: MatchList, from: u64) {
        self.before.append(seam);
        self.ahead.drop_before(from);
        self.done = self.len;
    }

    fn replace(&mut self, all: MatchList) {
        (self.before, self.ahead) = (MatchList::default(), all);
        self.done = self.len;
    }

    /// The file has changed in length. Appended bytes are not searched.
    pub(crate) fn resize(&mut self, len: u64) {
        self.end = len;
    }

    /// Copies the matches, for an export.
    pub(crate) fn all(&self) -> Vec<MatchList> {
        vec![self.before.clone(), self.ahead.clone()]
    }

    /// Number of matches kept.
    pub(crate) fn count(&self) -> usize {
        self.before.len() + self.ahead.len()
    }

    /// Number of all matches so far.
    pub(crate) fn total(&self) -> u64 {
        self.before.total().saturating_add(self.ahead.total())
    }

    /// Whether the whole file was searched.
    pub(crate) fn is_complete(&self) -> bool {
        self.is_over && self.done >= self.len && self.end == self.len
    }

    pub(crate) fn get(&self, index: usize) -> Option<Match> {
        match index.checked_sub(self.before.len()) {
            None => self.before.get(index),
            Some(index) => self.ahead.get(index),
        }
    }

    /// Number of kept matches that start before an offset.
    pub(crate) fn index(&self, offset: u64) -> usize {
        let ahead = self.ahead.before(offset);
        if ahead > 0 { self.before.len() + ahead } else { self.before.before(offset) }
    }

    /// The offset of the first match at or after an offset, if the range between is searched.
    pub(crate) fn known_from(&self, offset: u64) -> Option<u64> {
        let hit = self.get(self.index(offset))?;
        self.knows(&(offset..hit.offset)).then_some(hit.offset)
    }

    /// Kept matches from an index on.
    pub(crate) fn iter_from(&self, index: usize) -> impl Iterator<Item = Match> + '_ {
        let ahead = index.saturating_sub(self.before.len());
        self.before.iter_from(index).chain(self.ahead.iter_from(ahead))
    }

    /// Kept matches that overlap `range`.
    pub(crate) fn within(&self, range: Range<u64>) -> impl Iterator<Item = Match> + '_ {
        self.before.within(range.clone()).chain(self.ahead.within(range))
    }

    /// Whether the whole range is searched and its matches are kept.
    pub(crate) fn knows(&self, range: &Range<u64>) -> bool {
        let is_kept = |matches: &MatchList| {
            !matches.is_cut() || matches.last().is_some_and(|last| last.offset >= range.end)
        };
        let is_cut = !is_kept(&self.before) || !is_kept(&self.ahead);
        !is_cut && self.gap_after(range.start).is_none_or(|gap| gap.start >= range.end)
    }

    /// The ends of the searched ranges: of the part before the start, and of the part ahead.
    fn ends(&self) -> (u64, u64) {
        let behind = self.len.saturating_sub(self.from);
        let before = if self.is_resumed {
            self.from
        } else {
            self.done.saturating_sub(behind).min(self.from)
        };
        (before, self.from.saturating_add(self.done.min(behind)))
    }

    /// The first range at or after an offset that is not searched.
    fn gap_after(&self, at: u64) -> Option<Range<u64>> {
        let (before, ahead) = self.ends();
        let start = at.max(if at < before { before } else { 0 });
        let start = if self.from <= start { start.max(ahead) } else { start };
        let end = if start < self.from { self.from } else { self.end };
        (start < end).then_some(start..end)
    }

    /// The last range before an offset that is not searched.
    fn gap_before(&self, at: u64) -> Option<Range<u64>> {
        let (before, ahead) = self.ends();
        if at > ahead {
            return Some(ahead..at);
        }
        let end = at.min(self.from);
        (before < end).then_some(before..end)
    }

    /// The first match at or after `bound`, or the last one before it, wrapping around.
    pub(crate) fn next(&self, direction: Direction, bound: u64) -> Next {
        match direction {
            Direction::Forward => {
                let first = |at: u64| self.get(self.index(at));
                let straight = self
                    .step(first(bound), self.gap_after(bound), |hit, gap| gap.start <= hit.offset);
                straight.unwrap_or_else(|| {
                    let gap = self.gap_after(0).filter(|gap| gap.start < bound);
                    let hit = first(0).filter(|hit| hit.offset < bound);
                    self.wrapped(hit, gap, |hit, gap| gap.start <= hit.offset)
                })
            }
            Direction::Back => {
                let last = |at: u64| self.get(self.index(at).checked_sub(1)?);
                let straight =
                    self.step(last(bound), self.gap_before(bound), |hit, gap| hit.offset < gap.end);
                straight.unwrap_or_else(|| {
                    let gap = self.gap_before(self.end).filter(|gap| gap.end > bound);
                    let hit = last(u64::MAX).filter(|hit| hit.offset >= bound);
                    self.wrapped(hit, gap, |hit, gap| hit.offset < gap.end)
                })
            }
        }
    }

    /// The `count`-th match, where the first is the one that `next` finds.
    pub(crate) fn nth(&self, direction: Direction, bound: u64, count: u64) -> Next {
        let first = self.next(direction, bound);
        let Next::At { hit, gap: None, is_wrapped } = first else { return first };
        let by = usize::try_from(count.saturating_sub(1)).unwrap_or(usize::MAX);
        let (index, all) = (self.index(hit.offset), self.count());
        let to = match direction {
            Direction::Forward => index.checked_add(by).filter(|&to| to < all),
            Direction::Back => index.checked_sub(by),
        };
        if let Some(there) = to.and_then(|to| self.get(to)) {
            let gap = match direction {
                Direction::Forward => {
                    self.gap_after(hit.offset).filter(|gap| gap.start <= there.offset)
                }
                Direction::Back => self.gap_before(hit.offset).filter(|gap| there.offset < gap.end),
            };
            return Next::At { hit: there, gap, is_wrapped };
        }
        if self.is_complete() {
            let around = by % all.max(1);
            let to = match direction {
                Direction::Forward => (index + around) % all.max(1),
                Direction::Back => (index + all - around) % all.max(1),
            };
            let hit = self.get(to).unwrap_or(hit);
            return Next::At { hit, gap: None, is_wrapped: true };
        }
        let gap = match direction {
            Direction::Forward => self.gap_after(hit.offset),
            Direction::Back => self.gap_before(hit.offset),
        };
        match gap {
            Some(gap) if !self.is_over => Next::NotYet(gap),
            // The last known match before the gap, or before the end of the file.
            gap => {
                let last = match direction {
                    Direction::Forward => all.checked_sub(1).and_then(|last| self.get(last)),
                    Direction::Back => self.get(0),
                };
                Next::At { hit: last.unwrap_or(hit), gap, is_wrapped }
            }
        }
    }

    fn step(
        &self,
        hit: Option<Match>,
        gap: Option<Range<u64>>,
        is_between: impl Fn(&Match, &Range<u64>) -> bool,
    ) -> Option<Next> {
        match (hit, gap) {
            (Some(hit), gap) => {
                let gap = gap.filter(|gap| is_between(&hit, gap));
                Some(Next::At { hit, gap, is_wrapped: false })
            }
            (None, Some(gap)) if !self.is_over => Some(Next::NotYet(gap)),
            (None, _) => None,
        }
    }

    fn wrapped(
        &self,
        hit: Option<Match>,
        gap: Option<Range<u64>>,
        is_between: impl Fn(&Match, &Range<u64>) -> bool,
    ) -> Next {
        match self.step(hit, gap, is_between) {
            Some(Next::At { hit, gap, .. }) => Next::At { hit, gap, is_wrapped: true },
            Some(next) => next,
            None => Next::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::notation::Notation;

    fn search(from: u64, before: &[u64], ahead: &[u64], done: u64) -> SearchResults {
        let query = Query { notation: Notation::Text, folds_case: false, text: "x".to_owned() };
        let mut search = SearchResults::new(CompiledQuery::of(query).unwrap(), from, 1000);
        let of = |offsets: &[u64]| {
            let mut matches = MatchList::default();
            for &offset in offsets {
                matches.push(Match { offset, len: 1 });
            }
            matches
        };
        search.add(Side::Ahead, of(ahead));
        search.add(Side::Before, of(before));
        search.progress(done);
        search
    }

    fn place(next: &Next) -> Option<u64> {
        match next {
            Next::At { hit, .. } => Some(hit.offset),
            _ => None,
        }
    }

    #[test]
    fn what_is_searched_grows_from_the_start_on_and_then_before_it() {
        let gaps = |done, at| {
            let search = search(400, &[], &[], done);
            (search.gap_after(at), search.gap_before(at))
        };
        assert_eq!(gaps(0, 0), (Some(0..400), None));
        assert_eq!(gaps(0, 400), (Some(400..1000), Some(0..400)));
        assert_eq!(gaps(100, 450), (Some(500..1000), Some(0..400)));
        assert_eq!(gaps(100, 600), (Some(600..1000), Some(500..600)));
        assert_eq!(gaps(600, 450), (None, Some(0..400)));
        assert_eq!(gaps(700, 50), (Some(100..400), None));
        assert_eq!(gaps(700, 200), (Some(200..400), Some(100..200)));
        assert_eq!(gaps(700, 600), (None, Some(100..400)));
        assert_eq!(gaps(1000, 3), (None, None));
    }

    #[test]
    fn the_next_hit_is_the_nearest_known_one_and_says_what_is_between() {
        let search = search(400, &[10, 20], &[450, 480], 650);
        let forward = |bound| search.next(Direction::Forward, bound);
        let back = |bound| search.next(Direction::Back, bound);
        assert_eq!(place(&forward(0)), Some(10));
        assert_eq!(place(&forward(11)), Some(20));
        let Next::At { hit, gap: Some(gap), is_wrapped: false } = forward(21) else { panic!() };
        assert_eq!((hit.offset, gap), (450, 50..400));
        assert!(matches!(forward(451), Next::At { gap: None, .. }));
        let Next::At { hit, is_wrapped: true, gap: None } = forward(481) else { panic!() };
        assert_eq!(hit.offset, 10);
        let Next::At { hit, gap: Some(gap), .. } = back(450) else { panic!() };
        assert_eq!((hit.offset, gap), (20, 50..400));
        let Next::At { hit, is_wrapped: true, .. } = back(10) else { panic!() };
        assert_eq!(hit.offset, 480);
    }

    #[test]
    fn what_is_not_found_yet_is_waited_for_while_the_search_goes_on() {
        let mut search = search(400, &[], &[], 100);
        assert_eq!(search.next(Direction::Forward, 400), Next::NotYet(500..1000));
        assert_eq!(search.next(Direction::Back, 450), Next::NotYet(0..400));
        search.progress(600);
        assert_eq!(search.next(Direction::Forward, 400), Next::NotYet(0..400));
        search.is_over = true;
        assert_eq!(search.next(Direction::Forward, 400), Next::Nothing);
        assert!(!search.is_complete());
        search.progress(1000);
        assert!(search.is_complete());
    }

    #[test]
    fn what_has_come_since_is_not_searched() {
        let mut search = search(400, &[10], &[450], 1000);
        search.is_over = true;
        assert!(search.is_complete());
        search.resize(1200);
        assert!(!search.is_complete());
        assert_eq!(search.gap_after(1000), Some(1000..1200));
        let Next::At { hit, is_wrapped: true, .. } = search.next(Direction::Forward, 451) else {
            panic!()
        };
        assert_eq!(hit.offset, 10);
    }

    #[test]
    fn hits_are_numbered_through() {
        let search = search(400, &[10, 20], &[450, 480], 1000);
        let all: Vec<u64> = (0..5).filter_map(|i| search.get(i)).map(|hit| hit.offset).collect();
        assert_eq!(all, [10, 20, 450, 480]);
        assert_eq!(search.iter_from(1).map(|hit| hit.offset).collect::<Vec<_>>(), [20, 450, 480]);
        assert_eq!(search.iter_from(3).map(|hit| hit.offset).collect::<Vec<_>>(), [480]);
        for (offset, index) in [(0, 0), (10, 0), (11, 1), (300, 2), (450, 2), (451, 3), (999, 4)] {
            assert_eq!(search.index(offset), index, "{offset}");
        }
        assert!(search.knows(&(0..1000)));
    }
}
