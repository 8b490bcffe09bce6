//! Commands that analyse the file, and the array view.

use super::{Command, CommandError, Outcome, command, same_as};
use crate::analysis::digest::Algorithm;
use crate::analysis::strings::StringKind;
use crate::editor::command::{CommandInfo as Info, starting};
use crate::editor::keymap::Action;
use crate::view::array;
use crate::view::panes::Pane;

pub(super) const COMMANDS: &[Command] = &[
    command(
        Info::new(&["hash"], "NAME", "crc32, sha256 or blake3 of the selection or all")
            .key(Action::Begin('#'))
            .completes(|part| starting(part, &Algorithm::ALL.map(Algorithm::name))),
        |cx, rest| {
            let names = || Algorithm::ALL.map(Algorithm::name).to_vec();
            let algorithm =
                Algorithm::named(rest).ok_or_else(|| CommandError::OneOf("hash", names()))?;
            cx.digest(algorithm);
            Ok(Outcome::Done)
        },
    ),
    same_as(
        Info::new(&["histogram"], "", "how often each byte occurs")
            .key(Action::Toggle(Pane::Histogram)),
    ),
    command(
        Info::new(&["map"], "[full]", "the map; full reads the whole file")
            .key(Action::Toggle(Pane::Map))
            .completes(|part| starting(part, &["full"])),
        |cx, rest| {
            match rest {
                "" => cx.toggle(Pane::Map),
                "full" => cx.map_all(),
                _ => return Err(CommandError::Usage("map alone, or map full")),
            }
            Ok(Outcome::Done)
        },
    ),
    command(
        Info::new(&["strings"], "[MIN] [utf16]", "the text in the file")
            .key(Action::Toggle(Pane::Strings)),
        |cx, rest| {
            let wanted = (!rest.is_empty()).then(|| StringKind::parse(rest)).transpose()?;
            cx.show_strings(wanted);
            Ok(Outcome::Done)
        },
    ),
    command(
        Info::new(&["type"], "TYPE …", "elements: f4 shape=3,4 order=F offset=. stride=16")
            .key(Action::ToggleArray)
            .completes(|part| match part.rsplit_once(' ') {
                None => starting(part, &array::DTYPES),
                Some((before, part)) => {
                    let keys = starting(part, &array::KEYS).into_iter();
                    keys.map(|key| format!("{before} {key}")).collect()
                }
            })
            .place(|rest| array::parse(rest).ok()?.offset),
        |cx, rest| {
            if rest.is_empty() {
                cx.toggle_array();
            } else {
                cx.show_elements(array::parse(rest)?, rest)?;
            }
            Ok(Outcome::Done)
        },
    ),
    command(Info::new(&["array"], "NAME", "an array of a .npz file"), |cx, rest| {
        if rest.is_empty() {
            return Err(CommandError::Usage("name the array; t lists them"));
        }
        cx.describe(Some(rest.to_owned()));
        Ok(Outcome::Done)
    }),
    command(Info::new(&["untype"], "", "show bytes again"), |cx, _| {
        cx.untype();
        Ok(Outcome::Done)
    }),
];
