//! Bytes as people write them: `de ad`, `dead`, `0xde,0xad`.

use thiserror::Error;

/// Why a text is not bytes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum BadBytes {
    #[error("bytes are two hexadecimal digits each, such as `de ad`")]
    Empty,
    #[error("{0:?} is not a hexadecimal digit; bytes are two of them each, such as `de ad`")]
    NotADigit(char),
    #[error("{0:?} has an odd number of digits; bytes are two of them each, such as `0d 0a`")]
    Odd(String),
}

/// Parses bytes. Blanks and commas may stand between them, and `0x` before each part.
pub(crate) fn parse_bytes(text: &str) -> Result<Vec<u8>, BadBytes> {
    let mut bytes = Vec::new();
    for part in text.split(|c: char| c.is_whitespace() || c == ',').filter(|part| !part.is_empty())
    {
        let digits = part.strip_prefix("0x").or_else(|| part.strip_prefix("0X")).unwrap_or(part);
        let nibble = |c: char| {
            c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()).ok_or(BadBytes::NotADigit(c))
        };
        let nibbles = digits.chars().map(nibble).collect::<Result<Vec<u8>, _>>()?;
        if nibbles.is_empty() || !nibbles.len().is_multiple_of(2) {
            return Err(BadBytes::Odd(part.to_owned()));
        }
        bytes.extend(nibbles.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]));
    }
    if bytes.is_empty() { Err(BadBytes::Empty) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_in_every_way_they_are_written() {
        for text in ["de ad 00", "DEAD00", "0xde,0xad, 0x00", " dead\n00 ", "0xdead 00"] {
            assert_eq!(parse_bytes(text), Ok(vec![0xde, 0xad, 0]), "{text}");
        }
        assert_eq!(parse_bytes(" "), Err(BadBytes::Empty));
        assert_eq!(parse_bytes("de a"), Err(BadBytes::Odd("a".to_owned())));
        assert_eq!(parse_bytes("0x"), Err(BadBytes::Odd("0x".to_owned())));
        assert_eq!(parse_bytes("de xx"), Err(BadBytes::NotADigit('x')));
    }
}
