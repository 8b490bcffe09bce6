//! Names as the style guide has them: `len_body` is the size of `body`, `num_items` the count of `items`.

use std::collections::HashMap;

use super::load::Loader;
use super::{
    Attr, AttrId, Endian, Located, Member, Parent, Process, Repeat, Role, Type, TypeId, Valid,
};
use crate::expr::Expr;
use crate::names::Name;
use crate::problem::Severity;

/// How often names are asked for.
#[derive(Default)]
struct Asked {
    /// By expressions of the type itself.
    here: HashMap<(TypeId, Name), usize>,
    /// Of other objects, whatever type they are.
    elsewhere: HashMap<Name, usize>,
}

impl Asked {
    fn note(&mut self, owner: TypeId, expr: &Expr) {
        expr.each(&mut |it| match it {
            Expr::Field(name) => {
                *self.here.entry((owner, *name)).or_default() += 1;
            }
            Expr::Member(_, name) | Expr::Call(_, name, _) => {
                *self.elsewhere.entry(*name).or_default() += 1;
            }
            _ => {}
        });
    }

    fn only_once(&self, owner: TypeId, name: Name) -> bool {
        self.here.get(&(owner, name)) == Some(&1) && !self.elsewhere.contains_key(&name)
    }
}

impl Loader<'_> {
    /// Warns of a field that is nothing but the size or the count of another, and is named neither `len_…`
    /// nor `num_…`.
    pub(super) fn check_style(&mut self) {
        let mut asked = Asked::default();
        for (number, ty) in self.types.iter().enumerate() {
            ty.expressions().for_each(|it| asked.note(TypeId(number), &it.expr));
        }
        for attr in &self.attrs {
            attr.expressions().into_iter().for_each(|it| asked.note(attr.owner, &it.expr));
        }
        let mut found = Vec::new();
        for attr in self.attrs.iter().filter(|it| !it.unnamed) {
            let text = self.names.text(attr.name);
            if let Some(Expr::Field(name)) = attr.body.size.as_ref().map(|it| &it.expr) {
                found.push((
                    attr.owner,
                    *name,
                    format!("len_{text}"),
                    format!("the size of `{text}`"),
                ));
            }
            let Repeat::Count(count) = &attr.repeat else { continue };
            if let Expr::Field(name) = count.expr {
                found.push((
                    attr.owner,
                    name,
                    format!("num_{text}"),
                    format!("the count of `{text}`"),
                ));
            }
        }
        for (owner, name, better, what) in found {
            let prefix = self.names.text(name).split('_').next();
            // Of another thing, perhaps, as the size of one element is: it says enough.
            let says_it = matches!(prefix, Some("len" | "num"));
            if asked.only_once(owner, name) && !says_it {
                self.warn_of_name(owner, name, &better, &what);
            }
        }
    }

    fn warn_of_name(&mut self, owner: TypeId, name: Name, better: &str, what: &str) {
        let ty = &self.types[owner.0];
        let (AttrId(number), id) = match ty.members.get(&name) {
            Some(Member::Seq(at)) => (ty.seq[*at], "/id"),
            Some(Member::Instance(at)) => (ty.instances[*at], ""),
            Some(Member::Param(_)) | None => return,
        };
        let attr = &self.attrs[number];
        let (at, path) = (attr.at, format!("{}{id}", attr.path));
        self.file = ty.file;
        let message = format!("`{better}` says better what `{}` is: {what}", self.names.text(name));
        self.problem(Severity::Warning, at, &path, message);
    }
}

impl Type {
    /// The expressions of the type itself.
    fn expressions(&self) -> impl Iterator<Item = &Located> {
        let endian = match &self.endian {
            Endian::Switch { on, cases, .. } => Some((on, cases)),
            _ => None,
        };
        let endian = endian
            .into_iter()
            .flat_map(|(on, cases)| std::iter::once(&**on).chain(cases.iter().map(|(key, _)| key)));
        self.to_string.iter().chain(endian)
    }
}

impl Attr {
    /// All expressions of the attribute that change what is read.
    fn expressions(&self) -> Vec<&Located> {
        let mut all: Vec<&Located> = Vec::new();
        if let Role::Value(value) = &self.role {
            all.push(value);
        }
        all.extend(self.cond.iter().chain(&self.pos).chain(&self.io).chain(&self.body.size));
        match &self.repeat {
            Repeat::Count(it) | Repeat::Until(it) => all.push(it),
            Repeat::No | Repeat::Eos => {}
        }
        match &self.body.process {
            Some(Process::Xor(it) | Process::Rotate { by: it, .. }) => all.push(it),
            Some(Process::Other { arguments, .. }) => all.extend(arguments),
            Some(Process::Zlib) | None => {}
        }
        if let Parent::Other(it) = &self.body.parent {
            all.push(it);
        }
        match &self.valid {
            Some(Valid::Equal(it) | Valid::Expr(it)) => all.push(it),
            Some(Valid::Range { min, max }) => all.extend(min.iter().chain(max)),
            Some(Valid::AnyOf(items)) => all.extend(items),
            Some(Valid::InEnum) | None => {}
        }
        all.extend(self.body.kind.expressions());
        all
    }
}
