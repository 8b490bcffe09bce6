//! What may be pressed next, in a few words: with the keys that the keymap has for it.

use crate::editor::keymap::{Action, SECTIONS};

/// The first key that does something, as the help writes it.
pub(crate) fn key(action: Action) -> &'static str {
    let mut bindings = SECTIONS.iter().flat_map(|section| section.bindings);
    let binding = bindings.find(|binding| binding.action == action);
    binding.and_then(|binding| binding.keys.first()).map_or("", |key| key.label)
}

/// As many of these hints, two blanks apart, as fit: whole ones, the first ones first.
pub(crate) fn fitting(hints: &str, room: u16) -> String {
    let mut kept = String::new();
    for hint in hints.split("  ") {
        let more = if kept.is_empty() { hint.to_owned() } else { format!("{kept}  {hint}") };
        if crate::format::width::width(&more) > room {
            break;
        }
        kept = more;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::panes::Pane;

    #[test]
    fn hints_are_dropped_whole() {
        assert_eq!(fitting("/ search  : go to, command  q quit", 33), "/ search  : go to, command");
        assert_eq!(fitting("/ search  : go to", 7), "");
    }

    #[test]
    fn keys_are_those_of_the_table() {
        assert_eq!(key(Action::SwapOrder), "e");
        assert_eq!(key(Action::Toggle(Pane::Help)), "?");
    }
}
