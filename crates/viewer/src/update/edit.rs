//! Allows edits, and makes them.

use std::ops::Range;
use std::time::Duration;

use memmap::edit::{State, Stick};
use memmap::widen;

use crate::document::DocumentId;
use crate::document::anchor::Moved;
use crate::document::editing::Editing;
use crate::document::edits::{Edit, Step};
use crate::editor::Editor;
use crate::editor::current::Current;
use crate::editor::keymap::{Action, EditKey};
use crate::editor::tabs::LayoutRequest;
use crate::editor::typing::{LastEdit, TypingMode};
use crate::format::units::in_units;
use crate::job::error::JobError;
use crate::search::direction::Direction;

/// What is said where edits are not allowed.
const READ_ONLY: &str =
    "read-only: lazyhex -w or :edit on allows changes; the inspector is on {inspector} or F3";

impl Editor {
    /// Handles the end of opening a file for editing.
    pub(super) fn may_edit(&mut self, id: DocumentId, ended: Result<Box<Editing>, JobError>) {
        let Some(document) = self.documents.get_mut(&id) else { return };
        match ended {
            Ok(editing) => {
                document.recovery = None;
                let unprotected = editing.journal.as_ref().err().cloned();
                let len = document.len;
                document.start_editing(editing);
                let has_other_len = document.len != len;
                self.read_again(id);
                for view in self.views_of(id) {
                    if let Some(mut cx) = self.view(view) {
                        cx.document_changed(has_other_len);
                    }
                }
                if let Some(why) = unprotected {
                    self.complain(format!("edits are not protected: {why}"));
                } else {
                    let text = "writable: {overwrite} types over, {insert} inserts, {undo} undoes";
                    let text = self.settings.keys.fill(text);
                    self.say(text);
                }
            }
            Err(JobError::Cancelled) => {}
            Err(error) => {
                if let Some(recovery) = &mut document.recovery {
                    recovery.is_running = false;
                }
                self.complain(error.to_string());
            }
        }
    }

    /// Moves the positions of all views with the edits that were made since.
    pub(super) fn follow_edits(&mut self) {
        let ids: Vec<DocumentId> = self.documents.keys().copied().collect();
        for id in ids {
            let count = self.documents.get(&id).map_or(0, |it| it.edits.moves());
            let mut is_one_behind = false;
            for view in self.views_of(id) {
                let Some(mut cx) = self.view(view) else { continue };
                if cx.view.moves < count {
                    cx.follow_elsewhere();
                }
                is_one_behind = true;
            }
            if is_one_behind && let Some(document) = self.documents.get_mut(&id) {
                document.edits.forget_moves();
            }
        }
    }
}

