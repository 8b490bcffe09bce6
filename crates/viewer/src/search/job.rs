//! The search of the whole file, as a job. Matches after the cursor are found first; the result equals
//! one forward search from offset 0.

use std::fmt;
use std::ops::Range;

use memmap::scan::{Match as ScanMatch, Outcome, Pattern};
use memmap::{Unreadable, widen};

use crate::format::units::in_units;
use crate::job::context::JobContext;
use crate::job::error::{Cancelled, JobError};
use crate::job::{Job, Priority};
use crate::search::found::{Found, Side, only};
use crate::search::match_list::{KEPT_MAX, Match, MatchList};
use crate::search::results::{CompiledQuery, SearchResults};
use crate::search::resume::Resumption;
use crate::source::page_cache::joined;

/// Both parts of the search overlap by this much after the start of the search. There they are
/// merged.
const SEAM_LEN: u64 = 64 << 10;

/// The reach of a pattern with unbounded matches. It equals the default of a scan.
pub(super) const WINDOW_LEN: u64 = 1 << 20;

/// Finds all matches, those at or after `from` first.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct SearchJob {
    pub(crate) what: CompiledQuery,
    /// Offset where the search starts.
    pub(crate) from: u64,
    /// Where it goes on, if it has ended before all bytes had come.
    pub(crate) resumption: Option<Resumption>,
}

impl SearchJob {
    pub(crate) const fn new(what: CompiledQuery, from: u64) -> Self {
        Self { what, from, resumption: None }
    }

    /// Goes on after results that ended where the bytes ended then; `None` if there were too many to keep.
    pub(crate) fn resuming(results: &SearchResults) -> Option<Self> {
        let (what, resumption) = (results.compiled().clone(), results.resumption()?);
        Some(Self { what, from: resumption.from, resumption: Some(resumption) })
    }
}

impl Job for SearchJob {
    type Event = Found;
    type Output = Report;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    /// One that goes on is a part of one that was listed.
    fn is_listed(&self) -> bool {
        self.resumption.is_none()
    }

    fn title(&self) -> String {
        self.what.query.to_string()
    }

    fn run(self, cx: &JobContext<'_, Found>) -> Result<Report, JobError> {
        if let Some(resumption) = self.resumption {
            return resumption.run(&self.what.pattern, cx);
        }
        let from = self.from.min(cx.mapping().len());
        TwoPartSearch { pattern: &self.what.pattern, from, cx }.run()
    }
}

struct TwoPartSearch<'s> {
    pattern: &'s Pattern,
    from: u64,
    cx: &'s JobContext<'s, Found>,
}

