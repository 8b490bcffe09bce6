use std::fmt::Debug;

use crate::{Error, ErrorKind, Result, checked, widen};

/// Bytes that can be copied out: the least that everything mapped can do, and the plug-in point.
///
/// It is object safe and safe to implement. Nothing here lends a reference to the bytes, because
/// nothing here says who may change them; that is [`Lend`].
///
/// Implementors write two methods. Offsets count from the start of the mapping.
///
/// # Examples
/// ```
/// use memmap_core::{checked, Mapping, MemMap, Result};
///
/// /// A terabyte of the same byte.
/// #[derive(Debug)]
/// struct Constant(u8);
///
/// impl Mapping for Constant {
///     fn len(&self) -> u64 {
///         1 << 40
///     }
///     fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
///         checked(offset, out.len(), 1 << 40)?;
///         out.fill(self.0);
///         Ok(())
///     }
/// }
///
/// let mm = MemMap::from_mapping(Constant(7));
/// assert_eq!(mm.read_at(1 << 39, 3)?, [7, 7, 7]);
/// assert!(mm.read_at(1 << 40, 1).is_err());
/// # Ok::<(), memmap_core::Error>(())
/// ```
pub trait Mapping: Debug + Send + Sync + 'static {
    /// The number of mapped bytes. It does not change while the mapping lives.
    fn len(&self) -> u64;

    /// Copies `out.len()` bytes starting at `offset` into `out`.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`] if `offset + out.len() > len`,
    /// and then `out` is as it was (see [`checked`]). After any other error what `out` holds is not specified.
    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()>;

    /// The `len` bytes at `offset` in front of others, for a `len` of 1, 2, 4 or 8; `None` if there
    /// is no faster way to them than [`read_into`](Self::read_into), which is then asked, and which
    /// gives the errors.
    ///
    /// For [`MemMap::get`](crate::MemMap::get), whose cost is that of a few instructions: a value in
    /// a register saves the way through a buffer. By default there is no faster way.
    #[inline]
    fn quick_load(&self, offset: u64, len: usize) -> Option<[u8; 8]> {
        let _ = (offset, len);
        None
    }

    /// Copies as many bytes as can be read, starting at `offset`, into `out`.
    ///
    /// By default it asks [`read_into`](Self::read_into) for halves, and halves of halves, where
    /// the whole cannot be read.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`] as for [`read_into`](Self::read_into). Whatever else goes wrong
    /// is in [`Partial::stopped`].
    fn read_some(&self, offset: u64, out: &mut [u8]) -> Result<Partial> {
        let mut len = 0;
        let mut step = out.len();
        let mut stopped = None;
        while let Some(part) = out.get_mut(len..).and_then(|rest| rest.get_mut(..step)) {
            match self.read_into(offset.saturating_add(widen(len)), part) {
                Ok(()) => {
                    len = len.saturating_add(step);
                    step = step.min(out.len().saturating_sub(len));
                    if step == 0 {
                        return Ok(Partial { len, stopped: None });
                    }
                }
                Err(error) if matches!(error.kind(), ErrorKind::OutOfBounds { .. }) => {
                    return Err(error);
                }
                Err(error) => {
                    stopped = Some(error);
                    if step <= 1 {
                        break;
                    }
                    step = step.div_ceil(2);
                }
            }
        }
        Ok(Partial { len, stopped })
    }

    /// The next offset at which reading may succeed again, after it failed at `offset`. By default
    /// the next byte; where memory comes in pages, the next page.
    fn next_readable(&self, offset: u64) -> u64 {
        offset.saturating_add(1)
    }

    /// Whether there is no byte.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Says that these bytes will not be read again soon, so that the memory which holds them may
    /// be given back meanwhile. They can still be read, and are what they were.
    ///
    /// A hint: nothing can go wrong, and a range that is not within the mapping says nothing. By
    /// default it does nothing.
    fn release(&self, offset: u64, len: u64) {
        let _ = (offset, len);
    }

    /// What is left to do before the mapping goes away and could fail. Called at most once.
    ///
    /// # Errors
    /// Whatever would otherwise be lost in `Drop`. By default there is nothing to lose.
    fn close(&mut self) -> Result<()> {
        Ok(())
    }
}

/// How far a read came.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "mappings outside this crate construct it")]
pub struct Partial {
    /// Bytes that were copied.
    pub len: usize,
    /// Why no more were; `None` if that was all.
    pub stopped: Option<Error>,
}

impl<M: Mapping + ?Sized> Mapping for Box<M> {
    fn len(&self) -> u64 {
        (**self).len()
    }
    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        (**self).read_into(offset, out)
    }
    fn quick_load(&self, offset: u64, len: usize) -> Option<[u8; 8]> {
        (**self).quick_load(offset, len)
    }
    fn read_some(&self, offset: u64, out: &mut [u8]) -> Result<Partial> {
        (**self).read_some(offset, out)
    }
    fn next_readable(&self, offset: u64) -> u64 {
        (**self).next_readable(offset)
    }
    fn is_empty(&self) -> bool {
        (**self).is_empty()
    }
    fn release(&self, offset: u64, len: u64) {
        (**self).release(offset, len);
    }
    fn close(&mut self) -> Result<()> {
        (**self).close()
    }
}

/// A mapping that holds still, so that it can lend its bytes.
///
/// Implement it only where nobody, in this process or another, can change the bytes behind a
/// shared reference. A mapping of a live file can never promise that.
#[diagnostic::on_unimplemented(
    message = "the bytes of `{Self}` cannot be borrowed: others may change them at any time",
    label = "this mapping lends no `&[u8]`",
    note = "copy what you need out of it with `read_at`, `read_into` or `get`",
    note = "or hold the bytes in a `RamMap`, which is private to this process and does lend them"
)]
pub trait Lend: Mapping {
    /// The mapped bytes.
    fn as_bytes(&self) -> &[u8];
}

/// A mapping that only its owner can change, so that it can lend its bytes for writing.
#[diagnostic::on_unimplemented(
    message = "the bytes of `{Self}` cannot be borrowed for writing",
    label = "this mapping lends no `&mut [u8]`",
    note = "hold the bytes in a `RamMap`, which is private to this process and does lend them"
)]
pub trait LendMut: Lend {
    /// The mapped bytes, for writing.
    fn as_bytes_mut(&mut self) -> &mut [u8];
}

/// Copies out of bytes that hold still: [`Mapping::read_into`] for whoever can lend.
///
/// # Errors
/// [`ErrorKind::OutOfBounds`] if `offset + out.len() > bytes.len()`; `out` is then as it was.
#[inline]
pub fn copy_lent(bytes: &[u8], offset: u64, out: &mut [u8]) -> Result<()> {
    let start = checked(offset, out.len(), bytes.len())?;
    if let Some(source) = bytes.get(start..).and_then(|rest| rest.get(..out.len())) {
        out.copy_from_slice(source);
    }
    Ok(())
}
