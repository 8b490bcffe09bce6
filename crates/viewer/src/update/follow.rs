//! Files that change while they are viewed: polling and reopening.
//!
//! Each visible file is polled by [`Editor::poll`]: frequently if it is followed, once a second
//! otherwise, and also with a key or when the terminal gains the focus. The reaction depends on the
//! change:
//!
//! | change    | followed file                        | other file                                    |
//! |-----------|--------------------------------------|-----------------------------------------------|
//! | none      | visible bytes are read again         | nothing                                       |
//! | rewritten | visible bytes are read again         | visible bytes are read again, with a message  |
//! | grown     | reopened, or added to the edits      | visible bytes are read again, with a message  |
//! | truncated | reopened                             | reopened                                      |
//! | replaced  | the new file is opened               | a message; the old file stays until a reload  |
//! | missing   | a message; the old file stays until it is back or replaced | the same                |
//!
//! What has regions and no path is not polled: while it is followed, it is opened again by [`Editor::reread_due`],
//! and [`Editor::remapped`] reads what is visible.
//!
//! A change is reported once until the next key. A replaced or missing file is reported once until
//! it is back. Reopening is a job, [`ReopenJob`]; [`Editor::reopened`] handles its end. Edits stay over the file
//! that was opened: there it is [`TailJob`], and [`Editor::took_tail`]. While it is saved nothing is done.

use std::time::Duration;
use std::{fmt, io};

use crate::document::details::ExplainJob;
use crate::document::follow::FileState;
use crate::document::open::{ReopenJob, Reopened};
use crate::document::tail::TailJob;
use crate::document::{Document, DocumentId, Reopening, follow};
use crate::editor::Editor;
use crate::editor::current::Current;
use crate::editor::effect::Effect;
use crate::format::units::in_units;
use crate::job::error::JobError;
use crate::job::list::JobId;
use crate::source::file_stat::{FileChange, FileStat};
use crate::source::handle::SourceHandle;
use crate::source::page_cache::Page;
use crate::source::read_error::ReadError;
use crate::view::ViewId;
use crate::view::panes::Pane;

/// The state before a file was reopened.
struct Before {
    len: u64,
    /// Views whose cursor was on the last byte.
    at_end: Vec<ViewId>,
}

impl Editor {
    /// Polls the visible files that are due.
    pub(super) fn poll_due(&mut self) {
        let now = self.now;
        self.poll_if(|document| document.follow.due().is_some_and(|due| due <= now));
    }

    /// Polls on a key, unless the last poll was just before.
    pub(super) fn poll_with_key(&mut self) {
        self.poll(follow::SOONEST);
    }

    /// Polls the visible files whose last poll is at least `age` ago.
    pub(super) fn poll(&mut self, age: Duration) {
        let now = self.now;
        self.poll_if(|document| document.follow.is_older(age, now));
    }

    fn poll_if(&mut self, is_time: impl Fn(&Document) -> bool) {
        if !self.is_shown {
            return;
        }
        for view in self.shown_views() {
            let Some(id) = self.views.get(&view).map(|it| it.document) else { continue };
            let Some(document) = self.documents.get_mut(&id) else { continue };
            if !is_time(document) {
                continue;
            }
            if let Some(path) = document.source().path().map(ToOwned::to_owned) {
                document.follow.is_polling = true;
                self.effects.push(Effect::Poll(id, path));
            }
        }
    }

    /// Handles the result of a poll.
    pub(super) fn polled(&mut self, id: DocumentId, seen: io::Result<FileStat>) {
        let now = self.now;
        let Some(document) = self.documents.get_mut(&id) else { return };
        let follow = &mut document.follow;
        follow.is_polling = false;
        let has_faded = follow.tick(now);
        let is_followed = follow.every.is_some();
        let stat = match seen {
            Ok(stat) => stat,
            Err(error) => return self.gone(id, &error),
        };
        let before = document.stat.get_or_insert_with(|| stat.clone());
        let change = before.change(&stat);
        let is_edited = document.editing.is_some();
        // Its end says what the file is since.
        if is_edited && self.savings.values().any(|it| it.document == id) {
            return;
        }
        match (change, is_followed) {
            // What is shown is the overlay's: it keeps its length and its edits, and saving looks at the file.
            (FileChange::Cut, _) if is_edited => self.changed_below(id, stat),
            (FileChange::Replaced, _) if is_edited => self.replaced(id),
            (FileChange::Nothing, true) => {
                follow.state = FileState::Same;
                self.read_again(id);
            }
            (FileChange::Nothing, false) => {
                let was = std::mem::take(&mut follow.state);
                self.is_quiet = was == FileState::Same && !has_faded;
            }
            (FileChange::Rewritten, _) => self.rewritten(id, stat),
            (FileChange::Grown, false) => {
                let by = stat.len - before.len;
                *before = stat;
                self.read_again(id);
                self.say_once(
                    id,
                    format!("{} more in the file: r shows them, F follows", in_units(by)),
                );
            }
            (FileChange::Replaced, false) => self.replaced(id),
            (FileChange::Cut, _) | (_, true) => self.reopen_seen(id),
        }
    }

