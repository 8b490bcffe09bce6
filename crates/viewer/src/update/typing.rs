//! Keys while bytes are typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use memmap::widen;

use crate::document::edits::{Edit, Step};
use crate::editor::Editor;
use crate::editor::current::Current;
use crate::editor::keymap::Action;
use crate::editor::typing::{Column, LastEdit, PAUSE, Part, Typed, Typing, TypingMode};
use crate::source::page_cache::Known;

/// Whether the mode goes on after a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Stay,
    /// The key types over a byte that is not read yet.
    Wait,
    Leave,
}

impl Editor {
    /// Handles the keys that waited for bytes to be typed over.
    pub(super) fn type_late(&mut self) {
        if let Some(mut cx) = self.current() {
            cx.type_waiting();
        }
    }
}

impl Current<'_> {
    /// Begins to type at a position, which may be after the last byte.
    pub(super) fn start_typing(&mut self, mode: TypingMode, at: u64) {
        self.view.anchor = None;
        self.go_to(at);
        self.input.typing = Some(Typing::new(self.view_id, mode, at, self.now));
    }

    /// Handles a key while bytes are typed.
    pub(super) fn press_typing(&mut self, key: KeyEvent) {
        let Some(mut typing) = self.input.typing.take() else { return };
        let is_ctrl_c = is_ctrl(key, 'c');
        if !typing.waiting.is_empty() && !is_ctrl_c {
            typing.waiting.push_back(key);
            self.input.typing = Some(typing);
            return self.type_waiting();
        }
        match self.type_key(&mut typing, key) {
            Next::Stay => self.input.typing = Some(typing),
            Next::Wait => {
                typing.waiting.push_back(key);
                self.input.typing = Some(typing);
            }
            Next::Leave => {}
        }
    }

    fn type_waiting(&mut self) {
        while let Some(mut typing) = self.input.typing.take() {
            let Some(key) = typing.waiting.pop_front() else {
                self.input.typing = Some(typing);
                return;
            };
            let waiting = std::mem::take(&mut typing.waiting);
            match self.type_key(&mut typing, key) {
                Next::Stay => {
                    typing.waiting = waiting;
                    self.input.typing = Some(typing);
                }
                Next::Wait => {
                    typing.waiting = waiting;
                    typing.waiting.push_front(key);
                    self.input.typing = Some(typing);
                    return;
                }
                // Those after it are meant for the bytes.
                Next::Leave => waiting.into_iter().for_each(|key| self.press(key)),
            }
        }
    }

    fn type_key(&mut self, typing: &mut Typing, key: KeyEvent) -> Next {
        // The mouse may have moved the cursor.
        if self.view.cursor != typing.at.min(self.document.len.saturating_sub(1)) {
            typing.at = self.view.cursor;
            typing.half = None;
            typing.end_run();
        }
        if self.now.saturating_sub(typing.last_key) > PAUSE {
            typing.end_run();
        }
        typing.last_key = self.now;
        let is_plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        match key.code {
            KeyCode::Esc => return Next::Leave,
            KeyCode::Char('c') if is_ctrl(key, 'c') => return Next::Leave,
            // Saving ends typing.
            KeyCode::Char('s') if is_ctrl(key, 's') => {
                self.press(key);
                return Next::Leave;
            }
            KeyCode::Tab | KeyCode::BackTab => {
                typing.column = typing.column.other();
                typing.half = None;
                typing.end_run();
            }
            KeyCode::Insert => {
                typing.mode = match typing.mode {
                    TypingMode::Insert => TypingMode::Overwrite,
                    TypingMode::Overwrite => TypingMode::Insert,
                };
                typing.half = None;
                typing.end_run();
            }
            KeyCode::Backspace => self.take_back(typing),
            KeyCode::Left
            | KeyCode::Right
            | KeyCode::Up
            | KeyCode::Down
            | KeyCode::Home
            | KeyCode::End
            | KeyCode::PageUp
            | KeyCode::PageDown => self.move_while_typing(typing, key),
            KeyCode::Char(c) if is_plain && typing.column == Column::Hex => {
                let Some(digit) = c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()) else {
                    self.say(format!("{c:?} is no hex digit; Tab types text, Esc ends typing"));
                    return Next::Stay;
                };
                return self.type_digit(typing, digit);
            }
            KeyCode::Char(c) if is_plain => {
                let Some(bytes) = self.settings.table.encode(c) else {
                    let name = self.settings.table.name();
                    self.say(format!("{c:?} is not in {name}; Tab types hex, Esc ends typing"));
                    return Next::Stay;
                };
                return self.type_bytes(typing, &bytes);
            }
            _ => match self.settings.keys.action(None, key) {
                Some(action @ (Action::Redraw | Action::Suspend)) => self.act_anywhere(action),
                _ => self.say("this key types nothing; Esc ends typing"),
            },
        }
        Next::Stay
    }

    fn move_while_typing(&mut self, typing: &mut Typing, key: KeyEvent) {
        typing.half = None;
        typing.end_run();
        let len = self.document.len;
        let is_right = key.code == KeyCode::Right && key.modifiers.is_empty();
        if is_right && typing.at.saturating_add(1) >= len && typing.mode == TypingMode::Insert {
            typing.at = len;
            return;
        }
        // From behind the last byte the first step leads to it.
        let is_left = key.code == KeyCode::Left && key.modifiers.is_empty();
        if !(is_left && typing.at >= len)
            && let Some(action) = self.settings.keys.action(None, key)
        {
            self.act(action, None);
        }
        typing.at = self.view.cursor;
    }

    /// Types a digit: first the high half of a byte, then the low one.
    fn type_digit(&mut self, typing: &mut Typing, digit: u8) -> Next {
        if let Some(half) = typing.half {
            let at = typing.at;
            let part = Part { typed: at..at.saturating_add(1), before: vec![half] };
            let byte = half & 0xf0 | digit;
            if self.type_part(typing, part, vec![byte], at..at.saturating_add(1)) {
                typing.half = None;
                self.typed(typing, at.saturating_add(1));
            }
            return Next::Stay;
        }
        let at = typing.at;
        let (over, before) = match self.typed_over(typing, 1) {
            Ok(found) => found,
            Err(next) => return next,
        };
        let byte = digit << 4 | before.first().copied().unwrap_or(0) & 0x0f;
        typing.run.push(Typed { parts: Vec::new(), bytes: Vec::new() });
        let part = Part { typed: at..at.saturating_add(1), before };
        if self.type_part(typing, part, vec![byte], over) {
            typing.half = Some(byte);
            self.typed(typing, at);
        }
        Next::Stay
    }

    /// Types whole bytes.
    fn type_bytes(&mut self, typing: &mut Typing, bytes: &[u8]) -> Next {
        let at = typing.at;
        let (over, before) = match self.typed_over(typing, widen(bytes.len())) {
            Ok(found) => found,
            Err(next) => return next,
        };
        let end = at.saturating_add(widen(bytes.len()));
        typing.run.push(Typed { parts: Vec::new(), bytes: Vec::new() });
        let part = Part { typed: at..end, before };
        if self.type_part(typing, part, bytes.to_vec(), over) {
            self.typed(typing, end);
        }
        Next::Stay
    }

    /// The range that typed bytes replace, and what is in it.
    fn typed_over(
        &mut self,
        typing: &Typing,
        len: u64,
    ) -> Result<(std::ops::Range<u64>, Vec<u8>), Next> {
        let at = typing.at;
        if typing.mode == TypingMode::Insert {
            return Ok((at..at, Vec::new()));
        }
        if self.document.len.saturating_sub(at) < len {
            self.say("the file ends here; Insert changes to inserting");
            return Err(Next::Stay);
        }
        let known = self.document.pages.bytes(at, len);
        let mut before = Vec::new();
        for byte in known {
            match byte {
                Known::Value(byte) => before.push(byte),
                Known::NotYet => return Err(Next::Wait),
                Known::Unreadable => {
                    self.complain("this byte cannot be read; :fill overwrites a whole sector");
                    return Err(Next::Stay);
                }
            }
        }
        Ok((at..at.saturating_add(len), before))
    }

    /// Makes a part of the last byte of the run. Returns whether it was possible.
    fn type_part(
        &mut self,
        typing: &mut Typing,
        part: Part,
        bytes: Vec<u8>,
        over: std::ops::Range<u64>,
    ) -> bool {
        let is_first = typing.run.iter().all(|typed| typed.parts.is_empty());
        let step = if is_first { Step::New } else { Step::Same };
        let edit = Edit::Replace { range: over, bytes: bytes.clone() };
        let Some(is_new) = self.edit(&edit, step) else {
            typing.end_run();
            typing.half = None;
            return false;
        };
        // A very long run is more than one state.
        if is_new && !is_first {
            typing.end_run();
        }
        if typing.run.is_empty() {
            typing.run.push(Typed { parts: Vec::new(), bytes: Vec::new() });
        }
        if let Some(typed) = typing.run.last_mut() {
            typed.parts.push(part);
            typed.bytes = bytes;
        }
        self.input.last_edit = Some(LastEdit::Typed(typing.mode, typing.bytes()));
        true
    }

    /// Goes on at the next byte.
    fn typed(&mut self, typing: &mut Typing, next: u64) {
        typing.at = next;
        self.follow_here(next);
    }

    /// Moves back, and restores what was typed.
    fn take_back(&mut self, typing: &mut Typing) {
        typing.half = None;
        let Some(typed) = typing.run.pop() else {
            typing.at = typing.at.saturating_sub(1);
            return self.go_to(typing.at);
        };
        let mut at = typing.at;
        for (i, part) in typed.parts.iter().enumerate().rev() {
            let is_all = i == 0 && typing.run.is_empty();
            if !self.document.retract(&part.typed, &part.before, is_all) {
                // It was saved meanwhile.
                typing.end_run();
                break;
            }
            at = part.typed.start;
        }
        typing.at = at;
        self.follow_here(at);
    }

    /// Types pasted text.
    pub(super) fn paste_typing(&mut self, text: &str) {
        let Some(mut typing) = self.input.typing.take() else { return };
        typing.half = None;
        typing.end_run();
        let bytes = match typing.column {
            Column::Text => {
                let table = self.settings.table;
                text.chars()
                    .map(|c| table.encode(c))
                    .collect::<Option<Vec<_>>>()
                    .map(|it| it.concat())
            }
            Column::Hex => crate::format::hex::parse(text),
        };
        if let Some(bytes) = bytes {
            if self.type_bytes(&mut typing, &bytes) == Next::Wait {
                self.say("the bytes here are not read yet; paste again");
            }
            typing.end_run();
        } else {
            let column = typing.column.name();
            self.say(format!("what was pasted cannot be typed as {column}"));
        }
        self.input.typing = Some(typing);
    }
}

fn is_ctrl(key: KeyEvent, c: char) -> bool {
    key.code == KeyCode::Char(c) && key.modifiers.contains(KeyModifiers::CONTROL)
}
