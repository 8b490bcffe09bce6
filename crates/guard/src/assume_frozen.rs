use std::slice;

use crate::{InPlace, OnLostPage};

/// The unsafe API: borrows bytes of a live file without a proof.
///
/// `FrozenMap::open` is safe. This trait is for guarantees that the system cannot check: a file system that
/// nobody else mounts, or a protocol with all writers.
pub trait AssumeFrozen {
    /// Why bytes cannot be borrowed.
    type Error;

    /// The contiguous memory that holds the mapped bytes. A lost page of it is handled as `on_lost` says from
    /// now on.
    ///
    /// # Errors
    /// As [`assume_frozen`](Self::assume_frozen).
    #[doc(hidden)]
    fn lend(&self, on_lost: OnLostPage) -> Result<InPlace<'_>, Self::Error>;

    /// The mapped bytes, borrowed.
    ///
    /// # Safety
    /// While the slice is in use:
    /// 1. nobody, in this process or another, changes a byte of the mapped range of the file,
    /// 2. nobody makes the file shorter than the end of that range,
    /// 3. with [`OnLostPage::Zeros`], the program stays correct if a page of the slice becomes zeros at any
    ///    moment. That happens if the device fails, or the file is made shorter: 2. need not hold then.
    ///
    /// Only the slice shows those zeros, until the map is resized or reserved. Copies and folds still report
    /// the lost page, or return the bytes that the file has there by then. The zeros are never written to the
    /// file, even by a map for writing.
    ///
    /// # Errors
    /// `ErrorKind::Unsupported` in mode `c` on POSIX, where the bytes are not contiguous, and with `Zeros` on
    /// Windows. With `Zeros` also `OutOfMemory` if no addresses are left, and `LimitReached` for a map that
    /// is locked in RAM.
    ///
    /// # Platform
    /// Windows: the system refuses to make a file shorter while it is mapped, to all processes of the same
    /// machine. It cannot replace pages of a view, and a page that is lost under the slice ends the process
    /// by the exception `EXCEPTION_IN_PAGE_ERROR`.
    ///
    /// # Cost
    /// The first call registers the range with the fault handler. With `Zeros` it also maps the bytes a second
    /// time, which takes addresses, a descriptor and new page faults, and no memory for the bytes.
    unsafe fn assume_frozen(&self, on_lost: OnLostPage) -> Result<&[u8], Self::Error> {
        let lent = self.lend(on_lost)?;
        if lent.is_empty() {
            return Ok(&[]);
        }
        #[expect(clippy::disallowed_methods, reason = "the caller promises")]
        // SAFETY: the range is mapped, readable and initialised, as bytes of files are, and stays so while
        // `self` is borrowed (`InPlace`). Nobody changes the bytes (1., 2.); nor does the owner of the map in
        // this process, which needs an exclusive borrow for that, or is held to 1. Pages that become zeros are
        // covered by the caller's promise (3.).
        Ok(unsafe { slice::from_raw_parts(lent.first(), lent.len()) })
    }

    /// The lowest byte of a page that became zeros under a slice of this map. Once set it stays set. Check it
    /// after the last use of the slice: if it is `Some`, bytes that were read may not be the file's. Always
    /// `None` on Windows.
    fn lost_page(&self) -> Option<u64>;
}
