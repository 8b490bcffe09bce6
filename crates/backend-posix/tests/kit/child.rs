//! Runs code in a child made by `fork`.

use std::panic::{self, AssertUnwindSafe};

/// How a child ended.
#[derive(Debug, PartialEq)]
pub(crate) enum End {
    Code(i32),
    #[allow(dead_code, reason = "not every test that includes this waits for a signal")]
    Signal(i32),
}

/// Runs `deed` in a child, which exits with the returned code, or is ended by a timeout.
pub(crate) fn in_a_child(deed: impl FnOnce() -> i32) -> End {
    // SAFETY: the child has this thread only. It may allocate memory, which glibc and musl allow after
    // `fork`, and takes no lock of the test harness.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        // SAFETY: the call takes a number. The signal is not handled, so it ends this child.
        unsafe { libc::alarm(60) };
        // A panic must not continue in the child as a second copy of the test.
        let code = panic::catch_unwind(AssertUnwindSafe(deed)).unwrap_or(101);
        // SAFETY: the call ends this child and nothing else.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: writes to `status` alone; the child is ours.
    let ended = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(ended, child);
    if libc::WIFEXITED(status) {
        End::Code(libc::WEXITSTATUS(status))
    } else {
        End::Signal(libc::WTERMSIG(status))
    }
}
