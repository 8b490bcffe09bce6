//! Children made by `fork`: what was touched is there, and they fill the rest by themselves.

use std::fs;
use std::path::Path;
use std::ptr;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::thread;

use super::child::{End, in_a_child};
use super::ways::{self, Way};
use super::{MIB, PAGE, bytes, stage, touch, touching, with_zeros};

const LEN: usize = 8 * MIB;

/// New memory. The system tends to choose the first gap in the addresses that fits.
fn new_memory(len: usize) -> *mut u8 {
    let (protection, flags) =
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: without an address the system chooses a range that nothing uses.
    let memory = unsafe { libc::mmap(ptr::null_mut(), len, protection, flags, -1, 0) };
    assert_ne!(memory, libc::MAP_FAILED);
    memory.cast()
}

#[test]
fn a_child_has_what_was_touched_and_fills_the_rest() {
    let (stage, path) = stage(LEN);
    let deed = |way: Way, path: &Path| {
        let (frozen, expected) = (touching(path), bytes(LEN));
        way.is_taken();
        for at in [3 * MIB, 0, LEN - 1] {
            assert_eq!(touch(&frozen, at), expected[at]);
        }
        let all = || i32::from(frozen[..] == expected[..]);
        // One page that is there, one that is not, and all of them; then a child of a child that filled some.
        for at in [3 * MIB, 6 * MIB] {
            assert_eq!(in_a_child(|| touch(&frozen, at).into()), End::Code(expected[at].into()));
        }
        assert_eq!(in_a_child(all), End::Code(1));
        let grandchild = || {
            let of_child = touch(&frozen, 6 * MIB) == expected[6 * MIB];
            i32::from(of_child && in_a_child(all) == End::Code(1) && frozen[..] == expected[..])
        };
        assert_eq!(in_a_child(grandchild), End::Code(1));
        let threads = || {
            thread::scope(|scope| {
                let all = (0..4).map(|_| scope.spawn(|| frozen[..] == expected[..]));
                let all: Vec<_> = all.collect();
                all.into_iter().all(|equal| equal.join().unwrap()).into()
            })
        };
        assert_eq!(in_a_child(threads), End::Code(1));
        assert!(frozen.resident(..).unwrap().len() > 1, "the parent has what it touched");
        assert!(frozen[..] == expected[..]);
        assert_eq!(in_a_child(all), End::Code(1), "and so has a child now");
    };
    ways::each_ends_well("forks::a_child_has_what_was_touched_and_fills_the_rest", &path, deed);
    drop(stage);
}

/// Bytes that were seen stay what they were, in each process; the others are read when they are touched there.
#[test]
fn a_child_freezes_bytes_by_itself() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let expected = bytes(LEN);
        fs::write(path, &expected).unwrap();
        let frozen = touching(path);
        assert_eq!(touch(&frozen, 3 * MIB), expected[3 * MIB]);
        let rewrite = |byte: u8| {
            let file = fs::OpenOptions::new().write(true).open(path).unwrap();
            std::os::unix::fs::FileExt::write_all_at(&file, &vec![byte; LEN], 0).unwrap();
        };
        rewrite(252);
        let child = || {
            let before = (touch(&frozen, 3 * MIB), touch(&frozen, 6 * MIB));
            rewrite(253);
            let after = (touch(&frozen, 3 * MIB), touch(&frozen, 6 * MIB), touch(&frozen, MIB));
            i32::from(before == (expected[3 * MIB], 252) && after == (before.0, 252, 253))
        };
        assert_eq!(in_a_child(child), End::Code(1));
        rewrite(254);
        assert_eq!((touch(&frozen, 3 * MIB), touch(&frozen, 6 * MIB)), (expected[3 * MIB], 254));
        fs::write(path, &expected).unwrap();
    };
    ways::each_ends_well("forks::a_child_freezes_bytes_by_itself", &path, deed);
    drop(stage);
}

/// Threads of a child that touch the same page at the same time see the same bytes, for good.
#[test]
fn threads_of_a_child_fill_a_page_once() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let frozen = touching(path);
        let child = || {
            let (ends, wrong) = (AtomicBool::new(false), AtomicUsize::new(0));
            thread::scope(|scope| {
                scope.spawn(|| {
                    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
                    for byte in (1..=255).cycle().take_while(|_| !ends.load(Ordering::Relaxed)) {
                        std::os::unix::fs::FileExt::write_all_at(&file, &vec![byte; LEN], 0)
                            .unwrap();
                    }
                });
                // A page of each piece that is filled at once.
                for page in (0..LEN / PAGE).step_by(16) {
                    let (start, seen) = (Barrier::new(4), [const { AtomicU8::new(0) }; 4]);
                    thread::scope(|scope| {
                        for seen in &seen {
                            let (start, frozen) = (&start, &frozen);
                            scope.spawn(move || {
                                start.wait();
                                seen.store(touch(frozen, page * PAGE), Ordering::Relaxed);
                            });
                        }
                    });
                    let now = touch(&frozen, page * PAGE);
                    let differs = seen.iter().any(|seen| seen.load(Ordering::Relaxed) != now);
                    wrong.fetch_add(usize::from(differs), Ordering::Relaxed);
                }
                ends.store(true, Ordering::Relaxed);
            });
            i32::from(wrong.into_inner() != 0)
        };
        assert_eq!(in_a_child(child), End::Code(0));
        fs::write(path, bytes(LEN)).unwrap();
    };
    ways::each_ends_well("forks::threads_of_a_child_fill_a_page_once", &path, deed);
    drop(stage);
}

