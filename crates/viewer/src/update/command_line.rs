//! The `:` commands. Each group of commands has a file; an entry has the name, the description for
//! the prompt, and the implementation.

mod analyse;
mod edit;
mod file;
mod go;
mod note;
mod search;
mod show;
mod structure;

use std::sync::LazyLock;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use memmap::scan::PatternError;
use thiserror::Error;

use crate::analysis::data_inspector::encode::EncodeError;
use crate::analysis::strings::StringKindError;
use crate::document::jobs::JobSpec;
use crate::document::path_completion::PathCompletionsJob;
use crate::editor::command::{CommandInfo, Commands, Line};
use crate::editor::context::PlaceError;
use crate::editor::current::Current;
use crate::editor::effect::Effect;
use crate::editor::prompt::{self, PromptEvent, Purpose};
use crate::editor::settings::{Setting, SettingError};
use crate::format::note_list::BadNote;
use crate::format::parse_pasted::BadPaste;
use crate::format::parse_size::BadNumber;
use crate::patch::PatchError;
use crate::search::query::{Query, QueryError};
use crate::view::Focus;
use crate::view::array::ArrayViewError;

/// A command.
struct Command {
    info: CommandInfo,
    /// The implementation; `None` if the command does the same as its key.
    run: Option<Run>,
}

/// Runs a command with its arguments.
type Run = fn(&mut Current<'_>, &str) -> Result<Outcome, CommandError>;

const fn command(info: CommandInfo, run: Run) -> Command {
    Command { info, run: Some(run) }
}

/// A command that does the same as its key.
const fn same_as(info: CommandInfo) -> Command {
    Command { info, run: None }
}

static GROUPS: [&[Command]; 8] = [
    go::COMMANDS,
    note::COMMANDS,
    search::COMMANDS,
    analyse::COMMANDS,
    structure::COMMANDS,
    edit::COMMANDS,
    file::COMMANDS,
    show::COMMANDS,
];

fn all() -> impl Iterator<Item = &'static Command> {
    GROUPS.iter().copied().flatten()
}

/// All commands, sorted by name.
pub(crate) fn commands() -> &'static Commands {
    static SORTED: LazyLock<Vec<&'static CommandInfo>> = LazyLock::new(|| {
        let mut infos: Vec<_> = all().map(|command| &command.info).collect();
        infos.sort_by_key(|info| info.name());
        infos
    });
    &SORTED
}

/// The result of a command.
pub(super) enum Outcome {
    /// The command is done, and the prompt closes.
    Done,
    /// Entering the same line again starts this job.
    Confirm { question: String, job: JobSpec },
}

