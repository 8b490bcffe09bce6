//! Long operations: the job trait, the executor, and the list of jobs that the user sees. The jobs
//! themselves are defined in the folders above; `document/jobs.rs` lists them.

pub(crate) mod context;
pub(crate) mod error;
pub(crate) mod executor;
pub(crate) mod handed;
pub(crate) mod list;
pub(crate) mod new_file;
pub(crate) mod outbox;
pub(crate) mod step;

use std::fmt::Debug;

use context::JobContext;
use error::JobError;

/// Work that takes longer than a frame. It runs on its own thread, as a plain loop that calls
/// [`JobContext::checkpoint`] or [`JobContext::emit`] every few milliseconds.
pub(crate) trait Job: Debug + Send + Sized + 'static {
    /// What it reports while it runs; [`Never`] if it reports nothing.
    type Event: Merge + Debug + Send + 'static;
    /// Its result.
    type Output: Debug + Send + 'static;
    /// What happens on quit while it runs.
    const ON_QUIT: OnQuit = OnQuit::Abandon;

    /// Scheduling priority.
    fn priority(&self) -> Priority {
        Priority::Requested
    }

    /// Whether the job appears in the list of jobs and its end is reported.
    fn is_listed(&self) -> bool {
        self.priority() == Priority::Requested
    }

    /// A short title for the list of jobs.
    fn title(&self) -> String;

    /// Does the work.
    ///
    /// # Errors
    /// [`JobError::Cancelled`] if a checkpoint returned it; otherwise the cause of the failure.
    fn run(self, cx: &JobContext<'_, Self::Event>) -> Result<Self::Output, JobError>;
}

/// Scheduling priority: a job pauses while one of higher priority runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Priority {
    /// Not requested by the user. It is not reported, Ctrl-c does not cancel it, and it yields to
    /// all others.
    Background,
    /// Requested by the user, who continues to work meanwhile.
    Requested,
    /// The user is waiting for it.
    Visible,
}

/// What happens on quit while a job runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnQuit {
    /// The job is cancelled.
    Abandon,
    /// The user is asked first, as work would be lost.
    Ask,
    /// The program ends when the job does, or soon after: it is not cancelled.
    Finish,
}

/// Events that can be merged while they wait in an outbox.
pub(crate) trait Merge: Sized {
    /// Merges the next event into this one, or gives it back if that is not possible.
    fn merge(&mut self, next: Self) -> Option<Self> {
        Some(next)
    }

    /// Whether this event accepts no more, so that the job must wait.
    fn is_full(&self) -> bool {
        false
    }
}

/// The event type of a job that reports nothing before its end.
#[derive(Debug)]
pub(crate) enum Never {}

impl Merge for Never {}

/// What a job sends. [`Ended`](Self::Ended) is sent exactly once, as the last event.
#[derive(Debug)]
pub(crate) enum JobEvent<J: Job> {
    /// A part of the result.
    Partial(J::Event),
    /// The final result.
    Ended(Result<J::Output, JobError>),
}

/// A result that accumulates while its job runs.
pub(crate) trait Accumulate<J: Job>: Sized {
    /// The initial state. `len` is the length of the data; `before` is the previous result.
    fn begin(job: &J, len: u64, before: Option<Self>) -> Self;

    /// Applies an event.
    fn take(&mut self, event: J::Event);

    /// The job has processed this many bytes.
    fn progress(&mut self, _done: u64) {}

    /// Applies the final output. Returns a short summary.
    fn finish(&mut self, output: J::Output) -> String;

    /// The job has ended, successfully or not.
    fn end(&mut self) {}
}
