//! The bar at the bottom: where the cursor is and what is under it; and the line for prompt and
//! messages.

mod source;

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::analysis::data_inspector::encode::encode;
use crate::document::follow::FileState;
use crate::document::stream::Stream;
use crate::editor::command::Candidate;
use crate::editor::context::{PREVIEW_LEN, ViewContext};
use crate::editor::hints;
use crate::editor::keymap::prefix_title;
use crate::editor::prompt::{Prompt, Purpose};
use crate::editor::typing::{Column, TypingMode, ValueEdit};
use crate::format::hex::Hex;
use crate::format::theme::{BAR, CURSOR};
use crate::format::units::in_units;
use crate::format::width::{cut_left, fitted, width};
use crate::source::page_cache::Known;
use crate::ui::pane::{jobs, marks, structure};
use crate::ui::{percent, recovery, write, write_fields};
use crate::view::panes::Pane;
use source::{activity, region, remote, unreadable, where_in};

/// The room that a note needs, so that more than its beginning is shown.
const NOTE_FROM: u16 = 12;

pub(super) fn draw(cx: ViewContext<'_>, line: Rect, buf: &mut Buffer) {
    buf.set_style(line, BAR);
    let line = draw_mode(cx, line, buf);
    if cx.document.len == 0 {
        let activity = activity(cx).unwrap_or_default();
        write_fields(buf, line, &["0 bytes".to_owned(), activity], BAR);
        return;
    }
    let position = cx.view.cursor;
    if cx.typing().is_some_and(|typing| typing.at == cx.document.len) {
        let place = format!("{:#x}, after the last byte", cx.document.len);
        return write_fields(buf, line, &[place], BAR);
    }
    // What matters most stands first: a narrow screen drops the rest.
    let place = format!("{position:#x} = {position}");
    let fits = place.len() + 1 < usize::from(line.width);
    let selected =
        cx.selection().map(|range| format!("{} selected", in_units(range.end - range.start)));
    if let Some(typed) = &cx.view.array {
        let (element, sums) = super::array_view::fields(cx, typed);
        let fields = [vec![element, selected.unwrap_or_default()], sums, vec![place]].concat();
        return write_fields(buf, line, &fields, BAR);
    }
    let in_file = cx.document.in_file(position).filter(|&at| at != position);
    let in_file = in_file.map(|at| format!("on disk at {at:#x}"));
    let mark = cx.document.marks.name_of(position).map(|name| format!("mark {name}"));
    let hit = match_at(cx, position);
    let note = cx.document.notes.at(position).map(|note| format!("note: {}", note.text));
    let hole = cx.rows().folds.run(position).filter(|run| run.is_hole).map(|_| "hole".to_owned());
    let has_regions = cx.regions().is_some();
    let place = if fits && !has_regions { place } else { format!("{position:#x}") };
    let mut fields = [
        place,
        selected.unwrap_or_default(),
        where_in(cx, position),
        values(cx, position),
        in_file.unwrap_or_default(),
        hit.unwrap_or_default(),
        mark.unwrap_or_default(),
        hole.unwrap_or_default(),
        unreadable(cx),
        String::new(),
        String::new(),
    ];
    let used = |fields: &[String]| {
        let fields = fields.iter().filter(|it| !it.is_empty());
        fields.map(|it| width(it).saturating_add(2)).fold(1, u16::saturating_add)
    };
    fields[10] = remote(cx, line.width.saturating_sub(used(&fields).saturating_add(2)));
    let path = breadcrumb(cx).or_else(|| region(cx));
    let path = [path, activity(cx)].into_iter().flatten().reduce(|a, b| a + "  " + &b);
    let room = line.width.saturating_sub(used(&fields) + 1);
    // Each has half of it, unless the other one needs less.
    let path_width = path.as_deref().map_or(0, |path| width(path).saturating_add(1));
    let room = room.saturating_sub(path_width.min(room / 2));
    if let Some(note) = note.filter(|_| room >= NOTE_FROM) {
        fields[9] = fitted(&note, room);
    }
    let Some(path) = path else { return write_fields(buf, line, &fields, BAR) };
    // The decimal goes first, then the percent, then parts of the path.
    if used(&fields).saturating_add(width(&path) + 1) > line.width {
        fields[0] = format!("{position:#x}");
    }
    if used(&fields).saturating_add(width(&path) + 1) > line.width {
        fields[2].clear();
    }
    write_fields(buf, line, &fields, BAR);
    let room = line.width.saturating_sub(used(&fields) + 1);
    if let Some(path) = cut_left(&path, room) {
        write(buf, line, line.width.saturating_sub(width(&path) + 1), &path, BAR);
    }
}

