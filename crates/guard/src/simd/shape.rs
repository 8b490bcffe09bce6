/// The bytes that may stand at one place of a [`Shape`]: those that, reduced to the bits of `mask`, are
/// one of the `more + 1` values from `low` on. After 255 comes 0.
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
    /// The number of values after the first.
    pub more: u8,
}

impl Lane {
    /// Every byte.
    pub const ANY: Self = Self { mask: 0, low: 0, more: u8::MAX };

    /// One byte.
    pub const fn of(byte: u8) -> Self {
        Self { mask: u8::MAX, low: byte, more: 0 }
    }

    /// Whether `byte` is one of them.
    #[inline]
    pub const fn has(self, byte: u8) -> bool {
        (byte & self.mask).wrapping_sub(self.low) <= self.more
    }

    /// The bits that all of them have in common.
    fn common(self) -> Sign {
        let mut all = (0..=u8::MAX).filter(|&byte| self.has(byte));
        let Some(first) = all.next() else { return Sign { mask: 0, value: 1 } };
        let mask = all.fold(u8::MAX, |mask, byte| mask & !(byte ^ first));
        Sign { mask, value: first & mask }
    }
}

/// The values of some bits of a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Sign {
    /// The bits that are compared.
    pub(crate) mask: u8,
    /// Their values. A value with a bit outside of the mask matches no byte.
    pub(crate) value: u8,
}

impl Sign {
    #[inline]
    const fn is_of(self, byte: u8) -> bool {
        byte & self.mask == self.value
    }
}

/// The most places of a [`Shape`]: the number of bytes in one register.
pub const SHAPE_LEN: usize = 32;

/// A pattern of adjacent bytes: what may stand at each of up to [`SHAPE_LEN`] places.
///
/// A search compares two of the places everywhere, and the whole shape only where both match. The two should
/// be places that few bytes match.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shape {
    len: usize,
    rare: [(usize, Sign); 2],
    pub(crate) masks: [u8; SHAPE_LEN],
    pub(crate) lows: [u8; SHAPE_LEN],
    pub(crate) mores: [u8; SHAPE_LEN],
}

impl Shape {
    /// Creates a shape from the lane of each place and the indices of the two rare places, which are compared
    /// first and may be the same. `None` if there are no lanes or more than [`SHAPE_LEN`], or if a rare index
    /// is out of range.
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
    #[expect(clippy::len_without_is_empty, reason = "a shape is never empty")]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// The places that are compared first, and the bits that all bytes there have in common.
    pub(crate) const fn rare(&self) -> [(usize, Sign); 2] {
        self.rare
    }

    /// Whether the bytes begin with this shape.
    pub fn is_of(&self, bytes: &[u8]) -> bool {
        let lanes = self.masks.iter().zip(&self.lows).zip(&self.mores);
        let has = |(((&mask, &low), &more), &byte)| Lane { mask, low, more }.has(byte);
        bytes.get(..self.len).is_some_and(|bytes| lanes.zip(bytes).all(has))
    }

    /// Whether the bytes match at the rare places.
    #[inline]
    pub(crate) fn may_be_of(&self, bytes: &[u8]) -> bool {
        self.rare().iter().all(|&(at, sign)| bytes.get(at).is_some_and(|&byte| sign.is_of(byte)))
    }
}
