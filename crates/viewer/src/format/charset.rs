//! Character sets of the text column.

use ratatui::text::Span;

use crate::source::page_cache::Known;

/// A character set. None of them yields a control character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Charset {
    /// Printable ASCII; a dot for other bytes.
    #[default]
    Ascii,
    /// ISO 8859-1.
    Latin1,
    /// Code page 437 of the IBM PC, with a character for every byte.
    Cp437,
    /// EBCDIC, code page 37.
    Ebcdic,
    /// UTF-8. A character is shown at its first byte.
    Utf8,
    /// A Braille pattern for every byte.
    Braille,
}

/// Bytes before and after a row that can be part of a character in it.
pub(crate) const CHARACTER_REACH: u64 = 3;

/// Shown for a byte that has no character.
const DOT: char = '·';

impl Charset {
    pub(crate) const ALL: [Self; 6] =
        [Self::Ascii, Self::Latin1, Self::Cp437, Self::Ebcdic, Self::Utf8, Self::Braille];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ascii => "ascii",
            Self::Latin1 => "latin1",
            Self::Cp437 => "cp437",
            Self::Ebcdic => "ebcdic",
            Self::Utf8 => "utf8",
            Self::Braille => "braille",
        }
    }

    /// The next character set in the cycle.
    pub(crate) fn next(self) -> Self {
        let mut all = Self::ALL.into_iter().cycle().skip_while(|&it| it != self);
        all.nth(1).unwrap_or_default()
    }

    /// The character of a single byte. For multi-byte characters use [`Charset::character_of`].
    pub(crate) fn character(self, byte: u8) -> char {
        let of = |table: &[&str; 8]| {
            let line = table.get(usize::from(byte / 32));
            line.and_then(|line| line.chars().nth(usize::from(byte % 32))).unwrap_or(DOT)
        };
        match self {
            Self::Ascii | Self::Utf8 => match byte {
                b' '..=b'~' => byte.into(),
                _ => DOT,
            },
            Self::Latin1 => match byte {
                0xa0 => ' ',
                0xad => DOT,
                b' '..=b'~' | 0xa1.. => byte.into(),
                _ => DOT,
            },
            Self::Cp437 => of(&CP437),
            Self::Ebcdic => of(&EBCDIC),
            Self::Braille => char::from_u32(0x2800 + u32::from(byte)).unwrap_or(DOT),
        }
    }

    /// The bytes of a character; `None` if the table lacks it.
    pub(crate) fn encode(self, c: char) -> Option<Vec<u8>> {
        if self == Self::Utf8 {
            return (!c.is_control()).then(|| c.to_string().into_bytes());
        }
        // Bytes without a character show as a dot, which some tables have, too.
        let dot = match self {
            Self::Latin1 => Some(0xb7),
            Self::Cp437 => Some(0xfa),
            Self::Ebcdic => Some(0xb3),
            _ => None,
        };
        let is_it =
            |byte: &u8| if c == DOT { Some(*byte) == dot } else { self.character(*byte) == c };
        // The usual blank comes before the one that does not break.
        (b' '..=u8::MAX).chain(0..b' ').find(is_it).map(|byte| vec![byte])
    }

    /// The character for the first of `bytes`, and its length in bytes. A character wider than
    /// `room` cells is replaced by a dot.
    pub(crate) fn character_of(self, bytes: &[Known], room: u16) -> (char, usize) {
        let mut buffer = [0; 4];
        let mut len = 0;
        for (slot, known) in buffer.iter_mut().zip(bytes) {
            let Known::Value(byte) = known else { break };
            *slot = *byte;
            len += 1;
        }
        let Some(&first) = buffer.get(..len).and_then(<[u8]>::first) else { return (DOT, 1) };
        if self == Self::Utf8 && first >= 0x80 {
            let text = buffer.get(..len).unwrap_or_default();
            let valid = match std::str::from_utf8(text) {
                Ok(text) => text,
                Err(error) => text
                    .get(..error.valid_up_to())
                    .and_then(|valid| std::str::from_utf8(valid).ok())
                    .unwrap_or_default(),
            };
            let Some(c) = valid.chars().next() else { return (DOT, 1) };
            let width = Span::raw(c.to_string()).width();
            // Combining characters would change the cell before, and control characters the whole
            // line.
            let shows = (1..=usize::from(room)).contains(&width) && !c.is_control();
            let is_hidden = c.escape_debug().count() > 1;
            return (if shows && !is_hidden { c } else { DOT }, c.len_utf8());
        }
        (self.character(first), 1)
    }

    /// The number of leading bytes that belong to a character starting in `before`, the bytes
    /// before them.
    pub(crate) fn carried(self, before: &[Known], bytes: &[Known]) -> usize {
        if self != Self::Utf8 {
            return 0;
        }
        let carried = |at: usize| {
            let rest = before.get(at..).unwrap_or_default();
            let around = [rest, bytes].concat();
            self.character_of(&around, 2).1.saturating_sub(rest.len())
        };
        (0..before.len()).rev().map(carried).find(|&count| count > 0).unwrap_or(0)
    }

    /// Number of bytes needed beyond a row to decode its characters.
    pub(crate) fn reach(self) -> u64 {
        if self == Self::Utf8 { CHARACTER_REACH } else { 0 }
    }
}

