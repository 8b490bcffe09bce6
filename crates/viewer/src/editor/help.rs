//! The help: entries from the tables of keys and commands and the colour legend, so that it cannot get
//! out of date, and the lines that show the entries that match the filter.

use std::ops::Range;

use memmap::scan::ByteClass;
use ratatui::style::{Modifier, Style};

use crate::editor::command::Commands;
use crate::editor::context::ViewContext;
use crate::editor::keymap::table::SECTIONS;
use crate::editor::keymap::{Action, Binding, Keymap};
use crate::format::theme::Theme;
use crate::format::width::{width, wrapped_within};
use crate::view::panes::Pane;

/// The column of the descriptions.
const RIGHT: u16 = 23;

/// Below this width descriptions stand on lines of their own.
const BESIDE_FROM: u16 = 54;

/// What can be pressed, typed or seen, and what it does or means.
#[derive(Debug, Clone)]
pub(crate) struct HelpEntry {
    pub(crate) left: String,
    pub(crate) right: String,
    /// The paragraph of the manual; empty if there is none.
    pub(crate) detail: &'static str,
    /// The name of a key's action in the configuration; empty for other entries.
    name: &'static str,
    action: Option<Action>,
    style: Style,
}

impl HelpEntry {
    fn new(left: impl Into<String>, right: impl Into<String>) -> Self {
        let (left, right) = (left.into(), right.into());
        Self { left, right, detail: "", name: "", action: None, style: Style::new() }
    }

    /// Whether each word occurs in what is shown, or in the title.
    fn has(&self, words: &[&str], title: &str) -> bool {
        let texts = [title, &self.left, &self.right];
        words.iter().all(|word| texts.iter().any(|text| !found(text, word).is_empty()))
    }
}

/// Where a word occurs, in bytes. Only a single letter respects case: `I` is a key.
fn found(text: &str, word: &str) -> Vec<Range<usize>> {
    let fold = |text: &str| {
        if word.len() == 1 { text.to_owned() } else { text.to_ascii_lowercase() }
    };
    let (text, word) = (fold(text), fold(word));
    text.match_indices(&word).map(|(at, part)| at..at + part.len()).collect()
}

