//! Repetitions whose elements all have one size: the size is worked out once, and the place of an
//! element is a multiplication.

use std::collections::{HashMap, HashSet};

use super::load::Loader;
use super::{Attr, AttrId, Located, Process, Repeat, Role};
use crate::expr::{Expr, Special};
use crate::names::Name;

impl Loader<'_> {
    pub(super) fn find_uniform(&mut self) {
        let size = self.names.intern("size");
        let moving = self.moving(size);
        for number in 0..self.attrs.len() {
            let attr = &self.attrs[number];
            let own = attr.name;
            let still =
                |expr: &Expr| !depends(expr, size, |name| name == own || moving.contains(&name));
            let uniform = match &attr.body.size {
                Some(size) => still(&size.expr),
                None => false,
            };
            let is_chained = laid_out_by(attr).any(|it| depends(it, size, &|name| name == own));
            let instance = !matches!(attr.role, Role::Seq(_));
            self.attrs[number].moves = instance && moving.contains(&own);
            self.attrs[number].is_chained =
                is_chained && !matches!(self.attrs[number].repeat, Repeat::No);
            self.attrs[number].uniform = uniform;
        }
    }

    /// The names of instances whose value may differ from one element to the next. A name counts whatever
    /// type it is in: what an expression reaches through other objects is not worked out here.
    fn moving(&self, size: Name) -> HashSet<Name> {
        let mut asked_by: HashMap<Name, Vec<Name>> = HashMap::new();
        let mut found = Vec::new();
        for &AttrId(number) in self.types.iter().flat_map(|it| &it.instances) {
            let attr = &self.attrs[number];
            for expr in expressions(attr) {
                let asked = |name: Name| {
                    asked_by.entry(name).or_default().push(attr.name);
                    false
                };
                if depends(expr, size, asked) {
                    found.push(attr.name);
                }
            }
        }
        let mut moving = HashSet::new();
        while let Some(name) = found.pop() {
            if moving.insert(name) {
                found.extend(asked_by.get(&name).into_iter().flatten());
            }
        }
        moving
    }
}

fn expressions(attr: &Attr) -> impl Iterator<Item = &Expr> {
    let value = match &attr.role {
        Role::Value(value) => Some(&value.expr),
        Role::Seq(_) | Role::Instance => None,
    };
    // An instance without a place is read where the asking one stands.
    let here = Expr::HERE;
    let moves = (value.is_none() && attr.pos.is_none()).then_some(here);
    let more =
        attr.cond.iter().chain(&attr.pos).chain(&attr.io).chain(&attr.body.size).map(|it| &it.expr);
    value.into_iter().chain(more).chain(moves)
}

/// The expressions that are evaluated to lay an element out.
fn laid_out_by(attr: &Attr) -> impl Iterator<Item = &Expr> {
    let mut all: Vec<&Located> = attr.body.size.iter().collect();
    all.extend(attr.body.kind.expressions());
    if let Some(Process::Xor(by) | Process::Rotate { by, .. }) = &attr.body.process {
        all.push(by);
    }
    all.into_iter().map(|it| &it.expr)
}

/// Whether an expression asks for a position, an index, the element itself, or one of some names. The
/// size of a stream is no position.
fn depends(expr: &Expr, size: Name, mut moving: impl FnMut(Name) -> bool) -> bool {
    let mut found = false;
    let (mut streams, mut sizes) = (0, 0);
    expr.each(&mut |it| match it {
        Expr::Special(Special::Io) => streams += 1,
        Expr::Special(it) => found |= matches!(it, Special::Index | Special::Item),
        Expr::Member(of, name) if *name == size && **of == Expr::Special(Special::Io) => sizes += 1,
        Expr::Field(name) | Expr::Member(_, name) | Expr::Call(_, name, _) => {
            found |= moving(*name);
        }
        _ => {}
    });
    found || streams > sizes
}