impl TwoPartSearch<'_> {
    fn run(&self) -> Result<Report, JobError> {
        self.cx.expect(self.len());
        // The matches close to the start of the search.
        let mut near: Vec<Match> = Vec::new();
        let limit = self.from.saturating_add(SEAM_LEN);
        let mut teller = Reporter::new(self.cx, Side::Ahead);
        let ahead = self.cx.scan().range(self.from..).find_all_into(self.pattern, |found| {
            let hit = hit(found);
            if self.from > 0 && hit.offset <= limit {
                near.push(hit);
            }
            teller.take(hit);
        })?;
        let mut report = Report::of(teller.end()?);
        report.add(&ahead, u64::MAX);
        if ahead.is_cancelled {
            return Err(JobError::Cancelled);
        }
        if self.from == 0 {
            return Ok(report);
        }
        let (all, before) = self.before(&near, report.count)?;
        report.add(&before, self.from);
        report.count = all;
        Ok(report)
    }

    /// How many bytes there are to search.
    fn len(&self) -> u64 {
        self.cx.readable_len(&(0..self.cx.mapping().len()))
    }

    /// Searches the part before the start, and merges it with the part ahead, which has `count`
    /// matches. Returns the total number of matches.
    fn before(&self, near: &[Match], count: u64) -> Result<(u64, Outcome<u64>), JobError> {
        let len = self.cx.mapping().len();
        let limit = self.from.saturating_add(SEAM_LEN).min(len);
        // The end of everything that a match starting at or before `limit` depends on.
        let reach = self.pattern.max_len().unwrap_or(WINDOW_LEN).saturating_add(4);
        let end = limit.saturating_add(reach).min(len);
        let mut seam: Vec<Match> = Vec::new();
        let mut ended = 0;
        let mut teller = Reporter::new(self.cx, Side::Before);
        let outcome = self.cx.scan().range(..end).find_all_into(self.pattern, |found| {
            let hit = hit(found);
            if hit.offset > limit {
                return;
            }
            ended = hit.end();
            if hit.offset < self.from {
                teller.take(hit);
            } else {
                seam.push(hit);
            }
        })?;
        let all = count.saturating_add(teller.end()?);
        if outcome.is_cancelled {
            return Err(JobError::Cancelled);
        }
        let meeting = match meeting_point(&seam, near) {
            Some(from) => from,
            // The overlap extends to the end of the data, so this part has all matches.
            None if limit == len => limit.saturating_add(1),
            // No match crosses `limit`, so both parts find the same matches after it.
            None if ended <= limit && near.last().is_none_or(|last| last.end() <= limit) => {
                limit.saturating_add(1)
            }
            None => return Ok((self.anew()?, outcome)),
        };
        seam.retain(|hit| hit.offset < meeting);
        let lost = near.iter().filter(|hit| hit.offset < meeting).count();
        let all = all.saturating_sub(widen(lost)).saturating_add(widen(seam.len()));
        let mut matches = MatchList::default();
        for hit in seam {
            matches.push(hit);
        }
        self.cx.emit(Found::Joined { seam: matches, from: meeting })?;
        Ok((all, outcome))
    }

    /// Searches the whole file again from offset 0.
    fn anew(&self) -> Result<u64, JobError> {
        self.cx.expect(self.cx.scanned_total().saturating_add(self.len()));
        let mut matches = MatchList::default();
        let outcome =
            self.cx.scan().find_all_into(self.pattern, |found| matches.push(hit(found)))?;
        if outcome.is_cancelled {
            return Err(JobError::Cancelled);
        }
        let count = matches.total();
        self.cx.emit(Found::Replaced(matches))?;
        Ok(count)
    }
}

/// The first match that both lists have. After it, two searches find the same matches.
fn meeting_point(own: &[Match], other: &[Match]) -> Option<u64> {
    let is_there = |hit: &&Match| {
        let at = other.partition_point(|other| other.offset < hit.offset);
        other.get(at) == Some(hit)
    };
    own.iter().find(is_there).map(|hit| hit.offset)
}

pub(super) fn hit(found: ScanMatch) -> Match {
    Match { offset: found.offset, len: found.len }
}

/// Reports matches. Once there are too many to keep, it reports only their number, at intervals.
pub(super) struct Reporter<'s> {
    cx: &'s JobContext<'s, Found>,
    side: Side,
    kept: usize,
    counted: u64,
    all: u64,
    /// Whether the job was cancelled. The scan checks less often, so it may run on for a moment.
    state: Result<(), Cancelled>,
}

/// Matches beyond the limit are reported in counts of this size.
const COUNTED_MAX: u64 = 64 << 10;

impl<'s> Reporter<'s> {
    pub(super) const fn new(cx: &'s JobContext<'s, Found>, side: Side) -> Self {
        Self { cx, side, kept: 0, counted: 0, all: 0, state: Ok(()) }
    }

