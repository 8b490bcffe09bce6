use std::collections::HashMap;

use memmap_core::testing::Fake;
use memmap_core::{Extent, Map, Mapping};
use memmap_edit::{Overlay, State, Stick, Version};
use proptest::prelude::*;

/// What may be done. Numbers are taken as far as they go.
#[derive(Debug, Clone)]
enum Act {
    Overwrite(u16, Vec<u8>),
    Insert(u16, Vec<u8>),
    InsertFill(u16, u16, Vec<u8>),
    InsertMap(u16, Vec<u8>),
    Delete(u16, u16),
    Replace(u16, u8, Vec<u8>),
    Fill(u16, u16, Vec<u8>),
    Copy(u16, u16, u16),
    ReplaceMany(Vec<(u8, u8)>, Vec<u8>),
    Group(Vec<Self>, bool),
    Amend(u16, Vec<u8>),
    Undo,
    Redo,
    GoTo(u16),
    Grow(u8),
    Keep,
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..most)
}

fn edit() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (any::<u16>(), bytes(24)).prop_map(|(at, new)| Act::Overwrite(at, new)),
        6 => (any::<u16>(), bytes(24)).prop_map(|(at, new)| Act::Insert(at, new)),
        1 => (any::<u16>(), 0..400_u16, bytes(5)).prop_map(|(at, len, new)| Act::InsertFill(at, len, new)),
        1 => (any::<u16>(), bytes(60)).prop_map(|(at, new)| Act::InsertMap(at, new)),
        5 => (any::<u16>(), 0..60_u16).prop_map(|(at, len)| Act::Delete(at, len)),
        4 => (any::<u16>(), any::<u8>(), bytes(24)).prop_map(|(at, len, new)| Act::Replace(at, len, new)),
        2 => (any::<u16>(), 0..300_u16, bytes(5)).prop_map(|(at, len, new)| Act::Fill(at, len, new)),
        2 => (any::<u16>(), 0..200_u16, any::<u16>()).prop_map(|(at, len, to)| Act::Copy(at, len, to)),
        1 => (prop::collection::vec(any::<(u8, u8)>(), 0..40), bytes(9))
            .prop_map(|(ranges, new)| Act::ReplaceMany(ranges, new)),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        20 => edit(),
        2 => (prop::collection::vec(edit(), 0..8), any::<bool>()).prop_map(|(acts, ok)| Act::Group(acts, ok)),
        1 => (prop::collection::vec(edit(), 250..270)).prop_map(|acts| Act::Group(acts, true)),
        3 => (any::<u16>(), bytes(4)).prop_map(|(at, new)| Act::Amend(at, new)),
        6 => Just(Act::Undo),
        3 => Just(Act::Redo),
        2 => any::<u16>().prop_map(Act::GoTo),
        1 => any::<u8>().prop_map(Act::Grow),
        2 => Just(Act::Keep),
    ]
}

/// A byte with its name: which version of which bytes it is of. So that a test can say where it went.
type Named = (u8, u32);

/// The same, done to a vector.
struct Model {
    now: Vec<Named>,
    base: Vec<u8>,
    fresh: u32,
    states: HashMap<u32, Vec<Named>>,
}

impl Model {
    fn name(&mut self, new: &[u8]) -> Vec<Named> {
        let first = self.fresh;
        self.fresh += new.len() as u32;
        new.iter().copied().zip(first..).collect()
    }

    fn bytes(&self) -> Vec<u8> {
        self.now.iter().map(|named| named.0).collect()
    }

    fn splice(&mut self, at: usize, len: usize, new: &[u8]) {
        let new = self.name(new);
        self.now.splice(at..at + len, new);
    }
}

