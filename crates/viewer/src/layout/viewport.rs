//! Geometry of the hex view: which bytes fit on a screen of a given size, and where.

use ratatui::layout::Rect;

/// Size of the screen, in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    /// Columns.
    pub(crate) width: u16,
    /// Lines.
    pub(crate) height: u16,
}

/// Options that affect the layout of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct LayoutOptions {
    /// Whether there are open panes, which need room beside or below the bytes.
    pub(crate) panes: bool,
    /// Bytes per row, if set by the user.
    pub(crate) columns: Option<u16>,
    /// Whether to show the minimap column.
    pub(crate) map: bool,
    /// How to show the inspector.
    pub(crate) inspector: InspectorPlan,
    pub(crate) frame: Frame,
}

/// The lines around the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Frame {
    /// All lines that fit.
    #[default]
    Whole,
    /// A title and a ruler. The lines below are shared with another view.
    Upper,
    /// The same without a ruler: the view above has one.
    Lower,
    /// A title, and rows that take turns with those of a second file.
    First,
    /// Rows that take turns with those of the first file.
    Second,
}

impl Frame {
    /// Whether rows take turns with those of another file, on a small screen.
    pub(crate) const fn takes_turns(self) -> bool {
        matches!(self, Self::First | Self::Second)
    }

    /// The letter before each row, if rows take turns.
    pub(crate) const fn letter(self) -> Option<char> {
        match self {
            Self::First => Some('A'),
            Self::Second => Some('B'),
            Self::Whole | Self::Upper | Self::Lower => None,
        }
    }
}

/// Lines from a row to the next one if rows take turns: one of each file, and a blank.
pub(crate) const TURN_LINES: u16 = 3;

/// How to show the inspector, if there is room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum InspectorPlan {
    #[default]
    Nothing,
    /// A few lines below the bytes.
    Lines,
    /// A pane; also lines, if the pane would cover the bytes.
    Pane,
}

/// Layout of the bytes. It depends only on the size of the screen, the length of the data and the
/// options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BytesLayout {
    /// Bytes per row: a power of two, so that addresses stay round, unless set by the user.
    pub(crate) columns: u16,
    /// Number of rows.
    pub(crate) rows: u16,
    /// Where the first whole row starts: more than 0 where rows stand beside those of another file.
    pub(crate) phase: u64,
    /// Digits of an offset.
    pub(crate) digits: u16,
    /// Column of the offset.
    pub(crate) left: u16,
    /// Blanks between the offset, byte and character columns.
    gap: u16,
    /// Whether there is a title bar above the bytes.
    pub(crate) title: bool,
    /// Whether there is a ruler above the bytes, which numbers the columns.
    pub(crate) ruler: bool,
    /// The lines around the bytes.
    pub(crate) frame: Frame,
    /// Whether messages and the prompt have their own line below the status line.
    pub(crate) footer: bool,
    /// Column of the scroll bar; `None` if the bytes need it.
    pub(crate) bar_x: Option<u16>,
    /// Column of the minimap, beside the scroll bar; `None` if the bytes need it.
    pub(crate) map_x: Option<u16>,
    /// Area of the inspector lines below the bytes: a title and two lines of values.
    pub(crate) strip: Option<Rect>,
    /// Area of the panes.
    pub(crate) room: PaneArea,
}

/// Area of the panes, relative to the top left corner of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PaneArea {
    /// Beside the bytes, stacked.
    Side(Rect),
    /// Below the bytes, one pane.
    Below(Rect),
    /// On top of the bytes: one pane, while it has the focus.
    Over(Rect),
}

impl PaneArea {
    pub(crate) const fn rect(self) -> Rect {
        match self {
            Self::Side(rect) | Self::Below(rect) | Self::Over(rect) => rect,
        }
    }

    pub(crate) const fn is_over(self) -> bool {
        matches!(self, Self::Over(_))
    }
}

/// A wider gap follows each group of this many bytes.
const GROUP: u16 = 8;

/// Minimum width for panes beside the bytes.
const SIDE_FROM: u16 = 120;

/// Minimum width and height for panes below the bytes.
const BELOW_FROM: (u16, u16) = (80, 16);

/// Minimum width for the minimap column.
const MAP_FROM: u16 = 64;

/// Minimum size for inspector lines below the bytes, and their number.
const STRIP_FROM: (u16, u16) = (60, 20);
const STRIP_HEIGHT: u16 = 3;

/// Maximum width of the panes beside the bytes. Wider ones are harder to read.
const SIDE_MAX: u16 = 80;

/// Maximum number of bytes per row that can be set.
pub(crate) const COLUMNS_MAX: u16 = 64;

