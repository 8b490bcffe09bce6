//! What `meta` says of a type.

use super::enums::integer;
use super::load::Loader;
use super::reader::Scope;
use super::{Chars, Endian, Order, TypeId};
use crate::names::is_id;
use crate::problem::Severity;
use crate::yaml::{Kind, Yaml};

const KEYS: &str = "application, bit-endian, encoding, endian, file-extension, id, imports, ks-debug, \
                    ks-opaque-types, ks-version, license, title, xref";

impl Loader<'_> {
    pub(super) fn meta(&mut self, id: TypeId, yaml: &Yaml, scope: &Scope) {
        let Some(pairs) = self.map(yaml, scope) else { return };
        let top = self.types[id.0].outer.is_none();
        if top && !pairs.iter().any(|(it, _)| it.text() == Some("id")) {
            self.error(yaml.at, scope, "no `meta/id` encountered in top-level class spec");
        }
        for (key, value) in pairs {
            let name = key.text().unwrap_or("");
            let at = scope.child(name);
            match name {
                "id" => self.meta_id(id, value, &at),
                "endian" => self.endian(id, value, &at),
                "bit-endian" => self.types[id.0].bit_order = self.order(value, &at),
                "encoding" => {
                    if let Some(text) = self.text(value, &at) {
                        self.check_encoding(text, value, &at);
                        self.types[id.0].encoding = Some(text.to_owned());
                    }
                }
                "imports" => {
                    let Some(items) = self.list(value, &at) else { continue };
                    for (index, item) in items.iter().enumerate() {
                        self.note_import(item, &at.item(index));
                    }
                }
                "title" => self.files[self.file].title = value.text().map(str::to_owned),
                "file-extension" => {
                    let texts = match &value.kind {
                        Kind::List(items) => {
                            items.iter().filter_map(Yaml::text).map(str::to_owned).collect()
                        }
                        _ => value.text().map(str::to_owned).into_iter().collect(),
                    };
                    self.files[self.file].extensions = texts;
                }
                "ks-version" => self.version(value, &at),
                "-lazyhex-magic" => self.magic(value, &at),
                "ks-opaque-types" => self.files[self.file].opaque = self.flag(value, &at),
                "application" | "ks-debug" | "license" | "xref" | "tags" | "doc" => {}
                _ if name.starts_with('-') => {}
                _ => self.error(key.at, &at, format!("unknown key found, expected: {KEYS}")),
            }
        }
    }

    fn meta_id(&mut self, id: TypeId, value: &Yaml, at: &Scope) {
        let Some(text) = self.text(value, at) else { return };
        if !is_id(text) {
            self.bad_id(value, at, "meta", text);
        } else if self.types[id.0].outer.is_none() {
            self.types[id.0].path = text.to_owned();
        }
    }

    fn order(&mut self, value: &Yaml, at: &Scope) -> Option<Order> {
        match value.text() {
            Some("le") => Some(Order::Le),
            Some("be") => Some(Order::Be),
            _ => {
                self.error(value.at, at, format!("expected le or be, got {}", value.describe()));
                None
            }
        }
    }

    fn endian(&mut self, id: TypeId, value: &Yaml, at: &Scope) {
        let Kind::Map(pairs) = &value.kind else {
            if let Some(order) = self.order(value, at) {
                self.types[id.0].endian = Endian::Known(order);
            }
            return;
        };
        let find =
            |key: &str| pairs.iter().find(|(it, _)| it.text() == Some(key)).map(|(_, it)| it);
        let (Some(on), Some(cases)) = (find("switch-on"), find("cases")) else {
            self.error(value.at, at, "missing mandatory argument `switch-on` or `cases`");
            return;
        };
        let Some(on) = self.located(on, &at.child("switch-on")) else { return };
        let at = at.child("cases");
        let Some(pairs) = self.map(cases, &at) else { return };
        let (mut known, mut other) = (Vec::new(), None);
        for (key, value) in pairs {
            let text = key.text().unwrap_or("");
            let order = self.order(value, &at.child(text));
            if text == "_" {
                other = order;
            } else if let Some(key) = self.located(key, &at.child(text)) {
                known.push((key, order));
            }
        }
        self.types[id.0].endian = Endian::Switch { on: Box::new(on), cases: known, other };
    }

    fn version(&mut self, value: &Yaml, at: &Scope) {
        let Some(text) = self.text(value, at) else { return };
        let parts: Vec<Option<u32>> = text
            .split('.')
            .map(|it| it.parse().ok().filter(|_| it == "0" || !it.starts_with(['0', '+'])))
            .collect();
        if !(2..=3).contains(&parts.len()) || parts.contains(&None) {
            self.error(
                value.at,
                at,
                format!("invalid compiler version {text:?}, expected X.Y or X.Y.Z"),
            );
        } else if parts > vec![Some(0), Some(11), Some(99)] {
            self.error(
                value.at,
                at,
                format!("this description wants version {text}; 0.11 is read here"),
            );
        }
    }

    /// Warns of an encoding that is unknown, or has another spelling.
    pub(super) fn check_encoding(&mut self, text: &str, value: &Yaml, at: &Scope) {
        let message = match (Chars::named(text), Chars::canonical(text)) {
            (None, None) => format!("unrecognized encoding name {text:?}"),
            (_, Some(canonical)) if canonical != text => {
                format!("use canonical encoding name `{canonical}` instead of `{text}`")
            }
            _ => return,
        };
        self.problem(Severity::Warning, value.at, at.path(), message);
    }

    /// `[{at: 510, bytes: [0x55, 0xaa], and: [{at: 0, bytes: [0xeb]}]}]`: our own key, for a magic that is
    /// no first field. Each item is an alternative, and what stands in its `and` must match as well.
    fn magic(&mut self, value: &Yaml, at: &Scope) {
        let Some(items) = self.list(value, at) else { return };
        for (index, item) in items.iter().enumerate() {
            let mut places = Vec::new();
            if self.magic_places(item, &at.item(index), &mut places) {
                self.files[self.file].magics.push(places);
            }
        }
    }

    fn magic_places(&mut self, item: &Yaml, at: &Scope, places: &mut Vec<(u64, Vec<u8>)>) -> bool {
        let Some(pairs) = self.map(item, at) else { return false };
        let find =
            |key: &str| pairs.iter().find(|(it, _)| it.text() == Some(key)).map(|(_, it)| it);
        let begin =
            find("at").and_then(Yaml::text).and_then(integer).and_then(|it| u64::try_from(it).ok());
        let bytes = find("bytes").and_then(|it| self.contents(it, &at.child("bytes")));
        let (Some(begin), Some(bytes)) = (begin, bytes.filter(|it| !it.is_empty())) else {
            self.error(item.at, at, "expected `at`, a position, and `bytes`, one or more");
            return false;
        };
        places.push((begin, bytes.to_vec()));
        let Some(more) = find("and") else { return true };
        let at = at.child("and");
        let Some(items) = self.list(more, &at) else { return false };
        items.iter().enumerate().all(|(index, it)| self.magic_places(it, &at.item(index), places))
    }
}