    pub(super) fn take(&mut self, hit: Match) {
        self.all = self.all.saturating_add(1);
        if self.kept < KEPT_MAX {
            self.kept += 1;
            let side = self.side;
            let take = |last: &mut Found, hit| match last {
                Found::Matches(of, matches) if *of == side => {
                    crate::search::found::take(matches, hit)
                }
                _ => Some(hit),
            };
            let make = |hit| Found::Matches(side, only(hit));
            self.state = self.state.and_then(|()| self.cx.add(hit, take, make));
            return;
        }
        self.counted += 1;
        if self.counted >= COUNTED_MAX {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let counted = std::mem::take(&mut self.counted);
        if counted > 0 {
            let mut matches = MatchList::default();
            matches.count(counted);
            self.state = self.state.and_then(|()| self.cx.emit(Found::Matches(self.side, matches)));
        }
    }

    /// Returns the total number of matches.
    pub(super) fn end(mut self) -> Result<u64, Cancelled> {
        self.flush();
        self.state.map(|()| self.all)
    }
}

/// Summary of a search.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    count: u64,
    /// Unreadable ranges.
    lost: Vec<Range<u64>>,
    exceeded: Option<u64>,
}

impl Report {
    pub(super) fn of(count: u64) -> Self {
        Self { count, ..Self::default() }
    }

