//! Mouse input, depending on what is at the position.

use ratatui::layout::Position;

use crate::editor::current::Current;
use crate::editor::input::DragTarget;
use crate::editor::keymap::Action;
use crate::layout::histogram;
use crate::layout::panes::item_at;
use crate::structure::read_fields::Goal;
use crate::view::Focus;
use crate::view::panes::{Pane, has_choice};

impl Current<'_> {
    pub(super) fn press_mouse(&mut self, x: u16, y: u16) {
        self.messages.key(self.now);
        let at = Position::new(x, y);
        if self.layout.strip.is_some_and(|strip| strip.rect.contains(at)) {
            return self.press_in_strip(at);
        }
        self.input.pending = None;
        self.input.count = None;
        self.input.drag = None;
        if self.view.pane() == Some(Pane::Help) {
            return self.press_mouse_in_help(at);
        }
        if let Some(&place) = self.layout.panes.iter().find(|it| it.rect.contains(at)) {
            let pane = place.pane;
            self.view.focus = Focus::Pane(pane);
            if pane == Pane::Histogram {
                let table = histogram::table(self.cx().chosen_value(), place.flow.inside);
                if let Some(value) = histogram::value_at(&table, at) {
                    self.view.panes.choose(pane, value.into());
                }
                return;
            }
            if pane == Pane::Map {
                self.input.drag = Some(DragTarget::MapPane);
                return self.seek_in_map_pane(at);
            }
            if let Some(line) = item_at(&place.flow, at).filter(|_| has_choice(pane)) {
                let above = self.view.structure.above(line, place.flow.first);
                match above.filter(|_| pane == Pane::Structure) {
                    Some(row) => self.view.structure.goal = Goal::Node(row.trail.clone()),
                    None => self.choose_line(pane, line),
                }
            }
            return;
        }
        self.view.focus = Focus::Bytes;
        if self.layout.map_x == Some(x) {
            self.input.drag = Some(DragTarget::MapColumn);
            self.seek_in_map_column(y);
        } else if self.layout.bar_x == Some(x) {
            self.input.drag = Some(DragTarget::ScrollBar);
            self.scroll_to_line(y);
        } else if let Some(position) = self.byte_at(x, y) {
            self.input.drag = Some(DragTarget::Byte(position));
            self.view.anchor = None;
            self.go_to(position);
        }
    }

    /// Puts a command of the strip into the prompt. A click on the strip does not reach what it
    /// covers.
    fn press_in_strip(&mut self, at: Position) {
        (self.input.pending, self.input.count, self.input.drag) = (None, None, None);
        let item = self.layout.strip.and_then(|strip| strip.item_at(at));
        if let Some(prompt) = &mut self.input.prompt
            && item.is_some_and(|item| item < prompt.listing.candidates.len())
        {
            prompt.choose(item);
        }
    }

    pub(super) fn drag_mouse(&mut self, x: u16, y: u16) {
        match self.input.drag {
            Some(DragTarget::ScrollBar) => self.scroll_to_line(y),
            Some(DragTarget::MapColumn) => self.seek_in_map_column(y),
            Some(DragTarget::MapPane) => self.seek_in_map_pane(Position::new(x, y)),
            Some(DragTarget::Byte(from)) => {
                let layout = self.layout();
                let first = layout.first_line();
                let past = first.saturating_add(layout.rows);
                // Beyond the edges, the selection scrolls row by row.
                let to = if y < first {
                    self.act(Action::Up, None);
                    None
                } else if y >= past {
                    self.act(Action::Down, None);
                    None
                } else {
                    self.byte_at(x, y)
                };
                if let Some(to) = to {
                    self.go_to(to);
                }
                if self.view.cursor != from {
                    self.view.anchor = Some(from);
                }
            }
            None => {}
        }
    }

    /// The byte at a screen position: its digits or its character. In a fold, the first byte.
    fn byte_at(&self, x: u16, y: u16) -> Option<u64> {
        let layout = self.layout();
        let line = layout.row_at(y)?;
        if let Some(array) = &self.view.array {
            return self.element_at(array, x, line);
        }
        let rows = self.cx().rows();
        let row = self.cx().rows_shown().nth(line.into())?;
        if rows.fold(row.start).is_some() {
            return Some(rows.offset(row.start));
        }
        let column = u64::from(layout.byte_at_x(x)?);
        let place = row.start + column.checked_sub(rows.column(row.start))?;
        let offset = rows.offset(place);
        // At some places only the other file has a byte.
        (row.contains(&place) && rows.place(offset) == place).then_some(offset)
    }

    /// Goes to the offset at a line of the scroll bar.
    fn scroll_to_line(&mut self, y: u16) {
        let layout = self.layout();
        let line = y.saturating_sub(layout.first_line()).min(layout.rows - 1);
        if self.view.array.is_some() {
            return self.scroll_elements_to(line);
        }
        let steps = u128::from(layout.rows - 1).max(1);
        let rows = self.cx().rows();
        let last = u128::from(rows.len.saturating_sub(1));
        let place = u64::try_from(last * u128::from(line) / steps).unwrap_or(u64::MAX);
        let column = rows.column_of(self.view.cursor);
        self.show(rows.offset(rows.at(rows.row_of(place), column)));
    }
}
