//! The lines of the help: made from the tables of keys and commands and the legend of the colours, so
//! that it is never wrong.

use ratatui::style::{Modifier, Style};

use crate::editor::command::Commands;
use crate::editor::keymap::Keymap;
use crate::editor::keymap::table::SECTIONS;
use crate::format::byte_class::ByteClass;
use crate::format::theme::Theme;

/// The column of the explanations.
const RIGHT: usize = 22;

/// Below this width explanations stand on lines of their own.
const BESIDE_FROM: u16 = 56;

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
    for section in SECTIONS {
        items.push(title(section.title));
        for binding in section.bindings {
            let labels = keys.labels(binding.action);
            items.extend(entry(labels.join(" "), plain, binding.help));
        }
    }
    items.push(title("Mouse"));
    for (left, right) in [
        ("wheel", "three rows"),
        ("click", "the cursor there, or a place of the scroll bar"),
        ("drag", "select, or scroll"),
    ] {
        items.extend(entry(left.to_owned(), plain, right));
    }
    items.push(title("Commands"));
    for command in commands {
        let left = format!(":{} {}", command.names.join(" :"), command.arguments);
        items.extend(entry(left.trim_end().to_owned(), plain, command.help));
    }
    items.push(title("Colours"));
    items.extend(ByteClass::ALL.into_iter().flat_map(|class| {
        entry("4f O".to_owned(), theme.byte(class), &format!("{} bytes", class.name()))
    }));
    items
}
