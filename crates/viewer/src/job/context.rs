//! What a job does, what it says meanwhile, and the place where it is done.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use memmap::scan::{CancelToken, Progress, Scan};
use memmap::{AnyMap, Mapping};
use rayon::ThreadPool;

use crate::analysis::digest::{self, Algorithm};
use crate::analysis::histogram::{self, Tally};
use crate::analysis::minimap::sampler::{self, Survey};
use crate::analysis::minimap::{Residency, Sample};
use crate::analysis::strings::{self, TextKind};
use crate::search::match_list::{Hit, Hits};
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
    /// How much of each of so many parts of a range is in memory: [`News::Resident`].
    Residency(Range<u64>, u64),
    /// How often each byte occurs: [`News::Tallied`].
    Tally(Range<u64>),
    /// All texts: [`News::Hits`].
    Texts(TextKind, Range<u64>),
    /// All places of something, those from a byte on first.
    Find(Query, u64),
    /// These places written to a new file.
    Export(Vec<Hits>, PathBuf),
    /// A panic.
    #[cfg(test)]
    Panic,
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

/// Which of the places that a search finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a place has two sides")]
pub enum Side {
    /// Those that start before the place where the search began.
    Before,
    /// Those from there on.
    Ahead,
}

impl Work {
    /// Does it, and answers with what is to be said of it at the end.
    pub(crate) fn run(self, site: &Site<'_>) -> Result<String, String> {
        match self {
            Self::Digest(algorithm, range) => digest::run(algorithm, range, site),
            Self::Survey(survey) => survey.run(site),
            Self::Residency(range, parts) => sampler::residency(&range, parts, site),
            Self::Tally(range) => histogram::run(range, site),
            Self::Texts(wanted, range) => strings::run(wanted, range, site),
            Self::Find(query, from) => job::run(&query, from, site),
            Self::Export(hits, path) => export::run(&hits, &path, site),
            #[cfg(test)]
            Self::Panic => panic!("of this test"),
        }
    }

    /// Does all of it here and now, and answers with everything that it says, [`News::Ended`] at the
    /// end. The view does it on a thread of its own instead.
    #[must_use]
    pub fn finish(self, map: &AnyMap) -> Vec<News> {
        let wire = Wire::default();
        let ended = self.run(&Site { map, wire: &wire, pool: None });
        let mut all = wire.take();
        let (done, total) = wire.progress();
        all.push(News::Progress { done, total, elapsed: Duration::from_millis(1) });
        all.push(News::Ended(ended));
        all
    }
}

/// Where a job is done: on which bytes, by whom, and who is told.
#[derive(Debug)]
pub(crate) struct Site<'s> {
    pub(crate) map: &'s AnyMap,
    pub(crate) wire: &'s Wire,
    /// Whose threads help; else rayon's own.
    pub(crate) pool: Option<&'s ThreadPool>,
}

/// What a job is done with at once: so little that few MiB are held of a file, and that it ends soon
/// after it was told to.
const BLOCK_LEN: u64 = 512 << 10;

impl<'s> Site<'s> {
    /// A scan of all bytes, which says how far it is, ends when the job is stopped, keeps nothing of
    /// them, and is done by the threads that are there for jobs.
    pub(crate) fn scan(&self) -> Scan<'s, Box<dyn Mapping>> {
        let scan = Scan::new(self.map)
            .drop_behind(true)
            .chunk_len(BLOCK_LEN)
            .progress(&self.wire.progress)
            .cancel(&self.wire.cancel);
        match self.pool {
            Some(pool) => scan.pool(pool),
            None => scan,
        }
    }
}

/// Between a job and the view: what is said is kept here until the view asks for it, which it does
/// before each frame. A job that says more than is asked for waits; the view never does.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    pub(crate) cancel: CancelToken,
    pub(crate) progress: Progress,
    /// Of a second part, which is done when the first one is.
    pub(crate) later: Progress,
    /// How much there is to do, if that is not what `progress` expects; 0 if it is.
    pub(crate) total: AtomicU64,
    /// What else is done, of `total`.
    pub(crate) steps: AtomicU64,
    said: Mutex<Vec<News>>,
    has_room: Condvar,
}

/// Pieces of news that wait, at most.
const WAITING_MAX: usize = 64;

/// Places that wait, at most: what is found in a frame, or more.
const HITS_WAITING_MAX: usize = 1 << 20;

impl Wire {
    fn said(&self) -> MutexGuard<'_, Vec<News>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says something; waits while nobody asks for it, unless the job is to stop.
    pub(crate) fn tell(&self, mut news: News) {
        let mut said = self.said();
        // There are never many samples: they wait as one piece.
        if let (Some(News::Surveyed(before)), News::Surveyed(more)) = (said.last_mut(), &mut news) {
            return before.append(more);
        }
        // Who counts has counted what was told before, too.
        if let (Some(News::Tallied(before)), News::Tallied(now)) = (said.last_mut(), &mut news) {
            return std::mem::swap(before, now);
        }
        while said.len() >= WAITING_MAX && !self.cancel.is_cancelled() {
            said = self.wait(said);
        }
        said.push(news);
    }

    /// Says that something was found.
    pub(crate) fn hit(&self, side: Side, hit: Hit) {
        let mut said = self.said();
        loop {
            match said.last_mut() {
                Some(News::Hits(last, hits)) if *last == side => {
                    if hits.len() < HITS_WAITING_MAX || self.cancel.is_cancelled() {
                        return hits.push(hit);
                    }
                }
                _ => said.push(News::Hits(side, Hits::default())),
            }
            if said.len() >= WAITING_MAX || self.is_full(&said) {
                said = self.wait(said);
            }
        }
    }

    fn is_full(&self, said: &[News]) -> bool {
        let is_full =
            |news: &News| matches!(news, News::Hits(_, hits) if hits.len() >= HITS_WAITING_MAX);
        said.last().is_some_and(is_full) && !self.cancel.is_cancelled()
    }

    fn wait<'g>(&self, said: MutexGuard<'g, Vec<News>>) -> MutexGuard<'g, Vec<News>> {
        let waited = self.has_room.wait_timeout(said, Duration::from_millis(20));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// What was said since the last time.
    pub(crate) fn take(&self) -> Vec<News> {
        let news = std::mem::take(&mut *self.said());
        self.has_room.notify_all();
        news
    }

    /// Bytes done, of how many.
    pub(crate) fn progress(&self) -> (u64, u64) {
        let total = match self.total.load(Ordering::Relaxed) {
            0 => self.progress.total(),
            total => total,
        };
        let done = self.progress.done().saturating_add(self.later.done());
        (done.saturating_add(self.steps.load(Ordering::Relaxed)).min(total), total)
    }
}

/// What both ends hold.
pub(crate) type SharedWire = Arc<Wire>;
