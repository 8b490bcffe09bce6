//! Keys in normal mode, while the bytes have the focus.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::analysis::landmark::{Landmark, LandmarkJob};
use crate::document::copy_bytes::CopyBytesJob;
use crate::document::marks::Marks;
use crate::editor::current::Current;
use crate::editor::effect::Effect;
use crate::editor::keymap::Action;
use crate::editor::prompt::Purpose;
use crate::editor::tabs::{LayoutRequest, Unsaved};
use crate::format::copy_as::CopyFormat;
use crate::search::direction::Direction;
use crate::view::panes::Pane;

/// The repeat count of a motion; at least 1.
pub(in crate::update) fn times(count: Option<u64>) -> u64 {
    count.unwrap_or(1)
}

impl Current<'_> {
    /// Handles a key that neither a question nor the prompt takes.
    pub(super) fn press(&mut self, key: KeyEvent) {
        let pending = self.input.pending.take();
        if pending.is_none() && self.view.pane() == Some(Pane::Help) && self.press_in_help(key) {
            return;
        }
        if pending.is_none() && self.press_in_format_list(key) {
            return;
        }
        if pending.is_none() && self.take_digit(key) {
            return;
        }
        let count = self.input.count.take();
        if key.code == KeyCode::Esc && (pending.is_some() || count.is_some()) {
            return;
        }
        if let Some(prefix @ ('m' | '\'')) = pending {
            return self.mark_or_go(prefix, key);
        }
        let Some(action) = self.settings.keys.action(pending, key) else {
            if pending == Some('d')
                && let Some(motion) = self.settings.keys.action(None, key)
                && self.delete_motion(motion, count)
            {
                return;
            }
            if let Some(text) = self.settings.keys.meaningless(pending, key) {
                self.say(text);
            }
            return;
        };
        let is_copied_whole = matches!(
            self.view.pane(),
            Some(
                Pane::Inspector
                    | Pane::Messages
                    | Pane::Structure
                    | Pane::Field
                    | Pane::Differences
            )
        );
        if let Action::Begin(prefix) = action
            // There, `y` copies the value, message or node.
            && !(prefix == 'y' && is_copied_whole)
        {
            if prefix != 'd' || self.is_writable() {
                (self.input.pending, self.input.count) = (Some(prefix), count);
            }
            return;
        }
        match self.view.pane() {
            Some(pane) => self.act_in_pane(pane, action, count),
            None => self.act(action, count),
        }
    }

    /// Takes a digit of a count. 0 counts only after another digit.
    fn take_digit(&mut self, key: KeyEvent) -> bool {
        let is_plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let KeyCode::Char(c) = key.code else { return false };
        let Some(digit) = c.to_digit(10).filter(|_| is_plain) else { return false };
        if digit == 0 && self.input.count.is_none() {
            return false;
        }
        let before = self.input.count.unwrap_or(0);
        self.input.count = Some(before.saturating_mul(10).saturating_add(digit.into()));
        true
    }

    /// Performs an action in the hex view or the array view; a motion is repeated `count` times.
    pub(crate) fn act(&mut self, action: Action, count: Option<u64>) {
        if self.view.array.is_some() && self.act_in_array(action, count) {
            return;
        }
        let times = times(count);
        let layout = self.layout();
        let page = u64::from(layout.rows).saturating_mul(times);
        let half = u64::from(layout.rows).div_ceil(2).saturating_mul(times);
        match action {
            Action::Left => self.go_to(self.cx().back(times)),
            Action::Right => self.go_to(self.cx().forward(times)),
            Action::Up => self.move_rows_up(times),
            Action::Down => self.move_rows_down(times),
            Action::HalfPageUp => self.turn_up(half),
            Action::HalfPageDown => self.turn_down(half),
            Action::PageUp => self.turn_up(page),
            Action::PageDown => self.turn_down(page),
            Action::RowStart => self.go_in_row(0, 0),
            Action::RowEnd => self.go_in_row(times.saturating_sub(1), layout.row_len() - 1),
            Action::Start => self.jump(count.unwrap_or_else(|| self.document.start())),
            Action::End => self.jump(count.unwrap_or(u64::MAX)),
            Action::FindLandmark(landmark, direction) => {
                self.look_for_landmark(landmark, direction, times);
            }
            Action::ToMatch(direction) => self.go_to_nth_hit(direction, times),
            Action::FindThis => self.find_this(),
            Action::ToMark(direction) => self.go_to_mark(direction, times),
            Action::Travel(direction) => self.travel(direction, times),
            Action::Nan(direction) => self.find_nan(direction, times),
            Action::Field(direction) => self.go_to_field(direction, times),
            Action::Region(direction) => self.go_to_region(direction, times),
            Action::SkipStep if self.comparison.is_some() => self.shift_second(times, false),
            Action::ShiftBack => self.shift_second(times, true),
            Action::Difference(direction) => self.go_to_difference(direction, times),
            Action::Change(direction) => self.go_to_change(direction, times),
            Action::Edit(key) => self.act_edit(key, count),
            Action::Remove => self.delete_chosen(times),
            Action::Enter | Action::Follow if self.follow_field() => {}
            Action::ToTab(direction) => self.request(LayoutRequest::Tab(direction, times)),
            Action::Select => {
                self.view.anchor =
                    if self.view.anchor.is_some() { None } else { Some(self.view.cursor) };
            }
            Action::Copy(form) => self.copy(form),
            Action::Cancel | Action::Interrupt if self.is_saving() => {
                self.request(LayoutRequest::StopSaving);
            }
            Action::Save => self.save(false, false),
            Action::Cancel => {
                if !self.stop_looking()
                    && !self.stop_waiting()
                    && !self.stop_walk()
                    && !self.stop_waiting_for_difference()
                    && self.view.anchor.take().is_none()
                {
                    self.stop_stream();
                }
            }
            Action::Interrupt if self.stop_looking() || self.cancel_newest() => {}
            Action::Quit | Action::Interrupt => self.request(LayoutRequest::Quit(Unsaved::Ask)),
            Action::Enter | Action::Follow | Action::Slab(_) => {
                self.say_where(action);
            }
            _ => self.act_anywhere(action),
        }
    }

    /// Performs an action that works in every pane.
    pub(super) fn act_anywhere(&mut self, action: Action) {
        match action {
            Action::OpenCommand => self.open_prompt(Purpose::Command),
            Action::OpenFind => self.open_search(),
            Action::OpenGoto => self.open_prompt(Purpose::Goto),
            Action::Toggle(pane) => self.toggle(pane),
            Action::Zoom(direction) => self.zoom_map(direction),
            Action::NextMetric => self.next_metric(),
            Action::FocusNext => self.focus_on(self.view.panes.after(self.view.pane())),
            Action::FocusPrevious => self.focus_on(self.view.panes.before(self.view.pane())),
            Action::Split => self.request(LayoutRequest::Split(None)),
            Action::Sync => self.request(LayoutRequest::Sync),
            Action::SkipStep => self.request(LayoutRequest::SkipStep),
            Action::ToggleArray => self.toggle_array(),
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
            _ => self.say_key(action, "works in the bytes; {cancel} goes back to them"),
        }
    }

    /// Tells where a key of the lists and of other views works.
    fn say_where(&mut self, action: Action) {
        match action {
            Action::Enter => self.say_key(action, "acts in a pane; {command} goes to a place"),
            Action::Follow => {
                self.say_key(
                    action,
                    "follows a field; no format is known here, :format NAME sets one",
                );
            }
            Action::Slab(_) => {
                self.say_key(
                    action,
                    "moves along the outer axis of elements; {elements} shows them",
                );
            }
            _ => {}
        }
    }

    /// Tells where a key works that does nothing here.
    fn say_key(&mut self, action: Action, what: &str) {
        let keys = &self.settings.keys;
        let label = keys.labels(action).first().map_or_else(String::new, |key| format!("{key} "));
        let text = label + &keys.fill(what);
        self.say(text);
    }

    fn look_for_landmark(&mut self, landmark: Landmark, direction: Direction, count: u64) {
        if self.document.len > 0 {
            let cursor = self.view.cursor;
            let what = format!("{} {}", direction.adjective(), landmark.name());
            self.look_for(what, count, |count| LandmarkJob { landmark, direction, cursor, count });
        }
    }

    /// Handles the second key after `m` or `'`.
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
        let anchor = self.document.anchor(position);
        self.document.marks.set(name, anchor);
        self.say(format!("mark {name} at {position:#x}"));
    }

    /// Goes to the `count`-th mark or note from here, or to the last one.
    fn go_to_mark(&mut self, direction: Direction, count: u64) {
        let (document, here) = (&self.document, self.view.cursor);
        let marks = document.marks.iter().map(|(_, place)| place);
        let notes = document.notes.iter().map(|note| note.range().start);
        let mut places: Vec<u64> = marks.chain(notes).filter(|&it| it < document.len).collect();
        match direction {
            Direction::Forward => places.retain(|&place| place > here),
            Direction::Back => places.retain(|&place| place < here),
        }
        places.sort_unstable();
        places.dedup();
        if direction == Direction::Back {
            places.reverse();
        }
        let last = places.len().checked_sub(1);
        let index = usize::try_from(count.saturating_sub(1)).unwrap_or(usize::MAX);
        match last.and_then(|last| places.get(index.min(last)).copied()) {
            Some(place) => self.jump(place),
            None => self.complain(format!("there is no {} mark or note", direction.adjective())),
        }
    }

    /// Goes to the `count`-th region from here, or to the last one.
    fn go_to_region(&mut self, direction: Direction, count: u64) {
        let named = self.document.source().regions().named();
        if named.is_empty() {
            return self.complain("there are no regions here: a process has them");
        }
        let starts = named.iter().map(|it| it.region.range.start);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let cursor = self.view.cursor;
        let place = match direction {
            Direction::Forward => starts.filter(|&start| start > cursor).take(count).last(),
            Direction::Back => starts.rev().filter(|&start| start < cursor).take(count).last(),
        };
        match place {
            Some(place) => self.jump(place),
            None => self.complain(format!("there is no {} region", direction.adjective())),
        }
    }

    /// Moves along the jump list by `count` entries, or to its end.
    fn travel(&mut self, direction: Direction, count: u64) {
        let mut place = None;
        for _ in 0..count {
            let here = self.document.anchor(place.unwrap_or(self.view.cursor));
            let next = match direction {
                Direction::Forward => self.view.jumps.forward(here),
                Direction::Back => self.view.jumps.back(here),
            };
            if next.is_none() {
                break;
            }
            place = next;
        }
        match place {
            Some(place) => self.show(place),
            None => self.complain(format!("there is no {} jump", direction.adjective())),
        }
    }

    /// Copies the selection, or the byte under the cursor.
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
