//! A file, as all its views share it: the bytes read so far, its marks, and the results of jobs.

pub(crate) mod marks;
pub(crate) mod notes;
pub(crate) mod note_files;
pub(crate) mod editing;
pub(crate) mod edits;
pub(crate) mod anchor;
pub(crate) mod address;
pub(crate) mod follow;
pub(crate) mod insert_file;
pub(crate) mod jobs;
pub(crate) mod details;
pub(crate) mod read_layout;
pub(crate) mod unreadable;
pub(crate) mod open;
pub(crate) mod saving;
pub(crate) mod stream;
pub(crate) mod tail;
pub(crate) mod copy_bytes;
pub(crate) mod write_range;
pub(crate) mod path_completion;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::analysis::folds::Folds;
use crate::analysis::repeat_rows::Run;
use crate::document::editing::Editing;
use crate::document::edits::Edits;
use crate::document::follow::Follow;
use crate::document::jobs::{Analyses, Analysis, Generation};
use crate::document::marks::Marks;
use crate::document::notes::Notes;
use crate::document::saving::recovery::Recovery;
use crate::document::stream::Stream;
use crate::document::unreadable::UnreadableRanges;
use crate::job::list::JobId;
use crate::source::file_stat::FileStat;
use crate::source::handle::SourceHandle;
use crate::source::page_cache::PageCache;
use crate::structure::model::{Edition, Structure};

/// Identifies a document. Ids are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DocumentId(pub(crate) u64);

/// A file, shared by all its views.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) name: String,
    source: SourceHandle,
    generation: Generation,
    /// The current length, which may be larger than that of the mapping.
    pub(crate) len: u64,
    /// The bytes read for display.
    pub(crate) pages: PageCache,
    pub(crate) unreadable: UnreadableRanges,
    pub(crate) marks: Marks,
    pub(crate) notes: Notes,
    pub(crate) analyses: Analyses,
    /// Its format, and the tree of its fields.
    pub(crate) structure: Structure,
    pub(crate) follow: Follow,
    /// What is asked about an earlier session before it is shown.
    pub(crate) recovery: Option<Box<Recovery>>,
    /// Its edits, if it may be edited.
    pub(crate) editing: Option<Box<Editing>>,
    pub(crate) edits: Edits,
    /// Repeating rows, by row length: views of equal width share them.
    folds: BTreeMap<u64, Folds>,
    /// The running job that extends a run of repeating rows.
    pub(crate) extending: Option<Extending>,
    /// The running job that reopens the file.
    pub(crate) reopening: Option<(JobId, Reopening)>,
    /// The file's metadata when it was last polled.
    pub(crate) stat: Option<FileStat>,
    /// The stream that fills it, if it is not a file.
    pub(crate) stream: Option<Stream>,
}

/// A run of repeating rows being extended, and the generation of the bytes it compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extending {
    pub(crate) job: JobId,
    pub(crate) generation: Generation,
    pub(crate) row_len: u64,
    /// The run before the job started.
    pub(crate) run: Run,
}

/// Why a file is reopened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reopening {
    /// The user asked for it.
    Asked,
    /// Polling found that the file has changed.
    Seen,
}

const NO_FOLDS: &Folds = &Folds::NONE;

impl Document {
    pub(crate) fn new(name: String, source: SourceHandle, stat: Option<FileStat>) -> Self {
        Self {
            name,
            len: source.len(),
            stream: source.spool().map(|spool| Stream::new(spool.kind())),
            source,
            generation: Generation::default(),
            pages: PageCache::default(),
            unreadable: UnreadableRanges::default(),
            marks: Marks::default(),
            notes: Notes::default(),
            analyses: Analyses::default(),
            structure: Structure::default(),
            follow: Follow::default(),
            recovery: None,
            editing: None,
            edits: Edits::default(),
            folds: BTreeMap::new(),
            extending: None,
            reopening: None,
            stat,
        }
    }

    pub(crate) const fn source(&self) -> &SourceHandle {
        &self.source
    }

    pub(crate) fn into_source(self) -> SourceHandle {
        self.source
    }

    pub(crate) const fn generation(&self) -> Generation {
        self.generation
    }

    /// Its bytes as they are now: generation and length.
    pub(crate) const fn edition(&self) -> Edition {
        (self.generation.0, self.len)
    }

    /// When what has come of a stream is to be shown; `None` while that is under way.
    pub(crate) fn stream_due(&self) -> Option<Duration> {
        self.stream.as_ref().filter(|_| self.reopening.is_none())?.due(self.len)
    }

    /// Whether more bytes may come of a stream.
    pub(crate) fn is_growing(&self) -> bool {
        self.stream.as_ref().is_some_and(Stream::is_open)
    }

