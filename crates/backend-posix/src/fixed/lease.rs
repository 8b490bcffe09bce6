//! Read leases: the kernel notifies us before anyone changes the file, and makes the writer wait.
//!
//! While a lease is held, a process that opens the file for writing or truncates it waits in the kernel, and a
//! thread of ours gets a signal. That thread copies the bytes into private memory, replaces the mapping of the
//! file by that memory in one step (mremap(2)), and gives the lease back. Borrowers of the bytes do not notice.
//!
//! The kernel grants a lease while nobody has the file open for writing. That no earlier write is still in
//! progress is checked separately (`cache`).
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

/// The interval at which the watcher checks the leases, in case a signal is lost.
const LOOK: Duration = Duration::from_secs(1);

/// The least time that must be left before the kernel takes the lease away when a copy replaces the pages.
const MARGIN: Duration = Duration::from_secs(2);

/// Bytes per second that a copy is assumed to reach, even from a slow disk. A lease is refused if all leased
/// bytes could not be copied in half the time that the kernel waits.
const RATE: u64 = 64 << 20;

/// A lease on a mapped file, given back on drop.
pub(super) struct Lease {
    file: Arc<File>,
    is_broken: Arc<AtomicBool>,
}

impl Lease {
    /// Whether somebody wanted to change the file. The bytes are then a private copy.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken.load(Ordering::Acquire)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut watcher = watcher();
        // After `fork` the lease belongs to the parent. The child only closes the file.
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
    /// The process whose thread it is. A child made by `fork` has no watcher.
    process: u32,
    thread: libc::pid_t,
    leases: Vec<Held>,
    /// The last time at which no lease was being broken.
    quiet: Option<Instant>,
}

static WATCHER: Mutex<Watcher> =
    Mutex::new(Watcher { process: 0, thread: 0, leases: Vec::new(), quiet: None });

fn watcher() -> MutexGuard<'static, Watcher> {
    // A panic in another thread leaves it consistent: no invariant spans several steps.
    WATCHER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes a lease for mapped pages, which must stay in place until the lease is dropped. `check` is called once
/// nobody can change the file any more.
///
/// `start` is the position of the first mapped page in the file.
pub(super) fn take(
    file: &File,
    pages: &Pages,
    start: u64,
    check: impl FnOnce() -> Result<(), String>,
) -> Result<Lease, String> {
    let (base, span) = pages.whole();
    require_known(file)?;
    // Before the lease is taken, so that no writer waits meanwhile.
    cache::clean(file, pages, start)?;
    let file = grant(file, span)?;
    let held = Part::of(&file, start, span).and_then(|part| {
        // Before `enter`: until all pages are checked, the watcher must not replace them by a copy.
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
            // Closing alone would not do: a child that was forked just now has the descriptor too.
            give_back(&file);
            Err(why)
        }
    }
}

/// Whether a lease would be granted. It is given back at once. No page is dropped, so whether one is in use
/// is not known.
pub(super) fn could(file: &File, span: usize) -> Result<(), String> {
    give_back(&*grant(file, span)?);
    Ok(())
}

/// Gets a lease from the kernel. It is taken on a newly opened file, so that it does not depend on what happens
/// to `file`.
fn grant(file: &File, span: usize) -> Result<Arc<File>, String> {
    require_known(file)?;
    let again = format!("/proc/self/fd/{}", file.as_raw_fd());
    let file =
        File::open(again).map_err(|error| format!("the file cannot be opened again: {error}"))?;
    let watcher = watching()?;
    watcher.require_time(span)?;
    own(&file, watcher.thread)?;
    // SAFETY: the call takes an open descriptor and numbers, and accesses no memory.
    let answer = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_RDLCK) };
    if answer == 0 {
        Ok(Arc::new(file))
    } else {
        Err(refusal(Errno::from_io_error(&std::io::Error::last_os_error())))
    }
}

/// Whether a lease that is already held covers `part`. Then no page of it was in use when that lease began, and
/// nobody has had the file open for writing since, unless somebody is breaking the lease now.
fn is_seen(part: &Part) -> bool {
    watcher().leases.iter().any(|held| part.is_within(&held.part) && !is_wanted(&held.file))
}

/// Hands a lease to the watcher, unless it is already being broken.
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
    /// Checks that the system waits long enough for a copy of all bytes that would be leased.
    fn require_time(&self, span: usize) -> Result<(), String> {
        let Some(patience) = patience()? else { return Ok(()) };
        let seconds = patience.as_secs();
        if patience <= LOOK.saturating_add(MARGIN) {
            return Err(format!(
                "the system waits only {seconds} s when a writer breaks the lease; raise \
                 /proc/sys/fs/lease-break-time, or allow another proof"
            ));
        }
        let leased = self.leases.iter().fold(span, |sum, held| sum.saturating_add(held.span));
        if widen(leased) / RATE > seconds / 2 {
            return Err(format!(
                "{leased} bytes would be leased, and copying them when a writer breaks the leases may take \
                 longer than the {seconds} s that the system waits; raise \
                 /proc/sys/fs/lease-break-time, or allow another proof"
            ));
        }
        Ok(())
    }
}

