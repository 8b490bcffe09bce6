//! Where a job runs: on which bytes, with whose threads, and what it may report.

use memmap::scan::Scan;
use memmap::{AnyMap, Mapping};
use rayon::ThreadPool;

use crate::job::Merge;
use crate::job::error::Cancelled;
use crate::job::outbox::Outbox;
use crate::source::handle::{MayBlock, SourceHandle};

/// What a scan reads at once: so little that few MiB of a file are held, and that it ends soon after it
/// was cancelled.
const BLOCK_LEN: u64 = 512 << 10;

/// What a job is given to work with.
#[derive(Debug)]
pub(crate) struct JobContext<'c, E> {
    pub(crate) source: &'c SourceHandle,
    pub(crate) outbox: &'c Outbox<E>,
    /// Whose threads help; without one, rayon's own do.
    pub(crate) pool: Option<&'c ThreadPool>,
    pub(crate) may_block: MayBlock,
}

impl<'c, E: Merge> JobContext<'c, E> {
    /// The bytes that the job was started on, whatever has become of the file since.
    pub(crate) fn mapping(&self) -> &'c AnyMap {
        self.source.mapping(self.may_block)
    }

    /// A scan of all bytes. It counts as progress, ends when the job is cancelled, keeps nothing of what
    /// it has passed, and uses the threads that are there for jobs.
    pub(crate) fn scan(&self) -> Scan<'c, Box<dyn Mapping>> {
        let controls = &self.outbox.controls;
        let scan = Scan::new(self.mapping())
            .drop_behind(true)
            .chunk_len(BLOCK_LEN)
            .progress(&controls.scans)
            .cancel(&controls.cancel);
        match self.pool {
            Some(pool) => scan.pool(pool),
            None => scan,
        }
    }

    /// Says how many bytes there are to pass, where the scans do not.
    pub(crate) fn expect(&self, total: u64) {
        self.outbox.controls.expect(total);
    }

    /// Bytes that all scans of this job were asked to pass so far.
    pub(crate) fn scanned_total(&self) -> u64 {
        self.outbox.controls.scans.total()
    }

    /// Bytes were passed without a scan.
    pub(crate) fn advance(&self, bytes: u64) {
        self.outbox.controls.advance(bytes);
    }

    /// Whether the job may go on.
    pub(crate) fn checkpoint(&self) -> Result<(), Cancelled> {
        self.outbox.controls.checkpoint()
    }

    /// Reports an event, waits where too many wait already, and is a checkpoint.
    pub(crate) fn emit(&self, event: E) -> Result<(), Cancelled> {
        self.outbox.emit(event)
    }

    /// The same of an item that the event which waits last may `take`, or else give back to become an
    /// event of its own.
    pub(crate) fn add<T>(
        &self,
        item: T,
        take: impl Fn(&mut E, T) -> Option<T>,
        make: impl FnOnce(T) -> E,
    ) -> Result<(), Cancelled> {
        self.outbox.add(item, take, make)
    }
}

#[cfg(test)]
pub(crate) use tests::{Finished, finish};

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::job::error::JobError;
    use crate::job::list::Jobs;
    use crate::job::outbox::{Ends, Link, Progress};
    use crate::job::{Job, JobEvent};

    /// A job that was run on this thread.
    #[derive(Debug)]
    pub(crate) struct Finished<J: Job> {
        pub(crate) events: Vec<J::Event>,
        pub(crate) progress: Progress,
        pub(crate) ended: Result<J::Output, JobError>,
    }

    /// Runs a job here and now. More events than an outbox holds would wait for ever.
    pub(crate) fn finish<J: Job>(source: &SourceHandle, job: J) -> Finished<J> {
        let ends: Ends<J, JobEvent<J>> =
            Ends::new(Jobs::default().add("test"), Arc::new(|_| {}), |event| event);
        let outbox = &ends.outbox;
        let may_block = MayBlock::on_this_thread();
        let cx = JobContext { source, outbox, pool: None, may_block };
        let ended = job.run(&cx);
        let partial = |event| match event {
            JobEvent::Partial(event) => Some(event),
            JobEvent::Ended(_) => None,
        };
        let events = ends.drain().into_iter().filter_map(partial).collect();
        Finished { events, progress: ends.progress(), ended }
    }
}
