//! What a child inherits of memory whose pages a thread brings: the pages that are present. The thread is not
//! inherited, so that a touch of the others would read zeros; in a child they cannot be accessed until they are filled
//! there ([`child`](super::child)).
//!
//! # Source
//! `pthread_atfork(3)`; madvise(2), `MADV_DONTFORK`.

use std::cell::UnsafeCell;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::server::Shared;

/// The most runs of missing pages that a child masks one by one.
const RUNS: usize = 64;

/// The memory that forks have to know of.
static ALL: Mutex<Vec<Arc<Shared>>> = Mutex::new(Vec::new());

/// Whether the handlers are installed.
static INSTALLED: OnceLock<bool> = OnceLock::new();

/// The lock, from before a fork until after it.
static HELD: Held = Held { guard: UnsafeCell::new(None), is_set: AtomicBool::new(false) };

struct Held {
    guard: UnsafeCell<Option<MutexGuard<'static, Vec<Arc<Shared>>>>>,
    is_set: AtomicBool,
}

// SAFETY: only the thread that has the lock accesses `guard`: it puts the lock there before it forks, and it,
// or its only copy in the child, takes it out afterwards.
unsafe impl Sync for Held {}

fn all() -> MutexGuard<'static, Vec<Arc<Shared>>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on, forks know of this memory.
pub(super) fn add(shared: &Arc<Shared>) -> Result<(), &'static str> {
    let installed = INSTALLED.get_or_init(|| {
        // SAFETY: functions without arguments, which stay loaded as the fault handler does (`pin`).
        unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) == 0 }
    });
    if !installed {
        return Err("the system had no memory left for a handler of forks");
    }
    all().push(Arc::clone(shared));
    Ok(())
}

pub(super) fn remove(shared: &Arc<Shared>) {
    all().retain(|other| !Arc::ptr_eq(other, shared));
}

extern "C" fn before() {
    let guard = all();
    for shared in &*guard {
        // If it fails, the child has nothing there, or cannot be made.
        let _inherited = shared.area.advise(libc::MADV_DOFORK);
    }
    // SAFETY: this thread has the lock.
    unsafe { *HELD.guard.get() = Some(guard) };
    HELD.is_set.store(true, Ordering::Release);
}

/// Takes the lock back.
fn held() -> Option<MutexGuard<'static, Vec<Arc<Shared>>>> {
    if !HELD.is_set.swap(false, Ordering::Acquire) {
        return None;
    }
    // SAFETY: `before` put it there, in this thread or in the one that this is a copy of.
    unsafe { (*HELD.guard.get()).take() }
}

extern "C" fn in_parent() {
    for shared in held().iter().flat_map(|all| all.iter()) {
        let _as_before = shared.area.advise(libc::MADV_DONTFORK);
    }
}

extern "C" fn in_child() {
    for shared in held().iter().flat_map(|all| all.iter()) {
        mask(shared);
    }
}

/// Makes the missing pages inaccessible. It allocates nothing: other threads of the parent may have held any
/// lock.
fn mask(shared: &Shared) {
    let state = &*shared.state;
    // What was just being copied may be there, and may have been seen, although the state does not say so.
    for page in shared.copied_last() {
        if !state.is_present(page) && shared.area.has(page, state.page_len).unwrap_or(false) {
            state.add(page..page.saturating_add(1));
        }
    }
    let pages = 0..state.pages();
    let runs = || missing(shared, pages.clone());
    let masked = if runs().nth(RUNS).is_some() {
        hide(shared, 0..state.pages().saturating_add(1))
    } else {
        // The bell, and the runs.
        let bell = pages.end..pages.end.saturating_add(1);
        hide(shared, bell) && runs().all(|run| hide(shared, run))
    };
    if !masked {
        super::source::end(
            b"memmap: a child cannot be kept from reading pages that it has not; it ends\n",
        );
    }
}

fn missing(shared: &Shared, mut rest: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    std::iter::from_fn(move || {
        let run = shared.state.missing(rest.clone())?;
        rest.start = run.end;
        Some(run)
    })
}

/// Makes pages inaccessible.
fn hide(shared: &Shared, pages: Range<usize>) -> bool {
    let page_len = shared.state.page_len;
    let first = shared.area.first().wrapping_add(pages.start.saturating_mul(page_len));
    let len = pages.len().saturating_mul(page_len);
    // SAFETY: pages of the area, which keep their bytes. An access to one waits until it is accessible again.
    unsafe { libc::mprotect(first.cast(), len, libc::PROT_NONE) == 0 }
}
