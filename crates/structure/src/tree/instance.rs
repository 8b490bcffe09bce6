//! Instances: calculated, or read from somewhere; once, when they are asked for.

use std::sync::Arc;

use super::Tree;
use super::begin::Spot;
use super::eval::Env;
use super::node::{Cursor, Kept, Node, NodeId, State, StreamId};
use crate::fault::{Fault, FaultKind, Result, Trouble, bad, fault};
use crate::schema::{Attr, AttrId, Repeat, Role};
use crate::value::Value;

impl Tree {
    /// The node of an instance.
    pub(super) fn instance(&mut self, object: NodeId, at: usize, env: &Env<'_>) -> Result<NodeId> {
        if let Some(node) = self.object(object)?.instances.get(at).copied().flatten() {
            return Ok(node);
        }
        let own = self.object(object)?.stream;
        let id = self.attr_of(object, at)?;
        if self.schema.attr(id).moves
            && !(env.at.is_some_and(|it| it.0 == own) && self.is_laid_within(object, env))
            && !self.object(object)?.busy
        {
            // What its fields make of it comes first, as they were read before anything outside could ask.
            self.deeper(|tree| tree.finish_object(object))?;
            if let Some(node) = self.object(object)?.instances.get(at).copied().flatten() {
                return Ok(node);
            }
        }
        if self.asking.contains(&(object, at)) {
            return fault(FaultKind::Circle, self.circle(object, at));
        }
        if self.budget.instances >= self.limits.instances {
            let message =
                format!("instances that ask for each other deeper than {}", self.limits.instances);
            return fault(FaultKind::Depth, message);
        }
        self.check_stack()?;
        self.asking.push((object, at));
        self.budget.instances += 1;
        let result = self.make_instance(object, at, env);
        self.budget.instances -= 1;
        self.asking.pop();
        let result = result.map_err(|it| it.at(|| self.path_of_instance(object, at)));
        let node = match result {
            Ok(node) => node,
            Err(Trouble::Fault(fault)) if Self::is_lasting(&fault) => {
                self.failed_instance(object, at, fault)?
            }
            Err(trouble) => return Err(trouble),
        };
        if let Some(slot) = self.arena.object_mut(object).and_then(|it| it.instances.get_mut(at)) {
            *slot = Some(node);
        }
        Ok(node)
    }

    /// Whether a field is being laid out that is in an object.
    fn is_laid_within(&self, object: NodeId, env: &Env<'_>) -> bool {
        let mut id = env.laying.map_or(NodeId::NONE, |it| it.0);
        while id != object && id != NodeId::NONE {
            id = self.arena.get(id).parent;
        }
        id == object
    }

    /// The chain of instances that leads back to one.
    fn circle(&self, object: NodeId, at: usize) -> String {
        let from = self.asking.iter().position(|it| *it == (object, at)).unwrap_or(0);
        let chain: Vec<String> = self
            .asking
            .iter()
            .skip(from)
            .map(|(it, place)| self.path_of_instance(*it, *place))
            .collect();
        let first = self.path_of_instance(object, at);
        format!("it asks for itself: {} › {first}", chain.join(" › "))
    }

    fn attr_of(&self, object: NodeId, at: usize) -> Result<AttrId> {
        let ty = self.object(object)?.ty;
        match self.schema.ty(ty).instances.get(at) {
            Some(id) => Ok(*id),
            None => bad("no such instance"),
        }
    }

    fn make_instance(&mut self, object: NodeId, at: usize, env: &Env<'_>) -> Result<NodeId> {
        let id = self.attr_of(object, at)?;
        let schema = Arc::clone(&self.schema);
        let attr = schema.attr(id);
        if let Some(cond) = &attr.cond
            && !self.eval_bool(&cond.expr, env)?
        {
            return Ok(self.unplaced(object, id, State::Absent));
        }
        if let Role::Value(value) = &attr.role {
            let value = self.eval(&value.expr, env)?;
            let value = named(attr, value);
            self.pin(&value, object);
            let node = self.unplaced(object, id, State::Value(value));
            return Ok(node);
        }
        self.decide_order(object)?;
        let (stream, cursor) = self.place_of(object, attr, env)?;
        let env = env.moved(self, stream, cursor);
        let spot = Spot { parent: object, index: None, stream, cursor, size: None };
        if !matches!(attr.repeat, Repeat::No) {
            return Ok(self.begin_list(id, spot, &env)?.0);
        }
        let (node, end) = self.begin(id, spot, &env)?;
        if self.strict {
            let forced = self.deeper(|tree| tree.force(node));
            if let Err(trouble) = forced {
                self.drop_node(node);
                return Err(trouble);
            }
        } else if end.is_some() {
            self.check_new(node)?;
        }
        Ok(node)
    }

    /// Where an instance is read.
    fn place_of(
        &mut self,
        object: NodeId,
        attr: &Attr,
        env: &Env<'_>,
    ) -> Result<(StreamId, Cursor)> {
        let own = self.object(object)?.stream;
        let stream = match &attr.io {
            None => own,
            Some(io) => match self.eval(&io.expr, env)? {
                Value::Stream(stream, _) => stream,
                other => return bad(format!("`io` is {}, not a stream", other.describe())),
            },
        };
        let bounds = self.stream(stream);
        if let Some(pos) = &attr.pos {
            return match self.eval(&pos.expr, env)? {
                Value::Int(n) => match u64::try_from(n) {
                    Ok(n) => Ok((stream, Cursor::at(bounds.start.saturating_add(n)))),
                    Err(_) if n < 0 => bad(format!("position {n}")),
                    Err(_) => fault(FaultKind::EndOfStream, format!("position {n}")),
                },
                other => bad(format!("`pos` is {}, not an integer", other.describe())),
            };
        }
        match env.at {
            Some((at, cursor)) if at == stream => Ok((stream, cursor)),
            _ if stream == own => {
                let end = self.deeper(|tree| tree.finish_object(object))?;
                Ok((stream, end))
            }
            _ => Ok((stream, Cursor::at(bounds.start))),
        }
    }

    fn unplaced(&mut self, object: NodeId, attr: AttrId, state: State) -> NodeId {
        let stream = self.arena.object(object).map_or(StreamId::FILE, |it| it.stream);
        self.arena.add(Node {
            parent: object,
            attr: Some(attr),
            index: None,
            stream,
            start: 0,
            len: 0,
            placed: false,
            pinned: false,
            epoch: self.epoch,
            state,
            kept: None::<Box<Kept>>,
            problem: None,
            checked: false,
        })
    }

    fn failed_instance(&mut self, object: NodeId, at: usize, fault: Arc<Fault>) -> Result<NodeId> {
        let id = self.attr_of(object, at)?;
        Ok(self.unplaced(object, id, State::Failed(fault)))
    }
}

/// An integer as a member of the enum of its attribute.
pub(super) fn named(attr: &Attr, value: Value) -> Value {
    match (attr.body.enumeration.as_ref().and_then(|it| it.found), value) {
        (Some(id), Value::Int(n)) => Value::Enum(id, n),
        (Some(id), Value::Bool(it)) => Value::Enum(id, i128::from(it)),
        (_, value) => value,
    }
}