/// Does one edit to both. What neither can do is an error of both.
fn edit_both(overlay: &mut Overlay<Fake>, model: &mut Model, act: &Act) {
    let len = model.now.len();
    let at = |at: u16| usize::from(at) % (len + 1);
    let repeat = |pattern: &[u8], count: usize| -> Vec<u8> {
        pattern.iter().copied().cycle().take(count).collect()
    };
    match act {
        Act::Overwrite(place, new) => {
            let (at, new_len) = (at(*place), new.len());
            if at + new_len > len {
                overlay.overwrite(at as u64, new).expect_err("beyond the end");
            } else {
                overlay.overwrite(at as u64, new).expect("within");
                // An overwritten byte is another one.
                model.splice(at, new_len, new);
            }
        }
        Act::Insert(place, new) => {
            overlay.insert(at(*place) as u64, new).expect("within");
            model.splice(at(*place), 0, new);
        }
        Act::InsertMap(place, new) => {
            overlay
                .insert_map(at(*place) as u64, Map::from_mapping(Fake::new(new)))
                .expect("within");
            model.splice(at(*place), 0, new);
        }
        Act::InsertFill(place, count, pattern) => {
            let done = overlay.insert_fill(at(*place) as u64, u64::from(*count), pattern);
            assert_eq!(done.is_err(), pattern.is_empty());
            if done.is_ok() {
                model.splice(at(*place), 0, &repeat(pattern, usize::from(*count)));
            }
        }
        Act::Delete(place, count) => {
            let end = (at(*place) + usize::from(*count)).min(len);
            overlay.delete(at(*place) as u64..end as u64).expect("within");
            model.splice(at(*place), end - at(*place), &[]);
        }
        Act::Replace(place, count, new) => {
            let end = (at(*place) + usize::from(*count)).min(len);
            overlay.replace(at(*place) as u64..end as u64, new).expect("within");
            model.splice(at(*place), end - at(*place), new);
        }
        Act::Fill(place, count, pattern) => {
            let end = (at(*place) + usize::from(*count)).min(len);
            let done = overlay.fill(at(*place) as u64..end as u64, pattern);
            assert_eq!(done.is_err(), pattern.is_empty());
            if done.is_ok() {
                model.splice(at(*place), end - at(*place), &repeat(pattern, end - at(*place)));
            }
        }
        Act::Copy(place, count, to) => {
            let end = (at(*place) + usize::from(*count)).min(len);
            overlay.copy(at(*place) as u64..end as u64, at(*to) as u64).expect("within");
            let copied: Vec<u8> = model.now[at(*place)..end].iter().map(|named| named.0).collect();
            model.splice(at(*to), 0, &copied);
        }
        Act::ReplaceMany(gaps, new) => {
            let mut ranges = Vec::new();
            let mut at = 0_usize;
            for &(gap, count) in gaps {
                let start = at + usize::from(gap);
                let end = start + usize::from(count % 8);
                if end > len {
                    break;
                }
                ranges.push(start as u64..end as u64);
                at = end;
            }
            overlay.replace_many(ranges.iter().cloned(), new).expect("in order");
            for range in ranges.iter().rev() {
                let (start, end) = (range.start as usize, range.end as usize);
                model.splice(start, end - start, new);
            }
        }
        _ => unreachable!("not an edit"),
    }
}

/// Every way to read a view gives what the model has.
fn assert_reads(view: &Map<Version<Fake>>, expected: &[u8]) {
    assert_eq!(view.len(), expected.len() as u64);
    assert_eq!(view.read_at(0, expected.len()).expect("readable"), expected);
    let third = expected.len() / 3;
    assert_eq!(view.read_at(third as u64, third).expect("readable"), &expected[third..2 * third]);
    let extents = view.mapping().extents(0, view.len()).expect("known");
    let lens: u64 = extents.iter().map(Extent::range).map(|range| range.end - range.start).sum();
    assert_eq!(lens, view.len());
}

/// What is between two changes is in the base, and changes give the new version.
fn assert_changes(overlay: &Overlay<Fake>, model: &Model) {
    let now = model.bytes();
    let mut made: Vec<u8> = Vec::new();
    let mut passed = 0;
    for change in overlay.changes() {
        let (from, to) = (change.base.start as usize, change.base.end as usize);
        made.extend(&model.base[passed..from]);
        assert_eq!(made.len() as u64, change.now.start);
        made.extend(&now[change.now.start as usize..change.now.end as usize]);
        passed = to;
    }
    made.extend(&model.base[passed..]);
    assert_eq!(made, now);
}

