//! Edits, undo, savings of both kinds, kills and recovery, one after the other, against copies.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use memmap_core::disk::{Disk, Stored};
use memmap_core::testing::{TestDisk, TestMap};
use memmap_core::{Map, Progress};
use memmap_edit::journal::{JournalOptions, Journals, Standing};
use memmap_edit::{Journal, Overlay, State, Version, Way};
use proptest::prelude::*;

use crate::saving::{PATH, disk_with};

#[derive(Debug, Clone)]
enum Act {
    Overwrite(u16, Vec<u8>),
    Insert(u16, Vec<u8>),
    Fill(u16, u8, u8),
    Delete(u16, u8),
    Copy(u16, u8, u16),
    Amend(u16, Vec<u8>),
    /// Two edits as one state, and the second one taken back.
    Retract(u16, Vec<u8>, u8),
    Group(u16, Vec<u8>, u16, u8),
    Undo,
    Redo,
    GoTo(u16),
    Keep,
    Save(bool),
    /// A plan that is made, then edited over, and then run.
    SaveLater(u16, Vec<u8>),
    /// Another program appends.
    Grow(u8),
    Kill,
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 1..24)
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        5 => (any::<u16>(), bytes()).prop_map(|(at, new)| Act::Overwrite(at, new)),
        5 => (any::<u16>(), bytes()).prop_map(|(at, new)| Act::Insert(at, new)),
        2 => any::<(u16, u8, u8)>().prop_map(|(at, len, byte)| Act::Fill(at, len, byte)),
        5 => any::<(u16, u8)>().prop_map(|(at, len)| Act::Delete(at, len)),
        2 => any::<(u16, u8, u16)>().prop_map(|(at, len, to)| Act::Copy(at, len, to)),
        2 => (any::<u16>(), bytes()).prop_map(|(at, new)| Act::Amend(at, new)),
        2 => (any::<u16>(), bytes(), any::<u8>())
            .prop_map(|(at, new, len)| Act::Retract(at, new, len)),
        2 => (any::<u16>(), bytes(), any::<u16>(), any::<u8>())
            .prop_map(|(at, new, other, len)| Act::Group(at, new, other, len)),
        5 => Just(Act::Undo),
        3 => Just(Act::Redo),
        2 => any::<u16>().prop_map(Act::GoTo),
        2 => Just(Act::Keep),
        4 => any::<bool>().prop_map(Act::Save),
        1 => (any::<u16>(), bytes()).prop_map(|(at, new)| Act::SaveLater(at, new)),
        2 => any::<u8>().prop_map(Act::Grow),
        2 => Just(Act::Kill),
    ]
}

struct Session {
    disk: TestDisk,
    overlay: Overlay<TestMap>,
    journal: Arc<Journal<TestDisk>>,
    /// What each state looked like.
    states: HashMap<State, Vec<u8>>,
    kept: Vec<(Map<Version<TestMap>>, Vec<u8>)>,
    /// Whether the file was written anew since the program began: a later one counts states from there.
    is_new_file: bool,
    /// Whether a later one did.
    counts_anew: bool,
}

fn options() -> JournalOptions {
    JournalOptions { has_thread: false, ..JournalOptions::default() }
}

fn map(disk: &TestDisk) -> Map<TestMap> {
    TestMap::open_on(disk, Path::new(PATH)).expect("it exists")
}

fn all(view: &Map<Version<TestMap>>) -> Vec<u8> {
    view.read_at(0, view.len() as usize).expect("readable")
}

impl Session {
    fn new(bytes: &[u8]) -> Self {
        let disk = disk_with(bytes);
        let journals = Journals::open(disk.clone(), "/journals/of").expect("a folder");
        let facts = disk.look(Path::new(PATH)).expect("it exists");
        let journal =
            Arc::new(journals.create(Path::new(PATH), &facts, options()).expect("a journal"));
        let mut overlay = Overlay::new(map(&disk));
        overlay.record_to(Arc::clone(&journal) as _);
        let states = HashMap::from([(State::FIRST, bytes.to_vec())]);
        Self {
            disk,
            overlay,
            journal,
            states,
            kept: Vec::new(),
            is_new_file: false,
            counts_anew: false,
        }
    }

    fn now(&self) -> Vec<u8> {
        self.states[&self.overlay.history().current()].clone()
    }

