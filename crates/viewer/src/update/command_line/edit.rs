//! Commands that change bytes.

use std::ops::Range;
use std::time::Duration;

use super::{Command, CommandError, Outcome, command};
use crate::document::address::AddressContext;
use crate::document::edits::{Edit, Step};
use crate::document::insert_file::{FileBytes, FileCopy, InsertFileJob};
use crate::editor::command::{CommandInfo as Info, starting};
use crate::editor::context::PlaceError;
use crate::editor::current::Current;
use crate::editor::keymap::{Action, EditKey};
use crate::editor::paste::PasteRequest;
use crate::format::hex;
use crate::format::parse_pasted::PasteFormat;
use crate::format::units::in_units;
use crate::job::handed::Handed;
use crate::search::notation::Notation;
use crate::search::query::Query;
use crate::search::results::CompiledQuery;
use crate::search::substitute::SubstituteJob;

/// How `:s` is written.
const SUBSTITUTE: &str = "write s/HEX/HEX/, or s/HEX/HEX/c to be asked about each match";

pub(super) const COMMANDS: &[Command] = &[
    command(
        Info::new(&["delete"], "[START..END]", "delete the selection, or a range"),
        |cx, rest| {
            writable(cx)?;
            let range = range_of(cx, rest)?;
            cx.delete(range);
            Ok(Outcome::Done)
        },
    ),
    command(
        Info::new(&["fill"], "[START..END] HEX|\"TEXT\"", "fill the selection, or a range"),
        |cx, rest| {
            writable(cx)?;
            let (range, pattern) = match rest.split_once(' ') {
                Some((first, pattern)) if first.contains("..") => (first, pattern),
                _ => ("", rest),
            };
            let pattern = bytes_of(pattern).ok_or(CommandError::NotBytes)?;
            let range = range_of(cx, range)?;
            let len = in_units(range.end - range.start);
            let start = range.start;
            if cx.edit(&Edit::Fill { range, pattern }, Step::New).is_some() {
                cx.view.anchor = None;
                cx.follow_here(start);
                cx.say(format!("filled {len}"));
            }
            Ok(Outcome::Done)
        },
    ),
    command(
        Info::new(&["insert"], "HEX|\"TEXT\"|FILE", "insert bytes, or a file, at the cursor")
            .files_after(&["insert "]),
        |cx, rest| {
            writable(cx)?;
            let at = cx.view.cursor;
            match bytes_of(rest) {
                _ if rest.is_empty() => Err(CommandError::NotBytes),
                Some(bytes) => {
                    cx.insert(at, bytes);
                    Ok(Outcome::Done)
                }
                None => {
                    let state = cx.document.state().number();
                    let editing = cx.document.editing.as_ref();
                    let journal = editing.and_then(|editing| editing.journal.as_ref().ok());
                    let journal = journal.cloned().map(Handed::new);
                    cx.start(InsertFileJob { path: rest.into(), at, state, journal });
                    Ok(Outcome::Done)
                }
            }
        },
    ),
    command(
        Info::new(
            &["paste"],
            "[!] hex|text|base64 [TEXT]",
            "paste TEXT, or the clipboard, over bytes; ! inserts it",
        )
        .completes(|part| starting(part, &PasteFormat::NAMED.map(|(name, _)| name))),
        |cx, rest| {
            writable(cx)?;
            let inserts = rest.starts_with('!');
            let rest = rest.trim_start_matches('!').trim_start();
            let (form, text) = rest.split_once(' ').unwrap_or((rest, ""));
            let names = || PasteFormat::NAMED.map(|(name, _)| name).to_vec();
            let form = PasteFormat::named(form);
            let form = form.ok_or_else(|| CommandError::OneOf("paste as", names()))?;
            let request = PasteRequest { view: cx.view_id, form, inserts };
            cx.paste_as(request, text.trim())?;
            Ok(Outcome::Done)
        },
    ),
    command(
        Info::new(&["redo"], "[N]", "redo edits").key(Action::Edit(EditKey::Redo)),
        |cx, rest| {
            let count = count_of(rest)?;
            cx.act_edit(EditKey::Redo, Some(count));
            Ok(Outcome::Done)
        },
    ),
    command(
        Info::new(
            &["s"],
            "/HEX/HEX/[c]",
            "replace all matches in the selection, or in all; c asks about each",
        ),
        |cx, rest| {
            writable(cx)?;
            let parts: Vec<&str> = rest.split('/').collect();
            let &["", text, new, ref rest @ ..] = parts.as_slice() else {
                return Err(CommandError::Usage(SUBSTITUTE));
            };
            // All matches are replaced with and without `g`, which is typed by habit.
            let confirms = match rest {
                [] | ["" | "g"] => false,
                ["c" | "gc" | "cg"] => true,
                _ => return Err(CommandError::Usage(SUBSTITUTE)),
            };
            if text.trim().is_empty() {
                return Err(CommandError::Usage(SUBSTITUTE));
            }
            let bytes = if new.trim().is_empty() { Some(Vec::new()) } else { bytes_of(new) };
            let bytes = bytes.ok_or(CommandError::NotBytes)?;
            let notation = Notation::Hex;
            let query = Query { notation, folds_case: false, text: text.to_owned() };
            let what = CompiledQuery::of(query)?;
            let range = cx.cx().selection().unwrap_or(0..cx.document.len);
            let state = cx.document.state().number();
            cx.start(SubstituteJob { what, range, bytes, state, confirms });
            Ok(Outcome::Done)
        },
    ),
    command(
        Info::new(&["undo"], "[N|10m]", "undo edits, or those of the last ten minutes")
            .key(Action::Edit(EditKey::Undo)),
        |cx, rest| {
            if let Some(ago) = time_of(rest) {
                cx.undo_to(ago);
            } else {
                let count = count_of(rest)?;
                cx.act_edit(EditKey::Undo, Some(count));
            }
            Ok(Outcome::Done)
        },
    ),
];

