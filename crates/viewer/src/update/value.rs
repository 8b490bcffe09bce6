//! Edits values in the inspector.

use memmap::widen;

use crate::analysis::data_inspector::encode::encode;
use crate::document::edits::{Edit, Step};
use crate::editor::current::Current;
use crate::editor::prompt::{Prompt, Purpose};
use crate::editor::typing::ValueEdit;
use crate::source::page_cache::Known;
use crate::view::panes::Pane;

use super::command_line::{CommandError, Outcome};

impl Current<'_> {
    /// Begins to edit the value of the chosen row. Returns whether the document may be edited.
    pub(super) fn edit_value(&mut self) -> bool {
        if self.document.editing.is_none() {
            return false;
        }
        let line = self.view.panes.line(Pane::Inspector);
        let rows = self.cx().inspection();
        let Some(row) = rows.get(line) else { return true };
        let order = self.settings.order;
        let reading = row.reading(order);
        let value =
            ValueEdit { name: row.name, order, has_order: row.has_order(), at: self.view.cursor };
        // Characters stand there with their numbers.
        let is_character = matches!(row.name, "UTF-8" | "UTF-16");
        let text = if reading.is_value && !is_character { reading.text.as_str() } else { "" };
        let mut prompt = Prompt::new(Purpose::Value);
        prompt.insert(text);
        self.input.value = Some(value);
        self.input.prompt = Some(prompt);
        true
    }

    /// Writes the value that was typed.
    pub(super) fn apply_value(&mut self, text: &str) -> Result<Outcome, CommandError> {
        let Some(ValueEdit { name, order, at, .. }) = self.input.value else {
            return Ok(Outcome::Done);
        };
        let bytes = encode(name, text, order)?;
        let len = widen(bytes.len());
        let end = at.saturating_add(len);
        if end > self.document.len {
            return Err(CommandError::Usage("the file ends before the value does"));
        }
        let known = self.document.pages.bytes(at, len);
        if known.contains(&Known::NotYet) {
            return Err(CommandError::Usage("the bytes here are not read yet"));
        }
        if known.contains(&Known::Unreadable) {
            return Err(CommandError::Usage(
                "a byte here cannot be read; :fill overwrites a sector",
            ));
        }
        if self.edit(&Edit::Replace { range: at..end, bytes }, Step::New).is_some() {
            self.follow_here(at);
            let undo = self.settings.keys.fill("{undo} undoes");
            self.say(format!("{name} at {at:#x} is {}; {undo}", text.trim()));
        }
        Ok(Outcome::Done)
    }
}
