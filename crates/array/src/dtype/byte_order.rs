/// The order of the bytes of a number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ByteOrder {
    /// The lowest byte first: `<`.
    Little,
    /// The highest byte first: `>`.
    Big,
    /// No order, as for single bytes: `|`.
    NotApplicable,
}

impl ByteOrder {
    /// The byte order of this machine.
    pub const NATIVE: Self = if u16::from_ne_bytes([1, 0]) == 1 { Self::Little } else { Self::Big };

    /// The sign at the start of a type string.
    pub const fn sign(self) -> char {
        match self {
            Self::Little => '<',
            Self::Big => '>',
            Self::NotApplicable => '|',
        }
    }
}
