/// The progress of a search for a [`Shape`](super::Shape).
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
pub(crate) struct Budget<'f> {
    pub(crate) found: &'f mut [usize],
    pub(crate) most_tries: usize,
}

impl Budget<'_> {
    /// Whether a search with this progress ends.
    #[inline]
    pub(crate) const fn is_spent(&self, seen: &Seen) -> bool {
        seen.found >= self.found.len() || seen.tried >= self.most_tries
    }

    /// Records a position at which the whole shape was compared.
    #[inline]
    pub(crate) fn record(&mut self, seen: &mut Seen, at: usize, fits: bool) {
        seen.tried = seen.tried.wrapping_add(1);
        if let Some(next) = self.found.get_mut(seen.found) {
            // A branch would be mispredicted often: a position that does not fit is overwritten instead.
            *next = at;
            seen.found = seen.found.wrapping_add(usize::from(fits));
        }
    }
}
