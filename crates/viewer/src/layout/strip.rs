//! The strip above the status line, which shows possible input. It covers the lowest rows or a
//! pane, so that the bytes do not move.

use ratatui::layout::{Position, Rect};

use crate::layout::viewport::Size;

/// Minimum screen height.
const HEIGHT_MIN: u16 = 12;

/// Maximum number of key rows below the title.
const KEY_ROWS_MAX: u16 = 3;

/// Maximum number of command rows, and the screen height up to which there is only one.
const COMMAND_ROWS_MAX: u16 = 8;
const ONE_COMMAND_UNTIL: u16 = 20;

/// Position and visible part of the strip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StripLayout {
    /// Including the title.
    pub(crate) rect: Rect,
    /// Number of items side by side.
    pub(crate) columns: u16,
    /// The first visible item.
    pub(crate) first: usize,
}

impl StripLayout {
    /// The strip of keys, each `width` cells wide.
    pub(crate) fn of_keys(size: Size, count: usize, width: u16) -> Option<Self> {
        let columns = (size.width.saturating_sub(1) / width.max(1)).max(1);
        let rows = count.div_ceil(columns.into()).max(1);
        let rows = u16::try_from(rows).unwrap_or(u16::MAX).min(KEY_ROWS_MAX);
        Some(Self { rect: above_status(size, rows)?, columns, first: 0 })
    }

    /// The strip of the palette, scrolled so that the chosen command is visible.
    pub(crate) fn of_commands(size: Size, count: usize, chosen: Option<usize>) -> Option<Self> {
        let most = size.height.saturating_sub(ONE_COMMAND_UNTIL).clamp(1, COMMAND_ROWS_MAX);
        let rows = u16::try_from(count).unwrap_or(u16::MAX).min(most);
        if rows == 0 {
            return None;
        }
        let rect = above_status(size, rows)?;
        let first = chosen.map_or(0, |chosen| (chosen + 1).saturating_sub(rows.into()));
        Some(Self { rect, columns: 1, first })
    }

    /// The item at a screen position.
    pub(crate) fn item_at(&self, at: Position) -> Option<usize> {
        let row = at.y.checked_sub(self.rect.y + 1)?;
        self.rect.contains(at).then(|| self.first + usize::from(row))
    }
}

/// The area above the status line and the message line, for this many rows and a title.
fn above_status(size: Size, rows: u16) -> Option<Rect> {
    let top = size.height.checked_sub(rows + 3).filter(|_| size.height >= HEIGHT_MIN)?;
    Some(Rect::new(0, top, size.width, rows + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strip_stands_over_the_status_line_and_leaves_the_title_and_a_row() {
        for height in 1..80 {
            for width in 1..200 {
                let size = Size { width, height };
                for count in [0, 1, 7, 40] {
                    let keys = StripLayout::of_keys(size, count, 16);
                    let commands = StripLayout::of_commands(size, count, Some(count));
                    assert_eq!(keys.is_some(), height >= 12);
                    assert_eq!(commands.is_some(), height >= 12 && count > 0);
                    for strip in keys.into_iter().chain(commands) {
                        assert_eq!(strip.rect.bottom(), height - 2);
                        assert!(strip.rect.y >= 3 && strip.rect.height >= 2, "{strip:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn one_row_of_commands_is_left_in_20_rows() {
        let rows = |height| {
            let size = Size { width: 80, height };
            StripLayout::of_commands(size, 30, None).map_or(0, |strip| strip.rect.height - 1)
        };
        assert_eq!([11, 12, 20, 21, 24, 60].map(rows), [0, 1, 1, 1, 4, 8]);
    }
}