/// Why a command failed.
#[derive(Debug, Error)]
pub(super) enum CommandError {
    #[error("there is no command {0:?}; Tab lists the commands")]
    Unknown(String),
    #[error(":{0} takes no argument, not {1:?}")]
    NoArgument(&'static str, String),
    /// Wrong number of arguments.
    #[error("{0}")]
    Usage(&'static str),
    /// A valid prefix, and its possible continuations.
    #[error("{} {}", .0, .1.join(", "))]
    OneOf(&'static str, Vec<&'static str>),
    #[error("on, off, or a number of seconds, not {0:?}")]
    NotSeconds(String),
    #[error("there is no mark {0}")]
    NoMark(char),
    #[error("there is no byte to search")]
    NothingToSearch,
    #[error("nothing was searched for yet; / searches")]
    NothingSearched,
    #[error("read-only: :edit on allows changes")]
    ReadOnly,
    #[error("write bytes as hex digits, as de ad, or as \"text\"")]
    NotBytes,
    #[error("nothing is selected; v begins a selection")]
    NothingSelected,
    #[error("{} not saved: :w saves, :q! leaves without", if *.0 == 1 { "1 edit is".to_owned() } else { format!("{} edits are", .0) })]
    Unsaved(usize),
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error("offset: {0}")]
    Offset(PlaceError),
    #[error(transparent)]
    Pattern(#[from] PatternError),
    #[error(transparent)]
    Setting(#[from] SettingError),
    #[error(transparent)]
    Array(#[from] ArrayViewError),
    #[error(transparent)]
    Strings(#[from] StringKindError),
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error(transparent)]
    Patch(#[from] PatchError),
    #[error(transparent)]
    Value(#[from] EncodeError),
    #[error(transparent)]
    Note(#[from] BadNote),
    #[error(transparent)]
    Count(#[from] BadNumber),
    #[error(transparent)]
    Paste(#[from] BadPaste),
}

impl Current<'_> {
    pub(super) fn open_prompt(&mut self, purpose: Purpose) {
        self.view.focus = Focus::Bytes;
        self.input.prompt = Some(prompt::Prompt::new(purpose));
    }

    /// Handles a key in the prompt.
    pub(super) fn press_in_prompt(&mut self, key: KeyEvent) {
        let is_enter = key.code == KeyCode::Enter;
        if self.input.is_waiting {
            let is_ctrl_c =
                key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
            if key.code != KeyCode::Esc && !is_ctrl_c {
                // The key is meant for the state after the line.
                self.input.ahead.push(key);
                return;
            }
            self.input.ahead.clear();
        }
        // Read the bytes that the line refers to first, then run it.
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
            PromptEvent::Names(input) => {
                self.start(PathCompletionsJob { input });
            }
            PromptEvent::Line(line) => {
                let is_confirmed = prompt.confirmed.as_deref() == Some(line.as_str());
                let before = self.input.prompt.take();
                let (problem, confirmed) = match self.run_line(&line, purpose) {
                    Ok(Outcome::Confirm { question, .. }) if !is_confirmed => {
                        (question, Some(line))
                    }
                    Ok(outcome) => {
                        if let Outcome::Confirm { job, .. } = outcome {
                            self.start(job);
                        }
                        if purpose != Purpose::Value {
                            prompt::remember(self.history, &line);
                        }
                        return;
                    }
                    Err(why) => (format!("E: {why}"), None),
                };
                let Some(mut prompt) = before else { return };
                (prompt.problem, prompt.confirmed) = (Some(problem), confirmed);
                if purpose != Purpose::Value {
                    self.view.focus = Focus::Bytes;
                }
                self.input.prompt = Some(prompt);
            }
        }
    }

    fn run_line(&mut self, line: &str, purpose: Purpose) -> Result<Outcome, CommandError> {
        match purpose {
            Purpose::Goto => go::go(self, line),
            Purpose::Value => self.apply_value(line),
            Purpose::Find => {
                self.find(Query::parse(line)?)?;
                Ok(Outcome::Done)
            }
            Purpose::Command => match self.cx().line(line) {
                Line::Place(text) => go::go(self, text),
                Line::Unknown(word) => Err(CommandError::Unknown(word.to_owned())),
                Line::Command(info, rest) => self.run(info, rest),
            },
        }
    }

    fn run(&mut self, info: &CommandInfo, rest: &str) -> Result<Outcome, CommandError> {
        if info.arguments.is_empty() && !rest.is_empty() {
            return Err(CommandError::NoArgument(info.name(), rest.to_owned()));
        }
        let run = all().find(|it| it.info.name() == info.name()).and_then(|it| it.run);
        match (run, info.action) {
            (Some(run), _) => run(self, rest),
            (None, Some(action)) => {
                self.act_anywhere(action);
                Ok(Outcome::Done)
            }
            (None, None) => Ok(Outcome::Done),
        }
    }

    fn set(&mut self, setting: Setting, value: &str) -> Result<(), CommandError> {
        self.settings.set(setting, value)?;
        match setting {
            Setting::Inspector => {
                self.view.panes.is_inspector_chosen = false;
                self.show_inspector();
                self.reshaped();
            }
            Setting::Columns => {
                self.show_inspector();
                self.reshaped();
            }
            Setting::Mouse => self.push(Effect::Mouse(self.settings.mouse)),
            _ => self.reshaped(),
        }
        Ok(())
    }

    /// Inserts pasted text into the prompt. Opens one if necessary, so that the text is not taken
    /// for keys.
    pub(super) fn paste(&mut self, text: &str) {
        self.input.pending = None;
        self.input.count = None;
        if self.paste_after_command(text) {
            return;
        }
        if self.input.prompt.is_none() && self.input.typing.is_some() {
            return self.paste_typing(text);
        }
        if self.input.prompt.is_none() {
            self.open_prompt(Purpose::Command);
        }
        if let Some(prompt) = &mut self.input.prompt {
            prompt.insert(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::command::{Listing, candidates};

    #[test]
    fn every_command_has_a_name_of_its_own_and_something_to_do() {
        let names: Vec<&str> = commands().iter().flat_map(|info| info.names).copied().collect();
        for (i, name) in names.iter().enumerate() {
            assert!(!names[i + 1..].contains(name), "{name}");
            assert!(matches!(Line::of(name, commands()), Line::Command(..)), "{name}");
        }
        for command in all() {
            let has_something = command.run.is_some() || command.info.action.is_some();
            assert!(has_something && !command.info.help.is_empty(), "{}", command.info.name());
        }
    }

    #[test]
    fn lines_are_commands_or_places() {
        for place in ["0x10", "'a+1", "$", "", "+4K", "50%"] {
            assert!(matches!(Line::of(place, commands()), Line::Place(text) if text == place));
        }
        let place = |line| Line::of(line, commands()).place();
        for (line, text) in [
            ("50%", Some("50%")),
            ("goto 'a", Some("'a")),
            ("page 12", Some("page 12")),
            ("mark a $-1", Some("$-1")),
            ("type f4 offset=8", Some("8")),
            ("mark a", None),
            ("type f4", None),
            ("q", None),
            ("frob 1", None),
        ] {
            assert_eq!(place(line).as_deref(), text, "{line}");
        }
        let parts = |line| match Line::of(line, commands()) {
            Line::Command(info, rest) => (info.name(), rest.to_owned()),
            Line::Unknown(word) => ("?", word.to_owned()),
            Line::Place(text) => ("", text.to_owned()),
        };
        assert_eq!(parts(" q "), ("quit", String::new()));
        assert_eq!(parts("write /tmp/a b"), ("write", "/tmp/a b".to_owned()));
        assert_eq!(parts("find  a "), ("find", " a ".to_owned()));
        assert_eq!(parts("set columns=8"), ("set", "columns=8".to_owned()));
        assert_eq!(parts("frobnicate x"), ("?", "frobnicate".to_owned()));
    }

    #[test]
    fn lines_are_completed_word_by_word() {
        let lines = |line| {
            let all = candidates(line, commands()).into_iter().map(|it| it.line);
            all.collect::<Vec<_>>()
        };
        assert_eq!(lines("ma")[..3], ["map", "maps", "mark"]);
        assert_eq!(lines("set t"), ["set table", "set theme"]);
        assert_eq!(lines("set endian "), ["set endian le", "set endian be"]);
        assert_eq!(lines("copy r"), ["copy rust", "copy raw", "copy row"]);
        assert_eq!(lines("type >f"), ["type >f4", "type >f8"]);
        assert_eq!(lines("type f4 sh"), ["type f4 shape="]);
        assert_eq!(lines("follow "), ["follow on", "follow off"]);
        assert_eq!(lines("hash b"), ["hash blake3"]);
        assert_eq!(lines("p")[0], "page");
        assert!(lines("0x").is_empty() && lines("0x10 ").is_empty() && lines("frob ").is_empty());
        assert_eq!(lines("").len(), commands().len());
        // Descriptions match, too, after names.
        assert_eq!(lines("sha256"), ["hash"]);
        let quit = lines("quit");
        assert_eq!(quit, ["quit", "qa", "wq"]);
    }

    #[test]
    fn names_of_files_are_asked_for_where_a_line_ends_with_one() {
        for (line, at) in [
            ("tab a", Some(4)),
            ("split ", Some(6)),
            ("write x", Some(6)),
            ("hits export y", Some(12)),
            ("hits ", None),
            ("tab", None),
            ("find tab x", None),
        ] {
            assert_eq!(Listing::of(line, commands()).file_at, at, "{line}");
        }
    }
}
