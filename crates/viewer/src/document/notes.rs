//! Notes: ranges that have a text and a colour.

use std::collections::BTreeMap;
use std::ops::Range;

use memmap::edit::{EditedFile, Shift, State};

use crate::document::Document;
use crate::document::anchor::{AnchoredRange, Moved};
use crate::format::note_colour::NoteColour;
use crate::format::note_list::{NOTES_MAX, NoteEntry};

/// A range with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    place: AnchoredRange,
    pub(crate) text: String,
    pub(crate) colour: NoteColour,
}

impl Note {
    /// Where it is now.
    pub(crate) fn range(&self) -> Range<u64> {
        self.place.now()
    }

    /// Whether its bytes are there.
    fn is_shown(&self) -> bool {
        !self.range().is_empty()
    }

    /// In the order of places, with the longer one first where two begin.
    fn order(&self) -> (u64, std::cmp::Reverse<u64>) {
        let range = self.range();
        (range.start, std::cmp::Reverse(range.end))
    }
}

/// The notes of a file, by place. Those whose bytes were deleted are kept, and hidden: undo brings them back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notes {
    all: Vec<Note>,
    /// The version that their places are in.
    shown: State,
    /// The colour of the next one that is given none.
    turn: NoteColour,
}

impl Default for Notes {
    fn default() -> Self {
        Self { all: Vec::new(), shown: State::FIRST, turn: NoteColour::default() }
    }
}

impl Notes {
    /// Those whose bytes are there, by place.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Note> {
        self.all.iter().filter(|note| note.is_shown())
    }

    pub(crate) fn count(&self) -> usize {
        self.iter().count()
    }

    /// Those that have bytes of a range, by place.
    pub(crate) fn within(&self, range: &Range<u64>) -> impl Iterator<Item = &Note> {
        let (start, end) = (range.start, range.end);
        self.iter().filter(move |note| note.range().start < end && start < note.range().end)
    }

    /// The note of a byte: of several the one that begins last, and of these the shortest.
    pub(crate) fn at(&self, position: u64) -> Option<&Note> {
        self.within(&(position..position.saturating_add(1))).last()
    }

    /// The note of exactly this range.
    pub(crate) fn of(&self, range: &Range<u64>) -> Option<&Note> {
        self.iter().find(|note| note.range() == *range)
    }

    /// How many more there may be.
    pub(crate) fn room(&self) -> usize {
        NOTES_MAX.saturating_sub(self.count())
    }

    /// Removes the note of exactly this range. Returns whether there was one.
    pub(crate) fn remove(&mut self, range: &Range<u64>) -> bool {
        let before = self.all.len();
        self.all.retain(|note| note.range() != *range);
        self.all.len() < before
    }

    /// Removes one of those that are listed.
    pub(crate) fn remove_nth(&mut self, number: usize) {
        let mut shown = (0..).zip(&self.all).filter(|(_, note)| note.is_shown());
        if let Some((at, _)) = shown.nth(number) {
            self.all.remove(at);
        }
    }

    /// Removes all, also those that are hidden.
    pub(crate) fn clear(&mut self) {
        self.all.clear();
    }

    /// Another version is shown. `moved` led to it.
    pub(crate) fn follow(&mut self, moved: &Moved, overlay: &EditedFile) {
        let history = overlay.history();
        let now = history.current();
        let is_newest = history.states().next_back() == Some(now);
        if self.shown == now {
            for note in &mut self.all {
                let is_of_it = note.place.state() == now;
                if is_of_it { note.place.amend(moved) } else { note.place.follow(moved) }
            }
        } else if is_newest
            && history.parent(now) == Some(self.shown)
            && self.all.iter().all(|note| note.place.state() != now)
        {
            self.all.iter_mut().for_each(|note| note.place.follow(moved));
        } else {
            return self.show(overlay);
        }
        self.shown = now;
        self.sort();
    }

    /// Finds all places in the version that is shown.
    pub(crate) fn show(&mut self, overlay: &EditedFile) {
        self.shown = overlay.history().current();
        // Many were set in the same version.
        let mut known = BTreeMap::new();
        for note in &mut self.all {
            let of = note.place.state();
            let steps = known.entry(of).or_insert_with(|| steps(overlay, of, self.shown));
            note.place.go(steps);
        }
        self.sort();
    }

    /// The edits are over: what is shown is the file.
    pub(crate) fn forget_versions(&mut self) {
        self.all.retain(Note::is_shown);
        self.all.iter_mut().for_each(|note| note.place.forget_versions());
        self.shown = State::FIRST;
    }

    fn sort(&mut self) {
        self.all.sort_by_key(Note::order);
    }
}

