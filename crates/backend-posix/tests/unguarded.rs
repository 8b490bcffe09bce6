//! Files opened where faults cannot be caught. They are read by system calls, and a line reports that once.
//!
//! These tests change the whole process, so each runs in a separate one.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::env;
use std::fs::{self, File};
use std::mem;
use std::process::Command;
use std::ptr;

use memmap_core::{ErrorKind, Map, Mode};
use memmap_posix::{FaultGuard, Live};

/// Runs the body of a test in a separate process.
fn in_a_process(test: &str, deed: fn()) {
    const PLAYED: &str = "MEMMAP_UNGUARDED";
    if env::var_os(PLAYED).is_some() {
        // SAFETY: the call takes a number. It ends a process that hangs.
        unsafe { libc::alarm(60) };
        return deed();
    }
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(PLAYED, "")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Whether a new map is guarded. If not, reads by system calls must return the same bytes and errors.
fn is_guarded() -> bool {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    fs::write(&path, vec![3; 16_384]).unwrap();
    let mut map = Map::<Live>::open(&path, Mode::ReadWrite).unwrap();
    assert_eq!(map.read_at(16_000, 3).unwrap(), [3; 3]);
    map.write_at(16_000, &[4]).unwrap();
    let loaded = map.cells().load::<u8>(16_000);
    File::options().write(true).open(&path).unwrap().set_len(5000).unwrap();
    assert_eq!(map.read_at(4990, 10).unwrap(), [3; 10]);
    let error = map.read_at(16_000, 3).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Truncated { .. }), "{error}");
    match loaded {
        Ok(value) => {
            assert_eq!(value, 4);
            true
        }
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error}");
            false
        }
    }
}

/// Makes the system refuse `mremap` permanently, which the guard uses to test its handler.
#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "numbers of a filter")]
fn forbid_growth() {
    let step = |code: u32, no, k| libc::sock_filter { code: code as u16, jt: 0, jf: no, k };
    let answer = libc::BPF_RET | libc::BPF_K;
    let mut filter = [
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0),
        step(
            libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K,
            1,
            u32::try_from(libc::SYS_mremap).unwrap(),
        ),
        step(answer, 0, libc::SECCOMP_RET_ERRNO | libc::EPERM.cast_unsigned()),
        step(answer, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog { len: 4, filter: filter.as_mut_ptr() };
    // SAFETY: the call takes numbers, and only restricts this process.
    assert_eq!(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }, 0);
    // SAFETY: `program` has the length of `filter`, and is read before the call returns.
    let made = unsafe { libc::prctl(libc::PR_SET_SECCOMP, 2, &raw const program) };
    assert_eq!(made, 0);
}

#[test]
fn what_hinders_the_guard_is_named() {
    in_a_process("what_hinders_the_guard_is_named", || {
        forbid_growth();
        let why = "the system refused a mapping to test the handler with";
        for _ in 0..3 {
            assert!(!is_guarded());
            assert_eq!(FaultGuard::status(), FaultGuard::Unavailable(why));
        }
    });
}

#[test]
fn a_shortage_at_the_first_open_is_over_at_the_next() {
    in_a_process("a_shortage_at_the_first_open_is_over_at_the_next", || {
        let limit = |soft: Option<libc::rlim_t>| {
            // SAFETY: plain data, for which zeros are valid.
            let mut limits = unsafe { mem::zeroed::<libc::rlimit>() };
            // SAFETY: writes to `limits` alone.
            assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_AS, &raw mut limits) }, 0);
            limits.rlim_cur = soft.unwrap_or(limits.rlim_max);
            // SAFETY: as above.
            assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limits) }, 0);
        };
        let file = tempfile::NamedTempFile::new().unwrap();
        // A file without bytes needs no memory, so only the guard lacks it.
        limit(Some(1 << 20));
        let map = Map::<Live>::open(file.path(), Mode::Read);
        limit(None);
        assert!(map.unwrap().is_empty());
        assert!(is_guarded());
        let status = FaultGuard::status();
        assert!(
            matches!(status, FaultGuard::Unavailable(why) if why.contains("no memory")),
            "{status:?}"
        );
        assert_eq!(FaultGuard::status(), FaultGuard::Active);
    });
}

/// A different handler for each number. All of them end the process.
extern "C" fn ends<const NUMBER: i32>(_: libc::c_int) {
    // SAFETY: the call ends this process.
    unsafe { libc::_exit(NUMBER) }
}

#[test]
fn ours_comes_before_any_number_of_handlers() {
    in_a_process("ours_comes_before_any_number_of_handlers", || {
        const ENDS: [extern "C" fn(libc::c_int); 17] = [
            ends::<1>, ends::<2>, ends::<3>, ends::<4>, ends::<5>, ends::<6>, ends::<7>, ends::<8>,
            ends::<9>, ends::<10>, ends::<11>, ends::<12>, ends::<13>, ends::<14>, ends::<15>,
            ends::<16>, ends::<17>,
        ];
        assert!(is_guarded());
        for (number, handler) in ENDS.into_iter().enumerate() {
            // SAFETY: plain data, for which all zeros is the default.
            let mut action = unsafe { mem::zeroed::<libc::sigaction>() };
            #[expect(clippy::as_conversions, reason = "how sigaction(2) takes a handler")]
            let address = handler as libc::sighandler_t;
            action.sa_sigaction = address;
            // SAFETY: a handler that lives as long as the process.
            let set = unsafe { libc::sigaction(libc::SIGBUS, &raw const action, ptr::null_mut()) };
            assert_eq!(set, 0);
            assert_eq!(FaultGuard::status(), FaultGuard::Replaced);
            assert!(is_guarded(), "{number}");
        }
        assert_eq!(FaultGuard::ensure(), FaultGuard::Active);
    });
}
