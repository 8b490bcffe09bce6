//! The lines of the help: made from the tables of keys and commands and the legend of the colours, so
//! that it is never wrong.

use ratatui::style::{Modifier, Style};

use crate::editor::command::Commands;
use crate::editor::keymap::table::SECTIONS;
use crate::editor::keymap::{Binding, Keymap};
use crate::format::byte_class::ByteClass;
use crate::format::theme::Theme;

/// The column of the explanations.
const RIGHT: usize = 22;

/// Below this width explanations stand on lines of their own.
const BESIDE_FROM: u16 = 56;

/// Sections of the help: a title, and lines of what to press or type and what that does.
pub(crate) type Sections = Vec<(&'static str, Vec<(String, &'static str)>)>;

/// What the help says of keys, mouse and commands.
pub(crate) fn sections(keys: &Keymap, commands: &Commands) -> Sections {
    let mut sections: Sections = Vec::new();
    for section in SECTIONS {
        let line = |binding: &Binding| (keys.labels(binding.action).join(" "), binding.help);
        sections.push((section.title, section.bindings.iter().map(line).collect()));
    }
    let mouse = [
        ("wheel", "three rows"),
        ("click", "the cursor there, or a place of the scroll bar"),
        ("drag", "select, or scroll"),
    ];
    sections.push(("Mouse", mouse.map(|(left, right)| (left.to_owned(), right)).to_vec()));
    let typed = commands.iter().map(|command| {
        let left = format!(":{} {}", command.names.join(" :"), command.arguments);
        (left.trim_end().to_owned(), command.help)
    });
    sections.push(("Commands", typed.collect()));
    sections
}

/// Every line of the help, for a screen of this width.
pub(crate) fn items(
    theme: Theme,
    keys: &Keymap,
    commands: &Commands,
    width: u16,
) -> Vec<Vec<(String, Style)>> {
    let plain = Style::new();
    let title = |text: &str| vec![(text.to_owned(), plain.add_modifier(Modifier::BOLD))];
    let entry = |left: String, style: Style, right: &str| {
        let before = (" ".to_owned(), plain);
        if width < BESIDE_FROM {
            return vec![vec![before, (left, style)], vec![(format!("   {right}"), plain)]];
        }
        let gap = RIGHT.saturating_sub(left.chars().count() + 1).max(1);
        vec![vec![before, (left, style), (" ".repeat(gap) + right, plain)]]
    };
    let mut items = Vec::new();
    for (heading, lines) in sections(keys, commands) {
        items.push(title(heading));
        items.extend(lines.into_iter().flat_map(|(left, right)| entry(left, plain, right)));
    }
    items.push(title("Colours"));
    items.extend(ByteClass::ALL.into_iter().flat_map(|class| {
        entry("4f O".to_owned(), theme.byte(class), &format!("{} bytes", class.name()))
    }));
    items
}