fn writable(cx: &mut Current<'_>) -> Result<(), CommandError> {
    if cx.document.editing.is_none() { Err(CommandError::ReadOnly) } else { Ok(()) }
}

fn count_of(text: &str) -> Result<u64, CommandError> {
    if text.is_empty() {
        return Ok(1);
    }
    text.parse().map_err(|_bad| CommandError::Usage("a number, or a time as 30s, 10m, 2h"))
}

/// A time as `10m`.
fn time_of(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    Some(Duration::from_secs(number.parse::<u64>().ok()?.saturating_mul(seconds)))
}

/// Bytes as they are typed: hexadecimal digits, or text in quotation marks.
fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    match quoted {
        Some(text) => (!text.is_empty()).then(|| text.as_bytes().to_vec()),
        None => hex::parse(text),
    }
}

/// A range as `START..END`, of which END is not part; the selection if there is none.
pub(super) fn range_of(cx: &Current<'_>, text: &str) -> Result<Range<u64>, CommandError> {
    if text.is_empty() {
        return cx.cx().selection().ok_or(CommandError::NothingSelected);
    }
    let (start, end) = text.split_once("..").ok_or(CommandError::Usage("a range is START..END"))?;
    let len = cx.document.len;
    let start = if start.is_empty() { 0 } else { cx.cx().place(start)? };
    let end = if end.is_empty() { len } else { end_of(cx, end, len)? };
    if start >= end {
        return Err(CommandError::Usage("a range is START..END, and not empty"));
    }
    Ok(start..end)
}

/// The end of a range, which may be that of the file: `$` is the last byte, and as an end what follows it.
fn end_of(cx: &Current<'_>, text: &str, len: u64) -> Result<u64, CommandError> {
    let scope = AddressContext { len: len.saturating_add(1), ..cx.cx().scope() };
    Ok(scope.place(text).map_err(PlaceError::from)?)
}

impl Current<'_> {
    /// Inserts a file that was read.
    pub(in crate::update) fn insert_file(&mut self, read: FileBytes) {
        if read.state != self.document.state().number() {
            return self.complain("not inserted: the bytes were edited meanwhile");
        }
        match read.bytes {
            FileCopy::Memory(bytes) if bytes.is_empty() => {
                self.say("the file is empty: nothing is inserted");
            }
            FileCopy::Memory(bytes) => self.insert(read.at, bytes),
            FileCopy::Spooled(taken) => {
                let len = taken.len();
                match self.document.insert_taken(read.at, taken) {
                    Ok(()) => {
                        self.follow_here(read.at);
                        self.say_len(&format!("inserted {}", in_units(len)));
                    }
                    Err(error) => self.complain(error.kind().to_string()),
                }
            }
        }
    }
}