    /// Does an edit that is possible.
    fn edit(&mut self, edit: impl Fn(&mut Overlay<TestMap>, &mut Vec<u8>)) {
        let mut model = self.now();
        edit(&mut self.overlay, &mut model);
        self.states.insert(self.overlay.history().current(), model);
    }

    fn act(&mut self, act: &Act) {
        let len = self.now().len();
        let at = |at: u16| usize::from(at) % (len + 1);
        let end = |from: u16, count: u8| (at(from) + usize::from(count)).min(len);
        match act {
            Act::Overwrite(place, new) => {
                let place = at(*place);
                let new = &new[..new.len().min(len - place)];
                self.edit(|overlay, model| {
                    overlay.overwrite(place as u64, new).expect("within");
                    model[place..place + new.len()].copy_from_slice(new);
                });
            }
            Act::Insert(place, new) => {
                let place = at(*place);
                self.edit(|overlay, model| {
                    overlay.insert(place as u64, new).expect("within");
                    model.splice(place..place, new.iter().copied());
                });
            }
            Act::Fill(place, count, byte) => {
                let (place, end) = (at(*place), end(*place, *count));
                self.edit(|overlay, model| {
                    overlay.fill(place as u64..end as u64, &[*byte]).expect("within");
                    model[place..end].fill(*byte);
                });
            }
            Act::Delete(place, count) => {
                let (place, end) = (at(*place), end(*place, *count));
                self.edit(|overlay, model| {
                    overlay.delete(place as u64..end as u64).expect("within");
                    model.drain(place..end);
                });
            }
            Act::Copy(place, count, to) => {
                let (place, end, to) = (at(*place), end(*place, *count), at(*to));
                self.edit(|overlay, model| {
                    overlay.copy(place as u64..end as u64, to as u64).expect("within");
                    let copied = model[place..end].to_vec();
                    model.splice(to..to, copied);
                });
            }
            Act::Amend(place, new) => {
                let place = at(*place);
                self.edit(|overlay, model| {
                    let done = overlay.amend(|overlay| overlay.insert(place as u64, new));
                    done.expect("within");
                    model.splice(place..place, new.iter().copied());
                });
            }
            Act::Retract(place, new, count) => {
                let (place, end) = (at(*place), end(*place, *count));
                self.edit(|overlay, model| {
                    overlay.insert(place as u64, new).expect("within");
                    model.splice(place..place, new.iter().copied());
                    let before = overlay.history().current();
                    let end = place..end.max(place + 1);
                    let done =
                        overlay.amend(|overlay| overlay.delete(end.start as u64..end.end as u64));
                    done.expect("within");
                    assert_eq!(overlay.history().current(), before);
                    assert_eq!(overlay.retract(), Some(end.start as u64..end.end as u64));
                    assert_eq!(overlay.retract(), None);
                });
            }
            Act::Group(place, new, other, count) => {
                let (place, from, end) = (at(*place), at(*other), end(*other, *count));
                self.edit(|overlay, model| {
                    let done = overlay.group(|overlay| {
                        overlay.delete(from as u64..end as u64)?;
                        let place = place.min(overlay.len() as usize) as u64;
                        overlay.insert(place, new)
                    });
                    done.expect("within");
                    model.drain(from..end);
                    let place = place.min(model.len());
                    model.splice(place..place, new.iter().copied());
                });
            }
            Act::Undo => drop(self.overlay.undo()),
            Act::Redo => drop(self.overlay.redo()),
            Act::GoTo(which) => {
                let mut states: Vec<State> = self.states.keys().copied().collect();
                states.sort();
                self.overlay.go_to(states[usize::from(*which) % states.len()]);
            }
            Act::Keep => self.kept.push((self.overlay.view(), self.now())),
            Act::Save(beside) => {
                let mut save = self.overlay.save().journal(Arc::clone(&self.journal));
                if *beside {
                    save = save.way(Way::Rewrite);
                    self.is_new_file = true;
                }
                save.run(&Progress::new()).expect("saved");
                assert_eq!(self.disk.read(PATH), self.now());
                assert!(!self.overlay.history().is_modified());
                assert_eq!(self.overlay.changes().count(), 0);
            }
            Act::SaveLater(place, new) => {
                let expected = self.now();
                let planned = self.overlay.save().journal(Arc::clone(&self.journal));
                let planned = planned.plan(&Progress::new()).expect("possible");
                self.act(&Act::Insert(*place, new.clone()));
                let saved = planned.run(&Progress::new()).expect("saved");
                assert_eq!(self.disk.read(PATH), expected);
                self.overlay.saved(saved);
            }
            Act::Grow(more) => {
                let tail: Vec<u8> = (0..*more).map(|at| at ^ 0x55).collect();
                // A file that was written to is another version, also if it has the same bytes: what nobody
                // looked at is not moved in it then.
                if !tail.is_empty() {
                    self.disk.append(PATH, &tail);
                }
                let was = self.overlay.history().is_modified();
                let disk = self.disk.clone();
                self.edit(|overlay, model| {
                    assert_eq!(overlay.grow(map(&disk)).is_err(), tail.is_empty());
                    model.extend(&tail);
                });
                assert_eq!(self.overlay.history().is_modified(), was);
            }
            Act::Kill => self.kill(),
        }
        assert_eq!(all(&self.overlay.view()), self.now(), "{act:?}");
    }

