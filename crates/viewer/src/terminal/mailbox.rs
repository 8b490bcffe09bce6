//! The event loop's only channel: input, replies, and wake-ups by jobs.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::editor::message::Msg;
use crate::job::list::JobId;
use crate::job::outbox::Wake;

/// An item of the channel.
#[derive(Debug)]
pub(crate) enum Envelope {
    Msg(Msg),
    /// A job's outbox is no longer empty.
    Wake(JobId),
}

/// The sending end, for any thread.
#[derive(Debug, Clone)]
pub(crate) struct Mailbox(Sender<Envelope>);

impl Mailbox {
    /// Creates the channel.
    pub(crate) fn new() -> (Self, Receiver<Envelope>) {
        let (sender, inbox) = channel();
        (Self(sender), inbox)
    }

    /// Sends a message. Returns whether the event loop still exists.
    pub(crate) fn send(&self, msg: Msg) -> bool {
        self.0.send(Envelope::Msg(msg)).is_ok()
    }

    /// A callback with which jobs wake the event loop.
    pub(crate) fn wake(&self) -> Wake {
        let sender = self.0.clone();
        // After the view has ended, wake-ups are dropped.
        Arc::new(move |id| drop(sender.send(Envelope::Wake(id))))
    }
}
