//! Read leases: the kernel tells us before anyone changes the file, and makes them wait.
//!
//! While a lease is held, whoever opens the file for writing, or cuts it short, waits in the kernel,
//! and a signal comes to a thread of ours. That thread copies the bytes into memory of this process,
//! puts that memory where the file was mapped, in one step (mremap(2)), and gives the lease back. Who
//! has borrowed the bytes notices nothing.
//!
//! The kernel grants a lease while nobody has the file open for writing. That a write which somebody
//! began before is not still under way is seen by itself (`cache`).
//!
//! # Source
//! fcntl(2), `F_SETLEASE`, `F_SETOWN_EX`; `Documentation/admin-guide/sysctl/fs.rst` of Linux,
//! `lease-break-time`.

use std::cell::Cell;
use std::fs::{self, File};
use std::mem;
use std::os::fd::AsRawFd;
use std::process;
use std::ptr;
use std::slice;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use memmap_core::widen;
use rustix::fs::{AtFlags, StatxAttributes, StatxFlags};
use rustix::io::Errno;
use rustix::mm::{self, MapFlags, MprotectFlags, ProtFlags};

use super::cache::{self, Part};
use crate::pages::Pages;

/// How often the watcher looks by itself, should a signal get lost.
const LOOK: Duration = Duration::from_secs(1);

/// What is left of the kernel's time, at least, when a copy takes the place of the pages.
const MARGIN: Duration = Duration::from_secs(2);

/// Bytes a second that a copy is sure to make, from a slow disk too. If all that is leased could not be
/// copied in half the time that the kernel gives, no more is.
const RATE: u64 = 64 << 20;

/// A lease on a file that is mapped, given back when this is dropped.
pub(super) struct Lease {
    file: Arc<File>,
    is_broken: Arc<AtomicBool>,
}

impl Lease {
    /// Whether somebody wanted to change the file. The bytes are a copy since then.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken.load(Ordering::Acquire)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut watcher = watcher();
        // In a child made by `fork` the lease is the parent's, and closing is all that is done.
        let is_ours = watcher.process == process::id();
        if let Some(at) = watcher.leases.iter().position(|held| Arc::ptr_eq(&held.file, &self.file))
        {
            let held = watcher.leases.swap_remove(at);
            if is_ours {
                held.end_lease();
            }
        }
    }
}

/// A lease and the memory that depends on it.
struct Held {
    file: Arc<File>,
    is_broken: Arc<AtomicBool>,
    part: Part,
    /// The whole pages of the mapping.
    base: usize,
    span: usize,
}

struct Watcher {
    /// The process that it is a thread of: a child made by `fork` has none.
    process: u32,
    thread: libc::pid_t,
    leases: Vec<Held>,
    /// When no lease was wanted back, last.
    quiet: Option<Instant>,
}

static WATCHER: Mutex<Watcher> =
    Mutex::new(Watcher { process: 0, thread: 0, leases: Vec::new(), quiet: None });

fn watcher() -> MutexGuard<'static, Watcher> {
    // Nothing in it is half done when a thread panics: it holds no invariant over several steps.
    WATCHER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes a lease for what is mapped, which then stays in place until the lease is dropped. What else
/// must hold is checked once nobody can change the file.
///
/// `start` is where in the file the first page of the mapping is.
pub(super) fn take(
    file: &File,
    pages: &Pages,
    start: u64,
    check: impl FnOnce() -> Result<(), String>,
) -> Result<Lease, String> {
    let (base, span) = pages.whole();
    require_known(file)?;
    // Not while others wait for the lease.
    cache::clean(file, pages, start)?;
    let file = grant(file, span)?;
    let held = Part::of(&file, start, span).and_then(|part| {
        // Not yet in the table: nothing but the file itself may be in its place until all is seen.
        if !is_seen(&part) {
            cache::vacate(&file, pages, start)?;
        }
        check()?;
        let (base, is_broken) = (base.expose_provenance(), Arc::default());
        enter(Held { file: Arc::clone(&file), is_broken, part, base, span })
    });
    match held {
        Ok(is_broken) => Ok(Lease { file, is_broken }),
        Err(why) => {
            // A child that is forked just now has the descriptor as well.
            give_back(&file);
            Err(why)
        }
    }
}

/// Whether a lease would be granted. It is given back at once, and nothing that is in memory is
/// touched; so whether a page is in use is left open.
pub(super) fn could(file: &File, span: usize) -> Result<(), String> {
    give_back(&*grant(file, span)?);
    Ok(())
}

