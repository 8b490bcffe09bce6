//! The strip over the status line: what may be typed next, over the lowest rows or the pane there, so
//! that no byte moves.

use ratatui::layout::Rect;

use crate::layout::viewport::Size;

/// From this height on there is room for it.
const HEIGHT_MIN: u16 = 12;

/// The most rows of keys below the title.
const KEY_ROWS_MAX: u16 = 3;

/// Where it is, and what of it is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StripLayout {
    /// With its title.
    pub(crate) rect: Rect,
    /// How many items stand side by side.
    pub(crate) columns: u16,
}

impl StripLayout {
    /// Of keys, each as wide as `width`, on a screen of this size.
    pub(crate) fn of_keys(size: Size, count: usize, width: u16) -> Option<Self> {
        let columns = (size.width.saturating_sub(1) / width.max(1)).max(1);
        let rows = count.div_ceil(columns.into()).max(1);
        let rows = u16::try_from(rows).unwrap_or(u16::MAX).min(KEY_ROWS_MAX);
        Some(Self { rect: above_status(size, rows)?, columns })
    }
}

/// Rows and a title over the status line and the line of messages.
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
                    assert_eq!(keys.is_some(), height >= 12);
                    if let Some(strip) = keys {
                        assert_eq!(strip.rect.bottom(), height - 2);
                        assert!(strip.rect.y >= 3 && strip.rect.height >= 2, "{strip:?}");
                    }
                }
            }
        }
    }
}
