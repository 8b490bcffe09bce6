use crate::count::{PIECE_LEN, Piece};
use crate::{InPlace, Lost, arch, handler};

/// What a byte at one place may be: with only the bits of `mask`, from `low` on so many values further,
/// around from 255 to 0 where that is reached.
///
/// # Examples
/// ```
/// use memmap_guard::Lane;
///
/// let digit = Lane { mask: 0xFF, low: b'0', more: 9 };
/// let any_case = Lane { mask: 0xDF, low: b'Q', more: 0 };
/// assert!(digit.has(b'7') && !digit.has(b':'));
/// assert!(any_case.has(b'q') && any_case.has(b'Q') && !any_case.has(b'r'));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a comparison, with nothing to add")]
pub struct Lane {
    /// The bits that are compared.
    pub mask: u8,
    /// The first value.
    pub low: u8,
    /// How many values more.
    pub more: u8,
}

impl Lane {
    /// Every byte.
    pub const ANY: Self = Self { mask: 0, low: 0, more: u8::MAX };

    /// This byte and no other.
    pub const fn of(byte: u8) -> Self {
        Self { mask: u8::MAX, low: byte, more: 0 }
    }

    /// Whether a byte may be there.
    #[inline]
    pub const fn has(self, byte: u8) -> bool {
        (byte & self.mask).wrapping_sub(self.low) <= self.more
    }

    /// The bits that are the same in all that it has, and what they are there.
    fn common(self) -> Sign {
        let mut all = (0..=u8::MAX).filter(|&byte| self.has(byte));
        let Some(first) = all.next() else { return Sign { mask: 0, value: 1 } };
        let mask = all.fold(u8::MAX, |mask, byte| mask & !(byte ^ first));
        Sign { mask, value: first & mask }
    }
}

/// Some bits of a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Sign {
    /// Which are compared.
    pub(crate) mask: u8,
    /// What they are. Others than those of the mask are never found.
    pub(crate) value: u8,
}

impl Sign {
    #[inline]
    const fn is_of(self, byte: u8) -> bool {
        byte & self.mask == self.value
    }
}

/// The most places of a [`Shape`]: as many as one register holds bytes.
pub const SHAPE_LEN: usize = 32;

/// Bytes next to each other that are looked for: what may stand at each of up to [`SHAPE_LEN`] places.
///
/// Two of the places, which few bytes fit, are looked for everywhere, and all of them where those two
/// are found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shape {
    len: usize,
    rare: [(usize, Sign); 2],
    pub(crate) masks: [u8; SHAPE_LEN],
    pub(crate) lows: [u8; SHAPE_LEN],
    pub(crate) mores: [u8; SHAPE_LEN],
}

impl Shape {
    /// What may stand at each place, and which two places to look for first; they may be the same.
    /// `None` if there is no place, one that is too many, or the rare ones are none of them.
    pub fn new(lanes: &[Lane], rare: [usize; 2]) -> Option<Self> {
        let [a, b] = rare.map(|at| lanes.get(at).map(|lane| (at, lane.common())));
        let mut shape = Self {
            len: lanes.len(),
            rare: [a?, b?],
            masks: [Lane::ANY.mask; SHAPE_LEN],
            lows: [Lane::ANY.low; SHAPE_LEN],
            mores: [Lane::ANY.more; SHAPE_LEN],
        };
        if lanes.len() > SHAPE_LEN {
            return None;
        }
        let all = shape.masks.iter_mut().zip(&mut shape.lows).zip(&mut shape.mores);
        for (((mask, low), more), lane) in all.zip(lanes) {
            (*mask, *low, *more) = (lane.mask, lane.low, lane.more);
        }
        Some(shape)
    }

    /// The number of places.
    #[expect(clippy::len_without_is_empty, reason = "it is never")]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// The places that are looked for first, and what is common to the bytes there.
    pub(crate) const fn rare(&self) -> [(usize, Sign); 2] {
        self.rare
    }

    /// Whether the first of these bytes, as many as there are places, have it.
    pub fn is_of(&self, bytes: &[u8]) -> bool {
        let lanes = self.masks.iter().zip(&self.lows).zip(&self.mores);
        let has = |(((&mask, &low), &more), &byte)| Lane { mask, low, more }.has(byte);
        bytes.get(..self.len).is_some_and(|bytes| lanes.zip(bytes).all(has))
    }

    /// Whether the rare places have what is looked for first.
    #[inline]
    fn may_be_of(&self, bytes: &[u8]) -> bool {
        self.rare().iter().all(|&(at, sign)| bytes.get(at).is_some_and(|&byte| sign.is_of(byte)))
    }
}

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
    /// [`Lost`] beside what was seen before. The byte that is lost is at one of the shape's places.
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
    ) -> (Seen, Result<(), Lost>) {
        let mut enough = Enough { found, most_tries };
        let mut seen = Seen::default();
        let Some(positions) = self.len().checked_sub(shape.len.saturating_sub(1)) else {
            return (seen, Ok(()));
        };
        handler::prepare();
        let whole = self.len().saturating_sub(SHAPE_LEN.saturating_sub(1));
        // SAFETY: the bytes that the maker answers for, which are mapped while `'a` lasts: of each of
        // the positions there is a whole register.
        unsafe { arch::find_shape(self.first(), whole, shape, &mut enough, &mut seen) };
        let mut buffer = [0; PIECE_LEN];
        while seen.done < positions && !enough.is_it(&seen) {
            let Piece { bytes, is_cut } = self.piece(seen.done, &mut buffer);
            let here = bytes.len().saturating_sub(shape.len.saturating_sub(1));
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
                return (seen, Err(Lost { done: seen.done }));
            }
        }
        (seen, Ok(()))
    }
}