impl BytesLayout {
    pub(crate) fn new(size: Size, len: u64, plan: LayoutOptions) -> Self {
        let left = if plan.frame.takes_turns() { 2 } else { 0 };
        let gap = if size.width < 40 + left { 1 } else { 2 };
        let digits = digits_for(len, size.width.saturating_sub(left), gap);
        let is_whole = plan.frame == Frame::Whole;
        let tall = size.height >= 10 || !is_whole;
        let (above, below) = match plan.frame {
            Frame::Whole if tall => (2, 2),
            Frame::Whole => (0, 1),
            Frame::Upper => (2, 0),
            Frame::Lower | Frame::First | Frame::Second => (1, 0),
        };
        let all = size.height.saturating_sub(above + below).max(1);
        let mut width = size.width;
        let mut rows = if plan.frame.takes_turns() { ((all + 1) / TURN_LINES).max(1) } else { all };
        let room = if size.width >= SIDE_FROM && tall {
            let bytes = row_width(plan.columns.unwrap_or(16), digits, gap) + 2;
            // At least a third of the width, and at most `SIDE_MAX`.
            let beside = size.width.saturating_sub(bytes).max(size.width / 3).min(SIDE_MAX);
            if plan.panes {
                width -= beside;
            }
            PaneArea::Side(Rect::new(size.width - beside, 1, beside, all + above - 1))
        } else if size.width >= BELOW_FROM.0 && size.height >= BELOW_FROM.1 {
            let height = (size.height / 3).clamp(5, 14);
            if plan.panes {
                rows = all - height;
            }
            PaneArea::Below(Rect::new(0, above + all - height, size.width, height))
        } else {
            let top = u16::from(tall);
            PaneArea::Over(Rect::new(0, top, size.width, all + above - top))
        };
        let is_covered = match room {
            PaneArea::Side(_) => plan.inspector == InspectorPlan::Pane,
            PaneArea::Below(_) => plan.panes,
            PaneArea::Over(_) => false,
        };
        let is_apart = !plan.frame.takes_turns();
        let fits = is_apart && size.width >= STRIP_FROM.0 && size.height >= STRIP_FROM.1;
        let strip = (plan.inspector != InspectorPlan::Nothing && fits && !is_covered && len > 0)
            .then(|| {
                rows -= STRIP_HEIGHT;
                Rect::new(0, above + rows, width, STRIP_HEIGHT)
            });
        // The widest row that fits; at least one byte, even if it is cut off.
        let columns = plan
            .columns
            .into_iter()
            .chain([32, 16, 8, 4, 2])
            .find(|&columns| left + row_width(columns, digits, gap) <= width)
            .unwrap_or(1);
        let free = width.saturating_sub(row_width(columns, digits, gap));
        let free = if is_apart { free } else { 0 };
        let bar_x = (free > 0).then(|| width - 1);
        let map_x = (plan.map && free > 1 && size.width >= MAP_FROM).then(|| width - 2);
        Self {
            columns,
            rows,
            phase: 0,
            digits,
            left,
            gap,
            title: tall,
            ruler: tall && matches!(plan.frame, Frame::Whole | Frame::Upper),
            frame: plan.frame,
            footer: tall && is_whole,
            bar_x,
            map_x,
            strip,
            room,
        }
    }

    /// Screen line of the first row.
    pub(crate) fn first_line(self) -> u16 {
        u16::from(self.title) + u16::from(self.ruler) + u16::from(self.frame == Frame::Second)
    }

    /// Screen lines of the rows.
    pub(crate) fn lines(self) -> impl Iterator<Item = u16> {
        let step = if self.frame.takes_turns() { TURN_LINES } else { 1 };
        (self.first_line()..).step_by(step.into())
    }

    /// The row at a screen line.
    pub(crate) fn row_at(self, y: u16) -> Option<u16> {
        let line = y.checked_sub(self.first_line())?;
        let row = match line % TURN_LINES {
            _ if !self.frame.takes_turns() => line,
            0 => line / TURN_LINES,
            _ => return None,
        };
        (row < self.rows).then_some(row)
    }

    /// Column of the two digits of byte `i` of a row.
    pub(crate) fn digits_x(self, i: u16) -> u16 {
        self.left + self.digits + self.gap + 3 * i + i / GROUP
    }

    /// Column of the character of byte `i` of a row.
    pub(crate) fn text_x(self, i: u16) -> u16 {
        self.digits_x(self.columns - 1) + 2 + self.gap + i
    }

    /// The byte of a row at a column: at its digits, the blank after them, or its character.
    pub(crate) fn byte_at_x(self, x: u16) -> Option<u16> {
        (0..self.columns).find(|&i| {
            let digits = self.digits_x(i);
            (digits..=digits + 2).contains(&x) || self.text_x(i) == x
        })
    }

