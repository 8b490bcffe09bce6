//! What is done in a child made by `fork`.

use std::panic::{self, AssertUnwindSafe};

/// How a child ended.
#[derive(Debug, PartialEq)]
pub(crate) enum End {
    Code(i32),
    #[allow(dead_code, reason = "not every test that includes this waits for a signal")]
    Signal(i32),
}

/// Does this in a child, which ends with what it returns, or of patience.
pub(crate) fn in_a_child(deed: impl FnOnce() -> i32) -> End {
    // SAFETY: the child has this thread alone. It may ask for memory, as glibc and musl see to that,
    // and takes no lock of the test's harness.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        // SAFETY: it takes a number. Nobody handles the signal, which so ends this child.
        unsafe { libc::alarm(20) };
        // What panics must not go on as a second one of the test.
        let code = panic::catch_unwind(AssertUnwindSafe(deed)).unwrap_or(101);
        // SAFETY: it ends this child and nothing else.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: `status` is ours, and the child as well.
    let ended = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(ended, child);
    if libc::WIFEXITED(status) {
        End::Code(libc::WEXITSTATUS(status))
    } else {
        End::Signal(libc::WTERMSIG(status))
    }
}
