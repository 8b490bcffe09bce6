//! The terminal view: the event loop and its edges. All side effects happen here.

pub(crate) mod view;
pub(crate) mod event_loop;
pub(crate) mod mailbox;
pub(crate) mod page_reader;
pub(crate) mod stream;
mod tui;
mod clipboard;
pub(crate) mod job_control;
pub(crate) mod testing;
