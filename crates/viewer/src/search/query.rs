//! A query as typed: notation, text and case sensitivity.

use std::fmt;

use memmap::scan::{Pattern, PatternError};
use thiserror::Error;

use crate::format::hex::Hex;
use crate::search::notation::{self, Notation};

/// A search query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) notation: Notation,
    /// Whether to ignore case.
    pub(crate) folds_case: bool,
    pub(crate) text: String,
}

/// Why a line is not a query.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum QueryError {
    #[error("there is no option -{}; {}", .0, options())]
    UnknownOption(char),
}

/// A notation, with its option letter, name and an example.
pub(crate) struct Kind {
    pub(crate) notation: Notation,
    /// The letter that selects it: `-x` in a query, Alt-x while typing.
    pub(crate) letter: char,
    pub(crate) name: &'static str,
    pub(crate) example: &'static str,
}

const fn kind(notation: Notation, letter: char, name: &'static str, example: &'static str) -> Kind {
    Kind { notation, letter, name, example }
}

/// In the order in which the key cycles through them.
pub(crate) const KINDS: &[Kind] = &[
    kind(Notation::Text, 't', "text", "some words"),
    kind(Notation::Hex, 'x', "hex", "DE AD ?? E? (01|02 03)"),
    kind(Notation::Regex, 'r', "regex", r"\d{4}-\d\d-\d\d"),
    kind(Notation::Number, 'n', "number", "u32le=1000  f64le=3.14~0.01  i16be=-5..5"),
    kind(Notation::Utf16Le, 'u', "utf16le", "some words"),
    kind(Notation::Utf16Be, 'v', "utf16be", "some words"),
    kind(Notation::Latin1, 'l', "latin1", "some words"),
];

/// The option letter for ignoring case.
pub(crate) const CASE: char = 'i';

impl Query {
    pub(crate) fn kind(&self) -> &'static Kind {
        KINDS.iter().find(|kind| kind.notation == self.notation).unwrap_or(&KINDS[0])
    }

    /// The next notation in the cycle.
    pub(crate) fn next_notation(&self) -> Notation {
        let at = KINDS.iter().position(|kind| kind.notation == self.notation).unwrap_or(0);
        KINDS.get(at + 1).unwrap_or(&KINDS[0]).notation
    }

    /// Whether case can matter in this notation.
    pub(crate) fn has_case(&self) -> bool {
        !matches!(self.notation, Notation::Hex | Notation::Number)
    }

    /// Compiles the query.
    ///
    /// # Errors
    /// If the text is not valid in its notation. The error has the column.
    pub(crate) fn pattern(&self) -> Result<Pattern, PatternError> {
        notation::compiled(&self.text, self.notation, self.folds_case && self.has_case())
    }

    /// A query for exactly these bytes.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).ok();
        let text = text.filter(|text| !text.chars().any(char::is_control));
        let of = |notation, text| Self { notation, folds_case: false, text };
        if let Some(text) = text {
            return of(Notation::Text, text.to_owned());
        }
        of(Notation::Hex, Hex::separated(bytes, " ").to_string())
    }

    /// Parses the arguments of `:find`: options, then the text after one blank.
    pub(crate) fn parse(line: &str) -> Result<Self, QueryError> {
        let mut query = Self { notation: Notation::Text, folds_case: false, text: String::new() };
        let mut rest = line;
        while let Some(option) = rest.strip_prefix('-') {
            let (letters, after) = option.split_once(' ').unwrap_or((option, ""));
            rest = after;
            if letters == "-" {
                break;
            }
            for letter in letters.chars() {
                match KINDS.iter().find(|kind| kind.letter == letter) {
                    _ if letter == CASE => query.folds_case = true,
                    Some(kind) => query.notation = kind.notation,
                    None => return Err(QueryError::UnknownOption(letter)),
                }
            }
        }
        rest.clone_into(&mut query.text);
        Ok(query)
    }

    /// The arguments of `:find` that give this query.
    pub(crate) fn line(&self) -> String {
        let mut options = String::new();
        if self.notation != Notation::Text {
            options.push(self.kind().letter);
        }
        if self.folds_case && self.has_case() {
            options.push(CASE);
        }
        let dashes = match (options.is_empty(), self.text.starts_with('-')) {
            (false, false) => format!("-{options} "),
            (false, true) => format!("-{options} -- "),
            (true, true) => "-- ".to_owned(),
            (true, false) => String::new(),
        };
        format!("{dashes}{}", self.text)
    }
}

/// The list of options, for an error message.
fn options() -> String {
    let all = KINDS.iter().map(|kind| format!("-{} {}", kind.letter, kind.name));
    let all: Vec<String> = all.chain([format!("-{CASE} ignore case")]).collect();
    all.join("  ")
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.notation {
            Notation::Text => write!(f, "{:?}", self.text)?,
            Notation::Regex => write!(f, "/{}/", self.text)?,
            Notation::Hex | Notation::Number => f.write_str(&self.text)?,
            _ => write!(f, "{} {:?}", self.kind().name, self.text)?,
        }
        if self.folds_case && self.has_case() { f.write_str(" ignoring case") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(notation: Notation, folds_case: bool, text: &str) -> Query {
        Query { notation, folds_case, text: text.to_owned() }
    }

    #[test]
    fn lines_and_queries_say_the_same() {
        for (line, expected) in [
            ("some words ", query(Notation::Text, false, "some words ")),
            ("-x de ad", query(Notation::Hex, false, "de ad")),
            ("-ri a|b", query(Notation::Regex, true, "a|b")),
            ("-- -x", query(Notation::Text, false, "-x")),
            ("-i -- -x", query(Notation::Text, true, "-x")),
            ("-n u8=1", query(Notation::Number, false, "u8=1")),
        ] {
            let parsed = Query::parse(line).unwrap();
            assert_eq!(parsed, expected);
            assert_eq!(parsed.line(), line);
        }
        assert_eq!(Query::parse("-x -i a").unwrap(), query(Notation::Hex, true, "a"));
        let why = Query::parse("-q a").unwrap_err().to_string();
        assert!(why.starts_with("there is no option -q; -t text  -x hex"), "{why}");
    }

    #[test]
    fn bytes_are_text_where_they_can_be() {
        assert_eq!(Query::of_bytes("né".as_bytes()), query(Notation::Text, false, "né"));
        assert_eq!(Query::of_bytes(b"a\0"), query(Notation::Hex, false, "61 00"));
        assert_eq!(Query::of_bytes(&[0xff]), query(Notation::Hex, false, "ff"));
        for bytes in [&b"text"[..], &[1, 2], "\u{202e}é".as_bytes()] {
            assert_eq!(
                Query::of_bytes(bytes).pattern().unwrap().max_len(),
                Some(memmap::widen(bytes.len()))
            );
        }
    }

    #[test]
    fn hex_takes_bytes_as_other_programs_print_them() {
        for text in ["4865", "48 65", "0x48 0x65", r"\x48\x65", "48:65", "48-65"] {
            let query = Query::parse(&format!("-x {text}")).unwrap();
            assert_eq!(query.pattern().unwrap().max_len(), Some(2), "{text}");
        }
    }

    #[test]
    fn every_notation_comes_in_its_turn() {
        let mut one = query(Notation::Text, false, "");
        for _ in KINDS {
            one.notation = one.next_notation();
        }
        assert_eq!(one.notation, Notation::Text);
    }
}
