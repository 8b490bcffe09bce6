//! More maps than there are threads for, and processes without addresses.

use std::path::Path;

use memmap_core::{Mode, Proof, Proofs};

use super::ways::{self, Way};
use super::{MIB, MemMap, PAGE, bytes, stage, touch, touching};

#[test]
fn hundreds_of_maps_live_at_once() {
    const LEN: usize = 40 * PAGE + 5;
    let (stage, path) = stage(LEN);
    let deed = |way: Way, path: &Path| {
        let expected = bytes(LEN);
        let maps: Vec<_> = (0..300).map(|_| touching(path)).collect();
        way.is_taken();
        for (turn, map) in maps.iter().enumerate().rev() {
            let at = (turn * 4099) % LEN;
            assert_eq!(touch(map, at), expected[at]);
        }
        assert!(maps.iter().all(|map| map[..] == expected[..]));
    };
    ways::each_ends_well("limits::hundreds_of_maps_live_at_once", &path, deed);
    drop(stage);
}

#[test]
fn without_addresses_there_is_a_reason_and_no_map() {
    const LEN: usize = MIB;
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_len(1 << 36).unwrap();
        let map = MemMap::open(path, Mode::Read).unwrap();
        let limit = libc::rlimit { rlim_cur: 1 << 30, rlim_max: libc::RLIM_INFINITY };
        // SAFETY: reads a local variable.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) }, 0);
        let refused = map.prove(Proofs::none().first_touch()).unwrap_err();
        let why = refused.error.reasons().iter().find(|why| why.proof == Proof::FirstTouch);
        let why = &why.unwrap().why;
        assert!(why.contains("memory") || why.contains("addresses"), "{why}");
    };
    ways::each_ends_well("limits::without_addresses_there_is_a_reason_and_no_map", &path, deed);
    drop(stage);
}
