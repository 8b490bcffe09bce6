//! Long operations: what a job is, what runs it, and the list that the user sees. What each job does
//! lies in the folders above; the list of them is `document/jobs.rs`.

pub(crate) mod context;
pub(crate) mod error;
pub(crate) mod executor;
pub(crate) mod list;
pub(crate) mod outbox;
pub(crate) mod step;

use std::fmt::Debug;

use context::JobContext;
use error::JobError;

/// Work that takes longer than a frame. It runs on a thread of its own, as a plain loop that calls
/// [`JobContext::checkpoint`] or [`JobContext::emit`] every few milliseconds.
pub(crate) trait Job: Debug + Send + Sized + 'static {
    /// What it reports while it runs; [`Never`] if only its end counts.
    type Event: Merge + Debug + Send + 'static;
    /// What it ends with.
    type Output: Debug + Send + 'static;
    /// What quitting does while it runs.
    const ON_QUIT: OnQuit = OnQuit::Abandon;

    /// Who waits for whom.
    fn priority(&self) -> Priority {
        Priority::Requested
    }

    /// Whether the user sees it in the list of jobs, and hears of its end.
    fn is_listed(&self) -> bool {
        self.priority() == Priority::Requested
    }

    /// A few words for the list of jobs.
    fn title(&self) -> String;

    /// Does the work.
    ///
    /// # Errors
    /// [`JobError::Cancelled`] when a checkpoint said so; otherwise what went wrong.
    fn run(self, cx: &JobContext<'_, Self::Event>) -> Result<Self::Output, JobError>;
}

/// Who waits for whom: a job of a lower priority pauses while one of a higher priority runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Priority {
    /// Nobody asked for it: it is not reported, Ctrl-c does not cancel it, and it gives way.
    Background,
    /// The user asked for it, and goes on working meanwhile.
    Requested,
    /// The user waits for it.
    Visible,
}

/// What quitting does while a job runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnQuit {
    /// The job is cancelled.
    Abandon,
    /// The user is asked first: something would be left undone.
    Ask,
}

/// Events that wait in an outbox.
pub(crate) trait Merge: Sized {
    /// Takes in the event that comes next, where both can wait as one; otherwise gives it back.
    fn merge(&mut self, next: Self) -> Option<Self> {
        Some(next)
    }

    /// Whether it takes in no more, so that the job waits until it is taken.
    fn is_full(&self) -> bool {
        false
    }
}

/// The event of a job that reports nothing before its end.
#[derive(Debug)]
pub(crate) enum Never {}

impl Merge for Never {}

/// What a job sends. [`Ended`](Self::Ended) comes once, and last.
#[derive(Debug)]
pub(crate) enum JobEvent<J: Job> {
    /// Some of the result.
    Partial(J::Event),
    /// The end.
    Ended(Result<J::Output, JobError>),
}

/// A result that grows while its job runs.
pub(crate) trait Accumulate<J: Job>: Sized {
    /// What is known when the job begins, of `len` bytes; `before` is what an earlier one left.
    fn begin(job: &J, len: u64, before: Option<Self>) -> Self;

    /// Takes in what the job reports.
    fn take(&mut self, event: J::Event);

    /// The job has passed this many bytes.
    fn progress(&mut self, _done: u64) {}

    /// Takes in what the job ended with, and says it in a few words.
    fn finish(&mut self, output: J::Output) -> String;

    /// Nothing more comes, whether the job was finished or not.
    fn end(&mut self) {}
}
