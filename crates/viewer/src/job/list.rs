//! The jobs: work that goes on beside the view, as the state knows it.

use std::time::Duration;

/// Names a job. A later one has a higher number, and no number is used twice: news of a job that is
/// gone finds nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(u64);

/// How a job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    Running,
    Done,
    /// By the user, before its end.
    Stopped,
    Failed(String),
}

/// One job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) id: JobId,
    /// What it does, in a few words.
    pub(crate) name: String,
    pub(crate) state: State,
    /// Bytes it is through with, of how many.
    pub(crate) done: u64,
    pub(crate) total: u64,
    /// Bytes a second, of late.
    pub(crate) rate: u64,
    /// What it has found, if it finds things.
    pub(crate) found: Option<u64>,
    /// What came of it.
    pub(crate) result: Option<String>,
    /// Whether nobody asked for it: then nothing is said of it, and Ctrl-c is not for it.
    pub(crate) is_quiet: bool,
    elapsed: Duration,
    is_stopping: bool,
}

/// All jobs that are listed, the newest one at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Jobs {
    list: Vec<Job>,
    next: u64,
}

/// Jobs that have ended are listed up to this number.
const ENDED_MAX: usize = 32;

/// What was so long ago counts half as much as what is now, in a rate.
const HALF_LIFE_MS: u128 = 1500;

impl Jobs {
    /// None of them, but later numbers than theirs: what is said of them is not taken for other jobs.
    pub(crate) fn emptied(&self) -> Self {
        Self { next: self.next, ..Self::default() }
    }

    /// Lists a new one.
    pub(crate) fn add(&mut self, name: impl Into<String>) -> JobId {
        let id = JobId(self.next);
        self.next += 1;
        self.list.push(Job {
            id,
            name: name.into(),
            state: State::Running,
            done: 0,
            total: 0,
            rate: 0,
            found: None,
            result: None,
            is_quiet: false,
            elapsed: Duration::ZERO,
            is_stopping: false,
        });
        let ended = self.list.iter().filter(|job| !job.is_running()).count();
        if ended > ENDED_MAX
            && let Some(oldest) = self.list.iter().position(|job| !job.is_running())
        {
            self.list.remove(oldest);
        }
        id
    }

    /// Lists one that nobody asked for.
    pub(crate) fn add_quietly(&mut self, name: impl Into<String>) -> JobId {
        let id = self.add(name);
        if let Some(job) = self.get_mut(id) {
            job.is_quiet = true;
        }
        id
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Job> + ExactSizeIterator {
        self.list.iter()
    }

    pub(crate) fn get_mut(&mut self, id: JobId) -> Option<&mut Job> {
        self.list.iter_mut().find(|job| job.id == id)
    }

    /// The one that was started last, of those that go on and were asked for.
    pub(crate) fn newest_running(&self) -> Option<&Job> {
        self.list.iter().rfind(|job| job.is_running() && !job.is_quiet)
    }

    /// Takes one from the list.
    pub(crate) fn remove(&mut self, id: JobId) {
        self.list.retain(|job| job.id != id);
    }
}

impl Job {
    pub(crate) fn is_stopped(&self) -> bool {
        self.state == State::Stopped
    }

    pub(crate) fn is_running(&self) -> bool {
        self.state == State::Running
    }

    /// It was told to stop, and will say when it has.
    pub(crate) fn stop(&mut self) {
        self.is_stopping = true;
    }

    /// How far it is after so much time.
    pub(crate) fn progress(&mut self, done: u64, total: u64, elapsed: Duration) {
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

    /// It has ended, with what is to be said of it.
    pub(crate) fn end(&mut self, outcome: Result<String, String>) {
        let is_through = self.total > 0 && self.done == self.total;
        match outcome {
            _ if self.is_stopping && !is_through => self.state = State::Stopped,
            Ok(text) => {
                self.state = State::Done;
                self.result = Some(text);
            }
            Err(why) => self.state = State::Failed(why),
        }
    }

    /// How long it will take, if it goes on as it does.
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
            jobs.get_mut(id).unwrap().end(Ok(String::new()));
        }
        assert!(jobs.iter().len() <= ENDED_MAX + 2);
        assert_eq!(jobs.newest_running().map(|job| job.id), Some(running));
    }

    #[test]
    fn the_rate_follows_what_happens_and_says_how_long_it_takes() {
        let mut jobs = Jobs::default();
        let id = jobs.add("count");
        let job = jobs.get_mut(id).unwrap();
        assert_eq!(job.time_left(), None);
        job.progress(1000, 10_000, SECOND);
        assert_eq!((job.rate, job.time_left()), (1000, Some(9 * SECOND)));
        job.progress(1000, 10_000, 2 * SECOND);
        assert_eq!(job.rate, 600);
        // The same moment twice is no division by nothing.
        job.progress(2000, 10_000, 2 * SECOND);
        assert_eq!((job.rate, job.done), (600, 2000));
    }

    #[test]
    fn what_ended_before_it_was_told_to_stop_is_done() {
        let mut jobs = Jobs::default();
        let id = jobs.add("x");
        let job = jobs.get_mut(id).unwrap();
        job.progress(5, 10, SECOND);
        job.stop();
        let mut early = job.clone();
        early.end(Ok("half".to_owned()));
        assert_eq!(early.state, State::Stopped);
        job.progress(10, 10, SECOND);
        job.end(Ok("all".to_owned()));
        assert_eq!((job.state.clone(), job.result.as_deref()), (State::Done, Some("all")));
    }
}
