//! One file as its views share it: marks, addresses, changes from outside, and new files written from it.

pub(crate) mod marks;
pub(crate) mod address;
pub(crate) mod follow;
pub(crate) mod jobs;
pub(crate) mod write_range;
pub(crate) mod path_completion;
