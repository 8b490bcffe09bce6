//! Help for reading a tree of YAML: paths, maps, ids, expressions.

use std::sync::Arc;

use super::load::Loader;
use super::{Located, Place};
use crate::expr;
use crate::problem::{Problem, Severity};
use crate::yaml::{Kind, Yaml};

/// A place in the tree of a description.
#[derive(Clone, Debug)]
pub(super) struct Scope(String);

impl Scope {
    pub(super) fn at(path: impl Into<String>) -> Self {
        Self(path.into())
    }

    pub(super) fn child(&self, key: &str) -> Self {
        Self(format!("{}/{key}", self.0))
    }

    pub(super) fn item(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }

    pub(super) fn path(&self) -> &str {
        if self.0.is_empty() { "/" } else { &self.0 }
    }
}

/// How many mistakes are reported.
pub(super) const MAX_PROBLEMS: usize = 1_000;

impl Loader<'_> {
    pub(super) fn problem(&mut self, severity: Severity, at: Place, path: &str, message: String) {
        // One that is dropped must not be the only one for which the description is refused.
        let is_full = self.problems.len() >= MAX_PROBLEMS;
        if is_full && (severity == Severity::Warning || !self.is_sound()) {
            return;
        }
        let file = self.files.get(self.file).map_or_else(String::new, |it| it.name.clone());
        let path = path.to_owned();
        self.problems.push(Problem { severity, file, place: Some(at), path, message });
    }

    pub(super) fn error(&mut self, at: Place, scope: &Scope, message: impl Into<String>) {
        self.problem(Severity::Error, at, scope.path(), message.into());
    }

    /// The pairs of a map.
    pub(super) fn map<'a>(&mut self, yaml: &'a Yaml, scope: &Scope) -> Option<&'a [(Yaml, Yaml)]> {
        match &yaml.kind {
            Kind::Map(pairs) => Some(pairs),
            _ if yaml.is_null() => Some(&[]),
            _ => {
                self.error(yaml.at, scope, format!("expected a map, got {}", yaml.describe()));
                None
            }
        }
    }

    pub(super) fn list<'a>(&mut self, yaml: &'a Yaml, scope: &Scope) -> Option<&'a [Yaml]> {
        if let Kind::List(items) = &yaml.kind {
            return Some(items);
        }
        self.error(yaml.at, scope, format!("expected a list, got {}", yaml.describe()));
        None
    }

    pub(super) fn text<'a>(&mut self, yaml: &'a Yaml, scope: &Scope) -> Option<&'a str> {
        let text = yaml.text();
        if text.is_none() {
            self.error(yaml.at, scope, format!("expected text, got {}", yaml.describe()));
        }
        text
    }

    pub(super) fn flag(&mut self, yaml: &Yaml, scope: &Scope) -> bool {
        match yaml.text() {
            Some("true") => true,
            Some("false") => false,
            _ => {
                self.error(
                    yaml.at,
                    scope,
                    format!("expected true or false, got {}", yaml.describe()),
                );
                false
            }
        }
    }

    pub(super) fn bad_id(&mut self, yaml: &Yaml, scope: &Scope, what: &str, text: &str) {
        self.error(
            yaml.at,
            scope,
            format!("invalid {what} ID: {text:?}, expected [a-z][a-z0-9_]*"),
        );
    }

    /// The expression of a scalar.
    pub(super) fn located(&mut self, yaml: &Yaml, scope: &Scope) -> Option<Located> {
        let text = self.text(yaml, scope)?;
        self.located_text(text, yaml.at, scope)
    }

    pub(super) fn located_text(&mut self, text: &str, at: Place, scope: &Scope) -> Option<Located> {
        match expr::parse(text, &mut self.names) {
            Ok(expr) => {
                let (text, path) = (Arc::from(text), Arc::from(scope.path()));
                Some(Located { expr, text, at, path })
            }
            Err(error) => {
                let shown = caret(text, error.at);
                self.error(at, scope, format!("{error}\n{shown}"));
                None
            }
        }
    }
}

/// The part of an expression where a mistake is, and a caret below it.
fn caret(text: &str, at: usize) -> String {
    let at = (0..=at.min(text.len())).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(0);
    let before = text.get(..at).unwrap_or("");
    let line = before.rfind('\n').map_or(0, |it| it + 1);
    let whole: Vec<char> =
        text.get(line..).unwrap_or("").lines().next().unwrap_or("").chars().collect();
    let column = before.get(line..).unwrap_or("").chars().count();
    let from = column.saturating_sub(40);
    let shown: String = whole
        .iter()
        .skip(from)
        .take(70)
        .map(|it| if it.is_control() { ' ' } else { *it })
        .collect();
    format!("    {shown}\n    {}^", " ".repeat(column - from))
}
