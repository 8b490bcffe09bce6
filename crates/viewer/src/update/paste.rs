//! Pastes what was copied here, and the text of the clipboard or the terminal.

use std::io;

use memmap::widen;

use crate::document::edits::{Edit, Step};
use crate::editor::Editor;
use crate::editor::current::Current;
use crate::editor::effect::Effect;
use crate::editor::paste::PasteRequest;
use crate::editor::prompt::Purpose;
use crate::editor::typing::{LastEdit, TypingMode};
use crate::format::parse_pasted::BadPaste;
use crate::format::units::in_units;

/// The most bytes that are pasted at once: beyond, they would not be kept in memory.
const COPIED_MAX: usize = 64 << 20;

impl Editor {
    /// Handles the text of the clipboard; `None` if no program here can read it.
    pub(super) fn clipboard_read(
        &mut self,
        request: PasteRequest,
        read: io::Result<Option<Vec<u8>>>,
    ) {
        let Some(mut cx) = self.view(request.view) else { return };
        match read.map(|read| read.map(String::from_utf8)) {
            Ok(Some(Ok(text))) => {
                if let Err(bad) = cx.paste_text(request, &text) {
                    cx.complain(format!("not pasted as {}: {bad}", request.form.name()));
                }
            }
            Ok(Some(Err(_))) => cx.complain("not pasted: the clipboard has no text"),
            Ok(None) => cx.wait_for_paste(request),
            Err(error) => cx.complain(format!("the clipboard cannot be read: {error}")),
        }
    }
}

impl Current<'_> {
    /// Pastes a text, or asks for that of the clipboard if there is none.
    pub(super) fn paste_as(&mut self, request: PasteRequest, text: &str) -> Result<(), BadPaste> {
        if text.is_empty() {
            self.push(Effect::ReadClipboard(request));
            return Ok(());
        }
        self.paste_text(request, text)
    }

    /// Pastes a text.
    fn paste_text(&mut self, request: PasteRequest, text: &str) -> Result<(), BadPaste> {
        let bytes = request.form.parse(text, self.settings.table)?;
        if self.is_writable() {
            let mode = if request.inserts { TypingMode::Insert } else { TypingMode::Overwrite };
            self.input.last_edit = Some(LastEdit::Typed(mode, bytes.clone()));
            self.paste_bytes(bytes, request.inserts, ":paste! inserts");
        }
        Ok(())
    }

    /// Opens the prompt, into which the terminal pastes.
    fn wait_for_paste(&mut self, request: PasteRequest) {
        self.open_prompt(Purpose::Command);
        if let Some(prompt) = &mut self.input.prompt {
            prompt.insert(&request.line());
            let text = "no clipboard program: paste with the terminal's key, or type, then Enter";
            prompt.problem = Some(text.to_owned());
        }
    }

    /// Takes a text that the terminal pastes after `:paste FORM`. Returns whether it was one.
    pub(super) fn paste_after_command(&mut self, text: &str) -> bool {
        let line = self.input.prompt.as_ref().filter(|it| it.purpose == Purpose::Command);
        let request = line.and_then(|it| PasteRequest::of_line(&it.text(), self.view_id));
        let Some(request) = request.filter(|_| self.document.editing.is_some()) else {
            return false;
        };
        // Terminals send the end of a line as the key that makes one.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let pasted = self.paste_text(request, &text);
        match (pasted, &mut self.input.prompt) {
            (Err(bad), Some(prompt)) => prompt.problem = Some(format!("E: {bad}")),
            _ => self.input.prompt = None,
        }
        true
    }

    /// Pastes what was copied: over bytes, or between them.
    pub(super) fn paste_copied(&mut self, is_inserted: bool, times: u64) {
        let copied = std::mem::take(&mut self.input.copied);
        let times = usize::try_from(times).unwrap_or(usize::MAX);
        let is_too_long = copied.len().saturating_mul(times) > COPIED_MAX;
        if copied.is_empty() {
            let text = "nothing was copied here so far; {copy} copies";
            let text = self.settings.keys.fill(text);
            self.say(text);
        } else if is_too_long {
            let most = in_units(widen(COPIED_MAX));
            self.complain(format!("at most {most} are pasted at once"));
        } else {
            let bytes = copied.repeat(times);
            let insert = self.settings.keys.fill("{paste-insert} inserts");
            self.paste_bytes(bytes, is_inserted, &insert);
            let last = if is_inserted { LastEdit::PasteInsert } else { LastEdit::PasteOver };
            self.input.last_edit = Some(last);
        }
        self.input.copied = copied;
    }

    /// Pastes bytes at the cursor, or over the selection. `insert` says what inserts them instead.
    fn paste_bytes(&mut self, mut bytes: Vec<u8>, is_inserted: bool, insert: &str) {
        let at = self.cx().selection().map_or(self.view.cursor, |range| range.start);
        self.view.anchor = None;
        if is_inserted {
            return self.insert(at, bytes);
        }
        let room = self.document.len.saturating_sub(at);
        let all = bytes.len();
        bytes.truncate(usize::try_from(room).unwrap_or(usize::MAX));
        let pasted = bytes.len();
        let end = at.saturating_add(widen(pasted));
        if pasted == 0 {
            return self.say("there is no byte to paste over");
        }
        let edit = Edit::Replace { range: at..end, bytes };
        if self.edit(&edit, Step::New).is_none() {
            return;
        }
        self.follow_here(at);
        if pasted < all {
            self.say(format!("pasted over {pasted} of {all} bytes: the file ends here; {insert}"));
        } else {
            let pasted = in_units(widen(pasted));
            let undo = self.settings.keys.fill("{undo} undoes");
            self.say(format!("pasted over {pasted}; {insert}, {undo}"));
        }
    }
}
