//! Signals: threads that block them, and handlers that others install later.

use std::mem;
use std::path::Path;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::ways::{self, Way};
use super::{MIB, bytes, stage, touch, touching};

const LEN: usize = 3 * MIB;

#[test]
fn a_thread_that_blocks_signals_touches_or_ends_the_process() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let (frozen, expected) = (touching(path), bytes(LEN));
        assert_eq!(touch(&frozen, 0), expected[0]);
        let all = thread::scope(|scope| {
            let blocked = scope.spawn(|| {
                block_all();
                frozen[..] == expected[..]
            });
            blocked.join().unwrap()
        });
        ways::end_here(i32::from(!all));
    };
    let test = "signals::a_thread_that_blocks_signals_touches_or_ends_the_process";
    ways::each(test, &path, deed, |way, ended| match way {
        Way::Thread => ended.well(),
        _ => ended.by(libc::SIGSEGV, ""),
    });
    drop(stage);
}

fn block_all() {
    // SAFETY: plain data, filled below.
    let mut all = unsafe { mem::zeroed() };
    // SAFETY: a local variable.
    unsafe { libc::sigfillset(&raw mut all) };
    // SAFETY: changes the mask of this thread alone.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, ptr::null_mut()) };
}

/// What was installed before ours.
static BEFORE: AtomicUsize = AtomicUsize::new(0);
static CALLS: AtomicUsize = AtomicUsize::new(0);

type Handler = extern "C" fn(i32, *mut libc::siginfo_t, *mut libc::c_void);

extern "C" fn passes_on(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    CALLS.fetch_add(1, Ordering::Relaxed);
    // SAFETY: the function that the system had, which takes these arguments.
    let before = unsafe { mem::transmute::<usize, Handler>(BEFORE.load(Ordering::Relaxed)) };
    before(signal, info, context);
}

extern "C" fn passes_nothing_on(_: i32, _: *mut libc::siginfo_t, _: *mut libc::c_void) {
    ways::end_here(7);
}

fn install(handler: Handler) {
    // SAFETY: plain data.
    let (mut action, mut before) = unsafe { mem::zeroed::<(libc::sigaction, libc::sigaction)>() };
    #[expect(clippy::as_conversions, reason = "the address of a function")]
    let address = handler as usize;
    action.sa_sigaction = address;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
    // SAFETY: local variables; the function is a handler.
    let answer = unsafe { libc::sigaction(libc::SIGSEGV, &raw const action, &raw mut before) };
    assert_eq!(answer, 0);
    BEFORE.store(before.sa_sigaction, Ordering::Relaxed);
}

#[test]
fn a_later_handler_that_passes_signals_on_changes_nothing() {
    let (stage, path) = stage(LEN);
    let deed = |way: Way, path: &Path| {
        let (frozen, expected) = (touching(path), bytes(LEN));
        assert_eq!(touch(&frozen, 0), expected[0]);
        install(passes_on);
        assert!(frozen[..] == expected[..]);
        assert_eq!(CALLS.load(Ordering::Relaxed) > 0, way != Way::Thread);
        // A map that is opened comes first again.
        let other = touching(path);
        let calls = CALLS.load(Ordering::Relaxed);
        assert!(other[..] == expected[..]);
        assert_eq!(CALLS.load(Ordering::Relaxed), calls);
    };
    ways::each_ends_well(
        "signals::a_later_handler_that_passes_signals_on_changes_nothing",
        &path,
        deed,
    );
    drop(stage);
}

#[test]
fn a_later_handler_that_passes_nothing_on_gets_the_touch_and_no_page_is_wrong() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let (frozen, expected) = (touching(path), bytes(LEN));
        install(passes_nothing_on);
        assert!(touching(path)[..] == expected[..], "the next map is first again");
        install(passes_nothing_on);
        let right = frozen[..] == expected[..];
        ways::end_here(i32::from(!right));
    };
    let test =
        "signals::a_later_handler_that_passes_nothing_on_gets_the_touch_and_no_page_is_wrong";
    ways::each(test, &path, deed, |way, ended| match way {
        Way::Thread => ended.well(),
        _ => ended.with(7),
    });
    drop(stage);
}
