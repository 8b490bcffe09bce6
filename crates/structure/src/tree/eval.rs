//! Evaluation of expressions, which change nothing: what they ask for is laid out and kept.

use std::sync::Arc;

use super::Tree;
use super::node::{Cursor, NodeId, State, StreamId};
use crate::expr::{Expr, Special, TypeName};
use crate::fault::{FaultKind, Result, bad, fault};
use crate::names::Name;
use crate::schema::{Member, TypeId};
use crate::value::Value;

/// Where an expression is evaluated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Env<'e> {
    /// The object whose members are in scope.
    pub(super) object: NodeId,
    /// The stream that is being laid out, and where.
    pub(super) at: Option<(StreamId, Cursor)>,
    /// The object whose field is being laid out, and the field's place in `seq`.
    pub(super) laying: Option<(NodeId, Option<usize>)>,
    /// A list of which only the first elements are there yet.
    pub(super) view: Option<(NodeId, u64)>,
    pub(super) index: Option<u64>,
    /// `_`.
    pub(super) item: Option<&'e Value>,
}

impl Env<'_> {
    /// That of an object which is asked later.
    pub(super) fn of(object: NodeId) -> Self {
        Self { object, at: None, laying: None, view: None, index: None, item: None }
    }

    /// The same when reading has come to another place. `_io.pos` follows only in the object's own stream.
    pub(super) fn moved(self, tree: &Tree, stream: StreamId, cursor: Cursor) -> Self {
        let own = tree.arena.object(self.object).is_some_and(|it| it.stream == stream);
        if own { Self { at: Some((stream, cursor)), ..self } } else { self }
    }

    fn for_object(self, object: NodeId) -> Env<'static> {
        Env { object, at: self.at, laying: self.laying, view: self.view, index: None, item: None }
    }
}

impl Tree {
    /// The value of an expression.
    pub(super) fn eval(&mut self, expr: &Expr, env: &Env<'_>) -> Result<Value> {
        self.step()?;
        match expr {
            Expr::Int(n) => Ok(Value::Int(*n)),
            Expr::TooBig(text) => bad(format!("{text} has more than 128 bits")),
            Expr::Float(n) => Ok(Value::Float(*n)),
            Expr::Bool(it) => Ok(Value::Bool(*it)),
            Expr::Str(it) => Ok(Value::Str(Arc::clone(it))),
            Expr::Field(name) => self.member(env.object, *name, env),
            Expr::Special(special) => self.special(*special, env),
            Expr::Enum(name) => match name.found {
                Some((id, number)) => Ok(Value::Enum(id, number)),
                None => bad(format!("unknown enum '{}'", name.path.join("::"))),
            },
            Expr::Not(a) => Ok(Value::Bool(!self.eval_bool(a, env)?)),
            Expr::And(a, b) => Ok(Value::Bool(self.eval_bool(a, env)? && self.eval_bool(b, env)?)),
            Expr::Or(a, b) => Ok(Value::Bool(self.eval_bool(a, env)? || self.eval_bool(b, env)?)),
            Expr::If(cond, yes, no) => {
                if self.eval_bool(cond, env)? {
                    self.eval(yes, env)
                } else {
                    self.eval(no, env)
                }
            }
            Expr::Cast(of, ty) => self.eval(of, env).and_then(|it| self.cast(it, ty)),
            Expr::SizeOf { of, bits } => self.size_of(of, *bits),
            _ => self.eval_parts(expr, env),
        }
    }

