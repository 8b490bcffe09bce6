//! The commands of the `:` line: one table for what they do, their help and their completion.

use std::time::Duration;

use crate::analysis::digest::Algorithm;
use crate::analysis::strings::StringKind;
use crate::document::marks::Marks;
use crate::document::{address, follow};
use crate::editor::settings::Setting;
use crate::editor::tabs::LayoutRequest;
use crate::format::copy_as::CopyFormat;
use crate::search::query::Query;
use crate::view::array::{self, Request};
use crate::view::panes::Pane;

/// What a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// To go to a place, still as text.
    Goto(String),
    Quit,
    Refresh,
    Toggle(Pane),
    Set(Setting, String),
    /// To say what a setting is.
    Ask(Setting),
    Copy(CopyFormat),
    Digest(Algorithm),
    /// To read everything for the map.
    MapAll,
    /// To list texts: of these kinds, or as before.
    Texts(Option<StringKind>),
    Find(Query),
    ExportHits(String),
    Write(String),
    /// To mark a place, still as text; without one, the byte under the cursor.
    Mark(char, String),
    Unmark(char),
    /// Something about the views beside this one.
    Layout(LayoutRequest),
    /// To look at the file so often.
    Follow(Option<Duration>),
    /// To show elements; without a request, those that the file describes.
    Type(Option<Box<Request>>),
    /// To show an array of an archive.
    Array(String),
    Untype,
}

/// A command, for the help and the completion.
pub(crate) struct Entry {
    pub(crate) names: &'static [&'static str],
    pub(crate) arguments: &'static str,
    pub(crate) help: &'static str,
    make: fn(&str) -> Result<Command, String>,
}

const fn entry(
    names: &'static [&'static str],
    arguments: &'static str,
    help: &'static str,
    make: fn(&str) -> Result<Command, String>,
) -> Entry {
    Entry { names, arguments, help, make }
}

pub(crate) const COMMANDS: &[Entry] = &[
    entry(&["array"], "NAME", "an array of a .npz file", |rest| match rest {
        "" => Err("name the array; t lists them".to_owned()),
        name => Ok(Command::Array(name.to_owned())),
    }),
    entry(&["copy"], "FORM", "as hex, c, rust, python, base64 or raw", copy),
    entry(&["find"], "[-xrnuvli] TEXT", "search, as / does", |rest| match Query::parse(rest)? {
        query if query.text.is_empty() => Err("say what to find".to_owned()),
        query => Ok(Command::Find(query)),
    }),
    entry(&["follow"], "on|off|SECONDS", "look at the file so often", follow),
    entry(&["goto"], "PLACE", "go there; the place alone does too", |rest| {
        Ok(Command::Goto(rest.to_owned()))
    }),
    entry(&["hash"], "NAME", "crc32, sha256 or blake3 of what is selected", hash),
    entry(&["help"], "", "the keys and commands", |rest| alone(rest, Command::Toggle(Pane::Help))),
    entry(&["histogram"], "", "how often each byte occurs", |rest| {
        alone(rest, Command::Toggle(Pane::Histogram))
    }),
    entry(&["info"], "", "file details", |rest| alone(rest, Command::Toggle(Pane::Details))),
    entry(&["inspector"], "", "what the bytes mean", |rest| {
        alone(rest, Command::Toggle(Pane::Inspector))
    }),
    entry(&["jobs"], "", "what goes on beside the view", |rest| {
        alone(rest, Command::Toggle(Pane::Jobs))
    }),
    entry(&["jumps"], "", "the jump list: where you were", |rest| {
        alone(rest, Command::Toggle(Pane::Jumps))
    }),
    entry(&["map"], "[full]", "what is where; full reads all of it", |rest| match rest {
        "" => Ok(Command::Toggle(Pane::Map)),
        "full" => Ok(Command::MapAll),
        _ => Err("map alone, or map full".to_owned()),
    }),
    entry(&["mark"], "a…z [PLACE]", "mark a place", |rest| {
        let (name, place) = letter(rest)?;
        Ok(Command::Mark(name, place.to_owned()))
    }),
    entry(&["marks"], "", "the marks", |rest| alone(rest, Command::Toggle(Pane::Marks))),
    entry(&["matches", "hits"], "[export FILE]", "what was found; .csv .json or text", |rest| {
        match rest.split_once(' ') {
            Some(("export", file)) => Ok(Command::ExportHits(file.trim().to_owned())),
            None if rest == "export" => Err("name the file to write to".to_owned()),
            _ => alone(rest, Command::Toggle(Pane::Matches)),
        }
    }),
    entry(&["messages"], "", "all messages since the start", |rest| {
        alone(rest, Command::Toggle(Pane::Messages))
    }),
    entry(&["quit", "q"], "", "quit", |rest| alone(rest, Command::Quit)),
    entry(&["qa"], "", "quit all tabs", |rest| {
        alone(rest, Command::Layout(LayoutRequest::QuitAll))
    }),
    entry(&["refresh"], "", "look at the file again", |rest| alone(rest, Command::Refresh)),
    entry(
        &["set"],
        "NAME [VALUE]",
        "columns endian folds inspector map mouse page table theme",
        set,
    ),
    entry(&["split"], "[FILE]", "two views, or one again", |rest| {
        let file = (!rest.is_empty()).then(|| rest.into());
        Ok(Command::Layout(LayoutRequest::Split(file)))
    }),
    entry(&["sync"], "", "both views scroll together", |rest| {
        alone(rest, Command::Layout(LayoutRequest::Sync))
    }),
    entry(&["tab"], "FILE", "a file in a tab of its own", |rest| match rest {
        "" => Err("name the file to open".to_owned()),
        file => Ok(Command::Layout(LayoutRequest::OpenTab(file.into()))),
    }),
    entry(&["type"], "TYPE …", "elements: f4 shape=3,4 order=F offset=. stride=16", |rest| {
        let request = (!rest.is_empty()).then(|| array::parse(rest)).transpose()?;
        Ok(Command::Type(request.map(Box::new)))
    }),
    entry(&["strings"], "[MIN] [utf16]", "the texts of the file", |rest| {
        let wanted = (!rest.is_empty()).then(|| StringKind::parse(rest)).transpose()?;
        Ok(Command::Texts(wanted))
    }),
    entry(&["unmark"], "a…z", "take a mark away", |rest| match letter(rest)? {
        (name, "") => Ok(Command::Unmark(name)),
        _ => Err("one mark at a time".to_owned()),
    }),
    entry(&["untype"], "", "bytes again", |rest| alone(rest, Command::Untype)),
    entry(&["write"], "FILE", "write the selection to a new file", |rest| {
        if rest.is_empty() {
            return Err("name the file to write to".to_owned());
        }
        Ok(Command::Write(rest.to_owned()))
    }),
];