/// Which match starts at an offset.
fn match_at(cx: ViewContext<'_>, position: u64) -> Option<String> {
    let search = cx.search()?;
    let index = search.index(cx.match_then(position));
    search.get(index).filter(|&hit| cx.match_now(hit).offset == position)?;
    let more = if search.is_complete() { "" } else { "+" };
    Some(format!("match {} of {}{more}", index + 1, search.total()))
}

/// Draws the mode in which keys type. Returns the rest of the line.
fn draw_mode(cx: ViewContext<'_>, line: Rect, buf: &mut Buffer) -> Rect {
    let mode = match cx.typing() {
        Some(typing) => format!(" {} {} ", typing.mode.name(), typing.column.name()),
        None if cx.value_edit().is_some() => " EDIT VALUE ".to_owned(),
        None => return line,
    };
    let by = width(&mode).min(line.width);
    let style = Style::reset().add_modifier(Modifier::BOLD);
    let part = Rect { width: by, ..line };
    buf.set_style(part, style);
    write(buf, part, 0, &mode, style);
    Rect { x: line.x + by, width: line.width - by, ..line }
}

/// The way to the field at the cursor: `elf › header › magic`.
fn breadcrumb(cx: ViewContext<'_>) -> Option<String> {
    cx.way(&cx.field_at_cursor()?.path)
}

/// Blanks the line and writes the prompt, or what there is to say.
pub(super) fn draw_footer(cx: ViewContext<'_>, line: Rect, buf: &mut Buffer) {
    let plain = Style::new();
    let blank = " ".repeat(line.width.into());
    buf.set_style(line, Style::reset());
    write(buf, line, 0, &blank, plain);
    if let Some(popup) = cx.input.and_then(|input| input.popup.as_ref()) {
        return write(buf, line, 1, &popup.hint(), plain);
    }
    if let Some(recovery) = cx.recovery()
        && cx.message().is_none()
    {
        return write(buf, line, 1, recovery::hint(recovery), plain);
    }
    if let Some(prompt) = cx.prompt() {
        return draw_prompt(cx, prompt, line, buf);
    }
    let (text, style) = if let Some(prefix) = cx.pending() {
        let count = cx.count().map_or_else(String::new, |count| count.to_string());
        let keys = match cx.layout.strip {
            Some(_) => "choose a letter  Esc closes".to_owned(),
            None => second_keys(cx, prefix),
        };
        (format!("{count}{prefix}  {keys}"), plain)
    } else if let Some(count) = cx.count() {
        (format!("{count}  times: a motion such as j, w or ]h; Esc drops it"), plain)
    } else if let Some(message) = cx.message() {
        let text = message.line(line.width.saturating_sub(1));
        if message.is_error {
            (text, cx.theme().error())
        } else {
            (beside_job(cx, &text, line.width), plain)
        }
    } else if let Some(text) = cx.progress() {
        (text, plain)
    } else if let Some(job) = cx.jobs.newest_running().filter(|_| cx.has_keyboard) {
        (jobs::running(job, line.width.saturating_sub(1)), plain)
    } else if let Some(trouble) = cx.document.editing.as_ref().and_then(|it| it.trouble()) {
        (fitted(&format!("! {trouble}"), line.width.saturating_sub(1)), cx.theme().error())
    } else if let Some(problem) = cx.document.pages.problem() {
        let text = fitted(&format!("E: {problem}"), line.width.saturating_sub(1));
        (text, cx.theme().error())
    } else if let Some(text) = cx.document.stream.as_ref().and_then(Stream::pause) {
        (fitted(&text, line.width.saturating_sub(1)), plain)
    } else if let Some(text) = whole_line(cx) {
        (fitted(&text, line.width.saturating_sub(1)), plain)
    } else {
        (
            hints::fitting(&cx.settings.keys.hints(hint(cx)), line.width.saturating_sub(2)),
            cx.theme().offset(),
        )
    };
    write(buf, line, 1, &text, style);
}

