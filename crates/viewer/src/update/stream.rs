//! Streams: what comes is shown, searched and followed.
//!
//! A thread appends to the spool and reports once. Then [`ReopenJob`](crate::document::open::ReopenJob) maps
//! what has come, at most once per [`EVERY`](crate::document::follow::EVERY), and what comes after that is
//! reported again.

use std::time::Duration;

use crate::document::{Document, DocumentId};
use crate::editor::Editor;
use crate::editor::current::Current;
use crate::editor::effect::{Effect, SpoolOrder};
use crate::format::units::in_short;
use crate::search::job::SearchJob;
use crate::source::spool::{Phase, SpoolStatus};
use crate::source::stream_reader::StreamReader;
use crate::view::ViewId;

impl Editor {
    /// Starts reading the stream that fills the document of a view.
    pub(crate) fn read_stream(&mut self, view: ViewId, reader: StreamReader) {
        let Some(id) = self.views.get(&view).map(|it| it.document) else { return };
        let spool = self.documents.get(&id).and_then(|it| it.source().spool().cloned());
        if let Some(spool) = spool {
            self.effects.push(Effect::ReadStream(id, spool, Box::new(reader)));
        }
    }

    /// Handles a report of the thread that reads.
    pub(super) fn streamed(&mut self, id: DocumentId, status: SpoolStatus) {
        let Some(document) = self.documents.get_mut(&id) else { return };
        let Some(stream) = &mut document.stream else { return };
        let before = std::mem::replace(&mut stream.status, status);
        // What was stopped here stays so, whatever was under way.
        if before.phase == Phase::Stopped {
            stream.status.phase = Phase::Stopped;
        }
        let is_news = before.phase != stream.status.phase;
        let (name, goal) = (document.name.clone(), stream.goal);
        match (&stream.status.phase, goal) {
            (Phase::Failed(why), _) if is_news => {
                let (kind, why) = (stream.kind, why.clone());
                self.complain(format!("{name}: {why}; what came of the {kind} is kept"));
            }
            // How to go on is shown where messages are.
            (Phase::Paused, _) if is_news => self.messages.hide(),
            (Phase::Complete, Some(goal)) if goal >= stream.status.len => {
                let len = stream.status.len;
                stream.goal = None;
                self.complain(format!("offset {goal:#x} is beyond the end; only {len} bytes came"));
            }
            _ => {}
        }
        self.show_what_came(id);
    }

    /// Maps what has come, and forgets rates that are out of date. Returns whether that is to be seen.
    pub(super) fn tick_streams(&mut self) -> bool {
        let now = self.now;
        let ids: Vec<DocumentId> = self.documents.keys().copied().collect();
        let mut is_seen = false;
        for id in ids {
            let stream = self.documents.get_mut(&id).and_then(|it| it.stream.as_mut());
            is_seen |= stream.is_some_and(|stream| stream.tick(now));
            self.show_what_came(id);
        }
        is_seen
    }

    /// Maps what has come, if that is due.
    fn show_what_came(&mut self, id: DocumentId) {
        let now = self.now;
        let is_due = |document: &Document| {
            let stream = document.stream.as_ref();
            let is_behind = stream.is_some_and(|it| it.is_behind(document.len));
            is_behind && document.stream_due().is_some_and(|due| due <= now)
        };
        if self.is_shown && self.documents.get(&id).is_some_and(is_due) {
            self.reopen_seen(id);
        }
    }

    /// The document has grown by what came.
    pub(super) fn stream_grew(&mut self, id: DocumentId) {
        let now = self.now;
        let Some(document) = self.documents.get_mut(&id) else { return };
        let len = document.len;
        let Some(stream) = &mut document.stream else { return };
        stream.grew(now, len);
        if let Some(goal) = stream.goal.take_if(|goal| *goal < len) {
            for view in self.views_of(id) {
                // Unless the cursor has moved meanwhile.
                if let Some(mut cx) = self.view(view).filter(|cx| cx.view.cursor == 0) {
                    cx.go_to(goal);
                }
            }
        }
        self.search_what_came(id);
    }

    /// Goes on with a search that has ended where the bytes ended then.
    pub(super) fn search_what_came(&mut self, id: DocumentId) {
        let Some(document) = self.documents.get(&id).filter(|it| it.stream.is_some()) else {
            return;
        };
        let Some(search) = document.analyses.search.as_ref() else { return };
        let is_ready = search.is_done && !document.is_stale(search) && search.len < document.len;
        if !is_ready {
            return;
        }
        let job = SearchJob::resuming(&search.value);
        if let (Some(&view), Some(job)) = (self.views_of(id).first(), job) {
            self.start(view, job);
        }
    }
}

impl Current<'_> {
    /// Stops reading the stream. Returns whether there was one to stop.
    pub(super) fn stop_stream(&mut self) -> bool {
        let Some(stream) = self.document.stream.as_mut().filter(|it| it.is_open()) else {
            return false;
        };
        stream.status.phase = Phase::Stopped;
        self.order_of_spool(SpoolOrder::Stop);
        self.say("reading stopped; what came before is kept");
        true
    }

    /// Stays at the end of the stream, or no longer.
    pub(super) fn follow_stream(&mut self, every: Option<Duration>) {
        if every.is_some() && !self.document.is_growing() {
            return self.complain("nothing more comes; there is nothing to follow");
        }
        self.follow(every);
        if every.is_some() {
            self.go_to(u64::MAX);
            let text = self.settings.keys.fill("following the end; {follow} stops that");
            return self.say(text);
        }
        self.say("the end is no longer followed");
    }

    /// Sets how much is read of the stream.
    pub(super) fn limit_stream(&mut self, limit: u64) -> Result<(), &'static str> {
        match self.document.stream.as_mut() {
            None => return Err("only pipes and devices are read into a temporary file"),
            Some(stream) if !stream.is_open() => return Err("the stream has ended already"),
            Some(stream) => {
                stream.status.limit = limit;
                if limit > stream.status.len {
                    stream.status.phase = Phase::Reading;
                }
            }
        }
        self.order_of_spool(SpoolOrder::Limit(limit));
        self.say(format!("reading pauses at {}", in_short(limit)));
        Ok(())
    }

    fn order_of_spool(&mut self, order: SpoolOrder) {
        if let Some(spool) = self.document.source().spool().cloned() {
            self.push(Effect::Spool(spool, order));
        }
    }

    /// Why the bytes cannot be edited, if they are of a stream.
    pub(super) fn why_not_editable(&self) -> Option<String> {
        let kind = self.document.stream.as_ref()?.kind;
        Some(format!("a {kind} has nothing to save to: :write FILE saves a copy of what came"))
    }
}
