//! Objects: their fields, laid out in the order of `seq`.

use std::sync::Arc;

use super::Tree;
use super::begin::Spot;
use super::eval::Env;
use super::node::{Base, Cursor, Kept, Node, NodeId, Object, State, Stream, StreamId};
use crate::fault::{Fault, FaultKind, Result, Trouble, bad, fault};
use crate::schema::{Endian, Order, Repeat, TypeId};
use crate::value::Value;

impl Tree {
    pub(super) fn make_root(&mut self) -> NodeId {
        let ty = self.schema.root;
        let len = self.blocks.len();
        let root = self.arena.add(Node {
            parent: NodeId::NONE,
            attr: None,
            index: None,
            stream: StreamId::FILE,
            start: 0,
            len,
            placed: true,
            pinned: true,
            epoch: self.epoch,
            state: State::Unread,
            kept: None,
            problem: None,
            checked: true,
        });
        let object = self.new_object(ty, (StreamId::FILE, false), Cursor::at(0), root, None);
        self.arena.get_mut(root).state = State::Object(Box::new(object));
        root
    }

    pub(super) fn new_object(
        &self,
        ty: TypeId,
        (stream, owns_stream): (StreamId, bool),
        cursor: Cursor,
        root: NodeId,
        up: Option<NodeId>,
    ) -> Object {
        let definition = self.schema.ty(ty);
        Object {
            ty,
            stream,
            owns_stream,
            root,
            up,
            order: match definition.endian {
                Endian::Known(order) => Some(order),
                _ => None,
            },
            arguments: Vec::new(),
            fields: Vec::new(),
            cursor: Some(cursor),
            instances: vec![None; definition.instances.len()],
            busy: false,
            failed: None,
            search: None,
        }
    }

    pub(super) fn object(&self, id: NodeId) -> Result<&Object> {
        match self.arena.object(id) {
            Some(object) => Ok(object),
            None => bad("no object is here any more"),
        }
    }

    /// The object that a node is in, past the list that it may be an element of.
    pub(super) fn owner(&self, id: NodeId) -> NodeId {
        let parent = self.arena.get(id).parent;
        match self.arena.list(parent) {
            Some(list) => list.owner,
            None => parent,
        }
    }

    /// Lays out the fields of an object up to one, and says which node it is.
    pub(super) fn field(&mut self, id: NodeId, at: usize) -> Result<NodeId> {
        loop {
            let object = self.object(id)?;
            if let Some(&field) = object.fields.get(at) {
                return Ok(field);
            }
            if at >= self.schema.ty(object.ty).seq.len() {
                return bad("no such field");
            }
            self.lay_next(id)?;
        }
    }

    /// Lays out all fields: the place after the object.
    pub(super) fn finish_object(&mut self, id: NodeId) -> Result<Cursor> {
        loop {
            let object = self.object(id)?;
            if object.fields.len() == self.schema.ty(object.ty).seq.len() {
                return self.cursor_of(id);
            }
            self.lay_next(id)?;
        }
    }

    /// Where the next field begins, which may be after one that must be walked to its end.
    fn cursor_of(&mut self, id: NodeId) -> Result<Cursor> {
        let object = self.object(id)?;
        if let Some(cursor) = object.cursor {
            return Ok(cursor);
        }
        if let Some(fault) = &object.failed {
            return Err(Trouble::Fault(Arc::clone(fault)));
        }
        let Some(&last) = object.fields.last() else { return bad("an object without a beginning") };
        let busy = object.busy;
        if busy {
            return self.is_later(id);
        }
        self.set_busy(id, true);
        let end = self.deeper(|tree| tree.finish(last));
        self.set_busy(id, false);
        match end {
            Ok(end) => {
                if let Some(object) = self.arena.object_mut(id) {
                    object.cursor = Some(end);
                }
                self.set_end(id, end);
                Ok(end)
            }
            Err(trouble) => Err(self.fail_object(id, trouble)),
        }
    }

    /// Notes how far an object that has no size of its own reaches.
    fn set_end(&mut self, id: NodeId, end: Cursor) {
        let owns = self.arena.object(id).is_some_and(|it| it.owns_stream);
        let node = self.arena.get_mut(id);
        if !owns && node.parent != NodeId::NONE {
            node.len = end.pos.saturating_sub(node.start);
        }
    }

