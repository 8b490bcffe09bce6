use super::piece::{PIECE_LEN, Piece};
use super::routines;
use crate::{Faulted, InPlace, handler};

/// Counting.
impl InPlace<'_> {
    /// Counts the bytes that equal `byte`.
    ///
    /// # Errors
    /// [`Faulted`], together with the count in the bytes before.
    ///
    /// # Cost
    /// On Linux on x86-64 with AVX2, that of reading memory once; elsewhere a copy of 1 KiB at a time.
    pub fn count_byte(self, byte: u8) -> (u64, Result<(), Faulted>) {
        handler::prepare();
        // SAFETY: the range whose creator promised that it stays mapped for `'a`.
        let (mut count, mut done) = unsafe { routines::count_byte(self.first(), self.len(), byte) };
        let mut buffer = [0; PIECE_LEN];
        while done < self.len() {
            let Piece { bytes: piece, is_cut } = self.piece(done, &mut buffer);
            for &found in piece {
                count = count.wrapping_add(u64::from(found == byte));
            }
            done = done.saturating_add(piece.len());
            if is_cut {
                return (count, Err(Faulted { done }));
            }
        }
        (count, Ok(()))
    }

    /// Counts each of the 256 byte values. The count of a value is the sum of its counts in the eight tables:
    /// they are used in turn, so that a run of equal bytes does not wait for its own last increment. Counts
    /// of more than 32 bits wrap.
    ///
    /// # Errors
    /// [`Faulted`], and then the first [`done`](Faulted::done) bytes are counted.
    ///
    /// # Cost
    /// On Linux on x86-64 that of a loop over a slice; elsewhere also a copy, 1 KiB at a time.
    pub fn histogram(self, tables: &mut [[u32; 256]; 8]) -> Result<(), Faulted> {
        handler::prepare();
        // SAFETY: the range whose creator promised that it stays mapped for `'a`.
        let mut done = unsafe { routines::histogram(self.first(), self.len(), tables) };
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
                return Err(Faulted { done });
            }
        }
        Ok(())
    }
}