    /// The kinds whose parts are evaluated first.
    fn eval_parts(&mut self, expr: &Expr, env: &Env<'_>) -> Result<Value> {
        match expr {
            Expr::List(items) => {
                if let Some(bytes) = expr.literal_bytes() {
                    return Ok(Value::Bytes(Arc::from(bytes)));
                }
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.push(self.eval(item, env)?);
                }
                Ok(Value::Array(Arc::from(values)))
            }
            Expr::Format(parts) => self.eval_format(parts, env),
            Expr::Negate(a) => self.eval(a, env).and_then(super::operators::negate),
            Expr::Invert(a) => match self.eval(a, env)? {
                Value::Int(n) => Ok(Value::Int(!n)),
                other => bad(format!("`~` of {}", other.describe())),
            },
            Expr::Binary(op, a, b) => {
                let a = self.eval(a, env)?;
                let b = self.eval(b, env)?;
                super::operators::binary(*op, a, b)
            }
            Expr::Compare(cmp, a, b) => {
                let a = self.eval(a, env)?;
                let b = self.eval(b, env)?;
                self.compare(*cmp, &a, &b).map(Value::Bool)
            }
            Expr::Member(of, name) => {
                if let Some(value) = self.member_of_self(of, *name, env)? {
                    return Ok(value);
                }
                let of = self.eval(of, env)?;
                self.member_of(&of, *name, &[], env)
            }
            Expr::Call(of, name, arguments) => {
                let of = self.eval(of, env)?;
                let mut values = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    values.push(self.eval(argument, env)?);
                }
                self.member_of(&of, *name, &values, env)
            }
            Expr::Index(of, index) => {
                let of = self.eval(of, env)?;
                let index = self.eval(index, env)?;
                self.index(&of, &index, env)
            }
            _ => bad("an expression of no kind"),
        }
    }

    fn eval_format(&mut self, parts: &[Expr], env: &Env<'_>) -> Result<Value> {
        let mut text = String::new();
        for part in parts {
            let value = self.eval(part, env)?;
            text.push_str(&self.to_text(&value)?);
            super::operators::check_len(text.len())?;
        }
        Ok(Value::Str(Arc::from(text)))
    }

    pub(super) fn eval_bool(&mut self, expr: &Expr, env: &Env<'_>) -> Result<bool> {
        match self.eval(expr, env)? {
            Value::Bool(it) => Ok(it),
            other => bad(format!("{} where a boolean is needed", other.describe())),
        }
    }

    fn special(&mut self, special: Special, env: &Env<'_>) -> Result<Value> {
        let object = self.object(env.object)?;
        match special {
            Special::Root => Ok(object_or_null(object.root)),
            Special::Parent => match object.up {
                Some(up) => Ok(Value::Object(up)),
                None => Ok(Value::Null),
            },
            Special::Io => Ok(Value::Stream(object.stream, env.object)),
            Special::Index => match env.index {
                Some(index) => Ok(Value::Int(i128::from(index))),
                None => bad("`_index` outside of a repetition"),
            },
            Special::Item => match env.item {
                Some(item) => Ok(item.clone()),
                None => bad("`_` outside of `repeat-until` and `valid`"),
            },
            Special::SizeOf => self.size_of_type(object.ty, false),
            Special::IsLe => {
                let order = self.decide_order(env.object)?;
                Ok(Value::Bool(order == Some(crate::schema::Order::Le)))
            }
        }
    }

    /// The value of a member of an object.
    pub(super) fn member(&mut self, object: NodeId, name: Name, env: &Env<'_>) -> Result<Value> {
        let ty = self.object(object)?.ty;
        match self.schema.ty(ty).members.get(&name).copied() {
            Some(Member::Param(at)) => match self.object(object)?.arguments.get(at) {
                Some(value) => Ok(value.clone()),
                None => bad(format!("no argument is given for `{}`", self.names.text(name))),
            },
            Some(Member::Seq(at)) => {
                self.check_visible(object, at, env)?;
                let node = self.field(object, at)?;
                self.value(node)
            }
            Some(Member::Instance(at)) => {
                let node = self.instance(object, at, &env.for_object(object))?;
                self.value(node)
            }
            None => bad(self.no_member(ty, name)),
        }
    }

    fn no_member(&self, ty: TypeId, name: Name) -> String {
        let definition = self.schema.ty(ty);
        let text = self.names.text(name);
        let known = definition.members.keys().map(|it| self.names.text(*it));
        let hint = crate::schema::near(text, known)
            .map_or_else(String::new, |it| format!("; did you mean {it:?}?"));
        format!("unknown field {text:?} of {}{hint}", definition.path)
    }

    /// Fails for a field that is not read yet where the expression stands, though it may be by now: what
    /// an expression means does not depend on when it is asked.
    fn check_visible(&self, object: NodeId, at: usize, env: &Env<'_>) -> Result<()> {
        let Some((mut below, place)) = env.laying else { return Ok(()) };
        let mut now = if below == object { place } else { None };
        while below != object {
            let place = self.place_in_seq(below);
            let owner = self.owner(below);
            if owner == NodeId::NONE {
                return Ok(());
            }
            below = owner;
            now = place;
        }
        let Some(now) = now else { return Ok(()) };
        let repeated = at == now && self.is_repeated(object, at);
        if at < now || repeated {
            return Ok(());
        }
        let definition = self.schema.ty(self.object(object)?.ty);
        let name = |place: usize| {
            definition
                .seq
                .get(place)
                .map_or("", |it| self.schema.names.text(self.schema.attr(*it).name))
        };
        if at == now {
            return fault(
                FaultKind::Later,
                format!("`{}` is asked for while it is read", name(at)),
            );
        }
        fault(FaultKind::Later, format!("`{}` is read after `{}`", name(at), name(now)))
    }

    fn is_repeated(&self, object: NodeId, at: usize) -> bool {
        let Some(object) = self.arena.object(object) else { return false };
        let attr = self.schema.ty(object.ty).seq.get(at).map(|it| self.schema.attr(*it));
        attr.is_some_and(|it| !matches!(it.repeat, crate::schema::Repeat::No))
    }

    /// The place in `seq` of the field that a node is, or is an element of. `None` for an instance.
    pub(super) fn place_in_seq(&self, id: NodeId) -> Option<usize> {
        match self.schema.attr(self.arena.get(id).attr?).role {
            crate::schema::Role::Seq(at) => Some(at),
            _ => None,
        }
    }

    /// How many elements of a list are there where the expression stands.
    pub(super) fn visible(&self, list: NodeId, env: &Env<'_>) -> Option<u64> {
        if let Some((_, count)) = env.view.filter(|it| it.0 == list) {
            return Some(count);
        }
        let (mut at, _) = env.laying?;
        while at != NodeId::NONE {
            let node = self.arena.get(at);
            if node.parent == list {
                return node.index;
            }
            at = node.parent;
        }
        None
    }

    fn cast(&mut self, value: Value, ty: &TypeName) -> Result<Value> {
        let (Value::Object(id), Some(wanted)) = (&value, ty.found) else {
            return Ok(value);
        };
        let found = self.object(*id)?.ty;
        if found != wanted && !ty.array {
            let name = |it: TypeId| self.schema.ty(it).path.clone();
            return bad(format!("the object is a {}, not a {}", name(found), name(wanted)));
        }
        Ok(value)
    }

    fn size_of(&mut self, of: &TypeName, bits: bool) -> Result<Value> {
        if let Some(ty) = of.found {
            return self.size_of_type(ty, bits);
        }
        let name = of.path.first().map_or("", String::as_str);
        let width = name
            .trim_end_matches("le")
            .trim_end_matches("be")
            .get(1..)
            .and_then(|it| it.parse::<i128>().ok());
        match width {
            Some(n) if name.starts_with('b') => Ok(Value::Int(if bits { n } else { (n + 7) / 8 })),
            Some(n) => Ok(Value::Int(if bits { 8 * n } else { n })),
            None => bad(format!("`sizeof` of {name}")),
        }
    }

    pub(super) fn size_of_type(&self, ty: TypeId, bits: bool) -> Result<Value> {
        let definition = self.schema.ty(ty);
        match definition.fixed_bits {
            Some(size) => Ok(Value::Int(i128::from(if bits { size } else { size.div_ceil(8) }))),
            None => bad(format!("the size of {} depends on the file", definition.path)),
        }
    }

    /// `field._sizeof` and `field._io`: of the field itself, without its value.
    fn member_of_self(&mut self, of: &Expr, name: Name, env: &Env<'_>) -> Result<Option<Value>> {
        if self.names.text(name) != "_sizeof" {
            return Ok(None);
        }
        let node = match of {
            Expr::Field(field) => self.node_of(env.object, *field, env)?,
            Expr::Member(outer, field) => match self.eval(outer, env)? {
                Value::Object(object) => self.node_of(object, *field, env)?,
                _ => None,
            },
            _ => None,
        };
        let Some(node) = node else { return Ok(None) };
        if let State::Object(object) = &self.arena.get(node).state
            && !object.owns_stream
        {
            let ty = object.ty;
            return self.size_of_type(ty, false).map(Some);
        }
        let node = self.arena.get(node);
        Ok(Some(Value::Int(i128::from(node.len))))
    }

    pub(super) fn node_of(
        &mut self,
        object: NodeId,
        name: Name,
        env: &Env<'_>,
    ) -> Result<Option<NodeId>> {
        let ty = self.object(object)?.ty;
        Ok(match self.schema.ty(ty).members.get(&name).copied() {
            Some(Member::Seq(at)) => {
                self.check_visible(object, at, env)?;
                Some(self.field(object, at)?)
            }
            Some(Member::Instance(at)) => {
                Some(self.instance(object, at, &env.for_object(object))?)
            }
            _ => None,
        })
    }
}

/// A node as a value, which an object of another description does not have.
pub(super) fn object_or_null(id: NodeId) -> Value {
    if id == NodeId::NONE { Value::Null } else { Value::Object(id) }
}
