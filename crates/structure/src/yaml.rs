//! YAML as a tree of text with places, built from the events of a parser. The depth is counted here.

use std::collections::HashSet;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use crate::problem::Place;

/// How long a description may be with what it imports, in bytes.
const MAX_TEXT: usize = 4 << 20;

/// How many lists, maps and scalars they may have.
const MAX_VALUES: usize = 1 << 17;

/// How deep lists and maps may be in each other.
const MAX_DEPTH: usize = 64;

/// A value of a description, and its place.
#[derive(Clone, Debug)]
pub(crate) struct Yaml {
    pub(crate) at: Place,
    pub(crate) kind: Kind,
}

/// What a value is. What a scalar means is for the schema to say.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Scalar { text: String, plain: bool },
    List(Vec<Yaml>),
    Map(Vec<(Yaml, Yaml)>),
}

impl Yaml {
    /// The text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether it is nothing: `~`, `null`, or no text at all, without quotes.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// What it is, for messages.
    pub(crate) fn describe(&self) -> String {
        match &self.kind {
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a map".to_owned(),
            Kind::Scalar { .. } if self.is_null() => "nothing".to_owned(),
            Kind::Scalar { text, .. } => format!("{text:?}"),
        }
    }
}

/// A mistake of YAML: its place, and what.
#[derive(Debug)]
pub(crate) struct YamlError {
    pub(crate) at: Place,
    pub(crate) message: String,
}

fn error(at: Place, message: impl Into<String>) -> YamlError {
    YamlError { at, message: message.into() }
}

fn place(span: &Span) -> Place {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Place { line: number(span.start.line()), column: number(span.start.col()).saturating_add(1) }
}

/// A list or a map that is not closed yet.
struct Open {
    at: Place,
    map: bool,
    items: Vec<Yaml>,
}

impl Open {
    fn close(self) -> Result<Yaml, YamlError> {
        if !self.map {
            return Ok(Yaml { at: self.at, kind: Kind::List(self.items) });
        }
        let mut pairs = Vec::with_capacity(self.items.len() / 2);
        let mut items = self.items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            pairs.push((key, value));
        }
        unique(&pairs)?;
        Ok(Yaml { at: self.at, kind: Kind::Map(pairs) })
    }
}

fn unique(pairs: &[(Yaml, Yaml)]) -> Result<(), YamlError> {
    let mut seen = HashSet::new();
    for (key, _) in pairs {
        let Some(text) = key.text() else {
            return Err(error(key.at, "a key must be text"));
        };
        if !seen.insert(text) {
            let first = pairs
                .iter()
                .find(|(it, _)| it.text() == Some(text))
                .map_or(key.at, |(it, _)| it.at);
            return Err(error(
                key.at,
                format!(
                    "the key {text:?} stands here again; first at {}:{}",
                    first.line, first.column
                ),
            ));
        }
    }
    Ok(())
}

/// What descriptions may still have: one, and what it imports.
#[derive(Debug)]
pub(crate) struct Room {
    bytes: usize,
    values: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { bytes: MAX_TEXT, values: MAX_VALUES }
    }
}

impl Room {
    fn take_text(&mut self, text: &str) -> Result<(), YamlError> {
        let Some(rest) = self.bytes.checked_sub(text.len()) else {
            let message = format!(
                "{} bytes; a description has at most {MAX_TEXT}, with what it imports",
                text.len()
            );
            return Err(error(Place { line: 1, column: 1 }, message));
        };
        self.bytes = rest;
        Ok(())
    }

    fn take_value(&mut self, at: Place) -> Result<(), YamlError> {
        let Some(rest) = self.values.checked_sub(1) else {
            let message = format!(
                "a description has at most {MAX_VALUES} values (texts, lists and maps), with what it imports"
            );
            return Err(error(at, message));
        };
        self.values = rest;
        Ok(())
    }
}

/// The one document of a text.
pub(crate) fn parse(text: &str, left: &mut Room) -> Result<Yaml, YamlError> {
    left.take_text(text)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    let mut documents = 0;
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|it| {
            let at = place(&Span::empty(*it.marker()));
            error(at, it.info())
        })?;
        let at = place(&span);
        let done = match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    return Err(error(at, "a second document: a description is one"));
                }
                None
            }
            Event::Alias(_) => {
                return Err(error(at, "aliases (`*name`) are not used in descriptions"));
            }
            Event::SequenceStart(anchor, ref tag) | Event::MappingStart(anchor, ref tag) => {
                plain_node(at, anchor, tag.is_some())?;
                left.take_value(at)?;
                if open.len() == MAX_DEPTH {
                    return Err(error(at, format!("nested deeper than {MAX_DEPTH}")));
                }
                open.push(Open {
                    at,
                    map: matches!(event, Event::MappingStart(..)),
                    items: Vec::new(),
                });
                None
            }
            Event::Scalar(text, style, anchor, tag) => {
                plain_node(at, anchor, tag.is_some())?;
                left.take_value(at)?;
                let plain = style == ScalarStyle::Plain;
                Some(Yaml { at, kind: Kind::Scalar { text: text.into_owned(), plain } })
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().map(Open::close).transpose()?,
            _ => None,
        };
        if let Some(value) = done {
            match open.last_mut() {
                Some(outer) => {
                    if outer.map && outer.items.len() % 2 == 0 && value.text() == Some("<<") {
                        return Err(error(at, "merge keys (`<<`) are not used in descriptions"));
                    }
                    outer.items.push(value);
                }
                None => root = Some(value),
            }
        }
    }
    root.ok_or_else(|| error(Place { line: 1, column: 1 }, "the description is empty"))
}

fn plain_node(at: Place, anchor: usize, tag: bool) -> Result<(), YamlError> {
    if anchor != 0 {
        return Err(error(at, "anchors (`&name`) are not used in descriptions"));
    }
    if tag {
        return Err(error(at, "tags (`!name`) are not used in descriptions"));
    }
    Ok(())
}
