//! Names as numbers: each text once.

use std::collections::HashMap;
use std::sync::Arc;

/// A name, as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Name(u32);

/// The texts of names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    texts: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Names {
    /// The number of a text, which is new if need be.
    pub(crate) fn intern(&mut self, text: &str) -> Name {
        if let Some(&number) = self.numbers.get(text) {
            return Name(number);
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let text: Arc<str> = Arc::from(text);
        self.texts.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        Name(number)
    }

    /// The text of a name.
    pub(crate) fn text(&self, name: Name) -> &str {
        usize::try_from(name.0).ok().and_then(|it| self.texts.get(it)).map_or("", |it| it)
    }
}

/// Whether a text is an id: `[a-z][a-z0-9_]*`.
pub(crate) fn is_id(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_lowercase())
        && text.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_')
}
