//! Moving the cursor, and the screen with it.

use crate::editor::app::{App, Focus};
use crate::view::panes::Pane;

/// Rows a turn of the mouse wheel moves.
const WHEEL_ROWS: u64 = 3;

impl App {
    /// Up by rows of the screen; the column stays, and above the first row nothing happens.
    pub(super) fn move_rows_up(&mut self, by: u64) {
        let rows = self.rows();
        let column = self.cursor % rows.row_len;
        let row = rows.up(rows.start(self.cursor), by);
        self.go_to(row.saturating_add(column));
    }

    /// Down by rows of the screen; the column stays while the last row has it.
    pub(super) fn move_rows_down(&mut self, by: u64) {
        let rows = self.rows();
        let column = self.cursor % rows.row_len;
        let row = rows.down(rows.start(self.cursor), by);
        self.go_to(row.saturating_add(column));
    }

    /// Moves screen and cursor together, so that the cursor stays where the eye is.
    pub(super) fn turn_up(&mut self, by: u64) {
        self.top = self.rows().up(self.top, by);
        self.move_rows_up(by);
    }

    pub(super) fn turn_down(&mut self, by: u64) {
        let rows = self.rows();
        self.top = rows.down(self.top, by).min(rows.last_top(self.layout().rows));
        self.move_rows_down(by);
    }

    /// Moves the screen; the cursor only as far as it must to stay on it.
    pub(crate) fn wheel(&mut self, turn: i8) {
        let layout = self.layout();
        let by = WHEEL_ROWS * u64::from(turn.unsigned_abs());
        let over = layout.room.is_over();
        if let Focus::Pane(pane) = self.focus
            && (over || pane == Pane::Help)
        {
            if pane == Pane::Map {
                return self.move_in_map(turn.into());
            }
            return self.scroll_pane(pane, turn.into());
        }
        if self.typed.is_some() {
            return self.wheel_elements(turn.is_negative(), by);
        }
        let rows = self.rows();
        let top = if turn < 0 {
            rows.up(self.top, by)
        } else {
            rows.down(self.top, by).min(rows.last_top(layout.rows).max(self.top))
        };
        let column = self.cursor % rows.row_len;
        let last_row = rows.down(top, u64::from(layout.rows) - 1);
        let within = rows.start(self.cursor).clamp(top, last_row);
        let moved = if within == rows.start(self.cursor) {
            self.cursor
        } else {
            within.saturating_add(column)
        };
        self.top = top;
        self.go_to(moved);
    }

    /// Goes far, and remembers where it came from.
    pub(super) fn jump(&mut self, position: u64) {
        if position != self.cursor {
            self.journey.leave(self.cursor);
        }
        self.show(position);
    }

    /// Goes to a place; if that is not on the screen, it comes to the middle.
    pub(super) fn show(&mut self, position: u64) {
        if self.typed.is_some() {
            return self.show_element(position);
        }
        let layout = self.layout();
        let rows = self.rows();
        let row = rows.start(position.min(self.len.saturating_sub(1)));
        if !rows.from(self.top, layout.rows).any(|shown| shown.start == row) {
            let top = rows.up(row, u64::from(layout.rows / 2));
            self.top = top.min(rows.last_top(layout.rows));
        }
        self.go_to(position);
    }

    /// Moves the cursor and the screen by as much as another view has moved.
    pub(crate) fn shift(&mut self, cursor: i128, top: i128) {
        let last = self.len.saturating_sub(1);
        let moved = |from: u64, by: i128| {
            let to = i128::from(from).saturating_add(by).clamp(0, i128::from(last));
            u64::try_from(to).unwrap_or(0)
        };
        let (cursor, top) = (moved(self.cursor, cursor), moved(self.top, top));
        if self.typed.is_none() {
            let rows = self.rows();
            self.top = rows.start(top).min(rows.last_top(self.layout().rows));
        }
        self.go_to(cursor);
    }
}