/// Gets a lease of the kernel's. The file is one of its own, so that what somebody does with the other
/// one does not concern the lease.
fn grant(file: &File, span: usize) -> Result<Arc<File>, String> {
    require_known(file)?;
    let again = format!("/proc/self/fd/{}", file.as_raw_fd());
    let file = File::open(again).map_err(|error| format!("it cannot be opened again: {error}"))?;
    let watcher = watching()?;
    watcher.require_time(span)?;
    own(&file, watcher.thread)?;
    // SAFETY: it takes numbers, of a file that is open, and touches no memory.
    let answer = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_RDLCK) };
    if answer == 0 {
        Ok(Arc::new(file))
    } else {
        Err(refusal(Errno::from_io_error(&std::io::Error::last_os_error())))
    }
}

/// Whether what is leased already has all of a part: no page of it was in use when that began, and
/// nobody has had the file open for writing since, if nobody wants to just now.
fn is_seen(part: &Part) -> bool {
    watcher().leases.iter().any(|held| part.is_within(&held.part) && !is_wanted(&held.file))
}

/// Has the watcher look after a lease, unless somebody has wanted it back by now.
fn enter(held: Held) -> Result<Arc<AtomicBool>, String> {
    let mut watcher = watcher();
    watcher.require_time(held.span)?;
    if is_wanted(&held.file) {
        return Err(refusal(Some(Errno::AGAIN)));
    }
    let is_broken = Arc::clone(&held.is_broken);
    watcher.leases.push(held);
    Ok(is_broken)
}

impl Watcher {
    /// Whether the system waits long enough for a copy of all that would be leased.
    fn require_time(&self, span: usize) -> Result<(), String> {
        let Some(patience) = patience()? else { return Ok(()) };
        let seconds = patience.as_secs();
        if patience <= LOOK.saturating_add(MARGIN) {
            return Err(format!(
                "the system waits for {seconds} s only when the lease is wanted back; raise \
                 /proc/sys/fs/lease-break-time, or allow another proof"
            ));
        }
        let leased = self.leases.iter().fold(span, |sum, held| sum.saturating_add(held.span));
        if widen(leased) / RATE > seconds / 2 {
            return Err(format!(
                "the {leased} bytes that would be leased then may take too long to be copied within \
                 the {seconds} s that the system gives when leases are wanted back; raise \
                 /proc/sys/fs/lease-break-time, or allow another proof"
            ));
        }
        Ok(())
    }
}

fn refusal(errno: Option<Errno>) -> String {
    match errno {
        Some(Errno::AGAIN) => {
            "the file is open for writing, or mapped so, somewhere; close it there"
        }
        Some(Errno::ACCESS) => "the file belongs to another user; its owner can have a lease",
        Some(Errno::INVAL) => "its file system gives no leases",
        Some(errno) => return format!("the system gives no lease: {errno}"),
        None => "the system gives no lease",
    }
    .to_owned()
}

/// Whether the file is on a file system that is known to keep a lease. Others grant what they do not
/// keep: overlayfs knows nothing of who opens the file below it, a network of other machines.
fn require_known(file: &File) -> Result<(), String> {
    /// ext4 (and its ancestors), xfs, btrfs: statfs(2). Not tmpfs, whose number is that of shared memory
    /// too: the kernel does not count who may write to that, nor buffers that were registered for reads.
    const KEEPERS: [rustix::fs::FsWord; 3] = [0xEF53, 0x5846_5342, 0x9123_683E];
    let known = rustix::fs::fstatfs(file).is_ok_and(|fs| KEEPERS.contains(&fs.f_type));
    if !known {
        return Err(
            "only ext4, xfs and btrfs are known to keep it, and the file is on none of them"
                .to_owned(),
        );
    }
    let found = rustix::fs::statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::BASIC_STATS)
        .map_err(|errno| cache::cannot_look(&errno.into()))?;
    let dax = StatxAttributes::DAX;
    if found.stx_attributes_mask.contains(dax) && !found.stx_attributes.contains(dax) {
        Ok(())
    } else {
        // Pages that are the device itself cannot be seen out of memory. (Linux says so since 5.8.)
        Err("the file may be mapped past the page cache (DAX)".to_owned())
    }
}

/// How long the kernel waits for a lease to be given back; `None` if for ever.
fn patience() -> Result<Option<Duration>, String> {
    let text = fs::read_to_string("/proc/sys/fs/lease-break-time");
    let seconds = text.ok().and_then(|text| text.trim().parse::<u64>().ok());
    match seconds {
        Some(0) => Ok(None),
        Some(seconds) => Ok(Some(Duration::from_secs(seconds))),
        None => Err("the system does not say how long it waits for a lease".to_owned()),
    }
}

/// Gives a lease back. False if there is none any more: the kernel takes it away once it has waited
/// for long enough, and only then lets those pass who wait (`__break_lease` in `fs/locks.c`).
fn give_back(file: &File) -> bool {
    // SAFETY: it takes numbers, of a file that is open, and touches no memory.
    unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_UNLCK) == 0 }
}

