//! The environment of a running job: its bytes, threads and outbox.

use std::ops::Range;

use memmap::scan::Scan;
use memmap::{AnyMap, Progress, plugin::Mapping, plugin::Schemes};

use crate::job::Merge;
use crate::job::error::Cancelled;
use crate::job::outbox::Outbox;
use crate::source::handle::{MayBlock, SourceHandle};

/// Bytes per block of a scan. Small blocks keep memory use to a few MiB and make cancellation
/// prompt.
const BLOCK_LEN: u64 = 512 << 10;

/// The environment of a running job.
#[derive(Debug)]
pub(crate) struct JobContext<'c, E> {
    pub(crate) source: &'c SourceHandle,
    /// What opens locations that are not files.
    pub(crate) schemes: &'c Schemes,
    pub(crate) outbox: &'c Outbox<E>,
    pub(crate) may_block: MayBlock,
}

impl<'c, E: Merge> JobContext<'c, E> {
    /// The mapping that the job was started with, even if the file has been reopened since.
    pub(crate) fn mapping(&self) -> &'c AnyMap {
        self.source.mapping(self.may_block)
    }

    /// A scan of all bytes. It counts as progress, ends when the job is cancelled, releases pages
    /// after use, and runs on the job threads.
    pub(crate) fn scan(&self) -> Scan<'c, Box<dyn Mapping>> {
        let controls = &self.outbox.controls;
        Scan::new(self.mapping()).evict_behind(true).block_len(BLOCK_LEN).progress(&controls.scans)
    }

    /// How many bytes of a range there are to read.
    pub(crate) fn readable_len(&self, range: &Range<u64>) -> u64 {
        self.source.regions().readable_len(range)
    }

    /// Sets the total for the progress, if it is not the length of the scans.
    pub(crate) fn expect(&self, total: u64) {
        self.outbox.controls.expect(total);
    }

    /// Total number of bytes of all scans of this job so far.
    pub(crate) fn scanned_total(&self) -> u64 {
        self.outbox.controls.scans.total()
    }

    /// Adds progress outside of a scan.
    pub(crate) fn advance(&self, bytes: u64) {
        self.outbox.controls.advance(bytes);
    }

    /// Pauses while jobs of higher priority run, and returns an error if the job was cancelled.
    pub(crate) fn checkpoint(&self) -> Result<(), Cancelled> {
        self.outbox.controls.checkpoint()
    }

    /// The progress of what is no scan, and counts bytes itself.
    pub(crate) fn progress(&self) -> &'c Progress {
        &self.outbox.controls.scans
    }

    /// Whether the job was cancelled. Unlike a checkpoint, this never pauses.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.outbox.controls.scans.is_cancelled()
    }

    /// Sends an event. Blocks while too many are waiting, and is a checkpoint.
    pub(crate) fn emit(&self, event: E) -> Result<(), Cancelled> {
        self.outbox.emit(event)
    }

    /// Sends an item by merging it into the last waiting event with `take`. If `take` gives it
    /// back, it is sent as an event of its own.
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

    /// The outcome of a job run on this thread.
    #[derive(Debug)]
    pub(crate) struct Finished<J: Job> {
        pub(crate) events: Vec<J::Event>,
        pub(crate) progress: Progress,
        pub(crate) ended: Result<J::Output, JobError>,
    }

    /// Runs a job to its end on this thread. It would block forever if it sent more events than an
    /// outbox holds.
    pub(crate) fn finish<J: Job>(source: &SourceHandle, job: J) -> Finished<J> {
        let ends: Ends<J, JobEvent<J>> =
            Ends::new(Jobs::default().add("test"), Arc::new(|_| {}), |event| event);
        let outbox = &ends.outbox;
        let may_block = MayBlock::on_this_thread();
        let schemes = &Schemes::default();
        let cx = JobContext { source, schemes, outbox, may_block };
        let ended = job.run(&cx);
        let partial = |event| match event {
            JobEvent::Partial(event) => Some(event),
            JobEvent::Ended(_) => None,
        };
        let events = ends.drain().into_iter().filter_map(partial).collect();
        Finished { events, progress: ends.progress(), ended }
    }
}
