//! Changes the bytes of a document, and moves what keeps to them.

use std::ops::Range;

use memmap::edit::{Shift, State, Stick, TakenFile};
use memmap::{Error, ErrorKind, MemMap, widen};

use crate::document::Document;
use crate::document::anchor::{Anchor, Moved};
use crate::document::editing::Editing;
use crate::document::jobs::Generation;
use crate::job::list::JobId;
use crate::search::match_list::Match;
use crate::source::handle::SourceHandle;

/// A change of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Edit {
    /// Puts bytes in the place of a range. The range of an insertion is empty, and so are the bytes of a
    /// deletion.
    Replace { range: Range<u64>, bytes: Vec<u8> },
    /// Fills a range with a pattern.
    Fill { range: Range<u64>, pattern: Vec<u8> },
    /// Puts bytes in the place of many ranges, which are in order. Has what each was, in the same order.
    Many { ranges: Vec<Range<u64>>, seen: Vec<Vec<u8>>, bytes: Vec<u8> },
}

/// Whether an edit is a step of undo of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    New,
    /// A part of the one before, as the keys of a typing run are.
    Same,
}

/// Where the matches of a search are that was made before the last edits. They are not moved one by one.
#[derive(Debug)]
pub(crate) struct Carried {
    search: JobId,
    forth: Shift,
    back: Shift,
}

impl Carried {
    /// The match in the version that is shown.
    pub(crate) fn now(&self, hit: Match) -> Match {
        let range = self.forth.range(hit.offset..hit.end());
        Match { offset: range.start, len: range.end - range.start }
    }

    /// Whether one of its bytes was changed.
    pub(crate) fn is_changed(&self, hit: Match) -> bool {
        self.forth.changes(&(hit.offset..hit.end()))
    }

    /// The position in the version that was searched.
    pub(crate) fn then(&self, at: u64) -> u64 {
        self.back.position(at, Stick::Left)
    }
}

/// What is known of the edits of a document.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    /// The states that were shown, each from this generation of the bytes on.
    states: Vec<(Generation, State)>,
    carried: Option<Carried>,
    /// The number of edits from the state that is in the file to the one that is shown.
    pub(crate) unsaved: usize,
    /// What views have yet to follow, and the number of those before.
    moved: Vec<Moved>,
    before: usize,
}

impl Edits {
    pub(crate) fn count(&mut self, editing: &Editing) {
        let history = editing.overlay.history();
        self.unsaved = history.edits_between(history.saved(), history.current());
    }

    /// The state of a generation of the bytes.
    fn state_of(&self, generation: Generation) -> State {
        let after = self.states.partition_point(|(from, _)| *from <= generation);
        let found = after.checked_sub(1).and_then(|at| self.states.get(at));
        found.map_or(State::FIRST, |(_, state)| *state)
    }

    /// How many moves there were.
    pub(crate) fn moves(&self) -> usize {
        self.before + self.moved.len()
    }

    /// The moves after the first `seen`.
    pub(crate) fn moves_after(&self, seen: usize) -> &[Moved] {
        self.moved.get(seen.saturating_sub(self.before)..).unwrap_or_default()
    }

    /// Forgets moves that all views have followed.
    pub(crate) fn forget_moves(&mut self) {
        self.before += std::mem::take(&mut self.moved).len();
    }
}

impl Document {
    /// The state of its undo tree that is shown.
    pub(crate) fn state(&self) -> State {
        self.editing.as_ref().map_or(State::FIRST, |it| it.overlay.history().current())
    }

    /// The number of states of its undo tree; 0 before the first edit.
    pub(crate) fn states_count(&self) -> usize {
        let history = self.editing.as_ref().map(|it| it.overlay.history());
        history.filter(|history| !history.is_empty()).map_or(0, memmap::edit::Undo::len)
    }

    /// A position that keeps to its byte.
    pub(crate) fn anchor(&self, at: u64) -> Anchor {
        Anchor::new(at, self.state())
    }

    /// Where the matches of the last search are, if it was made before an edit.
    pub(crate) fn carried(&self) -> Option<&Carried> {
        let search = self.analyses.search.as_ref()?;
        let carried = self.edits.carried.as_ref()?;
        (self.is_stale(search) && carried.search == search.job).then_some(carried)
    }

    /// Where a byte is in the file, if it is one of the file.
    pub(crate) fn in_file(&self, at: u64) -> Option<u64> {
        self.editing.as_ref()?.overlay.in_base(at)
    }

    /// How positions of what is shown are in the version that is saved.
    pub(crate) fn shift_to_saved(&self) -> Shift {
        let Some(editing) = &self.editing else { return Shift::default() };
        let history = editing.overlay.history();
        editing.overlay.shift(history.current(), history.saved())
    }

    /// What is not as in the file within a range.
    pub(crate) fn changed_in(&self, range: &Range<u64>) -> Vec<Range<u64>> {
        let Some(editing) = &self.editing else { return Vec::new() };
        let len = editing.overlay.len();
        editing.overlay.changed_in(range.start.min(len)..range.end.min(len))
    }

    /// How much longer or shorter than the file it is.
    pub(crate) fn grown_by(&self) -> i128 {
        let Some(editing) = &self.editing else { return 0 };
        i128::from(editing.overlay.len()) - i128::from(editing.overlay.base().len())
    }

