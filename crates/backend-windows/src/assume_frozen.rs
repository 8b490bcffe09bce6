use std::slice;

use memmap_core::{Map, Mapping, Op, Result};
use memmap_guard::{Memory, OnLostPage};

use crate::Live;
use crate::system::{refuse, unsupported};

/// The unsafe door: bytes of a live file, borrowed without a proof.
///
/// [`Map::prove`] needs no such promise, and finds on most local files of this user that it holds.
/// This is for what it cannot know: a file system that nobody else mounts, a protocol with whoever
/// writes.
///
/// [`Map::prove`]: memmap_core::Map::prove
pub trait AssumeFrozen {
    /// The mapped bytes, borrowed.
    ///
    /// # Safety
    /// While the slice is in use:
    /// 1. nobody, in this process or another, changes a byte of the mapped range of the file,
    /// 2. nobody makes the file shorter than the end of that range. The system refuses that while it is
    ///    mapped, to all who use it by the same machine.
    ///
    /// # Errors
    /// [`Unsupported`](memmap_core::ErrorKind::Unsupported) with [`OnLostPage::Zeros`]: nothing else can
    /// be put into a view of a file.
    ///
    /// # Platform
    /// A page that is lost under the slice ends the process as it would without us, by the exception
    /// `EXCEPTION_IN_PAGE_ERROR`.
    unsafe fn assume_frozen(&self, on_lost: OnLostPage) -> Result<&[u8]>;

    /// The lowest byte of a page that became zeros under a slice of this map: none ever does here.
    fn lost_page(&self) -> Option<u64>;
}

impl AssumeFrozen for Map<Live> {
    unsafe fn assume_frozen(&self, on_lost: OnLostPage) -> Result<&[u8]> {
        let (first, len) = lend(self.mapping(), on_lost)?;
        if len == 0 {
            return Ok(&[]);
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the backend, and the caller promises"
        )]
        // SAFETY: the range is mapped, readable and initialised, as bytes of files are, and stays so
        // while `self` is borrowed: it is unmapped and moved by what borrows it exclusively. Nobody
        // changes it (1., 2.), by this map either.
        Ok(unsafe { slice::from_raw_parts(first, len) })
    }

    fn lost_page(&self) -> Option<u64> {
        None
    }
}

/// The memory where the bytes are, in one piece.
fn lend(live: &Live, on_lost: OnLostPage) -> Result<(*const u8, usize)> {
    let Some(view) = live.view() else {
        let heap = live.memory().memory();
        return Ok((heap.first(), heap.len()));
    };
    if on_lost == OnLostPage::Zeros {
        let what = "zeros for lost pages, as a view is all the file's; use `Abort`";
        return Err(refuse(Op::Read, unsupported(what)));
    }
    match view.pages {
        Some(pages) if pages.len() >= view.len => Ok((pages.first(), view.len)),
        _ if live.is_empty() => Ok((std::ptr::dangling(), 0)),
        _ => {
            let what = "borrowing what there is no view of; map the file again";
            Err(refuse(Op::Read, unsupported(what)))
        }
    }
}