    fn set_busy(&mut self, id: NodeId, busy: bool) {
        if let Some(object) = self.arena.object_mut(id) {
            object.busy = busy;
        }
    }

    /// Keeps a mistake that ends the object.
    fn fail_object(&mut self, id: NodeId, trouble: Trouble) -> Trouble {
        if let Trouble::Fault(fault) = &trouble
            && Self::is_lasting(fault)
            && let Some(object) = self.arena.object_mut(id)
        {
            object.failed = Some(Arc::clone(fault));
        }
        trouble
    }

    /// Whether a mistake is the same however it was come upon.
    pub(super) fn is_lasting(fault: &Fault) -> bool {
        !matches!(fault.kind, FaultKind::Depth | FaultKind::Circle | FaultKind::Later)
    }

    fn is_later<T>(&self, id: NodeId) -> Result<T> {
        let object = self.object(id)?;
        let seq = &self.schema.ty(object.ty).seq;
        let name = |at: usize| {
            seq.get(at).map_or("", |it| self.schema.names.text(self.schema.attr(*it).name))
        };
        let now = if object.cursor.is_some() {
            object.fields.len()
        } else {
            object.fields.len().saturating_sub(1)
        };
        fault(
            FaultKind::Later,
            format!("a field that is read after `{}` is asked for while that is read", name(now)),
        )
    }

    /// Lays out the next field.
    fn lay_next(&mut self, id: NodeId) -> Result<()> {
        let object = self.object(id)?;
        if let Some(fault) = &object.failed {
            return Err(Trouble::Fault(Arc::clone(fault)));
        }
        if object.busy {
            return self.is_later(id);
        }
        let cursor = self.cursor_of(id)?;
        self.set_busy(id, true);
        let result = self.lay(id, cursor);
        self.set_busy(id, false);
        let strict = self.strict;
        match result {
            Ok((node, end)) => {
                if let Some(object) = self.arena.object_mut(id) {
                    object.fields.push(node);
                    object.cursor = end;
                }
                if end.is_some_and(|it| it != cursor) {
                    self.moved += 1;
                }
                if let Some(end) = end {
                    self.set_end(id, end);
                }
                if strict { self.force_field(id, node) } else { Ok(()) }
            }
            Err(trouble) => {
                let at = self.arena.object(id).map_or(0, |it| it.fields.len());
                let trouble = trouble.at(|| self.path_of_field(id, at));
                Err(self.fail_object(id, trouble))
            }
        }
    }

    fn force_field(&mut self, id: NodeId, node: NodeId) -> Result<()> {
        self.set_busy(id, true);
        let result = self.deeper(|tree| tree.force(node));
        self.set_busy(id, false);
        result.map_err(|trouble| self.fail_object(id, trouble))
    }

    fn lay(&mut self, id: NodeId, cursor: Cursor) -> Result<(NodeId, Option<Cursor>)> {
        let schema = Arc::clone(&self.schema);
        let object = self.object(id)?;
        let (ty, stream, at) = (object.ty, object.stream, object.fields.len());
        self.decide_order(id)?;
        let Some(&attr_id) = schema.ty(ty).seq.get(at) else { return bad("no such field") };
        let attr = schema.attr(attr_id);
        let cursor = if attr.align { cursor.aligned() } else { cursor };
        let env = Env { at: Some((stream, cursor)), laying: Some((id, Some(at))), ..Env::of(id) };
        let spot = Spot { parent: id, index: None, stream, cursor, size: None };
        if let Some(cond) = &attr.cond
            && !self.eval_bool(&cond.expr, &env)?
        {
            let node = self.add_node(attr_id, spot, 0, State::Absent, Kept::default())?;
            return Ok((node, Some(cursor)));
        }
        if matches!(attr.repeat, Repeat::No) {
            let (node, end) = self.begin(attr_id, spot, &env)?;
            if end.is_some() && !self.strict {
                self.check_new(node)?;
            }
            return Ok((node, end));
        }
        self.begin_list(attr_id, spot, &env)
    }