/// Whether somebody waits for the lease: the kernel then calls it what it is to become.
fn is_wanted(file: &File) -> bool {
    // SAFETY: as in `give_back`.
    let kind = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_GETLEASE) };
    kind != libc::F_RDLCK
}

/// The watcher, whose thread runs in this process.
fn watching() -> Result<MutexGuard<'static, Watcher>, String> {
    let mut watcher = watcher();
    if watcher.process != process::id() {
        start(&mut watcher)?;
    }
    Ok(watcher)
}

/// Has the kernel tell the watcher if a lease on this file is wanted back. It would tell the whole
/// process otherwise, which ends by the signal unless it expects it.
pub(super) fn tell_the_watcher(file: &File) -> Result<(), String> {
    let watcher = watching()?;
    own(file, watcher.thread)
}

/// Has the kernel tell one thread of this file.
fn own(file: &File, thread: libc::pid_t) -> Result<(), String> {
    /// `struct f_owner_ex` of fcntl(2).
    #[repr(C)]
    struct Owner {
        kind: libc::c_int,
        pid: libc::pid_t,
    }
    const F_SETOWN_EX: libc::c_int = 15;
    const F_OWNER_TID: libc::c_int = 0;
    let owner = Owner { kind: F_OWNER_TID, pid: thread };
    // SAFETY: the kernel reads the structure that it is given here, which lives until it answers.
    let answer = unsafe { libc::fcntl(file.as_raw_fd(), F_SETOWN_EX, &raw const owner) };
    if answer == 0 { Ok(()) } else { Err("no thread can be told of the lease".to_owned()) }
}

/// Starts the thread that gives leases back: one for the process.
fn start(watcher: &mut Watcher) -> Result<(), String> {
    watch_forks()?;
    // Those of a parent process are not ours to keep.
    watcher.leases.clear();
    let (tell, told) = mpsc::channel();
    thread::Builder::new()
        .name("memmap-leases".to_owned())
        .spawn(move || watch(&tell))
        .map_err(|error| format!("no thread can be started for it: {error}"))?;
    watcher.thread = told.recv().map_err(|_gone| "the thread for it did not start".to_owned())?;
    watcher.process = process::id();
    watcher.quiet = Some(Instant::now());
    Ok(())
}

thread_local! {
    /// What a thread holds while it forks.
    static FORKING: Cell<Option<MutexGuard<'static, Watcher>>> = const { Cell::new(None) };
}

/// Keeps the bytes from children: they have no watcher, and the lease is not theirs. A hole would not
/// do, as what the child asks for next could get its place.
///
/// # Source
/// `pthread_atfork(3)`; that mmap(2) works in a child at once: `fork(2)` of Linux copies the locks of
/// memory free.
fn watch_forks() -> Result<(), String> {
    extern "C" fn before() {
        let guard = watcher();
        FORKING.try_with(|forking| forking.set(Some(guard))).ok();
    }
    extern "C" fn parent() {
        drop(FORKING.try_with(Cell::take));
    }
    extern "C" fn child() {
        if let Ok(Some(watcher)) = FORKING.try_with(Cell::take) {
            watcher.leases.iter().for_each(Held::become_unreadable);
        }
    }
    static DONE: OnceLock<libc::c_int> = OnceLock::new();
    let answer = DONE.get_or_init(|| {
        // SAFETY: the three functions live as long as the program; what they do is said at each.
        unsafe { libc::pthread_atfork(Some(before), Some(parent), Some(child)) }
    });
    if *answer == 0 { Ok(()) } else { Err("children cannot be kept from it".to_owned()) }
}

/// Waits for the kernel to want leases back, for ever.
fn watch(tell: &mpsc::Sender<libc::pid_t>) {
    // SAFETY: an empty set is all zeros on Linux, and `sigfillset` makes it a full one.
    let mut all: libc::sigset_t = unsafe { mem::zeroed() };
    // SAFETY: `all` is ours.
    unsafe { libc::sigfillset(&raw mut all) };
    // SAFETY: `all` is initialised; nothing is written back. No handler runs in this thread.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const all, ptr::null_mut()) };
    // SAFETY: it takes nothing, and always succeeds.
    tell.send(unsafe { libc::gettid() }).ok();
    // SAFETY: as above.
    let mut wanted: libc::sigset_t = unsafe { mem::zeroed() };
    // SAFETY: `wanted` is ours.
    unsafe { libc::sigemptyset(&raw mut wanted) };
    // SAFETY: `wanted` is ours.
    unsafe { libc::sigaddset(&raw mut wanted, libc::SIGIO) };
    let patience =
        libc::timespec { tv_sec: i64::try_from(LOOK.as_secs()).unwrap_or(1), tv_nsec: 0 };
    loop {
        // SAFETY: both are initialised, and nothing is written back.
        unsafe { libc::sigtimedwait(&raw const wanted, ptr::null_mut(), &raw const patience) };
        look();
    }
}

