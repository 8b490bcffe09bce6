//! Finds out whether this process may use userfaultfd(2), without being ended by the answer: a sandbox may
//! end whoever asks.

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicU8, Ordering};

use super::uffd;

const UNKNOWN: u8 = 0;
const ALLOWED: u8 = 1;

/// The answer for a process without a sandbox, which can only become stricter by getting one.
static ANSWER: AtomicU8 = AtomicU8::new(UNKNOWN);

/// `None` if a userfaultfd can be opened, and otherwise why not.
pub(super) fn refusal() -> Option<String> {
    // SAFETY: it takes numbers and returns one.
    let has_sandbox = unsafe { libc::prctl(libc::PR_GET_SECCOMP) } != 0;
    if !has_sandbox && ANSWER.load(Ordering::Relaxed) == ALLOWED {
        return None;
    }
    if !is_recent() {
        return Some("it needs Linux 6.6".to_owned());
    }
    match in_a_child() {
        Ok(0) => {
            if !has_sandbox {
                ANSWER.store(ALLOWED, Ordering::Relaxed);
            }
            None
        }
        Ok(errno) => Some(format!("userfaultfd: {}", std::io::Error::from_raw_os_error(errno))),
        Err(why) => Some(why.to_owned()),
    }
}

/// Whether the kernel is 6.6 or later, whose answers are known. Earlier ones also end a process whose memory
/// is shared by a child that a sandbox ends.
fn is_recent() -> bool {
    // SAFETY: plain data, for which all zeros is a valid value.
    let mut name = unsafe { std::mem::zeroed::<libc::utsname>() };
    // SAFETY: the system writes a local variable.
    unsafe { libc::uname(&raw mut name) };
    // SAFETY: a text that ends with a zero, in the variable.
    let release = unsafe { CStr::from_ptr(name.release.as_ptr()) }.to_string_lossy();
    let mut numbers = release.split(['.', '-']).map(|part| part.parse::<u32>().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    version >= (6, 6)
}

/// The stack of the child, in units of 16 bytes, as it must be aligned: 32 KiB.
const STACK_LEN: usize = 2048;

/// Opens a userfaultfd in a child, which shares this process's memory until it ends, and returns `errno`.
fn in_a_child() -> Result<i32, &'static str> {
    extern "C" fn child(_: *mut libc::c_void) -> i32 {
        uffd::open().map_or_else(|error| error.raw_os_error().unwrap_or(libc::EIO), |_| 0)
    }

    let mut stack = vec![MaybeUninit::<u128>::uninit(); STACK_LEN];
    let top = stack.as_mut_ptr_range().end;
    let all = AllSignals::block();
    // SAFETY: `child` runs on a stack of its own, while this thread waits for it to end (`VFORK`): then the
    // stack is not used any more. It makes system calls and touches no memory that others use, except
    // `errno`, which is this thread's. It gets no signals, so that no handler of this process runs in it.
    let pid = unsafe {
        libc::clone(child, top.cast(), libc::CLONE_VM | libc::CLONE_VFORK, ptr::null_mut())
    };
    drop(all);
    if pid < 0 {
        return Err("userfaultfd: no child could be made to try it in");
    }
    let mut status = 0;
    loop {
        // SAFETY: our own child, which only a wait for clones finds; the system writes a local variable.
        let found = unsafe { libc::waitpid(pid, &raw mut status, libc::__WALL) };
        if found == pid {
            break;
        }
        if std::io::Error::last_os_error().kind() != std::io::ErrorKind::Interrupted {
            return Err("userfaultfd: the child that tried it was lost");
        }
    }
    if libc::WIFEXITED(status) {
        return Ok(libc::WEXITSTATUS(status));
    }
    Err("userfaultfd: a sandbox ends whoever asks for it")
}

/// All signals are blocked in this thread, until this is dropped.
pub(super) struct AllSignals {
    before: libc::sigset_t,
}

impl AllSignals {
    pub(super) fn block() -> Self {
        // SAFETY: plain data, for which all zeros is a valid value.
        let (mut all, mut before) =
            unsafe { std::mem::zeroed::<(libc::sigset_t, libc::sigset_t)>() };
        // SAFETY: a local variable.
        unsafe { libc::sigfillset(&raw mut all) };
        // SAFETY: local variables.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before) };
        Self { before }
    }
}

impl Drop for AllSignals {
    fn drop(&mut self) {
        // SAFETY: the mask that `block` found.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.before, ptr::null_mut())
        };
    }
}
