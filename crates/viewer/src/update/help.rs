//! What the keys do in the help: typing filters it, Enter explains the chosen entry.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use ratatui::layout::Position;

use crate::editor::current::Current;
use crate::editor::help::HelpLine;
use crate::editor::keymap::Action;
use crate::layout::panes::item_at;
use crate::layout::view_layout::PaneLayout;
use crate::search::direction::Direction;
use crate::view::Focus;
use crate::view::panes::Pane;

impl Current<'_> {
    /// Whether the help takes a key that no prefix waits for.
    pub(super) fn press_in_help(&mut self, key: KeyEvent) -> bool {
        let is_plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let action = self.settings.keys.action(None, key);
        let help = &mut self.view.help;
        match (key.code, &mut help.filter) {
            (KeyCode::Enter, _) => help.is_explained = !help.is_explained,
            (KeyCode::Esc, _) if help.is_explained => help.is_explained = false,
            (KeyCode::Esc, Some(_)) => self.filter_help(None),
            (KeyCode::Backspace, Some(filter)) => {
                let filter = filter.pop().is_some().then(|| filter.clone());
                self.filter_help(filter);
            }
            (KeyCode::Char(c), Some(filter)) if is_plain => {
                filter.push(c);
                let filter = filter.clone();
                self.filter_help(Some(filter));
            }
            _ if action == Some(Action::OpenFind) => self.filter_help(Some(String::new())),
            (KeyCode::Char(c), None) if is_plain && !acts_in_help(action) => {
                self.filter_help(Some(c.to_string()));
            }
            _ if matches!(action, Some(Action::PageUp | Action::HalfPageUp)) => {
                self.page_help(Direction::Back);
            }
            _ if matches!(action, Some(Action::PageDown | Action::HalfPageDown)) => {
                self.page_help(Direction::Forward);
            }
            _ => return false,
        }
        true
    }

    /// Chooses the first entry of the next page that has the start of one, or of the previous one.
    fn page_help(&mut self, direction: Direction) {
        let Some(place) = self.layout.pane(Pane::Help).copied() else { return };
        let seen = place.seen().max(1);
        let page = place.flow.first / seen;
        let mut starts: Vec<(usize, usize)> = Vec::new();
        for (line, entry) in self.help_lines(&place).map(|line| line.entry).enumerate() {
            if let Some(entry) = entry.filter(|&entry| entry == starts.len()) {
                starts.push((line / seen, entry));
            }
        }
        let target = match direction {
            Direction::Forward => starts.iter().find(|(at, _)| *at > page),
            Direction::Back => starts
                .iter()
                .rfind(|(at, _)| *at < page)
                .and_then(|(at, _)| starts.iter().find(|(other, _)| other == at)),
        };
        if let Some(&(_, entry)) = target {
            self.choose_line(Pane::Help, entry);
        }
    }

    fn help_lines(&self, place: &PaneLayout) -> impl Iterator<Item = HelpLine> + use<> {
        let inside = place.flow.inside;
        self.cx().help(inside.width / place.flow.columns, inside.height).lines.into_iter()
    }

    /// Chooses the entry at a position, or closes the help if the position is outside of its frame.
    pub(super) fn press_mouse_in_help(&mut self, at: Position) {
        let Some(place) = self.layout.pane(Pane::Help).copied() else { return };
        if !place.rect.contains(at) {
            self.view.focus = Focus::Bytes;
            return;
        }
        let line = item_at(&place.flow, at).and_then(|line| self.help_lines(&place).nth(line));
        if let Some(entry) = line.and_then(|line| line.entry) {
            self.choose_line(Pane::Help, entry);
        }
    }

    fn filter_help(&mut self, filter: Option<String>) {
        self.view.help.filter = filter;
        self.view.help.is_explained = false;
        self.view.panes.choose(Pane::Help, 0);
    }

    /// Opens the help, or closes it.
    pub(super) fn toggle_help(&mut self) {
        let is_open = self.view.pane() == Some(Pane::Help);
        self.view.focus = if is_open { Focus::Bytes } else { Focus::Pane(Pane::Help) };
        self.filter_help(None);
    }
}

/// Whether a key means the same in the help as elsewhere. Other characters filter.
fn acts_in_help(action: Option<Action>) -> bool {
    matches!(action, Some(Action::PageDown | Action::OpenCommand | Action::Toggle(Pane::Help)))
}
