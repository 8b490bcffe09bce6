//! Unicode characters.

use super::{Bytes, Interpretation, Known, Missing, Order, Row};

pub(super) fn rows(bytes: &Bytes<'_>) -> [Row; 2] {
    let reading =
        |found: Result<char, Missing>| found.map_or_else(Interpretation::lacking, character);
    let utf16 = |order| reading(utf16(bytes, order));
    [
        Row { name: "UTF-8", little: reading(utf8(bytes.0)), big: None },
        Row { name: "UTF-16", little: utf16(Order::Little), big: Some(utf16(Order::Big)) },
    ]
}

/// A character and its code point. The character itself is omitted if a terminal could not show it.
fn character(c: char) -> Interpretation {
    let number = u32::from(c);
    let debug = c.escape_debug().to_string();
    let shows = debug.chars().count() == 1 && ratatui::text::Span::raw(&debug).width() > 0;
    let is_private = matches!(number, 0xe000..=0xf8ff | 0xf_0000..);
    let text = if shows && !is_private {
        format!("{c} U+{number:04X}")
    } else {
        format!("U+{number:04X}")
    };
    Interpretation::new(text)
        .plausible_if(!is_private && (!c.is_control() || c.is_ascii_whitespace()))
}

fn utf8(bytes: &[Known]) -> Result<char, Missing> {
    let mut so_far = Vec::new();
    for i in 0..4 {
        so_far.push(match bytes.get(i) {
            Some(Known::Value(byte)) => *byte,
            Some(Known::Unreadable) => return Err(Missing::Unreadable),
            Some(Known::NotYet) | None => return Err(Missing::Byte),
        });
        match std::str::from_utf8(&so_far) {
            Ok(text) => return text.chars().next().ok_or(Missing::Meaning),
            // The sequence is incomplete, not invalid: try one more byte.
            Err(error) if error.error_len().is_none() => {}
            Err(_) => return Err(Missing::Meaning),
        }
    }
    Err(Missing::Meaning)
}

fn utf16(bytes: &Bytes<'_>, order: Order) -> Result<char, Missing> {
    let unit = |pair: [u8; 2]| match order {
        Order::Little => u16::from_le_bytes(pair),
        Order::Big => u16::from_be_bytes(pair),
    };
    let first = unit(bytes.first::<2>()?);
    let is_pair = matches!(first, 0xd800..=0xdbff);
    let second = if is_pair {
        let [_, _, a, b] = bytes.first::<4>()?;
        Some(unit([a, b]))
    } else {
        None
    };
    char::decode_utf16(std::iter::once(first).chain(second))
        .next()
        .and_then(Result::ok)
        .ok_or(Missing::Meaning)
}

#[cfg(test)]
mod tests {
    use super::super::tests::reading;
    use super::*;

    #[test]
    fn characters_are_decoded() {
        for (bytes, text) in [
            (&b"A"[..], "A U+0041"),
            ("ä".as_bytes(), "ä U+00E4"),
            ("😀".as_bytes(), "😀 U+1F600"),
            (b"\x1b", "U+001B"),
            ("\u{202e}".as_bytes(), "U+202E"),
            (b"\xff", "–"),
            (b"\xc3", "··"),
            (b"\xc3A", "–"),
        ] {
            assert_eq!(reading("UTF-8", bytes, Order::Little).text, text, "{bytes:x?}");
        }
        let utf16 = |bytes: &[u8], order| reading("UTF-16", bytes, order).text;
        assert_eq!(utf16(b"\x3d\xd8\x00\xde", Order::Little), "😀 U+1F600");
        assert_eq!(utf16(b"\xd8\x3d\xde\x00", Order::Big), "😀 U+1F600");
        assert_eq!(utf16(b"\x00\xdc", Order::Little), "–");
        assert_eq!(utf16(b"\x3d\xd8", Order::Little), "··");
    }
}
