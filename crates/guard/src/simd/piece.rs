use crate::{Fault, InPlace, copy_out};

/// How much is copied at a time where it cannot be looked at in place.
pub(crate) const PIECE_LEN: usize = 1 << 10;

/// Bytes that were copied to be looked at.
#[derive(Debug, Default)]
pub(crate) struct Piece<'b> {
    pub(crate) bytes: &'b [u8],
    /// Whether the byte behind is lost.
    pub(crate) is_cut: bool,
}

impl InPlace<'_> {
    /// A copy of the bytes at `start`, as many as there are and the buffer holds.
    pub(crate) fn piece(self, start: usize, buffer: &mut [u8]) -> Piece<'_> {
        let len = self.len().saturating_sub(start).min(buffer.len());
        let Some(buffer) = buffer.get_mut(..len) else { return Piece::default() };
        // SAFETY: `start` and `len` are within the bytes that the maker answers for.
        match unsafe { copy_out(self.first().wrapping_add(start), buffer) } {
            Ok(()) => Piece { bytes: buffer, is_cut: false },
            Err(Fault { moved, .. }) => {
                Piece { bytes: buffer.get(..moved).unwrap_or_default(), is_cut: true }
            }
        }
    }
}
