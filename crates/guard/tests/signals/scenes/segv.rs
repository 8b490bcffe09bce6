//! The chain of handlers of `SIGSEGV`.

use std::sync::Arc;

use libc::SIGSEGV;
use memmap_guard::FillRange;

use super::filling::{Filling, Pages, Way};
use super::{
    ADDRESS, ASKED, LINE, Missing, NEXT, OTHERS, PAGE, SIGBUS, Scene, SeqCst, WithInfo, asked,
    c_int, c_void, dies, ensure, handle, null, others, say_the_point, sigaction, siginfo_t, well,
    zeroed,
};

pub(super) fn all() -> Vec<Scene> {
    vec![
        well("the handler comes with the first range that is filled", comes_late),
        others("an earlier handler gets a touch that is not ours", earlier),
        Scene {
            complains: Some(LINE),
            ..others("an earlier handler gets a page that cannot be filled", earlier_and_lost)
        },
        well("an earlier handler gets a sent signal", earlier_sent),
        well("an earlier handler survives a lost page meanwhile", earlier_and_bus),
        well("an earlier handler that opens the page", earlier_that_opens),
        well("a sent signal is survived once", sent_once),
        dies("a sent signal that comes twice ends the process", sent_twice, SIGSEGV),
        well("a later handler that asks about touches", later_that_asks),
        well("handlers of touches that ask each other", each_other),
        others("a later handler that does not ask about touches", later_that_does_not),
        well("a range comes before a later handler", comes_first),
        well("one handler for both signals", of_both),
        well("more handlers of touches than there are turns", more_than_turns),
        well("no handler may be installed for touches", no_handler),
    ]
}

fn installed() -> usize {
    unsafe {
        let mut now: sigaction = zeroed();
        assert_eq!(sigaction(SIGSEGV, null(), &raw mut now), 0);
        now.sa_sigaction
    }
}

fn install(handler: WithInfo) -> usize {
    handle(SIGSEGV, handler as usize, libc::SA_SIGINFO).sa_sigaction
}

fn send() {
    assert_eq!(unsafe { libc::kill(libc::getpid(), SIGSEGV) }, 0);
}

fn works() {
    let pages = Pages::new(3);
    assert_eq!((pages.touch(0), pages.touch(2 * PAGE)), (1, 3));
}

/// A page without access that nobody fills.
struct Closed(*mut c_void);

impl Closed {
    fn new() -> Self {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let page = unsafe { libc::mmap(std::ptr::null_mut(), PAGE, libc::PROT_NONE, flags, -1, 0) };
        assert_ne!(page, libc::MAP_FAILED);
        ADDRESS.store(page.addr(), SeqCst);
        Self(page)
    }

    fn touch(&self) -> u8 {
        unsafe { self.0.cast::<u8>().read_volatile() }
    }
}

/// Ends the process; the code says whether it was passed the right fault.
extern "C" fn end(signal: c_int, info: *mut siginfo_t, _: *mut c_void) {
    let (code, at) = unsafe { ((*info).si_code, (*info).si_addr().addr()) };
    let told = signal == SIGSEGV && [1, 2].contains(&code) && at == ADDRESS.load(SeqCst);
    unsafe { libc::_exit(if told { OTHERS } else { 1 }) }
}

/// Makes the page accessible.
extern "C" fn open(_: c_int, info: *mut siginfo_t, _: *mut c_void) {
    ASKED.fetch_add(1, SeqCst);
    unsafe {
        if libc::mprotect((*info).si_addr(), PAGE, libc::PROT_READ) != 0 {
            libc::_exit(1);
        }
    }
}

extern "C" fn ask_next(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    ASKED.fetch_add(1, SeqCst);
    let next: WithInfo = unsafe { std::mem::transmute(NEXT.load(SeqCst)) };
    next(signal, info, context);
}

fn comes_late() {
    let before = installed();
    Missing::new().is_missing();
    let filling = Arc::new(Filling::new(Way::Protection, 1).unwrap());
    let _none = unsafe { FillRange::new(null(), 0, filling) };
    assert_eq!(installed(), before);
    works();
    assert_ne!(installed(), before);
    let ours = installed();
    works();
    assert_eq!(installed(), ours);
}

