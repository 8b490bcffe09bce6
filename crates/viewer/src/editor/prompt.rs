//! The prompt: its text and history.

mod completion;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use memmap::scan::PatternError;

use crate::editor::command::Listing;
use crate::format::hex::Hex;
use crate::search::notation::Notation;
use crate::search::query::{CASE, KINDS, Query};
use crate::search::results::CompiledQuery;

/// Maximum length of a line: enough for any command or address, and for most file names.
const LEN_MAX: usize = 512;

/// Maximum number of lines in the history.
pub(crate) const HISTORY_MAX: usize = 200;

/// What the prompt is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Commands and addresses.
    Command,
    /// Addresses only.
    Goto,
    /// Search queries.
    Find,
    /// A value of the inspector.
    Value,
}

/// The line being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prompt {
    pub(crate) purpose: Purpose,
    text: Vec<char>,
    /// Cursor position, in characters.
    at: usize,
    /// The error or question after the last Enter.
    pub(crate) problem: Option<String>,
    /// A line that needs a second Enter as confirmation.
    pub(crate) confirmed: Option<String>,
    /// Index of the history line shown, counted from the newest.
    browsing: Option<usize>,
    /// The text typed before browsing the history.
    draft: String,
    /// The completions, as passed in.
    pub(crate) listing: Listing,
    /// The text that they belong to.
    listed: Option<String>,
    /// Index of the completion in the line, and the text that was typed before it.
    pub(crate) chosen: Option<usize>,
    input: String,
    /// Whether completion was requested, so that the list is shown even if there is little room.
    pub(crate) is_completing: bool,
    /// Whether the list has file names, which stay while the user cycles through them.
    pub(crate) has_names: bool,
    /// Notation of the query, and whether it ignores case.
    pub(crate) notation: Notation,
    pub(crate) folds_case: bool,
    /// The compiled query or its error; `None` while the text is empty.
    pub(crate) compiled: Option<Result<CompiledQuery, PatternError>>,
}

/// The effect of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PromptEvent {
    /// The line is still being typed.
    More,
    /// Run this line.
    Line(String),
    /// Search for this query.
    Query(Query),
    /// The prompt was closed.
    Left,
    /// Complete this file name.
    Names(String),
}

impl Prompt {
    pub(crate) fn new(purpose: Purpose) -> Self {
        Self {
            purpose,
            text: Vec::new(),
            at: 0,
            problem: None,
            confirmed: None,
            browsing: None,
            draft: String::new(),
            listing: Listing::default(),
            listed: None,
            chosen: None,
            input: String::new(),
            is_completing: false,
            has_names: false,
            notation: Notation::Text,
            folds_case: false,
            compiled: None,
        }
    }

    pub(crate) fn text(&self) -> String {
        self.text.iter().collect()
    }

