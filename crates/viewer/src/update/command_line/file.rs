//! Commands that open, write, reload and close.

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use super::{Command, CommandError, Outcome, command, same_as};
use crate::document::follow;
use crate::document::saving::jobs::SaveAsJob;
use crate::document::write_range::WriteRangeJob;
use crate::editor::command::{CommandInfo as Info, starting};
use crate::editor::keymap::Action;
use crate::editor::tabs::{LayoutRequest, Unsaved};
use crate::format::copy_as::CopyFormat;
use crate::format::parse_size::parse_count;
use crate::job::handed::Handed;
use crate::patch::PatchFormat;
use crate::source::packed;
use crate::structure::copy_node::Part;
use crate::view::panes::Pane;

/// What `:copy` copies of the list of differences.
const LISTED: [&str; 2] = ["list", "row"];

pub(super) const COMMANDS: &[Command] = &[
    command(
        Info::new(&["copy"], "FORM", "hex, c, rust, python, base64, raw, path, value, list, row")
            .key(Action::Begin('y'))
            .completes(|part| {
                let names = CopyFormat::NAMED.map(|(name, _)| name);
                let parts = Part::NAMED.map(|(name, _)| name);
                starting(part, &[&names[..], &parts[..], &LISTED].concat())
            }),
        |cx, rest| {
            if let Some(&(_, part)) = Part::NAMED.iter().find(|(name, _)| *name == rest) {
                cx.copy_node(part);
                return Ok(Outcome::Done);
            }
            if rest == "list" || rest == "row" {
                if rest == "list" {
                    cx.copy_differences();
                } else {
                    cx.copy_difference();
                }
                return Ok(Outcome::Done);
            }
            let found = CopyFormat::NAMED.iter().find(|(name, _)| *name == rest);
            let names = || {
                let parts = Part::NAMED.iter().map(|(name, _)| *name);
                let forms = CopyFormat::NAMED.iter().map(|(name, _)| *name);
                forms.chain(parts).chain(LISTED).collect()
            };
            let &(_, form) = found.ok_or_else(|| CommandError::OneOf("copy as", names()))?;
            cx.copy(form);
            Ok(Outcome::Done)
        },
    ),
    command(
        Info::new(
            &["diff"],
            "[!] FILE|A..B",
            "compare with another file; or with a range; or edits with the disk; ! aligns",
        )
        .files_after(&["diff ", "diff! "]),
        |cx, rest| {
            let is_aligned = rest.starts_with('!');
            let file = rest.trim_start_matches('!').trim_start();
            if let Some(range) = cx.cx().range(file) {
                if is_aligned {
                    return Err(CommandError::Usage("two ranges are compared at the same offsets"));
                }
                let ranges = cx.cx().compared_ranges(range).map_err(CommandError::Usage)?;
                cx.request(LayoutRequest::CompareRanges(ranges));
            } else if !file.is_empty() {
                cx.request(LayoutRequest::Compare(file.into(), is_aligned));
            } else if !cx.align(is_aligned) && !cx.compare_with_disk(is_aligned) {
                return Err(CommandError::Usage("name the file to compare with"));
            }
            Ok(Outcome::Done)
        },
    ),
    command(
        Info::new(&["edit"], "on|off", "allow edits of the file, or forbid them again")
            .completes(|part| starting(part, &["on", "off"])),
        |cx, rest| {
            match rest {
                "" | "on" => cx.allow_edits(),
                "off" => cx.forbid_edits().map_err(CommandError::Unsaved)?,
                _ => return Err(CommandError::Usage("`on` or `off`")),
            }
            Ok(Outcome::Done)
        },
    ),
    command(
        Info::new(&["follow"], "on|off|SECONDS", "follow the file; how often to check it")
            .key(Action::ToggleFollow)
            .completes(|part| starting(part, &["on", "off"])),
        |cx, rest| {
            let every = match rest {
                "" | "on" => Some(follow::EVERY),
                "off" => None,
                seconds => match seconds.parse() {
                    Ok(seconds @ 1..) => Some(Duration::from_secs(seconds)),
                    _ => return Err(CommandError::NotSeconds(seconds.to_owned())),
                },
            };
            cx.follow_every(every);
            Ok(Outcome::Done)
        },
    ),
    same_as(Info::new(&["info"], "", "file details").key(Action::Toggle(Pane::Details))),
    command(
        Info::new(&["patch"], "FILE", "write the differences as a patch: .ips, .bps or .bsdiff")
            .files_after(&["patch "]),
        |cx, rest| {
            if rest.is_empty() {
                return Err(CommandError::Usage("name the patch to write: .ips, .bps or .bsdiff"));
            }
            let format = PatchFormat::of_extension(Path::new(rest))?;
            let job = cx.patch_job(format, rest.into()).map_err(CommandError::Usage)?;
            Ok(Outcome::Confirm {
                question: format!("Write a {format} patch to a new file? Enter to confirm"),
                job: job.into(),
            })
        },
    ),
    command(
        Info::new(&["quit", "q"], "[!]", "quit; ! discards unsaved edits").key(Action::Quit),
        |cx, rest| {
            cx.request(LayoutRequest::Quit(unsaved(rest)?));
            Ok(Outcome::Done)
        },
    ),
    command(Info::new(&["qa"], "[!]", "quit all tabs"), |cx, rest| {
        cx.request(LayoutRequest::QuitAll(unsaved(rest)?));
        Ok(Outcome::Done)
    }),
    same_as(Info::new(&["refresh"], "", "open the file again").key(Action::Refresh)),
    command(
        Info::new(&["spool"], "SIZE", "how much of a pipe to read before it waits"),
        |cx, rest| {
            let limit = parse_count(rest)?;
            cx.limit_stream(limit).map_err(CommandError::Usage)?;
            Ok(Outcome::Done)
        },
    ),
    command(
        Info::new(&["split"], "[FILE]", "two views, or one again")
            .key(Action::Split)
            .files_after(&["split "]),
        |cx, rest| {
            let file = (!rest.is_empty()).then(|| rest.into());
            cx.request(LayoutRequest::Split(file));
            Ok(Outcome::Done)
        },
    ),
    command(
        Info::new(&["tab"], "FILE", "open a file in a new tab").files_after(&["tab "]),
        |cx, rest| {
            if rest.is_empty() {
                return Err(CommandError::Usage("name the file to open"));
            }
            cx.request(LayoutRequest::OpenTab(rest.into()));
            Ok(Outcome::Done)
        },
    ),
    command(
        Info::new(&["export"], "FILE", "write the selection to a new file")
            .files_after(&["export "]),
        |cx, rest| {
            if rest.is_empty() {
                return Err(CommandError::Usage("name the file to write to"));
            }
            let selection = cx.cx().selection();
            Ok(write_to(selection.ok_or(CommandError::NothingSelected)?, rest))
        },
    ),
    command(
        Info::new(
            &["unpack"],
            "[FILE]",
            "open what is in a file packed with gzip or zstd, in a new tab",
        )
        .files_after(&["unpack "]),
        |cx, rest| {
            let source = cx.document.source();
            let shown = source.location().map(Path::new).or_else(|| source.path());
            let file = if rest.is_empty() { shown } else { Some(Path::new(rest)) };
            let file = file.ok_or(CommandError::Usage("name the packed file"))?;
            let location = packed::location(file);
            cx.request(LayoutRequest::OpenTab(location));
            Ok(Outcome::Done)
        },
    ),
    command(Info::new(&["wq", "x"], "", "save the edits, then quit"), |cx, _| {
        cx.save(false, true);
        Ok(Outcome::Done)
    }),
    command(
        Info::new(
            &["write", "w"],
            "[!] [FILE]",
            "save the edits; or write the selection, or all, to a new file",
        )
        .key(Action::Save)
        .files_after(&["write ", "w "]),
        |cx, rest| {
            if matches!(rest, "" | "!") {
                cx.save(rest == "!", false);
                return Ok(Outcome::Done);
            }
            let path = rest.trim_start_matches('!').trim_start();
            let replaces = rest.starts_with('!');
            let is_growing = cx.document.is_growing();
            match (cx.cx().selection(), &mut cx.document.editing) {
                (None, Some(editing)) => {
                    let draft = Handed::new(editing.overlay.save().draft());
                    let len = cx.document.len;
                    let how =
                        if replaces { "to this file, replacing it?" } else { "to a new file?" };
                    Ok(Outcome::Confirm {
                        question: format!("Write all {len} bytes {how} Enter to confirm"),
                        job: SaveAsJob { draft, path: path.into(), replaces }.into(),
                    })
                }
                (_, _) if replaces => Err(CommandError::Usage(
                    "only all bytes of an editable file replace another file",
                )),
                (None, _) if is_growing => Ok(write_what_came(cx.document.len, path)),
                (selection, _) => Ok(write_to(selection.unwrap_or(0..cx.document.len), path)),
            }
        },
    ),
];

/// What `!` after a command that quits means.
fn unsaved(rest: &str) -> Result<Unsaved, CommandError> {
    match rest {
        "" => Ok(Unsaved::Refuse),
        "!" => Ok(Unsaved::Discard),
        _ => Err(CommandError::Usage("`!`, or nothing")),
    }
}

/// Writes what has come of a stream to a new file, after a yes.
fn write_what_came(len: u64, path: &str) -> Outcome {
    Outcome::Confirm {
        question: format!(
            "Write the {len} bytes that came so far (more may come) to a new file? Enter to confirm"
        ),
        job: WriteRangeJob { range: 0..len, path: path.into() }.into(),
    }
}

/// Writes a range to a new file, after a yes.
fn write_to(range: Range<u64>, path: &str) -> Outcome {
    let len = range.end - range.start;
    let noun = if len == 1 { "byte" } else { "bytes" };
    Outcome::Confirm {
        question: format!("Write {len} {noun} to a new file? Enter to confirm"),
        job: WriteRangeJob { range, path: path.into() }.into(),
    }
}