/// The steps from one state to another, each from a state to the one that it was made from, or back.
fn steps(overlay: &EditedFile, from: State, to: State) -> Vec<Shift> {
    let history = overlay.history();
    let above = |state| {
        std::iter::successors(Some(state), |&it| history.parent(it)).collect::<Vec<State>>()
    };
    let (mut up, mut down) = (above(from), above(to));
    // Both begin below the last state that they have in common.
    let mut common = None;
    while up.last().is_some() && up.last() == down.last() {
        common = up.pop();
        down.pop();
    }
    let way: Vec<State> = up.into_iter().chain(common).chain(down.into_iter().rev()).collect();
    way.windows(2).map(|pair| overlay.shift(pair[0], pair[1])).collect()
}

impl Document {
    /// Notes something on a range. Another note on the same range is replaced. Returns whether there was one, or
    /// `None` if there is no room.
    pub(crate) fn note(
        &mut self,
        range: Range<u64>,
        text: String,
        colour: Option<NoteColour>,
    ) -> Option<bool> {
        let before = self.notes.of(&range).map(|note| note.colour);
        if before.is_none() && self.notes.room() == 0 {
            return None;
        }
        let colour = colour.or(before).unwrap_or_else(|| {
            let next = self.notes.turn.next();
            std::mem::replace(&mut self.notes.turn, next)
        });
        let state = self.state();
        let notes = &mut self.notes;
        notes.remove(&range);
        notes.all.push(Note { place: AnchoredRange::new(range, state), text, colour });
        notes.shown = state;
        notes.sort();
        Some(before.is_some())
    }

    /// Adds notes of a list; all of them, or none if there is no room. Returns how many replaced another one.
    pub(crate) fn add_notes(&mut self, entries: Vec<NoteEntry>) -> Option<usize> {
        let range = |it: &NoteEntry| it.offset..it.offset.saturating_add(it.length);
        let before = self.notes.clone();
        let mut replaced = 0;
        for entry in entries {
            let range = range(&entry);
            let Some(is_other) = self.note(range, entry.text, Some(entry.colour)) else {
                self.notes = before;
                return None;
            };
            replaced += usize::from(is_other);
        }
        Some(replaced)
    }

    /// Restores a note of an earlier session, unless there is one.
    pub(crate) fn restore_note(&mut self, entry: NoteEntry) {
        let range = entry.offset..entry.offset.saturating_add(entry.length);
        if entry.check(u64::MAX).is_ok() && self.notes.of(&range).is_none() {
            self.note(range, entry.text, Some(entry.colour));
            self.notes.turn = entry.colour.next();
        }
    }

    /// The notes, with their places in what is shown.
    pub(crate) fn listed_notes(&self) -> Vec<NoteEntry> {
        self.notes.iter().map(|note| entry(note, note.range())).collect()
    }

    /// The notes, with their places in the file as it was saved last: also those whose bytes were deleted since.
    pub(crate) fn saved_notes(&self) -> Vec<NoteEntry> {
        let Some(editing) = &self.editing else { return self.listed_notes() };
        let saved = editing.overlay.history().saved();
        let mut notes: Vec<NoteEntry> = self
            .notes
            .all
            .iter()
            .map(|note| {
                let steps = steps(&editing.overlay, note.place.state(), saved);
                entry(note, note.place.in_version(&steps))
            })
            .filter(|note| note.length > 0)
            .collect();
        notes.sort_by_key(|note| (note.offset, std::cmp::Reverse(note.length)));
        notes.truncate(NOTES_MAX);
        notes
    }
}

