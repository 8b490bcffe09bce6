//! What the view does outside of its state: it waits for events, reads bytes, performs effects, and draws.

pub(crate) mod event_loop;
mod clipboard;
mod mailbox;
mod effects;
mod tui;
pub(crate) mod job_control;
