//! Ranges of memory whose pages are brought when they are touched.

use std::sync::Arc;
use std::sync::atomic::{Ordering, compiler_fence};

use crate::handler::{self, FillSlot};

/// What brings the pages of a [`FillRange`] when they are touched.
///
/// # Safety
/// [`fill`](Self::fill) runs in a handler of signals or exceptions, in the middle of any code of this process. On
/// Linux that is on the alternate stack of the thread if it has one, which may have only a few KiB left. So it
/// 1. uses little stack, and calls only functions that are allowed in such handlers: it allocates nothing,
///    and uses no thread-local that is set up or dropped;
/// 2. takes no lock that a thread can hold outside of it, and waits for no thread but for those that are in it;
/// 3. accesses no byte of any [`FillRange`], and nothing else that may fault: a fault within it ends the process,
///    because all signals are blocked, or overflows the stack;
/// 4. does not panic, and does not leave other than by returning (so it is no cancellation point either);
/// 5. changes no memory but what it owns and the pages of its range; and in those no byte that a thread may have
///    read already.
///
/// Best it owns the mappings too, and unmaps them when it is dropped: it is dropped after the last call.
///
/// It may change `errno`, or the last error of the thread on Windows, which the handler preserves.
pub unsafe trait Fill: Send + Sync {
    /// Brings the page of the byte at `offset` from the start of the range. Several threads may call it at once, for
    /// one page too, and it may be called for a page that is there: another thread was faster.
    ///
    /// # Platform
    /// In a child after `fork` it is called as well, with what the child inherited, while threads that were in it
    /// are gone. Whether it fills anything there is up to the implementor.
    ///
    /// Only if a handler that was installed later blocks fewer signals and passes the fault on to ours, it can be
    /// interrupted by other signals.
    fn fill(&self, offset: usize) -> Filled;

    /// Whether a store brings a page too, because pages that are there may be written to. Linux only.
    fn takes_stores(&self) -> bool {
        false
    }
}

/// The result of [`Fill::fill`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the handler does one of two things")]
pub enum Filled {
    /// The page is there: the instruction that touched it is executed again. If it is not there after all, that
    /// has no end.
    Ready,
    /// The page cannot be had.
    Lost,
}

/// A range of memory whose pages are brought when they are touched, while this value exists.
///
/// Its pages are such that a load from them raises `SIGSEGV`, or an access violation on Windows: under guard markers
/// (`MADV_GUARD_INSTALL`), or without access (`PROT_NONE`, `PAGE_NOACCESS`). If a thread loads from one,
/// [`Fill::fill`] is called, and the load is then executed again. If the page cannot be had, a guarded access returns
/// a [`Fault`](crate::Fault) with [`Cause::Missing`](crate::Cause::Missing). For any other load the process ends: one
/// line is written to standard error that says which byte is lost, and the fault is passed on to the previous handler,
/// as without this crate.
///
/// Only loads bring a page, and stores if the range [takes them](Fill::takes_stores). A jump into the range is passed
/// on.
///
/// # Platform
/// Linux on x86-64 and aarch64, Windows on x86-64. Elsewhere, and under Miri, [`new`](Self::new) returns an error. On
/// an aarch64 system that does not say what an access was (an emulator), every access counts as a load.
///
/// Linux: in a thread that blocks `SIGSEGV` a touch ends the process. Creating this value unblocks the signal in the
/// current thread, and so does [`unblock`](Self::unblock). A system call that is passed bytes of a page that was
/// not brought raises no signal: it returns `EFAULT` (`ERROR_NOACCESS` on Windows), and brings nothing.
///
/// Windows: an exception handler that was added later, as the first one, is called before ours at each touch. If it
/// does not pass access violations on, the process usually ends. A debugger stops at each touch unless it is set to
/// pass access violations on.
///
/// The drop waits for threads that are in `fill` because of an access that has nothing to do with the references,
/// such as that of a collector that scans memory. In a child after `fork` a thread that was in there may not exist:
/// the child does not wait for ranges that its parent made, and if one is held, what fills it is never dropped.
///
/// # Cost
/// Four system calls, and an allocation. The first one of the process also installs the handler and tests it. A
/// touch looks at all ranges.
#[derive(Debug)]
#[must_use = "the range is filled only while this exists"]
pub struct FillRange {
    /// `None` for a range of no bytes.
    _slot: Option<FillSlot>,
}

impl FillRange {
    /// Registers the `len` bytes at `first`. Installs the handler in front again if another one was installed after
    /// it, as [`ensure`](crate::ensure) does for `SIGBUS`, and on Windows for all exceptions.
    ///
    /// # Errors
    /// Why touches could not be handled. Nothing was registered then.
    ///
    /// # Safety
    /// 1. `first..first + len` are whole pages that are mapped, belong to the caller, and stay mapped until `fill`
    ///    is dropped, which is not before this value. No other range of this kind overlaps them.
    /// 2. A load from them that faults is meant to be executed again after `fill`.
    /// 3. References to these bytes are created after this call, and are not used after the drop.
    ///
    /// It must not be called, or dropped, in a signal handler. The caller of the drop holds nothing that `fill`
    /// waits for.
    pub unsafe fn new(
        first: *const u8,
        len: usize,
        fill: Arc<dyn Fill>,
    ) -> Result<Self, &'static str> {
        let first = first.addr();
        let last = len.checked_sub(1).map(|len| first.saturating_add(len));
        let slot = last.map(|last| handler::register_fill(first, last, fill)).transpose()?;
        // This thread makes no access to the range before the registration, so its handler finds it.
        // (Another thread accesses the range only after it was passed a reference.)
        compiler_fence(Ordering::SeqCst);
        Ok(Self { _slot: slot })
    }

    /// Unblocks `SIGSEGV` in the current thread, for threads that were started with signals blocked.
    ///
    /// # Cost
    /// A system call.
    pub fn unblock(&self) {
        handler::unblock_fills();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing;

    // SAFETY: it does nothing.
    unsafe impl Fill for Nothing {
        fn fill(&self, _: usize) -> Filled {
            Filled::Lost
        }
    }

    #[test]
    fn no_bytes_are_no_range() {
        let fill = Arc::new(Nothing);
        // SAFETY: the conditions are about bytes, and there are none.
        let range = unsafe { FillRange::new(std::ptr::null(), 0, fill.clone()) };
        assert_eq!(Arc::strong_count(&fill), 1, "it is not in the table");
        drop(range.unwrap());
    }
}