    /// Changes bytes. What was shown of them is taken from the pages: the file is not read. Returns whether it
    /// became a state of its own.
    pub(crate) fn edit(&mut self, edit: &Edit, step: Step) -> Result<bool, Error> {
        let shown = match edit {
            Edit::Replace { range, .. } | Edit::Fill { range, .. } => self.pages.known_in(range),
            Edit::Many { ranges, seen, .. } => {
                ranges.iter().map(|range| range.start).zip(seen.iter().cloned()).collect()
            }
        };
        let Some(editing) = &mut self.editing else { return Ok(false) };
        let overlay = &mut editing.overlay;
        let before = overlay.history().current();
        overlay.shown_only(shown);
        let change = |overlay: &mut memmap::edit::EditedFile| match edit {
            Edit::Replace { range, bytes } => overlay.replace(range.clone(), bytes),
            Edit::Fill { range, pattern } => overlay.fill(range.clone(), pattern),
            Edit::Many { ranges, bytes, .. } => overlay.replace_many(ranges.iter().cloned(), bytes),
        };
        match step {
            Step::New => change(overlay)?,
            Step::Same => overlay.amend(change)?,
        }
        let after = overlay.history().current();
        match edit {
            Edit::Replace { range, bytes } => self.spliced(range, bytes),
            Edit::Fill { range, .. } => {
                self.went(Moved::Splice { range: range.clone(), len: range.end - range.start });
            }
            Edit::Many { .. } => {
                let shift = overlay.shift(before, after);
                self.went(Moved::Shift(shift));
            }
        }
        Ok(before != after)
    }

    /// Takes what the file has more at its end, as a state of its own. Returns how many bytes.
    pub(crate) fn take_tail(&mut self, longer: MemMap) -> Result<u64, Error> {
        let Some(editing) = &mut self.editing else { return Ok(0) };
        let before = editing.overlay.len();
        match editing.overlay.grow(longer) {
            // It is not longer.
            Err(error) if matches!(error.kind(), ErrorKind::InvalidOptions { .. }) => return Ok(0),
            grown => grown?,
        }
        let len = editing.overlay.len().saturating_sub(before);
        self.went(Moved::Splice { range: before..before, len });
        Ok(len)
    }

    /// Inserts a copy of another file.
    pub(crate) fn insert_taken(&mut self, at: u64, taken: TakenFile) -> Result<(), Error> {
        let Some(editing) = &mut self.editing else { return Ok(()) };
        let len = taken.len();
        editing.overlay.insert_taken(at, taken)?;
        self.went(Moved::Splice { range: at..at, len });
        Ok(())
    }

    /// Takes back the last part of the current state, after which a range holds these bytes again. `is_all`:
    /// the state has no other part. Returns whether it was possible.
    pub(crate) fn retract(&mut self, typed: &Range<u64>, before: &[u8], is_all: bool) -> bool {
        let Some(editing) = &mut self.editing else { return false };
        let overlay = &mut editing.overlay;
        let is_done = if is_all {
            let history = overlay.history();
            history.saved() != history.current() && overlay.undo().is_some()
        } else {
            overlay.retract().is_some()
        };
        if is_done {
            self.spliced(typed, before);
        }
        is_done
    }

    /// Goes to another state. Returns what changed, in the version that is shown then.
    pub(crate) fn go_to_state(&mut self, state: State) -> Option<Range<u64>> {
        let overlay = &mut self.editing.as_mut()?.overlay;
        let before = overlay.history().current();
        let changed = overlay.go_to(state)?;
        let shift = overlay.shift(before, state);
        self.went(Moved::Shift(shift));
        Some(changed)
    }

    /// A range was replaced by these bytes.
    fn spliced(&mut self, range: &Range<u64>, bytes: &[u8]) {
        let len = widen(bytes.len());
        self.pages.splice(range, bytes);
        self.changed(range, len);
        self.follow_edit(Moved::Splice { range: range.clone(), len });
    }

    /// Bytes changed that are not known here.
    fn went(&mut self, moved: Moved) {
        let (range, len) = match &moved {
            Moved::Splice { range, len } => (range.clone(), *len),
            Moved::Shift(shift) => hull(shift),
        };
        if range.end - range.start == len {
            self.pages.forget(&range);
        } else {
            self.pages.cut(range.start);
        }
        self.changed(&range, len);
        self.follow_edit(moved);
    }

    /// Shows what the overlay has now, which differs within a range.
    fn changed(&mut self, range: &Range<u64>, len: u64) {
        let Some(editing) = &self.editing else { return };
        let source = SourceHandle::new(editing.overlay.view().erase());
        self.edits.count(editing);
        if range.end - range.start == len {
            self.overwritten(source, range);
        } else {
            self.spliced_at(source, range.start);
        }
    }

    /// Moves what keeps to its bytes: marks and notes at once, and the positions of views when they are drawn.
    fn follow_edit(&mut self, moved: Moved) {
        let Some(editing) = &self.editing else { return };
        self.marks.follow(std::slice::from_ref(&moved), &editing.overlay);
        self.notes.follow(&moved, &editing.overlay);
        let now = editing.overlay.history().current();
        self.edits.states.push((self.generation, now));
        if let Some(search) = &self.analyses.search {
            let then = self.edits.state_of(search.generation);
            let overlay = &editing.overlay;
            let (forth, back) = (overlay.shift(then, now), overlay.shift(now, then));
            self.edits.carried = Some(Carried { search: search.job, forth, back });
        }
        self.edits.moved.push(moved);
    }
}

/// What a shift replaces, from the first to the last byte, and the new length of that.
fn hull(shift: &Shift) -> (Range<u64>, u64) {
    match (shift.replaced(), shift.hull()) {
        (Some(old), Some(new)) => (old, new.end - new.start),
        _ => (0..0, 0),
    }
}
