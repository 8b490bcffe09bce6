//! Notes: sets, removes, exports and imports them.

use std::ops::Range;

use crate::document::note_files::{ExportNotesJob, ImportNotesJob, ImportedNotes, notes};
use crate::document::notes::Note;
use crate::editor::current::Current;
use crate::editor::{Editor, Owner};
use crate::format::note_colour::NoteColour;
use crate::format::note_list::NOTES_MAX;
use crate::format::units::in_units;
use crate::job::error::JobError;

impl Editor {
    /// Handles the end of an import.
    pub(super) fn read_notes(&mut self, owner: Owner, ended: Result<ImportedNotes, JobError>) {
        match ended {
            Ok(read) => {
                if let Some(mut cx) = self.view(owner.view) {
                    cx.add_notes(read);
                }
            }
            Err(JobError::Cancelled) => {}
            Err(error) => self.complain(error.to_string()),
        }
    }
}

impl Current<'_> {
    /// Notes something on a range.
    pub(super) fn set_note(&mut self, range: Range<u64>, text: String, colour: Option<NoteColour>) {
        let place = format!("{} at {:#x}", in_units(range.end - range.start), range.start);
        match self.document.note(range, text, colour) {
            Some(true) => self.say(format!("note on {place} replaced")),
            Some(false) => self.say(format!("note on {place}")),
            None => self.complain(format!("not noted: a file has at most {NOTES_MAX} notes")),
        }
        self.view.anchor = None;
        self.relayout();
    }

    /// Says the text of the note at the cursor. Returns whether there is one.
    pub(super) fn say_note(&mut self) -> bool {
        let note = self.document.notes.at(self.view.cursor);
        let text = note.map(|note| format!("note: {}", note.text));
        let is_there = text.is_some();
        if let Some(text) = text {
            self.say(text);
        }
        is_there
    }

    /// Removes the note at the cursor. Returns whether there was one.
    pub(super) fn remove_note(&mut self) -> bool {
        let range = self.document.notes.at(self.view.cursor).map(Note::range);
        let is_removed = range.is_some_and(|range| self.document.notes.remove(&range));
        self.relayout();
        is_removed
    }

    /// Removes all notes. Returns how many there were.
    pub(super) fn remove_notes(&mut self) -> usize {
        let count = self.document.notes.count();
        self.document.notes.clear();
        self.relayout();
        count
    }

    /// Where a line of the list of marks and notes leads.
    pub(super) fn listed_mark(&self, line: usize) -> Option<u64> {
        let marks = self.document.marks.iter().map(|(_, place)| place);
        let notes = self.document.notes.iter().map(|note| note.range().start);
        marks.chain(notes).nth(line)
    }

    /// Removes the mark or note of a line of their list.
    pub(super) fn remove_listed_mark(&mut self, line: usize) {
        let mark = self.document.marks.iter().nth(line).map(|(name, _)| name);
        let marks = self.document.marks.iter().count();
        match mark {
            Some(name) => drop(self.document.marks.remove(name)),
            None => self.document.notes.remove_nth(line.saturating_sub(marks)),
        }
    }

    /// What writes the notes to a file; `None` if there are none.
    pub(super) fn notes_to_export(&self, path: &str, replaces: bool) -> Option<ExportNotesJob> {
        let notes = self.document.listed_notes();
        (!notes.is_empty()).then(|| ExportNotesJob { notes, path: path.into(), replaces })
    }

    pub(super) fn import_notes(&mut self, path: &str) {
        let state = self.document.state().number();
        self.start(ImportNotesJob { path: path.into(), state });
    }

    /// Adds notes that were read.
    fn add_notes(&mut self, read: ImportedNotes) {
        if read.state != self.document.state().number() {
            return self.complain("not imported: the bytes were edited meanwhile");
        }
        let count = read.notes.len();
        match self.document.add_notes(read.notes) {
            None => self.complain(format!("not imported: a file has at most {NOTES_MAX} notes")),
            Some(0) => self.say(format!("{} imported", notes(count))),
            Some(replaced) => {
                self.say(format!("{} imported; {replaced} replaced older ones", notes(count)));
            }
        }
        self.relayout();
    }
}
