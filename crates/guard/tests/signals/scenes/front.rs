//! Handlers that are installed and uninstalled while maps are opened: which is in front, and which are called.

use std::sync::atomic::{AtomicBool, AtomicI32};

use memmap_guard::can_guard;

use super::{
    ASKED, AtomicUsize, End, Missing, OTHERS, SIGBUS, Scene, SeqCst, Status, WithInfo, asked,
    c_int, c_void, dies, end, ensure, handle, handle_with_info, others, repair, say_the_point,
    send, sigaction, siginfo_t, status, touch_for_the_handler, well, zeroed,
};

pub(super) fn all() -> Vec<Scene> {
    vec![
        others("an open comes before a handler that does not ask", open_comes_first),
        others("handlers switched on and off a hundred times", on_and_off),
        dies("handlers switched on and off, and off at last", on_and_off_at_last, SIGBUS),
        dies("a handler from before us is switched off", off_before_us, SIGBUS),
        dies("the default action is put in front", default_in_front, SIGBUS),
        dies("a handler that comes again and gives up, and a fault", again_and_gives_up, SIGBUS),
        well("a handler that comes again and gives up, and a signal", again_and_gives_up_sent),
        dies("handlers that come again and give up in turn", in_turn_and_give_up, SIGBUS),
        well("handlers that come again and ask, and an earlier one", again_and_ask),
        others("more handlers than there are turns", more_than_turns),
        well("handlers that change while threads fault and open", while_threads_fault),
        well("forks while threads come first", forks_meanwhile),
        Scene {
            end: End::Code(OTHERS),
            ..well("many threads are passed on at a time", many_threads)
        },
    ]
}

fn is_guarded() {
    assert!(can_guard());
    assert_eq!(status(), Status::Active);
    Missing::new().is_missing();
}

/// A handler that can be switched on and off, as Python's `faulthandler`: it restores the handler that it
/// found, whatever was installed after it.
struct Switch {
    found: sigaction,
}

impl Switch {
    fn on(handler: WithInfo) -> Self {
        Self { found: handle_with_info(handler) }
    }

    fn off(self) {
        assert_eq!(unsafe { sigaction(SIGBUS, &raw const self.found, std::ptr::null_mut()) }, 0);
    }
}

fn open_comes_first() {
    is_guarded();
    handle_with_info(end);
    is_guarded();
    touch_for_the_handler();
}

/// Another handler that does not return.
extern "C" fn end_otherwise(_: c_int, _: *mut siginfo_t, _: *mut c_void) {
    unsafe { libc::_exit(1) }
}

fn switch_a_hundred_times() {
    for _ in 0..100 {
        let first = Switch::on(end);
        is_guarded();
        let second = Switch::on(end_otherwise);
        is_guarded();
        second.off();
        is_guarded();
        first.off();
        is_guarded();
        // In the other order, and without an open in between.
        let second = Switch::on(end_otherwise);
        let first = Switch::on(end);
        is_guarded();
        first.off();
        second.off();
        is_guarded();
    }
}

fn on_and_off() {
    is_guarded();
    switch_a_hundred_times();
    handle_with_info(end);
    is_guarded();
    touch_for_the_handler();
}

fn on_and_off_at_last() {
    is_guarded();
    switch_a_hundred_times();
    say_the_point();
    Missing::new().touch();
}

fn off_before_us() {
    for _ in 0..100 {
        let first = Switch::on(end);
        is_guarded();
        first.off();
        is_guarded();
    }
    say_the_point();
    Missing::new().touch();
}

fn default_in_front() {
    for _ in 0..100 {
        is_guarded();
        handle(SIGBUS, libc::SIG_DFL, 0);
        assert_eq!(status(), Status::Replaced);
        is_guarded();
    }
    say_the_point();
    Missing::new().touch();
}

// Handlers that are installed again in front of ours: the function of ours that they find is itself in front
// of them.

/// The handler that each of the handlers below found.
struct Found {
    function: AtomicUsize,
    flags: AtomicI32,
}

impl Found {
    const fn nothing() -> Self {
        Self { function: AtomicUsize::new(0), flags: AtomicI32::new(0) }
    }
}

static FOUND: [Found; 2] = [const { Found::nothing() }; 2];

fn found(which: usize) -> sigaction {
    let mut action: sigaction = unsafe { zeroed() };
    action.sa_sigaction = FOUND[which].function.load(SeqCst);
    action.sa_flags = FOUND[which].flags.load(SeqCst);
    action
}

fn come(which: usize, handler: WithInfo) {
    let found = handle_with_info(handler);
    FOUND[which].function.store(found.sa_sigaction, SeqCst);
    FOUND[which].flags.store(found.sa_flags, SeqCst);
}

/// Restores the handler that it found, with its flags.
extern "C" fn give_up<const WHICH: usize>(_: c_int, _: *mut siginfo_t, _: *mut c_void) {
    if ASKED.fetch_add(1, SeqCst) > 20 {
        unsafe { libc::_exit(1) }
    }
    unsafe { sigaction(SIGBUS, &found(WHICH), std::ptr::null_mut()) };
}

/// The same, and sends the signal again.
extern "C" fn give_up_and_send(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    give_up::<0>(signal, info, context);
    unsafe { libc::raise(signal) };
}

extern "C" fn ask<const WHICH: usize>(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    if ASKED.fetch_add(1, SeqCst) > 20 {
        unsafe { libc::_exit(1) }
    }
    let next: WithInfo = unsafe { std::mem::transmute(found(WHICH).sa_sigaction) };
    next(signal, info, context);
}