/// The selected field of the structure pane, or the selected note, if the pane cuts it off.
fn whole_line(cx: ViewContext<'_>) -> Option<String> {
    match cx.view.pane()? {
        Pane::Structure => structure::whole(cx),
        Pane::Marks => marks::whole(cx),
        _ => None,
    }
}

/// A message, and the progress of the newest job if there is room for both.
fn beside_job(cx: ViewContext<'_>, text: &str, room: u16) -> String {
    const ROOM_MIN: u16 = 24;
    let left = room.saturating_sub(width(text) + 5);
    match cx.jobs.newest_running() {
        Some(job) if left >= ROOM_MIN => format!("{text}   {}", jobs::running(job, left)),
        _ => text.to_owned(),
    }
}

/// What may follow the first key of two, in a line.
fn second_keys(cx: ViewContext<'_>, prefix: char) -> String {
    if matches!(prefix, 'm' | '\'') {
        return prefix_title(prefix).to_owned();
    }
    let keys = cx.keys_after(prefix).into_iter();
    keys.map(|(key, what)| format!("{key} {what}")).collect::<Vec<_>>().join("  ")
}

/// What may be pressed next. In braces stand names of actions.
fn hint(cx: ViewContext<'_>) -> &'static str {
    match cx.view.pane() {
        Some(Pane::Help) if cx.view.help.is_explained => {
            "Enter goes back  ↑↓ other entries  {help} closes"
        }
        Some(Pane::Structure) if cx.lists_formats() => {
            "typing filters  ↑↓ choose  Enter applies  :format NAME @ 0x200  :format FILE.ksy  Esc back"
        }
        Some(Pane::Inspector) if cx.document.editing.is_some() => {
            "↑↓ choose  Enter edits the value  {copy} copies it  {byte-order} byte order  Tab next  Esc back"
        }
        Some(pane) => pane.hint(),
        None if cx.typing().is_some() => typing_hint(cx),
        None if cx.view.array.is_some() && cx.view.anchor.is_none() => {
            "↑↓←→ move  : [17, 3] goes there  {previous-slab} {next-slab} outer axis  {next-nan} {previous-nan} NaN  {elements} bytes"
        }
        None if cx.view.anchor.is_some() && cx.document.editing.is_some() => {
            "move to select  {copy} copies  {remove} deletes  {paste-over} pastes over  :fill 00  Esc ends"
        }
        None if cx.view.anchor.is_some() => "move to select  {copy} copies  :write FILE  Esc ends",
        None if cx.document.follow.state == FileState::Replaced => {
            "{reload} opens the new file  {command} go to, command  {help} help  {quit} quit"
        }
        None if cx.document.edits.unsaved > 0
            && cx.view.anchor.is_none()
            && cx.compared.is_none() =>
        {
            "{overwrite} {insert} type  {undo} {redo} undo, redo  {differences} changes  {command} go to, command  {help} help  {quit} quit"
        }
        None if cx.document.is_growing() => {
            "{follow} follows the end  {find} searches what comes, too  {cancel} stops reading  {help} help  \
             {quit} quit"
        }
        None if cx.document.stream.is_some() && cx.document.len == 0 => {
            "{command} command  {help} help  {quit} quit"
        }
        None if cx.document.len == 0 => {
            "{follow} follow  {command} go to, command  {help} help  {quit} quit"
        }
        None if cx.compared.is_some() => {
            "{next-difference} {previous-difference} differences  {differences} lists them  {scroll-together} together or apart  \
             {next-pane} other file  {command} go to, command  {help} help  {quit} closes"
        }
        None if cx.document.structure.format.is_some() => {
            "{find} search  {command} go to, command  {inspector} inspector  {structure} structure  \
             {select} select  {help} help  {quit} quit"
        }
        None if !cx.document.source().regions().is_empty() => {
            "{next-region} {previous-region} regions  {structure} list  {command} takes NAME+0x100, [stack]  {reload} reads again  \
             {follow} every second  {help} help  {quit} quit"
        }
        None => {
            "{find} search  {command} go to, command  {inspector} inspector  {select} select  {help} help  \
             {quit} quit"
        }
    }
}

/// What may be typed.
fn typing_hint(cx: ViewContext<'_>) -> &'static str {
    let Some(typing) = cx.typing() else { return "" };
    if !typing.waiting.is_empty() {
        return "waiting for the bytes here to be read  Ctrl-c ends typing";
    }
    match (typing.column, typing.mode) {
        (Column::Hex, TypingMode::Overwrite) => {
            "0-9 a-f types over  Tab text column  Backspace takes back  Ins inserts  Esc"
        }
        (Column::Hex, TypingMode::Insert) => {
            "0-9 a-f inserts  Tab text column  Backspace takes back  Ins types over  Esc"
        }
        (Column::Text, TypingMode::Overwrite) => {
            "letters type over  Tab hex column  Backspace takes back  Ins inserts  Esc"
        }
        (Column::Text, TypingMode::Insert) => {
            "letters are inserted  Tab hex column  Backspace takes back  Ins types over  Esc"
        }
    }
}

fn draw_prompt(cx: ViewContext<'_>, prompt: &Prompt, line: Rect, buf: &mut Buffer) {
    let label = match prompt.purpose {
        Purpose::Command => ":",
        Purpose::Goto => "go to ",
        Purpose::Find | Purpose::Value => "/",
    };
    let label = match prompt.purpose {
        Purpose::Find if line.width >= 40 => {
            let query = prompt.query();
            let case = if query.folds_case && query.has_case() { ", ignoring case" } else { "" };
            format!("/{}{case}: ", query.kind().name)
        }
        Purpose::Find => "/".to_owned(),
        Purpose::Value => cx.value_edit().map_or_else(String::new, |it| it.label() + ": "),
        _ if line.width < 40 => ":".to_owned(),
        _ => label.to_owned(),
    };
    let label = label.as_str();
    let mut chars: Vec<char> = prompt.text().chars().chain([' ']).collect();
    let mut at = prompt.at();
    // A line that is wider than the screen shows the part where its cursor is.
    let wide = |chars: &[char]| width(&chars.iter().collect::<String>());
    let room = line.width.saturating_sub(width(label));
    while at > 0 && wide(chars.get(..=at).unwrap_or_default()) > room {
        chars.remove(0);
        at -= 1;
    }
    write(buf, line, 0, label, Style::new());
    let mut x = width(label);
    for (i, c) in chars.iter().enumerate() {
        let mut utf8 = [0; 4];
        let text = c.encode_utf8(&mut utf8);
        write(buf, line, x, text, if i == at { CURSOR } else { Style::new() });
        x = x.saturating_add(width(text));
    }
    let (text, style) = beside_prompt(cx, prompt);
    if text.is_empty() {
        return;
    }
    // If there is no room for both, the error is shown until the next key.
    if prompt.problem.is_some() && x.saturating_add(1).saturating_add(width(&text)) > line.width {
        write(buf, line, 0, &" ".repeat(line.width.into()), Style::new());
        write(buf, line, 1, &text, style);
    } else {
        write(buf, line, x + 1, &text, style);
    }
}

/// What is said of the line that is being typed.
fn beside_prompt(cx: ViewContext<'_>, prompt: &Prompt) -> (String, Style) {
    let theme = cx.theme();
    if let Some(problem) = &prompt.problem {
        let is_question = prompt.confirmed.is_some();
        return (problem.clone(), if is_question { Style::new() } else { theme.error() });
    }
    let listed = &prompt.listing.candidates;
    if prompt.is_completing && cx.layout.strip.is_none() && !listed.is_empty() {
        let last_word = |it: &Candidate| it.line.rsplit(' ').next().unwrap_or_default().to_owned();
        let words: Vec<String> = listed.iter().map(last_word).collect();
        return (words.join(" "), theme.offset());
    }
    if prompt.purpose == Purpose::Find {
        return beside_search(cx, prompt);
    }
    if let Some(value) = cx.value_edit() {
        return beside_value(cx, value, &prompt.text());
    }
    if prompt.text().is_empty() {
        let hint = match prompt.purpose {
            Purpose::Find | Purpose::Value => "",
            Purpose::Command => "0x1f00  4K  +1M  $-16  50%  'a  or a command; Tab shows them",
            Purpose::Goto => "0x1f00+4K  +1M  $-16  50%  page 12  'a  @u32",
        };
        return (hint.to_owned(), theme.offset());
    }
    let Some(place) = cx.preview() else { return (String::new(), Style::new()) };
    let region = cx.document.source().regions().describe(place);
    let mut text = match region {
        Some(region) => format!("→ {place:#x}  {region} "),
        None => format!("→ {place:#x} = {place}  {} ", percent(place, cx.document.len)),
    };
    for known in cx.document.pages.bytes(place, PREVIEW_LEN.min(cx.document.len - place)) {
        match known {
            // A string takes whatever is written to it.
            Known::Value(byte) => write!(text, " {byte:02x}").ok().unwrap_or_default(),
            Known::Unreadable => text += " ??",
            Known::NotYet => text += " ··",
        }
    }
    (text, theme.offset())
}

/// The bytes that a typed value is, and those that it replaces; or why it is none.
fn beside_value(cx: ViewContext<'_>, value: ValueEdit, text: &str) -> (String, Style) {
    let theme = cx.theme();
    match encode(value.name, text, value.order) {
        Ok(bytes) => {
            let known = cx.document.pages.bytes(value.at, memmap::widen(bytes.len())).into_iter();
            let old: Vec<String> = known
                .map(|known| match known {
                    Known::Value(byte) => format!("{byte:02x}"),
                    Known::Unreadable => "??".to_owned(),
                    Known::NotYet => "··".to_owned(),
                })
                .collect();
            let new = Hex::separated(&bytes, " ");
            (format!("{} → {new}", old.join(" ")), theme.offset())
        }
        Err(why) => (why.to_string(), theme.error()),
    }
}

/// What is said of what is searched for, while it is typed.
fn beside_search(cx: ViewContext<'_>, prompt: &Prompt) -> (String, Style) {
    let theme = cx.theme();
    match &prompt.compiled {
        None => {
            let example = prompt.query().kind().example;
            (format!("{example}   Ctrl-t hex, regex …  Alt-i ignore case"), theme.offset())
        }
        Some(Err(why)) => (why.to_string(), theme.offset()),
        Some(Ok(_)) => {
            let count = cx.in_view();
            (format!("{count} in view; Enter searches all"), theme.offset())
        }
    }
}

/// What is under the cursor, and what the other file of a comparison has there.
fn values(cx: ViewContext<'_>, position: u64) -> String {
    let byte = cx.document.pages.byte(position);
    let Some((compared, other)) = cx.compared.and_then(|it| Some((it, it.other?))) else {
        return value(byte);
    };
    let short = |byte| match byte {
        Known::Value(byte) => format!("{byte:02x}"),
        Known::Unreadable => "??".to_owned(),
        Known::NotYet => "··".to_owned(),
    };
    let of_other = |at| short(other.pages.byte(at));
    let alignment = compared.comparison.alignment(compared.side);
    if let Some((alignment, place)) = alignment.zip(compared.missing_cursor()) {
        return format!("-- | {}", of_other(alignment.across().offset(place)));
    }
    let across = compared.comparison.pair(compared.side, position);
    match across.filter(|&it| it < other.len) {
        Some(across) => format!("{} | {}", short(byte), of_other(across)),
        None if alignment.is_some() => format!("{} | --", short(byte)),
        None => short(byte),
    }
}

/// What is under the cursor: hexadecimal, decimal, and the character if it has one.
fn value(byte: Known) -> String {
    match byte {
        Known::Value(byte @ b' '..=b'~') => format!("{byte:02x} {byte} '{}'", char::from(byte)),
        Known::Value(byte) => format!("{byte:02x} {byte}"),
        Known::Unreadable => "??".to_owned(),
        Known::NotYet => "··".to_owned(),
    }
}