    /// Cursor position, in characters.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn press(&mut self, key: KeyEvent, history: &[String]) -> PromptEvent {
        if self.purpose == Purpose::Value {
            return self.press_in_line(key, &[]);
        }
        if self.purpose != Purpose::Find {
            return self.press_in_line(key, history);
        }
        // There is one history; a search prompt uses its `find` lines only.
        let searches = history.iter().filter_map(|line| line.strip_prefix("find "));
        let searches: Vec<String> = searches.map(str::to_owned).collect();
        let has = |modifier| key.modifiers.contains(modifier);
        let event = match key.code {
            KeyCode::Char('t') if has(KeyModifiers::CONTROL) => self.turn_to(None),
            KeyCode::Tab => self.turn_to(None),
            KeyCode::Char(letter) if has(KeyModifiers::ALT) => self.turn_to(Some(letter)),
            KeyCode::Enter => return PromptEvent::Query(self.query()),
            _ => self.press_in_line(key, &searches),
        };
        self.problem = None;
        self.compile();
        event
    }

    /// Switches to the notation of a letter, or to the next one.
    fn turn_to(&mut self, letter: Option<char>) -> PromptEvent {
        match letter {
            None => self.notation = self.query().next_notation(),
            Some(CASE) => self.folds_case = !self.folds_case,
            Some(letter) => {
                if let Some(kind) = KINDS.iter().find(|kind| kind.letter == letter) {
                    self.notation = kind.notation;
                }
            }
        }
        PromptEvent::More
    }

    /// The query as typed so far.
    pub(crate) fn query(&self) -> Query {
        Query { notation: self.notation, folds_case: self.folds_case, text: self.text() }
    }

    fn compile(&mut self) {
        let query = self.query();
        self.compiled = (!query.text.is_empty()).then(|| CompiledQuery::of(query));
    }

    fn press_in_line(&mut self, key: KeyEvent, history: &[String]) -> PromptEvent {
        let before = self.text.clone();
        let is_ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let browses = match key.code {
            KeyCode::Up | KeyCode::Down => true,
            KeyCode::Char('p' | 'n') => is_ctrl,
            _ => false,
        };
        let event = self.edit(key, history);
        // Once edited, a line is no longer part of the history.
        if !browses && self.text != before {
            self.browsing = None;
        }
        event
    }

    fn edit(&mut self, key: KeyEvent, history: &[String]) -> PromptEvent {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let is_choice =
            matches!(key.code, KeyCode::Tab | KeyCode::BackTab | KeyCode::Up | KeyCode::Down);
        if !is_choice {
            self.forget_choice();
        }
        if key.code != KeyCode::Enter {
            self.problem = None;
            self.confirmed = None;
        }
        match key.code {
            KeyCode::Enter => return PromptEvent::Line(self.text()),
            KeyCode::Esc => return PromptEvent::Left,
            KeyCode::Char('c') if ctrl => return PromptEvent::Left,
            KeyCode::Char('u') if ctrl => {
                self.text.drain(..self.at);
                self.at = 0;
            }
            KeyCode::Char('w') if ctrl => self.rub_word(),
            KeyCode::Char('a') if ctrl => self.at = 0,
            KeyCode::Char('e') if ctrl => self.at = self.text.len(),
            KeyCode::Char('p') if ctrl => self.browse(1, history),
            KeyCode::Char('n') if ctrl => self.browse(-1, history),
            KeyCode::Backspace if self.text.is_empty() => return PromptEvent::Left,
            KeyCode::Backspace => {
                if let Some(before) = self.at.checked_sub(1) {
                    self.text.remove(before);
                    self.at = before;
                }
            }
            KeyCode::Delete if self.at < self.text.len() => {
                self.text.remove(self.at);
            }
            KeyCode::Left => self.at = self.at.saturating_sub(1),
            KeyCode::Right => self.at = self.text.len().min(self.at + 1),
            KeyCode::Home => self.at = 0,
            KeyCode::End => self.at = self.text.len(),
            KeyCode::Up => self.choose_or_browse(-1, history),
            KeyCode::Down => self.choose_or_browse(1, history),
            KeyCode::Tab => return self.complete(1),
            KeyCode::BackTab => return self.complete(-1),
            KeyCode::Char(c) if !ctrl && !alt => self.insert(c.encode_utf8(&mut [0; 4])),
            _ => {}
        }
        PromptEvent::More
    }

    /// Inserts text at the cursor, without control characters.
    pub(crate) fn insert(&mut self, text: &str) {
        let pasted = self.pasted(text);
        let text = pasted.as_deref().unwrap_or(text);
        self.problem = None;
        self.confirmed = None;
        self.forget_choice();
        self.browsing = None;
        for c in text.chars().filter(|c| !c.is_control()) {
            if self.text.len() < LEN_MAX {
                self.text.insert(self.at, c);
                self.at += 1;
            }
        }
        if self.purpose == Purpose::Find {
            self.compile();
        }
    }

    /// Converts pasted text to the current notation: binary data becomes hexadecimal digits, and
    /// digits lose the punctuation of source code.
    fn pasted(&mut self, text: &str) -> Option<String> {
        if self.purpose != Purpose::Find {
            return None;
        }
        let text = text.strip_suffix('\n').unwrap_or(text);
        let is_text = self.notation == Notation::Text && self.text.is_empty();
        if is_text && text.chars().any(char::is_control) {
            self.notation = Notation::Hex;
            return Some(Hex::separated(text.as_bytes(), " ").to_string());
        }
        let is_program = self.notation == Notation::Hex && text.chars().count() > 1;
        is_program.then(|| text.replace("0x", " ").replace("\\x", " ").replace([',', '\n'], " "))
    }

    fn replace(&mut self, text: &str) {
        self.text = text.chars().take(LEN_MAX).collect();
        self.at = self.text.len();
    }

    fn rub_word(&mut self) {
        let before = self.text.get(..self.at).unwrap_or_default();
        let words_end = before.iter().rposition(|c| *c != ' ').map_or(0, |at| at + 1);
        let word = before.get(..words_end).unwrap_or_default();
        let start = word.iter().rposition(|c| *c == ' ').map_or(0, |at| at + 1);
        self.text.drain(start..self.at);
        self.at = start;
    }

    /// Moves in the history; the newest end is the typed text.
    fn browse(&mut self, by: isize, history: &[String]) {
        let next = match self.browsing {
            None if by > 0 => Some(0),
            None => return,
            Some(0) if by < 0 => None,
            Some(at) => Some(at.saturating_add_signed(by)),
        };
        match next {
            None => {
                let draft = std::mem::take(&mut self.draft);
                self.recall(&draft);
            }
            Some(back) => {
                let line = history.len().checked_sub(back + 1).and_then(|at| history.get(at));
                let Some(line) = line else { return };
                if self.browsing.is_none() {
                    self.draft = match self.purpose {
                        Purpose::Find => self.query().line(),
                        Purpose::Command | Purpose::Goto | Purpose::Value => self.text(),
                    };
                }
                self.recall(line);
            }
        }
        self.browsing = next;
    }

    /// Restores a line of the history.
    fn recall(&mut self, line: &str) {
        match Query::parse(line) {
            Ok(query) if self.purpose == Purpose::Find => {
                self.notation = query.notation;
                self.folds_case = query.folds_case;
                self.replace(&query.text);
            }
            _ => self.replace(line),
        }
    }
}

