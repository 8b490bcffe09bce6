//! userfaultfd(2): the calls that are needed.
//!
//! # Source
//! userfaultfd(2), `ioctl_userfaultfd(2)`; `include/uapi/linux/userfaultfd.h` of Linux.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use rustix::ioctl::{Opcode, opcode};

use super::source::errno;

/// Faults of the system's own accesses are errors of its calls, and wait for nobody.
const USER_MODE_ONLY: i32 = 1;
const API: u64 = 0xAA;
const FEATURE_POISON: u64 = 1 << 14;
const MODE_MISSING: u64 = 1;
const DONT_WAKE: u64 = 1;
const EVENT_PAGEFAULT: u8 = 0x12;

/// The group of the requests.
const GROUP: u8 = 0xAA;

#[repr(C)]
struct Handshake {
    api: u64,
    features: u64,
    ioctls: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Range {
    start: u64,
    len: u64,
}

#[repr(C)]
struct Register {
    range: Range,
    mode: u64,
    ioctls: u64,
}

#[repr(C)]
struct Copy {
    to: u64,
    from: u64,
    len: u64,
    mode: u64,
    /// Bytes that were copied, or the negative number of an error.
    copied: i64,
}

#[repr(C)]
struct Poison {
    range: Range,
    mode: u64,
    updated: i64,
}

/// `struct uffd_msg`.
#[repr(C)]
#[derive(Default)]
struct Message {
    event: u8,
    reserved: [u8; 7],
    flags: u64,
    address: u64,
    rest: u64,
}

/// A userfaultfd by its number, in the table of descriptors of the current thread.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub(super) struct Uffd(pub(super) i32);

/// What a copy came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Copied {
    /// All pages are there.
    All,
    /// The first bytes are there, and then the system said this.
    Part(usize, i32),
}

/// Opens a userfaultfd that can say that a page is lost, as Linux 6.6 and later do.
pub(super) fn open() -> io::Result<OwnedFd> {
    let flags = libc::O_CLOEXEC | libc::O_NONBLOCK | USER_MODE_ONLY;
    // SAFETY: it takes a number and returns a new descriptor.
    let number = unsafe { libc::syscall(libc::SYS_userfaultfd, flags) };
    let number = i32::try_from(number).ok().filter(|&number| number >= 0);
    let Some(number) = number else { return Err(io::Error::last_os_error()) };
    // SAFETY: the descriptor is new, and nothing else owns it.
    let opened = unsafe { OwnedFd::from_raw_fd(number) };
    let mut shake = Handshake { api: API, features: FEATURE_POISON, ioctls: 0 };
    let number = opcode::read_write::<Handshake>(GROUP, 0x3F);
    // SAFETY: the structure that this request takes.
    match unsafe { ioctl(opened.as_raw_fd(), number, &mut shake) } {
        0 => Ok(opened),
        errno => Err(io::Error::from_raw_os_error(errno)),
    }
}

/// Makes a request, again if it was interrupted. Returns `errno`, or 0.
///
/// # Safety
/// `T` is the structure of the request.
unsafe fn ioctl<T>(descriptor: i32, number: Opcode, with: &mut T) -> i32 {
    loop {
        // SAFETY: the caller's structure, which the system reads and writes.
        let answer = unsafe { libc::syscall(libc::SYS_ioctl, descriptor, number, &raw mut *with) };
        match if answer == 0 { 0 } else { errno() } {
            libc::EINTR => {}
            errno => return errno,
        }
    }
}

fn range(first: usize, len: usize) -> Range {
    Range { start: memmap_core::widen(first), len: memmap_core::widen(len) }
}

impl Uffd {
    /// Missing pages of the range are filled by whoever reads this descriptor from now on.
    pub(super) fn register(self, first: usize, len: usize) -> io::Result<()> {
        let mut register = Register { range: range(first, len), mode: MODE_MISSING, ioctls: 0 };
        let number = opcode::read_write::<Register>(GROUP, 0x00);
        // SAFETY: the structure that this request takes. The range is memory of the caller's.
        match unsafe { ioctl(self.0, number, &mut register) } {
            0 => Ok(()),
            errno => Err(io::Error::from_raw_os_error(errno)),
        }
    }

    /// Missing pages are zeros again, as in other memory, and whoever waits goes on.
    pub(super) fn unregister(self, first: usize, len: usize) {
        let mut range = range(first, len);
        // SAFETY: the structure that this request takes.
        unsafe { ioctl(self.0, opcode::read::<Range>(GROUP, 0x01), &mut range) };
    }

    /// Wakes whoever waits for a page of the range.
    pub(super) fn wake(self, first: usize, len: usize) {
        let mut range = range(first, len);
        // SAFETY: the structure that this request takes.
        unsafe { ioctl(self.0, opcode::read::<Range>(GROUP, 0x02), &mut range) };
    }

    /// Fills missing pages with copies. Whoever waits for them is woken by [`wake`](Self::wake).
    ///
    /// # Safety
    /// `len` bytes at `from` can be read.
    pub(super) unsafe fn copy(self, to: usize, from: *const u8, len: usize) -> Copied {
        let range = range(to, len);
        let from = memmap_core::widen(from.addr());
        let mut copy = Copy { to: range.start, from, len: range.len, mode: DONT_WAKE, copied: 0 };
        // SAFETY: the structure that this request takes. It writes to missing pages alone, which no reference
        // was read through.
        let errno = unsafe { ioctl(self.0, opcode::read_write::<Copy>(GROUP, 0x03), &mut copy) };
        if errno == 0 {
            return Copied::All;
        }
        Copied::Part(usize::try_from(copy.copied).unwrap_or(0), errno)
    }

    /// From now on, each access to these missing pages is a `SIGBUS`. Wakes whoever waits for them.
    pub(super) fn poison(self, first: usize, len: usize) -> i32 {
        let mut poison = Poison { range: range(first, len), mode: 0, updated: 0 };
        // SAFETY: the structure that this request takes.
        unsafe { ioctl(self.0, opcode::read_write::<Poison>(GROUP, 0x08), &mut poison) }
    }

    /// The address of the next touch of a missing page, if there is one; an error that does not pass.
    pub(super) fn next(self) -> Result<Option<usize>, i32> {
        let mut message = Message::default();
        let len = size_of::<Message>();
        // SAFETY: the system writes a message to a local variable.
        let got = unsafe { libc::read(self.0, (&raw mut message).cast(), len) };
        if usize::try_from(got) == Ok(len) {
            let is_fault = message.event == EVENT_PAGEFAULT;
            return Ok(usize::try_from(message.address).ok().filter(|_| is_fault));
        }
        match errno() {
            libc::EAGAIN | libc::EINTR => Ok(None),
            errno => Err(errno),
        }
    }

    /// Waits for the next touch.
    pub(super) fn wait(self) {
        let mut poll = libc::pollfd { fd: self.0, events: libc::POLLIN, revents: 0 };
        // SAFETY: one structure, a local variable.
        unsafe { libc::poll(&raw mut poll, 1, -1) };
    }
}