fn again_and_gives_up() {
    is_guarded();
    for _ in 0..100 {
        come(0, give_up::<0>);
        is_guarded();
    }
    say_the_point();
    Missing::new().touch();
}

fn again_and_gives_up_sent() {
    is_guarded();
    for _ in 0..100 {
        come(0, give_up_and_send);
        is_guarded();
    }
    send();
    assert_eq!(asked(), 1, "once, and then std's");
    is_guarded();
}

fn in_turn_and_give_up() {
    is_guarded();
    for _ in 0..100 {
        come(0, give_up::<0>);
        is_guarded();
        come(1, give_up::<1>);
        is_guarded();
    }
    say_the_point();
    Missing::new().touch();
}

fn again_and_ask() {
    handle_with_info(repair);
    is_guarded();
    for _ in 0..100 {
        come(0, ask::<0>);
        is_guarded();
        come(1, ask::<1>);
        is_guarded();
    }
    for times in 1..=3 {
        assert_eq!(Missing::new().touch(), 0);
        assert_eq!(asked(), 3 * times, "all three are asked, once");
        is_guarded();
    }
}

/// A different handler for each number.
extern "C" fn end_as<const NUMBER: i32>(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    if NUMBER == 19 {
        end(signal, info, context);
    }
    // Equal functions would be merged into one.
    unsafe { libc::_exit(100 + NUMBER) }
}

fn more_than_turns() {
    const HANDLERS: [WithInfo; 20] = [
        end_as::<0>,
        end_as::<1>,
        end_as::<2>,
        end_as::<3>,
        end_as::<4>,
        end_as::<5>,
        end_as::<6>,
        end_as::<7>,
        end_as::<8>,
        end_as::<9>,
        end_as::<10>,
        end_as::<11>,
        end_as::<12>,
        end_as::<13>,
        end_as::<14>,
        end_as::<15>,
        end_as::<16>,
        end_as::<17>,
        end_as::<18>,
        end_as::<19>,
    ];
    is_guarded();
    // One turn of sixteen belongs to the handler that was there first.
    for handler in HANDLERS.into_iter().chain(HANDLERS) {
        handle_with_info(handler);
        assert_eq!(status(), Status::Replaced);
        assert!(can_guard());
        assert_eq!((ensure(), status()), (Status::Active, Status::Active));
        Missing::new().is_missing();
    }
    // The last one is asked, although there were more than turns.
    touch_for_the_handler();
}

fn while_threads_fault() {
    static ENOUGH: AtomicBool = AtomicBool::new(false);
    is_guarded();
    let ours = unsafe {
        let mut now: sigaction = zeroed();
        assert_eq!(sigaction(SIGBUS, std::ptr::null(), &raw mut now), 0);
        now
    };
    OURS.store(ours.sa_sigaction, SeqCst);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                while !ENOUGH.load(SeqCst) {
                    if thread % 2 == 0 {
                        assert!(can_guard());
                    }
                    Missing::new().is_missing();
                }
            });
        }
        // Both pass signals on, so no fault of other threads is lost.
        for _ in 0..300 {
            let first = Switch::on(pass_to_ours);
            std::thread::yield_now();
            let second = Switch::on(pass_to_ours_otherwise);
            std::thread::yield_now();
            second.off();
            assert!(can_guard());
            first.off();
            assert!(can_guard());
        }
        ENOUGH.store(true, SeqCst);
    });
    is_guarded();
}

/// The function of ours that was in front first.
static OURS: AtomicUsize = AtomicUsize::new(0);

extern "C" fn pass_to_ours(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let next: WithInfo = unsafe { std::mem::transmute(OURS.load(SeqCst)) };
    next(signal, info, context);
}

extern "C" fn pass_to_ours_otherwise(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    pass_to_ours(signal, info, context);
}

fn forks_meanwhile() {
    static ENOUGH: AtomicBool = AtomicBool::new(false);
    is_guarded();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !ENOUGH.load(SeqCst) {
                    handle_with_info(end);
                    ensure();
                }
            });
        }
        for _ in 0..200 {
            let mut ended = 0;
            unsafe {
                let child = libc::fork();
                assert!(child >= 0);
                if child == 0 {
                    // A child that waits for a thread that it does not have is killed.
                    libc::alarm(20);
                    handle_with_info(end);
                    libc::_exit(if can_guard() { OTHERS } else { 1 });
                }
                assert_eq!(libc::waitpid(child, &raw mut ended, 0), child);
            }
            assert!(libc::WIFEXITED(ended), "a child ended by {ended:#x}");
            assert_eq!(libc::WEXITSTATUS(ended), OTHERS);
        }
        ENOUGH.store(true, SeqCst);
    });
}

/// More threads than there are entries for signals that are passed on; each reaches the previous handler.
fn many_threads() {
    const THREADS: usize = 200;
    static WAITING: AtomicUsize = AtomicUsize::new(0);
    extern "C" fn wait_and_repair(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
        WAITING.fetch_add(1, SeqCst);
        while WAITING.load(SeqCst) < THREADS {
            std::thread::yield_now();
        }
        repair(signal, info, context);
    }
    handle_with_info(wait_and_repair);
    is_guarded();
    come(0, ask_quietly);
    is_guarded();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| assert_eq!(Missing::new().touch(), 0));
        }
    });
    assert_eq!(asked(), THREADS);
    is_guarded();
    unsafe { libc::_exit(OTHERS) }
}

/// Calls the handler that it found, and counts nothing.
extern "C" fn ask_quietly(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let next: WithInfo = unsafe { std::mem::transmute(found(0).sa_sigaction) };
    next(signal, info, context);
}
