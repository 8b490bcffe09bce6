//! The kinds of jobs there are: what each does, and what it says meanwhile.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use memmap::AnyMap;

use crate::analysis::digest::{self, Algorithm};
use crate::analysis::histogram::{self, Tally};
use crate::analysis::minimap::sampler::{self, Seen, Survey};
use crate::analysis::minimap::{Residency, Sample};
use crate::analysis::strings::{self, TextKind};
use crate::job::context::{self, Body, Merge, Site};
use crate::job::executor::Said;
use crate::search::found::{Found, OfHits, Side};
use crate::search::match_list::Hits;
use crate::search::query::Query;
use crate::search::{export, job};

/// What is to be done beside the view. Plain data: what it is done on comes with the
/// `Site`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Work {
    /// The digest of these bytes.
    Digest(Algorithm, Range<u64>),
    /// What is where: [`News::Holes`], then [`News::Surveyed`].
    Survey(Survey),
    /// How much of each of N parts of a range is in memory: [`News::Resident`].
    Residency(Range<u64>, u64),
    /// How often each byte occurs: [`News::Tallied`].
    Tally(Range<u64>),
    /// All texts: [`News::Hits`].
    Texts(TextKind, Range<u64>),
    /// All places of something, those from a byte on first.
    Find(Query, u64),
    /// These places written to a new file.
    Export(Vec<Hits>, PathBuf),
}

/// What a job says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum News {
    /// How far it is: bytes, and the time it took.
    Progress {
        /// Bytes that it is through with.
        done: u64,
        /// All of them.
        total: u64,
        /// Since it was started.
        elapsed: Duration,
    },
    /// The holes of what is surveyed, in order.
    Holes(Vec<Range<u64>>),
    /// What was learned of some bytes.
    Surveyed(Vec<Sample>),
    /// What was counted so far.
    Tallied(Tally),
    /// What is in memory.
    Resident(Vec<Residency>),
    /// Places that were found, behind those found before. First come those from where the search
    /// began on; what is before is searched then.
    Hits(Side, Hits),
    /// All is searched. Of the places from where the search began on, those before `from` are these
    /// instead: only now it is known what a match before reaches over.
    Joined {
        /// What is there instead.
        seam: Hits,
        /// From here on, what was found is right.
        from: u64,
    },
    /// All is searched, and these are all places, whatever was said before.
    Replaced(Hits),
    /// It has ended, and this came of it; or this is why nothing did. Nothing comes after.
    Ended(Result<String, String>),
}

impl Body for Work {
    type News = News;

    fn run(self, site: &Site<'_, News>) -> Result<String, String> {
        match self {
            Self::Digest(algorithm, range) => digest::run(algorithm, range, site),
            Self::Survey(survey) => survey.run(site),
            Self::Residency(range, parts) => sampler::residency(&range, parts, site),
            Self::Tally(range) => histogram::run(range, site),
            Self::Texts(wanted, range) => strings::run(wanted, range, site),
            Self::Find(query, from) => job::run(&query, from, site),
            Self::Export(hits, path) => export::run(&hits, &path, site),
        }
    }
}

impl Work {
    /// Does all of it here and now, and answers with everything that it says, [`News::Ended`] at the
    /// end. The view does it on a thread of its own instead.
    #[must_use]
    pub fn finish(self, map: &AnyMap) -> Vec<News> {
        let done = context::finish(map, |site| self.run(site));
        let mut all = done.news;
        let ((done, total), ended) = (done.progress, done.ended);
        all.push(News::Progress { done, total, elapsed: Duration::from_millis(1) });
        all.push(News::Ended(ended));
        all
    }
}

impl Merge for News {
    fn merge(&mut self, next: Self) -> Option<Self> {
        match (self, next) {
            // There are never many samples: they wait as one piece.
            (Self::Surveyed(before), Self::Surveyed(mut more)) => before.append(&mut more),
            // Who counts has counted what was told before, too.
            (Self::Tallied(before), Self::Tallied(now)) => *before = now,
            (_, next) => return Some(next),
        }
        None
    }
}

impl OfHits for News {
    fn hits(&mut self) -> Option<(Side, &mut Hits)> {
        match self {
            Self::Hits(side, hits) => Some((*side, hits)),
            _ => None,
        }
    }
}

impl From<Found> for News {
    fn from(found: Found) -> Self {
        match found {
            Found::Hits(side, hits) => Self::Hits(side, hits),
            Found::Joined { seam, from } => Self::Joined { seam, from },
            Found::Replaced(hits) => Self::Replaced(hits),
        }
    }
}

impl From<Seen> for News {
    fn from(seen: Seen) -> Self {
        match seen {
            Seen::Holes(holes) => Self::Holes(holes),
            Seen::Samples(samples) => Self::Surveyed(samples),
        }
    }
}

impl From<Tally> for News {
    fn from(tally: Tally) -> Self {
        Self::Tallied(tally)
    }
}

impl From<Vec<Residency>> for News {
    fn from(all: Vec<Residency>) -> Self {
        Self::Resident(all)
    }
}

impl From<Said<Self>> for News {
    fn from(said: Said<Self>) -> Self {
        match said {
            Said::Progress { done, total, elapsed } => Self::Progress { done, total, elapsed },
            Said::News(news) => news,
            Said::Ended(ended) => Self::Ended(ended),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::context::finish;
    use crate::search::match_list::Hit;

    #[test]
    fn samples_tallies_and_places_wait_as_one_piece_each() {
        let map = memmap::RamMap::from_reader(&b"abc"[..]).unwrap().erase();
        let sample = |start| Sample::of(start..start + 1, &[0; 256]);
        let hits = |offsets: &[u64]| {
            let mut hits = Hits::default();
            for &offset in offsets {
                hits.push(Hit { offset, len: 1 });
            }
            hits
        };
        let done = finish::<News>(&map, |site| {
            site.wire.tell(Seen::Samples(vec![sample(0)]));
            site.wire.tell(Seen::Samples(vec![sample(1)]));
            site.wire.tell(Tally::new(0..1));
            site.wire.tell(Tally::new(0..2));
            for offset in [5, 7] {
                site.wire.hit(Side::Ahead, Hit { offset, len: 1 });
            }
            site.wire.hit(Side::Before, Hit { offset: 1, len: 1 });
            Ok(String::new())
        });
        let expected = [
            News::Surveyed(vec![sample(0), sample(1)]),
            News::Tallied(Tally::new(0..2)),
            News::Hits(Side::Ahead, hits(&[5, 7])),
            News::Hits(Side::Before, hits(&[1])),
        ];
        assert_eq!(done.news, expected);
    }
}