    /// The file has been overwritten without a change of length.
    fn rewritten(&mut self, id: DocumentId, stat: FileStat) {
        let Some(document) = self.documents.get_mut(&id) else { return };
        document.stat = Some(stat);
        document.rewritten();
        let is_followed = document.follow.every.is_some();
        self.read_again(id);
        if !is_followed {
            self.say_once(id, "file changed on disk; the visible bytes were read again".to_owned());
        }
    }

    /// The file below the edits is shorter.
    fn changed_below(&mut self, id: DocumentId, stat: FileStat) {
        let Some(document) = self.documents.get_mut(&id) else { return };
        document.stat = Some(stat);
        document.rewritten();
        self.read_again(id);
        self.say_once(id, "the file is shorter now; the edits are kept".to_owned());
    }

    /// A file that is not followed was replaced.
    fn replaced(&mut self, id: DocumentId) {
        let Some(document) = self.documents.get_mut(&id) else { return };
        let before = std::mem::replace(&mut document.follow.state, FileState::Replaced);
        self.is_quiet = before == FileState::Replaced;
        if !self.is_quiet {
            let name = document.name.clone();
            let text = if document.editing.is_some() {
                "was replaced by another file; this is the old one, with the edits"
            } else {
                "was replaced by another file: {reload} opens it; this is the old one"
            };
            let text = self.settings.keys.fill(text);
            self.complain(format!("{name} {text}"));
        }
    }

    pub(super) fn reopen_seen(&mut self, id: DocumentId) {
        let is_under_way = self.documents.get(&id).is_none_or(|it| it.reopening.is_some());
        if !is_under_way
            && let Some(&view) = self.views_of(id).first()
            && let Some(mut cx) = self.view(view)
        {
            cx.reopen_because(Reopening::Seen);
        }
    }

    /// Reports a change once until the next key.
    pub(super) fn say_once(&mut self, id: DocumentId, text: String) {
        let Some(document) = self.documents.get_mut(&id) else { return };
        if !std::mem::replace(&mut document.follow.is_change_said, true) {
            self.say(text);
        }
    }

    /// Reads the visible bytes again, as they may have changed.
    pub(crate) fn read_again(&mut self, id: DocumentId) {
        let needed = self.needed(id);
        let Some(document) = self.documents.get_mut(&id) else { return };
        if document.follow.state == FileState::Ended {
            return;
        }
        document.pages.keep(&needed);
        let known = |range: &std::ops::Range<u64>| document.pages.cover(range);
        let ranges: Vec<_> = needed.into_iter().filter(known).collect();
        for range in ranges {
            self.read(id, range);
        }
    }

    /// The views whose cursor is on the last byte.
    pub(super) fn at_end(&self, views: &[ViewId]) -> Vec<ViewId> {
        let is_at_end = |view: &&ViewId| {
            self.context(**view).is_some_and(|cx| {
                cx.view.cursor.saturating_add(1) >= cx.document.len && cx.view.anchor.is_none()
            })
        };
        views.iter().filter(is_at_end).copied().collect()
    }

