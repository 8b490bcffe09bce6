//! Keys and mouse actions in panes.

use memmap::compare::Side;

use crate::document::details::ExplainJob;
use crate::editor::current::Current;
use crate::editor::effect::Effect;
use crate::editor::keymap::{Action, EditKey};
use crate::editor::status::Message;
use crate::editor::tabs::LayoutRequest;
use crate::layout::viewport::{Frame, PaneArea};
use crate::view::Focus;
use crate::view::panes::{Pane, has_choice};
use crate::view::structure::Joining;

use super::normal::times;

/// From this height on, the fields of a file open with a pane for the chosen one.
const FIELD_FROM: u16 = 40;

impl Current<'_> {
    /// Opens a pane, closes it, or raises it if it is covered.
    /// Whether the list of differences is below this file and the first one.
    fn is_second_of_two(&self) -> bool {
        let side = self.comparison.as_ref().map(|it| it.side(self.view_id));
        side == Some(Side::B) && self.layout.frame != Frame::Whole
    }

    pub(super) fn toggle(&mut self, pane: Pane) {
        if pane == Pane::Help {
            return self.toggle_help();
        }
        // One key for what differs: from another file, or from the one on disk.
        let is_edited = pane == Pane::Differences && self.comparison.is_none();
        let pane = if is_edited { Pane::Changes } else { pane };
        // One key for what a source is made of.
        let has_regions = !self.document.source().regions().is_empty();
        let is_of_regions = has_regions && self.document.structure.format.is_none();
        let pane = if pane == Pane::Structure && is_of_regions { Pane::Regions } else { pane };
        if pane == Pane::Inspector {
            self.view.panes.is_inspector_chosen = true;
        }
        if pane == Pane::Differences && self.is_second_of_two() {
            return self.request(LayoutRequest::ToggleDifferences);
        }
        let is_shown = self.layout.pane(pane).is_some();
        if pane == Pane::Structure {
            let before = std::mem::replace(&mut self.view.structure.joining, Joining::Over);
            // Whoever asks for a pane that came by itself wants to be in it.
            if before == Joining::Joined && is_shown && self.view.pane() != Some(pane) {
                self.open_field_below();
                self.view.focus = Focus::Pane(pane);
                return self.reshaped();
            }
        }
        if self.view.panes.is_open(pane) && is_shown {
            return self.close_pane(pane);
        }
        if pane == Pane::Structure {
            self.open_field_below();
        }
        self.view.panes.open(pane);
        if pane == Pane::Details {
            self.start(ExplainJob);
        }
        self.relayout();
        // The inspector follows the cursor, so the focus stays with the bytes; the other panes are
        // lists to choose from.
        let reads_along = pane == Pane::Inspector && !self.layout().room.is_over();
        if !reads_along {
            if pane == Pane::Jumps {
                self.view.panes.choose(pane, self.view.jumps.places(self.view.cursor).1);
            }
            if pane == Pane::Histogram {
                self.count_bytes();
            }
            if pane == Pane::Strings {
                self.find_strings(None);
            }
            if pane == Pane::Structure {
                self.structure_opened();
            }
            if pane == Pane::Regions {
                let regions = self.document.source().regions();
                self.view.panes.choose(pane, regions.number(self.view.cursor).unwrap_or(0));
            }
            if pane == Pane::Map {
                self.view.minimap.place = self.view.cursor;
            }
            if pane == Pane::Messages {
                self.view.panes.choose(pane, usize::MAX);
            }
            if pane == Pane::Changes {
                self.choose_current_state();
            }
            if pane == Pane::Jobs {
                let count = self.jobs.listed().count();
                self.view.panes.choose(pane, count.saturating_sub(1));
            }
            self.view.focus = Focus::Pane(pane);
        }
        self.reshaped();
    }

    /// Shows the chosen field in full below the tree, where there is room for both.
    fn open_field_below(&mut self) {
        let has_format = self.document.structure.format.is_some();
        let has_room = self.layout.area.height >= FIELD_FROM && self.cx().has_room_for_inspector();
        if has_format && has_room {
            self.view.panes.open(Pane::Field);
            self.view.panes.open(Pane::Structure);
        }
    }

    fn close_pane(&mut self, pane: Pane) {
        self.view.panes.close(pane);
        if pane == Pane::Structure {
            self.view.panes.close(Pane::Field);
        }
        if self.view.pane() == Some(pane) {
            self.view.focus = Focus::Bytes;
        }
        self.reshaped();
    }

    /// Focuses a pane or the bytes, then the neighbouring view if there is one.
    pub(super) fn focus_on(&mut self, pane: Option<Pane>) {
        self.view.focus = pane.map_or(Focus::Bytes, Focus::Pane);
        if pane.is_none() {
            self.request(LayoutRequest::Across);
        }
    }

    /// Number of visible lines of a pane, and number of all lines.
    fn extent(&self, pane: Pane) -> (usize, usize) {
        let place = self.layout.pane(pane);
        place.map_or((0, 0), |it| (it.flow.inside.height.into(), it.count))
    }

    /// Moves the selection, or scrolls a pane without selection.
    pub(super) fn scroll_pane(&mut self, pane: Pane, by: isize) {
        // The stored line may be past the end, which keeps the last line selected as the list
        // grows.
        let last = self.extent(pane).1.saturating_sub(1);
        let line = self.view.panes.line(pane).min(last).saturating_add_signed(by);
        self.choose_line(pane, line);
    }

    pub(super) fn choose_line(&mut self, pane: Pane, line: usize) {
        let (seen, count) = self.extent(pane);
        let last =
            if has_choice(pane) { count.saturating_sub(1) } else { count.saturating_sub(seen) };
        self.view.panes.choose(pane, line.min(last));
    }

    /// Performs an action in a pane; a motion is repeated `count` times.
    pub(crate) fn act_in_pane(&mut self, pane: Pane, action: Action, count: Option<u64>) {
        if (pane == Pane::Map && self.act_in_map(action, count))
            || (pane == Pane::Histogram && self.act_in_histogram(action, count))
            || (pane == Pane::Structure && self.act_in_structure(action, count))
            || (pane == Pane::Field && self.act_in_field(action, count))
        {
            return;
        }
        let times = isize::try_from(times(count)).unwrap_or(isize::MAX);
        let seen = isize::try_from(self.extent(pane).0).unwrap_or(isize::MAX).max(1);
        let seen = seen.saturating_mul(times);
        // Lines are counted from 1.
        let line = count.map(|n| usize::try_from(n.saturating_sub(1)).unwrap_or(usize::MAX));
        match action {
            Action::Begin('y') if pane == Pane::Messages => self.copy_message(),
            Action::Begin('y') if pane == Pane::Differences => self.copy_differences(),
            Action::Up => self.scroll_pane(pane, -times),
            Action::Down => self.scroll_pane(pane, times),
            Action::PageUp | Action::HalfPageUp => self.scroll_pane(pane, -seen),
            Action::PageDown | Action::HalfPageDown => self.scroll_pane(pane, seen),
            Action::RowStart => self.choose_line(pane, 0),
            Action::RowEnd => self.choose_line(pane, usize::MAX),
            Action::Start => self.choose_line(pane, line.unwrap_or(0)),
            Action::End => self.choose_line(pane, line.unwrap_or(usize::MAX)),
            Action::Enter => self.enter(pane),
            Action::Begin('y') if pane == Pane::Inspector => self.copy_value(),
            Action::Remove if pane == Pane::Marks => {
                self.remove_listed_mark(self.view.panes.line(pane));
                self.choose_line(pane, self.view.panes.line(pane));
            }
            Action::Remove if pane == Pane::Matches => self.forget_search(),
            Action::Remove if pane == Pane::Jobs => {
                self.cancel_or_forget(self.view.panes.line(pane));
                self.choose_line(pane, self.view.panes.line(pane));
            }
            Action::Quit if pane == Pane::Help => self.view.focus = Focus::Bytes,
            Action::Quit => self.close_pane(pane),
            // A pane that covers nothing stays open.
            Action::Cancel => self.view.focus = Focus::Bytes,
            Action::Interrupt
            | Action::ToMatch(_)
            | Action::Region(_)
            | Action::Difference(_)
            | Action::Change(_)
            | Action::Edit(EditKey::Undo | EditKey::Redo)
            | Action::Nan(_)
            | Action::ToTab(_) => {
                self.act(action, count);
            }
            _ => self.act_anywhere(action),
        }
    }

    /// Activates the selected line: goes to its offset, or copies it.
    fn enter(&mut self, pane: Pane) {
        let line = self.view.panes.line(pane);
        match pane {
            Pane::Inspector if self.edit_value() => {}
            Pane::Inspector => self.copy_value(),
            Pane::Marks => {
                if let Some(place) = self.listed_mark(line) {
                    self.leave_for(place);
                }
            }
            Pane::Jumps => {
                let (places, _) = self.view.jumps.places(self.view.cursor);
                if let Some(&place) = places.get(line) {
                    self.leave_for(place);
                }
            }
            Pane::Regions => {
                let named = self.document.source().regions().named();
                if let Some(start) = named.get(line).map(|it| it.region.range.start) {
                    self.leave_for(start);
                }
            }
            Pane::Matches => {
                let hit = self.cx().search().and_then(|search| search.get(line));
                if let Some(hit) = hit {
                    self.leave_for(self.cx().match_now(hit).offset);
                }
            }
            Pane::Differences => self.go_to_listed_difference(line),
            Pane::Changes => self.go_to_listed_state(line),
            Pane::Jobs => self.copy_result(line),
            Pane::Histogram => self.find_value(),
            Pane::Strings => self.go_to_string(line),
            Pane::Messages => self.copy_message(),
            _ => {}
        }
    }

    /// Copies the value of the chosen row of the inspector.
    fn copy_value(&mut self) {
        let rows = self.cx().inspection();
        let Some(row) = rows.get(self.view.panes.line(Pane::Inspector)) else { return };
        let reading = row.reading(self.settings.order);
        if reading.is_value {
            let text = reading.text.clone();
            self.copy_text(text);
        } else {
            let name = row.name;
            self.complain(format!("there is no {name} here to copy"));
        }
    }

    /// Copies the message that the selected line belongs to.
    fn copy_message(&mut self) {
        let width = self.layout.pane(Pane::Messages).map_or(0, |it| it.flow.inside.width);
        let lines = self.messages.lines(width.saturating_sub(2));
        let chosen = self.view.panes.line(Pane::Messages).min(lines.len().saturating_sub(1));
        let message = lines.get(chosen).and_then(|line| self.messages.get(line.message));
        if let Some(text) = message.map(Message::text) {
            self.push(Effect::Copy {
                text: text.into_bytes(),
                what: "copied the message".to_owned(),
            });
        }
    }

    pub(super) fn leave_for(&mut self, place: u64) {
        self.jump(place);
        let is_below = self.layout.band.is_some() && self.view.pane() == Some(Pane::Differences);
        if matches!(self.layout().room, PaneArea::Over(_)) && !is_below {
            self.view.focus = Focus::Bytes;
        }
    }

    pub(super) fn copy_text(&mut self, text: String) {
        let what = format!("copied: {text}");
        self.push(Effect::Copy { text: text.into_bytes(), what });
    }
}
