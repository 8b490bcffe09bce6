use std::thread;
use std::time::{Duration, SystemTime};

use memmap_core::testing::{Fake, Fault};
use memmap_core::{ErrorKind, Map, Mapping, Result, check};
use memmap_edit::{Overlay, State};

/// Zeros of any length. They take no memory.
#[derive(Debug)]
struct Zeros(u64);

impl Mapping for Zeros {
    fn len(&self) -> u64 {
        self.0
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        check(offset, out.len(), self.0)?;
        out.fill(0);
        Ok(())
    }
}

#[test]
fn lengths_add_up_to_the_last_number_and_no_further() {
    let mut edited = Overlay::new(Map::from_mapping(Zeros(u64::MAX - 2)));
    edited.insert(1 << 40, b"ab").expect("it fits");
    assert_eq!(edited.len(), u64::MAX);
    let error = edited.insert(0, b"c").expect_err("it does not");
    assert!(matches!(error.kind(), ErrorKind::TooLarge { .. }), "{error}");
    let error = edited.insert_fill(7, u64::MAX, b"c").expect_err("it does not");
    assert!(matches!(error.kind(), ErrorKind::TooLarge { .. }), "{error}");
    let error = edited.copy(0..2, 0).expect_err("it does not");
    assert!(matches!(error.kind(), ErrorKind::TooLarge { .. }), "{error}");
    let error = edited.overwrite(u64::MAX, b"c").expect_err("behind the end");
    assert!(matches!(error.kind(), ErrorKind::OutOfBounds { .. }), "{error}");
    edited.fill(3.., b"x").expect("an overwritten byte takes no room");
    edited.overwrite(u64::MAX - 1, b"c").expect("the last byte");
    assert_eq!(edited.view().read_at(u64::MAX - 3, 3).expect("readable"), b"xxc");
    assert_eq!(edited.history().len(), 4);
    edited.go_to(State::FIRST).expect("it changed");
    assert_eq!(edited.len(), u64::MAX - 2);
}

#[test]
fn what_cannot_be_read_stays_so_where_it_went() {
    let fault = Fault::Read { at: 5, kind: std::io::ErrorKind::Other };
    let mut edited = Overlay::new(Map::from_mapping(Fake::new(b"0123456789").with(fault)));
    edited.insert(2, b"abc").expect("within");
    let mut out = [0; 13];
    let partial = edited.view().read_some(0, &mut out).expect("within");
    assert_eq!((partial.len, &out[..8]), (8, &b"01abc234"[..]));
    let unreadable = edited.view().rescue(0, &mut out).expect("within");
    assert_eq!(unreadable.len(), 1);
    assert_eq!(unreadable[0].range, 8..9);
    assert_eq!(&out[9..], b"6789");
    edited.overwrite(8, b"!").expect("within");
    assert_eq!(edited.view().read_at(0, 13).expect("covered"), b"01abc234!6789");
    edited.undo();
    edited.view().read_at(8, 1).expect_err("uncovered again");
    edited.delete(8..10).expect("within");
    assert_eq!(edited.view().read_at(0, 11).expect("gone"), b"01abc234789");
}

#[test]
fn views_are_read_by_threads_while_editing_goes_on() {
    let base: Vec<u8> = (0..100_000_u32).map(|at| (at % 251) as u8).collect();
    let mut edited = Overlay::new(Map::from_mapping(Fake::new(&base)));
    let mut model = base;
    thread::scope(|scope| {
        for round in 0..300_usize {
            let at = round * 7919 % model.len();
            let new = [round as u8; 3];
            edited.insert(at as u64, &new).expect("within");
            model.splice(at..at, new);
            if round % 20 == 0 {
                let (view, expected) = (edited.view(), model.clone());
                scope.spawn(move || {
                    for _ in 0..20 {
                        assert_eq!(view.read_at(0, expected.len()).expect("readable"), expected);
                    }
                });
            }
        }
    });
}