    /// Decides the order of bytes of an object, by its `switch-on` or by the object around it.
    pub(super) fn decide_order(&mut self, id: NodeId) -> Result<Option<Order>> {
        let object = self.object(id)?;
        if object.order.is_some() {
            return Ok(object.order);
        }
        let schema = Arc::clone(&self.schema);
        let ty = object.ty;
        let order = match &schema.ty(ty).endian {
            Endian::Missing => return Ok(None),
            Endian::Known(order) => Some(*order),
            Endian::Inherit => {
                let owner = self.owner(id);
                if owner == NodeId::NONE { None } else { self.decide_order(owner)? }
            }
            Endian::Switch { on, cases, other } => {
                let was = self.object(id)?.busy;
                self.set_busy(id, true);
                let order = self.order_by(id, on, cases, *other);
                self.set_busy(id, was);
                match order {
                    Err(Trouble::Fault(it)) if it.kind == FaultKind::Later => {
                        let message = "the order of bytes is asked for while it is being decided";
                        return fault(FaultKind::UndecidedEndian, message);
                    }
                    other => other?,
                }
            }
        };
        if order.is_none() {
            return fault(FaultKind::UndecidedEndian, "no case of `endian` matches");
        }
        if let Some(object) = self.arena.object_mut(id) {
            object.order = order;
        }
        Ok(order)
    }

    fn order_by(
        &mut self,
        id: NodeId,
        on: &crate::schema::Located,
        cases: &[(crate::schema::Located, Option<Order>)],
        other: Option<Order>,
    ) -> Result<Option<Order>> {
        let env = Env::of(id);
        let value = self.eval(&on.expr, &env)?;
        for (key, order) in cases {
            let key = self.eval(&key.expr, &env)?;
            if self.equal(&value, &key)? {
                return Ok(*order);
            }
        }
        Ok(other)
    }

    /// The place after a node, which is walked if need be.
    pub(super) fn finish(&mut self, id: NodeId) -> Result<Cursor> {
        let node = self.arena.get(id);
        match &node.state {
            State::List(_) => self.finish_list(id),
            State::Object(object) if !object.owns_stream => self.finish_object(id),
            _ => Ok(Cursor::at(node.start.saturating_add(node.len))),
        }
    }

    /// Drops a node and all in it.
    pub(super) fn drop_node(&mut self, id: NodeId) {
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            match self.arena.remove(id) {
                State::Object(object) => {
                    stack.extend(&object.fields);
                    stack.extend(object.instances.iter().flatten());
                    if object.owns_stream {
                        if let Stream { base: Base::Buffer(number), .. } =
                            self.stream(object.stream)
                        {
                            self.buffers.remove(number, id);
                        }
                        self.free_streams.push(object.stream);
                    }
                }
                State::List(list) => {
                    stack.extend(list.kept.values());
                    let recent = list.recent.iter().map(|it| &it.1);
                    let loose = list.pending.iter().chain(&list.last).chain(recent);
                    stack.extend(loose.filter(|it| !list.kept.values().any(|kept| kept == *it)));
                }
                _ => {}
            }
        }
    }

    /// Notes that a value in `holder` refers to a node, so that it is not dropped before. What the holder
    /// is in stays as long as it does.
    pub(super) fn pin(&mut self, value: &Value, holder: NodeId) {
        let (Value::Object(id) | Value::List(id) | Value::Stream(_, id)) = value else {
            if let Value::Array(items) = value {
                let items = Arc::clone(items);
                for it in items.iter() {
                    self.pin(it, holder);
                }
            }
            return;
        };
        let mut above = holder;
        while above != NodeId::NONE {
            if above == *id {
                return;
            }
            above = self.arena.get(above).parent;
        }
        let mut at = *id;
        while at != NodeId::NONE && !self.arena.get(at).pinned {
            let node = self.arena.get_mut(at);
            node.pinned = true;
            let (parent, index) = (node.parent, node.index);
            if let Some(index) = index
                && let Some(list) = self.arena.list_mut(parent)
            {
                list.kept.entry(index).or_insert(at);
            }
            at = parent;
        }
    }
}
