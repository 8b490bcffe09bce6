//! Keys that are unused here, but known from hexedit, bvi, vim, less or `ImHex`.

/// What to press instead. Action names in braces are replaced by their keys.
const HINTS: &[(&str, &str)] = &[
    // Editing, in most of them.
    ("~", "{overwrite} types over bytes"),
    ("Ctrl-v", "{paste-over} pastes over bytes, {paste-insert} inserts what {copy} copied"),
    // Saving and quitting in hexedit, vim and ImHex.
    ("Ctrl-x", "{quit} quits"),
    ("Ctrl-q", "{quit} quits"),
    ("Q", "{quit} quits; :qa closes all tabs"),
    ("Z", "{quit} quits; :qa closes all tabs"),
    ("Ctrl-w", "{split} splits the view and {next-pane} goes to the other half; {quit} closes one"),
    // Motions.
    ("^", "{row-start} goes to the start of the row, {row-end} to its end"),
    ("W", "{next-class-change} goes to the next change of byte class"),
    ("%", "{command} and 50% goes to the middle"),
    ("Ctrl-e", "{down} goes a row down, {half-page-down} half a page"),
    ("Ctrl-y", "{up} goes a row up, {half-page-up} half a page"),
    ("`", "{go-to-mark} goes to a mark"),
    // Searching, selecting and copying.
    ("\\", "{find} searches; Ctrl-t there changes to hex"),
    ("f", "{find} searches; {page-down} pages down"),
    ("Ctrl-n", "{next-match} goes to the next match"),
    (";", "{next-match} goes to the next match"),
    (",", "{previous-match} goes to the previous match"),
    ("&", "{find} searches"),
    ("V", "{select} selects, here by bytes"),
    ("Ctrl-a", "{first-byte} {select} {last-byte} selects everything"),
    ("!", "{suspend} goes back to the shell"),
];

/// The hint for a key, by its label.
pub(super) fn hint(label: &str) -> Option<&'static str> {
    HINTS.iter().find(|(key, _)| *key == label).map(|&(_, hint)| hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::keymap::table::bindings;
    use crate::editor::keymap::{Keymap, notation};

    #[test]
    fn hints_are_for_keys_that_are_free_and_name_actions_that_exist() {
        let map = Keymap::default();
        for (i, (label, hint)) in HINTS.iter().enumerate() {
            let key = notation::parse(label).unwrap();
            assert_eq!(notation::label(key), *label);
            assert!(!bindings().any(|it| it.keys.iter().any(|chord| chord.key == key)), "{label}");
            assert!(!HINTS[i + 1..].iter().any(|(other, _)| other == label), "{label}");
            let filled = map.fill(hint);
            assert!(!filled.contains(['{', '}']) && !filled.contains("(no key)"), "{filled}");
        }
    }
}