#[test]
fn many_states_are_dropped_and_passed_without_a_deep_stack() {
    let run = || {
        let mut edited = Overlay::new(Map::from_mapping(Zeros(1 << 40)));
        for round in 0..50_000_u64 {
            let at = round.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24;
            edited.overwrite(at % (1 << 40), &[1]).expect("within");
        }
        edited.go_to(State::FIRST).expect("it changed");
        assert_eq!(edited.changes().count(), 0);
    };
    thread::Builder::new()
        .stack_size(256 << 10)
        .spawn(run)
        .expect("a thread")
        .join()
        .expect("no overflow");
}

#[test]
fn a_state_is_found_by_its_time() {
    let mut edited = Overlay::new(Map::from_mapping(Fake::new(b"abc")));
    edited.insert(0, b"1").expect("within");
    let state = edited.history().current();
    let time = edited.history().time(state).expect("it exists");
    assert_eq!(edited.history().at(time + Duration::from_secs(60)), state);
    assert_eq!(edited.history().at(SystemTime::UNIX_EPOCH), State::FIRST);
}

#[test]
fn an_edit_that_changes_nothing_is_no_state() {
    let mut edited = Overlay::new(Map::from_mapping(Fake::new(b"abc")));
    edited.insert(1, b"").expect("within");
    edited.delete(1..1).expect("within");
    edited.replace_many([], b"x").expect("none");
    assert!(edited.history().is_empty());
    assert!(!edited.history().is_modified());
    assert_eq!(edited.undo(), None);
    assert_eq!(edited.redo(), None);
}

#[test]
fn ranges_that_overlap_are_refused_and_nothing_changes() {
    let mut edited = Overlay::new(Map::from_mapping(Fake::new(b"0123456789")));
    let error = edited.replace_many([0..4, 3..5], b"x").expect_err("they overlap");
    assert!(matches!(error.kind(), ErrorKind::BackwardRange { .. }), "{error}");
    let error = edited.replace_many([0..4, 9..11], b"x").expect_err("too far");
    assert!(matches!(error.kind(), ErrorKind::OutOfBounds { .. }), "{error}");
    assert!(edited.history().is_empty());
    assert_eq!(edited.view().read_at(0, 10).expect("readable"), b"0123456789");
}

#[test]
fn what_changed_in_a_range_is_what_changed_in_all_cut_to_it() {
    let base: Vec<u8> = (0..200).collect();
    let mut edited = Overlay::new(Map::from_mapping(Fake::new(&base)));
    assert_eq!(edited.changed_in(..), []);
    let mut seed = 1_u64;
    let mut next = |most: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % (most + 1)
    };
    for round in 0..200 {
        let (at, end) = (next(edited.len()), next(edited.len()));
        let (at, end) = (at.min(end), at.max(end).min(at.min(end) + 9));
        match round % 4 {
            0 => edited.insert(at, b"xyz").expect("within"),
            1 => edited.delete(at..end).expect("within"),
            2 => edited.fill(at..end, b"f").expect("within"),
            _ => drop(edited.undo()),
        }
        let all: Vec<_> = edited.changes().map(|change| change.now).collect();
        assert_eq!(edited.changed_in(..), all, "in round {round}");
        for at in 0..edited.len() {
            let place = edited.changes().take_while(|change| change.now.start <= at).last();
            let expected = match place {
                Some(change) if change.now.contains(&at) => None,
                Some(change) => Some(change.base.end + (at - change.now.end)),
                None => Some(at),
            };
            assert_eq!(edited.in_base(at), expected, "{at} in round {round}");
        }
        assert_eq!(edited.in_base(edited.len()), None);
        for _ in 0..20 {
            let (a, b) = (next(edited.len()), next(edited.len()));
            let range = a.min(b)..a.max(b);
            let cut = |found: &std::ops::Range<u64>| {
                let part = found.start.max(range.start)..found.end.min(range.end);
                let is_in = if found.is_empty() { part == *found } else { part.start < part.end };
                is_in.then_some(part)
            };
            let expected: Vec<_> = all.iter().filter_map(cut).collect();
            assert_eq!(edited.changed_in(range.clone()), expected, "{range:?} in round {round}");
        }
    }
    assert_eq!(edited.changed_in(5..=edited.len()), []);
}

