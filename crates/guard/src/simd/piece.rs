use crate::{Fault, InPlace, copy_out};

/// The number of bytes that are copied at a time where registers cannot take them.
pub(crate) const PIECE_LEN: usize = 1 << 10;

/// A copy of a few bytes of a range.
#[derive(Debug, Default)]
pub(crate) struct Piece<'b> {
    pub(crate) bytes: &'b [u8],
    /// Whether the byte after these is lost.
    pub(crate) is_cut: bool,
}

impl InPlace<'_> {
    /// Copies the bytes at `start` into the buffer, as many as exist and fit.
    pub(crate) fn piece(self, start: usize, buffer: &mut [u8]) -> Piece<'_> {
        let len = self.len().saturating_sub(start).min(buffer.len());
        let Some(buffer) = buffer.get_mut(..len) else { return Piece::default() };
        // SAFETY: `start` and `len` are within the range whose creator promised that it stays mapped.
        match unsafe { copy_out(self.first().wrapping_add(start), buffer) } {
            Ok(()) => Piece { bytes: buffer, is_cut: false },
            Err(Fault { moved, .. }) => {
                Piece { bytes: buffer.get(..moved).unwrap_or_default(), is_cut: true }
            }
        }
    }
}
