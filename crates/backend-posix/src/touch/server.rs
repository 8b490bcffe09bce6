//! Pages that a thread brings when they are touched, by userfaultfd(2). Whoever touches one waits for it in
//! the kernel, whatever its signals are.
//!
//! The thread alone fills pages, so what it knows of them is true. It has a table of descriptors of its own:
//! nobody else can close the userfaultfd, or the file, in it. This process keeps the userfaultfd open too:
//! if the thread ended, as when a sandbox that was entered later kills it, who touches a page would wait, and
//! not read zeros. The last page of the area is the bell: touching it asks the thread to end.

use std::fs::File;
use std::hint;
use std::io;
use std::mem::ManuallyDrop;
use std::ops::Range;
use std::os::fd::{AsRawFd, IntoRawFd};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use memmap_core::OnLostPage;
use memmap_guard::{FillRange, RegisteredRange};

use super::area::Area;
use super::child::{OfChild, Origin};
use super::probe::{self, AllSignals};
use super::state::{LEAST, MOST, State};
use super::uffd::{self, Copied, Uffd};
use super::{fork, source};

/// The most threads of this kind. Further maps bring their pages in another way.
const THREADS: usize = 64;

/// How long the thread looks for the next touch before it sleeps: waking it takes longer.
const SPIN: Duration = Duration::from_micros(100);

const STACK_LEN: usize = 64 << 10;

/// Whether there is more than one processor. Asking takes many system calls.
static MAY_SPIN: OnceLock<bool> = OnceLock::new();

/// The threads that live.
static LIVING: AtomicUsize = AtomicUsize::new(0);

/// Memory whose pages a thread brings. The order of the fields is the order of their drop.
pub(super) struct Server {
    /// Ends the process when a page is lost, and names the byte.
    _lent: RegisteredRange,
    /// Fills pages in children.
    _of_children: FillRange,
    thread: ManuallyDrop<JoinHandle<()>>,
    shared: Arc<Shared>,
    /// The userfaultfd in the table of this process. It is open for the kernel alone.
    holder: i32,
    /// The process whose thread it is: a child has none.
    owner: u32,
    _counted: Counted,
}

/// What the thread and the owner use.
pub(super) struct Shared {
    pub(super) area: Area,
    pub(super) state: Arc<State>,
    is_ending: AtomicBool,
    /// The number of the thread.
    thread: AtomicI32,
    /// The pages that the thread is copying: they may be there before the state says so.
    copying: [AtomicUsize; 2],
}

impl Shared {
    /// Says which pages are copied next. (Where both numbers are not of the same copy, the range is another one: who
    /// asks for it asks the system about each page.)
    fn will_copy(&self, pages: Range<usize>) {
        let [start, end] = &self.copying;
        start.store(pages.start, Ordering::Release);
        end.store(pages.end, Ordering::Release);
    }

    /// The pages that were copied last, or are being copied; at most as many as are copied at once.
    pub(super) fn copied_last(&self) -> Range<usize> {
        let [start, end] = self.copying.each_ref().map(|page| page.load(Ordering::Acquire));
        let most = self.state.page_at(MOST).max(1);
        start..end.min(start.saturating_add(most)).min(self.state.pages())
    }
}

struct Counted;

