//! Commands for notes.

use std::ops::Range;

use super::edit::range_of;
use super::{Command, CommandError, Outcome, command};
use crate::document::note_files::notes;
use crate::editor::command::{CommandInfo as Info, starting};
use crate::editor::current::Current;
use crate::format::note_colour::NoteColour;
use crate::format::note_list::check_text;
use crate::view::panes::Pane;

/// What stands before the name of a colour.
const COLOUR: &str = "colour=";

pub(super) const COMMANDS: &[Command] = &[
    command(
        Info::new(
            &["note"],
            "[START..END] [colour=NAME] TEXT",
            "note on the selection, byte or range",
        )
        .completes(|part| {
            let (before, word) = part.rsplit_once(' ').unwrap_or(("", part));
            let names = NoteColour::ALL.map(NoteColour::name);
            let Some(name) = word.strip_prefix(COLOUR) else { return Vec::new() };
            let gap = if before.is_empty() { "" } else { " " };
            let line = |name| format!("{before}{gap}{COLOUR}{name}");
            starting(name, &names).into_iter().map(line).collect()
        }),
        note,
    ),
    command(
        Info::new(
            &["notes"],
            "[export[!] FILE|import FILE]",
            "the notes; or write them to a file, or read them",
        )
        .completes(|part| starting(part, &["export", "import"]))
        .files_after(&["notes export ", "notes export! ", "notes import "]),
        list,
    ),
    command(Info::new(&["unnote"], "[all]", "remove the note here, or all notes"), |cx, rest| {
        match rest {
            "" if cx.remove_note() => cx.say("note removed"),
            "" => return Err(CommandError::Usage("there is no note here")),
            "all" => {
                let removed = notes(cx.remove_notes());
                cx.say(format!("{removed} removed"));
            }
            _ => return Err(CommandError::Usage("unnote alone, or unnote all")),
        }
        Ok(Outcome::Done)
    }),
];

fn note(cx: &mut Current<'_>, rest: &str) -> Result<Outcome, CommandError> {
    if rest.is_empty() && cx.say_note() {
        return Ok(Outcome::Done);
    }
    if cx.document.len == 0 {
        return Err(CommandError::Usage("there is no byte to note something on"));
    }
    let (range, text) = place_of(cx, rest)?;
    let (colour, text) = match text.strip_prefix(COLOUR) {
        None => (None, text),
        Some(text) => {
            let (name, text) = text.split_once(' ').unwrap_or((text, ""));
            let names = || NoteColour::ALL.map(NoteColour::name).to_vec();
            let colour = NoteColour::named(name);
            (Some(colour.ok_or_else(|| CommandError::OneOf("colour=", names()))?), text)
        }
    };
    let text = text.trim();
    check_text(text)?;
    cx.set_note(range, text.to_owned(), colour);
    Ok(Outcome::Done)
}

/// The range that a line begins with, or else the selection or the byte at the cursor, and the rest.
fn place_of<'a>(cx: &Current<'_>, rest: &'a str) -> Result<(Range<u64>, &'a str), CommandError> {
    let (first, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_range = first.contains("..") && first.starts_with(|c: char| c.is_ascii_digit());
    if is_range || cx.cx().range(first).is_some() {
        return Ok((range_of(cx, first)?, text.trim_start()));
    }
    let here = cx.cx().selection().unwrap_or_else(|| cx.cx().unit(cx.view.cursor));
    Ok((here, rest))
}

fn list(cx: &mut Current<'_>, rest: &str) -> Result<Outcome, CommandError> {
    let (what, file) = rest.split_once(' ').unwrap_or((rest, ""));
    let file = file.trim();
    match what {
        "" => cx.toggle(Pane::Marks),
        "export" | "export!" | "import" if file.is_empty() => {
            return Err(CommandError::Usage("name the file"));
        }
        "import" => cx.import_notes(file),
        "export" | "export!" => {
            let job = cx.notes_to_export(file, what.ends_with('!'));
            let job = job.ok_or(CommandError::Usage("there are no notes to export"))?;
            let count = notes(job.notes.len());
            let how = if job.replaces { "to this file, replacing it?" } else { "to a new file?" };
            let question = format!("Write {count} {how} Enter to confirm");
            return Ok(Outcome::Confirm { question, job: job.into() });
        }
        _ => {
            let usage = "notes alone, notes export FILE, or notes import FILE; export! replaces it";
            return Err(CommandError::Usage(usage));
        }
    }
    Ok(Outcome::Done)
}
