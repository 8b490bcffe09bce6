/// The class of a byte, by which a hex viewer colours it.
///
/// # Examples
/// ```
/// use memmap_core::{Map, testing::Fake};
/// use memmap_scan::{ByteClass, Scan};
///
/// let mm = Map::from_mapping(Fake::new(b"a line\n\0\0\xff"));
/// let histogram = Scan::new(&mm).histogram()?.value;
/// let counts = ByteClass::ALL.map(|class| (class.name(), histogram.of_class(class)));
/// let expected = [("null", 2), ("printable", 5), ("white space", 2), ("other ASCII", 0), ("high", 1)];
/// assert_eq!(counts, expected);
/// # Ok::<(), memmap_core::Error>(())
/// ```
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
    /// All classes, in the order in which lists and legends show them.
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

    /// Its name, as in lists and legends.
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
