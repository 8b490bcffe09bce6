//! Commands that search, and show the matches.

use super::{Command, CommandError, Outcome, command};
use crate::editor::command::CommandInfo as Info;
use crate::editor::keymap::Action;
use crate::search::query::Query;
use crate::view::panes::Pane;

pub(super) const COMMANDS: &[Command] = &[
    command(
        Info::new(&["find"], "[-xrnuvli] TEXT", "search, as / does")
            .key(Action::OpenFind)
            .keeps_blanks(),
        |cx, rest| match Query::parse(rest)? {
            query if query.text.is_empty() => Err(CommandError::Usage("say what to find")),
            query => {
                cx.find(query)?;
                Ok(Outcome::Done)
            }
        },
    ),
    command(
        Info::new(
            &["matches", "hits"],
            "[export FILE]",
            "the matches; export as .csv, .json or text",
        )
        .key(Action::Toggle(Pane::Matches))
        .files_after(&["matches export ", "hits export "]),
        |cx, rest| match rest.split_once(' ') {
            Some(("export", file)) => cx.export_hits(file.trim()),
            None if rest == "export" => Err(CommandError::Usage("name the file to write to")),
            None if rest.is_empty() => {
                cx.toggle(Pane::Matches);
                Ok(Outcome::Done)
            }
            _ => Err(CommandError::Usage("matches alone, or matches export FILE")),
        },
    ),
];
