//! What the keys do while the keyboard belongs to the bytes.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::analysis::landmark::{Landmark, LandmarkJob};
use crate::document::copy_bytes::CopyBytesJob;
use crate::document::marks::Marks;
use crate::editor::current::Current;
use crate::editor::effect::Effect;
use crate::editor::keymap::Action;
use crate::editor::prompt::Purpose;
use crate::editor::tabs::LayoutRequest;
use crate::format::copy_as::CopyFormat;
use crate::search::direction::Direction;

impl Current<'_> {
    pub(crate) fn act(&mut self, action: Action) {
        if self.view.array.is_some() && self.act_in_array(action) {
            return;
        }
        let layout = self.layout();
        let page = u64::from(layout.rows);
        let half = page.div_ceil(2);
        let row_start = layout.row_of(self.view.cursor);
        match action {
            Action::Left => self.go_to(self.view.cursor.saturating_sub(1)),
            Action::Right => self.go_to(self.view.cursor.saturating_add(1)),
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
            Action::FindLandmark(quarry, direction) => self.look_for_landmark(quarry, direction),
            Action::ToMatch(direction) => self.go_to_hit(direction),
            Action::FindThis => self.find_this(),
            Action::ToMark(direction) => self.go_to_mark(direction),
            Action::Travel(direction) => self.travel(direction),
            Action::Select => {
                self.view.anchor =
                    if self.view.anchor.is_some() { None } else { Some(self.view.cursor) };
            }
            Action::Copy(form) => self.copy(form),
            Action::Cancel => {
                if !self.stop_looking() && !self.stop_waiting() {
                    self.view.anchor = None;
                }
            }
            Action::Interrupt if self.stop_looking() || self.cancel_newest() => {}
            Action::Quit | Action::Interrupt => self.request(LayoutRequest::Quit),
            Action::Enter | Action::Remove => {}
            _ => self.act_anywhere(action),
        }
    }

    /// What a key does wherever the keyboard is, but in the prompt.
    pub(super) fn act_anywhere(&mut self, action: Action) {
        match action {
            Action::Begin(prefix) => self.input.pending = Some(prefix),
            Action::OpenCommand => self.open_prompt(Purpose::Command),
            Action::OpenFind => self.open_search(),
            Action::OpenGoto => self.open_prompt(Purpose::Goto),
            Action::Toggle(pane) => self.toggle(pane),
            Action::Zoom(direction) => self.zoom_map(direction),
            Action::NextMetric => self.next_metric(),
            Action::FocusNext => self.focus_on(self.view.panes.after(self.view.pane())),
            Action::FocusPrevious => self.focus_on(self.view.panes.before(self.view.pane())),
            Action::Split => self.request(LayoutRequest::Split(None)),
            Action::ToTab(direction) => self.request(LayoutRequest::Tab(direction)),
            Action::Sync => self.request(LayoutRequest::Sync),
            Action::SkipStep => self.request(LayoutRequest::SkipStep),
            Action::ToggleArray => self.toggle_array(),
            Action::Nan(direction) => self.find_nan(direction),
            Action::Digest(algorithm) => self.digest(algorithm),
            Action::SwapOrder => self.settings.order = self.settings.order.other(),
            Action::NextTable => {
                self.settings.table = self.settings.table.next();
                let name = self.settings.table.name();
                self.say(format!("characters: {name}"));
            }
            Action::ToggleFolds => {
                self.settings.folds = !self.settings.folds;
                self.scroll_to_cursor();
            }
            Action::Refresh => {
                if let Some(minimap) = &mut self.document.analyses.minimap {
                    minimap.value.is_stale = true;
                }
                self.reopen();
            }
            Action::ToggleFollow => self.toggle_follow(),
            Action::Redraw => self.push(Effect::Redraw),
            Action::Suspend => self.push(Effect::Suspend),
            _ => {}
        }
    }

    fn look_for_landmark(&mut self, quarry: Landmark, direction: Direction) {
        if self.document.len > 0 {
            let job = LandmarkJob { quarry, direction, cursor: self.view.cursor };
            self.look_for(job, format!("{} {}", direction.adjective(), quarry.name()));
        }
    }

    /// The second key after `m` or `'`.
    pub(crate) fn mark_or_go(&mut self, prefix: char, key: KeyEvent) {
        let plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let name = match key.code {
            KeyCode::Char(name) if plain && Marks::is_name(name) => name,
            KeyCode::Esc => return,
            _ => return self.complain("a mark is a letter from a to z"),
        };
        if prefix == 'm' {
            self.set_mark(name, self.view.cursor);
        } else {
            match self.document.marks.at(name) {
                Some(place) if place < self.document.len => self.jump(place),
                Some(place) => self.complain(format!("mark {name} is beyond the end: {place:#x}")),
                None => self.complain(format!("there is no mark {name}; m {name} sets it")),
            }
        }
    }

    pub(super) fn set_mark(&mut self, name: char, position: u64) {
        if self.document.len == 0 {
            return self.complain("there is no byte to mark");
        }
        self.document.marks.set(name, position);
        self.say(format!("mark {name} at {position:#x}"));
    }

    fn go_to_mark(&mut self, direction: Direction) {
        let found = match direction {
            Direction::Forward => self.document.marks.after(self.view.cursor),
            Direction::Back => self.document.marks.before(self.view.cursor),
        };
        match found.filter(|&place| place < self.document.len) {
            Some(place) => self.jump(place),
            None => self.complain(format!("there is no {} mark", direction.adjective())),
        }
    }

    fn travel(&mut self, direction: Direction) {
        let place = match direction {
            Direction::Forward => self.view.jumps.forward(self.view.cursor),
            Direction::Back => self.view.jumps.back(self.view.cursor),
        };
        match place {
            Some(place) => self.show(place),
            None => self.complain(format!("there is no {} jump", direction.adjective())),
        }
    }

    /// Asks for the selection on the clipboard, or for the byte under the cursor.
    pub(super) fn copy(&mut self, form: CopyFormat) {
        if self.document.len == 0 {
            return self.complain("there is no byte to copy");
        }
        let range = self.cx().selection().unwrap_or_else(|| self.cx().unit(self.view.cursor));
        let (len, most) = (range.end - range.start, form.bytes_max());
        if len > most {
            let name = form.name();
            return self.complain(format!(
                "{len} bytes are too many for a clipboard; at most {most} as {name}, \
                 or :write FILE"
            ));
        }
        self.start(CopyBytesJob { range, form });
    }
}
