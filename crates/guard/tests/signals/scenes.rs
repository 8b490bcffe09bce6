//! The scenes, and what they have in common.

mod alone;
mod earlier;
mod later;
mod front;
mod registered;
mod of_file;
mod shortage;
mod filling;
mod filled;
mod segv;

use std::fs::File;
use std::mem::zeroed;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use libc::{SIG_IGN, SIGABRT, SIGBUS, c_int, c_void, sigaction, siginfo_t};
use memmap_guard::{
    Cause, Fault, OnLostPage, RegisteredRange, Status, copy_in, copy_out, ensure, load, status,
};
use memmap2::{MmapOptions, MmapRaw};

use crate::runner::{End, Scene};

const PAGE: usize = 4096;

/// What a scene prints just before the signal that ends it.
const POINT: &str = "the point is reached";

/// The line about a lost byte of memory that must not change.
const LINE: &str = "memmap: byte 12288 of a borrowed map is lost: its device failed, or its file \
    was cut short; the process ends, as borrowed bytes cannot change\n";

/// The code with which a handler of a scene ends the process.
const OTHERS: c_int = 33;

fn scene(name: &'static str, play: fn(), end: End, says: &'static str) -> Scene {
    Scene { name, play, end, says, complains: None }
}

fn well(name: &'static str, play: fn()) -> Scene {
    scene(name, play, End::Well, "")
}

fn dies(name: &'static str, play: fn(), signal: c_int) -> Scene {
    scene(name, play, End::Signal(signal), POINT)
}

fn others(name: &'static str, play: fn()) -> Scene {
    scene(name, play, End::Code(OTHERS), POINT)
}

pub(crate) fn all() -> Vec<Scene> {
    [
        alone::all(),
        earlier::all(),
        later::all(),
        front::all(),
        registered::all(),
        of_file::all(),
        shortage::all(),
        filled::all(),
        segv::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A page that its file has lost.
struct Missing {
    page: MmapRaw,
    _file: File,
}

impl Missing {
    fn new() -> Self {
        let file = tempfile::tempfile().unwrap();
        file.set_len(PAGE as u64).unwrap();
        let page = MmapOptions::new().len(PAGE).map_raw(&file).unwrap();
        file.set_len(0).unwrap();
        Self { page, _file: file }
    }

    fn address(&self) -> usize {
        self.page.as_ptr().addr()
    }

    /// A guarded access: the fault is a value.
    fn is_missing(&self) {
        let expected = Fault { moved: 0, address: self.address(), cause: Cause::Missing };
        let found = unsafe { load::<u8>(self.page.as_ptr()) };
        assert_eq!(found, Err(expected));
    }

    /// A plain access: the fault is the process's.
    fn touch(&self) -> u8 {
        unsafe { self.page.as_ptr().read_volatile() }
    }
}

fn say_the_point() {
    println!("{POINT}");
}

/// The address at which the handlers of a scene expect a fault.
static ADDRESS: AtomicUsize = AtomicUsize::new(0);

/// The handler that a handler of a scene found when it was installed.
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// The number of calls of a scene's handlers.
static ASKED: AtomicUsize = AtomicUsize::new(0);

fn asked() -> usize {
    ASKED.load(SeqCst)
}

type WithInfo = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

fn handle(signal: c_int, handler: usize, flags: c_int) -> sigaction {
    unsafe {
        let mut action: sigaction = zeroed();
        action.sa_sigaction = handler;
        action.sa_flags = flags | libc::SA_ONSTACK;
        let mut before: sigaction = zeroed();
        assert_eq!(sigaction(signal, &raw const action, &raw mut before), 0);
        before
    }
}

fn handle_with_info(handler: WithInfo) -> sigaction {
    handle(SIGBUS, handler as usize, libc::SA_SIGINFO)
}

fn send() {
    // This process has one thread, so the signal arrives before this returns.
    assert_eq!(unsafe { libc::kill(libc::getpid(), SIGBUS) }, 0);
}

/// As the system reports broken memory that no instruction has accessed.
fn send_broken_memory() {
    unsafe {
        let mut info: siginfo_t = zeroed();
        info.si_signo = SIGBUS;
        info.si_code = libc::BUS_MCEERR_AO;
        let process = libc::getpid();
        let sent = libc::syscall(libc::SYS_rt_sigqueueinfo, process, SIGBUS, &raw mut info);
        assert_eq!(sent, 0);
    }
}

fn block() {
    unsafe {
        let mut set = zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, SIGBUS);
        assert_eq!(libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, null_mut()), 0);
    }
}

/// Ends the process; the code says whether it was passed the right fault.
extern "C" fn end(signal: c_int, info: *mut siginfo_t, _: *mut c_void) {
    let (code, at) = unsafe { ((*info).si_code, (*info).si_addr().addr()) };
    let told = signal == SIGBUS && code == libc::BUS_ADRERR && at == ADDRESS.load(SeqCst);
    unsafe { libc::_exit(if told { OTHERS } else { 1 }) }
}

/// Replaces the missing page by zeros.
extern "C" fn repair(_: c_int, info: *mut siginfo_t, _: *mut c_void) {
    ASKED.fetch_add(1, SeqCst);
    unsafe {
        let at = (*info).si_addr().map_addr(|at| at & !(PAGE - 1));
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
        if libc::mmap(at, PAGE, libc::PROT_READ, flags, -1, 0) == libc::MAP_FAILED {
            libc::_exit(1);
        }
    }
}

/// Touches a missing page, which the handler must be called for.
fn touch_for_the_handler() {
    let missing = Missing::new();
    ADDRESS.store(missing.address(), SeqCst);
    say_the_point();
    missing.touch();
}

/// As libwayland does: restores the handler that it found, and sends the signal again.
extern "C" fn give_up(signal: c_int, _: *mut siginfo_t, _: *mut c_void) {
    ASKED.fetch_add(1, SeqCst);
    unsafe {
        let mut action: sigaction = zeroed();
        action.sa_sigaction = NEXT.load(SeqCst);
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        sigaction(signal, &raw const action, null_mut());
        libc::raise(signal);
    }
}

fn come_and_give_up() {
    NEXT.store(handle_with_info(give_up).sa_sigaction, SeqCst);
}