fn earlier() {
    install(end);
    works();
    say_the_point();
    Closed::new().touch();
}

fn earlier_and_lost() {
    install(end);
    let pages = Pages::cut();
    assert_eq!(pages.touch(12_287), 3);
    ADDRESS.store(pages.address(12_300), SeqCst);
    say_the_point();
    pages.touch(12_300);
}

fn earlier_sent() {
    extern "C" fn count(signal: c_int, info: *mut siginfo_t, _: *mut c_void) {
        if signal == SIGSEGV && unsafe { (*info).si_code } == libc::SI_USER {
            ASKED.fetch_add(1, SeqCst);
        }
    }
    install(count);
    for times in 1..=3 {
        works();
        send();
        assert_eq!(asked(), times);
    }
}

/// It can rely on what is not blocked in it.
fn earlier_and_bus() {
    extern "C" fn look(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
        Missing::new().is_missing();
        open(signal, info, context);
    }
    Missing::new().is_missing();
    install(look);
    works();
    for times in 1..=3 {
        assert_eq!(Closed::new().touch(), 0);
        assert_eq!(asked(), times);
        works();
    }
}

fn earlier_that_opens() {
    install(open);
    for times in 1..=3 {
        works();
        assert_eq!(asked(), times - 1);
        assert_eq!(Closed::new().touch(), 0);
        assert_eq!(asked(), times);
    }
}

fn sent_once() {
    let pages = Pages::new(2);
    assert_eq!(pages.touch(0), 1);
    send();
    assert_eq!(pages.touch(PAGE), 2);
}

fn sent_twice() {
    sent_once();
    say_the_point();
    send();
}

fn later_that_asks() {
    let pages = Pages::new(3);
    NEXT.store(install(ask_next), SeqCst);
    assert_eq!(pages.touch(0), 1);
    assert_eq!(asked(), 1, "that one is in front");
    let other = Pages::new(2);
    assert_eq!((pages.touch(PAGE), other.touch(PAGE)), (2, 2));
    assert_eq!(asked(), 1, "and now it is not");
    install(end);
    ensure();
    assert_eq!(pages.touch(2 * PAGE), 3);
}

fn each_other() {
    install(open);
    works();
    NEXT.store(install(ask_next), SeqCst);
    works();
    for times in 1..=3 {
        assert_eq!(Closed::new().touch(), 0);
        assert_eq!(asked(), 2 * times, "both are asked, once");
        works();
    }
}

fn later_that_does_not() {
    let pages = Pages::new(2);
    assert_eq!(pages.touch(0), 1);
    install(end);
    ADDRESS.store(pages.address(PAGE), SeqCst);
    say_the_point();
    pages.touch(PAGE);
}

fn comes_first() {
    let pages = Pages::new(101);
    for page in 0..100 {
        install(end);
        let other = Pages::new(1);
        assert_eq!(pages.touch(page * PAGE), (page + 1) as u8);
        assert_eq!(other.touch(0), 1);
    }
}

/// A crash reporter has one function for all signals, and keeps what it found for each.
fn of_both() {
    extern "C" fn repair(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
        match signal {
            SIGBUS => super::repair(signal, info, context),
            _ => open(signal, info, context),
        }
    }
    install(repair);
    handle(SIGBUS, repair as *const () as usize, libc::SA_SIGINFO);
    for times in 1..=3 {
        Missing::new().is_missing();
        works();
        assert_eq!(asked(), 2 * times - 2);
        assert_eq!(Closed::new().touch(), 0);
        assert_eq!(Missing::new().touch(), 0);
        assert_eq!(asked(), 2 * times);
    }
}

extern "C" fn end_as<const NUMBER: i32>(_: c_int, _: *mut siginfo_t, _: *mut c_void) {
    // Equal functions would be merged into one.
    unsafe { libc::_exit(100 + NUMBER) }
}

fn more_than_turns() {
    works();
    let handlers: [WithInfo; 20] = [
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
    for handler in handlers {
        install(handler);
        works();
    }
}

fn no_handler() {
    super::shortage::forbid(libc::SYS_rt_sigaction, libc::EPERM);
    assert_eq!(Pages::refused(), "the system accepts no handler for SIGSEGV");
}