    /// Adds the ranges that were lost before `end`.
    pub(super) fn add(&mut self, outcome: &Outcome<u64>, end: u64) {
        for Unreadable { range, .. } in &outcome.unreadable {
            if range.start < end {
                self.lost.push(range.start..range.end.min(end));
            }
        }
        let exceeded = outcome.match_too_long.filter(|&at| at < end);
        self.exceeded = [self.exceeded, exceeded].into_iter().flatten().min();
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count {
            0 => f.write_str("not found")?,
            1 => f.write_str("1 match")?,
            count => write!(f, "{count} matches")?,
        }
        if self.count > widen(KEPT_MAX) {
            write!(f, "; the first {KEPT_MAX} are kept")?;
        }
        // Both parts may have reported the same range.
        let lost = joined(self.lost.clone());
        if !lost.is_empty() {
            let len = in_units(lost.iter().map(|range| range.end - range.start).sum());
            let noun = if lost.len() == 1 { "range" } else { "ranges" };
            write!(f, "; {} {noun}, {len} unreadable", lost.len())?;
        }
        match self.exceeded {
            Some(at) => write!(f, "; the one at {at:#x} is too long to be followed"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use memmap::scan::Scan;
    use memmap::{Map, RamMap};
    use memmap_core::testing::{Fake, Fault};
    use proptest::prelude::*;

    use super::*;
    use crate::job::JobEvent;
    use crate::job::context::finish;
    use crate::job::executor::{Executor as _, Task, ThreadExecutor};
    use crate::job::list::Jobs;
    use crate::job::outbox::Wake;
    use crate::search::notation::Notation;
    use crate::search::query::Query;
    use crate::source::handle::SourceHandle;

    /// The matches that the view has after the search, and the summary.
    fn found(query: &Query, from: u64, source: &SourceHandle) -> (Vec<Match>, String) {
        let done = finish(source, SearchJob::new(CompiledQuery::of(query.clone()).unwrap(), from));
        assert_eq!(done.progress.done, done.progress.total);
        (matches(done.events), done.ended.unwrap().to_string())
    }

    /// The matches that the view has after these events.
    fn matches(events: impl IntoIterator<Item = Found>) -> Vec<Match> {
        let (mut before, mut ahead) = (MatchList::default(), MatchList::default());
        for event in events {
            match event {
                Found::Matches(Side::Before, matches) => before.append(matches),
                Found::Matches(Side::Ahead, matches) => ahead.append(matches),
                Found::Joined { seam, from } => {
                    before.append(seam);
                    ahead.drop_before(from);
                }
                Found::Replaced(matches) => (before, ahead) = (MatchList::default(), matches),
            }
        }
        before.append(ahead);
        before.iter_from(0).collect()
    }

    fn expected(query: &Query, source: &SourceHandle) -> Vec<Match> {
        let mut all = Vec::new();
        Scan::new(source.map())
            .find_all_into(&query.pattern().unwrap(), |it| all.push(hit(it)))
            .unwrap();
        all
    }

    #[test]
    fn a_large_search_on_threads_finds_what_one_from_the_start_finds() {
        let mut bytes = vec![b'.'; 64 << 20];
        for at in (0..bytes.len() - 6).step_by(9973) {
            bytes[at..at + 6].copy_from_slice(b"needle");
        }
        let source = SourceHandle::new(RamMap::from_reader(&bytes[..]).unwrap().erase());
        drop(bytes);
        let query = Query::parse("needle").unwrap();
        let what = CompiledQuery::of(query.clone()).unwrap();
        let (sender, woken) = channel();
        let wake: Wake = Arc::new(move |id| sender.send(id).unwrap());
        let id = Jobs::default().add("test");
        let mut executor = ThreadExecutor::new(memmap::plugin::Schemes::default());
        let job = SearchJob::new(what, 40 << 20);
        executor.spawn(Task::new(id, job, source.clone(), wake, |event| event));
        let (mut events, mut summary) = (Vec::new(), None);
        while summary.is_none() {
            woken.recv_timeout(Duration::from_secs(600)).unwrap();
            for event in executor.link(id).unwrap().drain() {
                match event {
                    JobEvent::Partial(found) => events.push(found),
                    JobEvent::Ended(ended) => summary = Some(ended.unwrap().to_string()),
                }
            }
        }
        let (found, all) = (matches(events), expected(&query, &source));
        assert_eq!(found.len(), all.len());
        assert!(found == all && all.len() > 6000, "{}", all.len());
        assert!(summary.unwrap().starts_with(&all.len().to_string()));
    }

    fn regex(text: &str) -> Query {
        Query { notation: Notation::Regex, folds_case: false, text: text.to_owned() }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn wherever_it_begins_a_search_finds_what_one_from_the_start_finds(
            bytes in "[ab\n ]{0,60}",
            query in prop::sample::select(vec![
                "aa", "aba", "a+", "a*", "^a", "(?m)^a", r"\ba", r"\Ba", "b$", "a|ab|bab", ".", "[^b]{2,9}", "",
            ]),
            at in 0..60_u64,
            times in prop::sample::select(vec![1_usize, 2, 4000]),
        ) {
            let bytes = bytes.repeat(times);
            let source = SourceHandle::new(RamMap::from_reader(bytes.as_bytes()).unwrap().erase());
            let query = regex(query);
            let from = at * memmap::widen(times) + 1;
            let (matches, said) = found(&query, from, &source);
            let all = expected(&query, &source);
            prop_assert_eq!(matches.len(), all.len());
            prop_assert!(matches == all);
            let count = said.split(' ').next().unwrap();
            prop_assert_eq!(count, if all.is_empty() { "not".to_owned() } else { all.len().to_string() });
        }
    }

    #[test]
    fn searches_that_never_meet_are_done_anew() {
        let bytes = vec![b'a'; 300_001];
        let source = SourceHandle::new(RamMap::from_reader(&bytes[..]).unwrap().erase());
        let aa = regex("aa");
        assert!(found(&aa, 101, &source).0 == expected(&aa, &source));
        assert!(found(&aa, 100, &source).0 == expected(&aa, &source));
        let three = regex("a{3}");
        assert!(found(&three, 7, &source).0 == expected(&three, &source));
    }

    #[test]
    fn what_cannot_be_read_is_said_and_the_rest_searched() {
        let mut bytes = vec![b'.'; 1000];
        for at in [10, 490, 900] {
            bytes[at..at + 4].copy_from_slice(b"fish");
        }
        let fake = Fake::new(&bytes).with(Fault::Read { at: 500, kind: io::ErrorKind::Other });
        let source = SourceHandle::new(Map::from_mapping(fake).erase());
        for from in [0, 100, 600] {
            let (matches, said) = found(&regex("fish"), from, &source);
            let offsets: Vec<u64> = matches.iter().map(|hit| hit.offset).collect();
            assert_eq!(
                offsets,
                expected(&regex("fish"), &source).iter().map(|hit| hit.offset).collect::<Vec<_>>()
            );
            assert!(said.contains("unreadable"), "{said}");
        }
        assert_eq!(
            found(
                &regex("bird"),
                0,
                &SourceHandle::new(Map::from_mapping(Fake::new(b"fish")).erase())
            )
            .1,
            "not found"
        );
    }
}