    /// Whether an analysis was made from bytes that may have changed since.
    pub(crate) fn is_stale<T>(&self, analysis: &Analysis<T>) -> bool {
        analysis.generation != self.generation
    }

    /// Whether an analysis covers all current bytes.
    pub(crate) fn is_current<T>(&self, analysis: &Analysis<T>) -> bool {
        !self.is_stale(analysis) && analysis.len == self.len
    }

    /// The repeating rows for a row length in bytes.
    pub(crate) fn folds(&self, row_len: u64) -> &Folds {
        self.folds.get(&row_len).unwrap_or(NO_FOLDS)
    }

    /// Adds a run of repeating rows. It ends where a region does, as a heading follows.
    pub(crate) fn fold(&mut self, row_len: u64, run: Run) {
        let folds = self.folds.entry(row_len).or_default();
        let regions = self.source.regions();
        if regions.is_empty() {
            return folds.take(run);
        }
        for part in regions.readable_in(&run.range) {
            let start = part.start.div_ceil(row_len).saturating_mul(row_len);
            let range = start..part.end - part.end % row_len;
            if range.start < range.end {
                folds.take(Run {
                    is_start_known: run.is_start_known || range.start > run.range.start,
                    is_end_known: run.is_end_known || range.end < run.range.end,
                    range,
                    ..run.clone()
                });
            }
        }
    }

    /// The offset at which a view starts.
    pub(crate) fn start(&self) -> u64 {
        self.source.regions().first_readable()
    }

    /// Forgets the repeating rows within a range.
    pub(crate) fn unfold(&mut self, range: &std::ops::Range<u64>) {
        self.folds.values_mut().for_each(|folds| folds.forget(range));
    }

    /// Discards everything read so far: the file was replaced, or may have changed anywhere.
    pub(crate) fn reload(&mut self, source: Option<SourceHandle>, len: u64) {
        if let Some(source) = source {
            self.source = source;
        }
        self.generation.0 += 1;
        self.pages.clear();
        self.unreadable.clear();
        self.folds.clear();
        self.follow.forget();
        self.set_len(len);
    }

    /// Parts of the file may have been overwritten. The pages are kept until they are read again,
    /// so that changed bytes can be highlighted.
    pub(crate) fn rewritten(&mut self) {
        self.generation.0 += 1;
        self.folds.clear();
    }

    /// Bytes of a range were overwritten by an edit. The pages have them already.
    fn overwritten(&mut self, source: SourceHandle, range: &std::ops::Range<u64>) {
        self.source = source;
        self.generation.0 += 1;
        self.unfold(range);
    }

    /// Bytes were inserted or deleted by an edit. The pages have moved already.
    fn spliced_at(&mut self, source: SourceHandle, start: u64) {
        self.generation.0 += 1;
        self.unreadable.cut(start);
        for (row_len, folds) in &mut self.folds {
            folds.forget(&(start.saturating_sub(*row_len)..u64::MAX));
        }
        // The matches stay those of the version that was searched.
        self.len = source.len();
        self.source = source;
    }

    /// Replaces the mapping by a new one of the same file.
    pub(crate) fn replace_source(&mut self, source: SourceHandle) {
        self.source = source;
    }

    /// Replaces the mapping by a new one of the same source, whose regions are others. The pages are kept until
    /// they are read again.
    pub(crate) fn remap(&mut self, source: SourceHandle) {
        let len = source.len();
        self.source = source;
        self.generation.0 += 1;
        self.unreadable.clear();
        self.folds.clear();
        self.pages.cut(len);
        self.set_len(len);
    }

    /// The file has grown; the bytes before the old end are unchanged.
    pub(crate) fn grow(&mut self, source: SourceHandle) {
        let before = self.len;
        self.source = source;
        self.pages.cut(before);
        self.unreadable.cut(before);
        // A run of rows at the old end may continue.
        for (row_len, folds) in &mut self.folds {
            folds.forget(&(before.saturating_sub(*row_len)..u64::MAX));
        }
        self.set_len(self.source.len());
    }

    /// The file was truncated. Drops the pages beyond its end; analyses become stale.
    pub(crate) fn cut(&mut self, source: SourceHandle) {
        let len = source.len();
        self.source = source;
        self.generation.0 += 1;
        self.pages.cut(len);
        self.unreadable.cut(len);
        for (row_len, folds) in &mut self.folds {
            folds.forget(&(len.saturating_sub(*row_len)..u64::MAX));
        }
        self.set_len(len);
    }

    fn set_len(&mut self, len: u64) {
        self.len = len;
        if let Some(search) = &mut self.analyses.search {
            search.value.resize(len);
        }
    }
}
