//! The list of all jobs, and where their events go. To add a job, add a line here; the compiler
//! points out the rest.

use crate::analysis::comparison::CompareJob;
use crate::analysis::copy_differences::CopyDifferencesJob;
use crate::analysis::digest::DigestJob;
use crate::analysis::find_nan::NanJob;
use crate::analysis::histogram::{Histogram, HistogramJob};
use crate::analysis::landmark::LandmarkJob;
use crate::analysis::minimap::Minimap;
use crate::analysis::minimap::sampler::MinimapJob;
use crate::analysis::repeat_rows::ExtendRunJob;
use crate::analysis::residency::{Residency, ResidencyJob};
use crate::analysis::strings::{Strings, StringsJob};
use crate::analysis::write_patch::WritePatchJob;
use crate::document::copy_bytes::CopyBytesJob;
use crate::document::details::{Details, ExplainJob};
use crate::document::editing::EditJob;
use crate::document::insert_file::InsertFileJob;
use crate::document::note_files::{ExportNotesJob, ImportNotesJob};
use crate::document::open::{OpenFileJob, ReopenJob};
use crate::document::path_completion::PathCompletionsJob;
use crate::document::read_layout::ReadLayoutJob;
use crate::document::saving::jobs::{PlanJob, SaveAsJob, SaveJob};
use crate::document::saving::kept_version::KeptVersionJob;
use crate::document::saving::name_ranges::NameRangesJob;
use crate::document::saving::recovery::RecoverJob;
use crate::document::tail::TailJob;
use crate::document::write_range::WriteRangeJob;
use crate::job::error::JobError;
use crate::job::executor::Task;
use crate::job::list::JobId;
use crate::job::outbox::Wake;
use crate::job::{Accumulate, Job, JobEvent, OnQuit, Priority};
use crate::search::export::ExportJob;
use crate::search::job::SearchJob;
use crate::search::results::SearchResults;
use crate::search::substitute::SubstituteJob;
use crate::source::handle::SourceHandle;
use crate::structure::copy_node::CopyNodeJob;
use crate::structure::find_field::FindFieldJob;
use crate::structure::format_job::FormatJob;
use crate::structure::read_fields::ReadFieldsJob;
use crate::structure::walk_list::WalkListJob;

/// Version of a document's bytes. It is incremented whenever existing bytes may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Generation(pub(crate) u64);

/// A result of a job, shared by all views of a document.
#[derive(Debug)]
pub(crate) struct Analysis<T> {
    /// The job that computes it.
    pub(crate) job: JobId,
    /// Generation and length of the bytes when the job started.
    pub(crate) generation: Generation,
    pub(crate) len: u64,
    pub(crate) value: T,
    /// Whether the job has ended, and whether it succeeded.
    pub(crate) is_over: bool,
    pub(crate) is_done: bool,
}

/// The effect of an update.
#[derive(Debug)]
pub(crate) enum Applied {
    /// An analysis has a new partial result.
    Partial,
    /// An analysis has ended: its summary, or why it failed.
    Ended(Result<String, JobError>),
    /// The job is not an analysis.
    Other(OtherUpdate),
}

