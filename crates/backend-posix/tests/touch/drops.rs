//! Maps that are dropped while pages are brought ahead, and whose addresses are the next one's.

use std::fs;
use std::path::Path;
use std::thread;

use super::ways::{self, Way};
use super::{MIB, PAGE, bytes, stage, touch, touching};

const LEN: usize = 2 * MIB;

#[test]
fn the_next_map_at_the_same_addresses_has_its_own_bytes() {
    let (stage, path) = stage(LEN);
    fs::write(path.with_extension("other"), vec![b'Z'; LEN]).unwrap();
    let deed = |_: Way, path: &Path| {
        let other = path.with_extension("other");
        let expected = bytes(LEN);
        let mut same = 0;
        for turn in 0..100 {
            let first = {
                let frozen = touching(path);
                // In order, so that more is brought ahead when it is dropped.
                for at in (0..(64 << 10) + turn * PAGE).step_by(PAGE) {
                    assert_eq!(touch(&frozen, at), expected[at]);
                }
                frozen.as_ptr()
            };
            let next = touching(&other);
            same += usize::from(next.as_ptr() == first);
            assert_eq!(next.touched(), 0);
            for at in (0..LEN).step_by(PAGE * 5) {
                assert_eq!(touch(&next, at), b'Z');
            }
        }
        assert!(same > 0, "the addresses are used again");
    };
    ways::each_ends_well(
        "drops::the_next_map_at_the_same_addresses_has_its_own_bytes",
        &path,
        deed,
    );
    drop(stage);
}

#[test]
fn maps_of_two_files_come_and_go_in_threads() {
    let (stage, path) = stage(LEN);
    fs::write(path.with_extension("other"), vec![b'Z'; LEN]).unwrap();
    let deed = |_: Way, path: &Path| {
        let other = path.with_extension("other");
        let expected = bytes(LEN);
        thread::scope(|scope| {
            for worker in 0..4 {
                let (other, expected) = (&other, &expected);
                scope.spawn(move || {
                    for turn in 0..25 {
                        let frozen = touching(if worker % 2 == 0 { path } else { other });
                        let at = (turn * 7919 + worker * 31) * PAGE % LEN;
                        let right = if worker % 2 == 0 { expected[at] } else { b'Z' };
                        assert_eq!(touch(&frozen, at), right);
                        let slice = frozen.slice(widen(at)..).unwrap();
                        drop(frozen);
                        assert_eq!(touch(&slice, 0), right);
                    }
                });
            }
        });
    };
    ways::each_ends_well("drops::maps_of_two_files_come_and_go_in_threads", &path, deed);
    drop(stage);
}

fn widen(len: usize) -> u64 {
    memmap_core::widen(len)
}
