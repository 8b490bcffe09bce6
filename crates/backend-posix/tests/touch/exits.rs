//! Processes that end while their threads touch: nobody sees zeros in the last moment.

use std::path::Path;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::ways::{self, Way};
use super::{MIB, PAGE, stage, touch, touching};

const LEN: usize = 16 * MIB;

/// Counts of wrong bytes, and of touches, that children and their parent share.
fn shared() -> &'static [AtomicUsize; 2] {
    let (protection, flags) =
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
    // SAFETY: without an address the system chooses a range that nothing uses.
    let memory = unsafe { libc::mmap(ptr::null_mut(), PAGE, protection, flags, -1, 0) };
    assert_ne!(memory, libc::MAP_FAILED);
    // SAFETY: a page of zeros, aligned, that stays mapped and is accessed by atomics alone.
    unsafe { &*memory.cast() }
}

#[test]
fn nobody_sees_zeros_while_a_process_ends() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let counts = shared();
        for turn in 0..40 {
            // SAFETY: this process has this thread, and the one of the test's harness, which waits.
            let child = unsafe { libc::fork() };
            if child == 0 {
                touch_until_the_end(path, counts, turn);
            }
            let mut status = 0;
            // SAFETY: our own child, and a local variable.
            assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
        }
        let [wrong, touches] = counts.each_ref().map(|count| count.load(Ordering::Relaxed));
        assert_eq!(wrong, 0, "of {touches}");
        assert!(touches > 40, "{touches}");
    };
    ways::each_ends_well("exits::nobody_sees_zeros_while_a_process_ends", &path, deed);
    drop(stage);
}

/// Ends this process in the middle of the touches of four threads, well or by a signal.
fn touch_until_the_end(path: &Path, counts: &'static [AtomicUsize; 2], turn: usize) -> ! {
    let [wrong, touches] = counts;
    let frozen = touching(path);
    for first in 0..4 {
        let frozen = frozen.clone();
        thread::spawn(move || {
            for at in (first * PAGE..LEN).step_by(4 * PAGE) {
                // No byte of the file is zero.
                if touch(&frozen, at) == 0 {
                    wrong.fetch_add(1, Ordering::SeqCst);
                }
                touches.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    let enough = touches.load(Ordering::Relaxed) + 20 * (turn % 7) + 1;
    while touches.load(Ordering::Relaxed) < enough {
        thread::yield_now();
    }
    if turn % 2 == 1 {
        // SAFETY: ends this process.
        unsafe { libc::raise(libc::SIGKILL) };
    }
    ways::end_here(0)
}
