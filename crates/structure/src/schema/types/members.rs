//! The types of members: parameters, fields, instances, and the object around.

use super::infer::Scene;
use super::ty::Ty;
use super::{Memo, Types, Use};
use crate::expr::Expr;
use crate::schema::{
    Attr, AttrId, Body, Kind, Member, Param, ParamType, Parent, Repeat, Role, TypeId,
};

impl Types<'_> {
    /// What a field or an instance is: a list if it is repeated.
    pub(super) fn attribute(&mut self, id: AttrId) -> Ty {
        let loader = self.loader;
        let attr = &loader.attrs[id.0];
        if let Role::Value(_) = attr.role {
            return self.instance(id);
        }
        let element = one(attr);
        if matches!(attr.repeat, Repeat::No) { element } else { Ty::list(element) }
    }

    /// The type of an instance that is calculated. Those of its own object that it asks for come first,
    /// by an explicit stack: a chain of them may be as long as a description.
    fn instance(&mut self, first: AttrId) -> Ty {
        let loader = self.loader;
        let mut stack = vec![first];
        while let Some(&id) = stack.last() {
            match self.memo[id.0] {
                Memo::New => {
                    self.memo[id.0] = Memo::Waiting;
                    let attr = &loader.attrs[id.0];
                    if let Role::Value(value) = &attr.role {
                        self.push_asked(&value.expr, attr.owner, &mut stack);
                    }
                }
                Memo::Waiting => {
                    self.memo[id.0] = Memo::Busy;
                    let found = self.value(&loader.attrs[id.0]);
                    self.memo[id.0] = Memo::Done(found);
                    stack.pop();
                }
                // One that asks for itself, which is a mistake of its own at run time.
                Memo::Busy | Memo::Done(_) => {
                    stack.pop();
                }
            }
        }
        match &self.memo[first.0] {
            Memo::Done(found) => found.clone(),
            Memo::New | Memo::Waiting | Memo::Busy => Ty::Unknown,
        }
    }

    /// Pushes the instances of the same object that an expression asks for.
    fn push_asked(&self, expr: &Expr, owner: TypeId, stack: &mut Vec<AttrId>) {
        let ty = &self.loader.types[owner.0];
        expr.each(&mut |it| {
            let Expr::Field(name) = it else { return };
            if let Some(Member::Instance(at)) = ty.members.get(name) {
                let id = ty.instances[*at];
                let calculated = matches!(self.loader.attrs[id.0].role, Role::Value(_));
                if calculated && matches!(self.memo[id.0], Memo::New) {
                    stack.push(id);
                }
            }
        });
    }

    fn value(&mut self, attr: &Attr) -> Ty {
        let Role::Value(value) = &attr.role else { return Ty::Unknown };
        let found = match self.infer(&value.expr, &Scene::of(attr.owner)) {
            Ok(found) => found,
            Err(message) => {
                self.problem(attr.owner, value.at, &value.path, message);
                return Ty::Unknown;
            }
        };
        let Some(name) = &attr.body.enumeration else { return found };
        if !found.may_be(&Ty::Int) {
            let message =
                format!("an enum names integers, and the value is {}", self.describe(&found));
            self.problem(attr.owner, name.at, &name.path, message);
            return Ty::Unknown;
        }
        name.found.map_or(Ty::Unknown, Ty::Enum)
    }

    /// `_root`: the object on top of the description that a type stands in.
    pub(super) fn root_of(&self, id: TypeId) -> Ty {
        let file = self.loader.types[id.0].file;
        self.loader.files.get(file).and_then(|it| it.top).map_or(Ty::AnyObject, Ty::Object)
    }

    /// `_parent`: the type whose field an object is. It is certain only if one type of the same
    /// description alone has such fields.
    pub(super) fn parent_of(&mut self, id: TypeId) -> Ty {
        match &self.parents[id.0] {
            Memo::Done(found) => return found.clone(),
            Memo::Busy | Memo::Waiting => return Ty::Unknown,
            Memo::New => {}
        }
        self.parents[id.0] = Memo::Busy;
        let uses = std::mem::take(&mut self.uses[id.0]);
        let mut parent: Option<Ty> = None;
        for it in uses {
            let its = match it {
                Use::Field(owner) => Ty::Object(owner),
                Use::Said(expr, owner) => match self.infer(expr, &Scene::of(owner)) {
                    Ok(found) if found.is_object() => found,
                    _ => Ty::Unknown,
                },
            };
            parent = Some(match parent {
                Some(parent) => parent.common(&its).unwrap_or(Ty::Unknown),
                None => its,
            });
        }
        let parent = parent.unwrap_or(Ty::AnyObject);
        self.parents[id.0] = Memo::Done(parent.clone());
        parent
    }

    /// Notes which types each type is used in. What another description does with a type says nothing
    /// about it: the description is complete without.
    pub(super) fn note_uses(&mut self) {
        let loader = self.loader;
        for attr in &loader.attrs {
            let mut note = |kind: &Kind| {
                let Kind::User(user) = kind else { return };
                let Some(id) = user.found else { return };
                if loader.types[id.0].file != loader.types[attr.owner.0].file {
                    return;
                }
                match &attr.body.parent {
                    Parent::Owner => self.uses[id.0].push(Use::Field(attr.owner)),
                    Parent::None => {}
                    Parent::Other(it) => self.uses[id.0].push(Use::Said(&it.expr, attr.owner)),
                }
            };
            match &attr.body.kind {
                Kind::Switch(switch) => switch.cases.iter().for_each(|it| note(&it.kind)),
                kind => note(kind),
            }
        }
    }
}