/// Appends a line to the history, and removes its earlier occurrence.
pub(crate) fn remember(history: &mut Vec<String>, line: &str) {
    if line.trim().is_empty() {
        return;
    }
    history.retain(|old| old != line);
    history.push(line.to_owned());
    history.drain(..history.len().saturating_sub(HISTORY_MAX));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(prompt: &mut Prompt, keys: &[KeyCode]) -> String {
        let history = ["0x10".to_owned(), "50%".to_owned()];
        for &code in keys {
            prompt.press(KeyEvent::new(code, KeyModifiers::NONE), &history);
        }
        prompt.text()
    }

    fn prompt(text: &str) -> Prompt {
        let mut prompt = Prompt::new(Purpose::Command);
        prompt.insert(text);
        prompt
    }

    #[test]
    fn a_line_is_edited_where_its_cursor_is() {
        use KeyCode::{Backspace, Char, Delete, End, Home, Left};
        let mut line = prompt("0x1\n0");
        assert_eq!(typed(&mut line, &[Left, Char('f'), Home, Delete, Delete]), "1f0");
        assert_eq!(typed(&mut line, &[End, Backspace]), "1f");
        let ctrl = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
        let mut line = prompt("set theme  mono ");
        line.press(ctrl('w'), &[]);
        assert_eq!(line.text(), "set theme  ");
        line.press(ctrl('u'), &[]);
        assert_eq!(line.text(), "");
        assert_eq!(
            line.press(KeyEvent::new(Backspace, KeyModifiers::NONE), &[]),
            PromptEvent::Left
        );
    }

    #[test]
    fn the_history_is_walked_and_left_again() {
        use KeyCode::{Down, Up};
        let mut line = prompt("dra");
        assert_eq!(typed(&mut line, &[Up]), "50%");
        assert_eq!(typed(&mut line, &[Up, Up, Up]), "0x10");
        assert_eq!(typed(&mut line, &[Down]), "50%");
        assert_eq!(typed(&mut line, &[Down]), "dra");
        assert_eq!(typed(&mut line, &[Down]), "dra");
    }

    #[test]
    fn lines_are_remembered_once() {
        let mut history = Vec::new();
        for line in ["a", "b", " ", "a"] {
            remember(&mut history, line);
        }
        assert_eq!(history, ["b", "a"]);
    }
}
