use super::piece::{PIECE_LEN, Piece};
use super::{SHAPE_LEN, Shape, routines};
use crate::{Faulted, InPlace, handler};

/// The progress of a search for a [`Shape`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "three counts, with nothing to add")]
pub struct Seen {
    /// The number of positions that were found.
    pub found: usize,
    /// The number of positions at which the whole shape was compared.
    pub tried: usize,
    /// The number of positions, from the first on, that were examined.
    pub done: usize,
}

/// When a search ends early, and where it puts what it finds.
#[derive(Debug)]
pub(crate) struct Enough<'f> {
    pub(crate) found: &'f mut [usize],
    pub(crate) most_tries: usize,
}

impl Enough<'_> {
    /// Whether a search with this progress ends.
    #[inline]
    pub(crate) const fn is_it(&self, seen: &Seen) -> bool {
        seen.found >= self.found.len() || seen.tried >= self.most_tries
    }

    /// Records a position at which the whole shape was compared.
    #[inline]
    pub(crate) fn note(&mut self, seen: &mut Seen, at: usize, fits: bool) {
        seen.tried = seen.tried.wrapping_add(1);
        if let Some(next) = self.found.get_mut(seen.found) {
            // A branch would be mispredicted often: a position that does not fit is overwritten instead.
            *next = at;
            seen.found = seen.found.wrapping_add(usize::from(fits));
        }
    }
}

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
        let mut enough = Enough { found, most_tries };
        let mut seen = Seen::default();
        let Some(positions) = self.len().checked_sub(shape.len().saturating_sub(1)) else {
            return (seen, Ok(()));
        };
        handler::prepare();
        let whole = self.len().saturating_sub(SHAPE_LEN.saturating_sub(1));
        // SAFETY: the range whose creator promised that it stays mapped for `'a`. At each of the `whole`
        // positions a whole register of bytes is within it.
        unsafe { routines::find_shape(self.first(), whole, shape, &mut enough, &mut seen) };
        let mut buffer = [0; PIECE_LEN];
        while seen.done < positions && !enough.is_it(&seen) {
            let Piece { bytes, is_cut } = self.piece(seen.done, &mut buffer);
            let here = bytes.len().saturating_sub(shape.len().saturating_sub(1));
            let before = seen.done;
            for at in 0..here {
                let bytes = bytes.get(at..).unwrap_or_default();
                if shape.may_be_of(bytes) {
                    if enough.is_it(&seen) {
                        return (seen, Ok(()));
                    }
                    enough.note(&mut seen, before.wrapping_add(at), shape.is_of(bytes));
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
