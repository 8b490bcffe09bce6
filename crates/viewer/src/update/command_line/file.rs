//! Commands that open, write, reload and close.

use std::time::Duration;

use super::{Command, CommandError, Outcome, command, same_as};
use crate::document::follow;
use crate::document::write_range::WriteRangeJob;
use crate::editor::command::{CommandInfo as Info, starting};
use crate::editor::keymap::Action;
use crate::editor::tabs::LayoutRequest;
use crate::format::copy_as::CopyFormat;
use crate::structure::copy_node::Part;
use crate::view::panes::Pane;

pub(super) const COMMANDS: &[Command] = &[
    command(
        Info::new(&["copy"], "FORM", "hex, c, rust, python, base64, raw, path, value")
            .key(Action::Begin('y'))
            .completes(|part| {
                let names = CopyFormat::NAMED.map(|(name, _)| name);
                let parts = Part::NAMED.map(|(name, _)| name);
                starting(part, &[&names[..], &parts[..]].concat())
            }),
        |cx, rest| {
            if let Some(&(_, part)) = Part::NAMED.iter().find(|(name, _)| *name == rest) {
                cx.copy_node(part);
                return Ok(Outcome::Done);
            }
            let found = CopyFormat::NAMED.iter().find(|(name, _)| *name == rest);
            let names = || {
                let parts = Part::NAMED.iter().map(|(name, _)| *name);
                CopyFormat::NAMED.iter().map(|(name, _)| *name).chain(parts).collect()
            };
            let &(_, form) = found.ok_or_else(|| CommandError::OneOf("copy as", names()))?;
            cx.copy(form);
            Ok(Outcome::Done)
        },
    ),
    command(
        Info::new(
            &["diff"],
            "[!] FILE",
            "compare with another file, or edits with the one on disk; ! aligns",
        )
        .files_after(&["diff ", "diff! "]),
        |cx, rest| {
            let is_aligned = rest.starts_with('!');
            let file = rest.trim_start_matches('!').trim_start();
            if !file.is_empty() {
                cx.request(LayoutRequest::Compare(file.into(), is_aligned));
            } else if !cx.align(is_aligned) && !cx.compare_with_disk(is_aligned) {
                return Err(CommandError::Usage("name the file to compare with"));
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
    command(Info::new(&["quit", "q"], "", "quit").key(Action::Quit), |cx, _| {
        cx.request(LayoutRequest::Quit);
        Ok(Outcome::Done)
    }),
    command(Info::new(&["qa"], "", "quit all tabs"), |cx, _| {
        cx.request(LayoutRequest::QuitAll);
        Ok(Outcome::Done)
    }),
    same_as(Info::new(&["refresh"], "", "open the file again").key(Action::Refresh)),
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
        Info::new(&["write"], "FILE", "write the selection to a new file").files_after(&["write "]),
        |cx, rest| {
            if rest.is_empty() {
                return Err(CommandError::Usage("name the file to write to"));
            }
            let selection = cx.cx().selection();
            let range = selection.ok_or(CommandError::NothingSelected)?;
            let len = range.end - range.start;
            let noun = if len == 1 { "byte" } else { "bytes" };
            Ok(Outcome::Confirm {
                question: format!("Write {len} {noun} to a new file? Enter to confirm"),
                job: WriteRangeJob { range, path: rest.into() }.into(),
            })
        },
    ),
];
