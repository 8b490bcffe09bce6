//! A file that others write to while it is looked at: what is seen from outside, and opening it anew.

use std::time::Duration;

use crate::document::details::ExplainJob;
use crate::document::open::{ReopenJob, Reopened};
use crate::document::{DocumentId, Reopening, follow};
use crate::editor::Editor;
use crate::editor::current::Current;
use crate::editor::effect::Effect;
use crate::format::units::in_units;
use crate::job::error::JobError;
use crate::job::list::JobId;
use crate::source::file_stat::FileStat;
use crate::source::handle::SourceHandle;
use crate::source::page_cache::Page;
use crate::view::ViewId;
use crate::view::panes::Pane;

/// How the file was before.
struct Before {
    len: u64,
    /// The views whose cursor was on the last byte.
    at_end: Vec<ViewId>,
}

impl Editor {
    /// Looks at the files that are followed and shown, if it is time to.
    pub(super) fn poll(&mut self) {
        for view in self.shown_views() {
            let Some(id) = self.views.get(&view).map(|it| it.document) else { continue };
            let Some(document) = self.documents.get_mut(&id) else { continue };
            if document.follow.due().is_none_or(|due| due > self.now) {
                continue;
            }
            if let Some(path) = document.source().path().map(ToOwned::to_owned) {
                document.follow.is_polling = true;
                self.effects.push(Effect::Poll(id, path));
            }
        }
    }

    /// A file was looked at from outside.
    pub(super) fn polled(&mut self, id: DocumentId, seen: Result<FileStat, String>) {
        let now = self.now;
        let Some(document) = self.documents.get_mut(&id) else { return };
        document.follow.is_polling = false;
        document.follow.tick(now);
        let stat = match seen {
            Ok(stat) => stat,
            Err(why) => return self.gone(id, &why),
        };
        document.follow.is_gone = false;
        let is_same = document.stat.as_ref() == Some(&stat);
        if is_same {
            self.read_again(id);
        } else if document.reopening.is_none()
            && let Some(&view) = self.views_of(id).first()
            && let Some(mut cx) = self.view(view)
        {
            cx.reopen_because(Reopening::Seen);
        }
    }

    /// Reads what is on the screen again, of a file whose bytes may be others now.
    fn read_again(&mut self, id: DocumentId) {
        let Some(document) = self.documents.get(&id) else { return };
        let known = |range: &std::ops::Range<u64>| document.pages.cover(range);
        let ranges: Vec<_> = self.needed(id).into_iter().filter(known).collect();
        for range in ranges {
            self.read(id, range);
        }
    }

    /// The file was opened anew, or could not be.
    pub(super) fn reopened(
        &mut self,
        job: JobId,
        id: DocumentId,
        ended: Result<Reopened, JobError>,
    ) {
        let views = self.views_of(id);
        let is_at_end = |editor: &Self, view: &ViewId| {
            editor.context(*view).is_some_and(|cx| {
                cx.view.cursor.saturating_add(1) >= cx.document.len && cx.view.anchor.is_none()
            })
        };
        let at_end = views.iter().copied().filter(|view| is_at_end(self, view)).collect();
        let Some(document) = self.documents.get_mut(&id) else { return };
        let Some((_, why)) = document.reopening.take_if(|(asked, _)| *asked == job) else { return };
        let before = Before { len: document.len, at_end };
        let Reopened { source, stat } = match ended {
            Ok(reopened) => reopened,
            Err(JobError::Cancelled) => return,
            Err(error) => {
                let text = match &error {
                    JobError::Source(error) => error.kind().to_string(),
                    other => other.to_string(),
                };
                if why == Reopening::Seen {
                    return self.gone(id, &text);
                }
                document.pages.clear();
                return self.complain(text);
            }
        };
        let len = source.as_ref().map_or(before.len, SourceHandle::len);
        let old = document.stat.take();
        let is_other = old.as_ref().zip(stat.as_ref()).is_some_and(|(old, new)| old.is_other(new));
        document.stat = stat;
        match (why, source) {
            (Reopening::Seen, Some(source)) if !is_other && len > before.len => {
                document.grow(source);
            }
            (Reopening::Seen, Some(source)) if !is_other && len < before.len => {
                document.cut(source);
            }
            (Reopening::Seen, Some(source)) if !is_other => document.replace_source(source),
            (_, source) => document.reload(source, len),
        }
        match why {
            Reopening::Asked => self.reload_said(len, &before),
            Reopening::Seen => self.change_said(id, len, &before),
        }
        for view in views {
            if let Some(mut cx) = self.view(view) {
                cx.document_changed(len != before.len);
                if why == Reopening::Seen && len > before.len && before.at_end.contains(&view) {
                    cx.go_to(len - 1);
                }
            }
        }
        if is_other && let Some(document) = self.documents.get_mut(&id) {
            document.follow.replaced += 1;
            let count = document.follow.replaced + 1;
            self.say(format!("another file has this name now, the {count}. one"));
        }
        if len == before.len {
            self.read_again(id);
        }
    }

