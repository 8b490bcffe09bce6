//! The list of formats: what opens it, filters it, and applies one.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use memmap_structure::Trail;

use crate::editor::current::Current;
use crate::editor::keymap::Action;
use crate::structure::format_job::Choice;
use crate::structure::read_fields::Goal;
use crate::view::Focus;
use crate::view::format_list::FormatList;
use crate::view::panes::Pane;

impl Current<'_> {
    /// Lists the formats, in place of the fields if a format is known.
    pub(in crate::update) fn list_formats(&mut self) {
        let chosen = self.chosen_row().map_or_else(Trail::root, |(_, row)| row.trail);
        let is_known = self.document.structure.format.is_some();
        self.filter_formats(String::new());
        self.view.structure.list.instead_of = is_known.then_some(chosen);
        if self.layout.pane(Pane::Structure).is_none() {
            self.view.panes.open(Pane::Structure);
        }
        self.view.structure.was_opened = true;
        self.view.focus = Focus::Pane(Pane::Structure);
        self.reshaped();
    }

    /// Whether the list of formats takes a key that no prefix waits for.
    pub(in crate::update) fn press_in_format_list(&mut self, key: KeyEvent) -> bool {
        // While the format is looked for there is nothing to filter yet.
        let is_listed = self.document.structure.offers.is_some() && self.cx().lists_formats();
        if self.view.pane() != Some(Pane::Structure) || !is_listed {
            return false;
        }
        let is_plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let action = self.settings.keys.action(None, key);
        let list = &mut self.view.structure.list;
        let mut filter = list.filter.clone();
        match key.code {
            KeyCode::Esc if !filter.is_empty() => filter.clear(),
            KeyCode::Esc => return self.leave_format_list(),
            KeyCode::Backspace if filter.pop().is_some() => {}
            KeyCode::Char(c) if is_plain && !acts_in_list(action, &filter) => filter.push(c),
            _ => return false,
        }
        self.filter_formats(filter);
        true
    }

    /// Goes back to the fields, if the list is shown in place of them.
    fn leave_format_list(&mut self) -> bool {
        let Some(chosen) = self.view.structure.list.instead_of.take() else { return false };
        self.view.structure.list = FormatList::default();
        self.view.structure.goal = Goal::Node(chosen);
        true
    }

    fn filter_formats(&mut self, filter: String) {
        self.view.structure.list.filter = filter;
        self.view.panes.choose(Pane::Structure, 0);
    }

    /// Reads the file by the chosen format, where its signature was found.
    pub(super) fn apply_offer(&mut self) {
        let line = self.view.panes.line(Pane::Structure);
        let last = self.cx().offers().count().saturating_sub(1);
        let Some(offer) = self.cx().offers().nth(line.min(last)).cloned() else { return };
        let base = offer.found.map_or(0, |it| it.base);
        self.choose_format(Choice::Named { format: offer.name, base });
    }
}

/// Whether a key means the same in the list as elsewhere. Other characters filter.
fn acts_in_list(action: Option<Action>, filter: &str) -> bool {
    match action {
        Some(Action::OpenCommand) => true,
        Some(Action::PageDown | Action::Toggle(Pane::Help | Pane::Structure)) => filter.is_empty(),
        _ => false,
    }
}
