//! Granules of different lengths over partly present pages, and maps about as long as a granule.

use std::fs::{self, File};
use std::path::Path;
use std::thread;

use memmap_core::{Mode, Proofs, widen};

use super::ways::{self, Way};
use super::{FrozenMap, MIB, MemMap, PAGE, bytes, stage, touch, touching, with_zeros};

const LEN: usize = 5 * MIB + 3 * PAGE + 77;

fn random(seed: &mut u32, below: usize) -> usize {
    *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    usize::try_from(*seed >> 8).unwrap() % below
}

#[test]
fn granules_over_pages_that_are_there_bring_the_others() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let expected = bytes(LEN);
        let mut seed = 7;
        for step in [3, 7, 40, 300] {
            let frozen = touching(path);
            for _ in 0..200 {
                // Short and long sequences, forwards and backwards, from anywhere.
                let first = random(&mut seed, LEN);
                for page in 0..random(&mut seed, step) {
                    let at = if seed % 2 == 0 {
                        first.saturating_add(page * PAGE).min(LEN - 1)
                    } else {
                        first.saturating_sub(page * PAGE)
                    };
                    assert_eq!(touch(&frozen, at), expected[at]);
                }
            }
            assert!(frozen[..] == expected[..]);
            assert_eq!(frozen.touched(), widen(LEN.next_multiple_of(PAGE)));
        }
    };
    ways::each_ends_well(
        "granules::granules_over_pages_that_are_there_bring_the_others",
        &path,
        deed,
    );
    drop(stage);
}

#[test]
fn lengths_around_what_is_brought_and_locked_at_once() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let expected = bytes(LEN);
        for len in [
            (64 << 10) + 1,
            MIB - PAGE - 1,
            MIB - 1,
            MIB,
            MIB + 1,
            MIB + PAGE,
            2 * MIB - 1,
            2 * MIB,
            2 * MIB + 1,
            LEN,
        ] {
            for offset in [0, 1, PAGE + 5] {
                let len = len.min(LEN - offset);
                let part = MemMap::options().offset(widen(offset)).len(widen(len));
                let frozen = part.open(path).unwrap();
                let frozen = frozen.prove(Proofs::none().first_touch()).unwrap();
                let expected = &expected[offset..offset + len];
                for at in [len - 1, len / 2, len.saturating_sub(PAGE + 1), 0] {
                    assert_eq!(touch(&frozen, at), expected[at]);
                }
                assert!(frozen[..] == *expected, "{len} at {offset}");
            }
        }
    };
    ways::each_ends_well(
        "granules::lengths_around_what_is_brought_and_locked_at_once",
        &path,
        deed,
    );
    drop(stage);
}

/// A window shows what its map shows, and what is lost and touched of it.
#[test]
fn windows_of_partly_touched_maps() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let (frozen, expected) = (with_zeros(path), bytes(LEN));
        assert_eq!(touch(&frozen, MIB + 5), expected[MIB + 5]);
        let window = frozen.slice(widen(MIB - 3)..widen(3 * MIB + 9)).unwrap();
        assert_eq!(window.len(), widen(2 * MIB + 12));
        assert!(window.resident(..).unwrap().iter().all(|range| range.start >= 3));
        File::options().write(true).open(path).unwrap().set_len(widen(2 * MIB + 100)).unwrap();
        assert_eq!(touch(&window, 8), expected[MIB + 5]);
        assert_eq!(window[MIB + 3..MIB + 103], expected[2 * MIB..2 * MIB + 100]);
        assert_eq!(touch(&window, MIB + 103), 0, "the rest of the page is lost");
        assert_eq!(touch(&window, 2 * MIB), 0);
        assert!(window.read_at(widen(MIB + 104), 2).is_err());
        let lost = window.lost();
        assert!(lost.iter().any(|lost| lost.range.contains(&widen(2 * MIB))), "{lost:?}");
        assert!(lost.iter().all(|lost| lost.range.end <= window.len()), "{lost:?}");
        let none = frozen.slice(..widen(MIB)).unwrap();
        assert!(none.lost().is_empty() && none.close().is_ok());
        fs::write(path, &expected).unwrap();
        assert_eq!(touch(&frozen, 3 * MIB - 3), 0, "once seen it stays");
        assert_eq!(touch(&frozen, LEN - 1), expected[LEN - 1]);
    };
    ways::each_ends_well("granules::windows_of_partly_touched_maps", &path, deed);
    drop(stage);
}

/// A page that was lost, and is brought by the touch of another one when its file has grown again, is lost no more.
#[test]
fn what_could_be_read_after_all_is_not_lost() {
    let (stage, path) = stage(LEN);
    let deed = |way: Way, path: &Path| {
        let (frozen, expected) = (touching(path), bytes(LEN));
        File::options().write(true).open(path).unwrap().set_len(widen(MIB)).unwrap();
        let at = 3 * MIB + 2 * PAGE;
        frozen.read_at(widen(at), 1).unwrap_err();
        assert_eq!(frozen.lost().len(), 1);
        fs::write(path, &expected).unwrap();
        // With the thread a lost page stays so. The others look again, also because of a page before it.
        assert_eq!(touch(&frozen, 3 * MIB), expected[3 * MIB]);
        if way == Way::Thread {
            assert!(frozen.read_at(widen(at), 1).is_err() && frozen.lost().len() == 1);
        } else {
            assert_eq!(touch(&frozen, at), expected[at]);
            assert!(frozen.lost().is_empty());
            frozen.close().unwrap();
        }
    };
    ways::each_ends_well("granules::what_could_be_read_after_all_is_not_lost", &path, deed);
    drop(stage);
}

/// Many threads at once wait for the same pages, and for others of the same granule.
#[test]
fn threads_that_touch_the_same_pages_see_the_same() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let expected = bytes(LEN);
        for _ in 0..10 {
            let frozen = FrozenMap::open_with(path, Proofs::none().first_touch()).unwrap();
            thread::scope(|scope| {
                for worker in 0..8 {
                    let (frozen, expected) = (&frozen, &expected);
                    scope.spawn(move || {
                        let mut seed = worker % 3;
                        for _ in 0..300 {
                            let at = random(&mut seed, LEN);
                            assert_eq!(touch(frozen, at), expected[at]);
                        }
                    });
                }
            });
        }
        assert!(MemMap::open(path, Mode::Read).is_ok());
    };
    ways::each_ends_well("granules::threads_that_touch_the_same_pages_see_the_same", &path, deed);
    drop(stage);
}

/// A granule that reaches over pages that were seen leaves them as they were, whatever the file holds by then.
#[test]
fn a_granule_over_pages_that_were_seen_leaves_them() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let expected = bytes(LEN);
        fs::write(path, &expected).unwrap();
        let frozen = touching(path);
        let seen = |page: usize, bytes: &[u8]| {
            frozen[page * PAGE..(page + 4) * PAGE] == bytes[page * PAGE..(page + 4) * PAGE]
        };
        // Four pages at least are brought at once, and as many as are there before.
        assert!([12, 20, 0].iter().all(|&page| seen(page, &expected)));
        fs::write(path, vec![b'n'; LEN]).unwrap();
        touch(&frozen, 4 * PAGE);
        touch(&frozen, 8 * PAGE);
        touch(&frozen, 16 * PAGE);
        assert!([12, 20, 0].iter().all(|&page| seen(page, &expected)));
    };
    ways::each_ends_well("granules::a_granule_over_pages_that_were_seen_leaves_them", &path, deed);
    drop(stage);
}