fn refusal(errno: Option<Errno>) -> String {
    match errno {
        Some(Errno::AGAIN) => {
            "the file is open for writing or mapped for writing, perhaps by this process; close it there"
        }
        Some(Errno::ACCESS) => "the file belongs to another user; only its owner can take a lease",
        Some(Errno::INVAL) => "its file system does not support leases",
        Some(errno) => return format!("the system refuses the lease: {errno}"),
        None => "the system refuses the lease",
    }
    .to_owned()
}

/// Checks that the file is on a file system that is known to honour leases. Others grant leases that they do not
/// honour: overlayfs does not see writers of the file below it, and a network file system does not see those on
/// other machines.
fn require_known(file: &File) -> Result<(), String> {
    /// ext4 (and ext2 and ext3), xfs, btrfs: statfs(2). Not tmpfs, which has the number of shared memory: the
    /// kernel does not count writers of that, nor buffers that are registered for reads.
    const KEEPERS: [rustix::fs::FsWord; 3] = [0xEF53, 0x5846_5342, 0x9123_683E];
    let known = rustix::fs::fstatfs(file).is_ok_and(|fs| KEEPERS.contains(&fs.f_type));
    if !known {
        return Err(
            "only ext4, xfs and btrfs are known to honour it, and the file is on none of them"
                .to_owned(),
        );
    }
    let found = rustix::fs::statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::BASIC_STATS)
        .map_err(|errno| cache::cannot_stat(&errno.into()))?;
    let dax = StatxAttributes::DAX;
    if found.stx_attributes_mask.contains(dax) && !found.stx_attributes.contains(dax) {
        Ok(())
    } else {
        // With DAX the pages are the device itself, so they cannot be dropped from memory. (Linux reports the
        // attribute since 5.8.)
        Err("the file may bypass the page cache (DAX)".to_owned())
    }
}

/// How long the kernel waits for a lease to be given back; `None` if it waits forever.
fn patience() -> Result<Option<Duration>, String> {
    let text = fs::read_to_string("/proc/sys/fs/lease-break-time");
    let seconds = text.ok().and_then(|text| text.trim().parse::<u64>().ok());
    match seconds {
        Some(0) => Ok(None),
        Some(seconds) => Ok(Some(Duration::from_secs(seconds))),
        None => Err("/proc/sys/fs/lease-break-time cannot be read; mount /proc".to_owned()),
    }
}

/// Gives a lease back. Returns false if the lease is already gone: the kernel takes it away when its time is
/// over, and only then lets waiting writers continue (`__break_lease` in `fs/locks.c`).
fn give_back(file: &File) -> bool {
    // SAFETY: the call takes an open descriptor and numbers, and accesses no memory.
    unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_UNLCK) == 0 }
}

/// Whether somebody is breaking the lease. The kernel then reports the type that the lease must change to.
fn is_wanted(file: &File) -> bool {
    // SAFETY: as in `give_back`.
    let kind = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_GETLEASE) };
    kind != libc::F_RDLCK
}

/// The watcher. Its thread is started if it does not run in this process yet.
fn watching() -> Result<MutexGuard<'static, Watcher>, String> {
    let mut watcher = watcher();
    if watcher.process != process::id() {
        start(&mut watcher)?;
    }
    Ok(watcher)
}

/// Makes the kernel signal the watcher if a lease on this file is broken. By default the signal goes to the
/// process and ends it, unless it is handled.
pub(super) fn notify_watcher(file: &File) -> Result<(), String> {
    let watcher = watching()?;
    own(file, watcher.thread)
}

/// Makes the kernel send the signals of this file to one thread.
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
    // SAFETY: the kernel reads `owner`, which outlives the call.
    let answer = unsafe { libc::fcntl(file.as_raw_fd(), F_SETOWN_EX, &raw const owner) };
    if answer == 0 {
        Ok(())
    } else {
        Err("the signals of a lease cannot be sent to a thread".to_owned())
    }
}

/// Starts the thread that gives leases back. There is one per process.
fn start(watcher: &mut Watcher) -> Result<(), String> {
    watch_forks()?;
    // After `fork`, the leases of the parent are not ours.
    watcher.leases.clear();
    let (tell, told) = mpsc::channel();
    thread::Builder::new()
        .name("memmap-leases".to_owned())
        .spawn(move || watch(&tell))
        .map_err(|error| format!("the thread that watches leases cannot be started: {error}"))?;
    watcher.thread =
        told.recv().map_err(|_gone| "the thread that watches leases ended at once".to_owned())?;
    watcher.process = process::id();
    watcher.quiet = Some(Instant::now());
    Ok(())
}

thread_local! {
    /// The lock that a thread holds while it forks.
    static FORKING: Cell<Option<MutexGuard<'static, Watcher>>> = const { Cell::new(None) };
}

