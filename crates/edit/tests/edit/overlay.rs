use std::thread;
use std::time::{Duration, SystemTime};

use memmap_core::testing::{Fake, Fault};
use memmap_core::{ErrorKind, Map, Mapping, Result, check};
use memmap_edit::{Overlay, State};

/// A map of so many zeros that nobody could store them.
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
