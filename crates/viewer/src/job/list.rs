//! The list of jobs, as part of the editor state.

use std::time::Duration;

use crate::job::error::JobError;
use crate::job::outbox::Progress;
use crate::job::{OnQuit, Priority};

/// Identifies a job. Ids increase and are never reused, so a late event of a removed job is
/// ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct JobId(u64);

/// State of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    Running,
    Done(String),
    Cancelled,
    Failed(String),
}

/// A job in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: JobId,
    /// A short title.
    pub(crate) title: String,
    pub(crate) state: State,
    /// Bytes processed, and the total.
    pub(crate) done: u64,
    pub(crate) total: u64,
    /// Recent throughput, in bytes per second.
    pub(crate) rate: u64,
    /// Number of results found, if the job searches.
    pub(crate) found: Option<u64>,
    pub(crate) priority: Priority,
    pub(crate) on_quit: OnQuit,
    /// Whether the job appears in the list and its end is reported.
    pub(crate) is_listed: bool,
    started: Duration,
    elapsed: Duration,
}

/// All jobs, the newest last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Jobs {
    list: Vec<Entry>,
    next: u64,
}

/// Maximum number of ended jobs in the list.
const ENDED_MAX: usize = 32;

/// Half-life of a sample in the throughput, in milliseconds.
const HALF_LIFE_MS: u128 = 1500;

impl Jobs {
    /// Adds a requested job.
    #[cfg(test)]
    pub(crate) fn add(&mut self, title: impl Into<String>) -> JobId {
        let how = (Priority::Requested, OnQuit::Abandon);
        self.begin(title.into(), how, true, Duration::ZERO)
    }

    /// Adds a job that starts now.
    pub(crate) fn begin(
        &mut self,
        title: String,
        (priority, on_quit): (Priority, OnQuit),
        is_listed: bool,
        now: Duration,
    ) -> JobId {
        let id = JobId(self.next);
        self.next += 1;
        self.list.push(Entry {
            id,
            title,
            state: State::Running,
            done: 0,
            total: 0,
            rate: 0,
            found: None,
            priority,
            on_quit,
            is_listed,
            started: now,
            elapsed: Duration::ZERO,
        });
        let ended = self.list.iter().filter(|job| !job.is_running()).count();
        if ended > ENDED_MAX
            && let Some(oldest) = self.list.iter().position(|job| !job.is_running())
        {
            self.list.remove(oldest);
        }
        id
    }

    /// The jobs that the user sees.
    pub(crate) fn listed(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.list.iter().filter(|job| job.is_listed)
    }

    pub(crate) fn get(&self, id: JobId) -> Option<&Entry> {
        self.list.iter().find(|job| job.id == id)
    }

    pub(crate) fn get_mut(&mut self, id: JobId) -> Option<&mut Entry> {
        self.list.iter_mut().find(|job| job.id == id)
    }

    pub(crate) fn running(&self) -> impl Iterator<Item = &Entry> {
        self.list.iter().filter(|job| job.is_running())
    }

    /// The listed job that was started last and is still running.
    pub(crate) fn newest_running(&self) -> Option<&Entry> {
        self.listed().rfind(|job| job.is_running())
    }

    /// Marks a job as ended, with its summary. Removes it if it is not listed.
    pub(crate) fn end(&mut self, id: JobId, outcome: &Result<String, JobError>) {
        self.list.retain(|job| job.id != id || job.is_listed);
        let Some(job) = self.get_mut(id) else { return };
        job.state = match outcome {
            Ok(text) => State::Done(text.clone()),
            Err(JobError::Cancelled) => State::Cancelled,
            Err(why) => State::Failed(why.to_string()),
        };
    }

    /// Removes a job.
    pub(crate) fn remove(&mut self, id: JobId) {
        self.list.retain(|job| job.id != id);
    }
}

impl Entry {
    pub(crate) fn is_running(&self) -> bool {
        self.state == State::Running
    }

    /// The summary or error.
    pub(crate) fn result(&self) -> Option<&str> {
        match &self.state {
            State::Done(text) => Some(text),
            _ => None,
        }
    }

    /// Updates the progress and the throughput.
    pub(crate) fn progress(&mut self, Progress { done, total }: Progress, now: Duration) {
        let elapsed = now.saturating_sub(self.started);
        let time = elapsed.saturating_sub(self.elapsed).as_millis();
        let more = u128::from(done.saturating_sub(self.done));
        (self.done, self.total) = (done, total);
        if time == 0 {
            return;
        }
        let now = more * 1000 / time;
        let before = u128::from(self.rate);
        let rate = if self.elapsed.is_zero() {
            now
        } else {
            (before * HALF_LIFE_MS + now * time) / (HALF_LIFE_MS + time)
        };
        self.rate = u64::try_from(rate).unwrap_or(u64::MAX);
        self.elapsed = elapsed;
    }

    /// Estimated time to completion at the current rate.
    pub(crate) fn time_left(&self) -> Option<Duration> {
        let left = u128::from(self.total.saturating_sub(self.done)) * 1000;
        let millis = left.checked_div(u128::from(self.rate))?;
        Some(Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn numbers_are_not_used_twice_and_what_is_gone_stays_gone() {
        let mut jobs = Jobs::default();
        let first = jobs.add("one");
        jobs.remove(first);
        let second = jobs.add("two");
        assert!(second > first);
        assert!(jobs.get_mut(first).is_none());
        assert_eq!(jobs.newest_running().map(|job| job.id), Some(second));
    }

    #[test]
    fn ended_jobs_are_forgotten_before_running_ones() {
        let mut jobs = Jobs::default();
        let running = jobs.add("for ever");
        for n in 0..100 {
            let id = jobs.add(n.to_string());
            jobs.end(id, &Ok(String::new()));
        }
        assert!(jobs.listed().count() <= ENDED_MAX + 2);
        assert_eq!(jobs.newest_running().map(|job| job.id), Some(running));
    }

    #[test]
    fn the_rate_follows_what_happens_and_says_how_long_it_takes() {
        let mut jobs = Jobs::default();
        let id = jobs.add("count");
        let job = jobs.get_mut(id).unwrap();
        assert_eq!(job.time_left(), None);
        job.progress(Progress { done: 1000, total: 10_000 }, SECOND);
        assert_eq!((job.rate, job.time_left()), (1000, Some(9 * SECOND)));
        job.progress(Progress { done: 1000, total: 10_000 }, 2 * SECOND);
        assert_eq!(job.rate, 600);
        // No time has passed: must not divide by zero.
        job.progress(Progress { done: 2000, total: 10_000 }, 2 * SECOND);
        assert_eq!((job.rate, job.done), (600, 2000));
    }

    #[test]
    fn what_is_not_listed_is_gone_with_its_end() {
        let mut jobs = Jobs::default();
        let how = (Priority::Background, OnQuit::Abandon);
        let id = jobs.begin("samples".to_owned(), how, false, SECOND);
        assert_eq!((jobs.listed().count(), jobs.running().count()), (0, 1));
        assert_eq!(jobs.newest_running(), None);
        jobs.end(id, &Err(JobError::Cancelled));
        assert_eq!(jobs.get(id), None);
    }
}
