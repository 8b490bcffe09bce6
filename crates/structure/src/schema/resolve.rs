//! Names of types and enums, found from where they stand: outwards, then among the descriptions.

use super::load::Loader;
use super::lookup::Lookup;
use super::reader::Scope;
use super::{
    Attr, Endian, EnumName, Kind, Located, ParamType, Parent, Place, Process, Repeat, Role, TypeId,
    User, Valid,
};
use crate::expr::{EnumRef, Expr, TypeName};

/// For how many mistakes a name that is similar is looked for.
const MAX_HINTS: usize = 32;

impl Loader<'_> {
    /// Resolves all names, and then works out what follows from the types.
    pub(super) fn resolve(&mut self) {
        let mut attrs = std::mem::take(&mut self.attrs);
        for attr in &mut attrs {
            self.file = self.types[attr.owner.0].file;
            self.resolve_attr(attr);
        }
        self.attrs = attrs;
        for number in 0..self.types.len() {
            self.resolve_type(TypeId(number));
        }
        if self.is_sound() {
            self.fix_sizes();
            self.find_uniform();
            self.find_targets();
        }
        if self.is_sound() {
            self.check_types();
        }
        if self.is_sound() {
            self.check_style();
        }
    }

    fn resolve_type(&mut self, id: TypeId) {
        self.file = self.types[id.0].file;
        let mut endian = self.types[id.0].endian.clone();
        if let Endian::Switch { on, cases, .. } = &mut endian {
            self.resolve_expr(on, id);
            for (key, _) in cases {
                self.resolve_expr(key, id);
            }
            self.types[id.0].endian = endian;
        }
        if let Some(mut it) = self.types[id.0].to_string.take() {
            self.resolve_expr(&mut it, id);
            self.types[id.0].to_string = Some(it);
        }
        let mut show = self.types[id.0].show.take();
        self.resolve_show(&mut show, id);
        self.types[id.0].show = show;
        let mut params = std::mem::take(&mut self.types[id.0].params);
        for param in &mut params {
            self.resolve_param(&mut param.kind, id, param.at, &param.path);
            if let Some(name) = &mut param.enumeration {
                self.resolve_enum(name, id);
            }
        }
        self.types[id.0].params = params;
    }

    fn resolve_param(&mut self, kind: &mut ParamType, owner: TypeId, at: Place, path: &str) {
        match kind {
            ParamType::List(of) => self.resolve_param(of, owner, at, path),
            ParamType::User(name, found) => {
                let parts: Vec<String> = name.split("::").map(str::to_owned).collect();
                *found = self.lookup().find_type(&parts, owner);
                if found.is_none() && !self.opaque() {
                    let message = self.no_such("type", name, owner);
                    self.error(at, &Scope::at(format!("{path}/type")), message);
                }
            }
            _ => {}
        }
    }

    fn resolve_attr(&mut self, attr: &mut Attr) {
        let owner = attr.owner;
        let mut expressions: Vec<&mut Located> = Vec::new();
        if let Role::Value(value) = &mut attr.role {
            expressions.push(value);
        }
        expressions.extend(attr.cond.iter_mut().chain(&mut attr.pos).chain(&mut attr.io));
        match &mut attr.repeat {
            Repeat::Count(it) | Repeat::Until(it) => expressions.push(it),
            Repeat::No | Repeat::Eos => {}
        }
        expressions.extend(&mut attr.body.size);
        match &mut attr.body.process {
            Some(Process::Xor(it) | Process::Rotate { by: it, .. }) => expressions.push(it),
            Some(Process::Other { arguments, .. }) => expressions.extend(arguments),
            Some(Process::Zlib) | None => {}
        }
        if let Parent::Other(it) = &mut attr.body.parent {
            expressions.push(it);
        }
        match &mut attr.valid {
            Some(Valid::Equal(it) | Valid::Expr(it)) => expressions.push(it),
            Some(Valid::Range { min, max }) => expressions.extend(min.iter_mut().chain(max)),
            Some(Valid::AnyOf(items)) => expressions.extend(items),
            Some(Valid::InEnum) | None => {}
        }
        for located in expressions {
            self.resolve_expr(located, owner);
        }
        if let Some(name) = &mut attr.body.enumeration {
            self.resolve_enum(name, owner);
        }
        match &mut attr.body.kind {
            Kind::User(user) => self.resolve_user(user, owner),
            Kind::Switch(switch) => {
                self.resolve_expr(&mut switch.on, owner);
                for case in &mut switch.cases {
                    if let Some(key) = &mut case.key {
                        self.resolve_expr(key, owner);
                    }
                    if let Kind::User(user) = &mut case.kind {
                        self.resolve_user(user, owner);
                    }
                }
                switch.sort();
            }
            _ => {}
        }
        self.resolve_show(&mut attr.show, owner);
    }

    fn resolve_show(&mut self, show: &mut Option<super::Show>, owner: TypeId) {
        for part in show.iter_mut().flat_map(|it| &mut it.parts) {
            if let super::ShowPart::Value { expr, .. } = part {
                let before = self.problems.len();
                self.resolve_in(expr, owner, Place::default(), "");
                // What is only shown does not keep a description from working.
                self.problems.truncate(before);
            }
        }
    }

    fn resolve_user(&mut self, user: &mut User, owner: TypeId) {
        user.found = self.lookup().find_type(&user.name, owner);
        if user.found.is_none() && !self.opaque() {
            let message = self.no_such("type", &user.name.join("::"), owner);
            self.error(user.at, &Scope::at(&*user.path), message);
        }
        for argument in &mut user.arguments {
            self.resolve_expr(argument, owner);
        }
    }

    fn opaque(&self) -> bool {
        self.files.get(self.file).is_some_and(|it| it.opaque)
    }

    fn resolve_enum(&mut self, name: &mut EnumName, owner: TypeId) {
        let parts: Vec<String> = name.text.split("::").map(str::to_owned).collect();
        name.found = self.lookup().find_enum(&parts, owner);
        if name.found.is_none() {
            let message = self.no_such("enum", &name.text, owner);
            self.error(name.at, &Scope::at(&*name.path), message);
        }
    }

    fn resolve_expr(&mut self, located: &mut Located, owner: TypeId) {
        let (at, path) = (located.at, located.path.clone());
        self.resolve_in(&mut located.expr, owner, at, &path);
    }

    fn resolve_in(&mut self, expr: &mut Expr, owner: TypeId, at: Place, path: &str) {
        expr.each_mut(&mut |it| match it {
            Expr::Enum(name) => self.resolve_label(name, owner, at, path),
            Expr::Cast(_, name) | Expr::SizeOf { of: name, .. } => {
                self.resolve_type_name(name, owner, at, path);
            }
            _ => {}
        });
    }

    fn resolve_label(&mut self, name: &mut EnumRef, owner: TypeId, at: Place, path: &str) {
        let Some(id) = self.lookup().find_enum(&name.path, owner) else {
            let message = self.no_such("enum", &name.path.join("::"), owner);
            self.error(at, &Scope::at(path), message);
            return;
        };
        let Some(number) = self.enums[id.0].number(&name.label) else {
            let message =
                format!("the enum '{}' has no member '{}'", name.path.join("::"), name.label);
            self.error(at, &Scope::at(path), message);
            return;
        };
        name.found = Some((id, number));
    }

    fn resolve_type_name(&mut self, name: &mut TypeName, owner: TypeId, at: Place, path: &str) {
        name.found = self.lookup().find_type(&name.path, owner);
        if name.found.is_none() && !is_builtin(&name.path) && !self.opaque() {
            let message = self.no_such("type", &name.path.join("::"), owner);
            self.error(at, &Scope::at(path), message);
        }
    }

    fn no_such(&self, what: &str, name: &str, owner: TypeId) -> String {
        let from = self.types[owner.0].path.clone();
        let plain = format!("unable to find {what} '{name}', searching from {from}");
        // A similar name is looked for among all, so not for thousands of mistakes.
        if self.problems.len() > MAX_HINTS {
            return plain;
        }
        let known = self.types.iter().map(|it| it.path.rsplit("::").next().unwrap_or(""));
        let enums = self.enums.iter().map(|it| it.name.as_str());
        let nearest = if what == "type" { near(name, known) } else { near(name, enums) };
        let hint = nearest.map_or_else(String::new, |it| format!("; did you mean '{it}'?"));
        plain + &hint
    }

    fn lookup(&self) -> Lookup<'_> {
        Lookup { types: &self.types, enums: &self.enums, files: &self.files }
    }
}

/// Whether a type in `as<…>` is one of the language's own.
pub(super) fn is_builtin(path: &[String]) -> bool {
    let [name] = path else { return false };
    matches!(
        name.as_str(),
        "bytes" | "str" | "strz" | "bool" | "struct" | "io" | "any" | "f4" | "f8"
    ) || super::body::is_integer(name)
}

/// The known name that differs least from another, if it is close.
pub(crate) fn near<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let letters = name.chars().count();
    let limit = (letters / 3 + 1).min(letters.saturating_sub(1));
    known
        .filter(|it| !it.is_empty() && it.len().abs_diff(name.len()) <= limit)
        .map(|it| (distance(name, it), it))
        .filter(|it| it.0 <= limit)
        .min()
        .map(|it| it.1)
}

/// How many letters must change.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}
