//! Attributes: of `seq`, and instances.

use super::load::Loader;
use super::reader::Scope;
use super::{Attr, Body, Kind, Lens, Repeat, Role, Show, ShowPart, TypeId, Valid};
use crate::expr;
use crate::names::is_id;
use crate::yaml::{Kind as YamlKind, Yaml};

/// The keys that every attribute may have.
const KEYS: [&str; 12] = [
    "consume",
    "doc",
    "doc-ref",
    "enum",
    "eos-error",
    "id",
    "if",
    "include",
    "repeat",
    "terminator",
    "type",
    "valid",
];

/// The keys of bytes, and of what is read from bytes of its own.
const BYTES_KEYS: [&str; 6] = ["contents", "pad-right", "parent", "process", "size", "size-eos"];

/// The keys of text.
const TEXT_KEYS: [&str; 5] = ["encoding", "pad-right", "process", "size", "size-eos"];

/// The keys of an instance that is calculated.
const VALUE_KEYS: [&str; 5] = ["doc", "doc-ref", "enum", "if", "value"];

impl Loader<'_> {
    /// An attribute of `seq`.
    pub(super) fn attribute(
        &mut self,
        owner: TypeId,
        yaml: &Yaml,
        scope: &Scope,
        index: Option<usize>,
    ) -> Option<Attr> {
        let pairs = self.map(yaml, scope)?;
        let index = index.unwrap_or(0);
        let id = pairs.iter().find(|(it, _)| it.text() == Some("id")).map(|(_, it)| it);
        let name = match id {
            Some(id) => {
                let text = id.text().unwrap_or("");
                if !is_id(text) {
                    self.bad_id(id, &scope.child("id"), "attribute", text);
                    return None;
                }
                text.to_owned()
            }
            None => format!("_unnamed{index}"),
        };
        let mut attr = self.common(owner, &name, yaml, scope, Role::Seq(index))?;
        attr.unnamed = id.is_none();
        Some(attr)
    }

    /// An instance: one with `value` is calculated, another is read.
    pub(super) fn instance(
        &mut self,
        owner: TypeId,
        name: &str,
        yaml: &Yaml,
        scope: &Scope,
    ) -> Option<Attr> {
        let pairs = self.map(yaml, scope)?;
        let find =
            |key: &str| pairs.iter().find(|(it, _)| it.text() == Some(key)).map(|(_, it)| it);
        let Some(value) = find("value") else {
            return self.common(owner, name, yaml, scope, Role::Instance);
        };
        for (key, _) in pairs {
            let text = key.text().unwrap_or("");
            if !VALUE_KEYS.contains(&text) && !text.starts_with('-') {
                let allowed = VALUE_KEYS.join(", ");
                self.error(
                    key.at,
                    &scope.child(text),
                    format!("invalid key found in value instance, allowed: {allowed}"),
                );
            }
        }
        let value = self.located(value, &scope.child("value"))?;
        let mut attr = self.blank(owner, name, yaml, scope, Role::Value(Box::new(value)));
        attr.cond = find("if").and_then(|it| self.located(it, &scope.child("if")));
        attr.body.enumeration =
            find("enum").and_then(|it| self.enum_name(it, &scope.child("enum")));
        self.notes(&mut attr, pairs);
        Some(attr)
    }

    fn blank(&mut self, owner: TypeId, name: &str, yaml: &Yaml, scope: &Scope, role: Role) -> Attr {
        Attr {
            name: self.names.intern(name),
            unnamed: false,
            owner,
            role,
            cond: None,
            repeat: Repeat::No,
            pos: None,
            io: None,
            body: Body::default(),
            valid: None,
            align: false,
            uniform: false,
            is_chained: false,
            target: None,
            moves: false,
            doc: None,
            original_id: None,
            show: None,
            lens: None,
            path: scope.path().to_owned(),
            at: yaml.at,
        }
    }

    fn common(
        &mut self,
        owner: TypeId,
        name: &str,
        yaml: &Yaml,
        scope: &Scope,
        role: Role,
    ) -> Option<Attr> {
        let pairs = self.map(yaml, scope)?;
        let instance = matches!(role, Role::Instance);
        let mut attr = self.blank(owner, name, yaml, scope, role);
        self.notes(&mut attr, pairs);
        for (key, value) in pairs {
            let text = key.text().unwrap_or("");
            let at = scope.child(text);
            match text {
                "if" => attr.cond = self.located(value, &at),
                "pos" if instance => attr.pos = self.located(value, &at),
                "io" if instance => attr.io = self.located(value, &at),
                "valid" => attr.valid = self.valid(value, &at),
                _ => {}
            }
        }
        attr.repeat = self.repeat(pairs, scope)?;
        attr.body = self.body(owner, pairs, yaml, scope)?;
        self.check_keys(&attr, pairs, scope);
        Some(attr)
    }

    /// Refuses keys that an attribute does not have, which depends on what it is.
    fn check_keys(&mut self, attr: &Attr, pairs: &[(Yaml, Yaml)], scope: &Scope) {
        let mut allowed = KEYS.to_vec();
        match &attr.body.kind {
            Kind::Bytes | Kind::User(_) => allowed.extend(BYTES_KEYS),
            Kind::Str(_) => allowed.extend(TEXT_KEYS),
            Kind::Switch(_) => allowed.extend(BYTES_KEYS.iter().chain(&["encoding"])),
            Kind::Int { .. } | Kind::Float { .. } | Kind::Bits { .. } => {}
        }
        if matches!(attr.role, Role::Instance) {
            allowed.extend(["io", "pos"]);
        }
        match &attr.repeat {
            Repeat::Count(_) => allowed.push("repeat-expr"),
            Repeat::Until(_) => allowed.push("repeat-until"),
            Repeat::No | Repeat::Eos => {}
        }
        allowed.sort_unstable();
        for (key, _) in pairs {
            let text = key.text().unwrap_or("");
            if !text.starts_with('-') && !allowed.contains(&text) {
                let allowed = allowed.join(", ");
                self.error(
                    key.at,
                    &scope.child(text),
                    format!("unknown key found, expected: {allowed}"),
                );
            }
        }
    }

    /// How often an attribute stands there. `None` after a mistake.
    fn repeat(&mut self, pairs: &[(Yaml, Yaml)], scope: &Scope) -> Option<Repeat> {
        let find = |key: &str| pairs.iter().find(|(it, _)| it.text() == Some(key));
        let kind = find("repeat").map(|(_, it)| it);
        let text = kind.and_then(Yaml::text);
        let Some(kind) = kind else { return Some(Repeat::No) };
        let at = scope.child("repeat");
        let key = match text {
            Some("eos") => return Some(Repeat::Eos),
            Some("expr") => "repeat-expr",
            Some("until") => "repeat-until",
            _ => {
                self.error(
                    kind.at,
                    &at,
                    format!("expected eos / expr / until, got {}", kind.describe()),
                );
                return None;
            }
        };
        let Some((_, value)) = find(key) else {
            let text = text.unwrap_or("");
            self.error(kind.at, &at, format!("`repeat: {text}` requires a `{key}` expression"));
            return None;
        };
        let expr = Box::new(self.located(value, &scope.child(key))?);
        Some(if key == "repeat-expr" { Repeat::Count(expr) } else { Repeat::Until(expr) })
    }

    fn valid(&mut self, yaml: &Yaml, scope: &Scope) -> Option<Valid> {
        let YamlKind::Map(pairs) = &yaml.kind else {
            return self.located(yaml, scope).map(Valid::Equal);
        };
        let (mut min, mut max) = (None, None);
        let mut found = None;
        for (key, value) in pairs {
            let text = key.text().unwrap_or("");
            let at = scope.child(text);
            match text {
                "eq" => found = self.located(value, &at).map(Valid::Equal),
                "expr" => found = self.located(value, &at).map(Valid::Expr),
                "min" => min = self.located(value, &at),
                "max" => max = self.located(value, &at),
                "in-enum" => found = self.flag(value, &at).then_some(Valid::InEnum),
                "any-of" => {
                    let items = self.list(value, &at)?;
                    let each = items
                        .iter()
                        .enumerate()
                        .filter_map(|(i, it)| self.located(it, &at.item(i)));
                    found = Some(Valid::AnyOf(each.collect()));
                }
                _ => {
                    let message =
                        "unknown key found, expected: any-of, eq, expr, in-enum, max, min";
                    self.error(key.at, &at, message);
                }
            }
        }
        if min.is_some() || max.is_some() {
            found = Some(Valid::Range { min, max });
        }
        found
    }

    /// What is said about an attribute for those who look at it.
    fn notes(&mut self, attr: &mut Attr, pairs: &[(Yaml, Yaml)]) {
        for (key, value) in pairs {
            match key.text().unwrap_or("") {
                "doc" => attr.doc = value.text().map(|it| it.trim().to_owned()),
                "-orig-id" => attr.original_id = value.text().map(str::to_owned),
                "-webide-representation" => attr.show = self.show(value),
                "-lazyhex-as" => attr.lens = value.text().and_then(Lens::named),
                _ => {}
            }
        }
    }

    /// `-webide-representation`: what is wrong in it is shown as it stands.
    pub(super) fn show(&mut self, yaml: &Yaml) -> Option<Show> {
        let mut rest = yaml.text()?;
        let mut parts = Vec::new();
        while let Some(begin) = rest.find('{') {
            let (before, tail) = rest.split_at(begin);
            if !before.is_empty() {
                parts.push(ShowPart::Text(before.to_owned()));
            }
            let end = tail.find('}').unwrap_or(tail.len());
            let inner = tail.get(1..end).unwrap_or("");
            rest = tail.get((end + 1).min(tail.len())..).unwrap_or("");
            let (text, format) = match inner.rsplit_once(':') {
                Some((text, format)) if !text.ends_with(':') => (text, Some(format.to_owned())),
                _ => (inner, None),
            };
            match expr::parse(text, &mut self.names) {
                Ok(expr) => parts.push(ShowPart::Value { expr, format }),
                Err(_) => parts.push(ShowPart::Text(format!("{{{inner}}}"))),
            }
        }
        if !rest.is_empty() {
            parts.push(ShowPart::Text(rest.to_owned()));
        }
        Some(Show { parts })
    }
}

impl Lens {
    fn named(text: &str) -> Option<Self> {
        Some(match text {
            "time32" => Self::Time32,
            "time64" => Self::Time64,
            "filetime" => Self::FileTime,
            "dos" => Self::Dos,
            "mac" => Self::Mac,
            "uuid" => Self::Uuid,
            "guid" => Self::Guid,
            "ipv4" => Self::Ipv4,
            "octal" => Self::Octal,
            _ => return None,
        })
    }
}