    /// Bytes per row.
    pub(crate) fn row_len(self) -> u64 {
        self.columns.into()
    }
}

fn row_width(columns: u16, digits: u16, gap: u16) -> u16 {
    digits + gap + 3 * columns - 1 + (columns - 1) / GROUP + gap + columns
}

/// Digits of the largest offset, rounded up to even. At least eight, or four if more bytes then fit
/// on a narrow screen.
fn digits_for(len: u64, width: u16, gap: u16) -> u16 {
    let needed = (u64::BITS - len.saturating_sub(1).leading_zeros()).div_ceil(8) * 2;
    let needed = u16::try_from(needed).unwrap_or(16);
    let columns = |digits| [8, 4, 2].into_iter().find(|&it| row_width(it, digits, gap) <= width);
    let few = needed.max(4);
    if columns(few) > columns(needed.max(8)) { few } else { needed.max(8) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(width: u16, height: u16, len: u64) -> BytesLayout {
        BytesLayout::new(Size { width, height }, len, LayoutOptions::default())
    }

    #[test]
    fn rows_are_as_wide_as_the_screen_allows() {
        for (width, len, columns) in [
            (20, 100, 2),
            (27, 100, 4),
            (38, 100, 8),
            (40, 1 << 16, 8),
            (40, (1 << 16) + 1, 4),
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
            assert_eq!(digits_for(len, 80, 2), digits, "{len}");
        }
        assert_eq!(digits_for(1 << 16, 40, 2), 4, "a narrow screen has more bytes");
    }

    #[test]
    fn panes_stand_beside_below_or_over_the_bytes_and_never_overlap_them() {
        let open = LayoutOptions {
            panes: true,
            map: true,
            inspector: InspectorPlan::Lines,
            ..LayoutOptions::default()
        };
        for width in 20..250 {
            for height in 4..80 {
                for len in [100, 1 << 40] {
                    let layout = BytesLayout::new(Size { width, height }, len, open);
                    let rect = layout.room.rect();
                    assert!(rect.right() <= width && rect.bottom() <= height, "{layout:?}");
                    let bytes = Rect::new(
                        0,
                        layout.first_line(),
                        layout.text_x(layout.columns - 1) + 1,
                        layout.rows,
                    );
                    let is_free = |strip: Rect| {
                        strip.bottom() == height - 2 && strip.intersection(bytes).is_empty()
                    };
                    assert!(layout.strip.is_none_or(is_free), "{width}x{height} {layout:?}");
                    let is_apart = bytes.intersection(rect).is_empty();
                    assert_eq!(is_apart, !layout.room.is_over(), "{width}x{height} {layout:?}");
                    assert_eq!(
                        width >= 120 && height >= 10,
                        matches!(layout.room, PaneArea::Side(_))
                    );
                    assert!(layout.bar_x.is_none_or(|x| x > bytes.right() - 1 && x < width));
                    let is_beside = |x| x >= bytes.right() && Some(x + 1) == layout.bar_x;
                    assert!(layout.map_x.is_none_or(is_beside), "{layout:?}");
                }
            }
        }
    }

    #[test]
    fn views_that_share_the_lines_below_have_rows_down_to_their_ends() {
        let layout = |frame, height| {
            let plan = LayoutOptions { frame, ..LayoutOptions::default() };
            BytesLayout::new(Size { width: 80, height }, 1000, plan)
        };
        for height in 3..40 {
            let (upper, lower) = (layout(Frame::Upper, height), layout(Frame::Lower, height));
            assert_eq!((upper.first_line(), upper.rows), (2, height - 2));
            assert_eq!((lower.first_line(), lower.rows), (1, height - 1));
            assert!(!upper.footer && !lower.footer && upper.ruler && !lower.ruler);
        }
    }

    #[test]
    fn chosen_columns_are_kept_where_they_fit() {
        let size = Size { width: 80, height: 24 };
        let columns = |columns| {
            BytesLayout::new(
                size,
                100,
                LayoutOptions { columns: Some(columns), ..LayoutOptions::default() },
            )
            .columns
        };
        assert_eq!((columns(4), columns(12), columns(64)), (4, 12, 16));
    }

    #[test]
    fn a_column_of_the_screen_belongs_to_a_byte_or_to_none() {
        let layout = layout(80, 24, 100);
        for i in 0..16 {
            for x in [layout.digits_x(i), layout.digits_x(i) + 1, layout.text_x(i)] {
                assert_eq!(layout.byte_at_x(x), Some(i));
            }
        }
        assert_eq!((layout.byte_at_x(0), layout.byte_at_x(79)), (None, None));
    }
}
