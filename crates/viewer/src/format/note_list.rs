//! Notes as they are kept and exchanged: a list in JSON. What is read may come from anybody.

use std::fmt::Write as _;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;

use super::note_colour::NoteColour;
use super::printable::printable;

/// The most notes of a file.
pub(crate) const NOTES_MAX: usize = 1000;

/// The longest text, in bytes: all notes of a file fit into the session.
pub(crate) const TEXT_MAX: usize = 400;

/// The longest error that quotes a file, in characters.
const QUOTED_MAX: usize = 200;

/// The version of the format.
const VERSION: u64 = 1;

/// A note, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteEntry {
    pub(crate) offset: u64,
    pub(crate) length: u64,
    #[serde(default)]
    pub(crate) colour: NoteColour,
    pub(crate) text: String,
}

/// Why something is not a note.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum BadNote {
    #[error("a note needs a text")]
    NoText,
    #[error("the text has {0} bytes, and at most {TEXT_MAX} are kept")]
    TooLong(usize),
    #[error("the text has the control character {}", .0.escape_unicode())]
    Control(char),
    #[error("a note is on one byte or more")]
    NoBytes,
    #[error("the note ends at {end:#x}, and the file at {len:#x}")]
    BeyondEnd { end: u128, len: u64 },
}

/// Why a list was not read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {why}")]
pub(crate) struct NoteListError {
    line: usize,
    why: String,
}

/// Whether a text may stand in a note.
pub(crate) fn check_text(text: &str) -> Result<(), BadNote> {
    // Those that change the direction of a line could hide what is in it.
    let is_bad =
        |c: &char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    match text.chars().find(is_bad) {
        _ if text.trim().is_empty() => Err(BadNote::NoText),
        _ if text.len() > TEXT_MAX => Err(BadNote::TooLong(text.len())),
        Some(c) => Err(BadNote::Control(c)),
        None => Ok(()),
    }
}

impl NoteEntry {
    /// Whether it can be a note of a file of this length.
    pub(crate) fn check(&self, len: u64) -> Result<(), BadNote> {
        check_text(&self.text)?;
        let end = u128::from(self.offset) + u128::from(self.length);
        if self.length == 0 {
            Err(BadNote::NoBytes)
        } else if end > u128::from(len) {
            Err(BadNote::BeyondEnd { end, len })
        } else {
            Ok(())
        }
    }
}

/// Writes a list: a note on each line, so that errors name it.
pub(crate) fn write(notes: &[NoteEntry]) -> String {
    let mut text = format!("{{\"version\": {VERSION}, \"notes\": [");
    for (i, note) in notes.iter().enumerate() {
        let NoteEntry { offset, length, colour, text: note } = note;
        let (between, colour) = (if i > 0 { "," } else { "" }, colour.name());
        // A value of JSON is printed as JSON, and writing to a string cannot fail.
        let note = serde_json::Value::from(note.as_str());
        write!(
            text,
            "{between}\n {{\"offset\": {offset}, \"length\": {length}, \"colour\": \"{colour}\", \"text\": {note}}}"
        )
        .ok();
    }
    text + "\n]}\n"
}

/// Parses a whole list, for a file of `len` bytes.
///
/// # Errors
/// The first line that is not as [`write()`] writes it, or that has no place in the file.
pub(crate) fn read(bytes: &[u8], len: u64) -> Result<Vec<NoteEntry>, NoteListError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.split(|&byte| byte == b'\n').count();
        NoteListError { line, why: "this is not UTF-8".to_owned() }
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut json = serde_json::Deserializer::from_str(text);
    let list = json.deserialize_map(List { len });
    list.and_then(|notes| json.end().map(|()| notes)).map_err(|error| {
        let (line, said) = (error.line(), error.to_string());
        let place = format!(" at line {line} column {}", error.column());
        let said = printable(said.strip_suffix(&place).unwrap_or(&said)).replace('\n', " ");
        let why = said.chars().take(QUOTED_MAX).collect();
        NoteListError { line: line.max(1), why }
    })
}

/// The whole list.
struct List {
    len: u64,
}

