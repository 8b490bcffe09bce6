//! Names of a file as ids of a description.

use std::collections::HashMap;
use std::fmt::Write as _;

/// The longest id that is made from a name. Names that differ after it get numbers.
const LEN_MAX: usize = 100;

/// Words of expressions, which are no ids.
const WORDS: [&str; 5] = ["and", "false", "not", "or", "true"];

/// Ids that are in use.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// How many names led to an id.
    used: HashMap<String, u32>,
}

impl Ids {
    /// A new id that looks like `name`: `[a-z][a-z0-9_]*`.
    pub(super) fn make(&mut self, name: &str) -> String {
        let mut id = String::new();
        for it in name.chars().take(LEN_MAX) {
            id.push(if it.is_ascii_alphanumeric() { it.to_ascii_lowercase() } else { '_' });
        }
        let is_word = WORDS.contains(&id.as_str());
        if is_word || !id.starts_with(|it: char| it.is_ascii_lowercase()) {
            id.insert_str(0, "id_");
        }
        loop {
            let count = self.used.entry(id.clone()).or_default();
            *count += 1;
            if *count == 1 {
                return id;
            }
            id = format!("{id}_{count}");
        }
    }
}

/// A text as YAML writes it between quotes. All but printable ASCII is escaped.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for it in text.chars() {
        match it {
            '"' | '\\' => out.extend(['\\', it]),
            ' '..='~' => out.push(it),
            _ => {
                let _ = write!(out, "\\U{:08x}", u32::from(it));
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_valid_and_differ() {
        let mut ids = Ids::default();
        let made: Vec<String> = ["A.b", "a_b", "a_b_2", "a-b", "9", "", "not", "größe", "_x"]
            .iter()
            .map(|it| ids.make(it))
            .collect();
        let expected =
            ["a_b", "a_b_2", "a_b_2_2", "a_b_3", "id_9", "id_", "id_not", "gr__e", "id__x"];
        assert_eq!(made, expected);
    }

    #[test]
    fn quotes_hold_whatever_a_name_has() {
        assert_eq!(quoted("a\"\\\n\u{2028}é"), r#""a\"\\\U0000000a\U00002028\U000000e9""#);
    }
}