impl Current<'_> {
    /// Compares what is shown with the file on disk. Returns whether there are edits.
    pub(super) fn compare_with_disk(&mut self, is_aligned: bool) -> bool {
        let path = self.document.source().path().map(std::path::Path::to_owned);
        let Some(path) = path.filter(|_| self.document.edits.unsaved > 0) else { return false };
        // What was inserted or deleted would make everything after it differ.
        let is_aligned = is_aligned || self.document.grown_by() != 0;
        self.request(LayoutRequest::Compare(path, is_aligned));
        true
    }

    /// Whether there are edits. Says how to allow them.
    fn has_edits(&mut self) -> bool {
        if self.document.editing.is_none() {
            let read_only = || self.settings.keys.fill(READ_ONLY);
            let text = self.why_not_editable().unwrap_or_else(read_only);
            self.say(text);
        }
        self.document.editing.is_some()
    }

    /// Whether bytes may be changed here. Says why not.
    pub(super) fn is_writable(&mut self) -> bool {
        if !self.has_edits() {
            return false;
        }
        if self.view.array.is_some() {
            let text = self.settings.keys.fill("bytes are edited in the hex view: {elements}");
            self.say(text);
            return false;
        }
        true
    }

    /// Changes bytes. Returns whether that became a step of undo of its own; `None` if it is not possible.
    pub(super) fn edit(&mut self, edit: &Edit, step: Step) -> Option<bool> {
        match self.document.edit(edit, step) {
            Ok(is_new) => Some(is_new),
            Err(error) => {
                self.complain(error.kind().to_string());
                None
            }
        }
    }

    /// After an edit of this view: moves its jump list, and puts the cursor where the edit leads.
    pub(super) fn follow_here(&mut self, cursor: u64) {
        let moves = self.document.edits.moves_after(self.view.moves);
        if let Some(editing) = &self.document.editing {
            self.view.jumps.follow(moves, &editing.overlay);
        }
        self.view.moves = self.document.edits.moves();
        self.changed_here();
        self.go_to(cursor);
    }

    /// After an edit of another view: moves everything.
    fn follow_elsewhere(&mut self) {
        let moves = self.document.edits.moves_after(self.view.moves).to_vec();
        let (cursor, top) = (moved(&moves, self.view.cursor), moved(&moves, self.view.top));
        self.view.anchor = self.view.anchor.map(|at| moved(&moves, at));
        self.view.top = self.cx().rows().start(top.min(self.document.len));
        self.follow_here(cursor);
    }

    /// Makes the range that is selected, or the byte under the cursor, and `count - 1` more.
    fn chosen(&self, count: u64) -> Range<u64> {
        let cursor = self.view.cursor;
        let end = cursor.saturating_add(count).min(self.document.len);
        self.cx().selection().unwrap_or(cursor..end)
    }

    /// Handles a key that changes bytes.
    pub(super) fn act_edit(&mut self, key: EditKey, count: Option<u64>) {
        let (cursor, len) = (self.view.cursor, self.document.len);
        let times = count.unwrap_or(1);
        let is_allowed = match key {
            EditKey::Undo | EditKey::Redo => self.has_edits(),
            _ => self.is_writable(),
        };
        if !is_allowed {
            return;
        }
        match key {
            EditKey::Overwrite if len == 0 => {
                let text = "there is no byte to type over; {insert} inserts the first one";
                let text = self.settings.keys.fill(text);
                self.say(text);
            }
            EditKey::Overwrite => self.start_typing(TypingMode::Overwrite, cursor),
            EditKey::Insert => self.start_typing(TypingMode::Insert, cursor),
            EditKey::InsertAfter => {
                let after = cursor.saturating_add(1).min(len);
                self.start_typing(TypingMode::Insert, after);
            }
            EditKey::InsertAtEnd => {
                if len > 0 && cursor != len - 1 {
                    self.jump(len - 1);
                }
                self.start_typing(TypingMode::Insert, len);
            }
            EditKey::DeleteRows => self.delete_rows(times),
            EditKey::PasteOver | EditKey::PasteInsert => {
                self.paste_copied(key == EditKey::PasteInsert, times);
            }
            EditKey::Repeat => (0..times.min(1000)).for_each(|_| self.repeat()),
            EditKey::Undo => self.travel_states(Direction::Back, times),
            EditKey::Redo => self.travel_states(Direction::Forward, times),
        }
    }

    /// Deletes the selection, or bytes from the cursor on.
    pub(super) fn delete_chosen(&mut self, count: u64) {
        if !self.is_writable() {
            return;
        }
        let range = self.chosen(count);
        self.input.last_edit = Some(LastEdit::Delete { len: range.end - range.start });
        self.delete(range);
    }

    fn delete_rows(&mut self, rows: u64) {
        let row_len = self.layout().row_len();
        let start = self.cx().rows().row_of(self.view.cursor);
        let end = start.saturating_add(row_len.saturating_mul(rows)).min(self.document.len);
        self.input.last_edit = Some(LastEdit::DeleteRows { rows });
        self.delete(start..end);
    }

    /// Deletes up to where a motion goes.
    pub(super) fn delete_motion(&mut self, action: Action, count: Option<u64>) -> bool {
        let is_known = matches!(
            action,
            Action::Left
                | Action::Right
                | Action::Up
                | Action::Down
                | Action::RowStart
                | Action::RowEnd
                | Action::End
        );
        if !is_known {
            return false;
        }
        if !self.is_writable() {
            return true;
        }
        if action == Action::Right {
            self.view.anchor = None;
            self.delete_chosen(count.unwrap_or(1));
            return true;
        }
        let (cursor, top, len) = (self.view.cursor, self.view.top, self.document.len);
        self.view.anchor = None;
        self.act(action, count);
        let to = self.view.cursor;
        (self.view.cursor, self.view.top) = (cursor, top);
        let range = match action {
            // Whole rows, as in vim.
            Action::Up | Action::Down => {
                let rows = self.cx().rows();
                let (first, last) = (rows.row_of(cursor.min(to)), rows.row_of(cursor.max(to)));
                first..last.saturating_add(self.layout().row_len()).min(len)
            }
            Action::RowEnd | Action::End => {
                cursor.min(to)..cursor.max(to).saturating_add(1).min(len)
            }
            _ => cursor.min(to)..cursor.max(to),
        };
        self.input.last_edit = Some(LastEdit::Delete { len: range.end - range.start });
        self.delete(range);
        true
    }

    /// Deletes a range.
    pub(super) fn delete(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return self.say("there is no byte to delete");
        }
        let deleted = in_units(range.end - range.start);
        let edit = Edit::Replace { range: range.clone(), bytes: Vec::new() };
        if self.edit(&edit, Step::New).is_some() {
            self.view.anchor = None;
            self.follow_here(range.start);
            self.say_len(&format!("deleted {deleted}"));
        }
    }

    /// Inserts bytes as one step.
    pub(super) fn insert(&mut self, at: u64, bytes: Vec<u8>) {
        let inserted = in_units(widen(bytes.len()));
        let edit = Edit::Replace { range: at..at, bytes };
        if self.edit(&edit, Step::New).is_some() {
            self.follow_here(at);
            self.say_len(&format!("inserted {inserted}"));
        }
    }

    /// Says what was done, and the new length.
    pub(super) fn say_len(&mut self, done: &str) {
        let by = self.document.grown_by();
        let by = if by == 0 { String::new() } else { format!(" ({by:+})") };
        let len = self.document.len;
        self.say(format!("{done}; {len} bytes{by}"));
    }

    /// Does the last edit again.
    fn repeat(&mut self) {
        let (cursor, len) = (self.view.cursor, self.document.len);
        match self.input.last_edit.clone() {
            None => self.say("nothing was edited so far that could be repeated"),
            Some(LastEdit::Typed(TypingMode::Insert, bytes)) => {
                let end = cursor.saturating_add(widen(bytes.len()));
                self.insert(cursor, bytes);
                self.go_to(end);
            }
            Some(LastEdit::Typed(TypingMode::Overwrite, bytes)) => {
                let end = cursor.saturating_add(widen(bytes.len()));
                if end > len {
                    return self.say("the file ends here");
                }
                let edit = Edit::Replace { range: cursor..end, bytes };
                if self.edit(&edit, Step::New).is_some() {
                    self.follow_here(end);
                }
            }
            Some(LastEdit::Delete { len: count }) => {
                self.delete(cursor..cursor.saturating_add(count).min(len));
            }
            Some(LastEdit::DeleteRows { rows }) => self.delete_rows(rows),
            Some(LastEdit::PasteOver) => self.paste_copied(false, 1),
            Some(LastEdit::PasteInsert) => self.paste_copied(true, 1),
        }
    }

    /// Undoes or redoes edits.
    fn travel_states(&mut self, direction: Direction, times: u64) {
        let Some(editing) = &self.document.editing else { return };
        let history = editing.overlay.history();
        let step = |state: &State| match direction {
            Direction::Back => history.parent(*state),
            Direction::Forward => history.next(*state),
        };
        let from = history.current();
        let steps = std::iter::successors(step(&from), step);
        let most = usize::try_from(times).unwrap_or(usize::MAX);
        let to = steps.take(most).last();
        let done = if direction == Direction::Back { "undone" } else { "redone" };
        match to {
            Some(to) => {
                let count = history.edits_between(from, to);
                // A state may be nothing but what another program appended.
                let what = if count > 0 { edits(count) } else { "a longer file".to_owned() };
                self.show_state(to, &format!("{done}: {what}"));
            }
            None if direction == Direction::Back => self.say("there is nothing to undo"),
            None => self.say("there is nothing to redo"),
        }
    }

    /// Goes to how it was some time before the last edit.
    pub(super) fn undo_to(&mut self, ago: Duration) {
        if !self.has_edits() {
            return;
        }
        let Some(editing) = &self.document.editing else { return };
        let history = editing.overlay.history();
        // State does not read the clock. What was edited last is the time from which a pause is counted.
        let last = history.states().next_back().and_then(|state| history.time(state));
        let Some(then) = last.and_then(|last| last.checked_sub(ago)) else { return };
        let (state, from) = (history.at(then), history.current());
        if state == from {
            return self.say("there is nothing to undo");
        }
        let count = history.distance(from, state);
        self.show_state(state, &format!("gone back by {}", edits(count)));
    }

    /// Shows another state, and what changed.
    pub(super) fn show_state(&mut self, state: State, done: &str) {
        let Some(changed) = self.document.go_to_state(state) else { return };
        let moves = self.document.edits.moves_after(self.view.moves);
        self.view.anchor = self.view.anchor.map(|at| moved(moves, at));
        self.follow_here(changed.start);
        self.show(changed.start);
        self.say_len(done);
        self.choose_current_state();
    }

    /// Goes to the next change.
    pub(super) fn go_to_change(&mut self, direction: Direction, times: u64) {
        if !self.has_edits() {
            return;
        }
        let Some(editing) = &self.document.editing else { return };
        let len = self.document.len;
        let next = |from: &u64| match direction {
            Direction::Forward => next_change(&editing.overlay, *from, len),
            Direction::Back => previous_change(&editing.overlay, *from),
        };
        let most = usize::try_from(times).unwrap_or(usize::MAX);
        let found = std::iter::successors(next(&self.view.cursor), next).take(most).last();
        match found {
            Some(place) => self.jump(place),
            None if editing.overlay.changed_in(..).is_empty() => self.say("no edits yet"),
            None => self.complain(format!("there is no {} change", direction.adjective())),
        }
    }
}