/// Code page 437.
const CP437: [&str; 8] = [
    "·☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼",
    " !\"#$%&'()*+,-./0123456789:;<=>?",
    "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_",
    "`abcdefghijklmnopqrstuvwxyz{|}~⌂",
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ",
    "áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐",
    "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀",
    "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ",
];

/// Code page 37.
const EBCDIC: [&str; 8] = [
    "································",
    "································",
    "  âäàáãåçñ¢.<(+|&éêëèíîïìß!$*);¬",
    "-/ÂÄÀÁÃÅÇÑ¦,%_>?øÉÊËÈÍÎÏÌ`:#@'=\"",
    "Øabcdefghi«»ðýþ±°jklmnopqrªºæ¸Æ¤",
    "µ~stuvwxyz¡¿ÐÝÞ®^£¥·©§¶¼½¾[]¯¨´×",
    "{ABCDEFGHI·ôöòóõ}JKLMNOPQR¹ûüùúÿ",
    "\\÷STUVWXYZ²ÔÖÒÓÕ0123456789³ÛÜÙÚ·",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_typed_as_the_byte_that_shows_it() {
        for table in Charset::ALL {
            for byte in 0..=u8::MAX {
                let c = table.character(byte);
                match table.encode(c) {
                    Some(bytes) if bytes.len() == 1 => {
                        assert_eq!(table.character(bytes[0]), c, "{byte:#x} in {}", table.name());
                    }
                    Some(bytes) => assert_eq!((table, bytes), (Charset::Utf8, "·".into())),
                    None => assert_eq!((table, c), (Charset::Ascii, DOT)),
                }
            }
            assert_eq!(table.encode('\u{4e00}').is_some(), table == Charset::Utf8);
        }
        assert_eq!(Charset::Latin1.encode('é'), Some(vec![0xe9]));
        assert_eq!(Charset::Cp437.encode('é'), Some(vec![0x82]));
        assert_eq!(Charset::Ebcdic.encode(' '), Some(vec![0x40]));
        assert_eq!(Charset::Latin1.encode(' '), Some(vec![0x20]));
        assert_eq!(Charset::Utf8.encode('é'), Some("é".into()));
        assert_eq!(Charset::Utf8.encode('\n'), None);
        assert_eq!(Charset::Ascii.encode('é'), None);
    }

    #[test]
    fn no_table_has_a_character_that_a_terminal_would_obey() {
        for table in Charset::ALL {
            for byte in 0..=255 {
                let c = table.character(byte);
                assert!(!c.is_control(), "{table:?} {byte:#x}");
                assert_eq!(Span::raw(c.to_string()).width(), 1, "{table:?} {byte:#x} {c}");
            }
        }
    }

    #[test]
    fn each_table_is_the_one_it_is_called() {
        assert_eq!(Charset::Ascii.character(b'A'), 'A');
        assert_eq!(Charset::Ascii.character(0xe4), '·');
        assert_eq!(Charset::Latin1.character(0xe4), 'ä');
        assert_eq!(Charset::Cp437.character(0x84), 'ä');
        assert_eq!(Charset::Cp437.character(0x01), '☺');
        assert_eq!(Charset::Cp437.character(0xfe), '■');
        assert_eq!(Charset::Ebcdic.character(0xc8), 'H');
        assert_eq!(Charset::Ebcdic.character(0x40), ' ');
        assert_eq!(Charset::Braille.character(0xff), '⣿');
    }

    #[test]
    fn utf8_stands_on_its_first_byte_and_nothing_hides_or_turns() {
        let show = |text: &str, room| {
            let bytes: Vec<Known> = text.bytes().map(Known::Value).collect();
            Charset::Utf8.character_of(&bytes, room)
        };
        assert_eq!(show("äb", 1), ('ä', 2));
        assert_eq!(show("漢", 2), ('漢', 3));
        assert_eq!(show("漢", 1), ('·', 3));
        assert_eq!(show("\u{202e}x", 2), ('·', 3));
        assert_eq!(show("\u{301}x", 2), ('·', 2));
        assert_eq!(show("x", 1), ('x', 1));
        let broken = [Known::Value(0xc3), Known::Unreadable];
        assert_eq!(Charset::Utf8.character_of(&broken, 2), ('·', 1));
    }

    #[test]
    fn the_tables_follow_each_other_in_a_circle() {
        let mut table = Charset::Ascii;
        for _ in Charset::ALL {
            table = table.next();
        }
        assert_eq!(table, Charset::Ascii);
    }
}
