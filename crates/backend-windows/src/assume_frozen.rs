use std::slice;

use memmap_core::{Map, Mapping, Op, Result};
use memmap_guard::{Memory, OnLostPage};

use crate::Live;
use crate::refusal::{refuse, unsupported};

/// The unsafe API: borrows bytes of a live file without a proof.
///
/// [`Map::prove`] is safe, and on Windows makes a copy. This trait is for guarantees that the system cannot
/// check: a file system that nobody else mounts, or a protocol with all writers.
///
/// [`Map::prove`]: memmap_core::Map::prove
pub trait AssumeFrozen {
    /// The mapped bytes, borrowed.
    ///
    /// # Safety
    /// While the slice is in use:
    /// 1. nobody, in this process or another, changes a byte of the mapped range of the file,
    /// 2. nobody makes the file shorter than the end of that range. The system refuses that to all processes
    ///    of the same machine while the file is mapped.
    ///
    /// # Errors
    /// [`Unsupported`](memmap_core::ErrorKind::Unsupported) with [`OnLostPage::Zeros`]: the system cannot
    /// replace pages of a view.
    ///
    /// # Platform
    /// A page that is lost under the slice ends the process by the exception `EXCEPTION_IN_PAGE_ERROR`, as
    /// it would without this library.
    unsafe fn assume_frozen(&self, on_lost: OnLostPage) -> Result<&[u8]>;

    /// The lowest byte of a page that became zeros under a slice of this map. Always `None` on Windows.
    fn lost_page(&self) -> Option<u64>;
}

impl AssumeFrozen for Map<Live> {
    unsafe fn assume_frozen(&self, on_lost: OnLostPage) -> Result<&[u8]> {
        let lent = lend(self.mapping(), on_lost);
        let (first, len) = lent.map_err(|error| match self.origin() {
            Some(origin) => error.with_origin(origin.clone()),
            None => error,
        })?;
        if len == 0 {
            return Ok(&[]);
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the backend, and the caller promises"
        )]
        // SAFETY: the range is mapped, readable and initialised, as bytes of files are, and stays so while
        // `self` is borrowed: unmapping or moving it needs an exclusive borrow. Nobody changes the bytes
        // (1., 2.), and neither does this map, for the same reason.
        Ok(unsafe { slice::from_raw_parts(first, len) })
    }

    fn lost_page(&self) -> Option<u64> {
        None
    }
}

/// The contiguous memory that holds the bytes.
fn lend(live: &Live, on_lost: OnLostPage) -> Result<(*const u8, usize)> {
    let Some(view) = live.view() else {
        let heap = live.memory().memory();
        return Ok((heap.first(), heap.len()));
    };
    if on_lost == OnLostPage::Zeros {
        let what = "zeros for lost pages, as pages of a view cannot be replaced; let a lost page end the process";
        return Err(refuse(Op::Read, unsupported(what)));
    }
    match view.pages {
        Some(pages) if pages.len() >= view.len => Ok((pages.first(), view.len)),
        _ if live.len() == 0 => Ok((std::ptr::dangling(), 0)),
        _ => {
            let what = "borrowing bytes that are not mapped; map the file again";
            Err(refuse(Op::Read, unsupported(what)))
        }
    }
}
