//! Lower-case hexadecimal digits.

use std::fmt;
use std::str;

/// The digits of each byte.
pub(crate) const DIGITS: [[u8; 2]; 256] = {
    let digit = b"0123456789abcdef";
    let mut table = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = [digit[byte >> 4], digit[byte & 15]];
        byte += 1;
    }
    table
};

/// Formats bytes as hexadecimal digits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hex<'a> {
    bytes: &'a [u8],
    separator: &'a str,
}

impl<'a> Hex<'a> {
    /// The digits without separators.
    pub(crate) const fn plain(bytes: &'a [u8]) -> Self {
        Self::separated(bytes, "")
    }

    /// The digits of each byte, with `separator` between two bytes.
    pub(crate) const fn separated(bytes: &'a [u8], separator: &'a str) -> Self {
        Self { bytes, separator }
    }
}

impl fmt::Display for Hex<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, &byte) in self.bytes.iter().enumerate() {
            if i > 0 {
                out.write_str(self.separator)?;
            }
            // The table holds ASCII only.
            out.write_str(str::from_utf8(&DIGITS[usize::from(byte)]).unwrap_or_default())?;
        }
        Ok(())
    }
}

/// The bytes of pairs of digits, with or without blanks between bytes. `None` if it is something else.
pub(crate) fn parse(text: &str) -> Option<Vec<u8>> {
    let digit = |c: char| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::new();
    for word in text.split_whitespace() {
        let digits: Vec<u8> = word.chars().map(digit).collect::<Option<_>>()?;
        for pair in digits.chunks(2) {
            let &[high, low] = pair else { return None };
            bytes.push(high << 4 | low);
        }
    }
    (!bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_the_digits_that_std_writes() {
        for byte in 0..=u8::MAX {
            assert_eq!(Hex::plain(&[byte]).to_string(), format!("{byte:02x}"));
        }
    }

    #[test]
    fn digits_are_read_as_they_are_written() {
        assert_eq!(parse("DE ad\nbeef"), Some(vec![0xde, 0xad, 0xbe, 0xef]));
        for text in ["", " ", "1", "1 2", "0x10", "gg", "12,", "\u{661}1"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn separators_stand_between_bytes_only() {
        assert_eq!(Hex::plain(&[]).to_string(), "");
        assert_eq!(Hex::plain(&[0, 0xff, 0x0a]).to_string(), "00ff0a");
        assert_eq!(Hex::separated(&[], ", ").to_string(), "");
        assert_eq!(Hex::separated(&[0x0a], ", ").to_string(), "0a");
        assert_eq!(Hex::separated(&[0, 0xff, 0x0a], ", 0x").to_string(), "00, 0xff, 0x0a");
    }
}
