//! Commands of the structure.

use memmap_structure::Builtin;

use super::{Command, CommandError, Outcome, command, same_as};
use crate::editor::command::{CommandInfo as Info, starting};
use crate::editor::current::Current;
use crate::editor::keymap::Action;
use crate::structure::format_job::Choice;
use crate::view::panes::Pane;

const AUTO: &str = "auto";
const OFF: &str = "off";

pub(super) const COMMANDS: &[Command] = &[
    command(
        Info::new(
            &["format"],
            "[auto|off|NAME|FILE.ksy]",
            "read the file by a format, NAME @ OFFSET inside it; or list them",
        )
        .completes(|part| {
            let names: Vec<&str> = [AUTO, OFF].into_iter().chain(Builtin::names()).collect();
            starting(part, &names)
        })
        .files_after(&["format "])
        .place(|rest| rest.split_once(" @ ").map(|(_, place)| place.trim().to_owned())),
        format,
    ),
    command(
        Info::new(&["field"], "[PATH]", "go to a field: entries[3].name; or show one in full"),
        |cx, rest| {
            if rest.is_empty() {
                cx.toggle_field();
            } else {
                cx.go_to_path(rest);
            }
            Ok(Outcome::Done)
        },
    ),
    same_as(
        Info::new(&["structure"], "", "the fields of the file")
            .key(Action::Toggle(Pane::Structure)),
    ),
];

fn format(cx: &mut Current<'_>, rest: &str) -> Result<Outcome, CommandError> {
    let choice = match rest {
        "" => {
            let known = cx.document.structure.format.as_ref();
            let text = known.map(|it| format!("format is {}: {}", it.label(), it.title));
            if let Some(text) = text {
                cx.say(text);
            }
            cx.list_formats();
            return Ok(Outcome::Done);
        }
        AUTO => Choice::Auto,
        OFF => Choice::Off,
        rest => {
            let (format, base) = match rest.split_once(" @ ") {
                None => (rest, 0),
                Some((format, place)) => (format.trim(), cx.cx().place(place)?),
            };
            Choice::Named { format: format.to_owned(), base }
        }
    };
    cx.choose_format(choice);
    Ok(Outcome::Done)
}
