//! The search over everything, as a job: what comes next is found first, and what is found in the end
//! is what one search from the first byte on finds.

use std::ops::Range;
use std::sync::atomic::Ordering;

use memmap::scan::{Match, Outcome, Pattern, Unreadable};
use memmap::{Error, widen};

use crate::format::units::in_units;
use crate::job::context::Site;
use crate::search::found::{Found, OfHits, Side};
use crate::search::match_list::{Hit, Hits, KEPT_MAX};
use crate::search::query::Query;
use crate::source::page_cache::joined;

/// How far behind the place where the search began it is looked for where both parts meet.
const SEAM_LEN: u64 = 64 << 10;

/// How far a match is followed whose pattern has no longest one: what a scan does if nothing is said.
const WINDOW_LEN: u64 = 1 << 20;

/// Finds all places, those from `from` on first, and says how many they are.
pub(crate) fn run(
    query: &Query,
    from: u64,
    site: &Site<'_, impl OfHits>,
) -> Result<String, String> {
    let pattern = query.pattern().map_err(|error| error.to_string())?;
    let from = from.min(site.map.len());
    Seek { pattern: &pattern, from, site }.run().map_err(|error| error.to_string())
}

struct Seek<'s, N> {
    pattern: &'s Pattern,
    from: u64,
    site: &'s Site<'s, N>,
}

impl<N: OfHits> Seek<'_, N> {
    fn run(&self) -> Result<String, Error> {
        let wire = self.site.wire;
        wire.total.store(self.site.map.len(), Ordering::Relaxed);
        // What is found near the place where both parts meet.
        let mut near: Vec<Hit> = Vec::new();
        let limit = self.from.saturating_add(SEAM_LEN);
        let mut teller = Teller::new(self.site, Side::Ahead);
        let ahead = self.site.scan().range(self.from..).find_all_into(self.pattern, |found| {
            let hit = hit(found);
            if self.from > 0 && hit.offset <= limit {
                near.push(hit);
            }
            teller.take(hit);
        })?;
        let count = teller.end();
        let mut report = Report::default();
        report.add(&ahead, u64::MAX);
        if self.from == 0 || ahead.cancelled {
            return Ok(report.text(count));
        }
        let (all, before) = self.before(&near, count)?;
        report.add(&before, self.from);
        Ok(report.text(all))
    }

    /// Searches what is before, and finds out where both parts meet, of which the second has `count`
    /// matches. Answers with the number of all.
    fn before(&self, near: &[Hit], count: u64) -> Result<(u64, Outcome<u64>), Error> {
        let wire = self.site.wire;
        let len = self.site.map.len();
        let limit = self.from.saturating_add(SEAM_LEN).min(len);
        // Behind everything that a match which starts up to there looks at.
        let reach = self.pattern.max_len().unwrap_or(WINDOW_LEN).saturating_add(4);
        let end = limit.saturating_add(reach).min(len);
        let mut seam: Vec<Hit> = Vec::new();
        let mut ended = 0;
        let mut teller = Teller::new(self.site, Side::Before);
        let scan = self.site.scan().progress(&wire.later).range(..end);
        let outcome = scan.find_all_into(self.pattern, |found| {
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
        let all = count.saturating_add(teller.end());
        if outcome.cancelled {
            return Ok((all, outcome));
        }
        let meeting = match meeting_point(&seam, near) {
            Some(from) => from,
            // This part is all there is.
            None if limit == len => limit.saturating_add(1),
            // Where both look for a match behind `limit`, and none is under way, they find the same.
            None if ended <= limit && near.last().is_none_or(|last| last.end() <= limit) => {
                limit.saturating_add(1)
            }
            None => return Ok((self.anew()?, outcome)),
        };
        seam.retain(|hit| hit.offset < meeting);
        let lost = near.iter().filter(|hit| hit.offset < meeting).count();
        let all = all.saturating_sub(widen(lost)).saturating_add(widen(seam.len()));
        let mut hits = Hits::default();
        for hit in seam {
            hits.push(hit);
        }
        wire.tell(Found::Joined { seam: hits, from: meeting });
        Ok((all, outcome))
    }

    /// Searches everything once more, from the start.
    fn anew(&self) -> Result<u64, Error> {
        let wire = self.site.wire;
        let len = self.site.map.len();
        let all = wire.progress.total().saturating_add(wire.later.total()).saturating_add(len);
        wire.total.store(all, Ordering::Relaxed);
        let mut hits = Hits::default();
        let scan = self.site.scan().progress(&wire.later);
        let outcome = scan.find_all_into(self.pattern, |found| hits.push(hit(found)))?;
        let count = hits.total();
        if !outcome.cancelled {
            wire.tell(Found::Replaced(hits));
        }
        Ok(count)
    }
}

/// Where two searches found the same match, after which both go on alike.
fn meeting_point(own: &[Hit], other: &[Hit]) -> Option<u64> {
    let is_there = |hit: &&Hit| {
        let at = other.partition_point(|other| other.offset < hit.offset);
        other.get(at) == Some(hit)
    };
    own.iter().find(is_there).map(|hit| hit.offset)
}

fn hit(found: Match) -> Hit {
    Hit { offset: found.offset, len: found.len }
}

/// Says what is found; of what is too much to be kept, only the number, once in a while.
struct Teller<'s, N> {
    site: &'s Site<'s, N>,
    side: Side,
    kept: usize,
    counted: u64,
    all: u64,
}

