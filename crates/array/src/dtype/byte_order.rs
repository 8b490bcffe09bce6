/// In which order the bytes of a number lie.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ByteOrder {
    /// The lowest byte first: `<`.
    Little,
    /// The highest byte first: `>`.
    Big,
    /// There is no order, as for single bytes: `|`.
    NotApplicable,
}

impl ByteOrder {
    /// That of this machine.
    pub const NATIVE: Self = if u16::from_ne_bytes([1, 0]) == 1 { Self::Little } else { Self::Big };

    /// As it stands in front of a typestring.
    pub const fn sign(self) -> char {
        match self {
            Self::Little => '<',
            Self::Big => '>',
            Self::NotApplicable => '|',
        }
    }
}
