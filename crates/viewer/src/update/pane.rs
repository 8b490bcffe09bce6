//! What the keys and the mouse do in a pane.

use ratatui::layout::Rect;

use crate::editor::app::{App, Focus};
use crate::editor::keymap::Action;
use crate::editor::panes::count;
use crate::editor::task::{Task, Window};
use crate::layout::help::frame;
use crate::layout::viewport::Room;
use crate::view::panes::{Pane, has_choice};

impl App {
    /// Opens a pane, closes it, or brings it to the front where it is covered.
    pub(super) fn toggle(&mut self, pane: Pane) {
        if pane == Pane::Help {
            self.focus =
                if self.focused() == Some(pane) { Focus::Bytes } else { Focus::Pane(pane) };
            self.panes.choose(pane, 0);
            return;
        }
        let is_shown = self.pane_places().iter().any(|(shown, _)| *shown == pane);
        if self.panes.is_open(pane) && is_shown {
            return self.close_pane(pane);
        }
        self.panes.open(pane);
        if pane == Pane::Doctor {
            self.tasks.push(Task::Explain);
        }
        // The inspector is read while the cursor moves; the others are lists to choose from.
        let reads_along = pane == Pane::Inspector && !self.layout().room.is_over();
        if !reads_along {
            if pane == Pane::Jumps {
                self.panes.choose(pane, self.journey.places(self.cursor).1);
            }
            if pane == Pane::Histogram {
                self.count_bytes();
            }
            if pane == Pane::Texts {
                self.find_texts(None);
            }
            if pane == Pane::Map {
                self.minimap.place = self.cursor;
            }
            if pane == Pane::Jobs {
                self.panes.choose(pane, self.jobs.iter().len().saturating_sub(1));
            }
            self.focus = Focus::Pane(pane);
        }
        self.reshaped();
    }

    fn close_pane(&mut self, pane: Pane) {
        self.panes.close(pane);
        if self.focused() == Some(pane) {
            self.focus = Focus::Bytes;
        }
        self.reshaped();
    }

    /// Gives the keyboard to a pane, or to the bytes; and then to the view beside, if there is one.
    pub(super) fn focus_on(&mut self, pane: Option<Pane>) {
        self.focus = pane.map_or(Focus::Bytes, Focus::Pane);
        if pane.is_none() {
            self.tasks.push(Task::Window(Window::Across));
        }
    }

    /// Where each pane is that is on the screen; help is not among them.
    pub(crate) fn pane_places(&self) -> Vec<(Pane, Rect)> {
        let room = self.layout().room;
        let width = room.rect().width;
        self.panes.places(room, self.focused(), |pane| {
            let lines = count(self, pane, width);
            u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(1)
        })
    }

    /// The lines of a pane that are seen at once, and how many there are.
    fn extent(&self, pane: Pane) -> (usize, usize) {
        let rect = if pane == Pane::Help {
            let area = Rect::new(0, 0, self.size.width, self.size.height);
            frame(count(self, pane, area.width), area)
        } else {
            self.pane_places()
                .into_iter()
                .find(|(shown, _)| *shown == pane)
                .map_or(Rect::ZERO, |(_, rect)| rect)
        };
        let around = if pane == Pane::Help { 2 } else { 1 };
        let seen = rect.height.saturating_sub(around);
        (seen.into(), count(self, pane, rect.width))
    }

    /// Moves the choice, or what is shown where nothing can be chosen.
    pub(super) fn scroll_pane(&mut self, pane: Pane, by: isize) {
        let line = self.panes.line(pane).saturating_add_signed(by);
        self.choose_line(pane, line);
    }

    pub(super) fn choose_line(&mut self, pane: Pane, line: usize) {
        let (seen, count) = self.extent(pane);
        let last =
            if has_choice(pane) { count.saturating_sub(1) } else { count.saturating_sub(seen) };
        self.panes.choose(pane, line.min(last));
    }

    pub(crate) fn act_in_pane(&mut self, pane: Pane, action: Action) {
        if (pane == Pane::Map && self.act_in_map(action))
            || (pane == Pane::Histogram && self.act_in_histogram(action))
        {
            return;
        }
        let seen = isize::try_from(self.extent(pane).0).unwrap_or(isize::MAX).max(1);
        match action {
            Action::Up => self.scroll_pane(pane, -1),
            Action::Down => self.scroll_pane(pane, 1),
            Action::PageUp | Action::HalfPageUp => self.scroll_pane(pane, -seen),
            Action::PageDown | Action::HalfPageDown => self.scroll_pane(pane, seen),
            Action::Start | Action::RowStart => self.choose_line(pane, 0),
            Action::End | Action::RowEnd => self.choose_line(pane, usize::MAX),
            Action::Enter => self.enter(pane),
            Action::Remove if pane == Pane::Marks => {
                let chosen = self.marks.iter().nth(self.panes.line(pane));
                if let Some((name, _)) = chosen {
                    self.marks.remove(name);
                    self.choose_line(pane, self.panes.line(pane));
                }
            }
            Action::Remove if pane == Pane::Hits => self.forget_search(),
            Action::Remove if pane == Pane::Jobs => {
                self.stop_or_forget(self.panes.line(pane));
                self.choose_line(pane, self.panes.line(pane));
            }
            Action::Quit if pane == Pane::Help => self.focus = Focus::Bytes,
            Action::Quit => self.close_pane(pane),
            // It stays open where it covers nothing.
            Action::Cancel => self.focus = Focus::Bytes,
            Action::Interrupt => self.act(Action::Interrupt),
            Action::ToHit(_) => self.act(action),
            _ => self.act_anywhere(action),
        }
    }

    /// Goes where the chosen line says, or copies what it says.
    fn enter(&mut self, pane: Pane) {
        let line = self.panes.line(pane);
        match pane {
            Pane::Inspector => {
                let rows = self.inspection();
                let Some(row) = rows.get(line) else { return };
                let reading = row.reading(self.settings.order);
                if reading.is_value {
                    self.tasks.push(Task::CopyText(reading.text.clone()));
                } else {
                    let name = row.name;
                    self.trouble(format!("there is no {name} here to copy"));
                }
            }
            Pane::Marks => {
                let place = self.marks.iter().nth(line).map(|(_, place)| place);
                if let Some(place) = place {
                    self.leave_for(place);
                }
            }
            Pane::Jumps => {
                let (places, _) = self.journey.places(self.cursor);
                if let Some(&place) = places.get(line) {
                    self.leave_for(place);
                }
            }
            Pane::Hits => {
                let hit = self.search.as_ref().and_then(|search| search.get(line));
                if let Some(hit) = hit {
                    self.leave_for(hit.offset);
                }
            }
            Pane::Jobs => self.copy_result(line),
            Pane::Histogram => self.find_value(),
            Pane::Texts => self.go_to_text(line),
            Pane::Map | Pane::Doctor | Pane::Help => {}
        }
    }

    pub(super) fn leave_for(&mut self, place: u64) {
        self.jump(place);
        if matches!(self.layout().room, Room::Over(_)) {
            self.focus = Focus::Bytes;
        }
    }
}