macro_rules! jobs {
    (
        analyses { $($slot:ident: $Kind:ident($Job:ty) -> $Value:ty,)* }
        others { $($Other:ident($OtherJob:ty),)* }
    ) => {
        /// What a job should do. Plain data: the bytes come from the
        /// [`JobContext`](crate::job::context::JobContext).
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub(crate) enum JobSpec { $($Kind($Job),)* $($Other($OtherJob),)* }

        $(impl From<$Job> for JobSpec {
            fn from(job: $Job) -> Self { Self::$Kind(job) }
        })*
        $(impl From<$OtherJob> for JobSpec {
            fn from(job: $OtherJob) -> Self { Self::$Other(job) }
        })*

        /// What a job sends.
        #[derive(Debug)]
        #[non_exhaustive]
        pub(crate) enum JobUpdate { $($Kind(JobEvent<$Job>),)* $($Other(JobEvent<$OtherJob>),)* }

        /// Events of jobs that are not analyses.
        #[derive(Debug)]
        pub(crate) enum OtherUpdate { $($Other(JobEvent<$OtherJob>),)* }

        impl JobSpec {
            /// A short title for the list of jobs.
            pub(crate) fn title(&self) -> String {
                match self { $(Self::$Kind(job) => job.title(),)* $(Self::$Other(job) => job.title(),)* }
            }

            pub(crate) fn priority(&self) -> Priority {
                match self { $(Self::$Kind(job) => job.priority(),)* $(Self::$Other(job) => job.priority(),)* }
            }

            /// Whether the job appears in the list of jobs.
            pub(crate) fn is_listed(&self) -> bool {
                match self { $(Self::$Kind(job) => job.is_listed(),)* $(Self::$Other(job) => job.is_listed(),)* }
            }

            pub(crate) fn on_quit(&self) -> OnQuit {
                match self {
                    $(Self::$Kind(_) => <$Job as Job>::ON_QUIT,)*
                    $(Self::$Other(_) => <$OtherJob as Job>::ON_QUIT,)*
                }
            }

            /// Builds the task that runs the job on these bytes.
            pub(crate) fn into_task(self, id: JobId, source: SourceHandle, wake: Wake) -> Task<JobUpdate> {
                match self {
                    $(Self::$Kind(job) => Task::new(id, job, source, wake, JobUpdate::$Kind),)*
                    $(Self::$Other(job) => Task::new(id, job, source, wake, JobUpdate::$Other),)*
                }
            }
        }

        impl JobUpdate {
            /// Whether this is the job's last event.
            pub(crate) fn is_end(&self) -> bool {
                match self {
                    $(Self::$Kind(event) => matches!(event, JobEvent::Ended(_)),)*
                    $(Self::$Other(event) => matches!(event, JobEvent::Ended(_)),)*
                }
            }
        }

        /// All analyses of a document, each computed by a job.
        #[derive(Debug, Default)]
        pub(crate) struct Analyses { $(pub(crate) $slot: Option<Analysis<$Value>>,)* }

        impl Analyses {
            /// Prepares the slot for a job's result, if the job is an analysis. Returns the running
            /// job that it replaces, if any.
            pub(crate) fn begin(
                &mut self,
                id: JobId,
                spec: &JobSpec,
                generation: Generation,
                len: u64,
            ) -> Option<JobId> {
                match spec {
                    $(JobSpec::$Kind(job) => {
                        let before = self.$slot.take();
                        let replaced = before.as_ref().filter(|it| !it.is_over).map(|it| it.job);
                        let value = <$Value as Accumulate<$Job>>::begin(job, len, before.map(|it| it.value));
                        let (is_over, is_done) = (false, false);
                        self.$slot = Some(Analysis { job: id, generation, len, value, is_over, is_done });
                        replaced
                    })*
                    $(JobSpec::$Other(_) => None,)*
                }
            }

            /// Applies an event. Of a job that was replaced, only the end matters.
            pub(crate) fn apply(&mut self, id: JobId, update: JobUpdate) -> Applied {
                match update {
                    $(JobUpdate::$Kind(event) => {
                        let slot = self.$slot.as_mut().filter(|slot| slot.job == id);
                        match (slot, event) {
                            (Some(slot), JobEvent::Partial(event)) => {
                                Accumulate::<$Job>::take(&mut slot.value, event);
                                Applied::Partial
                            }
                            (Some(slot), JobEvent::Ended(ended)) => {
                                (slot.is_over, slot.is_done) = (true, ended.is_ok());
                                let said = ended.map(|output| {
                                    Accumulate::<$Job>::finish(&mut slot.value, output)
                                });
                                Accumulate::<$Job>::end(&mut slot.value);
                                Applied::Ended(said)
                            }
                            (None, JobEvent::Partial(_)) => Applied::Partial,
                            (None, JobEvent::Ended(Err(error))) => Applied::Ended(Err(error)),
                            (None, JobEvent::Ended(Ok(_))) => Applied::Ended(Err(JobError::Cancelled)),
                        }
                    })*
                    $(JobUpdate::$Other(event) => Applied::Other(OtherUpdate::$Other(event)),)*
                }
            }

            /// The job has processed this many bytes.
            pub(crate) fn progress(&mut self, id: JobId, done: u64) {
                $(if let Some(slot) = self.$slot.as_mut().filter(|slot| slot.job == id) {
                    Accumulate::<$Job>::progress(&mut slot.value, done);
                })*
            }
        }
    };
}

jobs! {
    analyses {
        search: Search(SearchJob) -> SearchResults,
        strings: Strings(StringsJob) -> Strings,
        histogram: Histogram(HistogramJob) -> Histogram,
        minimap: Minimap(MinimapJob) -> Minimap,
        residency: Residency(ResidencyJob) -> Residency,
        details: Explain(ExplainJob) -> Details,
    }
    others {
        Edit(EditJob),
        InsertFile(InsertFileJob),
        ExportNotes(ExportNotesJob),
        ImportNotes(ImportNotesJob),
        Substitute(SubstituteJob),
        Plan(PlanJob),
        Save(SaveJob),
        SaveAs(SaveAsJob),
        Recover(RecoverJob),
        Tail(TailJob),
        KeptVersion(KeptVersionJob),
        NameRanges(NameRangesJob),
        ReadLayout(ReadLayoutJob),
        ExtendRun(ExtendRunJob),
        FindLandmark(LandmarkJob),
        FindNan(NanJob),
        Digest(DigestJob),
        Export(ExportJob),
        WriteRange(WriteRangeJob),
        Reopen(ReopenJob),
        OpenFile(OpenFileJob),
        CopyBytes(CopyBytesJob),
        PathCompletions(PathCompletionsJob),
        Format(FormatJob),
        ReadFields(ReadFieldsJob),
        FindField(FindFieldJob),
        WalkList(WalkListJob),
        CopyNode(CopyNodeJob),
        Compare(CompareJob),
        CopyDifferences(CopyDifferencesJob),
        WritePatch(WritePatchJob),
    }
}