impl<'de> Visitor<'de> for List {
    type Value = Vec<NoteEntry>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object with `version` and `notes`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut version, mut notes) = (None, None);
        while let Some(key) = map.next_key::<Key>()? {
            match key {
                Key::Version if version.is_none() => {
                    let found: u64 = map.next_value()?;
                    if found != VERSION {
                        let why = format!("version {found} is not known, only {VERSION} is");
                        return Err(A::Error::custom(why));
                    }
                    version = Some(found);
                }
                Key::Notes if notes.is_none() => {
                    notes = Some(map.next_value_seed(Elements { len: self.len })?);
                }
                Key::Version => return Err(A::Error::duplicate_field("version")),
                Key::Notes => return Err(A::Error::duplicate_field("notes")),
            }
        }
        version.ok_or_else(|| A::Error::missing_field("version"))?;
        notes.ok_or_else(|| A::Error::missing_field("notes"))
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Key {
    Version,
    Notes,
}

/// The notes of the list, each checked where it stands.
struct Elements {
    len: u64,
}

impl<'de> DeserializeSeed<'de> for Elements {
    type Value = Vec<NoteEntry>;

    fn deserialize<D: Deserializer<'de>>(self, list: D) -> Result<Self::Value, D::Error> {
        list.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Elements {
    type Value = Vec<NoteEntry>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of notes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut notes: Vec<NoteEntry> = Vec::new();
        loop {
            let seed = Element { len: self.len, before: notes.len() };
            match list.next_element_seed(seed)? {
                Some(note) => notes.push(note),
                None => return Ok(notes),
            }
        }
    }
}

/// A note, which errors name by its line.
struct Element {
    len: u64,
    /// How many there are already.
    before: usize,
}

impl<'de> DeserializeSeed<'de> for Element {
    type Value = NoteEntry;

    fn deserialize<D: Deserializer<'de>>(self, note: D) -> Result<NoteEntry, D::Error> {
        note.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Element {
    type Value = NoteEntry;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a note")
    }

    fn visit_map<A: MapAccess<'de>>(self, note: A) -> Result<NoteEntry, A::Error> {
        let note = NoteEntry::deserialize(MapAccessDeserializer::new(note))?;
        // Here the position is still in the note.
        note.check(self.len).map_err(A::Error::custom)?;
        if self.before == NOTES_MAX {
            return Err(A::Error::custom(format!("more than {NOTES_MAX} notes")));
        }
        Ok(note)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(offset: u64, length: u64, text: &str) -> NoteEntry {
        NoteEntry { offset, length, colour: NoteColour::Green, text: text.to_owned() }
    }

    fn why(text: &str) -> String {
        read(text.as_bytes(), 100).unwrap_err().to_string()
    }

