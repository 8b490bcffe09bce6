/// What a byte at one place may be: with only the bits of `mask`, from `low` on so many values further,
/// around from 255 to 0 where that is reached.
///
/// # Examples
/// ```
/// use memmap_guard::simd::Lane;
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
    pub(crate) fn may_be_of(&self, bytes: &[u8]) -> bool {
        self.rare().iter().all(|&(at, sign)| bytes.get(at).is_some_and(|&byte| sign.is_of(byte)))
    }
}
