//! What a line typed after `:` does.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::document::address::{Bad, Scope};
use crate::editor::app::{App, Ending, Focus, Notice};
use crate::editor::command::{self, Command};
use crate::editor::keymap::Action;
use crate::editor::prompt::{self, Purpose, Typed};
use crate::editor::settings::Setting;
use crate::editor::task::Task;
use crate::search::query::Query;

/// What came of a line.
pub(super) enum Outcome {
    /// It is done, and the prompt closes.
    Done,
    /// The same line once more does it.
    Confirm(String),
}

impl App {
    /// The place that a text means here.
    pub(super) fn place(&self, text: &str) -> Result<u64, Bad> {
        if text.trim_start().starts_with('[') {
            return self.element_place(text).map_err(Bad::whole);
        }
        self.scope().place(text)
    }

    fn scope(&self) -> Scope<'_> {
        Scope {
            cursor: self.cursor,
            len: self.len,
            marks: &self.marks,
            page_len: self.settings.page_len,
            pieces: &self.pieces,
            matched: self.search.as_ref().and_then(|search| search.known_from(self.cursor)),
            selected: self.selection().map(|range| range.start),
        }
    }

    /// Where the line that is being typed leads, if it is a place.
    pub(crate) fn preview(&self) -> Option<u64> {
        match self.line()? {
            Command::Goto(text) => self.place(&text).ok(),
            _ => None,
        }
    }

    /// The line that is being typed, as far as it can be understood.
    fn line(&self) -> Option<Command> {
        let Focus::Prompt(prompt) = &self.focus else { return None };
        match prompt.purpose {
            Purpose::Goto => Some(Command::Goto(prompt.text())),
            Purpose::Find => None,
            Purpose::Command => command::parse(&prompt.text()).ok(),
        }
    }

    /// The text in that line that means a place.
    fn place_typed(&self) -> Option<String> {
        match self.line()? {
            Command::Goto(text) | Command::Mark(_, text) => Some(text),
            Command::Type(Some(request)) => request.offset,
            _ => None,
        }
    }

    /// The bytes that have to be known to say which place that is.
    pub(crate) fn typed_needs(&self) -> Vec<std::ops::Range<u64>> {
        self.place_typed().map(|text| self.scope().needs(&text)).unwrap_or_default()
    }

    /// Whether some of them are not.
    fn waits_for_bytes(&self) -> bool {
        self.typed_needs().iter().any(|range| !self.pieces.cover(range))
    }

    /// Does what Enter said, once what it takes is known, and then what was typed meanwhile.
    pub(crate) fn enter_late(&mut self) {
        if self.is_entered && !self.waits_for_bytes() {
            self.is_entered = false;
            self.press_in_prompt(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE));
            for key in std::mem::take(&mut self.typed_ahead) {
                self.press(key);
            }
        }
    }

    pub(crate) fn press_in_prompt(&mut self, key: KeyEvent) {
        let is_enter = key.code == KeyCode::Enter;
        if self.is_entered {
            let is_ctrl_c =
                key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
            if key.code != KeyCode::Esc && !is_ctrl_c {
                // It is meant for what the line leads to.
                self.typed_ahead.push(key);
                return;
            }
            self.typed_ahead.clear();
        }
        // What is not known yet is read first, and then the line is done.
        self.is_entered = is_enter && self.waits_for_bytes();
        if self.is_entered {
            return;
        }
        let Focus::Prompt(prompt) = &mut self.focus else { return };
        let purpose = prompt.purpose;
        match prompt.press(key, &self.history) {
            Typed::More => {}
            Typed::Query(query) => self.search_typed(&query),
            Typed::Left => self.focus = Focus::Bytes,
            Typed::Names(part) => self.tasks.push(Task::Names(part)),
            Typed::Line(line) => {
                let confirmed = prompt.confirmed.clone();
                let before = std::mem::replace(&mut self.focus, Focus::Bytes);
                let outcome = self.obey(&line, purpose, confirmed.as_deref());
                if let Ok(Outcome::Done) = outcome {
                    prompt::remember(&mut self.history, &line);
                    return;
                }
                let Focus::Prompt(mut prompt) = before else { return };
                match outcome {
                    Ok(Outcome::Confirm(question)) => {
                        prompt.problem = Some(question);
                        prompt.confirmed = Some(line);
                    }
                    Err(why) => prompt.problem = Some(format!("E: {why}")),
                    Ok(Outcome::Done) => {}
                }
                self.focus = Focus::Prompt(prompt);
            }
        }
    }

    fn obey(
        &mut self,
        line: &str,
        purpose: Purpose,
        confirmed: Option<&str>,
    ) -> Result<Outcome, String> {
        let command = match purpose {
            Purpose::Goto => Command::Goto(line.to_owned()),
            Purpose::Command => command::parse(line)?,
            Purpose::Find => Command::Find(Query::parse(line)?),
        };
        match command {
            Command::Goto(text) => {
                let place = self.place(&text).map_err(|bad| bad.to_string())?;
                self.jump(place);
            }
            Command::Quit => self.ending = Some(Ending::Quit),
            Command::Refresh => self.act_anywhere(Action::Refresh),
            Command::Toggle(pane) => self.toggle(pane),
            Command::Set(setting, value) => self.set(setting, &value)?,
            Command::Ask(setting) => {
                let told = format!("{} is {}", setting.name(), self.settings.value(setting));
                self.notice = Some(Notice::Done(told));
            }
            Command::Copy(form) => self.copy(form),
            Command::Find(query) => self.find(query)?,
            Command::ExportHits(file) => return self.export_hits(line, file, confirmed),
            Command::Digest(algorithm) => self.digest(algorithm),
            Command::MapAll => self.map_all(),
            Command::Texts(wanted) => self.show_texts(wanted),
            Command::Write(file) => {
                let range = self.selection().ok_or("nothing is selected; v begins a selection")?;
                let len = range.end - range.start;
                if confirmed != Some(line) {
                    let noun = if len == 1 { "byte" } else { "bytes" };
                    return Ok(Outcome::Confirm(format!(
                        "{len} {noun} into a new file: Enter once more"
                    )));
                }
                self.tasks.push(Task::Write(range, file.into()));
            }
            Command::Mark(name, place) if place.is_empty() => self.set_mark(name, self.cursor),
            Command::Mark(name, place) => {
                let place = self.place(&place).map_err(|bad| bad.to_string())?;
                self.set_mark(name, place);
            }
            Command::Window(window) => self.tasks.push(Task::Window(window)),
            Command::Follow(every) => self.follow_every(every),
            Command::Type(None) => self.toggle_typed(),
            Command::Type(Some(request)) => self.show_elements(*request, line)?,
            Command::Array(name) => self.describe(Some(name)),
            Command::Untype => self.untype(),
            Command::Unmark(name) => {
                self.marks.remove(name).ok_or_else(|| format!("there is no mark {name}"))?;
            }
        }
        Ok(Outcome::Done)
    }

    fn set(&mut self, setting: Setting, value: &str) -> Result<(), String> {
        self.settings.set(setting, value)?;
        match setting {
            Setting::Folds => self.folds_changed(),
            Setting::Mouse => self.tasks.push(Task::Mouse(self.settings.mouse)),
            _ => self.reshaped(),
        }
        Ok(())
    }

    /// Types into the prompt; where there is none, opens one, so that nothing pasted is lost and
    /// nothing of it is taken for keys.
    pub(crate) fn paste(&mut self, text: &str) {
        self.prefix = None;
        if !matches!(self.focus, Focus::Prompt(_)) {
            self.act_anywhere(Action::OpenCommand);
        }
        if let Focus::Prompt(prompt) = &mut self.focus {
            prompt.insert(text);
        }
    }
}
