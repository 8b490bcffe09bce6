//! What the keys do while the keyboard belongs to the bytes.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::analysis::data_inspector;
use crate::analysis::landmark::{Hunt, Quarry};
use crate::document::marks::Marks;
use crate::editor::app::{App, Ending, Focus, Notice};
use crate::editor::keymap::Action;
use crate::editor::prompt::{Prompt, Purpose};
use crate::editor::task::{Task, Window};
use crate::format::copy_as::Form;
use crate::format::theme::Theme;
use crate::search::direction::Direction;

impl App {
    pub(crate) fn act(&mut self, action: Action) {
        if self.typed.is_some() && self.act_on_elements(action) {
            return;
        }
        let layout = self.layout();
        let page = u64::from(layout.rows);
        let half = page.div_ceil(2);
        let row_start = layout.row_of(self.cursor);
        match action {
            Action::Left => self.go_to(self.cursor.saturating_sub(1)),
            Action::Right => self.go_to(self.cursor.saturating_add(1)),
            Action::Up => self.move_rows_up(1),
            Action::Down => self.move_rows_down(1),
            Action::HalfPageUp => self.turn_up(half),
            Action::HalfPageDown => self.turn_down(half),
            Action::PageUp => self.turn_up(page),
            Action::PageDown => self.turn_down(page),
            Action::RowStart => self.go_to(row_start),
            Action::RowEnd => self.go_to(row_start.saturating_add(layout.row_len() - 1)),
            Action::Start => self.jump(0),
            Action::End => self.jump(u64::MAX),
            Action::Hunt(quarry, direction) => self.look_for(quarry, direction),
            Action::ToHit(direction) => self.go_to_hit(direction),
            Action::FindThis => self.find_this(),
            Action::ToMark(direction) => self.go_to_mark(direction),
            Action::Travel(direction) => self.travel(direction),
            Action::Select => {
                self.anchor = if self.anchor.is_some() { None } else { Some(self.cursor) };
            }
            Action::Copy(form) => self.copy(form),
            Action::Cancel => {
                if !self.stop_hunting() && !self.stop_waiting() {
                    self.anchor = None;
                }
            }
            Action::Interrupt if self.stop_hunting() || self.stop_newest() => {}
            Action::Quit | Action::Interrupt => self.ending = Some(Ending::Quit),
            Action::Enter | Action::Remove => {}
            _ => self.act_anywhere(action),
        }
    }

    /// What a key does wherever the keyboard is, but in the prompt.
    pub(super) fn act_anywhere(&mut self, action: Action) {
        match action {
            Action::Begin(prefix) => self.prefix = Some(prefix),
            Action::OpenCommand => self.open_prompt(Purpose::Command),
            Action::OpenFind => self.open_search(),
            Action::OpenGoto => self.open_prompt(Purpose::Goto),
            Action::Toggle(pane) => self.toggle(pane),
            Action::Zoom(direction) => self.zoom_map(direction),
            Action::NextMetric => self.next_metric(),
            Action::FocusNext => self.focus_on(self.panes.after(self.focused())),
            Action::FocusPrevious => self.focus_on(self.panes.before(self.focused())),
            Action::Split => self.tasks.push(Task::Window(Window::Split(None))),
            Action::ToTab(direction) => self.tasks.push(Task::Window(Window::Tab(direction))),
            Action::Sync => self.tasks.push(Task::Window(Window::Sync)),
            Action::SkipStep => self.tasks.push(Task::Window(Window::SkipStep)),
            Action::ToggleTyped => self.toggle_typed(),
            Action::Nan(direction) => self.look_for_nan(direction),
            Action::Digest(algorithm) => self.digest(algorithm),
            Action::SwapOrder => self.settings.order = self.settings.order.other(),
            Action::NextTable => {
                self.settings.table = self.settings.table.next();
                let name = self.settings.table.name();
                self.notice = Some(Notice::Done(format!("characters: {name}")));
            }
            Action::ToggleFolds => {
                self.settings.folds = !self.settings.folds;
                self.folds_changed();
            }
            Action::Refresh => {
                self.minimap.is_stale = true;
                self.tasks.push(Task::LookAgain);
            }
            Action::ToggleFollow => self.toggle_follow(),
            Action::Redraw => self.tasks.push(Task::Redraw),
            Action::Suspend => self.tasks.push(Task::Suspend),
            _ => {}
        }
    }

    pub(super) fn open_prompt(&mut self, purpose: Purpose) {
        self.focus = Focus::Prompt(Prompt::new(purpose));
    }

    fn look_for(&mut self, quarry: Quarry, direction: Direction) {
        if self.len > 0 {
            self.stop_hunting();
            self.hunt = Some(Hunt::new(quarry, direction, self.cursor));
        }
    }

    /// The second key after `m` or `'`.
    pub(crate) fn mark_or_go(&mut self, prefix: char, key: KeyEvent) {
        let plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let name = match key.code {
            KeyCode::Char(name) if plain && Marks::is_name(name) => name,
            KeyCode::Esc => return,
            _ => return self.trouble("a mark is a letter from a to z"),
        };
        if prefix == 'm' {
            self.set_mark(name, self.cursor);
        } else {
            match self.marks.at(name) {
                Some(place) if place < self.len => self.jump(place),
                Some(place) => self.trouble(format!("mark {name} is beyond the end: {place:#x}")),
                None => self.trouble(format!("there is no mark {name}; m {name} sets it")),
            }
        }
    }

    pub(super) fn set_mark(&mut self, name: char, position: u64) {
        if self.len == 0 {
            return self.trouble("there is no byte to mark");
        }
        self.marks.set(name, position);
        self.notice = Some(Notice::Done(format!("mark {name} at {position:#x}")));
    }

    fn go_to_mark(&mut self, direction: Direction) {
        let found = match direction {
            Direction::Forward => self.marks.after(self.cursor),
            Direction::Back => self.marks.before(self.cursor),
        };
        match found.filter(|&place| place < self.len) {
            Some(place) => self.jump(place),
            None => self.trouble(format!("there is no {} mark", direction.adjective())),
        }
    }

    fn travel(&mut self, direction: Direction) {
        let place = match direction {
            Direction::Forward => self.journey.forward(self.cursor),
            Direction::Back => self.journey.back(self.cursor),
        };
        match place {
            Some(place) => self.show(place),
            None => self.trouble(format!("there is no {} jump", direction.adjective())),
        }
    }

    /// Asks for the selection on the clipboard, or for the byte under the cursor.
    pub(super) fn copy(&mut self, form: Form) {
        if self.len == 0 {
            return self.trouble("there is no byte to copy");
        }
        let range = self.selection().unwrap_or_else(|| self.unit(self.cursor));
        let (len, most) = (range.end - range.start, form.bytes_max());
        if len > most {
            let name = form.name();
            return self.trouble(format!(
                "{len} bytes are too many for a clipboard; at most {most} as {name}, \
                 or :write FILE"
            ));
        }
        self.tasks.push(Task::Copy(range, form));
    }

    pub(crate) fn trouble(&mut self, why: impl Into<String>) {
        self.notice = Some(Notice::Trouble(why.into()));
    }

    pub(crate) fn theme(&self) -> Theme {
        self.settings.theme
    }

    /// The inspector's rows.
    pub(crate) fn inspection(&self) -> Vec<data_inspector::Row> {
        data_inspector::rows(&self.under_cursor())
    }
}
