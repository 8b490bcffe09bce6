//! What is known of the commands of the `:` line without running them: names, help, completion, and the
//! place that their arguments mean. [`update`](crate::update) has the table, and runs them.

use crate::editor::keymap::Action;

/// A command, for the prompt and the help.
#[derive(Debug)]
pub(crate) struct CommandInfo {
    pub(crate) names: &'static [&'static str],
    pub(crate) arguments: &'static str,
    pub(crate) help: &'static str,
    /// What a key does that does the same.
    pub(crate) action: Option<Action>,
    /// What the arguments could become.
    complete: fn(&str) -> Vec<String>,
    /// The text of a place among the arguments.
    place: fn(&str) -> Option<String>,
    /// Words after which the rest of the line is the name of a file.
    files_after: &'static [&'static str],
    /// Whether blanks at the end of the line belong to the arguments.
    keeps_blanks: bool,
}

impl CommandInfo {
    pub(crate) const fn new(
        names: &'static [&'static str],
        arguments: &'static str,
        help: &'static str,
    ) -> Self {
        Self {
            names,
            arguments,
            help,
            action: None,
            complete: |_| Vec::new(),
            place: |_| None,
            files_after: &[],
            keeps_blanks: false,
        }
    }

    /// A key does the same.
    pub(crate) const fn key(self, action: Action) -> Self {
        Self { action: Some(action), ..self }
    }

    /// What the arguments could become, given what there is of them.
    pub(crate) const fn completes(self, complete: fn(&str) -> Vec<String>) -> Self {
        Self { complete, ..self }
    }

    /// The text of a place among the arguments, whose bytes are shown while it is typed.
    pub(crate) const fn place(self, place: fn(&str) -> Option<String>) -> Self {
        Self { place, ..self }
    }

    /// After each of these words, the command's name included, comes the name of a file.
    pub(crate) const fn files_after(self, words: &'static [&'static str]) -> Self {
        Self { files_after: words, ..self }
    }

    /// Blanks at the end of the line are arguments too.
    pub(crate) const fn keeps_blanks(self) -> Self {
        Self { keeps_blanks: true, ..self }
    }

    /// The name that stands first.
    pub(crate) fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or_default()
    }
}

/// All commands, in the order of their names.
pub(crate) type Commands = [&'static CommandInfo];

/// A line, as its first word says what it is.
#[derive(Clone, Copy)]
pub(crate) enum Line<'a> {
    /// A command and its arguments.
    Command(&'static CommandInfo, &'a str),
    /// A word that could be a command's name and is none.
    Unknown(&'a str),
    /// No word: a place.
    Place(&'a str),
}

impl<'a> Line<'a> {
    pub(crate) fn of(line: &'a str, commands: &Commands) -> Self {
        let trimmed = line.trim();
        let is_part = |c: char| c.is_ascii_alphanumeric();
        let end = trimmed.find(|c| !is_part(c)).unwrap_or(trimmed.len());
        let (word, rest) = trimmed.split_at(end);
        if !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Line::Place(line);
        }
        let Some(&info) = commands.iter().find(|info| info.names.contains(&word)) else {
            return Line::Unknown(word);
        };
        if info.keeps_blanks {
            let raw = line.trim_start().split_once(' ').map_or("", |(_, rest)| rest);
            return Line::Command(info, raw);
        }
        Line::Command(info, rest.trim())
    }

    /// The text in it that means a place.
    pub(crate) fn place(self) -> Option<String> {
        match self {
            Line::Command(info, rest) => (info.place)(rest),
            Line::Unknown(_) => None,
            Line::Place(text) => Some(text.to_owned()),
        }
    }
}

/// What a line could become, or is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// The whole line.
    pub(crate) line: String,
    /// What is shown of it, with the arguments that it takes.
    pub(crate) shown: String,
    pub(crate) help: &'static str,
    pub(crate) action: Option<Action>,
}

impl Candidate {
    fn of(info: &CommandInfo) -> Self {
        let shown = format!(":{} {}", info.name(), info.arguments);
        let shown = shown.trim_end().to_owned();
        Self { line: info.name().to_owned(), shown, help: info.help, action: info.action }
    }

    /// A line without more to say of it.
    pub(crate) fn plain(line: String) -> Self {
        Self { shown: format!(":{line}"), line, help: "", action: None }
    }
}

/// What a line could become: what its arguments could, or the commands whose names or descriptions have
/// its letters, those first whose names begin with them.
pub(crate) fn candidates(line: &str, commands: &Commands) -> Vec<Candidate> {
    let line = line.trim_start();
    if let Some((word, _)) = line.split_once(' ') {
        let Line::Command(info, _) = Line::of(word, commands) else { return Vec::new() };
        let rest = line.get(word.len() + 1..).unwrap_or_default();
        let lines = (info.complete)(rest).into_iter().map(|rest| format!("{word} {rest}"));
        return lines.map(Candidate::plain).collect();
    }
    // What begins with anything else is a place.
    let is_name = line.chars().all(|c| c.is_ascii_alphanumeric());
    if !is_name || line.starts_with(|c: char| c.is_ascii_digit()) {
        return Vec::new();
    }
    let lower = line.to_ascii_lowercase();
    let rank = |info: &CommandInfo| {
        let has = |text: &str| text.to_ascii_lowercase().contains(&lower);
        if info.names.iter().any(|name| name.starts_with(line)) {
            Some(0)
        } else if info.names.iter().any(|name| has(name)) {
            Some(1)
        } else {
            // A letter or two are in most descriptions.
            (line.len() > 2 && has(info.help)).then_some(2)
        }
    };
    let ranked = commands.iter().filter_map(|info| Some((rank(info)?, *info)));
    let mut ranked: Vec<(u8, &CommandInfo)> = ranked.collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, info)| Candidate::of(info)).collect()
}

/// What the prompt is to know of its line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    /// What the line could become.
    pub(crate) candidates: Vec<Candidate>,
    /// What its command takes, once its arguments are typed.
    pub(crate) usage: Option<Candidate>,
    /// Where the name of a file begins that it ends with.
    pub(crate) file_at: Option<usize>,
}

impl Listing {
    pub(crate) fn of(line: &str, commands: &Commands) -> Self {
        let word = line.trim_start().split_once(' ').map(|(word, _)| word);
        let usage = word.and_then(|word| match Line::of(word, commands) {
            Line::Command(info, _) => Some(Candidate::of(info)),
            Line::Unknown(_) | Line::Place(_) => None,
        });
        let mut words = commands.iter().flat_map(|info| info.files_after);
        let file_at = words.find(|before| line.starts_with(**before)).map(|it| it.len());
        Self { candidates: candidates(line, commands), usage, file_at }
    }
}

/// Those of `all` that begin with a part of a word.
pub(crate) fn starting(part: &str, all: &[&str]) -> Vec<String> {
    all.iter().filter(|it| it.starts_with(part)).map(|&it| it.to_owned()).collect()
}
