//! One file, as all its views share it: its bytes as far as they were read, its marks, and what jobs
//! have found out about it.

pub(crate) mod marks;
pub(crate) mod address;
pub(crate) mod follow;
pub(crate) mod jobs;
pub(crate) mod details;
pub(crate) mod read_layout;
pub(crate) mod unreadable;
pub(crate) mod open;
pub(crate) mod copy_bytes;
pub(crate) mod write_range;
pub(crate) mod path_completion;

use std::collections::BTreeMap;

use crate::analysis::folds::Folds;
use crate::analysis::repeat_rows::Run;
use crate::document::follow::Follow;
use crate::document::jobs::{Analyses, Analysis, Generation};
use crate::document::marks::Marks;
use crate::document::unreadable::UnreadableRanges;
use crate::job::list::JobId;
use crate::source::file_stat::FileStat;
use crate::source::handle::SourceHandle;
use crate::source::page_cache::PageCache;

/// Names a document. No name is used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DocumentId(pub(crate) u64);

/// One file, shared by all its views.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) name: String,
    source: SourceHandle,
    generation: Generation,
    /// How long it is now, which may be more than when it was opened.
    pub(crate) len: u64,
    /// The bytes that were read to be shown.
    pub(crate) pages: PageCache,
    pub(crate) unreadable: UnreadableRanges,
    pub(crate) marks: Marks,
    pub(crate) analyses: Analyses,
    pub(crate) follow: Follow,
    /// Rows that repeat, by the length of the rows: views of one width share them.
    folds: BTreeMap<u64, Folds>,
    /// The job that looks how far rows repeat, while there is one.
    pub(crate) extending: Option<Extending>,
    /// The job that opens the file anew, while there is one.
    pub(crate) reopening: Option<(JobId, Reopening)>,
    /// How the file was when it was looked at last.
    pub(crate) stat: Option<FileStat>,
}

/// Rows of this length are compared, of the bytes as they were then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extending {
    pub(crate) job: JobId,
    pub(crate) generation: Generation,
    pub(crate) row_len: u64,
    /// What was known before.
    pub(crate) run: Run,
}

/// Why a file is opened anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reopening {
    /// The user wants to see it as it is.
    Asked,
    /// It was seen to be longer, shorter or another one.
    Seen,
}

const NO_FOLDS: &Folds = &Folds::NONE;

impl Document {
    pub(crate) fn new(name: String, source: SourceHandle, stat: Option<FileStat>) -> Self {
        Self {
            name,
            len: source.len(),
            source,
            generation: Generation::default(),
            pages: PageCache::default(),
            unreadable: UnreadableRanges::default(),
            marks: Marks::default(),
            analyses: Analyses::default(),
            follow: Follow::default(),
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

    /// Whether what was found out is of bytes that may be others now.
    pub(crate) fn is_stale<T>(&self, analysis: &Analysis<T>) -> bool {
        analysis.generation != self.generation
    }

    /// Whether what was found out is of all bytes, as they are now.
    pub(crate) fn is_current<T>(&self, analysis: &Analysis<T>) -> bool {
        !self.is_stale(analysis) && analysis.len == self.len
    }

    /// The rows that repeat, of rows of this length.
    pub(crate) fn folds(&self, row_len: u64) -> &Folds {
        self.folds.get(&row_len).unwrap_or(NO_FOLDS)
    }

    pub(crate) fn fold(&mut self, row_len: u64, run: Run) {
        self.folds.entry(row_len).or_default().take(run);
    }

    /// Rows in this range may repeat no more.
    pub(crate) fn unfold(&mut self, range: &std::ops::Range<u64>) {
        self.folds.values_mut().for_each(|folds| folds.forget(range));
    }

    /// The bytes are others now, or may be.
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

    /// Bytes of the same file may be others now. Those that were read are kept until they are read again, so
    /// that it is seen which of them are.
    pub(crate) fn rewritten(&mut self) {
        self.generation.0 += 1;
        self.folds.clear();
    }

    /// The same file, mapped anew.
    pub(crate) fn replace_source(&mut self, source: SourceHandle) {
        self.source = source;
    }

    /// There are more bytes now, and those before are the same.
    pub(crate) fn grow(&mut self, source: SourceHandle) {
        let before = self.len;
        self.source = source;
        self.pages.cut(before);
        // What repeats at the end may go on.
        for (row_len, folds) in &mut self.folds {
            folds.forget(&(before.saturating_sub(*row_len)..u64::MAX));
        }
        self.set_len(self.source.len());
    }

    /// The file is shorter now: bytes beyond its end are forgotten, and analyses are of the longer file.
    pub(crate) fn cut(&mut self, source: SourceHandle) {
        let len = source.len();
        self.source = source;
        self.generation.0 += 1;
        self.pages.cut(len);
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
