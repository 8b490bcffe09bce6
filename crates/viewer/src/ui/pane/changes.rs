//! Draws the list of edits, the newest first. Only visible lines are looked up.

use memmap::edit::{EditedFile, State};
use memmap::widen;
use ratatui::style::{Modifier, Style};

use crate::editor::context::ViewContext;
use crate::editor::status::TimeOfDay;
use crate::format::units::in_short;
use crate::format::width::fitted;

/// The lines from an index on, at most `count`.
pub(super) fn items(
    cx: ViewContext<'_>,
    first: usize,
    count: usize,
    width: u16,
) -> Vec<Vec<(String, Style)>> {
    let Some(editing) = &cx.document.editing else { return Vec::new() };
    let history = editing.overlay.history();
    let shown: Vec<State> = history.states().rev().skip(first).take(count).collect();
    let Some(&oldest) = shown.last() else { return Vec::new() };
    if history.is_empty() {
        return Vec::new();
    }
    // Those that lead to what is shown; the others were undone.
    let up = |state: &State| history.parent(*state).filter(|it| *it >= oldest);
    let mut done: Vec<State> = std::iter::successors(Some(history.current()), up).collect();
    done.reverse();
    let digits = history.len().to_string().len();
    shown
        .into_iter()
        .map(|state| {
            let is_done = done.binary_search(&state).is_ok();
            let sign = if state == history.current() { '●' } else { ' ' };
            let number = format!("{sign} {:>digits$}", state.number());
            let text = match state {
                State::FIRST => format!("{number}            {}", on_disk(cx, state)),
                state => edit(cx, &editing.overlay, state, is_done, &number),
            };
            let style = if is_done { Style::new() } else { cx.theme().faint() };
            let style =
                if state == history.current() { style.add_modifier(Modifier::BOLD) } else { style };
            vec![(fitted(&text, width.saturating_sub(2)), style)]
        })
        .collect()
}

fn on_disk(cx: ViewContext<'_>, state: State) -> &'static str {
    let saved = cx.document.editing.as_ref().map(|it| it.overlay.history().saved());
    if saved == Some(state) { "as on disk" } else { "as opened" }
}

fn edit(
    cx: ViewContext<'_>,
    overlay: &EditedFile,
    state: State,
    is_done: bool,
    number: &str,
) -> String {
    let history = overlay.history();
    let time = history.time(state).and_then(|it| it.duration_since(std::time::UNIX_EPOCH).ok());
    let local = i64::try_from(time.map_or(0, |it| it.as_secs())).unwrap_or(0) + cx.utc_offset;
    let time = TimeOfDay::from_midnight(u64::try_from(local.rem_euclid(86_400)).unwrap_or(0));
    let (old, new) = history.replaced(state).unwrap_or((0..0, 0..0));
    let kind = match (old.end - old.start, new.end - new.start) {
        _ if !is_done => "undone",
        _ if history.is_growth(state) => "grown",
        (0, _) => "insert",
        (_, 0) => "delete",
        (before, after) if before == after => "overwrite",
        _ => "replace",
    };
    let len = if new.is_empty() { old.end - old.start } else { new.end - new.start };
    let made = overlay.made(state);
    let old = bytes(&made.old, old.end - old.start);
    let what = match bytes(&made.new, new.end - new.start) {
        _ if history.is_growth(state) => "by another program".to_owned(),
        new if new.is_empty() => format!("{old} deleted"),
        new if old.is_empty() => format!("→ {new}"),
        new => format!("{old} → {new}"),
    };
    let saved = if history.saved() == state { "  on disk" } else { "" };
    let w = usize::from(cx.layout().digits) + 2;
    let start = new.start;
    format!("{number}  {time}  {kind:<9}  {start:#0w$x}  {:>8}  {what}{saved}", in_short(len))
}

/// The first bytes of a side.
fn bytes(known: &[Option<u8>], len: u64) -> String {
    const SHOWN_MAX: usize = 4;
    let byte = |byte: &Option<u8>| byte.map_or("··".to_owned(), |byte| format!("{byte:02x}"));
    let mut all: Vec<String> = known.iter().take(SHOWN_MAX).map(byte).collect();
    if len > widen(all.len()) {
        all.push("…".to_owned());
    }
    all.join(" ")
}

/// The title: how many edits there are.
pub(super) fn title(cx: ViewContext<'_>) -> String {
    let count = cx.document.editing.as_ref().map_or(0, |it| it.overlay.history().len() - 1);
    match count {
        0 => " changes ".to_owned(),
        1 => " changes: 1 edit ".to_owned(),
        count => format!(" changes: {count} edits "),
    }
}

/// What is said of an empty list.
pub(super) fn when_empty(cx: ViewContext<'_>) -> String {
    let text = match cx.document.editing {
        Some(_) => "no edits yet: {overwrite} types over, {insert} inserts",
        None => "no edits yet: lazyhex -w or :edit on allows them",
    };
    cx.settings.keys.fill(text)
}
