//! Key notation in the configuration, the help and messages.

use crossterm::event::KeyCode;

use super::Key;

/// Prefix keys of two-key bindings. After `m` and `'` every letter is a mark.
const PREFIXES: [char; 6] = [']', '[', '#', 'y', 'g', 'd'];

/// Named keys. Names are case-insensitive; the first one is shown.
const NAMED: [(&[&str], KeyCode); 16] = [
    (&["Space"], KeyCode::Char(' ')),
    (&["Enter", "Return"], KeyCode::Enter),
    (&["Esc", "Escape"], KeyCode::Esc),
    (&["Tab"], KeyCode::Tab),
    (&["Shift-Tab", "BackTab"], KeyCode::BackTab),
    (&["Backspace"], KeyCode::Backspace),
    (&["Del", "Delete"], KeyCode::Delete),
    (&["Ins", "Insert"], KeyCode::Insert),
    (&["Home"], KeyCode::Home),
    (&["End"], KeyCode::End),
    (&["PgUp", "PageUp"], KeyCode::PageUp),
    (&["PgDn", "PageDown"], KeyCode::PageDown),
    (&["←", "Left"], KeyCode::Left),
    (&["→", "Right"], KeyCode::Right),
    (&["↑", "Up"], KeyCode::Up),
    (&["↓", "Down"], KeyCode::Down),
];

const CTRL: [&str; 2] = ["Ctrl-", "C-"];
const ALT: [&str; 3] = ["Alt-", "A-", "M-"];

/// Parses a key: `x`, `Ctrl-s`, `Alt-x`, `F5`, `PgUp`, `]x`, `] x`.
pub(super) fn parse(text: &str) -> Option<Key> {
    let mut chars = text.chars();
    let prefix = chars.next().filter(|first| PREFIXES.contains(first));
    let second = chars.as_str();
    match prefix {
        Some(_) if !second.is_empty() => {
            let second = if second.len() > 1 { second.trim_start() } else { second };
            Some(Key { prefix, ..alone(second)? })
        }
        _ => alone(text),
    }
}

fn alone(text: &str) -> Option<Key> {
    let strip = |names: &[&str]| {
        let starts = |name: &&&str| {
            text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        let rest = names.iter().find(starts).and_then(|name| text.get(name.len()..))?;
        (!rest.is_empty()).then_some(rest)
    };
    if let Some(rest) = strip(&CTRL) {
        return Some(Key { ctrl: true, ..alone(rest)? });
    }
    if let Some(rest) = strip(&ALT) {
        return Some(Key { alt: true, ..alone(rest)? });
    }
    Some(Key { prefix: None, code: code(text)?, ctrl: false, alt: false })
}

fn code(text: &str) -> Option<KeyCode> {
    let mut chars = text.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        let arrow = NAMED.iter().find(|(names, _)| names.contains(&text)).map(|&(_, code)| code);
        let is_key = !c.is_control() && c != ' ';
        return is_key.then(|| arrow.unwrap_or(KeyCode::Char(c)));
    }
    let named = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(text));
    if let Some(&(_, code)) = NAMED.iter().find(|(names, _)| named(names)) {
        return Some(code);
    }
    let number = text.strip_prefix(['F', 'f'])?.parse().ok()?;
    (1..=24).contains(&number).then_some(KeyCode::F(number))
}

/// The notation of a key.
pub(super) fn label(key: Key) -> String {
    let prefix = match key.prefix {
        None => String::new(),
        Some(prefix @ (']' | '[' | 'g' | 'd')) => prefix.to_string(),
        Some(prefix) => format!("{prefix} "),
    };
    let ctrl = if key.ctrl { "Ctrl-" } else { "" };
    let alt = if key.alt { "Alt-" } else { "" };
    let named =
        NAMED.iter().find(|(_, code)| *code == key.code).and_then(|(names, _)| names.first());
    let code = match (key.code, named) {
        (_, Some(name)) => (*name).to_owned(),
        (KeyCode::Char(c), None) => c.to_string(),
        (KeyCode::F(number), None) => format!("F{number}"),
        (_, None) => String::new(),
    };
    format!("{prefix}{ctrl}{alt}{code}")
}

/// Whether a key cannot be rebound, so that there is always a way to quit.
pub(super) fn is_reserved(key: Key) -> bool {
    let Key { prefix: None, code, ctrl, alt } = key else { return key.code == KeyCode::Esc };
    match code {
        KeyCode::Esc => true,
        KeyCode::Char('c') => ctrl && !alt,
        KeyCode::Char(c) => c.is_ascii_digit() && c != '0' && !ctrl && !alt,
        _ => false,
    }
}

/// Whether a key needs no message, such as a modifier.
pub(super) fn is_silent(code: KeyCode) -> bool {
    let is_known = NAMED.iter().any(|(_, named)| *named == code);
    !is_known && !matches!(code, KeyCode::Char(_) | KeyCode::F(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_in_several_spellings_and_written_in_one() {
        for (text, shown) in [
            ("x", "x"),
            ("G", "G"),
            ("ctrl-s", "Ctrl-s"),
            ("C-s", "Ctrl-s"),
            ("A-Left", "Alt-←"),
            ("Ctrl-Alt-x", "Ctrl-Alt-x"),
            ("pageup", "PgUp"),
            ("f12", "F12"),
            ("space", "Space"),
            ("-", "-"),
            ("Ctrl--", "Ctrl--"),
            ("]x", "]x"),
            ("] x", "]x"),
            ("gg", "gg"),
            ("y Ctrl-x", "y Ctrl-x"),
            ("g", "g"),
            ("ö", "ö"),
            ("shift-tab", "Shift-Tab"),
        ] {
            assert_eq!(parse(text).map(label).as_deref(), Some(shown), "{text:?}");
        }
        for text in ["", " ", "xy", "Ctrl-", "F0", "F99", "Ctrl-xy", "\n", "Shift-x", "ma"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
