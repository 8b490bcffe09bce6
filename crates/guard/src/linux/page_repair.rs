//! What the handler of `SIGBUS` does when a page of a registered range is lost. All of this runs in a signal
//! handler: it allocates nothing, does not wait, and preserves `errno`.

use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

use libc::{MAP_ANONYMOUS, MAP_FAILED, MAP_FIXED, MAP_PRIVATE, PROT_READ};

use super::lent::Lent;
use super::mend::Missing;
use super::report::{report, with_errno_kept};
use crate::OnLostPage;
use crate::range_table::RangeTable;

/// All ranges that are registered in this process.
pub(crate) static RANGES: RangeTable<Lent, 64> = RangeTable::new();

/// The number of bytes of a page; 0 until the first range is registered.
static PAGE_LEN: AtomicUsize = AtomicUsize::new(0);

/// Must be called before a range is registered, outside of a handler: `sysconf` is not allowed there.
pub(crate) fn prepare() {
    if PAGE_LEN.load(Ordering::Relaxed) == 0 {
        // SAFETY: asks for a number.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        // A handler that finds a range finds this too: the thread that added the range stored or loaded it
        // before.
        PAGE_LEN.store(usize::try_from(page).unwrap_or(0), Ordering::Relaxed);
    }
}

/// The number of bytes of a page, after [`prepare`].
pub(super) fn page_len() -> usize {
    PAGE_LEN.load(Ordering::Relaxed)
}

/// The first and the last byte of the page with this address, after [`prepare`].
pub(super) fn page_of(address: usize) -> Option<(usize, usize)> {
    let within = PAGE_LEN.load(Ordering::Relaxed).checked_sub(1)?;
    Some((address & !within, address | within))
}

/// Replaces the page at this address by zeros if it was registered for that, and with it what its file has lost too.
/// Returns whether it did; the instruction that faulted is then executed again, and succeeds.
pub(super) fn repair(address: usize, missing: Missing) -> bool {
    let Some((first, last)) = page_of(address) else { return false };
    match RANGES.lose(first, last) {
        None => false,
        Some(loss) => with_errno_kept(|| {
            // SAFETY: null, or kept by the owner of the range until that is removed: `RegisteredRange::of_file`. The
            // range is still registered, because the thread that faulted uses a reference into it.
            let mend = unsafe { loss.mend.as_ref() };
            let replace = || match mend {
                // SAFETY: the page overlaps a range whose owner allows its pages to be replaced:
                // `RegisteredRange::of_file`. The range is still registered, as above.
                Some(mend) => unsafe { mend.mend(first, missing) },
                // SAFETY: likewise, by `RegisteredRange::new`, 1. and 3.
                None => unsafe { replace(first, last) },
            };
            let is_repaired = loss.on_lost == OnLostPage::Zeros && replace();
            if !is_repaired {
                report(loss.byte);
            }
            is_repaired
        }),
    }
}

/// Replaces a page by zeros. False if the system has no room for one, or if the page is a huge one.
///
/// # Safety
/// All code that uses this page allows it to become zeros.
unsafe fn replace(first: usize, last: usize) -> bool {
    let len = last - first + 1;
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    let page = ptr::without_provenance_mut(first);
    // SAFETY: the caller's page, and no other. Other threads that access it find its content or the
    // zeros.
    unsafe { libc::mmap(page, len, PROT_READ, flags, -1, 0) != MAP_FAILED }
}
