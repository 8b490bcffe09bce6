use memmap_guard::InPlace;

#[cfg(doc)]
use crate::ErrorKind;
use crate::{Mapping, Op, Result, checked};

/// A mapping whose bytes cannot change while they are borrowed, so that it can lend them.
///
/// Implement it only if nobody, in this process or another, can change the bytes during a shared borrow.
/// A mapping of a live file can never promise that.
#[diagnostic::on_unimplemented(
    message = "the bytes of `{Self}` cannot be borrowed: others may change them at any time",
    label = "this mapping lends no `&[u8]`",
    note = "copy what you need out of it with `read_at`, `read_into` or `get`",
    note = "prove that nobody can change them with `prove`, and borrow the `FrozenMap`",
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

/// Copies out of borrowed bytes: an implementation of [`Mapping::read_into`] for mappings that can lend.
///
/// # Errors
/// [`ErrorKind::OutOfBounds`] if `offset + out.len() > bytes.len()`; `out` is then unchanged.
#[inline]
pub fn copy_lent(bytes: &[u8], offset: u64, out: &mut [u8]) -> Result<()> {
    let start = checked(offset, out.len(), bytes.len())?;
    if let Some(source) = bytes.get(start..).and_then(|rest| rest.get(..out.len())) {
        out.copy_from_slice(source);
    }
    Ok(())
}

/// Borrowed bytes for access in place: an implementation of [`Mapping::in_place`] for mappings that can
/// lend.
pub fn lent_in_place(bytes: &[u8], offset: u64, len: usize) -> Option<InPlace<'_>> {
    InPlace::from(bytes).part(usize::try_from(offset).ok()?, len)
}

/// Copies into exclusively borrowed bytes: an implementation of [`Mapping::write_from`] for mappings
/// that can lend for writing.
///
/// # Errors
/// [`ErrorKind::OutOfBounds`] if `offset + from.len() > bytes.len()`; nothing is then written.
#[inline]
pub fn copy_into_lent(bytes: &mut [u8], offset: u64, from: &[u8]) -> Result<()> {
    let start =
        checked(offset, from.len(), bytes.len()).map_err(|error| error.during(Op::Write))?;
    if let Some(target) = bytes.get_mut(start..).and_then(|rest| rest.get_mut(..from.len())) {
        target.copy_from_slice(from);
    }
    Ok(())
}
