//! Pasted text as bytes, in the forms that bytes are copied in.

use base64::alphabet;
use base64::engine::{DecodePaddingMode, Engine as _, GeneralPurpose, GeneralPurposeConfig};
use thiserror::Error;

use super::charset::Charset;

/// How pasted text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasteFormat {
    /// Hexadecimal digits, two for each byte; blanks, commas and `0x` may stand between bytes.
    Hex,
    /// Characters of the chosen table.
    Text,
    /// Base64 (RFC 4648), also with `-_`, and with or without `=` at its end.
    Base64,
}

/// Where a text is wrong: line and column are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("line {line}, column {column}")]
pub(crate) struct Place {
    line: usize,
    column: usize,
}

/// Why a text is not bytes of this form.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum BadPaste {
    #[error("there is nothing to paste")]
    Empty,
    #[error("{place}: {found:?} is not a hexadecimal digit")]
    NotADigit { place: Place, found: char },
    #[error("{0}: a digit is missing")]
    HalfAByte(Place),
    #[error("{place}: {found:?} is not in the character table {table}")]
    NotInTable { place: Place, found: char, table: &'static str },
    #[error("{place}: {found:?} is not base64")]
    NotBase64 { place: Place, found: char },
    #[error("{0}: it is cut short, or has a digit too many")]
    CutShort(Place),
}

impl PasteFormat {
    /// All, by their names in `:paste`.
    pub(crate) const NAMED: [(&'static str, Self); 3] =
        [("hex", Self::Hex), ("text", Self::Text), ("base64", Self::Base64)];

    pub(crate) fn name(self) -> &'static str {
        Self::NAMED.iter().find(|(_, form)| *form == self).map_or("", |(name, _)| name)
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(it, _)| *it == name).map(|(_, form)| *form)
    }

    /// The bytes of a text.
    ///
    /// # Errors
    /// Where it is not of this form.
    pub(crate) fn parse(self, text: &str, table: Charset) -> Result<Vec<u8>, BadPaste> {
        let bytes = match self {
            Self::Hex => hex(text)?,
            Self::Text => characters(text, table)?,
            Self::Base64 => base64(text)?,
        };
        if bytes.is_empty() { Err(BadPaste::Empty) } else { Ok(bytes) }
    }
}

/// The place of a character.
fn place(text: &str, at: usize) -> Place {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let (lines, columns) = (before.matches('\n').count(), line.chars().count());
    Place { line: lines.saturating_add(1), column: columns.saturating_add(1) }
}

fn hex(text: &str) -> Result<Vec<u8>, BadPaste> {
    let mut bytes = Vec::new();
    let is_between = |c: char| c.is_whitespace() || c == ',';
    let mut start = 0_usize;
    for word in text.split_inclusive(is_between) {
        let (at, digits) = (start, word.trim_end_matches(is_between));
        start = start.saturating_add(word.len());
        let prefix = ["0x", "0X"].iter().find(|prefix| digits.starts_with(**prefix));
        let skipped = prefix.map_or(0, |prefix| prefix.len());
        let mut half: Option<u8> = None;
        for (i, found) in digits.char_indices().skip_while(|(i, _)| *i < skipped) {
            let digit = found.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            let digit = digit.ok_or_else(|| BadPaste::NotADigit {
                place: place(text, at.saturating_add(i)),
                found,
            })?;
            match half.take() {
                Some(high) => bytes.push(high << 4 | digit),
                None => half = Some(digit),
            }
        }
        if half.is_some() || (skipped > 0 && digits.len() == skipped) {
            return Err(BadPaste::HalfAByte(place(text, at.saturating_add(digits.len()))));
        }
    }
    Ok(bytes)
}

fn characters(text: &str, table: Charset) -> Result<Vec<u8>, BadPaste> {
    let mut bytes = Vec::with_capacity(text.len());
    for (at, found) in text.char_indices() {
        // Ends of lines and the like are characters of every table that extends ASCII.
        let control = u8::try_from(found).ok().filter(u8::is_ascii_control);
        match (control.filter(|_| table != Charset::Ebcdic), table.encode(found)) {
            (Some(byte), _) => bytes.push(byte),
            (None, Some(encoded)) => bytes.extend(encoded),
            (None, None) => {
                let place = place(text, at);
                return Err(BadPaste::NotInTable { place, found, table: table.name() });
            }
        }
    }
    Ok(bytes)
}

