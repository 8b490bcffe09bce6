use super::{Line, LineError, address, append_group};
use crate::format::row::character;

/// A line of xxd: an address and a colon, groups of digits, and the characters after two blanks.
pub(super) fn parse(line: &str, out: &mut Vec<u8>) -> Result<Line, LineError> {
    if line.trim_end() == "*" {
        return Ok(Line::Repeat);
    }
    let (at, rest) = line.split_once(':').ok_or(LineError::Unknown)?;
    let at = address(at)?;
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    let (digits, characters) = rest.split_once("  ").unwrap_or((rest, ""));
    let before = out.len();
    for group in digits.split_ascii_whitespace() {
        append_group(group, out)?;
    }
    let bytes = &out[before..];
    if !shows(characters, bytes) {
        let groups = || digits.split_ascii_whitespace();
        let binary = groups().flat_map(|group| {
            let digits = group.as_bytes().chunks(8);
            digits.map(|it| it.iter().fold(0, |byte, &bit| byte << 1 | (bit & 1)))
        });
        let is_binary = digits.bytes().all(|it| matches!(it, b'0' | b'1' | b' '));
        if is_binary
            && groups().all(|it| it.len().is_multiple_of(8))
            && shows(characters, &binary.collect::<Vec<_>>())
        {
            return Err(LineError::Binary);
        }
        let mut reversed = Vec::new();
        for group in groups() {
            let start = reversed.len();
            append_group(group, &mut reversed)?;
            reversed[start..].reverse();
        }
        if shows(characters, &reversed) {
            return Err(LineError::Reversed);
        }
    }
    Ok(Line::Bytes(at))
}

/// Whether these characters, with blanks before them in a short line, are those of the bytes.
fn shows(characters: &str, bytes: &[u8]) -> bool {
    let text: Vec<u8> = bytes.iter().copied().map(character).collect();
    let rest = characters.as_bytes().strip_suffix(&text[..]);
    rest.is_some_and(|blanks| blanks.iter().all(|&it| it == b' '))
}
