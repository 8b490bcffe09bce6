use super::piece::{PIECE_LEN, Piece};
use super::{SHAPE_LEN, Shape, routines};
use crate::{Faulted, InPlace, handler};

/// What a search for a [`Shape`] has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "three counts, with nothing to add")]
pub struct Seen {
    /// How many places were found.
    pub found: usize,
    /// At how many all of the shape was looked for.
    pub tried: usize,
    /// How many positions, from the first on, were looked at.
    pub done: usize,
}

/// How much of a search is enough.
#[derive(Debug)]
pub(crate) struct Enough<'f> {
    pub(crate) found: &'f mut [usize],
    pub(crate) most_tries: usize,
}

impl Enough<'_> {
    /// Whether a search that has seen this is to end.
    #[inline]
    pub(crate) const fn is_it(&self, seen: &Seen) -> bool {
        seen.found >= self.found.len() || seen.tried >= self.most_tries
    }

    /// Notes a place at which all of the shape was looked for.
    #[inline]
    pub(crate) fn note(&mut self, seen: &mut Seen, at: usize, fits: bool) {
        seen.tried = seen.tried.wrapping_add(1);
        if let Some(next) = self.found.get_mut(seen.found) {
            // Without a branch, which could not be foretold: what does not fit is overwritten.
            *next = at;
            seen.found = seen.found.wrapping_add(usize::from(fits));
        }
    }
}

/// Searching for a shape.
impl InPlace<'_> {
    /// The positions at which the bytes have a shape, in order, into `found`; until that is full, and
    /// until the whole shape was looked for at `most_tries` positions that have its rare places. Those
    /// that may overlap are all found.
    ///
    /// # Errors
    /// [`Faulted`] beside what was seen before. The byte that is lost is at one of the shape's places.
    ///
    /// # Cost
    /// On x86-64 with AVX2 on Linux that of reading memory once, and some nanoseconds for each try;
    /// elsewhere a copy of 1 KiB at a time. What is said of a position is said of one load of all its
    /// bytes there.
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
        // SAFETY: the bytes that the maker answers for, which are mapped while `'a` lasts: of each of
        // the positions there is a whole register.
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
