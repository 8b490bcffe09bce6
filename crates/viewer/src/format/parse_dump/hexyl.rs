use super::{Line, LineError, address, append_group};

/// Characters of a border.
const SIDES: [char; 3] = ['│', '┊', '|'];

/// The width of the digits of eight bytes.
const WIDTH: usize = 25;

/// The width of the digits and characters of eight bytes, each with a border.
const PANEL_WIDTH: usize = WIDTH + 1 + 8 + 1;

/// The width of an address with both borders.
const ADDRESS_WIDTH: usize = 10;

/// The widths of the panels with digits: the border above says them, or the width of the first line does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Panels(Vec<usize>);

impl Panels {
    /// The panels of the first line of hexyl.
    pub(super) fn of(line: &str) -> Option<Self> {
        if is_border(line) {
            let widths: Vec<usize> = line
                .split(['┌', '┬', '┐', '+'])
                .map(|it| it.chars().count())
                .filter(|&width| width > 0)
                .collect();
            // An address, panels of digits, and as many of characters.
            let panels = widths.get(1..widths.len().div_ceil(2)).unwrap_or_default();
            return (!panels.is_empty()).then(|| Self(panels.to_vec()));
        }
        let is_bare = line.starts_with(' ') && line.get(1..9).is_some_and(|it| address(it).is_ok());
        let width =
            line.trim_end_matches(['\n', '\r']).chars().count().checked_sub(ADDRESS_WIDTH)?;
        let panels = width / PANEL_WIDTH;
        let is_whole = panels > 0 && width.is_multiple_of(PANEL_WIDTH);
        (is_whole && (is_bare || line.starts_with(SIDES))).then(|| Self(vec![WIDTH; panels]))
    }

    /// A line of hexyl: an address, panels of digits, and panels of characters.
    pub(super) fn parse(&self, line: &str, out: &mut Vec<u8>) -> Result<Line, LineError> {
        if is_border(line) || line.contains("No content") {
            return Ok(Line::Nothing);
        }
        let inside = line.strip_prefix(SIDES).unwrap_or(line);
        let at = inside.trim_start().split([' ', '│', '|']).next().unwrap_or_default();
        if at == "*" {
            return Ok(Line::Repeat);
        }
        let at_len = inside.find(at).unwrap_or(0) + at.len();
        let at = address(at)?;
        // After the address is a side or a blank.
        let mut rest = inside[at_len..].chars();
        rest.next();
        let before = out.len();
        for width in &self.0 {
            let panel: String = rest.by_ref().take(*width).collect();
            rest.next();
            for group in panel.split_ascii_whitespace() {
                append_group(group, out)?;
                // More digits for a byte than two are not those of a hexadecimal one.
                if group.len() > 16 || is_binary(group) {
                    return Err(LineError::Digits(group.to_owned()));
                }
            }
        }
        Ok(if out.len() == before { Line::End(at) } else { Line::Bytes(at) })
    }
}

/// Whether a group can only be a byte in binary digits: hexyl has no groups of four bytes by itself.
fn is_binary(group: &str) -> bool {
    group.len() == 8 && group.bytes().all(|it| matches!(it, b'0' | b'1'))
}

/// Whether it is the line above or below.
fn is_border(line: &str) -> bool {
    line.starts_with(['┌', '└']) || line.starts_with("+-")
}
