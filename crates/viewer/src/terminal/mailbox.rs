//! The one channel that the event loop receives from: input, replies, and jobs that have sent something.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::editor::message::Msg;
use crate::job::list::JobId;
use crate::job::outbox::Wake;

/// What comes in.
#[derive(Debug)]
pub(crate) enum Envelope {
    Msg(Msg),
    /// A job's outbox is no longer empty.
    Wake(JobId),
}

/// Where messages are put in, from any thread.
#[derive(Debug, Clone)]
pub(crate) struct Mailbox(Sender<Envelope>);

impl Mailbox {
    /// One, and where everything comes out.
    pub(crate) fn new() -> (Self, Receiver<Envelope>) {
        let (sender, inbox) = channel();
        (Self(sender), inbox)
    }

    /// Puts a message in. Whether anybody is left to read it.
    pub(crate) fn send(&self, msg: Msg) -> bool {
        self.0.send(Envelope::Msg(msg)).is_ok()
    }

    /// For jobs, to say that they have sent something.
    pub(crate) fn wake(&self) -> Wake {
        let sender = self.0.clone();
        // A view that has ended hears of no job.
        Arc::new(move |id| drop(sender.send(Envelope::Wake(id))))
    }
}
