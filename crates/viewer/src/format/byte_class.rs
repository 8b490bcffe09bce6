/// The class of a byte, which determines its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "every byte is in exactly one of these")]
pub enum ByteClass {
    /// 0.
    Null,
    /// Printable ASCII other than the blank.
    Printable,
    /// Blank, tab, line feed, vertical tab, form feed, carriage return.
    WhiteSpace,
    /// Other ASCII: control characters.
    OtherAscii,
    /// 128 and above.
    High,
}

impl ByteClass {
    /// All classes, in the order of the legend.
    pub const ALL: [Self; 5] =
        [Self::Null, Self::Printable, Self::WhiteSpace, Self::OtherAscii, Self::High];

    /// The class of a byte.
    #[must_use]
    pub const fn of(byte: u8) -> Self {
        match byte {
            0 => Self::Null,
            b'\t'..=b'\r' | b' ' => Self::WhiteSpace,
            0x21..=0x7e => Self::Printable,
            0x80.. => Self::High,
            _ => Self::OtherAscii,
        }
    }

    /// The name in the legend of the help.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Printable => "printable",
            Self::WhiteSpace => "white space",
            Self::OtherAscii => "other ASCII",
            Self::High => "high",
        }
    }
}
