//! Saving the edits of a document: what a plan says, the jobs that make plans and run them, and what was left of
//! earlier sessions.

pub(crate) mod jobs;
pub(crate) mod kept_version;
pub(crate) mod name_ranges;
pub(crate) mod recovery;
pub(crate) mod sheet;
pub(crate) mod words;