/// Makes the bytes unreadable in children made by `fork`: they have no watcher, and the lease is not theirs.
/// The range stays mapped, as the child's next mapping could get the addresses otherwise.
///
/// # Source
/// `pthread_atfork(3)`. mmap(2) works in a child at once: `fork(2)` of Linux copies the locks of the memory
/// map unlocked.
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
        // SAFETY: the three functions live as long as the program. They take a lock, release it, and call
        // `become_unreadable`, which proves itself sound.
        unsafe { libc::pthread_atfork(Some(before), Some(parent), Some(child)) }
    });
    if *answer == 0 {
        Ok(())
    } else {
        Err("child processes cannot be kept from the leased bytes".to_owned())
    }
}

/// Waits for signals of the kernel that leases are broken. It never returns.
fn watch(tell: &mpsc::Sender<libc::pid_t>) {
    // SAFETY: an empty set is all zeros on Linux, and `sigfillset` makes it a full one.
    let mut all: libc::sigset_t = unsafe { mem::zeroed() };
    // SAFETY: `all` is ours.
    unsafe { libc::sigfillset(&raw mut all) };
    // SAFETY: `all` is initialised; nothing is written back. No handler runs in this thread.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const all, ptr::null_mut()) };
    tell.send(rustix::thread::gettid().as_raw_pid()).ok();
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

/// Gives back the leases that are being broken.
fn look() {
    let mut watcher = watcher();
    let quiet = watcher.quiet;
    // A lease that is not being broken now was not being broken at this moment either.
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
    /// Replaces the bytes by inaccessible pages, which keep the addresses in use.
    fn become_unreadable(&self) {
        let base = ptr::with_exposed_provenance_mut::<u8>(self.base);
        let flags = MapFlags::PRIVATE.union(MapFlags::FIXED).union(MapFlags::NORESERVE);
        // SAFETY: the range is mapped until its lease is dropped, which needs the lock that we hold.
        // References to it exist in the child, and a read through one ends the child by a fault.
        let made = unsafe { mm::mmap_anonymous(base.cast(), self.span, ProtFlags::empty(), flags) };
        if made.is_err() {
            give_up("a child process cannot be kept from reading");
        }
    }

    /// Gives the lease back. Ends the process if the system has already taken it away: the waiting writer may
    /// have changed borrowed bytes.
    fn end_lease(&self) {
        if !give_back(&self.file) {
            give_up(LATE);
        }
    }

    /// Replaces the pages of the file by a copy of the bytes.
    ///
    /// Ends the process if that fails or is too late, as borrowed bytes would change.
    fn become_a_copy(&self, mut is_in_time: impl FnMut() -> bool) {
        // Checked first: if it is too late already, borrowers may be reading changed bytes.
        if !is_in_time() {
            give_up(LATE);
        }
        let flags = MapFlags::PRIVATE;
        let writable = ProtFlags::READ.union(ProtFlags::WRITE);
        // SAFETY: without an address the system chooses a range that nothing uses.
        let made = unsafe { mm::mmap_anonymous(ptr::null_mut(), self.span, writable, flags) };
        let Ok(copy) = made else { give_up("there is no memory for a copy of") };
        #[expect(clippy::disallowed_methods, reason = "this is the backend, and the memory is new")]
        // SAFETY: `copy` is new zeroed memory of that length, to which nothing else refers.
        let bytes = unsafe { slice::from_raw_parts_mut(copy.cast::<u8>(), self.span) };
        let base = ptr::with_exposed_provenance::<u8>(self.base);
        // SAFETY: the range is mapped until its lease is dropped, which needs the lock that we hold.
        // References to it exist, all of them shared.
        if unsafe { memmap_guard::copy_out(base, bytes) }.is_err() {
            give_up("the device failed, or the file was cut short, during a copy of");
        }
        // SAFETY: the range is the new memory, and nothing writes to it from here on.
        let protected = unsafe { mm::mprotect(copy, self.span, MprotectFlags::READ) };
        if protected.is_err() || !is_in_time() {
            give_up(LATE);
        }
        // SAFETY: both ranges are ours and have the same length. The kernel replaces the old pages by the new
        // ones while it holds `mmap_lock`, so page faults of other threads wait. The new pages hold the same
        // bytes, so no reader can tell the difference.
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
            give_up("the system refuses to replace the pages of");
        }
    }
}

const LATE: &str = "the system did not wait long enough for a copy of";

/// Whether no writer can have got past a lease yet. The time at which the lease was broken is not known;
/// `quiet` is the last time at which it was not.
fn is_in_time(quiet: Option<Instant>) -> bool {
    match (patience(), quiet) {
        (Ok(None), _) => true,
        (Ok(Some(patience)), Some(quiet)) => quiet.elapsed().saturating_add(MARGIN) < patience,
        _ => false,
    }
}

/// Ends the process, as borrowed bytes would change otherwise.
#[cold]
fn give_up(why: &str) -> ! {
    use std::io::Write;
    let line = format!(
        "memmap: {why} a file whose lease is being broken; the process ends, as borrowed bytes must not \
         change\n"
    );
    std::io::stderr().write_all(line.as_bytes()).ok();
    process::abort()
}

#[cfg(test)]
mod tests;