impl Counted {
    fn new() -> Result<Self, String> {
        let counted = Self;
        if LIVING.fetch_add(1, Ordering::Relaxed) < THREADS {
            return Ok(counted);
        }
        Err(format!("there are {THREADS} threads that bring pages already"))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        LIVING.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Server {
    /// Reserves the memory and starts the thread.
    ///
    /// # Errors
    /// Why this way is closed.
    pub(super) fn new(file: &Arc<File>, state: &Arc<State>) -> Result<Self, String> {
        let counted = Counted::new()?;
        if let Some(why) = probe::refusal() {
            return Err(why);
        }
        let failed = |what: &str, error: io::Error| format!("{what}: {error}");
        let bell = state.page_len;
        let len = state.memory_len().saturating_add(bell);
        let area = Area::private(len).map_err(|error| failed("no addresses are left", error))?;
        let opened = uffd::open().map_err(|error| failed("userfaultfd", error))?;
        let first = area.first().addr();
        Uffd(opened.as_raw_fd())
            .register(first, len)
            .map_err(|error| failed("userfaultfd", error))?;
        area.open(false).map_err(|error| failed("no addresses are left", error))?;
        // If the system brought pages in by itself, it began with the first ones.
        for page in 0..state.pages().min(16) {
            let is_present = area.has(page, state.page_len);
            if is_present.map_err(|error| failed("the pages cannot be looked at", error))? {
                return Err("the system brings in new memory at once".to_owned());
            }
        }
        let shared = Arc::new(Shared {
            area,
            state: Arc::clone(state),
            is_ending: AtomicBool::new(false),
            thread: AtomicI32::new(0),
            copying: [const { AtomicUsize::new(0) }; 2],
        });
        // SAFETY: 1. the pages belong to `area`, which is unmapped after this is dropped. 2. References are
        // made by the owner of this value, and borrow it. 3. It is not `Zeros`.
        let lent =
            unsafe { RegisteredRange::new(shared.area.first(), state.len, OnLostPage::Abort) };
        let owner = std::process::id();
        let of_children =
            Arc::new(OfChild { shared: Arc::clone(&shared), origin: Origin::new(file)?, owner });
        // SAFETY: 1. the pages belong to the area, which `of_children` keeps. 2. In a child a page that cannot be read
        // is filled before it can; here none is so. 3. As above; nothing holds what it waits for.
        let of_children = unsafe { FillRange::new(shared.area.first(), state.len, of_children) };
        let of_children = of_children.map_err(str::to_owned)?;
        fork::add(&shared).map_err(str::to_owned)?;
        let started = start(&shared, opened.as_raw_fd(), file.as_raw_fd());
        if started.is_err() {
            fork::remove(&shared);
        }
        let thread = ManuallyDrop::new(started?);
        Ok(Self {
            _lent: lent,
            _of_children: of_children,
            thread,
            shared,
            holder: opened.into_raw_fd(),
            owner,
            _counted: counted,
        })
    }

    pub(super) fn first(&self) -> *mut u8 {
        self.shared.area.first()
    }

    /// Whether the thread exists.
    fn is_living(&self) -> bool {
        let thread = self.shared.thread.load(Ordering::Relaxed);
        // SAFETY: it takes numbers, and signal 0 is none.
        let answer = unsafe { libc::syscall(libc::SYS_tgkill, self.owner, thread, 0) };
        answer == 0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.owner != std::process::id() {
            // A child has no thread to end.
            return;
        }
        fork::remove(&self.shared);
        self.shared.is_ending.store(true, Ordering::Release);
        if !self.is_living() {
            // Something killed the thread alone. To join it would be a panic.
            return;
        }
        // Nobody has a slice any more. The thread's userfaultfd is now the last one, so that whoever waits goes on
        // when the thread has ended, even if a sandbox refuses what it does then.
        if is_userfaultfd(self.holder) {
            // SAFETY: the number was ours, and names a userfaultfd still. If it is another one, that one is
            // held by its thread too, and is not used through this table.
            unsafe { libc::close(self.holder) };
        }
        let bell = self.first().wrapping_add(self.shared.state.memory_len());
        // SAFETY: the last page of the area, which stays mapped. What it holds does not matter.
        let _rung = unsafe { memmap_guard::copy_out(bell, &mut [0]) };
        // SAFETY: it is not used again.
        let thread = unsafe { ManuallyDrop::take(&mut self.thread) };
        let _ended = thread.join();
    }
}

/// Whether a descriptor is a userfaultfd: others may have closed ours, and its number may name anything.
fn is_userfaultfd(descriptor: i32) -> bool {
    let link = std::fs::read_link(format!("/proc/self/fd/{descriptor}"));
    link.is_ok_and(|link| link.as_os_str() == "anon_inode:[userfaultfd]")
}

/// Starts the thread, and waits until it has a table of its own.
fn start(shared: &Arc<Shared>, uffd: i32, file: i32) -> Result<JoinHandle<()>, String> {
    let (ready, is_ready) = mpsc::sync_channel(1);
    let of_thread = Arc::clone(shared);
    let may_spin = *MAY_SPIN
        .get_or_init(|| thread::available_parallelism().is_ok_and(|count| count.get() > 1));
    let all = AllSignals::block();
    let builder = thread::Builder::new().name("memmap-touch".to_owned()).stack_size(STACK_LEN);
    let started = builder.spawn(move || {
        // glibc has had the call since 2.30, and wheels for Python need 2.28 alone.
        of_thread.thread.store(rustix::thread::gettid().as_raw_pid(), Ordering::Relaxed);
        let own = own_table(&[uffd, file, libc::STDERR_FILENO]);
        let works = own.is_ok();
        let _sent = ready.send(own);
        if works {
            serve(&of_thread, Uffd(uffd), file, may_spin);
        }
    });
    drop(all);
    let thread = started.map_err(|error| format!("no thread could be started: {error}"))?;
    match is_ready.recv() {
        Ok(Ok(())) => Ok(thread),
        Ok(Err(error)) => Err(format!("its thread got no table of descriptors: {error}")),
        Err(_) => Err("its thread ended".to_owned()),
    }
}

/// Gives this thread a table of descriptors with these alone.
///
/// # Source
/// `close_range(2)`, `CLOSE_RANGE_UNSHARE`.
fn own_table(kept: &[i32]) -> io::Result<()> {
    let mut kept: Vec<u32> = kept.iter().filter_map(|kept| u32::try_from(*kept).ok()).collect();
    kept.sort_unstable_by(|a, b| b.cmp(a));
    let mut last = Some(u32::MAX);
    let mut flags = libc::CLOSE_RANGE_UNSHARE;
    // From the last one down: the first call copies the table up to the highest one that is kept.
    for kept in kept.into_iter().map(Some).chain([None]) {
        let first = kept.map_or(0, |kept| kept.saturating_add(1));
        if let Some(last) = last.filter(|&last| first <= last) {
            // SAFETY: after the first call the table belongs to this thread alone, which uses no descriptor
            // but the ones that are kept.
            let answer = unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) };
            if answer != 0 {
                return Err(io::Error::last_os_error());
            }
            flags = 0;
        }
        // None before number 0.
        last = kept.and_then(|kept| kept.checked_sub(1));
    }
    Ok(())
}

