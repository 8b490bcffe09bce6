//! What the bytes of an attribute are: sizes, terminators, types.

use std::collections::HashMap;
use std::sync::Arc;

use super::enums::integer;
use super::load::Loader;
use super::reader::Scope;
use super::{
    Body, Case, Chars, Endian, EnumName, Key, Kind, Order, Parent, Place, Process, Switch, TypeId,
    User,
};
use crate::expr::{self, Expr};
use crate::yaml::{Kind as YamlKind, Yaml};

impl Default for Body {
    fn default() -> Self {
        Self {
            size: None,
            size_eos: false,
            terminator: None,
            include: false,
            consume: true,
            eos_error: true,
            pad_right: None,
            process: None,
            contents: None,
            kind: Kind::Bytes,
            enumeration: None,
            parent: Parent::Owner,
        }
    }
}

/// Whether a type is an integer of this language.
pub(super) fn is_integer(text: &str) -> bool {
    matches!(simple(text), Some(Simple::Int { .. } | Simple::Bits { .. }))
}

/// A type that needs no resolving.
enum Simple {
    Int { signed: bool, width: u8, order: Option<Order> },
    Float { width: u8, order: Option<Order> },
    Bits { width: u64, order: Option<Order> },
}

fn simple(text: &str) -> Option<Simple> {
    let (base, order) = if let Some(base) = text.strip_suffix("le") {
        (base, Some(Order::Le))
    } else if let Some(base) = text.strip_suffix("be") {
        (base, Some(Order::Be))
    } else {
        (text, None)
    };
    let kind = base.get(..1)?;
    let digits = base.get(1..)?;
    if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    match (kind, digits) {
        ("u" | "s", "1") if order.is_some() => None,
        ("u" | "s", "1" | "2" | "4" | "8") => {
            Some(Simple::Int { signed: kind == "s", width: digits.parse().ok()?, order })
        }
        ("f", "4" | "8") => Some(Simple::Float { width: digits.parse().ok()?, order }),
        ("b", _) => Some(Simple::Bits { width: digits.parse().unwrap_or(u64::MAX), order }),
        _ => None,
    }
}

