//! Types whose size is the same for every object, and types that can have no end.

use super::load::Loader;
use super::reader::Scope;
use super::{Attr, AttrId, Body, Endian, Kind, Repeat, Schema, TypeId};
use crate::expr::Expr;

/// What is known of a type while sizes are worked out.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    New,
    /// Its own size is being asked for.
    Busy,
    Done,
}

impl Loader<'_> {
    pub(super) fn fix_sizes(&mut self) {
        let mut marks = vec![Mark::New; self.types.len()];
        for number in 0..self.types.len() {
            self.fix_type(TypeId(number), &mut marks);
        }
        self.refuse_endless();
        for number in 0..self.attrs.len() {
            let attr = &self.attrs[number];
            let empty = matches!(attr.repeat, Repeat::Eos) && self.body_bits(&attr.body) == Some(0);
            if empty {
                let (at, path, file) = (attr.at, attr.path.clone(), self.types[attr.owner.0].file);
                self.file = file;
                let message =
                    "an element of 0 bytes, repeated to the end of the stream, never ends";
                self.error(at, &Scope::at(path), message);
            }
        }
    }

    /// Works out a type and those that it is made of. The types in it are at most as many as there are,
    /// so an explicit stack holds them.
    fn fix_type(&mut self, first: TypeId, marks: &mut [Mark]) {
        let mut stack = vec![first];
        while let Some(&id) = stack.last() {
            match marks[id.0] {
                Mark::New => {
                    marks[id.0] = Mark::Busy;
                    for user in
                        self.types[id.0].seq.iter().flat_map(|it| users_of(&self.attrs[it.0]))
                    {
                        if marks[user.0] == Mark::New {
                            stack.push(user);
                        }
                    }
                }
                Mark::Busy => {
                    marks[id.0] = Mark::Done;
                    self.types[id.0].fixed_bits = self.sum(id);
                    self.types[id.0].is_short = self.is_short(id);
                    stack.pop();
                }
                Mark::Done => {
                    stack.pop();
                }
            }
        }
    }

    /// A type that contains itself is not short: its size is not known when it is asked for.
    fn is_short(&self, id: TypeId) -> bool {
        self.types[id.0].seq.iter().all(|&AttrId(number)| {
            let attr = &self.attrs[number];
            let sized =
                attr.body.size.is_some() || attr.body.size_eos || attr.body.terminator.is_some();
            match attr.repeat {
                Repeat::No => sized || users_of(attr).iter().all(|it| self.types[it.0].is_short),
                Repeat::Count(_) | Repeat::Eos => self.body_bits(&attr.body).is_some(),
                Repeat::Until(_) => false,
            }
        })
    }

    fn sum(&self, id: TypeId) -> Option<u64> {
        let this = &self.types[id.0];
        if matches!(this.endian, Endian::Switch { .. }) {
            return None;
        }
        let mut total: u64 = 0;
        for &AttrId(number) in &this.seq {
            let attr = &self.attrs[number];
            if attr.align {
                total = total.checked_next_multiple_of(8)?;
            }
            total = total.checked_add(self.attr_bits(attr)?)?;
        }
        Some(total)
    }

    fn attr_bits(&self, attr: &Attr) -> Option<u64> {
        if attr.cond.is_some() {
            return None;
        }
        let one = self.body_bits(&attr.body)?;
        match &attr.repeat {
            Repeat::No => Some(one),
            Repeat::Count(count) => match count.expr {
                Expr::Int(n) => one.checked_mul(u64::try_from(n).ok()?),
                _ => None,
            },
            Repeat::Eos | Repeat::Until(_) => None,
        }
    }

    /// The bits of one element, where they do not depend on the file.
    pub(super) fn body_bits(&self, body: &Body) -> Option<u64> {
        if let Some(size) = &body.size {
            return match size.expr {
                Expr::Int(n) => u64::try_from(n).ok()?.checked_mul(8),
                _ => None,
            };
        }
        if body.size_eos {
            return None;
        }
        if let Some(contents) = &body.contents {
            return Some(8 * u64::try_from(contents.len()).ok()?);
        }
        match &body.kind {
            _ if body.terminator.is_some() => None,
            Kind::Int { width, .. } | Kind::Float { width, .. } => Some(8 * u64::from(*width)),
            Kind::Bits { width, .. } => Some(u64::from(*width)),
            Kind::User(user) => self.types[user.found?.0].fixed_bits,
            Kind::Bytes | Kind::Str(_) | Kind::Switch(_) => None,
        }
    }

    /// Refuses types that contain themselves with no byte read and no condition between. Each type is
    /// followed once: one that was met in an earlier walk leads nowhere new.
    fn refuse_endless(&mut self) {
        let mut met_in = vec![None; self.types.len()];
        for walk in 0..self.types.len() {
            let mut at = Some(TypeId(walk));
            while let Some(id) = at.filter(|it| met_in[it.0].is_none()) {
                met_in[id.0] = Some(walk);
                at = self.first_inner(id);
            }
            let Some(first) = at.filter(|it| met_in[it.0] == Some(walk)) else { continue };
            let mut id = first;
            loop {
                let ty = &self.types[id.0];
                let (place, scope) = (ty.at, Scope::at(ty.place_path.clone()));
                self.file = ty.file;
                self.error(
                    place,
                    &scope,
                    "the type contains itself, and nothing is read before it does",
                );
                match self.first_inner(id).filter(|it| *it != first) {
                    Some(next) => id = next,
                    None => break,
                }
            }
        }
    }

    /// The type that an object surely begins with, before a byte is read.
    fn first_inner(&self, id: TypeId) -> Option<TypeId> {
        for &AttrId(number) in &self.types[id.0].seq {
            let attr = &self.attrs[number];
            if self.attr_bits(attr) == Some(0) {
                continue;
            }
            let plain = attr.cond.is_none() && matches!(attr.repeat, Repeat::No);
            let sized = attr.body.size.is_some() || attr.body.size_eos;
            return if plain && !sized { user_of(attr) } else { None };
        }
        None
    }
}

impl Schema {
    /// The bytes of an attribute, where they do not depend on the file.
    pub(crate) fn fixed_bytes(&self, attr: &Attr) -> Option<u64> {
        let body = &attr.body;
        let bits = match (&body.size, &body.contents, &body.kind) {
            (Some(size), _, _) => match size.expr {
                Expr::Int(n) => u64::try_from(n).ok()?.checked_mul(8)?,
                _ => return None,
            },
            (None, Some(contents), _) => 8 * u64::try_from(contents.len()).ok()?,
            _ if body.size_eos || body.terminator.is_some() => return None,
            (_, _, Kind::Int { width, .. } | Kind::Float { width, .. }) => 8 * u64::from(*width),
            (_, _, Kind::User(user)) => self.ty(user.found?).fixed_bits?,
            _ => return None,
        };
        (bits % 8 == 0).then_some(bits / 8)
    }
}

/// The types that an attribute may be of.
fn users_of(attr: &Attr) -> Vec<TypeId> {
    match &attr.body.kind {
        Kind::User(user) => user.found.into_iter().collect(),
        Kind::Switch(switch) => {
            let all = switch.cases.iter().filter_map(|it| match &it.kind {
                Kind::User(user) => user.found,
                _ => None,
            });
            all.collect()
        }
        _ => Vec::new(),
    }
}

fn user_of(attr: &Attr) -> Option<TypeId> {
    match &attr.body.kind {
        Kind::User(user) => user.found,
        _ => None,
    }
}
