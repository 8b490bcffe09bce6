//! Moves the cursor and scrolls.

use std::ops::RangeInclusive;

use crate::editor::current::Current;
use crate::view::Focus;
use crate::view::panes::Pane;

/// Rows per step of the mouse wheel.
const WHEEL_ROWS: u64 = 3;

impl Current<'_> {
    /// Moves up by screen rows within the column. Stops at the first row.
    pub(super) fn move_rows_up(&mut self, by: u64) {
        let rows = self.cx().rows();
        let place = rows.place(self.view.cursor);
        let row = rows.up(rows.start(place), by);
        let mut above = std::iter::successors(Some(row), |&row| rows.previous(row));
        // Rows in which only the other file has bytes are passed over.
        if let Some(to) = above.find_map(|row| rows.nearest(row, rows.column_of(self.view.cursor)))
        {
            self.go_to(to);
        }
    }

    /// Moves down by screen rows within the column. Stops where the last row is too short.
    pub(super) fn move_rows_down(&mut self, by: u64) {
        let rows = self.cx().rows();
        let place = rows.place(self.view.cursor);
        let from = rows.start(place);
        let row = rows.down(from, by);
        // In the last row nothing moves. The cursor may be far inside it if the row is a fold.
        let below = (row > from).then_some(row);
        let mut below = std::iter::successors(below, |&row| rows.next(row));
        if let Some(to) = below.find_map(|row| rows.nearest(row, rows.column_of(self.view.cursor)))
        {
            self.go_to(to);
        }
    }

    /// Moves to a column of the row of the cursor, or of one below.
    pub(super) fn go_in_row(&mut self, below: u64, column: u64) {
        let rows = self.cx().rows();
        let place = rows.place(self.view.cursor);
        let row = if below == 0 { place } else { rows.down(rows.start(place), below) };
        // Below a heading, the row after it counts.
        let mut after = std::iter::successors(Some(row), |&row| rows.next(row));
        let row =
            after.find(|&row| !rows.bytes(&rows.span(row)).is_empty() || rows.regions.is_none());
        let row = rows.row_of(row.unwrap_or(place));
        let to = rows.at(row, column);
        if rows.alignment.is_some() && rows.fold(row).is_none() {
            let nearest = rows.nearest(row, column);
            return self.go_to(nearest.unwrap_or(self.view.cursor));
        }
        self.go_to(rows.offset(to));
    }

    /// Scrolls by rows, and moves the cursor with the screen.
    pub(super) fn turn_up(&mut self, by: u64) {
        self.scroll_to_row(self.cx().rows().up(self.cx().top(), by));
        self.move_rows_up(by);
    }

    pub(super) fn turn_down(&mut self, by: u64) {
        let rows = self.cx().rows();
        let top = rows.down(self.cx().top(), by).min(rows.last_top(self.layout().rows));
        self.scroll_to_row(top);
        self.move_rows_down(by);
    }

    /// Scrolls the screen. The cursor moves only as far as it must to stay visible.
    pub(crate) fn wheel(&mut self, turn: i8) {
        let layout = self.layout();
        let by = WHEEL_ROWS * u64::from(turn.unsigned_abs());
        let over = layout.room.is_over();
        if let Focus::Pane(pane) = self.view.focus
            && (over || pane == Pane::Help)
        {
            if pane == Pane::Map {
                return self.move_in_map(turn.into());
            }
            return self.scroll_pane(pane, turn.into());
        }
        if self.view.array.is_some() {
            return self.wheel_elements(turn.is_negative(), by);
        }
        let rows = self.cx().rows();
        let top = if turn < 0 {
            rows.up(self.cx().top(), by)
        } else {
            rows.down(self.cx().top(), by).min(rows.last_top(layout.rows).max(self.cx().top()))
        };
        let place = rows.place(self.view.cursor);
        let last_row = rows.down(top, u64::from(layout.rows) - 1);
        let within = rows.start(place).clamp(top, last_row);
        let moved = match rows.start(place) {
            row if row == within => self.view.cursor,
            row => self.nearest_within(
                top..=last_row,
                within,
                row < top,
                rows.column_of(self.view.cursor),
            ),
        };
        self.scroll_to_row(top);
        self.go_to(moved);
    }

    /// The byte in a column of a row or, if it has none, of the next one within these rows that has.
    fn nearest_within(
        &self,
        shown: RangeInclusive<u64>,
        row: u64,
        is_down: bool,
        column: u64,
    ) -> u64 {
        let rows = self.cx().rows();
        let next = |row: &u64| if is_down { rows.next(*row) } else { rows.previous(*row) };
        let mut all = std::iter::successors(Some(row), next).take_while(|it| shown.contains(it));
        let found = all.find_map(|row| rows.nearest(row, column));
        found.unwrap_or_else(|| rows.offset(*shown.start()))
    }

    /// Jumps to an offset, and adds the old one to the jump list.
    pub(super) fn jump(&mut self, position: u64) {
        if position != self.view.cursor {
            let here = self.document.anchor(self.view.cursor);
            self.view.jumps.leave(here);
        }
        self.show(position);
    }

    /// Moves the cursor to an offset, at most to the last byte.
    pub(crate) fn go_to(&mut self, position: u64) {
        self.view.cursor = position.min(self.document.len.saturating_sub(1));
        self.scroll_to_cursor();
    }

    /// Scrolls so that the cursor is visible.
    pub(crate) fn scroll_to_cursor(&mut self) {
        if self.view.array.is_some() {
            return self.scroll_to_element();
        }
        let count = self.layout().rows;
        let rows = self.cx().rows();
        self.scroll_to_row(rows.scrolled_to(rows.place(self.view.cursor), self.cx().top(), count));
    }

    /// Restores all invariants after a layout change.
    pub(crate) fn reshaped(&mut self) {
        self.relayout();
        self.scroll_to_cursor();
    }

    /// Moves the cursor to an offset. If it is not on the screen, it is centred.
    pub(super) fn show(&mut self, position: u64) {
        if self.view.array.is_some() {
            return self.show_element(position);
        }
        let layout = self.layout();
        let rows = self.cx().rows();
        let row = rows.start(rows.place(position.min(self.document.len.saturating_sub(1))));
        if !self.cx().rows_shown().any(|shown| shown.start == row) {
            let top = rows.up(row, u64::from(layout.rows / 2));
            self.scroll_to_row(top.min(rows.last_top(layout.rows)));
        }
        self.go_to(position);
    }

    /// Moves cursor and screen by the same distance as another view.
    pub(crate) fn shift(&mut self, cursor: i128, top: i128) {
        let last = self.document.len.saturating_sub(1);
        let moved = |from: u64, by: i128| {
            let to = i128::from(from).saturating_add(by).clamp(0, i128::from(last));
            u64::try_from(to).unwrap_or(0)
        };
        let (cursor, top) = (moved(self.view.cursor, cursor), moved(self.view.top, top));
        if self.view.array.is_none() {
            let rows = self.cx().rows();
            let top = rows.start(rows.place(top)).min(rows.last_top(self.layout().rows));
            self.scroll_to_row(top);
        }
        self.go_to(cursor);
    }
}
