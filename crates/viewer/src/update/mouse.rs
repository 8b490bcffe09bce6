//! What a press of the mouse means, by where it is.

use ratatui::layout::Position;

use crate::editor::app::{App, Focus, Grip};
use crate::editor::keymap::Action;
use crate::editor::panes::flow;
use crate::layout::histogram;
use crate::layout::panes::{inside, item_at};
use crate::view::panes::{Pane, has_choice};

impl App {
    pub(crate) fn press_mouse(&mut self, x: u16, y: u16) {
        self.notice = None;
        self.prefix = None;
        self.grip = None;
        if self.focused() == Some(Pane::Help) {
            self.focus = Focus::Bytes;
            return;
        }
        let at = Position::new(x, y);
        if let Some((pane, rect)) =
            self.pane_places().into_iter().find(|(_, rect)| rect.contains(at))
        {
            self.focus = Focus::Pane(pane);
            if pane == Pane::Histogram {
                let inside = inside(self.layout().room, rect);
                let table = histogram::table(self.chosen_value(), inside);
                let value = histogram::value_at(&table, at);
                if let Some(value) = value {
                    self.panes.choose(pane, value.into());
                }
                return;
            }
            if pane == Pane::Map {
                self.grip = Some(Grip::MapPane);
                return self.seek_in_map_pane(at);
            }
            if let Some(line) = item_at(&flow(self, pane, rect), at).filter(|_| has_choice(pane)) {
                self.choose_line(pane, line);
            }
            return;
        }
        self.focus = Focus::Bytes;
        if self.map_x() == Some(x) {
            self.grip = Some(Grip::MapColumn);
            self.seek_in_map_column(y);
        } else if self.bar_x() == Some(x) {
            self.grip = Some(Grip::Bar);
            self.scroll_to_line(y);
        } else if let Some(position) = self.byte_at(x, y) {
            self.grip = Some(Grip::Byte(position));
            self.anchor = None;
            self.go_to(position);
        }
    }

    pub(crate) fn drag_mouse(&mut self, x: u16, y: u16) {
        match self.grip {
            Some(Grip::Bar) => self.scroll_to_line(y),
            Some(Grip::MapColumn) => self.seek_in_map_column(y),
            Some(Grip::MapPane) => self.seek_in_map_pane(Position::new(x, y)),
            Some(Grip::Byte(from)) => {
                let layout = self.layout();
                let first = layout.first_line();
                let past = first.saturating_add(layout.rows);
                // Beyond the edges the selection goes on row by row.
                let to = if y < first {
                    self.act(Action::Up);
                    None
                } else if y >= past {
                    self.act(Action::Down);
                    None
                } else {
                    self.byte_at(x, y)
                };
                if let Some(to) = to {
                    self.go_to(to);
                }
                if self.cursor != from {
                    self.anchor = Some(from);
                }
            }
            None => {}
        }
    }

    /// The byte in a cell: its digits or its character; in a fold, its first byte.
    fn byte_at(&self, x: u16, y: u16) -> Option<u64> {
        let layout = self.layout();
        let line = y.checked_sub(layout.first_line()).filter(|&line| line < layout.rows)?;
        if let Some(typed) = &self.typed {
            return self.element_at(typed, x, line);
        }
        let row = self.rows().from(self.top, layout.rows).nth(line.into())?;
        if self.rows().fold(row.start).is_some() {
            return Some(row.start);
        }
        let position = row.start.saturating_add(layout.byte_at_x(x)?.into());
        row.contains(&position).then_some(position)
    }

    /// Goes where the scroll bar points at on a line of the screen.
    fn scroll_to_line(&mut self, y: u16) {
        let layout = self.layout();
        let line = y.saturating_sub(layout.first_line()).min(layout.rows - 1);
        if self.typed.is_some() {
            return self.scroll_elements_to(line);
        }
        let steps = u128::from(layout.rows - 1).max(1);
        let last = u128::from(self.len.saturating_sub(1));
        let position = u64::try_from(last * u128::from(line) / steps).unwrap_or(u64::MAX);
        let column = self.cursor % layout.row_len();
        let row = layout.row_of(position);
        self.show(row.saturating_add(column));
    }
}
