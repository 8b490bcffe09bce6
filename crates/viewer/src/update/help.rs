//! What the keys do in the help: typing filters it, Enter explains the chosen entry.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::editor::current::Current;
use crate::editor::keymap::Action;
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
            (KeyCode::Char(c), None)
                if is_plain && !c.is_ascii_digit() && !acts_in_help(action) =>
            {
                self.filter_help(Some(c.to_string()));
            }
            _ => return false,
        }
        true
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

/// Whether a key means the same in the help as elsewhere. Other letters filter.
fn acts_in_help(action: Option<Action>) -> bool {
    matches!(
        action,
        Some(
            Action::Up
                | Action::Down
                | Action::PageUp
                | Action::PageDown
                | Action::RowStart
                | Action::RowEnd
                | Action::Begin('g')
                | Action::End
                | Action::OpenCommand
                | Action::Toggle(Pane::Help)
                | Action::Quit
        )
    )
}