impl Loader<'_> {
    /// The keys that say where bytes end, and what is done to them.
    fn extent<'y>(&mut self, find: &dyn Fn(&str) -> Option<&'y Yaml>, scope: &Scope) -> Body {
        let mut body = Body {
            size: find("size").and_then(|it| self.located(it, &scope.child("size"))),
            size_eos: find("size-eos").is_some_and(|it| self.flag(it, &scope.child("size-eos"))),
            include: find("include").is_some_and(|it| self.flag(it, &scope.child("include"))),
            consume: find("consume").is_none_or(|it| self.flag(it, &scope.child("consume"))),
            eos_error: find("eos-error").is_none_or(|it| self.flag(it, &scope.child("eos-error"))),
            ..Body::default()
        };
        if let Some(value) = find("terminator") {
            body.terminator = self.terminator(value, &scope.child("terminator"));
        }
        if let Some(value) = find("pad-right") {
            body.pad_right = self.pad_right(value, &scope.child("pad-right"));
        }
        if let Some(value) = find("process") {
            body.process = self.process(value, &scope.child("process"));
        }
        if let Some(value) = find("contents") {
            body.contents = self.contents(value, &scope.child("contents"));
        }
        if let Some(value) = find("parent") {
            let at = scope.child("parent");
            body.parent = match value.text() {
                Some("false") => Parent::None,
                _ => {
                    self.located(value, &at).map_or(Parent::Owner, |it| Parent::Other(Box::new(it)))
                }
            };
        }
        body
    }

    /// The keys of an attribute that say what its bytes are.
    pub(super) fn body(
        &mut self,
        owner: TypeId,
        pairs: &[(Yaml, Yaml)],
        yaml: &Yaml,
        scope: &Scope,
    ) -> Option<Body> {
        let find =
            |key: &str| pairs.iter().find(|(it, _)| it.text() == Some(key)).map(|(_, it)| it);
        let before = self.problems.len();
        let mut body = self.extent(&find, scope);
        body.enumeration = find("enum").and_then(|it| self.enum_name(it, &scope.child("enum")));
        let encoding = find("encoding");
        if let Some(value) = encoding {
            let at = scope.child("encoding");
            if let Some(text) = self.text(value, &at) {
                self.check_encoding(text, value, &at);
            }
        }
        let encoding = encoding.and_then(Yaml::text);
        let at = scope.child("type");
        match find("type") {
            None => {}
            Some(Yaml { kind: YamlKind::Map(cases), at: place }) => {
                body.kind =
                    Kind::Switch(Box::new(self.switch(owner, cases, *place, &at, encoding)?));
            }
            Some(value) => {
                let Some(text) = value.text() else {
                    self.error(
                        value.at,
                        &at,
                        format!("expected map or string, found {}", value.describe()),
                    );
                    return None;
                };
                let (kind, terminator) = self.kind(owner, text, value.at, &at, encoding)?;
                body.kind = kind;
                body.terminator = body.terminator.or(terminator);
            }
        }
        let unsized_body = body.size.is_none() && !body.size_eos && body.terminator.is_none();
        if body.size.is_some() && body.size_eos {
            self.error(yaml.at, scope, "only one of 'size' and 'size-eos' can be specified");
            return None;
        }
        // A size that is wrong is not missing.
        let wrong = self.problems.len() > before;
        if unsized_body
            && !wrong
            && body.contents.is_none()
            && matches!(body.kind, Kind::Bytes | Kind::Str(_))
        {
            let message = "'size', 'size-eos' or 'terminator' must be specified";
            self.error(yaml.at, scope, message);
            return None;
        }
        Some(body)
    }

    pub(super) fn enum_name(&mut self, yaml: &Yaml, scope: &Scope) -> Option<EnumName> {
        let text = self.text(yaml, scope)?.to_owned();
        Some(EnumName { text, at: yaml.at, path: scope.path().to_owned(), found: None })
    }

    fn pad_right(&mut self, yaml: &Yaml, scope: &Scope) -> Option<u8> {
        let byte = yaml.text().and_then(integer).and_then(|it| u8::try_from(it).ok());
        if byte.is_none() {
            self.error(
                yaml.at,
                scope,
                format!("expected an integer from 0 to 255, got {}", yaml.describe()),
            );
        }
        byte
    }

    fn terminator(&mut self, yaml: &Yaml, scope: &Scope) -> Option<Arc<[u8]>> {
        let one = |it: &Yaml| it.text().and_then(integer).and_then(|it| u8::try_from(it).ok());
        let bytes: Option<Vec<u8>> = match &yaml.kind {
            YamlKind::List(items) => items.iter().map(one).collect(),
            _ => one(yaml).map(|it| vec![it]),
        };
        match bytes {
            Some(bytes) if !bytes.is_empty() => Some(Arc::from(bytes)),
            _ => {
                let message =
                    format!("expected an integer from 0 to 255, or some, got {}", yaml.describe());
                self.error(yaml.at, scope, message);
                None
            }
        }
    }

    /// `contents`: text, or a list of numbers and texts.
    pub(super) fn contents(&mut self, yaml: &Yaml, scope: &Scope) -> Option<Arc<[u8]>> {
        let items = match &yaml.kind {
            YamlKind::Scalar { text, plain } if !plain || integer(text).is_none() => {
                return Some(Arc::from(text.as_bytes()));
            }
            YamlKind::List(items) => items,
            _ => {
                self.error(
                    yaml.at,
                    scope,
                    format!("expected text or a list, got {}", yaml.describe()),
                );
                return None;
            }
        };
        let mut bytes = Vec::new();
        for item in items {
            let YamlKind::Scalar { text, plain } = &item.kind else {
                self.error(
                    item.at,
                    scope,
                    format!("expected bytes or text, got {}", item.describe()),
                );
                return None;
            };
            let Some(number) = integer(text).filter(|_| *plain) else {
                bytes.extend_from_slice(text.as_bytes());
                continue;
            };
            let Ok(byte) = u8::try_from(number) else {
                self.error(item.at, scope, format!("{number} is no byte"));
                return None;
            };
            bytes.push(byte);
        }
        Some(Arc::from(bytes))
    }

    fn process(&mut self, yaml: &Yaml, scope: &Scope) -> Option<Process> {
        let text = self.text(yaml, scope)?;
        let (name, rest) = text.split_at(text.find('(').unwrap_or(text.len()));
        let arguments = rest.strip_prefix('(').and_then(|it| it.trim_end().strip_suffix(')'));
        let name = name.trim();
        Some(match (name, arguments) {
            ("zlib", _) => Process::Zlib,
            ("xor" | "rol" | "ror", None) => {
                self.error(yaml.at, scope, format!("`{name}` needs an argument: {name}(…)"));
                return None;
            }
            ("xor", Some(key)) => Process::Xor(self.located_text(key, yaml.at, scope)?),
            ("rol" | "ror", Some(by)) => {
                Process::Rotate { left: name == "rol", by: self.located_text(by, yaml.at, scope)? }
            }
            _ => {
                let list = self.arguments(&format!("x{rest}"), yaml.at, scope)?.1;
                Process::Other { name: name.to_owned(), arguments: list }
            }
        })
    }

    /// A path and the arguments after it, each an expression of its own.
    fn arguments(
        &mut self,
        text: &str,
        at: Place,
        scope: &Scope,
    ) -> Option<(Vec<String>, Vec<super::Located>)> {
        match expr::parse_arguments(text, &mut self.names) {
            Ok((path, list)) => {
                let (text, path_text): (Arc<str>, Arc<str>) =
                    (Arc::from(text), Arc::from(scope.path()));
                let located = |expr: Expr| super::Located {
                    expr,
                    text: Arc::clone(&text),
                    at,
                    path: Arc::clone(&path_text),
                };
                Some((path, list.into_iter().map(located).collect()))
            }
            Err(error) => {
                self.error(at, scope, format!("the type {text:?}: {error}"));
                None
            }
        }
    }

    fn chars(&mut self, owner: TypeId, encoding: Option<&str>, at: Place, scope: &Scope) -> Chars {
        let inherited = self.types[owner.0].encoding.clone();
        let Some(name) = encoding.map(str::to_owned).or(inherited) else {
            self.error(at, scope, "text without an encoding: say `encoding`, here or in `meta`");
            return Chars::Unknown;
        };
        Chars::named(&name).unwrap_or(Chars::Unknown)
    }

    /// The type of a text, and the terminator that it brings.
    fn kind(
        &mut self,
        owner: TypeId,
        text: &str,
        at: Place,
        scope: &Scope,
        encoding: Option<&str>,
    ) -> Option<(Kind, Option<Arc<[u8]>>)> {
        if matches!(text, "str" | "strz") {
            let chars = self.chars(owner, encoding, at, scope);
            let terminator = (text == "strz").then(|| Arc::from(vec![0; chars.unit()]));
            return Some((Kind::Str(chars), terminator));
        }
        let kind = match simple(text) {
            Some(Simple::Int { signed, width, order }) => {
                let order = if width == 1 {
                    Some(Order::Be)
                } else {
                    self.byte_order(owner, order, text, at, scope)
                };
                Kind::Int { signed, width, order }
            }
            Some(Simple::Float { width, order }) => {
                Kind::Float { width, order: self.byte_order(owner, order, text, at, scope) }
            }
            Some(Simple::Bits { width, order }) => {
                let Some(width) = u8::try_from(width).ok().filter(|it| (1..=64).contains(it))
                else {
                    self.error(
                        at,
                        scope,
                        format!("a field of bits has 1 to 64 of them, not {text:?}"),
                    );
                    return None;
                };
                let order = order.or(self.types[owner.0].bit_order).unwrap_or(Order::Be);
                Kind::Bits { width, order }
            }
            None => {
                let (name, arguments) = self.arguments(text, at, scope)?;
                let path = Arc::from(scope.path());
                Kind::User(User { name, arguments, at, path, found: None })
            }
        };
        Some((kind, None))
    }

    fn byte_order(
        &mut self,
        owner: TypeId,
        order: Option<Order>,
        text: &str,
        at: Place,
        scope: &Scope,
    ) -> Option<Order> {
        if order.is_some() {
            return order;
        }
        match self.types[owner.0].endian {
            Endian::Known(order) => Some(order),
            Endian::Inherit | Endian::Switch { .. } => None,
            Endian::Missing => {
                self.error(
                    at,
                    scope,
                    format!("unable to use type '{text}' without default endianness"),
                );
                None
            }
        }
    }

    fn switch(
        &mut self,
        owner: TypeId,
        pairs: &[(Yaml, Yaml)],
        at: Place,
        scope: &Scope,
        encoding: Option<&str>,
    ) -> Option<Switch> {
        let mut on = None;
        let mut cases = Vec::new();
        for (key, value) in pairs {
            match key.text().unwrap_or("") {
                "switch-on" => on = Some(self.located(value, &scope.child("switch-on"))),
                "cases" => cases = self.cases(owner, value, &scope.child("cases"), encoding)?,
                other => {
                    let scope = scope.child(other);
                    self.error(key.at, &scope, "unknown key found, expected: cases, switch-on");
                }
            }
        }
        let Some(on) = on else {
            self.error(at, scope, "missing mandatory argument `switch-on`");
            return None;
        };
        if !pairs.iter().any(|(it, _)| it.text() == Some("cases")) {
            self.error(at, scope, "missing mandatory argument `cases`");
            return None;
        }
        let mut switch =
            Switch { on: on?, cases, table: HashMap::new(), computed: Vec::new(), other: None };
        switch.sort();
        Some(switch)
    }

    fn cases(
        &mut self,
        owner: TypeId,
        yaml: &Yaml,
        scope: &Scope,
        encoding: Option<&str>,
    ) -> Option<Vec<Case>> {
        let pairs = self.map(yaml, scope)?;
        let mut cases = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let text = key.text().unwrap_or("");
            let located =
                if text == "_" { None } else { Some(self.located(key, &scope.child(text))?) };
            let part = located
                .as_ref()
                .map_or_else(|| text.to_owned(), |it| it.expr.path_part(&self.names, text));
            let at = scope.child(&part);
            let located = located.map(|it| super::Located { path: Arc::from(at.path()), ..it });
            let Some(name) = self.text(value, &at) else { continue };
            let Some((kind, terminator)) = self.kind(owner, name, value.at, &at, encoding) else {
                continue;
            };
            cases.push(Case { key: located, kind, terminator });
        }
        Some(cases)
    }
}

impl Switch {
    /// Sorts the cases into a table of literals and those that must be evaluated. It runs again when
    /// names of enums are known.
    pub(super) fn sort(&mut self) {
        self.table.clear();
        self.computed.clear();
        for (place, case) in self.cases.iter().enumerate() {
            let Some(key) = &case.key else {
                self.other = Some(place);
                continue;
            };
            let literal = match &key.expr {
                Expr::Int(n) => Some(Key::Int(*n)),
                Expr::Str(it) => Some(Key::Str(Arc::clone(it))),
                Expr::Bool(it) => Some(Key::Bool(*it)),
                Expr::Enum(it) => it.found.map(|(_, n)| Key::Int(n)),
                _ => None,
            };
            match literal {
                Some(key) => drop(self.table.entry(key).or_insert(place)),
                None => self.computed.push(place),
            }
        }
    }
}
