//! Descriptions of the `:` commands: name, help, completion, and the address among the arguments.
//! [`update`](crate::update) has the table and runs the commands.

use crate::editor::keymap::Action;

/// Describes a command, for the prompt and the help.
#[derive(Debug)]
pub(crate) struct CommandInfo {
    pub(crate) names: &'static [&'static str],
    pub(crate) arguments: &'static str,
    pub(crate) help: &'static str,
    /// The key action that does the same.
    pub(crate) action: Option<Action>,
    /// Completes the arguments.
    complete: fn(&str) -> Vec<String>,
    /// Extracts the address from the arguments.
    place: fn(&str) -> Option<String>,
    /// Words that are followed by a file name, up to the end of the line.
    files_after: &'static [&'static str],
    /// Whether trailing blanks are part of the arguments.
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

    /// Sets the key action that does the same.
    pub(crate) const fn key(self, action: Action) -> Self {
        Self { action: Some(action), ..self }
    }

    /// Sets the completion of the arguments.
    pub(crate) const fn completes(self, complete: fn(&str) -> Vec<String>) -> Self {
        Self { complete, ..self }
    }

    /// Sets the function that extracts the address. It is previewed while it is typed.
    pub(crate) const fn place(self, place: fn(&str) -> Option<String>) -> Self {
        Self { place, ..self }
    }

    /// Sets the words, including the command's own name, that are followed by a file name.
    pub(crate) const fn files_after(self, words: &'static [&'static str]) -> Self {
        Self { files_after: words, ..self }
    }

    /// Makes trailing blanks part of the arguments.
    pub(crate) const fn keeps_blanks(self) -> Self {
        Self { keeps_blanks: true, ..self }
    }

    /// The primary name.
    pub(crate) fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or_default()
    }
}

/// All commands, sorted by name.
pub(crate) type Commands = [&'static CommandInfo];

/// A line, classified by its first word.
#[derive(Clone, Copy)]
pub(crate) enum Line<'a> {
    /// A command and its arguments.
    Command(&'static CommandInfo, &'a str),
    /// A word that looks like a command, but is not one.
    Unknown(&'a str),
    /// An address.
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

    /// The address in the line.
    pub(crate) fn place(self) -> Option<String> {
        match self {
            Line::Command(info, rest) => (info.place)(rest),
            Line::Unknown(_) => None,
            Line::Place(text) => Some(text.to_owned()),
        }
    }
}

/// A completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// The whole line.
    pub(crate) line: String,
    /// The text shown in the list, with the command's arguments.
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

    /// A completion without a description.
    pub(crate) fn plain(line: String) -> Self {
        Self { shown: format!(":{line}"), line, help: "", action: None }
    }
}

/// The completions of a line. For arguments, those of the command; otherwise the commands whose
/// name or description contains the text, with prefix matches first.
pub(crate) fn candidates(line: &str, commands: &Commands) -> Vec<Candidate> {
    let line = line.trim_start();
    if let Some((word, _)) = line.split_once(' ') {
        let Line::Command(info, _) = Line::of(word, commands) else { return Vec::new() };
        let rest = line.get(word.len() + 1..).unwrap_or_default();
        let lines = (info.complete)(rest).into_iter().map(|rest| format!("{word} {rest}"));
        return lines.map(Candidate::plain).collect();
    }
    // Anything else starts an address.
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
            // One or two letters would match nearly every description.
            (line.len() > 2 && has(info.help)).then_some(2)
        }
    };
    let ranked = commands.iter().filter_map(|info| Some((rank(info)?, *info)));
    let mut ranked: Vec<(u8, &CommandInfo)> = ranked.collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, info)| Candidate::of(info)).collect()
}

/// Completion state of a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    /// The completions.
    pub(crate) candidates: Vec<Candidate>,
    /// Usage of the command, once its arguments are being typed.
    pub(crate) usage: Option<Candidate>,
    /// Start of the file name at the end of the line, if there is one.
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
        let candidates = candidates(line, commands);
        // Where a name is meant, too, that comes first.
        let file_at = words.find(|before| line.starts_with(**before)).map(|it| it.len());
        let file_at = file_at.filter(|_| candidates.is_empty());
        Self { candidates, usage, file_at }
    }
}

/// The words that start with `part`.
pub(crate) fn starting(part: &str, all: &[&str]) -> Vec<String> {
    all.iter().filter(|it| it.starts_with(part)).map(|&it| it.to_owned()).collect()
}