/// What a parameter is.
pub(super) fn parameter(param: &Param) -> Ty {
    match &param.enumeration {
        Some(name) => name.found.map_or(Ty::Unknown, Ty::Enum),
        None => of_parameter(&param.kind),
    }
}

/// What one element of a field is.
pub(super) fn one(attr: &Attr) -> Ty {
    match &attr.body.enumeration {
        Some(name) => name.found.map_or(Ty::Unknown, Ty::Enum),
        None => of_body(&attr.body),
    }
}

/// What a parameter is, without an enum.
pub(super) fn of_parameter(kind: &ParamType) -> Ty {
    match kind {
        ParamType::Bytes => Ty::Bytes,
        ParamType::Int => Ty::Int,
        ParamType::Float => Ty::Float,
        ParamType::Bool => Ty::Bool,
        ParamType::Str => Ty::Str,
        ParamType::Struct => Ty::AnyObject,
        ParamType::Io => Ty::Stream,
        ParamType::Any => Ty::Unknown,
        ParamType::User(_, found) => found.map_or(Ty::Unknown, Ty::Object),
        ParamType::List(of) => Ty::list(of_parameter(of)),
    }
}

fn of_body(body: &Body) -> Ty {
    match &body.kind {
        Kind::Switch(switch) => {
            let mut cases = switch.cases.iter().map(|it| of_kind(&it.kind));
            let Some(first) = cases.next() else { return Ty::Unknown };
            let sized = body.size.is_some() || body.size_eos;
            // What no case takes stays bytes.
            let rest = (switch.other.is_none() && sized).then_some(Ty::Bytes);
            cases.chain(rest).fold(first, |all, it| all.common(&it).unwrap_or(Ty::Unknown))
        }
        kind => of_kind(kind),
    }
}

/// What a value of a kind is, without an enum.
pub(super) fn of_kind(kind: &Kind) -> Ty {
    match kind {
        Kind::Bytes => Ty::Bytes,
        Kind::Str(_) => Ty::Str,
        Kind::Bits { width: 1, .. } => Ty::Bool,
        Kind::Int { .. } | Kind::Bits { .. } => Ty::Int,
        Kind::Float { .. } => Ty::Float,
        Kind::User(user) => user.found.map_or(Ty::Unknown, Ty::Object),
        Kind::Switch(_) => Ty::Unknown,
    }
}
