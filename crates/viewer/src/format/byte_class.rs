/// What kind of byte it is: what colours tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "every byte is in exactly one of these")]
pub enum ByteClass {
    /// 0.
    Null,
    /// ASCII that prints and is not a blank.
    Printable,
    /// Blank, tab, line feed, vertical tab, form feed, carriage return.
    WhiteSpace,
    /// Other ASCII: control characters.
    OtherAscii,
    /// 128 and above.
    High,
}

impl ByteClass {
    /// Every class, in the order of a legend.
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

    /// Its name in the legend of the help screen.
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
