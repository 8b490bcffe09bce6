use crate::{Fault, InPlace, Lost, arch, copy_out, handler};

/// How much is copied at a time where it cannot be looked at in place.
pub(crate) const PIECE_LEN: usize = 1 << 10;

/// Bytes that were copied to be looked at.
#[derive(Debug, Default)]
pub(crate) struct Piece<'b> {
    pub(crate) bytes: &'b [u8],
    /// Whether the byte behind is lost.
    pub(crate) is_cut: bool,
}

/// Counting.
impl InPlace<'_> {
    /// How many of the bytes are this one.
    ///
    /// # Errors
    /// [`Lost`], beside the count of the bytes before.
    ///
    /// # Cost
    /// On x86-64 with AVX2, that of reading memory once; elsewhere a copy of 1 KiB at a time.
    pub fn count_byte(self, byte: u8) -> (u64, Result<(), Lost>) {
        handler::prepare();
        // SAFETY: the bytes that the maker answers for, which are mapped while `'a` lasts.
        let (mut count, mut done) = unsafe { arch::count_byte(self.first(), self.len(), byte) };
        let mut buffer = [0; PIECE_LEN];
        while done < self.len() {
            let Piece { bytes: piece, is_cut } = self.piece(done, &mut buffer);
            for &found in piece {
                count = count.wrapping_add(u64::from(found == byte));
            }
            done = done.saturating_add(piece.len());
            if is_cut {
                return (count, Err(Lost { done }));
            }
        }
        (count, Ok(()))
    }

    /// Adds how often each of the 256 bytes occurs to eight tables, whose sum it is: by turns, so that
    /// the same byte in a row does not wait for itself. Counts of more than 32 bits wrap.
    ///
    /// # Errors
    /// [`Lost`], and then the [`done`](Lost::done) first bytes are counted.
    ///
    /// # Cost
    /// On x86-64 that of a loop over a slice; elsewhere a copy of 1 KiB at a time besides.
    pub fn histogram(self, tables: &mut [[u32; 256]; 8]) -> Result<(), Lost> {
        handler::prepare();
        // SAFETY: the bytes that the maker answers for, which are mapped while `'a` lasts.
        let mut done = unsafe { arch::histogram(self.first(), self.len(), tables) };
        let mut buffer = [0; PIECE_LEN];
        while done < self.len() {
            let Piece { bytes: piece, is_cut } = self.piece(done, &mut buffer);
            for (&byte, turn) in piece.iter().zip((0..tables.len()).cycle()) {
                if let Some(table) = tables.get_mut(turn) {
                    table[usize::from(byte)] = table[usize::from(byte)].wrapping_add(1);
                }
            }
            done = done.saturating_add(piece.len());
            if is_cut {
                return Err(Lost { done });
            }
        }
        Ok(())
    }

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
