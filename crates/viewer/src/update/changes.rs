//! The list of edits.

use memmap::edit::State;

use crate::editor::current::Current;
use crate::view::panes::Pane;

use super::edit::edits;

impl Current<'_> {
    /// The state of a line: the newest is the first.
    fn listed_state(&self, line: usize) -> Option<State> {
        self.document.editing.as_ref()?.overlay.history().states().rev().nth(line)
    }

    /// Chooses the line of the state that is shown.
    pub(super) fn choose_current_state(&mut self) {
        let number = usize::try_from(self.document.state().number()).unwrap_or(0);
        let line = self.document.states_count().saturating_sub(number.saturating_add(1));
        self.view.panes.choose(Pane::Changes, line);
    }

    /// Goes to the state of a line.
    pub(super) fn go_to_listed_state(&mut self, line: usize) {
        let Some(state) = self.listed_state(line) else { return };
        let Some(editing) = &self.document.editing else { return };
        let history = editing.overlay.history();
        let from = history.current();
        if from == state {
            return self.say("this is the state that is shown");
        }
        let count = edits(history.distance(from, state));
        self.show_state(state, &format!("state {}, {count} away", state.number()));
    }
}
