//! Moves the cursor and scrolls.

use crate::editor::current::Current;
use crate::view::Focus;
use crate::view::panes::Pane;

/// Rows per step of the mouse wheel.
const WHEEL_ROWS: u64 = 3;

impl Current<'_> {
    /// Moves up by screen rows within the column. Stops at the first row.
    pub(super) fn move_rows_up(&mut self, by: u64) {
        let rows = self.cx().rows();
        let column = rows.column(self.view.cursor);
        let row = rows.up(rows.start(self.view.cursor), by);
        self.go_to(rows.at(row, column));
    }

    /// Moves down by screen rows within the column. Stops where the last row is too short.
    pub(super) fn move_rows_down(&mut self, by: u64) {
        let rows = self.cx().rows();
        let column = rows.column(self.view.cursor);
        let from = rows.start(self.view.cursor);
        let row = rows.down(from, by);
        // In the last row nothing moves. The cursor may be far inside it if the row is a fold.
        if row > from {
            self.go_to(rows.at(row, column));
        }
    }

    /// Scrolls by rows, and moves the cursor with the screen.
    pub(super) fn turn_up(&mut self, by: u64) {
        self.view.top = self.cx().rows().up(self.view.top, by);
        self.move_rows_up(by);
    }

    pub(super) fn turn_down(&mut self, by: u64) {
        let rows = self.cx().rows();
        self.view.top = rows.down(self.view.top, by).min(rows.last_top(self.layout().rows));
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
            rows.up(self.view.top, by)
        } else {
            rows.down(self.view.top, by).min(rows.last_top(layout.rows).max(self.view.top))
        };
        let column = rows.column(self.view.cursor);
        let last_row = rows.down(top, u64::from(layout.rows) - 1);
        let within = rows.start(self.view.cursor).clamp(top, last_row);
        let moved = if within == rows.start(self.view.cursor) {
            self.view.cursor
        } else {
            rows.at(within, column)
        };
        self.view.top = top;
        self.go_to(moved);
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
        self.view.top = self.cx().rows().scrolled_to(self.view.cursor, self.view.top, count);
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
        let row = rows.start(position.min(self.document.len.saturating_sub(1)));
        if !rows.from(self.view.top, layout.rows).any(|shown| shown.start == row) {
            let top = rows.up(row, u64::from(layout.rows / 2));
            self.view.top = top.min(rows.last_top(layout.rows));
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
            self.view.top = rows.start(top).min(rows.last_top(self.layout().rows));
        }
        self.go_to(cursor);
    }
}
