//! Ranges that are filled when they are touched.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use libc::SIGSEGV;

use super::filling::{Filling, Pages, Way, number};
use super::{
    ASKED, Cause, Fault, LINE, Missing, OTHERS, PAGE, SIGABRT, Scene, SeqCst, Status, asked, c_int,
    c_void, copy_out, dies, handle, load, null_mut, say_the_point, status, well,
};

pub(super) fn all() -> Vec<Scene> {
    let complains = |text, scene| Scene { complains: Some(text), ..scene };
    vec![
        complains("", well("pages are filled under guard markers", || each_page(Way::Guards))),
        complains("", well("pages are filled without access", || each_page(Way::Protection))),
        well("eight threads touch guard markers", || by_threads(Way::Guards)),
        well("eight threads touch pages without access", || by_threads(Way::Protection)),
        complains("", well("guarded copies fill, or are a value", guarded)),
        complains(LINE, dies("a page that cannot be filled ends the process", lost, SIGSEGV)),
        complains("", dies("a store into a filled range", stored, SIGSEGV)),
        complains("", dies("a store into a range that is not filled yet", stored_early, SIGSEGV)),
        complains("", dies("a range that is not filled any more", no_more, SIGSEGV)),
        complains("", dies("a touch outside of filled ranges", elsewhere, SIGSEGV)),
        well("no signal comes while a page is filled", undisturbed),
        complains("", dies("a touch in a thread with the signal blocked", blocked, SIGSEGV)),
        well("a touch in a thread that unblocked the signal", unblocked),
        well("a touch in a thread without a stack for signals", no_alternate_stack),
        Scene {
            says: "has overflowed its stack",
            ..dies("a stack overflow is reported while ranges are filled", full_stack, SIGABRT)
        },
        well("ranges come and go while others are touched", come_and_go),
        well("a range is dropped while a stray touch is filled", dropped_while_filled),
        well("a fork while a page is filled", forked),
        well("ranges in a child", in_a_child),
        well("lost pages of files beside filled ranges", beside_lost_pages),
    ]
}

fn each_page(way: Way) {
    let Some(filling) = Filling::new(way, 100) else {
        return println!("not tried, as this system has no guard markers for files");
    };
    let pages = Pages::of(filling);
    assert_eq!(pages.calls(), 0);
    unsafe { *libc::__errno_location() = 77 };
    for (times, page) in (0..100).map(|at| at * 37 % 100).enumerate() {
        assert_eq!(pages.calls(), times);
        pages.is_right(page);
        assert_eq!(unsafe { *libc::__errno_location() }, 77);
    }
    (0..100).for_each(|page| pages.is_right(page));
    assert_eq!(pages.calls(), 100, "each page is filled once");
}

fn by_threads(way: Way) {
    const PAGES: usize = 500;
    for _ in 0..5 {
        let Some(filling) = Filling::new(way, PAGES) else { return };
        let pages = &Pages::of(filling);
        std::thread::scope(|scope| {
            for thread in 1..=8 {
                scope.spawn(move || {
                    let mut at = thread;
                    for _ in 0..2 * PAGES {
                        at = (at * 75 + 74) % 65_537;
                        pages.is_right(at % PAGES);
                    }
                });
            }
        });
        (0..PAGES).for_each(|page| pages.is_right(page));
    }
}

fn guarded() {
    let pages = Pages::cut();
    let front = pages.filling.front.cast_const();
    let mut out = [0; 4 * PAGE];
    let fault =
        |moved, offset| Fault { moved, address: front.addr() + offset, cause: Cause::Missing };
    let copied = unsafe { copy_out(front.wrapping_add(10), &mut out) };
    assert_eq!(copied, Err(fault(12_278, 12_288)));
    for (at, byte) in out[..12_278].iter().enumerate() {
        assert_eq!(*byte, number((at + 10) / PAGE));
    }
    assert_eq!(unsafe { load::<u32>(front.wrapping_add(8192)) }, Ok(0x0303_0303));
    assert_eq!(unsafe { load::<u32>(front.wrapping_add(12_296)) }, Err(fault(0, 12_296)));
    let mut short = [0; 48];
    let copied = unsafe { copy_out(front.wrapping_add(12_288 - 20), &mut short) };
    assert_eq!(copied, Err(fault(20, 12_288)));
    assert_eq!(short[..20], [3; 20]);
}

fn lost() {
    let pages = Pages::cut();
    pages.is_right(2);
    say_the_point();
    pages.touch(12_288 + 500);
}

fn stored() {
    let pages = Pages::new(2);
    pages.is_right(1);
    say_the_point();
    unsafe { pages.filling.front.wrapping_add(PAGE).write_volatile(7) };
}

fn stored_early() {
    let pages = Pages::new(2);
    say_the_point();
    unsafe { pages.filling.front.wrapping_add(PAGE).write_volatile(7) };
}

fn no_more() {
    let Pages { range, filling } = Pages::new(3);
    let first = filling.front;
    assert_eq!(unsafe { first.read_volatile() }, 1);
    drop(range);
    assert_eq!(Arc::strong_count(&filling), 1, "the range has dropped its own");
    assert_eq!(unsafe { first.read_volatile() }, 1);
    say_the_point();
    unsafe { first.wrapping_add(PAGE).read_volatile() };
}

fn elsewhere() {
    let pages = Pages::new(2);
    let other = Filling::new(Way::Protection, 1).unwrap();
    pages.is_right(0);
    say_the_point();
    unsafe { other.front.read_volatile() };
}

extern "C" fn count(_: c_int) {
    ASKED.fetch_add(1, SeqCst);
}

