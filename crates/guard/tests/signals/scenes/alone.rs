//! The handler without handlers of others: faults, signals, threads and forks.

use super::*;

pub(super) fn all() -> Vec<Scene> {
    vec![
        dies("a foreign fault ends the process", foreign_fault, SIGBUS),
        Scene {
            says: "has overflowed its stack",
            ..dies("a stack overflow is reported", full_stack, SIGABRT)
        },
        well("a signal sent once is survived", sent_once),
        dies("a signal sent twice ends the process", sent_twice, SIGBUS),
        well("broken memory that nobody needed is survived once", broken_once),
        dies("broken memory told of twice ends the process", broken_twice, SIGBUS),
        well("a thread with the signal blocked", blocked_in_a_thread),
        well("a process with the signal blocked", blocked_from_the_start),
        well("a fork", fork),
        well("within the handler of another signal", within_a_handler),
        well("a thread without a stack for signals", no_alternate_stack),
        well("a profiler", profiler),
    ]
}

fn foreign_fault() {
    Missing::new().is_missing();
    say_the_point();
    Missing::new().touch();
}

fn full_stack() {
    fn deeper(depth: u64) -> u64 {
        let room = std::hint::black_box([depth; 64]);
        if depth == u64::MAX { 0 } else { deeper(depth + 1) + room[0] }
    }
    Missing::new().is_missing();
    println!("{}", deeper(0));
}

fn sent_once() {
    let missing = Missing::new();
    missing.is_missing();
    send();
    missing.is_missing();
    assert_eq!(status(), Status::Active);
}

fn sent_twice() {
    sent_once();
    say_the_point();
    send();
}

fn broken_once() {
    let missing = Missing::new();
    missing.is_missing();
    send_broken_memory();
    missing.is_missing();
    assert_eq!(status(), Status::Active);
}

fn broken_twice() {
    broken_once();
    say_the_point();
    send_broken_memory();
}

fn blocked_in_a_thread() {
    let missing = Missing::new();
    missing.is_missing();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            block();
            missing.is_missing();
        });
    });
}

fn blocked_from_the_start() {
    block();
    assert_eq!(status(), Status::Active);
    Missing::new().is_missing();
}

fn fork() {
    let file = tempfile::tempfile().unwrap();
    file.set_len(PAGE as u64).unwrap();
    let page = MmapOptions::new().len(PAGE).map_raw(&file).unwrap();
    let address = page.as_ptr().addr();
    let expected = Err(Fault { moved: 0, address, cause: Cause::Missing });
    let look = || unsafe { load::<u64>(page.as_ptr()) };
    assert_eq!(look(), Ok(0));
    let mut ended = 0;
    unsafe {
        let child = libc::fork();
        assert!(child >= 0);
        if child == 0 {
            let well = file.set_len(0).is_ok() && look() == expected;
            libc::_exit(if well { OTHERS } else { 1 });
        }
        assert_eq!(libc::waitpid(child, &raw mut ended, 0), child);
    }
    assert!(libc::WIFEXITED(ended), "the child ended by {ended:#x}");
    assert_eq!(libc::WEXITSTATUS(ended), OTHERS);
    assert_eq!(look(), expected);
}

fn within_a_handler() {
    extern "C" fn look(_: c_int) {
        let address = ADDRESS.load(SeqCst);
        let found = unsafe { load::<u32>(std::ptr::with_exposed_provenance(address)) };
        if found == Err(Fault { moved: 0, address, cause: Cause::Missing }) {
            ASKED.fetch_add(1, SeqCst);
        }
    }
    let missing = Missing::new();
    missing.is_missing();
    ADDRESS.store(missing.page.as_ptr().expose_provenance(), SeqCst);
    handle(libc::SIGUSR1, look as *const () as usize, 0);
    for times in 1..=100 {
        assert_eq!(unsafe { libc::raise(libc::SIGUSR1) }, 0);
        assert_eq!(asked(), times);
        missing.is_missing();
    }
}

fn profiler() {
    extern "C" fn tick(_: c_int) {
        ASKED.fetch_add(1, SeqCst);
    }
    const LEN: usize = 64 * PAGE;
    let file = tempfile::tempfile().unwrap();
    file.set_len(2 * LEN as u64).unwrap();
    let pages = MmapOptions::new().len(2 * LEN).map_raw(&file).unwrap();
    let bytes: Vec<u8> = (0..LEN).map(|at| (at % 251) as u8).collect();
    unsafe { copy_in(pages.as_mut_ptr(), &bytes) }.unwrap();
    file.set_len(LEN as u64).unwrap();
    handle(libc::SIGPROF, tick as *const () as usize, libc::SA_RESTART);
    let often = libc::timeval { tv_sec: 0, tv_usec: 1000 };
    let often = libc::itimerval { it_interval: often, it_value: often };
    assert_eq!(unsafe { libc::setitimer(libc::ITIMER_PROF, &raw const often, null_mut()) }, 0);

    let address = pages.as_ptr().addr() + LEN;
    let mut out = vec![0; LEN + 1];
    // Half a second of work at 250 ticks a second, the slowest rate of kernels.
    while asked() < 125 {
        out.fill(0xEE);
        unsafe { copy_out(pages.as_ptr(), &mut out[..LEN]) }.unwrap();
        assert!(out[..LEN] == bytes);
        out.fill(0xEE);
        let fault = unsafe { copy_out(pages.as_ptr(), &mut out) }.unwrap_err();
        assert_eq!(fault, Fault { moved: LEN, address, cause: Cause::Missing });
        assert!(out[..LEN] == bytes);
        for at in (0..LEN).step_by(PAGE) {
            let lost = unsafe { load::<u16>(pages.as_ptr().wrapping_add(LEN + at)) };
            assert_eq!(lost.unwrap_err().address, address + at);
        }
    }
}

fn no_alternate_stack() {
    extern "C" fn run(missing: *mut c_void) -> *mut c_void {
        let mut stack: libc::stack_t = unsafe { zeroed() };
        let asked = unsafe { libc::sigaltstack(null(), &raw mut stack) };
        if asked == 0 && stack.ss_flags & libc::SS_DISABLE != 0 {
            unsafe { &*missing.cast::<Missing>() }.is_missing();
            ASKED.fetch_add(1, SeqCst);
        }
        null_mut()
    }
    let missing = Missing::new();
    unsafe {
        let mut thread = zeroed();
        let argument = (&raw const missing).cast_mut().cast();
        assert_eq!(libc::pthread_create(&raw mut thread, null(), run, argument), 0);
        assert_eq!(libc::pthread_join(thread, null_mut()), 0);
    }
    assert_eq!(asked(), 1, "the thread has such a stack after all");
}
