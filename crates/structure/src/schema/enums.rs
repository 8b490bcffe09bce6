//! Enums of a type.

use std::collections::HashMap;
use std::sync::Arc;

use super::load::Loader;
use super::reader::Scope;
use super::{Enum, EnumId, TypeId};
use crate::names::is_id;
use crate::yaml::{Kind as YamlKind, Yaml};

impl Loader<'_> {
    pub(super) fn enums(&mut self, owner: TypeId, yaml: &Yaml, at: &Scope) {
        let Some(pairs) = self.map(yaml, at) else { return };
        for (key, value) in pairs {
            let name = key.text().unwrap_or("");
            let scope = at.child(name);
            if !is_id(name) {
                self.bad_id(key, &scope, "enum", name);
                continue;
            }
            let id = EnumId(self.enums.len());
            let entries = self.entries(value, &scope);
            let numbers = entries.iter().map(|it| (Arc::clone(&it.1), it.0)).collect();
            let docs = docs(value);
            self.enums.push(Enum { name: name.to_owned(), outer: owner, entries, docs, numbers });
            self.types[owner.0].enums.insert(name.to_owned(), id);
        }
    }

    fn entries(&mut self, yaml: &Yaml, at: &Scope) -> Vec<(i128, Arc<str>)> {
        let mut entries: Vec<(i128, Arc<str>, String)> = Vec::new();
        let Some(pairs) = self.map(yaml, at) else { return Vec::new() };
        let mut labels: HashMap<Arc<str>, String> = HashMap::new();
        for (key, value) in pairs {
            let text = key.text().unwrap_or("");
            let Some(number) = integer(text) else {
                self.error(key.at, at, format!("the key {text:?} of an enum is no integer"));
                continue;
            };
            let scope = at.child(&number.to_string());
            let label = match &value.kind {
                YamlKind::Scalar { text, .. } => text.clone(),
                YamlKind::Map(pairs) => {
                    let find = pairs.iter().find(|(it, _)| it.text() == Some("id"));
                    find.and_then(|(_, it)| it.text()).unwrap_or("").to_owned()
                }
                YamlKind::List(_) => String::new(),
            };
            if !is_id(&label) {
                self.bad_id(value, &scope, "enum member", &label);
                continue;
            }
            let label: Arc<str> = Arc::from(label);
            if let Some(first) = labels.get(&label) {
                let message =
                    format!("duplicate enum member ID: '{label}', previously defined at {first}");
                self.error(value.at, &scope, message);
                continue;
            }
            labels.insert(Arc::clone(&label), scope.path().to_owned());
            let place = format!("{}:{}", key.at.line, key.at.column);
            entries.push((number, label, place));
        }
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by_key(|it| entries[*it].0);
        for pair in order.windows(2) {
            let (a, b) = (&entries[pair[0]], &entries[pair[1]]);
            if a.0 == b.0 {
                self.error(
                    yaml.at,
                    at,
                    format!("the number {} stands here twice: {} and {}", a.0, a.2, b.2),
                );
            }
        }
        order.into_iter().map(|it| (entries[it].0, Arc::clone(&entries[it].1))).collect()
    }
}

/// What the members of an enum say of themselves.
fn docs(yaml: &Yaml) -> HashMap<i128, String> {
    let YamlKind::Map(members) = &yaml.kind else { return HashMap::new() };
    let of = |(key, value): &(Yaml, Yaml)| {
        let YamlKind::Map(pairs) = &value.kind else { return None };
        let (_, doc) = pairs.iter().find(|(it, _)| it.text() == Some("doc"))?;
        Some((integer(key.text()?)?, doc.text()?.trim().to_owned()))
    };
    members.iter().filter_map(of).collect()
}

/// An integer: decimal, `0x`, `0b`, `0o`, with `_` between digits and a sign.
pub(super) fn integer(text: &str) -> Option<i128> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match text.get(..2) {
        Some("0x" | "0X") => (16, text.get(2..)?),
        Some("0b" | "0B") => (2, text.get(2..)?),
        Some("0o" | "0O") => (8, text.get(2..)?),
        _ if text.len() > 1 && text.starts_with('0') => (8, text),
        _ => (10, text),
    };
    let digits: String = digits.chars().filter(|it| *it != '_').collect();
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let value = i128::from_str_radix(&digits, radix).ok()?;
    if negative { value.checked_neg() } else { Some(value) }
}