#[test]
fn what_a_child_lost_its_parent_is_told() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        fs::write(path, bytes(LEN)).unwrap();
        let (frozen, expected) = (with_zeros(path), bytes(LEN));
        assert_eq!(touch(&frozen, 3 * MIB), expected[3 * MIB]);
        let file = fs::OpenOptions::new().write(true).open(path).unwrap();
        file.set_len(u64::try_from(5 * MIB + 10).unwrap()).unwrap();
        let child = || {
            let zeros = (touch(&frozen, 6 * MIB), touch(&frozen, 5 * MIB + 10));
            let rest = touch(&frozen, 5 * MIB + 9) == expected[5 * MIB + 9];
            i32::from(zeros == (0, 0) && rest && frozen.read_at(6 << 20, 1).is_err())
        };
        assert_eq!(in_a_child(child), End::Code(1));
        let lost: Vec<_> = frozen.lost().into_iter().map(|lost| lost.range).collect();
        assert!(lost.iter().any(|lost| lost.contains(&(6 << 20))), "{lost:?}");
        assert!(!lost.iter().any(|lost| lost.contains(&(3 << 20))), "{lost:?}");
        fs::write(path, &expected).unwrap();
    };
    ways::each_ends_well("forks::what_a_child_lost_its_parent_is_told", &path, deed);
    drop(stage);
}

#[test]
fn more_gaps_than_are_masked_one_by_one() {
    let (stage, path) = stage(LEN);
    let deed = |way: Way, path: &Path| {
        let (frozen, expected) = (touching(path), bytes(LEN));
        // Each 64 KiB, in which at least a page stays missing where a thread brings them.
        for at in (0..LEN).step_by(64 << 10) {
            assert_eq!(touch(&frozen, at), expected[at]);
        }
        assert!(way != Way::Thread || frozen.resident(..).unwrap().len() > 100);
        // What was touched is frozen in a child as well; what was not is what the file has by then.
        let present = frozen.resident(..).unwrap();
        let is_present =
            |at: usize| present.iter().any(|run| run.contains(&memmap_core::widen(at)));
        fs::write(path, vec![252; LEN]).unwrap();
        let child = || {
            let right =
                |at: usize| touch(&frozen, at) == if is_present(at) { expected[at] } else { 252 };
            i32::from((0..LEN).step_by(PAGE / 2).all(right))
        };
        assert_eq!(in_a_child(child), End::Code(1));
        fs::write(path, &expected).unwrap();
        assert_eq!(in_a_child(|| i32::from(frozen[..] == expected[..])), End::Code(1));
        assert!(frozen[..] == expected[..]);
    };
    ways::each_ends_well("forks::more_gaps_than_are_masked_one_by_one", &path, deed);
    drop(stage);
}

#[test]
fn memory_of_a_child_is_not_where_the_slice_is() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let frozen = touching(path);
        touch(&frozen, 0);
        let range = frozen.as_ptr().addr()..frozen.as_ptr().addr() + LEN;
        let end = in_a_child(|| {
            let lens = [PAGE, MIB, LEN - MIB, LEN, LEN + PAGE, LEN + 2 * PAGE];
            lens.into_iter()
                .cycle()
                .take(60)
                .map(|len| {
                    let mine = new_memory(len);
                    // SAFETY: the memory is new, and ours.
                    unsafe { mine.write_bytes(b'M', len) };
                    i32::from(mine.addr() < range.end && range.start < mine.addr() + len)
                })
                .sum()
        });
        assert_eq!(end, End::Code(0));
    };
    ways::each_ends_well("forks::memory_of_a_child_is_not_where_the_slice_is", &path, deed);
    drop(stage);
}

#[test]
fn a_child_that_drops_the_map_takes_nothing_from_its_parent() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let (frozen, expected) = (touching(path), bytes(LEN));
        assert_eq!(touch(&frozen, 0), expected[0]);
        for _ in 0..5 {
            let end = in_a_child(|| {
                // SAFETY: the child ends without dropping the one that this is a copy of.
                drop(unsafe { ptr::read(&raw const frozen) });
                // It makes a map of its own, with a thread of its own.
                let own = touching(path);
                i32::from(own[..] == expected[..])
            });
            assert_eq!(end, End::Code(1));
        }
        assert!(frozen[..] == expected[..]);
    };
    ways::each_ends_well(
        "forks::a_child_that_drops_the_map_takes_nothing_from_its_parent",
        &path,
        deed,
    );
    drop(stage);
}