/// Gives back what is wanted back.
fn look() {
    let mut watcher = watcher();
    let quiet = watcher.quiet;
    // What is not wanted now was not when this began.
    let begun = Instant::now();
    watcher.leases.retain(|held| {
        if !is_wanted(&held.file) {
            return true;
        }
        held.become_a_copy(|| is_in_time(quiet));
        held.is_broken.store(true, Ordering::Release);
        held.end_lease();
        false
    });
    watcher.quiet = Some(begun);
}

impl Held {
    /// Leaves nothing to be read where the bytes are, and nothing that somebody else could get.
    fn become_unreadable(&self) {
        let base = ptr::with_exposed_provenance_mut::<u8>(self.base);
        let flags = MapFlags::PRIVATE.union(MapFlags::FIXED).union(MapFlags::NORESERVE);
        // SAFETY: the range is mapped until its lease is dropped, which needs the lock that we hold.
        // References to it exist, and whoever follows one ends the process.
        let made = unsafe { mm::mmap_anonymous(base.cast(), self.span, ProtFlags::empty(), flags) };
        if made.is_err() {
            give_up("a child cannot be kept from");
        }
    }

    /// Gives the lease back, or ends the process if the system has taken it away before: whoever
    /// waited for it may have changed bytes that were borrowed.
    fn end_lease(&self) {
        if !give_back(&self.file) {
            give_up(LATE);
        }
    }

    /// Puts a copy of the bytes where they are.
    ///
    /// The process ends if that cannot be done, or was not done in time: bytes that are borrowed
    /// would change.
    fn become_a_copy(&self, mut is_in_time: impl FnMut() -> bool) {
        // First of all: the longer this takes, the more is read of bytes that may have changed.
        if !is_in_time() {
            give_up(LATE);
        }
        let flags = MapFlags::PRIVATE;
        let writable = ProtFlags::READ.union(ProtFlags::WRITE);
        // SAFETY: without an address the system finds a range that nothing uses.
        let made = unsafe { mm::mmap_anonymous(ptr::null_mut(), self.span, writable, flags) };
        let Ok(copy) = made else { give_up("there is no memory for a copy of") };
        #[expect(clippy::disallowed_methods, reason = "this is the backend, and the memory is new")]
        // SAFETY: it is new memory of that length, zeroed, to which nothing else refers.
        let bytes = unsafe { slice::from_raw_parts_mut(copy.cast::<u8>(), self.span) };
        let base = ptr::with_exposed_provenance::<u8>(self.base);
        // SAFETY: the range is mapped until its lease is dropped, which needs the lock that we hold.
        // References to it exist, and all of them only read.
        if unsafe { memmap_guard::copy_out(base, bytes) }.is_err() {
            give_up("its device failed, or it was cut short, while this was copied:");
        }
        // SAFETY: the range is the new memory's, and nothing writes to it from here on.
        let protected = unsafe { mm::mprotect(copy, self.span, MprotectFlags::READ) };
        if protected.is_err() || !is_in_time() {
            give_up(LATE);
        }
        // SAFETY: both ranges are ours and as long as each other. The kernel takes the old pages out
        // and puts the new ones in while it lets nobody look (mmap_lock), and the new ones hold the
        // same bytes: no reader can tell.
        let moved = unsafe {
            mm::mremap_fixed(
                copy,
                self.span,
                self.span,
                mm::MremapFlags::MAYMOVE,
                base.cast_mut().cast(),
            )
        };
        if moved.is_err() {
            give_up("the system does not put a copy in the place of");
        }
    }
}

const LATE: &str = "the system did not wait long enough for a copy of";

/// Whether nobody can have got past a lease yet. When it was wanted is not known, only that it was
/// not, last time.
fn is_in_time(quiet: Option<Instant>) -> bool {
    match (patience(), quiet) {
        (Ok(None), _) => true,
        (Ok(Some(patience)), Some(quiet)) => quiet.elapsed().saturating_add(MARGIN) < patience,
        _ => false,
    }
}

/// Ends the process: bytes that are borrowed would change otherwise.
#[cold]
fn give_up(why: &str) -> ! {
    use std::io::Write;
    let line = format!(
        "memmap: {why} a file whose lease is wanted back; the process ends, as borrowed bytes cannot \
         change\n"
    );
    std::io::stderr().write_all(line.as_bytes()).ok();
    process::abort()
}

#[cfg(test)]
mod tests;
