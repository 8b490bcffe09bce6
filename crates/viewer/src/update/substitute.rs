//! Replaces matches: all at once, or those that are answered with yes.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::document::edits::{Edit, Step};
use crate::editor::Editor;
use crate::editor::current::Current;
use crate::editor::popup::Popup;
use crate::editor::popup::replace::{ReplaceScreen, short};
use crate::format::units::in_thousands;
use crate::search::substitute::Substitution;

impl Editor {
    /// Answers the question whether a match is to be replaced.
    pub(super) fn press_in_replace(&mut self, mut screen: ReplaceScreen, key: KeyEvent) {
        let is_ctrl_c =
            key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
        let goes_on = match key.code {
            KeyCode::Char('y') => screen.answer(true),
            KeyCode::Char('n') => screen.answer(false),
            KeyCode::Char('a') => {
                while screen.answer(true) {}
                false
            }
            KeyCode::Char('l') => {
                screen.answer(true);
                false
            }
            KeyCode::Char('q') | KeyCode::Esc => false,
            _ if is_ctrl_c => false,
            _ => true,
        };
        // The view may be gone, and its bytes others.
        let Some(mut cx) = self.view(screen.view) else { return };
        if screen.found.state != cx.document.state().number() {
            return cx.complain(CHANGED);
        }
        if goes_on {
            cx.show_match(&screen);
            self.input.popup = Some(Popup::Replace(Box::new(screen)));
        } else {
            cx.replace(screen.accepted(), true);
        }
    }
}

/// What is said of matches of another version.
const CHANGED: &str = "not replaced: the bytes were edited meanwhile";

impl Current<'_> {
    /// Replaces the matches that were found, or asks about the first one.
    pub(super) fn substitute(&mut self, found: Substitution) {
        if found.state != self.document.state().number() {
            return self.complain(CHANGED);
        }
        if found.ranges.is_empty() {
            return self.say("no match: nothing is replaced");
        }
        if !found.confirms {
            return self.replace(found, false);
        }
        // Keys that are meant for something else would answer.
        let input = &self.input;
        if input.popup.is_some() || input.prompt.is_some() || input.typing.is_some() {
            let text =
                "nothing is replaced: something else was begun before all matches were found";
            return self.complain(text);
        }
        (self.input.pending, self.input.count) = (None, None);
        let screen = ReplaceScreen::new(self.view_id, found);
        self.show_match(&screen);
        self.input.popup = Some(Popup::Replace(Box::new(screen)));
    }

    /// Shows and selects the match that is asked about.
    fn show_match(&mut self, screen: &ReplaceScreen) {
        let Some(range) = screen.range() else { return };
        self.view.anchor = None;
        self.show(range.start);
        self.view.anchor = Some(range.end.saturating_sub(1).max(range.start));
    }

    fn replace(&mut self, found: Substitution, was_asked: bool) {
        let Substitution { ranges, seen, bytes, .. } = found;
        self.view.anchor = None;
        let (Some(first), Some(was)) = (ranges.first().cloned(), seen.first().cloned()) else {
            return self.say("nothing is replaced");
        };
        let count = ranges.len();
        let preview = format!("{} → {}", short(&was), short(&bytes));
        if self.edit(&Edit::Many { ranges, seen, bytes }, Step::New).is_none() {
            return;
        }
        self.follow_here(first.start);
        // Whoever was asked has seen the place.
        if !was_asked {
            self.show(first.start);
        }
        let noun = if count == 1 { "match" } else { "matches" };
        let count = in_thousands(memmap::widen(count));
        self.say_len(&format!("{count} {noun} replaced: {preview}"));
    }
}