/// So many that are only counted are told at once.
const COUNTED_MAX: u64 = 64 << 10;

impl<'s, N: OfHits> Teller<'s, N> {
    const fn new(at: &'s Site<'s, N>, side: Side) -> Self {
        Self { site: at, side, kept: 0, counted: 0, all: 0 }
    }

    fn take(&mut self, hit: Hit) {
        self.all = self.all.saturating_add(1);
        if self.kept < KEPT_MAX {
            self.kept += 1;
            self.site.wire.hit(self.side, hit);
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
            let mut hits = Hits::default();
            hits.count(counted);
            self.site.wire.tell(Found::Hits(self.side, hits));
        }
    }

    /// How many there were.
    fn end(mut self) -> u64 {
        self.flush();
        self.all
    }
}

/// What is to be said at the end besides the number.
#[derive(Debug, Default)]
struct Report {
    /// What could not be read.
    lost: Vec<Range<u64>>,
    exceeded: Option<u64>,
}

impl Report {
    /// Of the bytes before `end`.
    fn add(&mut self, outcome: &Outcome<u64>, end: u64) {
        for Unreadable { range, .. } in &outcome.unreadable {
            if range.start < end {
                self.lost.push(range.start..range.end.min(end));
            }
        }
        let exceeded = outcome.window_exceeded.filter(|&at| at < end);
        self.exceeded = [self.exceeded, exceeded].into_iter().flatten().min();
    }

    fn text(&self, count: u64) -> String {
        // Both parts may have met one.
        let lost = joined(self.lost.clone());
        let len = in_units(lost.iter().map(|range| range.end - range.start).sum());
        let noun = if lost.len() == 1 { "range" } else { "ranges" };
        let parts = [
            match count {
                0 => Some("not found".to_owned()),
                1 => Some("1 hit".to_owned()),
                count => Some(format!("{count} hits")),
            },
            (count > widen(KEPT_MAX)).then(|| format!("the first {KEPT_MAX} are kept")),
            (!lost.is_empty()).then(|| format!("{} {noun}, {len} unreadable", lost.len())),
            self.exceeded.map(|at| format!("the one at {at:#x} is too long to be followed")),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use memmap::scan::Scan;
    use memmap::{AnyMap, Map, RamMap};
    use memmap_core::testing::{Fake, Fault};
    use proptest::prelude::*;

    use super::*;
    use crate::job::context::finish;
    use crate::search::notation::Notation;

    /// What the view has heard at the end, and what was said.
    fn found(query: &Query, from: u64, map: &AnyMap) -> (Vec<Hit>, String) {
        let (mut before, mut ahead) = (Hits::default(), Hits::default());
        let done = finish::<Found>(map, |site| run(query, from, site));
        for news in done.news {
            match news {
                Found::Hits(Side::Before, hits) => before.append(hits),
                Found::Hits(Side::Ahead, hits) => ahead.append(hits),
                Found::Joined { seam, from } => {
                    before.append(seam);
                    ahead.drop_before(from);
                }
                Found::Replaced(hits) => (before, ahead) = (Hits::default(), hits),
            }
        }
        assert_eq!(done.progress.0, done.progress.1);
        before.append(ahead);
        (before.iter_from(0).collect(), done.ended.unwrap())
    }

    fn expected(query: &Query, map: &AnyMap) -> Vec<Hit> {
        let mut all = Vec::new();
        Scan::new(map).find_all_into(&query.pattern().unwrap(), |it| all.push(hit(it))).unwrap();
        all
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
            let map = RamMap::from_reader(bytes.as_bytes()).unwrap().erase();
            let query = regex(query);
            let from = at * memmap::widen(times) + 1;
            let (hits, said) = found(&query, from, &map);
            let all = expected(&query, &map);
            prop_assert_eq!(hits.len(), all.len());
            prop_assert!(hits == all);
            let count = said.split(' ').next().unwrap();
            prop_assert_eq!(count, if all.is_empty() { "not".to_owned() } else { all.len().to_string() });
        }
    }

    #[test]
    fn searches_that_never_meet_are_done_anew() {
        let bytes = vec![b'a'; 300_001];
        let map = RamMap::from_reader(&bytes[..]).unwrap().erase();
        let aa = regex("aa");
        assert!(found(&aa, 101, &map).0 == expected(&aa, &map));
        assert!(found(&aa, 100, &map).0 == expected(&aa, &map));
        let three = regex("a{3}");
        assert!(found(&three, 7, &map).0 == expected(&three, &map));
    }

    #[test]
    fn what_cannot_be_read_is_said_and_the_rest_searched() {
        let mut bytes = vec![b'.'; 1000];
        for at in [10, 490, 900] {
            bytes[at..at + 4].copy_from_slice(b"fish");
        }
        let fake = Fake::new(&bytes).with(Fault::Read { at: 500, kind: io::ErrorKind::Other });
        let map = Map::from_mapping(fake).erase();
        for from in [0, 100, 600] {
            let (hits, said) = found(&regex("fish"), from, &map);
            let offsets: Vec<u64> = hits.iter().map(|hit| hit.offset).collect();
            assert_eq!(
                offsets,
                expected(&regex("fish"), &map).iter().map(|hit| hit.offset).collect::<Vec<_>>()
            );
            assert!(said.contains("unreadable"), "{said}");
        }
        assert_eq!(
            found(&regex("bird"), 0, &Map::from_mapping(Fake::new(b"fish")).erase()).1,
            "not found"
        );
    }
}
