//! Handlers that are installed after ours.

use super::*;

pub(super) fn all() -> Vec<Scene> {
    vec![
        well("a later handler that asks us", later_that_asks),
        others("a later handler that does not", later_that_does_not),
        others("a later handler is asked after ensuring", later_after_ensuring),
        dies("handlers that ask each other, and a fault", each_other_fault, SIGBUS),
        well("handlers that ask each other, and an earlier one", each_other_and_earlier),
        well("handlers that ask each other, and a signal", each_other_sent_once),
        dies("handlers that ask each other, and two signals", each_other_sent_twice, SIGBUS),
        dies("a handler that comes twice", twice, SIGBUS),
        dies("a later handler that gives up, and a fault", later_gives_up_fault, SIGBUS),
        well("a later handler that gives up, and a signal", later_gives_up_sent),
        dies("a later handler that gives up, and two signals", later_gives_up_twice, SIGBUS),
        others("a handler that comes a hundred times", many_handlers),
    ]
}

/// Counts, and calls the handler that was installed before.
extern "C" fn ask_next(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    ASKED.fetch_add(1, SeqCst);
    let next: WithInfo = unsafe { std::mem::transmute(NEXT.load(SeqCst)) };
    next(signal, info, context);
}

fn come_later_and_ask() {
    Missing::new().is_missing();
    NEXT.store(handle_with_info(ask_next).sa_sigaction, SeqCst);
    assert_eq!(status(), Status::Replaced);
}

fn later_that_asks() {
    come_later_and_ask();
    Missing::new().is_missing();
    // Once or twice: a fault of an inline access is repeated by a call.
    let before = asked();
    assert!(before > 0, "that one is in front");
    assert_eq!(ensure(), Status::Active);
    Missing::new().is_missing();
    assert_eq!(asked(), before, "and now it is not");
}

fn later_that_does_not() {
    let missing = Missing::new();
    missing.is_missing();
    handle_with_info(end);
    assert_eq!(status(), Status::Replaced);
    ADDRESS.store(missing.address(), SeqCst);
    say_the_point();
    missing.is_missing();
}

fn later_after_ensuring() {
    Missing::new().is_missing();
    handle_with_info(end);
    assert_eq!(status(), Status::Replaced);
    assert_eq!(ensure(), Status::Active);
    assert_eq!(status(), Status::Active);
    Missing::new().is_missing();
    touch_for_the_handler();
}

/// Our handler calls the later one, which calls ours.
pub(super) fn each_other() {
    come_later_and_ask();
    assert_eq!(ensure(), Status::Active);
    Missing::new().is_missing();
    assert_eq!(asked(), 0);
}

fn each_other_fault() {
    each_other();
    say_the_point();
    Missing::new().touch();
}

fn each_other_and_earlier() {
    handle_with_info(repair);
    each_other();
    for times in 1..=3 {
        assert_eq!(Missing::new().touch(), 0);
        assert_eq!(asked(), 2 * times, "both are asked, once");
        Missing::new().is_missing();
    }
}

/// The handler is installed in front of ours again, and then calls itself through ours.
fn twice() {
    each_other();
    come_later_and_ask();
    assert_eq!(ensure(), Status::Active);
    come_later_and_ask();
    Missing::new().is_missing();
    say_the_point();
    Missing::new().touch();
}

fn later_gives_up() {
    Missing::new().is_missing();
    come_and_give_up();
    assert_eq!(ensure(), Status::Active);
    Missing::new().is_missing();
}

fn later_gives_up_fault() {
    later_gives_up();
    say_the_point();
    Missing::new().touch();
}

fn later_gives_up_sent() {
    later_gives_up();
    send();
    assert_eq!(asked(), 1);
    Missing::new().is_missing();
    assert_eq!(status(), Status::Active);
}

fn later_gives_up_twice() {
    later_gives_up_sent();
    say_the_point();
    send();
}

/// More often than there are functions of our handler.
fn many_handlers() {
    Missing::new().is_missing();
    for _ in 0..100 {
        handle_with_info(end);
        assert_eq!(status(), Status::Replaced);
        assert_eq!(ensure(), Status::Active);
        Missing::new().is_missing();
    }
    touch_for_the_handler();
}

fn each_other_sent_once() {
    each_other();
    send();
    assert_eq!(asked(), 1);
    Missing::new().is_missing();
    assert_eq!(status(), Status::Active);
}

fn each_other_sent_twice() {
    each_other_sent_once();
    say_the_point();
    send();
}