    /// What a reload that was asked for says.
    fn reload_said(&mut self, len: u64, before: &Before) {
        self.status = None;
        if len < before.len {
            self.say_cut(len);
        } else if len > before.len {
            self.say_grown(len - before.len);
        }
    }

    /// What is said of a file that was seen to be longer or shorter.
    fn change_said(&mut self, id: DocumentId, len: u64, before: &Before) {
        let focus = self.focus();
        let Some(document) = self.documents.get_mut(&id) else { return };
        if len > before.len {
            document.follow.grown += len - before.len;
            let grown = document.follow.grown;
            // Whoever is at the end sees what has come.
            if focus.is_none_or(|focus| !before.at_end.contains(&focus)) {
                self.say_grown(grown);
            }
        } else if len < before.len {
            document.follow.grown = 0;
            self.say_cut(len);
        }
    }

    fn say_grown(&mut self, by: u64) {
        self.say(format!("+{}; G goes to the end", in_units(by)));
    }

    fn say_cut(&mut self, len: u64) {
        self.complain(format!("cut to {}", in_units(len)));
    }

    /// The file cannot be looked at, which is said once.
    fn gone(&mut self, id: DocumentId, why: &str) {
        let Some(document) = self.documents.get_mut(&id) else { return };
        if !std::mem::replace(&mut document.follow.is_gone, true) {
            self.complain(format!("{why}; what is shown is what was opened"));
        }
    }

    /// Bytes were read.
    pub(super) fn took(&mut self, id: DocumentId, page: Page) {
        let needed = self.needed(id);
        let Some(document) = self.documents.get_mut(&id) else { return };
        if document.follow.every.is_some()
            && let Some(range) = document.pages.differs(&page)
        {
            document.follow.compare(&document.pages, &page);
            document.unfold(&range);
        }
        let is_time = document.pages.are_many();
        document.pages.take(page, is_time.then_some(&needed[..]));
    }
}

impl Current<'_> {
    /// Looks at the file so often by itself from now on, or not any more.
    pub(crate) fn follow(&mut self, every: Option<Duration>) {
        self.document.follow.every = every;
    }

    pub(super) fn toggle_follow(&mut self) {
        let every = if self.document.follow.every.is_some() { None } else { Some(follow::EVERY) };
        self.follow_every(every);
    }

    pub(super) fn follow_every(&mut self, every: Option<Duration>) {
        if every.is_some() && self.document.source().path().is_none() {
            return self.complain("there is no file to follow: the bytes are in memory");
        }
        self.follow(every);
        self.say(match every {
            None => "not followed any more; r looks at the file again".to_owned(),
            Some(every) if every == follow::EVERY => {
                "followed, from the last byte on: G".to_owned()
            }
            Some(every) => format!("looked at every {} s", every.as_secs()),
        });
    }

    /// Opens the file anew, as the user asks for it.
    pub(super) fn reopen(&mut self) {
        self.reopen_because(Reopening::Asked);
    }

    fn reopen_because(&mut self, why: Reopening) {
        // One is enough: on a dead network each would wait on a thread of its own.
        match &mut self.document.reopening {
            Some((_, before)) if why == Reopening::Asked => *before = why,
            Some(_) => {}
            None => {
                let job = self.start(ReopenJob);
                self.document.reopening = Some((job, why));
            }
        }
    }

    /// The document has other bytes now, or more or fewer.
    fn document_changed(&mut self, has_other_len: bool) {
        self.relayout();
        self.count_elements();
        self.map_file_changed();
        if has_other_len && self.view.panes.is_open(Pane::Details) {
            self.start(ExplainJob);
        }
        // Where bytes are left on the screen it stays where it is.
        if self.view.top >= self.document.len {
            self.view.top = self.cx().rows().last_top(self.layout().rows);
        }
        self.go_to(self.view.cursor);
    }
}
