//! Sandboxes: those that end whoever asks for a userfaultfd, and those that are entered while a map lives.

use std::path::Path;

use memmap_core::ErrorKind;

use super::ways::{self, Way};
use super::{MIB, bytes, sandbox, stage, touch, touching, with_zeros};

const LEN: usize = 3 * MIB;

#[test]
fn a_sandbox_that_ends_who_asks_for_a_userfaultfd_does_not_end_this_process() {
    let (stage, path) = stage(LEN);
    let test =
        "sandboxes::a_sandbox_that_ends_who_asks_for_a_userfaultfd_does_not_end_this_process";
    let deed = |way: Way, path: &Path| {
        if way == Way::NoAccess {
            return;
        }
        // Each is stricter than the one before, and counts.
        for answer in [
            sandbox::errno(libc::EPERM),
            libc::SECCOMP_RET_TRAP,
            libc::SECCOMP_RET_KILL_THREAD,
            libc::SECCOMP_RET_KILL_PROCESS,
        ] {
            sandbox::answer(libc::SYS_userfaultfd, answer);
            let frozen = touching(path);
            Way::Markers.is_taken();
            assert!(frozen[..] == bytes(LEN)[..]);
        }
    };
    ways::each_ends_well(test, &path, deed);
    drop(stage);
}

/// Whoever brings pages is killed by a sandbox that was entered later: who touches one waits, and reads no zeros.
fn waits_after(call: libc::c_long, answer: u32, path: &Path) {
    let frozen = touching(path);
    let expected = bytes(LEN);
    assert_eq!(touch(&frozen, 0), expected[0]);
    sandbox::answer(call, answer);
    // SAFETY: it takes a number.
    unsafe { libc::alarm(1) };
    let byte = touch(&frozen, 2 * MIB);
    ways::end_here(i32::from(byte != expected[2 * MIB]));
}

#[test]
fn who_touches_a_page_waits_if_whoever_brings_it_was_killed() {
    let (stage, path) = stage(LEN);
    let deed =
        |_: Way, path: &Path| waits_after(libc::SYS_pread64, libc::SECCOMP_RET_KILL_THREAD, path);
    let test = "sandboxes::who_touches_a_page_waits_if_whoever_brings_it_was_killed";
    ways::each(test, &path, deed, |_, ended| ended.by(libc::SIGALRM, ""));
    drop(stage);
}

#[test]
fn who_touches_a_page_waits_if_nobody_is_told_of_it() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        waits_after(libc::SYS_read, sandbox::errno(libc::EPERM), path);
    };
    let test = "sandboxes::who_touches_a_page_waits_if_nobody_is_told_of_it";
    ways::each(test, &path, deed, |way, ended| match way {
        Way::Thread => ended.by(libc::SIGALRM, ""),
        // It reads by `pread` alone.
        _ => ended.well(),
    });
    drop(stage);
}

#[test]
fn a_read_that_a_sandbox_refuses_is_an_error_and_a_lost_page() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let (frozen, zeros, expected) = (touching(path), with_zeros(path), bytes(LEN));
        assert_eq!(touch(&frozen, 0), expected[0]);
        assert_eq!(touch(&zeros, 0), expected[0]);
        sandbox::answer(libc::SYS_pread64, sandbox::errno(libc::EPERM));
        for map in [&frozen, &zeros] {
            let error = map.read_at(2 * 1_048_576, 10).unwrap_err();
            let is_it = matches!(error.kind(), ErrorKind::Io { source, .. }
                if source.raw_os_error() == Some(libc::EPERM));
            assert!(is_it, "{error}");
            assert_eq!(map.lost().len(), 1);
        }
        assert_eq!((touch(&frozen, 5), touch(&zeros, 5)), (expected[5], expected[5]));
        assert_eq!(touch(&zeros, 2 * MIB + 5), 0);
        assert_eq!(touch(&frozen, 2 * MIB + 5), 0, "this ends the process");
    };
    let test = "sandboxes::a_read_that_a_sandbox_refuses_is_an_error_and_a_lost_page";
    ways::each(test, &path, deed, |way, ended| {
        let signal = if way == Way::Thread { libc::SIGBUS } else { libc::SIGSEGV };
        ended.by(signal, " of a borrowed map is lost");
    });
    drop(stage);
}

#[test]
fn the_drop_of_a_map_ends_though_a_sandbox_refuses_what_it_needs() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let (one, two, three) = (touching(path), touching(path), touching(path));
        let expected = bytes(LEN);
        assert_eq!(touch(&two, 0), expected[0]);
        sandbox::answer(libc::SYS_ioctl, sandbox::errno(libc::EPERM));
        drop(one);
        drop(two);
        sandbox::answer(libc::SYS_read, sandbox::errno(libc::EPERM));
        drop(three);
    };
    let test = "sandboxes::the_drop_of_a_map_ends_though_a_sandbox_refuses_what_it_needs";
    ways::each_ends_well(test, &path, deed);
    drop(stage);
}

#[test]
fn a_page_that_a_sandbox_lets_nobody_show_ends_the_process() {
    let (stage, path) = stage(LEN);
    let deed = |way: Way, path: &Path| {
        let (frozen, expected) = (touching(path), bytes(LEN));
        assert_eq!(touch(&frozen, 0), expected[0]);
        sandbox::answer(
            match way {
                Way::Thread => libc::SYS_ioctl,
                Way::Markers => libc::SYS_madvise,
                Way::NoAccess => libc::SYS_mprotect,
            },
            sandbox::errno(libc::EPERM),
        );
        let byte = touch(&frozen, 2 * MIB);
        ways::end_here(i32::from(byte != expected[2 * MIB]));
    };
    let test = "sandboxes::a_page_that_a_sandbox_lets_nobody_show_ends_the_process";
    ways::each(test, &path, deed, |_, ended| ended.by(libc::SIGABRT, "memmap: "));
    drop(stage);
}
