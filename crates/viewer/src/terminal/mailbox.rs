//! Messages on their way to the view that they are for.

use std::sync::mpsc::{Receiver, Sender, channel};

use crate::editor::app::Msg;
use crate::editor::workspace::ViewId;

/// A message, and the view that it is for; or whichever has the keyboard.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) to: Option<ViewId>,
    pub(crate) msg: Msg,
}

/// Where messages for one view are put in, from any thread.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    to: Option<ViewId>,
    sender: Sender<Letter>,
}

impl Post {
    /// One for whatever has the keyboard, and where everything comes out.
    pub(crate) fn new() -> (Self, Receiver<Letter>) {
        let (sender, letters) = channel();
        (Self { to: None, sender }, letters)
    }

    /// One for this view.
    pub(crate) fn to(&self, view: ViewId) -> Self {
        Self { to: Some(view), sender: self.sender.clone() }
    }

    /// Puts a message in; whether anybody is left to read it.
    pub(crate) fn send(&self, msg: Msg) -> bool {
        self.sender.send(Letter { to: self.to, msg }).is_ok()
    }
}
