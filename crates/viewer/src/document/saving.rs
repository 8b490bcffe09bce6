//! Saving the edits of a document: what a plan says, and the jobs that make plans and run them.

pub(crate) mod sheet;
pub(crate) mod words;