/// Titles with their entries, in the order in which a new user needs them.
pub(crate) type Sections = Vec<(&'static str, Vec<HelpEntry>)>;

/// What the help says of keys, mouse and commands.
pub(crate) fn sections(keys: &Keymap, commands: &Commands) -> Sections {
    let of_binding = |binding: &Binding| HelpEntry {
        detail: binding.detail,
        name: binding.name,
        action: Some(binding.action),
        ..HelpEntry::new(keys.labels(binding.action).join(" "), binding.help)
    };
    let mut sections: Sections = SECTIONS
        .iter()
        .map(|section| (section.title, section.bindings.iter().map(of_binding).collect()))
        .collect();
    let mouse = [
        ("wheel", "three rows"),
        ("click", "put the cursor there; on the scroll bar, go there"),
        ("drag", "select, or scroll"),
    ];
    sections.push(("Mouse", mouse.map(|(left, right)| HelpEntry::new(left, right)).to_vec()));
    let of_commands = commands.iter().map(|command| {
        let left = format!(":{} {}", command.names.join(" :"), command.arguments);
        let same = |binding: &&Binding| command.action == Some(binding.action);
        let binding = SECTIONS.iter().flat_map(|section| section.bindings).find(same);
        HelpEntry {
            detail: binding.map_or("", |it| it.detail),
            action: command.action,
            ..HelpEntry::new(left.trim_end(), command.help)
        }
    });
    sections.push(("Commands", of_commands.collect()));
    sections
}

fn colours(theme: Theme) -> Vec<HelpEntry> {
    let of_class = |class: ByteClass| HelpEntry {
        style: theme.byte(class),
        ..HelpEntry::new("4f O", format!("{} bytes", class.name()))
    };
    ByteClass::ALL.into_iter().map(of_class).collect()
}

/// A line of the help.
#[derive(Debug, Clone, Default)]
pub(crate) struct HelpLine {
    /// Index of its entry among those that match; `None` for titles and blank lines.
    pub(crate) entry: Option<usize>,
    pub(crate) spans: Vec<(String, Style)>,
}

impl HelpLine {
    fn title(text: &str) -> Self {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        Self { entry: None, spans: vec![(text.to_owned(), bold)] }
    }

    fn plain(text: String) -> Self {
        Self { entry: None, spans: vec![(text, Style::new())] }
    }
}

/// The filtered help, laid out for columns of one size.
#[derive(Debug, Clone, Default)]
pub(crate) struct Help {
    pub(crate) lines: Vec<HelpLine>,
    /// Number of matching entries.
    pub(crate) count: usize,
    /// Number of all entries.
    pub(crate) total: usize,
}

impl ViewContext<'_> {
    /// The lines of the help, in columns of this width and height.
    pub(crate) fn help(self, width: u16, height: u16) -> Help {
        let mut sections = sections(&self.settings.keys, self.commands);
        sections.push(("Colours", colours(self.theme())));
        let total = sections.iter().map(|(_, entries)| entries.len()).sum();
        let filter = self.view.help.filter.as_deref().unwrap_or_default();
        let words: Vec<&str> = filter.split_whitespace().collect();
        for (title, entries) in &mut sections {
            entries.retain(|entry| entry.has(&words, title));
        }
        sections.retain(|(_, entries)| !entries.is_empty());
        let count: usize = sections.iter().map(|(_, entries)| entries.len()).sum();
        if self.view.help.is_explained {
            let chosen = self.view.panes.line(Pane::Help).min(count.saturating_sub(1));
            let entry = sections.iter().flat_map(|(_, entries)| entries).nth(chosen);
            let lines = entry.map_or_else(Vec::new, |entry| self.explained(entry, width));
            return Help { lines, count, total };
        }
        let mut lines = Vec::new();
        let mut number = 0;
        let height = usize::from(height).max(1);
        for (title, entries) in sections {
            if lines.len() % height > 0 {
                lines.push(HelpLine::default());
            }
            let mut block = vec![HelpLine::title(title)];
            for entry in entries {
                block.extend(entry_lines(&entry, number, &words, width));
                number += 1;
                // An entry is in one column, and a title in that of its first entry.
                let left = height - lines.len() % height;
                if block.len() > left && block.len() <= height {
                    lines.extend(std::iter::repeat_n(HelpLine::default(), left));
                }
                lines.append(&mut block);
            }
        }
        Help { lines, count, total }
    }

    /// The explanation of an entry: its description and paragraph, and its key, command or name.
    fn explained(self, entry: &HelpEntry, width: u16) -> Vec<HelpLine> {
        let room = width.saturating_sub(4);
        let paragraph = |text: &str| {
            let lines = wrapped_within(text, room).into_iter();
            lines.map(|line| HelpLine::plain(format!("  {line}"))).collect::<Vec<_>>()
        };
        let mut lines = vec![HelpLine::title(&entry.left)];
        lines.extend(paragraph(&entry.right));
        if !entry.detail.is_empty() {
            lines.push(HelpLine::default());
            lines.extend(paragraph(entry.detail));
        }
        let keys = &self.settings.keys;
        let is_command = entry.name.is_empty();
        let same =
            self.commands.iter().find(|it| entry.action.is_some() && it.action == entry.action);
        let mut others = Vec::new();
        if let Some(action) = entry.action.filter(|_| is_command) {
            others.push(format!("key        {}", keys.labels(action).join(" ")));
        }
        if let Some(command) = same.filter(|_| !is_command) {
            others.push(format!("command    :{} {}", command.name(), command.arguments));
        }
        if !is_command {
            others.push(format!("in [keys]  {}", entry.name));
        }
        if !others.is_empty() {
            lines.push(HelpLine::default());
        }
        lines.extend(others.iter().flat_map(|line| paragraph(line.trim_end())));
        lines
    }
}

/// The lines of an entry: the key, and the wrapped description beside or below it.
fn entry_lines(entry: &HelpEntry, number: usize, words: &[&str], room: u16) -> Vec<HelpLine> {
    let left_width = width(&entry.left);
    let is_beside = room >= BESIDE_FROM;
    let right_x = if is_beside { RIGHT.max(left_width + 4) } else { 4 };
    // One cell before a line, and one after it, stay free.
    let right = wrapped_within(&entry.right, room.saturating_sub(right_x + 2));
    let blank = |count: u16| (" ".repeat(count.into()), Style::new());
    let mut first = vec![blank(2)];
    first.extend(marked(&entry.left, entry.style, words));
    let mut lines = vec![HelpLine { entry: Some(number), spans: first }];
    for (i, text) in right.iter().enumerate() {
        let text = marked(text, Style::new(), words);
        match lines.first_mut().filter(|_| is_beside && i == 0) {
            Some(first) => first.spans.push(blank(right_x.saturating_sub(left_width + 2))),
            None => lines.push(HelpLine { entry: Some(number), spans: vec![blank(right_x)] }),
        }
        if let Some(line) = lines.last_mut() {
            line.spans.extend(text);
        }
    }
    lines
}

/// Splits a text into spans, with the matched letters in bold.
fn marked(text: &str, style: Style, words: &[&str]) -> Vec<(String, Style)> {
    let ranges: Vec<_> = words.iter().flat_map(|word| found(text, word)).collect();
    let is_matched = |at: usize| ranges.iter().any(|range| range.contains(&at));
    let mut spans: Vec<(String, Style)> = Vec::new();
    for (at, c) in text.char_indices() {
        let style = if is_matched(at) { style.add_modifier(Modifier::BOLD) } else { style };
        match spans.last_mut().filter(|(_, before)| *before == style) {
            Some((span, _)) => span.push(c),
            None => spans.push((c.to_string(), style)),
        }
    }
    spans
}