fn follow(rest: &str) -> Result<Command, String> {
    let every = match rest {
        "" | "on" => Some(follow::EVERY),
        "off" => None,
        seconds => match seconds.parse() {
            Ok(seconds @ 1..) => Some(Duration::from_secs(seconds)),
            _ => return Err(format!("on, off, or a number of seconds, not {seconds:?}")),
        },
    };
    Ok(Command::Follow(every))
}

fn alone(rest: &str, command: Command) -> Result<Command, String> {
    if rest.is_empty() { Ok(command) } else { Err(format!("it takes nothing, not {rest:?}")) }
}

fn letter(rest: &str) -> Result<(char, &str), String> {
    let (word, place) = rest.split_once(' ').unwrap_or((rest, ""));
    let mut chars = word.chars();
    match (chars.next(), chars.next()) {
        (Some(name), None) if Marks::is_name(name) => Ok((name, place.trim())),
        _ => Err("a mark is a letter from a to z".to_owned()),
    }
}

fn copy(rest: &str) -> Result<Command, String> {
    let found = CopyFormat::NAMED.iter().find(|(name, _)| *name == rest);
    let names = || CopyFormat::NAMED.map(|(name, _)| name).join(", ");
    found.map(|&(_, form)| Command::Copy(form)).ok_or_else(|| format!("copy as {}", names()))
}

fn hash(rest: &str) -> Result<Command, String> {
    let names = || Algorithm::ALL.map(Algorithm::name).join(", ");
    Algorithm::named(rest).map(Command::Digest).ok_or_else(|| format!("hash {}", names()))
}

fn set(rest: &str) -> Result<Command, String> {
    let (name, value) = rest.split_once([' ', '=']).unwrap_or((rest, ""));
    let names = || Setting::ALL.map(Setting::name).join(", ");
    let setting = Setting::named(name).ok_or_else(|| format!("set {}", names()))?;
    let value = value.trim();
    Ok(if value.is_empty() {
        Command::Ask(setting)
    } else {
        Command::Set(setting, value.to_owned())
    })
}

/// The word of a line that could be a command's name, and the rest. Places begin with a letter
/// only where they begin with one of their words.
fn split(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let end = line.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(line.len());
    let (word, rest) = line.split_at(end);
    let is_name =
        word.starts_with(|c: char| c.is_ascii_alphabetic()) && !address::WORDS.contains(&word);
    is_name.then(|| (word, rest.trim()))
}

/// Understands a line: a command, or else a place.
pub(crate) fn parse(line: &str) -> Result<Command, String> {
    let Some((word, rest)) = split(line) else { return Ok(Command::Goto(line.to_owned())) };
    let entry = COMMANDS.iter().find(|entry| entry.names.contains(&word));
    let entry = entry
        .ok_or_else(|| format!("there is no command {word:?}; Tab shows those that there are"))?;
    // Blanks at the end may be searched for.
    let rest = if word == "find" { raw_rest(line) } else { rest };
    (entry.make)(rest)
}

