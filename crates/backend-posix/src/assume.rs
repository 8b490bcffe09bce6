use std::slice;

use memmap_core::{MemMap, Result};
use memmap_guard::OnLostPage;

use crate::Live;

/// The unsafe door: bytes of a live file, borrowed without a proof.
///
/// [`MemMap::prove`] needs no such promise, and finds on most local files of this user that it holds.
/// This is for what it cannot know: a file system that nobody else mounts, a protocol with whoever
/// writes.
///
/// [`MemMap::prove`]: memmap_core::MemMap::prove
pub trait AssumeFrozen {
    /// The mapped bytes, borrowed.
    ///
    /// # Safety
    /// While the slice is in use:
    /// 1. nobody, in this process or another, changes a byte of the mapped range of the file,
    /// 2. nobody makes the file shorter than the end of that range,
    /// 3. with [`OnLostPage::Zeros`], the program is right also if a page of it becomes zeros at any
    ///    moment because its device fails, or because of 2., which is then allowed.
    ///
    /// Only the slice shows those zeros, until the map is resized or reserved: copies and folds go on
    /// to say that the page is lost, or give what the file has there by then. The file is never given
    /// them, by a map for writing either.
    ///
    /// # Errors
    /// [`Unsupported`](memmap_core::ErrorKind::Unsupported) of mode `c`, whose bytes are in pieces. With
    /// `Zeros` also [`OutOfMemory`](memmap_core::ErrorKind::OutOfMemory) where there are no addresses, and
    /// [`LockLimit`](memmap_core::ErrorKind::LockLimit) of a map that is locked in RAM.
    ///
    /// # Cost
    /// The first time, that of telling the handler. With `Zeros` the bytes are mapped once more for
    /// their borrowers, which takes addresses, and pages are found anew, but no memory for what is in
    /// them.
    unsafe fn assume_frozen(&self, on_lost: OnLostPage) -> Result<&[u8]>;

    /// The lowest byte of a page that became zeros under a slice of this map. Once there is one it
    /// stays: ask after the last use of what was read, and take none of it for the file's if there is.
    fn lost_page(&self) -> Option<u64>;
}

impl AssumeFrozen for MemMap<Live> {
    unsafe fn assume_frozen(&self, on_lost: OnLostPage) -> Result<&[u8]> {
        let lent = self.mapping().lend(on_lost);
        let (first, len) = lent.map_err(|error| match self.path() {
            Some(path) => error.with_path(path),
            None => error,
        })?;
        if len == 0 {
            return Ok(&[]);
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the backend, and the caller promises"
        )]
        // SAFETY: the range is mapped, readable and initialised, as bytes of files are, and stays so
        // while `self` is borrowed: it is unmapped and moved by what borrows it exclusively. Nobody
        // changes it (1., 2.), by this map either; what becomes zeros is what the caller answers for
        // (3.).
        Ok(unsafe { slice::from_raw_parts(first, len) })
    }

    fn lost_page(&self) -> Option<u64> {
        self.mapping().lost_byte()
    }
}
