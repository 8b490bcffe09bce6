//! What takes longer than a frame: the list of jobs, where one runs, and the threads that run them.

pub(crate) mod list;
pub(crate) mod context;
pub(crate) mod executor;