/// The thread: brings pages until the bell is rung. It allocates nothing, takes no lock, and touches no
/// memory whose pages are brought by touch. A panic ends the process, as this is a function of C.
extern "C" fn serve(shared: &Shared, uffd: Uffd, file: i32, may_spin: bool) {
    let Some(buffer) = buffer() else {
        source::end(b"memmap: no memory is left to read a file with; the process ends\n")
    };
    let filler = Filler {
        shared,
        state: &shared.state,
        first: shared.area.first().addr(),
        uffd,
        file,
        buffer,
    };
    let mut ahead = None;
    let mut since = Instant::now();
    loop {
        match uffd.next() {
            Ok(Some(address)) => {
                let page = filler.state.page_at(address.saturating_sub(filler.first));
                if page < filler.state.pages() {
                    ahead = filler.answer(page);
                } else if shared.is_ending.load(Ordering::Acquire) {
                    break;
                }
                since = Instant::now();
            }
            Ok(None) => match ahead.take() {
                Some(pages) => filler.fill(pages, None),
                None if may_spin && since.elapsed() < SPIN => hint::spin_loop(),
                None => uffd.wait(),
            },
            Err(_) if shared.is_ending.load(Ordering::Acquire) => break,
            // A sandbox refuses the call. Who touches a page waits: without this thread it would be zeros.
            Err(_) => thread::sleep(Duration::from_millis(1)),
        }
    }
    let len = filler.state.memory_len().saturating_add(filler.state.page_len);
    uffd.unregister(filler.first, len);
    // SAFETY: the mapping of `buffer`, which is not used any more.
    unsafe { libc::munmap(buffer.cast(), MOST) };
}

/// Memory to read to. Its pages take memory when they are first used.
fn buffer() -> Option<*mut u8> {
    let (protection, flags) =
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping, at an address that the system chooses.
    let found = unsafe { libc::mmap(ptr::null_mut(), MOST, protection, flags, -1, 0) };
    (found != libc::MAP_FAILED).then_some(found.cast())
}

/// What the thread fills pages with.
struct Filler<'a> {
    shared: &'a Shared,
    state: &'a State,
    /// The address of the first page.
    first: usize,
    uffd: Uffd,
    file: i32,
    buffer: *mut u8,
}