fn undisturbed() {
    handle(libc::SIGUSR1, count as *const () as usize, 0);
    let mut filling = Filling::new(Way::Protection, 3).unwrap();
    filling.raises = libc::SIGUSR1;
    let pages = Pages::of(filling);
    for times in 1..=3 {
        assert_eq!(asked(), times - 1);
        let before = pages.calls();
        pages.is_right(times - 1);
        assert_eq!((pages.calls(), asked()), (before + 1, times), "it comes after the filling");
    }
}

fn block_all() {
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigfillset(&raw mut set);
        assert_eq!(libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, null_mut()), 0);
    }
}

fn blocked() {
    let pages = Pages::new(2);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            block_all();
            say_the_point();
            pages.touch(0);
        });
    });
}

fn unblocked() {
    let pages = &Pages::new(3);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            block_all();
            pages.range.unblock();
            pages.is_right(0);
        });
        scope.spawn(|| {
            block_all();
            Pages::new(1).is_right(0);
            pages.is_right(1);
        });
    });
}

fn no_alternate_stack() {
    extern "C" fn run(pages: *mut c_void) -> *mut c_void {
        unsafe { &*pages.cast::<Pages>() }.is_right(1);
        null_mut()
    }
    let pages = Pages::new(2);
    unsafe {
        let mut thread = std::mem::zeroed();
        let argument = (&raw const pages).cast_mut().cast();
        assert_eq!(libc::pthread_create(&raw mut thread, std::ptr::null(), run, argument), 0);
        assert_eq!(libc::pthread_join(thread, null_mut()), 0);
    }
    assert_eq!(pages.calls(), 1);
}

fn full_stack() {
    fn deeper(depth: u64) -> u64 {
        let room = std::hint::black_box([depth; 64]);
        if depth == u64::MAX { 0 } else { deeper(depth + 1) + room[0] }
    }
    let pages = Pages::new(2);
    pages.is_right(1);
    println!("{}", std::thread::spawn(|| deeper(0)).join().unwrap());
}

fn come_and_go() {
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !ended.load(SeqCst) {
                    let pages: Vec<Pages> = (1..=4).map(Pages::new).collect();
                    for (pages, last) in pages.iter().zip(0..) {
                        pages.is_right(last);
                    }
                }
            });
        }
        for _ in 0..50 {
            let pages = Pages::new(40);
            (0..40).for_each(|page| pages.is_right(page));
            assert_eq!(pages.calls(), 40);
            drop(pages.range);
            assert_eq!(Arc::strong_count(&pages.filling), 1);
        }
        ended.store(true, SeqCst);
    });
}

/// A range, and a thread that is being served by it, which goes on when `waits` is cleared.
fn with_a_stray_touch(then: impl FnOnce(Pages, &Filling)) {
    let pages = Pages::new(3);
    let filling = Arc::clone(&pages.filling);
    filling.waits.store(true, SeqCst);
    let front = filling.front.expose_provenance();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let first = std::ptr::with_exposed_provenance::<u8>(front);
            assert_eq!(unsafe { first.wrapping_add(PAGE).read_volatile() }, 2);
        });
        while filling.calls.load(SeqCst) == 0 {
            std::thread::yield_now();
        }
        then(pages, &filling);
    });
}

fn dropped_while_filled() {
    static IS_DROPPED: AtomicBool = AtomicBool::new(false);
    with_a_stray_touch(|pages, filling| {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                drop(pages.range);
                IS_DROPPED.store(true, SeqCst);
            });
            // Too early a drop may be missed here, but none is ever reported without reason.
            for _ in 0..1000 {
                assert!(!IS_DROPPED.load(SeqCst), "it is being filled");
                std::thread::yield_now();
            }
            filling.waits.store(false, SeqCst);
        });
        assert!(IS_DROPPED.load(SeqCst));
    });
}

fn in_child(well: impl FnOnce() -> bool) {
    let mut ended = 0;
    unsafe {
        let child = libc::fork();
        assert!(child >= 0);
        if child == 0 {
            // A child that waits for a thread that it does not have is killed.
            libc::alarm(20);
            libc::_exit(if well() { OTHERS } else { 1 });
        }
        assert_eq!(libc::waitpid(child, &raw mut ended, 0), child);
    }
    assert!(libc::WIFEXITED(ended), "the child ended by {ended:#x}");
    assert_eq!(libc::WEXITSTATUS(ended), OTHERS);
}

fn forked() {
    with_a_stray_touch(|pages, filling| {
        let range = &pages.range;
        in_child(|| {
            // The thread that is in there is not in the child.
            drop(unsafe { std::ptr::read(range) });
            filling.waits.store(false, SeqCst);
            let pages = Pages::new(2);
            pages.touch(PAGE) == 2 && Arc::strong_count(&pages.filling) == 2
        });
        filling.waits.store(false, SeqCst);
    });
}

fn in_a_child() {
    let pages = Pages::new(3);
    pages.is_right(0);
    in_child(|| {
        let own = Pages::new(2);
        pages.touch(0) == 1 && pages.touch(2 * PAGE) == 3 && own.touch(PAGE) == 2
    });
    assert_eq!(pages.calls(), 1, "what a child touches is its own");
    pages.is_right(1);
    pages.is_right(2);
}

fn beside_lost_pages() {
    assert_eq!(status(), Status::Active);
    let pages = Pages::new(3);
    for page in 0..3 {
        Missing::new().is_missing();
        pages.is_right(page);
        Missing::new().is_missing();
    }
    assert_eq!(status(), Status::Active);
}
