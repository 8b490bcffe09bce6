//! Geometry: which bytes a screen of a given size shows, and where each of them stands.

use std::ops::Range;

use memmap::widen;

/// The size of the screen, in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a screen has a width and a height")]
pub struct Size {
    /// Columns.
    pub width: u16,
    /// Lines.
    pub height: u16,
}

/// How the screen is divided. Derived from its size and the length of the data, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Bytes a row shows: a power of two, so that addresses stay round.
    pub(crate) columns: u16,
    /// Rows of bytes.
    pub(crate) rows: u16,
    /// Digits of an offset.
    pub(crate) digits: u16,
    /// Blanks between offset, bytes and characters.
    gap: u16,
    /// Whether there is a bar above the bytes, with the name.
    pub(crate) title: bool,
    /// Whether there is a line above the bytes that counts the columns.
    pub(crate) ruler: bool,
    /// Whether messages and the prompt have a line of their own, below the status.
    pub(crate) footer: bool,
}

/// Bytes after which a row has a wider space.
const GROUP: u16 = 8;

impl Layout {
    pub(crate) fn new(size: Size, len: u64) -> Self {
        let digits = digits_for(len);
        let gap = if size.width < 40 { 1 } else { 2 };
        // The widest row that fits; where not even one byte does, one is cut off.
        let columns = [32, 16, 8, 4, 2]
            .into_iter()
            .find(|&columns| row_width(columns, digits, gap) <= size.width)
            .unwrap_or(1);
        let tall = size.height >= 10;
        let around = if tall { 4 } else { 1 };
        let rows = size.height.saturating_sub(around).max(1);
        Self { columns, rows, digits, gap, title: tall, ruler: tall, footer: tall }
    }

    /// The line of the first row of bytes.
    pub(crate) fn first_line(self) -> u16 {
        u16::from(self.title) + u16::from(self.ruler)
    }

    /// The column where the two digits of byte `i` of a row stand.
    pub(crate) fn digits_x(self, i: u16) -> u16 {
        self.digits + self.gap + 3 * i + i / GROUP
    }

    /// The column where the character of byte `i` of a row stands.
    pub(crate) fn text_x(self, i: u16) -> u16 {
        self.digits_x(self.columns - 1) + 2 + self.gap + i
    }

    /// Bytes a row shows, as a distance.
    pub(crate) fn row_len(self) -> u64 {
        self.columns.into()
    }

    /// Bytes a screen shows.
    pub(crate) fn page_len(self) -> u64 {
        self.row_len() * u64::from(self.rows)
    }

    /// The bytes on the screen whose first row starts at `top`.
    pub(crate) fn shown(self, top: u64, len: u64) -> Range<u64> {
        top.min(len)..top.saturating_add(self.page_len()).min(len)
    }

    /// The start of the row that holds `position`.
    pub(crate) fn row_of(self, position: u64) -> u64 {
        position - position % self.row_len()
    }

    /// Where the first row must start so that `cursor` is on the screen, as close to `top` as
    /// that allows.
    pub(crate) fn scrolled_to(self, cursor: u64, top: u64) -> u64 {
        let row = self.row_of(cursor);
        let lowest = row.saturating_sub(self.page_len() - self.row_len());
        self.row_of(top).clamp(lowest, row)
    }

    /// The last top that wastes no row of the screen.
    pub(crate) fn last_top(self, len: u64) -> u64 {
        self.scrolled_to(len.saturating_sub(1), 0)
    }
}

fn row_width(columns: u16, digits: u16, gap: u16) -> u16 {
    digits + gap + 3 * columns - 1 + (columns - 1) / GROUP + gap + columns
}

/// Digits of the largest offset, but at least eight, and an even number.
fn digits_for(len: u64) -> u16 {
    let needed = (u64::BITS - len.saturating_sub(1).leading_zeros()).div_ceil(8) * 2;
    u16::try_from(needed).unwrap_or(16).max(8)
}

/// A part of the data, read to be shown; a byte that could not be read is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Where it starts.
    pub start: u64,
    /// The bytes.
    pub bytes: Vec<Option<u8>>,
    /// Why some are missing.
    pub problem: Option<String>,
}

impl Page {
    /// The bytes it holds, as positions.
    pub(crate) fn range(&self) -> Range<u64> {
        self.start..self.start + widen(self.bytes.len())
    }

    /// What is known of the byte at a position.
    pub(crate) fn byte(&self, position: u64) -> Known {
        let at = position.checked_sub(self.start).and_then(|at| usize::try_from(at).ok());
        match at.and_then(|at| self.bytes.get(at)) {
            Some(&Some(byte)) => Known::Value(byte),
            Some(None) => Known::Unreadable,
            None => Known::NotYet,
        }
    }
}

/// What is known of a byte: never a made-up value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Value(u8),
    Unreadable,
    NotYet,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(width: u16, height: u16, len: u64) -> Layout {
        Layout::new(Size { width, height }, len)
    }

    #[test]
    fn rows_are_as_wide_as_the_screen_allows() {
        for (width, len, columns) in [
            (20, 100, 2),
            (27, 100, 4),
            (40, 100, 4),
            (43, 100, 8),
            (75, 100, 8),
            (76, 100, 16),
            (80, 1 << 40, 16),
            (80, u64::MAX, 8),
            (141, 100, 16),
            (142, 100, 32),
            (160, 1 << 40, 32),
            (1, 100, 1),
            (0, 100, 1),
        ] {
            assert_eq!(layout(width, 24, len).columns, columns, "{width} columns for {len} bytes");
        }
    }

    #[test]
    fn every_row_ends_within_the_screen_from_twenty_columns_up() {
        for width in 20..200 {
            for len in [0, 100, 1 << 33] {
                let layout = layout(width, 24, len);
                assert!(layout.text_x(layout.columns - 1) < width, "{width} {layout:?}");
            }
        }
    }

    #[test]
    fn offsets_have_eight_digits_and_more_where_needed() {
        for (len, digits) in
            [(0, 8), (1 << 32, 8), ((1 << 32) + 1, 10), (1 << 40, 10), (u64::MAX, 16)]
        {
            assert_eq!(digits_for(len), digits, "{len}");
        }
    }

    #[test]
    fn scrolling_moves_no_further_than_it_must() {
        let layout = layout(80, 24, 1 << 40);
        assert_eq!((layout.rows, layout.columns), (20, 16));
        assert_eq!(layout.scrolled_to(0x1000, 0x1000), 0x1000);
        assert_eq!(layout.scrolled_to(0x0FFF, 0x1000), 0x0FF0);
        assert_eq!(layout.scrolled_to(0x113F, 0x1000), 0x1000);
        assert_eq!(layout.scrolled_to(0x1140, 0x1000), 0x1010);
        assert_eq!(layout.scrolled_to(u64::MAX, 0), u64::MAX - 15 - 19 * 16);
        assert_eq!((layout.last_top(0), layout.last_top(5), layout.last_top(321)), (0, 0, 16));
    }
}