#[test]
fn a_state_says_what_it_replaced_and_how_far_it_is() {
    let mut edited = Overlay::new(Map::from_mapping(Fake::new(b"0123456789")));
    edited.insert(2, b"ab").expect("within");
    let one = edited.history().current();
    edited.delete(4..7).expect("within");
    let two = edited.history().current();
    edited.undo();
    edited.overwrite(0, b"x").expect("within");
    let three = edited.history().current();
    let history = edited.history();
    assert_eq!(history.replaced(State::FIRST), None);
    assert_eq!(history.replaced(one), Some((2..2, 2..4)));
    assert_eq!(history.replaced(two), Some((4..7, 4..4)));
    assert_eq!(history.replaced(three), Some((0..1, 0..1)));
    assert_eq!(history.states().collect::<Vec<_>>(), [State::FIRST, one, two, three]);
    let distance = |from, to| history.distance(from, to);
    assert_eq!([distance(two, two), distance(State::FIRST, two), distance(two, three)], [0, 2, 2]);
}

#[test]
fn what_is_typed_and_taken_back_is_one_state() {
    let mut edited = Overlay::new(Map::from_mapping(Fake::new(b"0123456789")));
    assert_eq!(edited.retract(), None);
    edited.overwrite(3, b"a").expect("within");
    assert_eq!(edited.retract(), None, "undo takes back a whole state");
    for at in 4..10 {
        edited.amend(|edited| edited.overwrite(at, b"a")).expect("within");
    }
    assert_eq!(edited.retract(), Some(9..10));
    assert_eq!(edited.changed_in(..), [3..9], "the byte is the one of the file again");
    assert_eq!(edited.history().len(), 2);
    edited.undo();
    assert_eq!(edited.retract(), None);
    edited.redo();
    assert_eq!(edited.view().read_at(0, 10).expect("readable"), b"012aaaaaa9");
}

#[test]
fn a_long_typing_run_is_one_state() {
    let base = vec![0; 8192];
    let mut edited = Overlay::new(Map::from_mapping(Fake::new(&base)));
    edited.overwrite(0, b"a").expect("within");
    for at in 1..5000 {
        edited.amend(|edited| edited.overwrite(at, b"a")).expect("within");
    }
    assert_eq!(edited.history().len(), 2);
    edited.undo();
    assert!(!edited.history().is_modified());
}

#[test]
fn a_list_of_edits_has_the_bytes_of_each() {
    let known = |bytes: &[u8]| bytes.iter().copied().map(Some).collect::<Vec<_>>();
    let mut edited = Overlay::new(Map::from_mapping(Fake::new(b"0123456789abcdefghijklmnop")));
    let of = |edited: &Overlay<_>| {
        let made = edited.made(edited.history().current());
        (made.old, made.new)
    };
    assert_eq!(of(&edited), (vec![], vec![]));
    // Keys of a run: two digits of each byte, and the next byte.
    edited.overwrite(2, b"A").expect("within");
    for (at, byte) in [(2, b"B"), (3, b"C"), (3, b"D"), (4, b"E")] {
        edited.amend(|edited| edited.overwrite(at, byte)).expect("within");
    }
    assert_eq!(of(&edited), (known(b"234"), known(b"BDE")));
    edited.insert(4, b"x").expect("within");
    edited.amend(|edited| edited.insert(5, b"yz")).expect("within");
    edited.amend(|edited| edited.overwrite(6, b"Z")).expect("within");
    assert_eq!(of(&edited), (vec![], known(b"xyZ")));
    edited.delete(3..8).expect("within");
    assert_eq!(of(&edited), (known(b"DxyZE"), vec![]));
    edited.shown_only(vec![(4, b"6".to_vec())]);
    edited.delete(3..6).expect("within");
    assert_eq!(of(&edited), (vec![None, Some(b'6'), None], vec![]));
    edited.fill(0..edited.len(), b"ab").expect("within");
    let (old, new) = of(&edited);
    assert_eq!((old.len(), new), (16, known(b"abababababababab")));
    edited.replace_many([0..1, 5..6], b"!").expect("within");
    assert_eq!(of(&edited), (known(b"a"), known(b"!")));
    edited.copy(0..2, 9).expect("within");
    assert_eq!(of(&edited), (vec![], known(b"!b")));
}
