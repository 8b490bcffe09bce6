//! What a line typed after `:` does.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::document::path_completion::PathCompletionsJob;
use crate::document::write_range::WriteRangeJob;
use crate::editor::command::{self, Command};
use crate::editor::current::Current;
use crate::editor::effect::Effect;
use crate::editor::keymap::Action;
use crate::editor::prompt::{self, PromptEvent, Purpose};
use crate::editor::settings::Setting;
use crate::editor::tabs::LayoutRequest;
use crate::search::query::Query;
use crate::view::Focus;

/// What came of a line.
pub(super) enum Outcome {
    /// It is done, and the prompt closes.
    Done,
    /// The same line once more does it.
    Confirm(String),
}

impl Current<'_> {
    pub(super) fn open_prompt(&mut self, purpose: Purpose) {
        self.view.focus = Focus::Bytes;
        self.input.prompt = Some(prompt::Prompt::new(purpose));
    }

    /// A key for the prompt.
    pub(super) fn press_in_prompt(&mut self, key: KeyEvent) {
        let is_enter = key.code == KeyCode::Enter;
        if self.input.is_waiting {
            let is_ctrl_c =
                key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
            if key.code != KeyCode::Esc && !is_ctrl_c {
                // It is meant for what the line leads to.
                self.input.ahead.push(key);
                return;
            }
            self.input.ahead.clear();
        }
        // What is not known yet is read first, and then the line is run.
        self.input.is_waiting = is_enter && self.cx().waits_for_bytes();
        if self.input.is_waiting {
            return;
        }
        let Some(prompt) = &mut self.input.prompt else { return };
        let purpose = prompt.purpose;
        match prompt.press(key, self.history) {
            PromptEvent::More => {}
            PromptEvent::Query(query) => self.search_typed(&query),
            PromptEvent::Left => self.input.prompt = None,
            PromptEvent::Names(typed) => {
                self.start(PathCompletionsJob { typed });
            }
            PromptEvent::Line(line) => {
                let confirmed = prompt.confirmed.clone();
                let before = self.input.prompt.take();
                let outcome = self.run_line(&line, purpose, confirmed.as_deref());
                if let Ok(Outcome::Done) = outcome {
                    prompt::remember(self.history, &line);
                    return;
                }
                let Some(mut prompt) = before else { return };
                match outcome {
                    Ok(Outcome::Confirm(question)) => {
                        prompt.problem = Some(question);
                        prompt.confirmed = Some(line);
                    }
                    Err(why) => prompt.problem = Some(format!("E: {why}")),
                    Ok(Outcome::Done) => {}
                }
                self.view.focus = Focus::Bytes;
                self.input.prompt = Some(prompt);
            }
        }
    }

    fn run_line(
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
                let place = self.cx().place(&text).map_err(|bad| bad.to_string())?;
                self.jump(place);
            }
            Command::Quit => self.request(LayoutRequest::Quit),
            Command::Refresh => self.act_anywhere(Action::Refresh),
            Command::Toggle(pane) => self.toggle(pane),
            Command::Set(setting, value) => self.set(setting, &value)?,
            Command::Ask(setting) => {
                let told = format!("{} is {}", setting.name(), self.settings.value(setting));
                self.say(told);
            }
            Command::Copy(form) => self.copy(form),
            Command::Find(query) => self.find(query)?,
            Command::ExportHits(file) => return self.export_hits(line, file, confirmed),
            Command::Digest(algorithm) => self.digest(algorithm),
            Command::MapAll => self.map_all(),
            Command::Texts(wanted) => self.show_strings(wanted),
            Command::Write(file) => {
                let range =
                    self.cx().selection().ok_or("nothing is selected; v begins a selection")?;
                let len = range.end - range.start;
                if confirmed != Some(line) {
                    let noun = if len == 1 { "byte" } else { "bytes" };
                    return Ok(Outcome::Confirm(format!(
                        "{len} {noun} into a new file: Enter once more"
                    )));
                }
                self.start(WriteRangeJob { range, path: file.into() });
            }
            Command::Mark(name, place) if place.is_empty() => self.set_mark(name, self.view.cursor),
            Command::Mark(name, place) => {
                let place = self.cx().place(&place).map_err(|bad| bad.to_string())?;
                self.set_mark(name, place);
            }
            Command::Layout(request) => self.request(request),
            Command::Follow(every) => self.follow_every(every),
            Command::Type(None) => self.toggle_array(),
            Command::Type(Some(request)) => self.show_elements(*request, line)?,
            Command::Array(name) => self.describe(Some(name)),
            Command::Untype => self.untype(),
            Command::Unmark(name) => {
                self.document
                    .marks
                    .remove(name)
                    .ok_or_else(|| format!("there is no mark {name}"))?;
            }
        }
        Ok(Outcome::Done)
    }

    fn set(&mut self, setting: Setting, value: &str) -> Result<(), String> {
        self.settings.set(setting, value)?;
        match setting {
            Setting::Mouse => self.push(Effect::Mouse(self.settings.mouse)),
            _ => self.reshaped(),
        }
        Ok(())
    }

    /// Types into the prompt; where there is none, opens one, so that nothing pasted is lost and
    /// nothing of it is taken for keys.
    pub(super) fn paste(&mut self, text: &str) {
        self.input.pending = None;
        self.input.count = None;
        if self.input.prompt.is_none() {
            self.act_anywhere(Action::OpenCommand);
        }
        if let Some(prompt) = &mut self.input.prompt {
            prompt.insert(text);
        }
    }
}