/// Where a line ends with the name of a file: what stands before it, and what there is of it.
pub(crate) fn file_part(line: &str) -> Option<(&str, &str)> {
    const BEFORE: [&str; 3] = ["tab ", "split ", "write "];
    BEFORE.into_iter().find(|before| line.starts_with(before)).map(|it| line.split_at(it.len()))
}

/// All behind the first word and one blank.
fn raw_rest(line: &str) -> &str {
    line.trim_start().split_once(' ').map_or("", |(_, rest)| rest)
}

/// What a line could become, as whole lines.
pub(crate) fn complete(line: &str) -> Vec<String> {
    let line = line.trim_start();
    let starting = |before: &str, part: &str, all: Vec<&str>| {
        all.into_iter()
            .filter(|it| it.starts_with(part))
            .map(|it| format!("{before}{it}"))
            .collect()
    };
    if let Some(rest) = line.strip_prefix("set ") {
        return match rest.split_once(' ') {
            None => starting("set ", rest, Setting::ALL.map(Setting::name).to_vec()),
            Some((name, part)) => Setting::named(name).map_or_else(Vec::new, |setting| {
                starting(&format!("set {name} "), part, setting.values())
            }),
        };
    }
    if let Some(part) = line.strip_prefix("copy ") {
        return starting("copy ", part, CopyFormat::NAMED.map(|(name, _)| name).to_vec());
    }
    if let Some(rest) = line.strip_prefix("type ") {
        return match rest.rsplit_once(' ') {
            None => starting("type ", rest, array::DTYPES.to_vec()),
            Some((before, part)) => {
                starting(&format!("type {before} "), part, array::KEYS.to_vec())
            }
        };
    }
    if let Some(part) = line.strip_prefix("follow ") {
        return starting("follow ", part, vec!["on", "off"]);
    }
    if let Some(part) = line.strip_prefix("hash ") {
        return starting("hash ", part, Algorithm::ALL.map(Algorithm::name).to_vec());
    }
    let names = COMMANDS.iter().filter_map(|entry| entry.names.first().copied());
    starting("", line, names.chain(address::WORDS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_commands_or_places() {
        let goto = |text: &str| Ok(Command::Goto(text.to_owned()));
        for place in ["0x10", "page 12", "'a+1", "$", "", "+4K", "50%", "match", "sel + 1"] {
            assert_eq!(parse(place), goto(place));
        }
        assert_eq!(parse("goto 'a"), goto("'a"));
        assert_eq!(parse("matches"), Ok(Command::Toggle(Pane::Matches)));
        assert_eq!(parse("hits"), parse("matches"));
        assert_eq!(parse(" q "), Ok(Command::Quit));
        assert_eq!(parse("set columns 8"), Ok(Command::Set(Setting::Columns, "8".to_owned())));
        assert_eq!(parse("set columns=8"), Ok(Command::Set(Setting::Columns, "8".to_owned())));
        assert_eq!(parse("set page"), Ok(Command::Ask(Setting::Page)));
        assert_eq!(parse("copy rust"), Ok(Command::Copy(CopyFormat::Rust)));
        assert_eq!(parse("write /tmp/a b"), Ok(Command::Write("/tmp/a b".to_owned())));
        assert_eq!(parse("mark a $-1"), Ok(Command::Mark('a', "$-1".to_owned())));
        assert_eq!(parse("unmark z"), Ok(Command::Unmark('z')));
    }

    #[test]
    fn what_is_no_command_says_what_would_be() {
        for (line, why) in [
            ("frobnicate", "there is no command \"frobnicate\"; Tab shows those that there are"),
            ("q now", "it takes nothing, not \"now\""),
            ("copy", "copy as hex, c, rust, python, base64, raw"),
            ("set", "set columns, endian, folds, inspector, map, mouse, page, table, theme"),
            ("hash md5", "hash crc32, sha256, blake3"),
            ("mark A", "a mark is a letter from a to z"),
            ("write", "name the file to write to"),
        ] {
            assert_eq!(parse(line).unwrap_err(), why);
        }
    }

    #[test]
    fn lines_are_completed_word_by_word() {
        assert_eq!(complete("ma"), ["matches", "map", "mark", "marks", "match"]);
        assert_eq!(complete("set t"), ["set table", "set theme"]);
        assert_eq!(complete("set endian "), ["set endian le", "set endian be"]);
        assert_eq!(complete("copy r"), ["copy rust", "copy raw"]);
        assert_eq!(complete("type >f"), ["type >f4", "type >f8"]);
        assert_eq!(complete("type f4 sh"), ["type f4 shape="]);
        assert_eq!(complete("p"), ["page"]);
        assert!(complete("0x").is_empty());
        assert_eq!(complete("").len(), COMMANDS.len() + address::WORDS.len());
        for line in complete("") {
            assert!(!matches!(parse(&line), Err(why) if why.contains("no command")), "{line}");
        }
    }
}