    #[test]
    fn a_list_has_a_note_on_each_line() {
        let notes = [entry(0, 4, "magic"), entry(4, 96, "the \"rest\" \\ é")];
        let text = write(&notes);
        assert_eq!(
            text,
            "{\"version\": 1, \"notes\": [\n \
             {\"offset\": 0, \"length\": 4, \"colour\": \"green\", \"text\": \"magic\"},\n \
             {\"offset\": 4, \"length\": 96, \"colour\": \"green\", \"text\": \"the \\\"rest\\\" \\\\ é\"}\n]}\n"
        );
        assert_eq!(read(text.as_bytes(), 100).unwrap(), notes);
        assert_eq!(read(("\u{feff}".to_owned() + &text).as_bytes(), 100).unwrap(), notes);
        assert_eq!(read(write(&[]).as_bytes(), 0).unwrap(), []);
        // The colour may be left out, and so may be blanks.
        let short = "{\"notes\":[{\"text\":\"a\",\"offset\":1,\"length\":2}],\"version\":1}";
        let plain = NoteEntry { colour: NoteColour::Blue, ..entry(1, 2, "a") };
        assert_eq!(read(short.as_bytes(), 100).unwrap(), [plain]);
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a line or more for each mistake")]
    fn what_is_wrong_is_said_with_its_line() {
        let note = |note: &str| format!("{{\"version\": 1, \"notes\": [\n{note}\n]}}");
        let long = "x".repeat(TEXT_MAX + 1);
        for (text, expected) in [
            (String::new(), "line 1: EOF while parsing a value"),
            (
                "[]".to_owned(),
                "line 1: invalid type: sequence, expected an object with `version` and `notes`",
            ),
            ("{\n}".to_owned(), "line 2: missing field `version`"),
            ("{\"version\": 1}".to_owned(), "line 1: missing field `notes`"),
            ("{\n\"version\": 2}".to_owned(), "line 2: version 2 is not known, only 1 is"),
            ("{\"version\": 1,\n\"version\": 1}".to_owned(), "line 2: duplicate field `version`"),
            (
                "{\"file\": 1}".to_owned(),
                "line 1: unknown field `file`, expected `version` or `notes`",
            ),
            (note("1"), "line 2: invalid type: integer `1`, expected a note"),
            (note("{}"), "line 2: missing field `offset`"),
            (note("{\"offset\": -1}"), "line 2: invalid value: integer `-1`, expected u64"),
            (
                note("{\"offset\": 1e3}"),
                "line 2: invalid type: floating point `1000.0`, expected u64",
            ),
            (
                note("{\"colour\": \"pink\"}"),
                "line 2: unknown variant `pink`, expected one of `blue`, `yellow`, `green`, `magenta`, `cyan`",
            ),
            (
                note("{\"offset\": 1, \"length\": 0, \"text\": \"a\"}"),
                "line 2: a note is on one byte or more",
            ),
            (
                note("{\"offset\": 90, \"length\": 11, \"text\": \"a\"}"),
                "line 2: the note ends at 0x65, and the file at 0x64",
            ),
            (
                note(
                    "{\"offset\": 18446744073709551615, \"length\": 18446744073709551615, \"text\": \"a\"}",
                ),
                "line 2: the note ends at 0x1fffffffffffffffe, and the file at 0x64",
            ),
            (
                note("{\"offset\": 1, \"length\": 1, \"text\": \" \"}"),
                "line 2: a note needs a text",
            ),
            (
                note("{\"offset\": 1, \"length\": 1, \"text\": \"\\u001b[2J\"}"),
                "line 2: the text has the control character \\u{1b}",
            ),
            (
                note("{\"offset\": 1, \"length\": 1, \"text\": \"a\\u202eb\"}"),
                "line 2: the text has the control character \\u{202e}",
            ),
            (
                note(&format!("{{\"offset\": 1, \"length\": 1, \"text\": \"{long}\"}}")),
                "line 2: the text has 401 bytes, and at most 400 are kept",
            ),
            (
                note("{\"offset\": 1,\n \"a\\u001b\": 1}"),
                "line 3: unknown field `a\\u{1b}`, expected one of `offset`, `length`, `colour`, `text`",
            ),
            (note("") + "x", "line 3: trailing characters"),
        ] {
            assert_eq!(why(&text), expected, "{text}");
        }
        let many =
            note(&["{\"offset\": 1, \"length\": 1, \"text\": \"a\"}"; NOTES_MAX + 1].join(",\n"));
        assert_eq!(why(&many), "line 1002: more than 1000 notes");
        assert!(why(&"[".repeat(100_000)).starts_with("line 1: "));
        assert!(why(&note(&"{\"notes\":[".repeat(100_000))).len() < 300);
        let broken = read(b"{\n\n\xff", 100).unwrap_err().to_string();
        assert_eq!(broken, "line 3: this is not UTF-8");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            all in prop::collection::vec((any::<u32>(), 1..u32::MAX, "[^\\p{C}]{1,40}", 0..5_usize), 0..20)
        ) {
            let notes: Vec<NoteEntry> = all
                .into_iter()
                .filter(|(_, _, text, _)| check_text(text).is_ok())
                .map(|(offset, length, text, colour)| NoteEntry {
                    offset: offset.into(),
                    length: length.into(),
                    colour: NoteColour::ALL[colour],
                    text,
                })
                .collect();
            prop_assert_eq!(read(write(&notes).as_bytes(), u64::MAX).unwrap(), notes);
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}", at in any::<prop::sample::Index>()) {
            read(text.as_bytes(), 100).ok();
            let mut whole = write(&[entry(0, 4, "magic"), entry(4, 96, "rest")]);
            let at = at.index(whole.len());
            whole.insert_str(at, &text);
            read(whole.as_bytes(), 100).ok();
        }
    }
}