fn entry(note: &Note, range: Range<u64>) -> NoteEntry {
    NoteEntry {
        offset: range.start,
        length: range.end - range.start,
        colour: note.colour,
        text: note.text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use memmap::{MemMap, Mode};
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Act {
        Replace { at: u8, removed: u8, inserted: u8 },
        Amend { at: u8, inserted: u8 },
        Undo(u8),
        Redo(u8),
        Note { at: u8, len: u8 },
    }

    fn act() -> impl Strategy<Value = Act> {
        prop_oneof![
            6 => (any::<u8>(), 0..9_u8, 0..9_u8)
                .prop_map(|(at, removed, inserted)| Act::Replace { at, removed, inserted }),
            2 => (any::<u8>(), 1..4_u8).prop_map(|(at, inserted)| Act::Amend { at, inserted }),
            3 => (1..4_u8).prop_map(Act::Undo),
            2 => (1..4_u8).prop_map(Act::Redo),
            3 => (any::<u8>(), 1..9_u8).prop_map(|(at, len)| Act::Note { at, len }),
        ]
    }

    /// Each byte of a version has a name, which no other byte has.
    type Version = Vec<u32>;

    /// A note, as it was set: the name of each of its bytes, and of those that are not in it.
    struct Set {
        state: State,
        text: String,
        inside: Version,
        outside: Version,
        /// The states in which all its bytes were deleted.
        gone: Vec<State>,
    }

    fn range_of(notes: &Notes, text: &str) -> std::ops::Range<usize> {
        let note = notes.all.iter().find(|note| note.text == text).unwrap();
        let range = note.range();
        usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn a_note_keeps_to_its_bytes(acts in prop::collection::vec(act(), 1..40)) {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(&[7; 40]).unwrap();
            let mut overlay = EditedFile::new(MemMap::open(file.path(), Mode::Read).unwrap());
            let mut notes = Notes::default();
            let mut versions: Vec<Version> = vec![(0..40).collect()];
            let mut names = 40..;
            let mut sets: Vec<Set> = Vec::new();
            for act in acts {
                let before = overlay.history().current();
                let mut version = versions[usize::try_from(before.number()).unwrap()].clone();
                let place = |at: u8| usize::from(at) % (version.len() + 1);
                match act {
                    Act::Replace { at, removed, inserted } => {
                        let start = place(at);
                        let end = (start + usize::from(removed)).min(version.len());
                        let new: Version = names.by_ref().take(inserted.into()).collect();
                        let bytes = vec![1; new.len()];
                        let gone: Vec<usize> = (0..)
                            .zip(&sets)
                            .filter(|(_, set)| {
                                let range = range_of(&notes, &set.text);
                                inserted == 0 && !range.is_empty() && start <= range.start && range.end <= end
                            })
                            .map(|(i, _)| i)
                            .collect();
                        let range = u64::try_from(start).unwrap()..u64::try_from(end).unwrap();
                        overlay.replace(range.clone(), &bytes).unwrap();
                        version.splice(start..end, new);
                        let len = memmap::widen(bytes.len());
                        notes.follow(&Moved::Splice { range, len }, &overlay);
                        let now = overlay.history().current();
                        for i in gone { sets[i].gone.push(now); }
                    }
                    Act::Amend { at, inserted } => {
                        let start = place(at);
                        let new: Version = names.by_ref().take(inserted.into()).collect();
                        let bytes = vec![1; new.len()];
                        let at = u64::try_from(start).unwrap();
                        overlay.amend(|overlay| overlay.replace(at..at, &bytes)).unwrap();
                        version.splice(start..start, new.iter().copied());
                        let len = memmap::widen(bytes.len());
                        notes.follow(&Moved::Splice { range: at..at, len }, &overlay);
                        // What is changed after a note was set was outside of it.
                        if overlay.history().current() == before {
                            let of_it = sets.iter_mut().filter(|set| set.state == before);
                            for set in of_it {
                                let names = version[range_of(&notes, &set.text)].to_vec();
                                prop_assert!(set.inside.iter().all(|it| names.contains(it)));
                                set.outside = version.iter().copied().filter(|it| !names.contains(it)).collect();
                                set.inside = names;
                            }
                        }
                    }
                    Act::Undo(times) => for _ in 0..times { overlay.undo(); },
                    Act::Redo(times) => for _ in 0..times { overlay.redo(); },
                    Act::Note { at, len } => {
                        let start = place(at);
                        let end = (start + usize::from(len)).min(version.len());
                        if start < end {
                            let text = sets.len().to_string();
                            let range = u64::try_from(start).unwrap()..u64::try_from(end).unwrap();
                            let place = AnchoredRange::new(range, before);
                            notes.all.push(Note { place, text: text.clone(), colour: NoteColour::Blue });
                            notes.sort();
                            notes.shown = before;
                            let inside = version[start..end].to_vec();
                            let outside = version.iter().copied().filter(|it| !inside.contains(it)).collect();
                            sets.push(Set { state: before, text, inside, outside, gone: Vec::new() });
                        }
                    }
                }
                let now = overlay.history().current();
                let at = usize::try_from(now.number()).unwrap();
                if matches!(act, Act::Undo(_) | Act::Redo(_)) {
                    if now != before {
                        let shift = overlay.shift(before, now);
                        notes.follow(&Moved::Shift(shift), &overlay);
                    }
                } else if at < versions.len() {
                    versions[at] = version;
                } else {
                    versions.push(version);
                }
                let version = &versions[at];
                for set in &sets {
                    let range = range_of(&notes, &set.text);
                    let noted = &version[range.clone()];
                    let made_from = |state| {
                        std::iter::successors(Some(now), |&it| overlay.history().parent(it)).any(|it| it == state)
                    };
                    // What was deleted stays so, whatever is inserted there.
                    if set.gone.iter().any(|&gone| made_from(gone)) {
                        prop_assert!(noted.is_empty());
                    }
                    if set.state == now {
                        prop_assert_eq!(noted, &set.inside);
                    }
                    for name in &set.inside {
                        let is_there = version.contains(name);
                        prop_assert_eq!(noted.contains(name), is_there, "{:?} in {:?}", set.inside, range);
                    }
                    prop_assert!(noted.iter().all(|name| !set.outside.contains(name)));
                    // Where all bytes are left, it begins with the first one, and ends with the last one.
                    if set.inside.iter().all(|name| version.contains(name)) {
                        prop_assert_eq!(noted.first(), set.inside.first());
                        prop_assert_eq!(noted.last(), set.inside.last());
                    }
                }
                let starts: Vec<u64> = notes.iter().map(|note| note.range().start).collect();
                prop_assert!(starts.is_sorted());
            }
        }
    }
}