fn run(base: Vec<u8>, acts: Vec<Act>) {
    let mut overlay = Overlay::new(Map::from_mapping(Fake::new(&base)));
    let mut model = Model { now: Vec::new(), base, fresh: 0, states: HashMap::new() };
    let first = model.base.clone();
    model.now = model.name(&first);
    model.states.insert(0, model.now.clone());
    let mut kept: Vec<(Map<Version<Fake>>, Vec<u8>)> = Vec::new();
    for act in acts {
        let before = overlay.history().current();
        match &act {
            Act::Undo | Act::Redo | Act::GoTo(_) => {
                let history = overlay.history();
                let target = match act {
                    Act::Undo => history.parent(before),
                    Act::Redo => history.next(before),
                    _ => {
                        let Act::GoTo(which) = act else { continue };
                        let all = every_state(&overlay);
                        all.get(usize::from(which) % all.len()).copied()
                    }
                };
                let found = match act {
                    Act::Undo => overlay.undo(),
                    Act::Redo => overlay.redo(),
                    _ => overlay.go_to(target.expect("there is one")),
                };
                if let Some(target) = target {
                    assert_eq!(overlay.history().current(), target);
                    let (was, now) = (model.now.clone(), model.states[&target.number()].clone());
                    let changed = found.unwrap_or(0..0);
                    // What is outside of what is said to have changed is the same.
                    let start = changed.start as usize;
                    assert_eq!(was[..start.min(was.len())], now[..start.min(now.len())]);
                    let tail = now.len() - changed.end as usize;
                    assert_eq!(was[was.len() - tail..], now[now.len() - tail..]);
                    model.now = now;
                } else {
                    assert_eq!(found, None);
                }
            }
            Act::Group(acts, is_kept) => {
                let was = model.now.clone();
                let done = overlay.group(|overlay| {
                    for act in acts {
                        edit_both(overlay, &mut model, act);
                    }
                    if *is_kept { Ok(()) } else { Err("taken back") }
                });
                assert_eq!(done.is_ok(), *is_kept);
                if !is_kept {
                    model.now = was;
                    assert_eq!(overlay.history().current(), before);
                }
            }
            Act::Amend(place, new) => {
                let done: Result<(), ()> = overlay.amend(|overlay| {
                    edit_both(overlay, &mut model, &Act::Insert(*place, new.clone()));
                    Ok(())
                });
                done.expect("it edits");
            }
            Act::Grow(more) => {
                let mut base = model.base.clone();
                base.extend((0..*more).map(|at| at ^ 0x55));
                let map = Map::from_mapping(Fake::new(&base));
                let done = overlay.grow(map);
                assert_eq!(done.is_err(), *more == 0);
                let tail = base[model.base.len()..].to_vec();
                model.base = base;
                let at = model.now.len();
                model.splice(at, 0, &tail);
            }
            Act::Keep => kept.push((overlay.view(), model.bytes())),
            edit => edit_both(&mut overlay, &mut model, edit),
        }
        let current = overlay.history().current();
        model.states.insert(current.number(), model.now.clone());
        assert_reads(&overlay.view(), &model.bytes());
    }
    assert_changes(&overlay, &model);
    for (view, expected) in &kept {
        assert_reads(view, expected);
    }
    let states = every_state(&overlay);
    for &state in &states {
        let expected: Vec<u8> = model.states[&state.number()].iter().map(|named| named.0).collect();
        assert_reads(&overlay.view_of(state), &expected);
    }
    // A byte that is in both versions is found where it went.
    for pair in states.windows(2) {
        let [from, to] = pair else { continue };
        let shift = overlay.shift(*from, *to);
        let (was, now) = (&model.states[&from.number()], &model.states[&to.number()]);
        let places: HashMap<u32, usize> =
            now.iter().enumerate().map(|(at, named)| (named.1, at)).collect();
        for (at, named) in was.iter().enumerate() {
            let range = at as u64..at as u64 + 1;
            if !shift.changes(&range) {
                let place = places.get(&named.1).expect("it says that it did not change");
                assert_eq!(shift.position(at as u64, Stick::Right), *place as u64);
            }
        }
    }
}

fn every_state(overlay: &Overlay<Fake>) -> Vec<State> {
    let mut all = vec![State::FIRST];
    let mut index = 0;
    while let Some(&state) = all.get(index) {
        all.extend(overlay.history().children(state));
        index += 1;
    }
    assert_eq!(all.len(), overlay.history().len());
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_version_is_what_a_vector_would_be(
        base in prop::collection::vec(any::<u8>(), 0..600),
        acts in prop::collection::vec(act(), 0..120),
    ) {
        run(base, acts);
    }
}
