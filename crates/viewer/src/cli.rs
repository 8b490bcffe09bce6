//! The command line: arguments, and the commands that print.

pub(crate) mod shape;
pub(crate) mod args;
pub(crate) mod part;
pub(crate) mod show;
pub(crate) mod stdout_pipe;
pub(crate) mod text_writer;
pub(crate) mod unpacking;
pub(crate) mod stream;
pub(crate) mod dump;
pub(crate) mod array;
pub(crate) mod array_table;
pub(crate) mod info;
pub(crate) mod find;
pub(crate) mod stat;
pub(crate) mod diff;
pub(crate) mod structure;
pub(crate) mod patch;
pub(crate) mod recover;
pub(crate) mod load;
