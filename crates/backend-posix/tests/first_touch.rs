//! The laws of bytes that freeze when they are first touched, by each way to bring pages.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#![expect(clippy::unwrap_used, reason = "the sandbox speaks by panicking")]

use std::thread;

use memmap_posix::Posix;

use sandbox::Refusal;

#[path = "kit/sandbox.rs"]
mod sandbox;

/// Runs a law for each way to bring pages: by userfaultfd(2), by guard markers, and by no access. What this
/// thread is refused makes the next way the first that is open.
fn every_way(law: fn()) {
    for refused in [&[][..], &[Refusal::Userfaultfd], &[Refusal::Userfaultfd, Refusal::Markers]] {
        let way = thread::spawn(move || {
            sandbox::enter(refused);
            law();
        });
        assert!(way.join().is_ok(), "with {refused:?} refused");
    }
}

memmap_conformance::touch_laws!(mod each_way, Posix, every_way);