/// Where a position is after moves.
fn moved(moves: &[Moved], at: u64) -> u64 {
    moves.iter().fold(at, |at, it| it.position(at, Stick::Right))
}

/// A number of edits.
pub(super) fn edits(count: usize) -> String {
    if count == 1 { "1 edit".to_owned() } else { format!("{count} edits") }
}

/// How far a search for changes looks at first. It then looks twice as far each time.
const STRETCH: u64 = 4096;

/// The start of the first change after a position.
fn next_change(overlay: &memmap::edit::EditedFile, from: u64, len: u64) -> Option<u64> {
    let (mut start, mut stretch) = (from.saturating_add(1), STRETCH);
    while start <= len {
        let end = start.saturating_add(stretch).min(len);
        // With the byte before, a change that goes on here is known from one that begins.
        let found = overlay.changed_in(start - 1..end);
        let place = found.into_iter().map(|found| found.start).find(|&place| place >= start);
        if let Some(place) = place {
            // The cursor cannot be after the last byte.
            return Some(place.min(len - 1)).filter(|&place| place > from);
        }
        (start, stretch) = (end.saturating_add(1), stretch.saturating_mul(2));
    }
    None
}

/// The start of the last change before a position.
fn previous_change(overlay: &memmap::edit::EditedFile, from: u64) -> Option<u64> {
    let mut stretch = STRETCH;
    loop {
        let start = from.saturating_sub(stretch);
        let found = overlay.changed_in(start..from.saturating_add(1).min(overlay.len()));
        let place = found.iter().rev().map(|found| found.start).find(|&place| place < from);
        // One that begins where the stretch does may begin before it.
        if let Some(place) = place.filter(|&place| place > start || start == 0) {
            return Some(place);
        }
        if start == 0 {
            return None;
        }
        stretch = stretch.saturating_mul(2);
    }
}
