//! Goes on with a search that has ended, where more bytes have come since.

use memmap::scan::Pattern;

use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::search::found::{Found, Side};
use crate::search::job::{Report, Reporter, WINDOW_LEN, hit};
use crate::search::match_list::Match;

/// Where a search goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Resumption {
    /// Matches that start before this offset stand.
    pub(crate) from: u64,
    /// From here on the bytes are scanned, so that a match begins where it would have begun in a search of all.
    pub(crate) since: u64,
}

impl Resumption {
    /// Where to go on after the first `len` bytes were searched. `before` gives the last match that starts
    /// before an offset.
    pub(crate) fn after(
        len: u64,
        pattern: &Pattern,
        before: impl FnOnce(u64) -> Option<Match>,
    ) -> Self {
        // What a match depends on.
        let reach = pattern.max_len().unwrap_or(WINDOW_LEN).saturating_add(4);
        // What starts later may have been another match, or none, for want of bytes.
        let open = len.saturating_add(1).saturating_sub(reach).min(len);
        let last = before(open);
        let from = last.map_or(open, |last| last.end().max(open));
        // A range is scanned as if nothing were before it: what that makes a match ends before `from`.
        let since = from.saturating_sub(reach);
        let since = last.filter(|last| last.end() > since).map_or(since, |last| last.offset);
        Self { from, since }
    }

    /// Searches the rest.
    pub(crate) fn run(
        self,
        pattern: &Pattern,
        cx: &JobContext<'_, Found>,
    ) -> Result<Report, JobError> {
        cx.expect(cx.mapping().len().saturating_sub(self.since));
        let mut reporter = Reporter::new(cx, Side::Ahead);
        let outcome = cx.scan().range(self.since..).find_all_into(pattern, |found| {
            if found.offset >= self.from {
                reporter.take(hit(found));
            }
        })?;
        let mut report = Report::of(reporter.end()?);
        report.add(&outcome, u64::MAX);
        if outcome.is_cancelled { Err(JobError::Cancelled) } else { Ok(report) }
    }
}

#[cfg(test)]
mod tests {
    use memmap::RamMap;
    use memmap::scan::Scan;
    use proptest::prelude::*;

    use super::*;
    use crate::job::Accumulate;
    use crate::job::context::finish;
    use crate::search::job::SearchJob;
    use crate::search::notation::Notation;
    use crate::search::query::Query;
    use crate::search::results::{CompiledQuery, SearchResults};
    use crate::source::handle::SourceHandle;

    /// The matches after each part has come.
    fn in_parts(query: &Query, bytes: &[u8], ends: &[usize]) -> Vec<Match> {
        let what = CompiledQuery::of(query.clone()).unwrap();
        let mut results: Option<SearchResults> = None;
        for end in ends.iter().copied().chain([bytes.len()]) {
            let source = SourceHandle::new(RamMap::from_reader(&bytes[..end]).unwrap().erase());
            let job = match &results {
                Some(results) => SearchJob::resuming(results).unwrap(),
                None => SearchJob::new(what.clone(), memmap::widen(end / 2)),
            };
            let len = memmap::widen(end);
            let mut next = SearchResults::begin(&job, len, results.take());
            let done = finish(&source, job);
            for event in done.events {
                Accumulate::<SearchJob>::take(&mut next, event);
            }
            Accumulate::<SearchJob>::finish(&mut next, done.ended.unwrap());
            Accumulate::<SearchJob>::end(&mut next);
            assert!(next.is_complete());
            results = Some(next);
        }
        results.unwrap().iter_from(0).collect()
    }

    fn at_once(query: &Query, bytes: &[u8]) -> Vec<Match> {
        let map = RamMap::from_reader(bytes).unwrap();
        let mut all = Vec::new();
        let pattern = query.pattern().unwrap();
        Scan::new(&map).find_all_into(&pattern, |found| all.push(hit(found))).unwrap();
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_search_of_parts_finds_what_one_of_all_finds(
            bytes in "[ab\n ]{0,80}",
            pattern in prop::sample::select(vec![
                "aa", "aba", "a+", "a*", "^a", "(?m)^a", r"\ba", r"ab\b", "b$", "a(ba)?", "a|ab|bab", ".",
                "[^b]{2,9}", "",
            ]),
            mut ends in prop::collection::vec(0..80_usize, 1..6),
            times in prop::sample::select(vec![1_usize, 2, 300]),
        ) {
            let bytes = bytes.repeat(times).into_bytes();
            for end in &mut ends {
                *end = (*end * times).min(bytes.len());
            }
            ends.sort_unstable();
            let query = Query { notation: Notation::Regex, folds_case: false, text: pattern.to_owned() };
            let (parts, all) = (in_parts(&query, &bytes, &ends), at_once(&query, &bytes));
            prop_assert_eq!(parts.len(), all.len());
            prop_assert!(parts == all);
        }
    }
}
