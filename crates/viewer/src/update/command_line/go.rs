//! Commands for addresses and marks.

use super::{Command, CommandError, Outcome, command, same_as};
use crate::document::marks::Marks;
use crate::editor::command::CommandInfo as Info;
use crate::editor::current::Current;
use crate::editor::keymap::Action;
use crate::view::panes::Pane;

pub(super) const COMMANDS: &[Command] = &[
    command(
        Info::new(&["goto"], "PLACE", "go there; the place alone does too")
            .key(Action::OpenGoto)
            .place(|rest| Some(rest.to_owned())),
        go,
    ),
    command(
        Info::new(&["page"], "N", "go to a page of the file, counted from 0").place(page),
        |cx, rest| go(cx, &page(rest).unwrap_or_default()),
    ),
    command(
        Info::new(&["match"], "[+|- N]", "go to the match at the cursor or after it")
            .place(a_match),
        |cx, rest| go(cx, &a_match(rest).unwrap_or_default()),
    ),
    command(
        Info::new(&["sel"], "[+|- N]", "go to the start of the selection").place(selection),
        |cx, rest| go(cx, &selection(rest).unwrap_or_default()),
    ),
    command(
        Info::new(&["mark"], "a…z [PLACE]", "mark a place").key(Action::Begin('m')).place(|rest| {
            letter(rest).ok().map(|(_, place)| place.to_owned()).filter(|it| !it.is_empty())
        }),
        |cx, rest| {
            let (name, place) = letter(rest)?;
            let place = if place.is_empty() { cx.view.cursor } else { cx.cx().place(place)? };
            cx.set_mark(name, place);
            Ok(Outcome::Done)
        },
    ),
    same_as(Info::new(&["marks"], "", "the marks").key(Action::Toggle(Pane::Marks))),
    same_as(
        Info::new(&["jumps"], "", "the jump list: where you were").key(Action::Toggle(Pane::Jumps)),
    ),
    command(Info::new(&["unmark"], "a…z", "remove a mark"), |cx, rest| match letter(rest)? {
        (name, "") => {
            cx.document.marks.remove(name).ok_or(CommandError::NoMark(name))?;
            Ok(Outcome::Done)
        }
        _ => Err(CommandError::Usage("one mark at a time")),
    }),
];

/// Goes to an address.
pub(super) fn go(cx: &mut Current<'_>, text: &str) -> Result<Outcome, CommandError> {
    let place = cx.cx().place(text)?;
    cx.jump(place);
    Ok(Outcome::Done)
}

#[expect(clippy::unnecessary_wraps, reason = "other commands may have no place")]
fn page(rest: &str) -> Option<String> {
    Some(format!("page {rest}"))
}

#[expect(clippy::unnecessary_wraps, reason = "other commands may have no place")]
fn a_match(rest: &str) -> Option<String> {
    Some(format!("match {rest}"))
}

#[expect(clippy::unnecessary_wraps, reason = "other commands may have no place")]
fn selection(rest: &str) -> Option<String> {
    Some(format!("sel {rest}"))
}

fn letter(rest: &str) -> Result<(char, &str), CommandError> {
    let (word, place) = rest.split_once(' ').unwrap_or((rest, ""));
    let mut chars = word.chars();
    match (chars.next(), chars.next()) {
        (Some(name), None) if Marks::is_name(name) => Ok((name, place.trim())),
        _ => Err(CommandError::Usage("a mark is a letter from a to z")),
    }
}
