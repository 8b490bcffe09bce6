use super::piece::{PIECE_LEN, Piece};
use super::progress::Budget;
use super::{SHAPE_LEN, Seen, Shape, routines};
use crate::{Faulted, InPlace, handler};

/// Searching for a shape.
impl InPlace<'_> {
    /// Writes the positions at which the bytes have a shape into `found`, in ascending order. Ends when
    /// `found` is full, or when the whole shape was compared at `most_tries` positions where its rare places
    /// match. Overlapping positions are all found.
    ///
    /// # Errors
    /// [`Faulted`], together with the progress up to there. The byte that is lost is at one of the shape's
    /// places.
    ///
    /// # Cost
    /// On Linux on x86-64 with AVX2, that of reading memory once, and some nanoseconds for each try;
    /// elsewhere a copy of 1 KiB at a time. The whole shape is compared with one load of its bytes.
    pub fn find_shape(
        self,
        shape: &Shape,
        most_tries: usize,
        found: &mut [usize],
    ) -> (Seen, Result<(), Faulted>) {
        let mut budget = Budget { found, most_tries };
        let mut seen = Seen::default();
        let Some(positions) = self.len().checked_sub(shape.len().saturating_sub(1)) else {
            return (seen, Ok(()));
        };
        handler::prepare();
        let whole = self.len().saturating_sub(SHAPE_LEN.saturating_sub(1));
        // SAFETY: the range whose creator promised that it stays mapped for `'a`. At each of the `whole`
        // positions a whole register of bytes is within it.
        unsafe { routines::find_shape(self.first(), whole, shape, &mut budget, &mut seen) };
        let mut buffer = [0; PIECE_LEN];
        while seen.done < positions && !budget.is_spent(&seen) {
            let Piece { bytes, is_cut } = self.piece(seen.done, &mut buffer);
            let here = bytes.len().saturating_sub(shape.len().saturating_sub(1));
            let before = seen.done;
            for at in 0..here {
                let bytes = bytes.get(at..).unwrap_or_default();
                if shape.may_be_of(bytes) {
                    if budget.is_spent(&seen) {
                        return (seen, Ok(()));
                    }
                    budget.record(&mut seen, before.wrapping_add(at), shape.is_of(bytes));
                }
                seen.done = before.wrapping_add(at).wrapping_add(1);
            }
            if is_cut {
                return (seen, Err(Faulted { done: seen.done }));
            }
        }
        (seen, Ok(()))
    }
}