/// Pages that a thread has seen before the fork are there in the child, even if they were brought just then.
#[test]
fn what_was_seen_before_a_fork_is_there_while_pages_are_brought() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let expected = bytes(LEN);
        let seen: Vec<AtomicU8> = (0..LEN / PAGE).map(|_| AtomicU8::new(0)).collect();
        for turn in 0..12 {
            let frozen = touching(path);
            let ends = AtomicBool::new(false);
            for page in &seen {
                page.store(0, Ordering::Relaxed);
            }
            thread::scope(|scope| {
                for first in [0, seen.len() / 2] {
                    let (frozen, seen, ends) = (&frozen, &seen, &ends);
                    scope.spawn(move || {
                        // In order, so that pages are brought ahead, and seen without a wait.
                        for (page, seen) in seen.iter().enumerate().skip(first).take(seen.len() / 2)
                        {
                            seen.store(touch(frozen, page * PAGE), Ordering::SeqCst);
                        }
                        ends.store(true, Ordering::Relaxed);
                    });
                }
                while !ends.load(Ordering::Relaxed) {
                    let end = in_a_child(|| {
                        let wrong = seen.iter().enumerate().filter(|(page, seen)| {
                            let seen = seen.load(Ordering::SeqCst);
                            seen != 0 && seen != touch(&frozen, page * PAGE)
                        });
                        i32::from(wrong.count() != 0)
                    });
                    // The threads' gaps are two: fewer than are masked one by one.
                    assert_eq!(end, End::Code(0), "{turn}");
                }
            });
            assert!(frozen[..] == expected[..]);
        }
    };
    let test = "forks::what_was_seen_before_a_fork_is_there_while_pages_are_brought";
    ways::each_ends_well(test, &path, deed);
    drop(stage);
}

/// Maps come and go in one thread while another one forks.
#[test]
fn maps_come_and_go_while_children_are_made() {
    let (stage, path) = stage(MIB);
    let deed = |_: Way, path: &Path| {
        let (stays, expected) = (touching(path), bytes(MIB));
        assert_eq!(touch(&stays, 0), expected[0]);
        let ends = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                for turn in 0..60 {
                    let frozen = touching(path);
                    let at = turn * PAGE * 3;
                    assert_eq!(touch(&frozen, at), expected[at]);
                }
                ends.store(true, Ordering::Relaxed);
            });
            while !ends.load(Ordering::Relaxed) {
                assert_eq!(in_a_child(|| touch(&stays, 7).into()), End::Code(expected[7].into()));
            }
        });
    };
    ways::each_ends_well("forks::maps_come_and_go_while_children_are_made", &path, deed);
    drop(stage);
}

/// A bare `clone` calls no handler of forks: nothing is there, and nothing is read as zeros.
#[test]
fn a_child_that_no_handler_knows_of_reads_no_zeros() {
    let (stage, path) = stage(LEN);
    let deed = |way: Way, path: &Path| {
        let (frozen, expected) = (touching(path), bytes(LEN));
        for turn in 0..2 {
            let at = 3 * MIB + turn * MIB;
            assert_eq!(touch(&frozen, at), expected[at]);
            let touched = cloned(|| touch(&frozen, at).into());
            let is_there = touched == End::Code(expected[at].into());
            assert!(is_there || (way == Way::Thread && touched == End::Signal(libc::SIGSEGV)));
            let rest = cloned(|| touch(&frozen, 6 * MIB).into());
            assert!(
                [End::Code(expected[6 * MIB].into()), End::Signal(libc::SIGSEGV)].contains(&rest)
            );
            // After a fork it is as before.
            assert_eq!(in_a_child(|| 0), End::Code(0));
        }
    };
    ways::each_ends_well("forks::a_child_that_no_handler_knows_of_reads_no_zeros", &path, deed);
    drop(stage);
}

/// How a child made by a bare `clone` ended.
fn cloned(deed: impl FnOnce() -> i32) -> End {
    // SAFETY: a copy of this process with this thread alone, on the same stack, as `fork` makes it.
    let child = unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) };
    if child == 0 {
        // SAFETY: the default, in the child alone.
        unsafe { libc::signal(libc::SIGSEGV, libc::SIG_DFL) };
        ways::end_here(deed());
    }
    let mut status = 0;
    // SAFETY: our own child, and a local variable.
    unsafe { libc::waitpid(i32::try_from(child).unwrap(), &raw mut status, 0) };
    if libc::WIFEXITED(status) {
        End::Code(libc::WEXITSTATUS(status))
    } else {
        End::Signal(libc::WTERMSIG(status))
    }
}
