use super::{Line, LineError, address, append_group};

/// A line of `hexdump -C`: an address, bytes, and their characters between bars. `*` and the last address stand
/// alone.
pub(super) fn parse(line: &str, out: &mut Vec<u8>) -> Result<Line, LineError> {
    let line = line.trim_end();
    if line == "*" {
        return Ok(Line::Repeat);
    }
    let Some((at, rest)) = line.split_once("  ") else {
        return address(line).map(Line::End);
    };
    let at = address(at)?;
    let (digits, characters) = rest.split_once('|').ok_or(LineError::Cut)?;
    if !characters.ends_with('|') {
        return Err(LineError::Cut);
    }
    for group in digits.split_ascii_whitespace() {
        append_group(group, out)?;
    }
    Ok(Line::Bytes(at))
}