    /// Ends the program, and begins another one that finds the journal.
    fn kill(&mut self) {
        // What was typed was handed to the system.
        self.journal.write().expect("room");
        self.disk.kill();
        self.disk = self.disk.other_process();
        let journals = Journals::open(self.disk.clone(), "/journals/of").expect("a folder");
        let listed = journals.of(Path::new(PATH)).expect("readable");
        let found = listed.last().expect("there is one");
        assert!(
            matches!(found.standing, Standing::Unsaved | Standing::Finished),
            "{:?}",
            found.standing
        );
        let name = found.name.clone();
        let history = self.overlay.history();
        let unsaved = history.edits_between(history.saved(), history.current());
        let summary = found.summary.as_ref().expect("it was read");
        if !self.counts_anew && !self.is_new_file {
            assert_eq!(summary.unsaved(), unsaved as u64);
        }
        let current = self.now();
        let mut overlay = Overlay::replay(map(&self.disk), &journals, &name).expect("it follows");
        assert_eq!(all(&overlay.view()), current);
        let mut states = HashMap::new();
        let mut order = vec![State::FIRST];
        while let Some(state) = order.pop() {
            states.insert(state, all(&overlay.view_of(state)));
            order.extend(overlay.history().children(state));
        }
        if std::mem::take(&mut self.is_new_file) {
            self.counts_anew = true;
        } else {
            assert_eq!(states, self.states);
        }
        self.states = states;
        self.journal = Arc::new(journals.resume(&name, options(), false).expect("nobody has it"));
        overlay.record_to(Arc::clone(&self.journal) as _);
        self.overlay = overlay;
        for (view, expected) in &self.kept {
            assert_eq!(&all(view), expected);
        }
        self.kept.clear();
    }
}

fn overwrite() -> Act {
    Act::Overwrite(0, vec![0])
}

/// Found by the property below, one in 10,000 times.
#[test]
fn what_is_added_to_a_state_that_others_were_left_for_is_found_again() {
    let mut session = Session::new(&[0; 20]);
    for act in [
        overwrite(),
        Act::Save(true),
        overwrite(),
        // Back to before the rewrite, which a journal has as an edit.
        Act::GoTo(0),
        Act::GoTo(2),
        Act::Amend(0, vec![1]),
        Act::Grow(1),
        Act::Kill,
    ] {
        session.act(&act);
    }
}

/// The same: bytes of a version that was longer are no growth.
#[test]
fn a_copy_from_after_the_end_of_a_file_that_became_shorter_is_no_growth() {
    let mut session = Session::new(&(0..20).collect::<Vec<u8>>());
    for act in [
        Act::Overwrite(0, vec![9]),
        Act::Delete(10, 10),
        Act::Save(false),
        // The first state again, and a copy of bytes that lie after the end of the file as it is now.
        Act::GoTo(0),
        Act::Copy(10, 5, 20),
        Act::Kill,
    ] {
        session.act(&act);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_version_is_what_it_was_through_savings_and_kills(
        base in prop::collection::vec(any::<u8>(), 0..300),
        acts in prop::collection::vec(act(), 0..80),
    ) {
        let mut session = Session::new(&base);
        for act in &acts {
            session.act(act);
        }
        for (view, expected) in &session.kept {
            prop_assert_eq!(&all(view), expected);
        }
        for (state, expected) in &session.states {
            prop_assert_eq!(&all(&session.overlay.view_of(*state)), expected);
        }
    }
}