const CONFIG: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIG);

fn base64(text: &str) -> Result<Vec<u8>, BadPaste> {
    let end = text.trim_end().trim_end_matches('=').len();
    let mut digits = String::new();
    for (at, found) in text.char_indices() {
        match found {
            c if c.is_whitespace() => {}
            '-' => digits.push('+'),
            '_' => digits.push('/'),
            '=' if at >= end => digits.push('='),
            'A'..='Z' | 'a'..='z' | '0'..='9' | '+' | '/' => digits.push(found),
            _ => return Err(BadPaste::NotBase64 { place: place(text, at), found }),
        }
    }
    // Every digit is one: what is left to be wrong is how they end.
    BASE64.decode(digits).map_err(|_bad| BadPaste::CutShort(place(text, text.trim_end().len())))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::format::copy_as::CopyFormat;

    fn parse(form: PasteFormat, text: &str) -> Result<Vec<u8>, String> {
        form.parse(text, Charset::Utf8).map_err(|bad| bad.to_string())
    }

    #[test]
    fn each_form_is_read_in_the_ways_that_it_is_written_in() {
        let dead = Ok(vec![0xde, 0xad, 0]);
        for text in ["de ad 00", "DEAD00", "0xde,0xad, 0X00\n", " dead\r\n00\t", "0xdead 00"] {
            assert_eq!(parse(PasteFormat::Hex, text), dead, "{text}");
        }
        for text in ["3q0A", "3q\n0A\n", " 3q0A ", "3q0A"] {
            assert_eq!(parse(PasteFormat::Base64, text), dead, "{text}");
        }
        for text in ["+/8=", "-_8=", "+/8", "-_\n8 =\n"] {
            assert_eq!(parse(PasteFormat::Base64, text), Ok(vec![0xfb, 0xff]), "{text}");
        }
        assert_eq!(parse(PasteFormat::Text, "é\n\t"), Ok(vec![0xc3, 0xa9, b'\n', b'\t']));
        let latin = PasteFormat::Text.parse("é\r\n", Charset::Latin1);
        assert_eq!(latin, Ok(vec![0xe9, b'\r', b'\n']));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (form, text, expected) in [
            (PasteFormat::Hex, "", "there is nothing to paste"),
            (PasteFormat::Hex, " ,\n", "there is nothing to paste"),
            (PasteFormat::Hex, "de ag", "line 1, column 5: 'g' is not a hexadecimal digit"),
            (PasteFormat::Hex, "de\nad é", "line 2, column 4: 'é' is not a hexadecimal digit"),
            (PasteFormat::Hex, "de a 00", "line 1, column 5: a digit is missing"),
            (PasteFormat::Hex, "de 0x", "line 1, column 6: a digit is missing"),
            (PasteFormat::Hex, "\u{661}1", "line 1, column 1: '١' is not a hexadecimal digit"),
            (PasteFormat::Base64, "3q0A\n?", "line 2, column 1: '?' is not base64"),
            (PasteFormat::Base64, "3q=0A", "line 1, column 3: '=' is not base64"),
            (
                PasteFormat::Base64,
                "3q0AA",
                "line 1, column 6: it is cut short, or has a digit too many",
            ),
            (
                PasteFormat::Base64,
                "=",
                "line 1, column 2: it is cut short, or has a digit too many",
            ),
        ] {
            assert_eq!(parse(form, text), Err(expected.to_owned()), "{text:?}");
        }
        let bad = PasteFormat::Text.parse("a\n→", Charset::Latin1).unwrap_err().to_string();
        assert!(
            bad.starts_with("line 2, column 1: '→' is not in the character table latin1"),
            "{bad}"
        );
    }

    proptest! {
        #[test]
        fn what_is_copied_is_read(bytes in prop::collection::vec(any::<u8>(), 1..100)) {
            for (copied, form) in [
                (CopyFormat::Hex, PasteFormat::Hex),
                (CopyFormat::Base64, PasteFormat::Base64),
            ] {
                let text = String::from_utf8(copied.encode(&bytes)).unwrap();
                prop_assert_eq!(parse(form, &text), Ok(bytes.clone()));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}|[0-9a-fx, \n=+/_-]{0,40}") {
            for (_, form) in PasteFormat::NAMED {
                form.parse(&text, Charset::Cp437).ok();
            }
        }
    }
}