    /// Handles the end of a reopen.
    pub(super) fn reopened(
        &mut self,
        job: JobId,
        id: DocumentId,
        ended: Result<Reopened, JobError>,
    ) {
        let views = self.views_of(id);
        let mut at_end = self.at_end(&views);
        let Some(document) = self.documents.get_mut(&id) else { return };
        let Some((_, why)) = document.reopening.take_if(|(asked, _)| *asked == job) else { return };
        // A stream grows whether it is followed or not.
        let is_stream = document.stream.is_some();
        at_end.retain(|_| !is_stream || document.follow.every.is_some());
        let before = Before { len: document.len, at_end };
        let Reopened { source, stat } = match ended {
            Ok(reopened) => reopened,
            Err(JobError::Cancelled) => return,
            Err(error) => return self.not_reopened(id, why, &error),
        };
        if !document.source().regions().is_empty() {
            return self.remapped(id, why, source);
        }
        if document.editing.is_some() {
            // The version that is shown reads the file where it is not edited; saving compares the rest.
            document.stat = stat;
            document.rewritten();
            return self.read_again(id);
        }
        let len = source.as_ref().map_or(before.len, SourceHandle::len);
        let old = document.stat.take();
        let is_other = old.as_ref().zip(stat.as_ref()).is_some_and(|(old, new)| old.is_other(new));
        document.stat = stat;
        document.follow.state = FileState::Same;
        let mut is_grown = false;
        match (why, source) {
            (Reopening::Seen, Some(source)) if !is_other && len > before.len => {
                document.grow(source);
                is_grown = true;
            }
            (Reopening::Seen, Some(source)) if !is_other && len < before.len => {
                document.cut(source);
            }
            (Reopening::Seen, Some(source)) if !is_other => document.replace_source(source),
            (_, source) => document.reload(source, len),
        }
        match why {
            Reopening::Asked => self.reload_said(id, len, &before),
            // The title says it.
            Reopening::Seen if is_stream => {}
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
        if is_grown {
            self.stream_grew(id);
        }
        if is_other && let Some(document) = self.documents.get_mut(&id) {
            document.follow.replaced += 1;
            let count = document.follow.replaced + 1;
            self.say(format!("the file was replaced; this is number {count} with this name"));
        }
        if len == before.len {
            self.read_again(id);
        }
    }

    /// Handles a reopen that failed.
    fn not_reopened(&mut self, id: DocumentId, why: Reopening, error: &JobError) {
        if error.is_ended() {
            return self.source_ended(id);
        }
        let text = match error {
            JobError::Source(error) => error.kind().to_string(),
            other => other.to_string(),
        };
        if why == Reopening::Seen {
            return self.gone(id, &text);
        }
        if let Some(document) = self.documents.get_mut(&id) {
            document.pages.clear();
        }
        self.complain(text);
    }

    /// Reports a reload that the user asked for.
    fn reload_said(&mut self, id: DocumentId, len: u64, before: &Before) {
        self.messages.hide();
        if len < before.len {
            self.say_cut(id, len);
        } else if len > before.len {
            self.say_grown(len - before.len);
        }
    }

    /// Reports a change of length.
    fn change_said(&mut self, id: DocumentId, len: u64, before: &Before) {
        let focus = self.focus();
        let Some(document) = self.documents.get_mut(&id) else { return };
        if len > before.len {
            document.follow.grown += len - before.len;
            let grown = document.follow.grown;
            // That it was cut is not news any more.
            if std::mem::take(&mut document.follow.is_cut_said) {
                self.messages.hide();
            }
            // If the cursor is at the end, the new bytes are visible anyway.
            if focus.is_none_or(|focus| !before.at_end.contains(&focus)) {
                self.say_grown(grown);
            }
        } else if len < before.len {
            document.follow.grown = 0;
            document.follow.is_cut_said = true;
            self.say_cut(id, len);
        }
    }

    pub(super) fn say_grown(&mut self, by: u64) {
        let end = self.settings.keys.fill("{last-byte} goes to the end");
        self.say(format!("+{}; {end}", in_units(by)));
    }

    fn say_cut(&mut self, id: DocumentId, len: u64) {
        let document = self.documents.get(&id);
        let marks = document
            .map_or(0, |document| document.marks.iter().filter(|&(_, at)| at >= len).count());
        let notes = document.map_or(0, |document| {
            document.notes.iter().filter(|note| note.range().end > len).count()
        });
        let some = |count: usize, noun: &str| {
            let s = if count == 1 { "" } else { "s" };
            (count > 0).then(|| format!("{count} {noun}{s}"))
        };
        let beyond: Vec<String> =
            some(marks, "mark").into_iter().chain(some(notes, "note")).collect();
        let beyond = match (marks.saturating_add(notes), beyond.join(" and ")) {
            (0, _) => String::new(),
            (1, what) => format!(": {what} is beyond its end"),
            (_, what) => format!(": {what} are beyond its end"),
        };
        self.complain(format!("file cut to {}{beyond}", in_units(len)));
    }

    /// Reports once that a file cannot be queried.
    fn gone(&mut self, id: DocumentId, why: &dyn fmt::Display) {
        let Some(document) = self.documents.get_mut(&id) else { return };
        let before = std::mem::replace(&mut document.follow.state, FileState::Gone);
        self.is_quiet = before == FileState::Gone;
        if !self.is_quiet {
            self.complain(format!("{why}; showing the file as it was opened"));
        }
    }

    /// Handles a page that was read.
    pub(super) fn took(&mut self, id: DocumentId, page: Page) {
        let (needed, now) = (self.needed(id), self.now);
        let mut page = page;
        if page.problem.as_ref().is_some_and(ReadError::is_ended) {
            self.source_ended(id);
            if let Some(document) = self.documents.get(&id) {
                document.pages.fill(&mut page);
                // What was seen of the same block stays, too.
                page.lost_beside.clear();
            }
        }
        let Some(document) = self.documents.get_mut(&id) else { return };
        if let Some(range) = document.pages.differs(&page) {
            document.follow.compare(&document.pages, &page, now);
            document.unfold(&range);
        }
        let source = document.source().clone();
        document.unreadable.take(&page, source.regions());
        if matches!(page.problem, Some(ReadError::Replaced)) {
            document.follow.state = FileState::Replaced;
        }
        // What has ended cannot be read again.
        let is_time = document.pages.are_many() && document.follow.state != FileState::Ended;
        document.pages.take(page, is_time.then_some(&needed[..]));
    }
}

impl Current<'_> {
    /// Sets the polling interval, or stops following.
    pub(crate) fn follow(&mut self, every: Option<Duration>) {
        self.document.follow.every = every;
    }