impl Filler<'_> {
    /// Brings a page that was touched. Returns the pages that will probably be touched next.
    fn answer(&self, page: usize) -> Option<Range<usize>> {
        if self.state.is_present(page) {
            self.uffd.wake(self.address(page), self.state.page_len);
            return None;
        }
        let (granule, is_sequence) = self.state.granule(page, LEAST);
        let (end, len) = (granule.end, granule.len());
        self.fill(granule, Some(page));
        is_sequence.then(|| end..end.saturating_add(len).min(self.state.pages()))
    }

    fn address(&self, page: usize) -> usize {
        self.first.saturating_add(page.saturating_mul(self.state.page_len))
    }

    /// Fills the missing pages of a range. Only a page that somebody waits for can be lost.
    fn fill(&self, pages: Range<usize>, touched: Option<usize>) {
        let mut rest = pages;
        while let Some(run) = self.state.missing(rest.clone()) {
            rest.start = run.end;
            // SAFETY: a run is not longer than a granule, for which the buffer has room; only this thread
            // uses it.
            let (whole, why) = unsafe { source::read(self.state, self.file, &run, self.buffer) };
            let end = run.start.saturating_add(whole);
            self.copy(run.start, end, self.buffer);
            // The other pages that could not be read are read again when they are touched.
            if why.is_some()
                && let Some(touched) = touched.filter(|touched| (end..run.end).contains(touched))
            {
                self.lose_or_fill(touched);
            }
        }
    }

    /// Brings the page that was touched by itself, after an earlier one of its granule could not be read.
    fn lose_or_fill(&self, page: usize) {
        let next = page.saturating_add(1);
        // SAFETY: as in `fill`.
        let (whole, why) =
            unsafe { source::read(self.state, self.file, &(page..next), self.buffer) };
        let Some(why) = why.filter(|_| whole == 0) else {
            return self.copy(page, next, self.buffer);
        };
        self.state.lose(page, why);
        if self.state.on_lost == OnLostPage::Zeros {
            let read = self.state.read_part(page, why);
            let (rest, len) =
                (self.buffer.wrapping_add(read), self.state.page_len.saturating_sub(read));
            // SAFETY: the rest of a page of the buffer.
            unsafe { rest.write_bytes(0, len) };
            return self.copy(page, next, self.buffer);
        }
        match self.uffd.poison(self.address(page), self.state.page_len) {
            0 => self.state.seal(page),
            _ => source::end(b"memmap: a page of a borrowed map is lost; the process ends\n"),
        }
    }

    /// Copies pages from the buffer. Whoever waits for them goes on.
    fn copy(&self, start: usize, end: usize, from: *const u8) {
        let (mut page, mut from) = (start, from);
        let mut at_a_time = end.saturating_sub(start);
        while page < end {
            let len = at_a_time.min(end.saturating_sub(page)).saturating_mul(self.state.page_len);
            self.shared.will_copy(page..page.saturating_add(self.state.page_at(len)));
            // SAFETY: the buffer has these pages.
            let copied = unsafe { self.uffd.copy(self.address(page), from, len) };
            let (done, errno) = match copied {
                Copied::All => (len, 0),
                Copied::Part(done, errno) => (done, errno),
            };
            let pages = self.state.page_at(done);
            if pages > 0 {
                // Before the threads that wait go on, so that they find what they did.
                self.state.add(page..page.saturating_add(pages));
                self.uffd.wake(self.address(page), done);
            }
            page = page.saturating_add(pages);
            from = from.wrapping_add(pages.saturating_mul(self.state.page_len));
            match errno {
                0 | libc::EAGAIN => {}
                // Somebody split the mapping within the range, or took a page of it away.
                libc::ENOENT if at_a_time > 1 => at_a_time = 1,
                libc::ENOENT => {
                    self.uffd.wake(self.address(page), self.state.page_len);
                    page = page.saturating_add(1);
                    from = from.wrapping_add(self.state.page_len);
                }
                libc::ENOMEM => thread::sleep(Duration::from_millis(1)),
                // The process ends.
                libc::ESRCH => return,
                libc::EEXIST => source::end(
                    b"memmap: another program filled a page of a borrowed map; the process ends, as its bytes \
                      may have been read\n",
                ),
                _ => source::end(b"memmap: a page of a borrowed map cannot be filled; the process ends\n"),
            }
        }
    }
}
