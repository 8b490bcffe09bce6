//! Others split the mapping of a map that is being touched, and take nothing of it.

use std::path::Path;

use super::ways::{self, Way};
use super::{MIB, PAGE, bytes, stage, touch, touching};

const LEN: usize = 6 * MIB;

/// A call that splits a mapping at the ends of a range, and its number.
fn split(turn: usize, part: &[u8]) {
    let (first, len) = (part.as_ptr().cast_mut().cast(), part.len());
    // SAFETY: calls that change no byte and take no page. They may fail: what they did to the mapping stays.
    match turn {
        // SAFETY: as above.
        0 => drop_answer(unsafe { libc::mlock(first, len) }),
        // SAFETY: as above.
        1 => drop_answer(unsafe { libc::madvise(first, len, libc::MADV_SEQUENTIAL) }),
        // SAFETY: as above.
        2 => drop_answer(unsafe { libc::madvise(first, len, libc::MADV_DODUMP) }),
        // SAFETY: as above.
        3 => drop_answer(unsafe { libc::madvise(first, len, libc::MADV_HUGEPAGE) }),
        // SAFETY: as above; the name ends with a zero.
        4 => drop_answer(unsafe {
            libc::prctl(libc::PR_SET_VMA, libc::PR_SET_VMA_ANON_NAME, first, len, c"part".as_ptr())
        }),
        // SAFETY: as above.
        5 => drop_answer(unsafe { libc::madvise(first, len, libc::MADV_DONTFORK) }),
        // SAFETY: as above.
        6 => drop_answer(unsafe { libc::madvise(first, len, libc::MADV_RANDOM) }),
        // SAFETY: as above.
        _ => drop_answer(unsafe { libc::madvise(first, len, libc::MADV_NOHUGEPAGE) }),
    }
}

fn drop_answer(_: i32) {}

#[test]
fn granules_over_several_mappings_are_brought() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let expected = bytes(LEN);
        for turn in 0..8 {
            let frozen = touching(path);
            for at in [8 * PAGE, 17 * PAGE, 300 * PAGE, 3 * MIB - PAGE, 5 * MIB + 3 * PAGE] {
                split(turn, &frozen[at..at + 3 * PAGE]);
            }
            // In the middle of a granule, and then in order.
            assert_eq!(touch(&frozen, 10 * PAGE), expected[10 * PAGE]);
            split(turn, &frozen[PAGE..2 * PAGE]);
            assert!(frozen[..] == expected[..], "{turn}");
        }
    };
    ways::each_ends_well("splits::granules_over_several_mappings_are_brought", &path, deed);
    drop(stage);
}

/// What cannot be accessed for a while is brought when it can be.
#[test]
fn access_that_is_taken_and_given_back() {
    let (stage, path) = stage(LEN);
    let deed = |way: Way, path: &Path| {
        // With the signal ways, missing pages are those without access: only their owner gives it.
        if way != Way::Thread {
            return;
        }
        let (frozen, expected) = (touching(path), bytes(LEN));
        let part = &frozen[10 * PAGE..12 * PAGE];
        let first = part.as_ptr().cast_mut().cast();
        // SAFETY: nobody reads the pages meanwhile.
        assert_eq!(unsafe { libc::mprotect(first, part.len(), libc::PROT_NONE) }, 0);
        assert_eq!(touch(&frozen, 9 * PAGE), expected[9 * PAGE]);
        assert_eq!(touch(&frozen, 13 * PAGE), expected[13 * PAGE]);
        // SAFETY: as it was.
        assert_eq!(unsafe { libc::mprotect(first, part.len(), libc::PROT_READ) }, 0);
        assert!(frozen[..] == expected[..]);
    };
    ways::each_ends_well("splits::access_that_is_taken_and_given_back", &path, deed);
    drop(stage);
}
