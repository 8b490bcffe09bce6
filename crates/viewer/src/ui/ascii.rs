//! The screen in ASCII, for a locale whose terminals show nothing else.

use ratatui::buffer::Buffer;

/// Replaces every character beyond ASCII by one that looks like it, or by `?`.
pub(crate) fn to_ascii(buf: &mut Buffer) {
    for cell in &mut buf.content {
        if !cell.symbol().is_ascii() {
            // The second cell of a wide character is blank already.
            let like = cell.symbol().chars().next().map_or(' ', like);
            cell.set_char(like);
        }
    }
}

fn like(c: char) -> char {
    match c {
        '─' | '–' => '-',
        '│' | '▏' | '↔' => '|',
        '┌' | '┐' | '└' | '┘' | '▓' | '▅' | '▆' | '✓' => '+',
        '░' | '·' | '▁' | '▂' => '.',
        '▒' | '▃' | '▄' => ':',
        '█' | '▇' | '■' | '⣿' => '#',
        '▌' | '▶' | '▸' | '→' | '›' | '≥' => '>',
        '◂' | '←' => '<',
        '↑' => '^',
        '↓' | '▾' => 'v',
        '…' => '~',
        '≠' => '!',

        '•' => '*',
        '✗' | '×' => 'x',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn every_cell_is_ascii_and_none_moves() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 16, 1));
        buf.set_string(0, 0, "│ ä漢b█·… 1 ↑↓", Style::new());
        to_ascii(&mut buf);
        let row: String = buf.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert_eq!(row, "| ?? b#.~ 1 ^v  ");
    }
}
