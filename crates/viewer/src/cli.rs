//! The command line: arguments, and the commands that print.

pub(crate) mod args;
pub(crate) mod stdout_pipe;
pub(crate) mod dump;
pub(crate) mod stream;
pub(crate) mod array;
pub(crate) mod array_table;
pub(crate) mod info;
pub(crate) mod find;
pub(crate) mod stat;