    pub(super) fn toggle_follow(&mut self) {
        let has_regions = !self.document.source().regions().is_empty();
        let every = if has_regions { follow::SELDOM } else { follow::EVERY };
        self.follow_every(self.document.follow.every.is_none().then_some(every));
    }

    pub(super) fn follow_every(&mut self, every: Option<Duration>) {
        if self.document.stream.is_some() {
            return self.follow_stream(every);
        }
        let has_regions = !self.document.source().regions().is_empty();
        if self.document.follow.state == FileState::Ended {
            return self.complain("it has ended, and does not change any more");
        }
        if every.is_some() && self.document.source().path().is_none() && !has_regions {
            return self.complain("there is no file to follow: the bytes are in memory");
        }
        self.follow(every);
        self.say(match every {
            None if has_regions => {
                self.settings.keys.fill("no longer read again; {reload} does it once")
            }
            None => self.settings.keys.fill("no longer followed; {reload} reloads the file"),
            Some(every) if has_regions => format!("read again every {} s", every.as_secs()),
            Some(every) if every == follow::EVERY => {
                self.settings.keys.fill("following; {last-byte} goes to the end and stays there")
            }
            Some(every) => format!("checked every {} s", every.as_secs()),
        });
    }

    /// Reopens the file because the user asked for it.
    pub(super) fn reopen(&mut self) {
        // What has come of a stream stays as it is.
        let is_stream = self.document.stream.is_some();
        self.reopen_because(if is_stream { Reopening::Seen } else { Reopening::Asked });
    }

    fn reopen_because(&mut self, why: Reopening) {
        // At most one at a time: on a dead network, each would block a thread.
        match &mut self.document.reopening {
            Some((_, before)) if why == Reopening::Asked => *before = why,
            Some(_) => {}
            None => {
                let is_edited = self.document.editing.is_some();
                let job = if is_edited { self.start(TailJob) } else { self.start(ReopenJob) };
                self.document.reopening = Some((job, why));
            }
        }
    }

    /// Bytes of the document were edited.
    pub(super) fn changed_here(&mut self) {
        self.relayout();
        self.count_elements();
        self.map_file_changed();
    }

    /// The document's bytes or length have changed.
    pub(super) fn document_changed(&mut self, has_other_len: bool) {
        self.relayout();
        self.count_elements();
        self.map_file_changed();
        if has_other_len && self.view.panes.is_open(Pane::Details) {
            self.start(ExplainJob);
        }
        // Keep the scroll position, unless that would leave empty rows.
        let last = self.cx().rows().last_top(self.layout().rows);
        self.scroll_to_row(self.cx().top().min(last));
        self.go_to(self.view.cursor);
    }
}
