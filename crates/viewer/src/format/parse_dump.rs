//! Reads the lines of a dump back: those of `hexdump -C`, xxd, `xxd -p` and hexyl.
//!
//! The format is recognised by the first line. Colours are left out. The characters beside the digits are for
//! people, who may have edited the digits, so they are not compared.

mod canonical;
mod hexyl;
mod plain;
mod xxd;

use thiserror::Error;

pub(crate) use plain::PlainParser;

use hexyl::Panels;

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    /// Bytes at an address.
    Bytes(u64),
    /// The line before is repeated up to the next address.
    Repeat,
    /// The dump ends at this address.
    End(u64),
    /// A border, or an empty line.
    Nothing,
}

/// Why a line cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum LineError {
    #[error("it is not a line of hexdump -C, xxd, xxd -p or hexyl")]
    Unknown,
    #[error("{0:?} is not an address: 1 to 16 hexadecimal digits")]
    Address(String),
    #[error("{0:?} is not a byte or a group of them: an even number of hexadecimal digits")]
    Digits(String),
    #[error("it is cut: its characters between bars are missing")]
    Cut,
    #[error("its digits are binary, as those of xxd -b, which are not read back; dump without -b")]
    Binary,
    #[error(
        "its groups are reversed, as those of xxd -e, which are not read back; dump without -e"
    )]
    Reversed,
    #[error("it repeats a line, and there is none before it")]
    NothingToRepeat,
    #[error("it is not a whole number of lines after the one that is repeated")]
    Repetition,
    #[error("the lines before it end at {at:#x}")]
    End { at: u64 },
    #[error("the dump ends here, and does not say how often the line is repeated")]
    OpenRepetition,
    #[error("it is longer than {0} bytes")]
    Long(usize),
}

/// The format of a dump whose lines have addresses.
#[derive(Debug, Clone)]
pub(crate) enum DumpFormat {
    Canonical,
    Xxd,
    Hexyl(Panels),
}

impl DumpFormat {
    /// The format of the first line that is not empty.
    pub(crate) fn of(line: &str) -> Option<Self> {
        let digits = line.chars().take_while(char::is_ascii_hexdigit).count();
        let rest = &line[digits..];
        if let Some(panels) = Panels::of(line) {
            Some(Self::Hexyl(panels))
        } else if digits > 0 && rest.starts_with(':') {
            Some(Self::Xxd)
        } else if digits > 0 && rest.starts_with("  ") {
            Some(Self::Canonical)
        } else {
            None
        }
    }

    /// Reads a line, and appends its bytes to `out`.
    pub(crate) fn parse(&self, line: &str, out: &mut Vec<u8>) -> Result<Line, LineError> {
        if line.trim().is_empty() {
            return Ok(Line::Nothing);
        }
        match self {
            Self::Canonical => canonical::parse(line, out),
            Self::Xxd => xxd::parse(line, out),
            Self::Hexyl(panels) => panels.parse(line, out),
        }
    }
}

/// A line without its colours and its end.
pub(crate) fn without_colours(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_end_matches(['\n', '\r']);
    let mut parts = text.split("\x1b[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain += part.split_once('m').map_or(part, |(_, rest)| rest);
    }
    plain
}

fn address(text: &str) -> Result<u64, LineError> {
    let is_number = (1..=16).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_hexdigit());
    let number = u64::from_str_radix(text, 16).ok().filter(|_| is_number);
    number.ok_or_else(|| LineError::Address(text.to_owned()))
}

/// Appends the bytes of a group of digits.
fn append_group(group: &str, out: &mut Vec<u8>) -> Result<(), LineError> {
    let wrong = || LineError::Digits(group.to_owned());
    if !group.len().is_multiple_of(2) {
        return Err(wrong());
    }
    for pair in group.as_bytes().chunks_exact(2) {
        let [high, low] = [pair[0], pair[1]].map(digit);
        out.push(high.zip(low).map(|(high, low)| high << 4 | low).ok_or_else(wrong)?);
    }
    Ok(())
}

/// The value of a hexadecimal digit.
fn digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|it| u8::try_from(it).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<(Line, Vec<u8>), LineError> {
        let line = without_colours(line.as_bytes());
        let mut out = Vec::new();
        let format = DumpFormat::of(&line).ok_or(LineError::Unknown)?;
        Ok((format.parse(&line, &mut out)?, out))
    }

    #[test]
    fn a_line_of_each_format_is_read() {
        for line in [
            "00000010  61 62 63 64 65 66 67 68  69 7c                    |abcdefghi||",
            "00000010  61 62 63 64 65 66 67 68  69 7c  |abcdefghi||\r\n",
            "00000010: 6162 6364 6566 6768 697c                 abcdefghi|",
            "0010: 6162636465666768697C",
            "10: 61 62 63 64 65 66 67 68 69 7c",
            "│00000010│ 61 62 63 64 65 66 67 68 ┊ 69 7c                   │abcdefgh┊i|      │",
            "|00000010| 61 62 63 64 65 66 67 68 | 69 7c                   |abcdefgh|i|      |",
            " 00000010  61 62 63 64 65 66 67 68   69 7c                    abcdefgh i|       ",
            "│\x1b[38;5;242m00000010\x1b[0m│ \x1b[36m61 \x1b[0m62 63 64 65 66 67 68 ┊ 69 7c                   │abcdefgh┊i|      │",
        ] {
            assert_eq!(parsed(line).unwrap(), (Line::Bytes(16), b"abcdefghi|".to_vec()), "{line}");
        }
    }

    #[test]
    fn the_width_of_a_line_without_borders_says_where_its_characters_begin() {
        let line = " 00000000  61 62 20 63 64 20 65 66  ab cd ef ";
        assert_eq!(parsed(line).unwrap(), (Line::Bytes(0), b"ab cd ef".to_vec()));
    }

    #[test]
    fn what_is_not_a_line_is_refused() {
        for (line, error) in [
            ("hello", LineError::Unknown),
            ("00000000  61 6g  |a.|", LineError::Digits("6g".to_owned())),
            ("00000000  61 6  |a.|", LineError::Digits("6".to_owned())),
            ("00000000  61 62 ", LineError::Cut),
            ("00000000  61 62  |a", LineError::Cut),
            ("00000000: 616", LineError::Digits("616".to_owned())),
            ("00000000: 61zz  a", LineError::Digits("61zz".to_owned())),
            ("12345678123456781: 61", LineError::Address("12345678123456781".to_owned())),
            ("00000000: 01101000 01100101 01101100  hel", LineError::Binary),
            ("00000000: 6c6c6568 6f77206f  hello wo", LineError::Reversed),
            ("│00000000│ 61 │a│", LineError::Unknown),
            (" 00000000  61 62 63 64 65 66 67 68  ab cd e ", LineError::Unknown),
            (
                "│0000000x│ 61                      │a       │",
                LineError::Address("0000000x".to_owned()),
            ),
            (
                "│00000000│ 01101000                │h       │",
                LineError::Digits("01101000".to_owned()),
            ),
        ] {
            assert_eq!(parsed(line).unwrap_err(), error, "{line}");
        }
    }
}
