//! Opens files and restores their sessions.

use std::path::PathBuf;

use crate::document::open::{OpenFileJob, Opened};
use crate::document::{Document, DocumentId};
use crate::editor::Editor;
use crate::editor::effect::Effect;
use crate::editor::session::{SessionEntry, SessionError};
use crate::editor::tabs::OpenIn;
use crate::job::error::JobError;
use crate::job::list::JobId;
use crate::source::file_stat::FileStat;
use crate::source::handle::SourceHandle;
use crate::view::ViewId;

impl Editor {
    /// Opens a document in a view, and requests its session.
    pub(crate) fn open(
        &mut self,
        name: String,
        source: SourceHandle,
        stat: Option<FileStat>,
        place: OpenIn,
    ) -> ViewId {
        let mut name = name;
        if let Some(document) = self.open_document(&source, stat.as_ref()) {
            let unsaved = self.documents.get(&document).map_or(0, |it| it.edits.unsaved);
            // Edits are compared with what is on the disk.
            if !(matches!(place, OpenIn::Compared { .. }) && unsaved > 0) {
                return self.show(document, place);
            }
            name += " on disk";
        }
        let path = source.path().map(ToOwned::to_owned);
        let document = self.add_document(name, source, stat);
        if let Some(path) = path {
            self.effects.push(Effect::LoadSession(document, path));
        }
        self.show(document, place)
    }

    /// The document of a file that is open already.
    fn open_document(&self, source: &SourceHandle, stat: Option<&FileStat>) -> Option<DocumentId> {
        let (path, stat) = source.path().zip(stat)?;
        let is_it = |document: &&Document| {
            let seen = document.stat.as_ref();
            document.source().path() == Some(path) && seen.is_some_and(|it| !it.is_other(stat))
        };
        self.documents.iter().find(|(_, document)| is_it(document)).map(|(&id, _)| id)
    }

    /// Handles the end of opening a file.
    pub(super) fn opened(&mut self, id: JobId, ended: Result<Opened, JobError>) {
        let Some(place) = self.opening.remove(&id) else { return };
        match ended {
            Ok(Opened { name, source, reader, stat, recovery }) => {
                let notice =
                    source.packing().map(|packing| (packing.price(), packing.damage_text()));
                let view = self.open(name, source, stat, place);
                if let Some(reader) = reader {
                    self.read_stream(view, reader);
                }
                match notice {
                    Some((_, Some(damage))) => self.complain(damage),
                    Some((price, None)) => self.say(price),
                    None => {}
                }
                self.found_journal_in(view, *recovery);
            }
            Err(JobError::Cancelled) => {}
            Err(error) => self.complain(error.to_string()),
        }
    }

    /// Applies a loaded session. Anything done since the start takes precedence.
    pub(super) fn session_loaded(
        &mut self,
        id: DocumentId,
        loaded: Result<SessionEntry, SessionError>,
    ) {
        let memory = match loaded {
            Ok(memory) => memory,
            Err(why) => return self.complain(why.to_string()),
        };
        let views = self.views_of(id);
        let Some(document) = self.documents.get_mut(&id) else { return };
        for (name, position) in memory.marks {
            if document.marks.at(name).is_none() {
                let anchor = document.anchor(position);
                document.marks.set(name, anchor);
            }
        }
        memory.notes.into_iter().for_each(|note| document.restore_note(note));
        let mut history = memory.history;
        history.retain(|line| !self.history.contains(line));
        history.append(&mut self.history);
        self.history = history;
        for view in views {
            let Some(mut cx) = self.view(view) else { continue };
            let places = memory.places.iter().map(|&at| cx.document.anchor(at)).collect();
            cx.view.jumps.restore(places);
            // Do not move a cursor that has moved already or was given an offset.
            let start = cx.document.start();
            let is_at_start =
                (cx.view.cursor, cx.view.top) == (start, start) && cx.view.array.is_none();
            if let (true, Some(cursor)) = (is_at_start, memory.cursor) {
                let rows = cx.cx().rows();
                let top = memory.top.unwrap_or(cursor).min(cx.document.len);
                cx.scroll_to_row(rows.start(rows.place(top)));
                cx.go_to(cursor);
            }
        }
    }

    /// Starts opening a file in a new view.
    pub(super) fn open_file(&mut self, from: ViewId, path: PathBuf, place: OpenIn) {
        let journals = self.settings.journals();
        // Both sides are compared up to their ends.
        let as_stream = !matches!(place, OpenIn::Compared { .. });
        if let Some(job) = self.start(from, OpenFileJob { path, journals, as_stream }) {
            self.opening.insert(job, place);
        }
    }
}
