//! Opening bodies: values of leaves, and objects in ranges.

use std::sync::Arc;

use super::Tree;
use super::begin::chosen;
use super::instance::named;
use super::node::{Cursor, NodeId, State, Stream};
use crate::fault::{FaultKind, Result, Trouble, bad, fault};
use crate::schema::{Attr, Body, Kind, Order, Process, User};
use crate::value::Value;

impl Tree {
    /// The value of a node. Its body is read if it was not before.
    pub(super) fn value(&mut self, id: NodeId) -> Result<Value> {
        match &self.arena.get(id).state {
            State::Free => return bad("no node is here any more"),
            State::Absent => return Ok(Value::Null),
            State::Value(value) => return Ok(value.clone()),
            State::Failed(fault) => return Err(Trouble::Fault(Arc::clone(fault))),
            State::Object(_) => return Ok(Value::Object(id)),
            State::List(_) => return Ok(Value::List(id)),
            State::Unread => {}
        }
        match self.open(id) {
            Ok(state) => {
                self.arena.get_mut(id).state = state;
                self.value(id)
            }
            Err(trouble) => {
                let trouble = trouble.at(|| self.path(id));
                if let Trouble::Fault(fault) = &trouble
                    && Self::is_lasting(fault)
                {
                    self.arena.get_mut(id).state = State::Failed(Arc::clone(fault));
                }
                Err(trouble)
            }
        }
    }

    fn open(&mut self, id: NodeId) -> Result<State> {
        self.step()?;
        let schema = Arc::clone(&self.schema);
        let node = self.arena.get(id);
        let Some(attr_id) = node.attr else { return bad("a node without an attribute") };
        let attr = schema.attr(attr_id);
        let (kind, terminator) = chosen(attr, node.kept.as_deref());
        if let Kind::User(user) = kind {
            return self.open_object(id, attr, user, terminator);
        }
        let (base, start, len) = (self.stream(node.stream).base, node.start, node.len);
        let value = match kind {
            Kind::Bits { width, .. } if node.kept.as_ref().is_some_and(|it| it.bits.is_some()) => {
                let bits = self.bits(id)?;
                let named_bits = attr.body.enumeration.is_some();
                if *width == 1 && !named_bits {
                    Value::Bool(bits == 1)
                } else {
                    Value::Int(i128::from(bits))
                }
            }
            Kind::Int { signed, width, order } if len == u64::from(*width) => {
                let order = self.order_of(id, *order)?;
                let mut raw = [0; 8];
                let raw = &mut raw[..usize::from(*width)];
                self.fill(base, start, raw)?;
                Value::Int(integer(raw, order, *signed))
            }
            Kind::Float { width, order } if len == u64::from(*width) => {
                let order = self.order_of(id, *order)?;
                let mut raw = [0; 8];
                let raw = &mut raw[..usize::from(*width)];
                self.fill(base, start, raw)?;
                Value::Float(real(raw, order))
            }
            Kind::Str(chars) => {
                let bytes = self.body_bytes(id, attr, terminator)?;
                Value::Str(chars.decode(&bytes).0)
            }
            Kind::Bytes => Value::Bytes(Arc::from(self.body_bytes(id, attr, terminator)?)),
            _ => return bad("a number with a size of its own"),
        };
        Ok(State::Value(named(attr, value)))
    }

    fn bits(&mut self, id: NodeId) -> Result<u64> {
        let node = self.arena.get(id);
        let base = self.stream(node.stream).base;
        let Some(span) = node.kept.as_ref().and_then(|it| it.bits) else { return bad("no bits") };
        let mut left = [0];
        if span.begin.left() > 0 {
            self.fill(base, span.begin.byte, &mut left)?;
        }
        let mut raw = [0; 9];
        let new = &mut raw[..usize::from(span.new_bytes())];
        self.fill(base, span.begin.pos, new)?;
        Ok(span.value(left[0], new))
    }

    /// The order of bytes of a number: its own, or that of the object around it.
    fn order_of(&mut self, id: NodeId, order: Option<Order>) -> Result<Order> {
        if let Some(order) = order {
            return Ok(order);
        }
        let owner = self.owner(id);
        match self.decide_order(owner)? {
            Some(order) => Ok(order),
            None => fault(
                FaultKind::UndecidedEndian,
                "the order of bytes is asked for while it is being decided",
            ),
        }
    }

    /// The bytes of a body: without what is cut off, and processed.
    pub(super) fn body_bytes(
        &mut self,
        id: NodeId,
        attr: &Attr,
        terminator: Option<&Arc<[u8]>>,
    ) -> Result<Vec<u8>> {
        let node = self.arena.get(id);
        let (base, start, len) = (self.stream(node.stream).base, node.start, node.len);
        if attr.body.process.is_some() {
            let whole = self.processed(id, attr, terminator)?;
            super::operators::check_len(whole.len())?;
            return Ok(whole);
        }
        let bytes = self.bytes(base, start, len)?;
        Ok(trim(bytes, &attr.body, terminator))
    }

    /// An object over a range of bytes, over a buffer, or in the stream of its owner.
    fn open_object(
        &mut self,
        id: NodeId,
        attr: &Attr,
        user: &User,
        terminator: Option<&Arc<[u8]>>,
    ) -> Result<State> {
        let node = self.arena.get(id);
        let (stream, start, len) = (node.stream, node.start, node.len);
        let base = self.stream(stream).base;
        let substream = node.kept.as_ref().is_some_and(|it| it.substream);
        let own = if attr.body.process.is_some() {
            let number = self.new_buffer(id, attr, terminator)?;
            let len = self.buffer(number)?.len();
            let base = super::node::Base::Buffer(number);
            Some(Stream { base, start: 0, end: u64::try_from(len).unwrap_or(u64::MAX) })
        } else if substream {
            let mut len = len;
            let cut =
                is_ranged(&attr.body) && (terminator.is_some() || attr.body.pad_right.is_some());
            if cut {
                let bytes = self.bytes(base, start, len)?;
                len = u64::try_from(trimmed(&bytes, &attr.body, terminator)).unwrap_or(len);
            }
            Some(Stream { base, start, end: start + len })
        } else {
            None
        };
        let state = self.object_state(id, user, own.is_some())?;
        let State::Object(mut object) = state else { return Ok(state) };
        if let Some(own) = own {
            object.cursor = Some(Cursor::at(own.start));
            object.stream = self.add_stream(own);
        } else {
            object.cursor = Some(Cursor::at(start));
            object.stream = stream;
        }
        Ok(State::Object(object))
    }

    /// An object that must be walked to its end, in the stream that it begins in.
    pub(super) fn open_walked(&mut self, id: NodeId, cursor: Cursor) -> Result<()> {
        let schema = Arc::clone(&self.schema);
        let node = self.arena.get(id);
        let stream = node.stream;
        let Some(attr_id) = node.attr else { return bad("a node without an attribute") };
        let (kind, _) = chosen(schema.attr(attr_id), node.kept.as_deref());
        let Kind::User(user) = kind else { return bad("no type of the description") };
        let state = self.object_state(id, user, false)?;
        let State::Object(mut object) = state else { return bad("no object") };
        object.stream = stream;
        object.cursor = Some(cursor);
        self.arena.get_mut(id).state = State::Object(object);
        Ok(())
    }

    fn object_state(&mut self, id: NodeId, user: &User, owns: bool) -> Result<State> {
        let Some(ty) = user.found else {
            return fault(
                FaultKind::Unsupported,
                format!("the opaque type '{}'", user.name.join("::")),
            );
        };
        let schema = Arc::clone(&self.schema);
        let node = self.arena.get(id);
        let kept = node.kept.as_deref();
        let arguments = kept.map(|it| it.arguments.clone()).unwrap_or_default();
        let parent = kept.and_then(|it| it.parent.clone());
        let owner = self.owner(id);
        let outer = self.object(owner)?;
        let same_file = schema.ty(ty).file == schema.ty(outer.ty).file;
        let root = match (same_file, schema.ty(ty).outer) {
            (true, _) => outer.root,
            (false, None) => id,
            (false, Some(_)) => NodeId::NONE,
        };
        let attr = node.attr.map(|it| schema.attr(it));
        let up = match (attr.map(|it| &it.body.parent), parent) {
            (Some(crate::schema::Parent::None), _) => None,
            (_, Some(Value::Object(other))) => Some(other),
            (_, Some(other)) => {
                return bad(format!("`parent` is {}, not an object", other.describe()));
            }
            _ => same_file.then_some(owner),
        };
        let params = &schema.ty(ty).params;
        if params.len() != arguments.len() {
            let message =
                format!("{} parameters are declared, {} are given", params.len(), arguments.len());
            return bad(message);
        }
        let mut object =
            self.new_object(ty, (super::StreamId::FILE, owns), Cursor::at(0), root, up);
        let enums = params.iter().map(|it| it.enumeration.as_ref().and_then(|it| it.found));
        object.arguments = arguments
            .into_iter()
            .zip(enums)
            .map(|(value, known)| match (known, value) {
                (Some(id), Value::Int(n)) => Value::Enum(id, n),
                (_, value) => value,
            })
            .collect();
        Ok(State::Object(Box::new(object)))
    }

    /// The bytes that `process` is given.
    pub(super) fn unprocessed(
        &mut self,
        id: NodeId,
        attr: &Attr,
        terminator: Option<&Arc<[u8]>>,
    ) -> Result<Vec<u8>> {
        let node = self.arena.get(id);
        let (base, start, len) = (self.stream(node.stream).base, node.start, node.len);
        if len > super::process::MAX_BYTES {
            return fault(
                FaultKind::Limit,
                format!(
                    "`process` of {len} bytes; at most {} are taken",
                    super::process::MAX_BYTES
                ),
            );
        }
        let mut bytes = vec![0; usize::try_from(len).unwrap_or(0)];
        match base {
            super::node::Base::File => self.fill_from_file(start, &mut bytes)?,
            super::node::Base::Buffer(_) => self.fill(base, start, &mut bytes)?,
        }
        Ok(trim(bytes, &attr.body, terminator))
    }

    fn processed(
        &mut self,
        id: NodeId,
        attr: &Attr,
        terminator: Option<&Arc<[u8]>>,
    ) -> Result<Vec<u8>> {
        let bytes = self.unprocessed(id, attr, terminator)?;
        let key = self.arena.get(id).kept.as_ref().and_then(|it| it.key.clone());
        let Some(process) = &attr.body.process else { return Ok(bytes) };
        let made = super::process::apply(process, key.as_ref(), bytes)?;
        self.steps(u64::try_from(made.len()).unwrap_or(u64::MAX) / 256)?;
        Ok(made)
    }

    pub(super) fn new_buffer(
        &mut self,
        id: NodeId,
        attr: &Attr,
        terminator: Option<&Arc<[u8]>>,
    ) -> Result<u32> {
        if let Some(Process::Other { name, .. }) = &attr.body.process {
            return fault(FaultKind::Unsupported, format!("the process '{name}'"));
        }
        let bytes = self.processed(id, attr, terminator)?;
        self.add_buffer(id, bytes)
    }

    /// Makes a buffer again that was dropped.
    pub(super) fn remake(&mut self, id: NodeId) -> Result<Vec<u8>> {
        let schema = Arc::clone(&self.schema);
        let node = self.arena.get(id);
        let Some(attr_id) = node.attr else { return bad("a node without an attribute") };
        let attr = schema.attr(attr_id);
        let (_, terminator) = chosen(attr, node.kept.as_deref());
        self.processed(id, attr, terminator)
    }
}

/// Whether a body has an outer range, inside of which a terminator and padding act.
fn is_ranged(body: &Body) -> bool {
    body.size.is_some() || body.size_eos
}

/// The bytes without padding and what follows a terminator, where the body has an outer range.
fn trim(mut bytes: Vec<u8>, body: &Body, terminator: Option<&Arc<[u8]>>) -> Vec<u8> {
    if is_ranged(body) {
        let kept = trimmed(&bytes, body, terminator);
        bytes.truncate(kept);
    }
    bytes
}

/// How many bytes stay when padding and what follows a terminator are cut off.
fn trimmed(bytes: &[u8], body: &Body, terminator: Option<&Arc<[u8]>>) -> usize {
    let mut len = bytes.len();
    // Padding of the byte that ends a terminator is found with it.
    let ends = |pad: u8| terminator.is_some_and(|it| it.last() == Some(&pad));
    if let Some(pad) = body.pad_right.filter(|it| !ends(*it)) {
        len = bytes.iter().rposition(|it| *it != pad).map_or(0, |it| it + 1);
    }
    if let Some(terminator) = terminator {
        let unit = terminator.len();
        let within = bytes.get(..len).unwrap_or(bytes);
        if let Some(place) = within.chunks_exact(unit).position(|it| it == &**terminator) {
            len = place * unit + if body.include { unit } else { 0 };
        }
    }
    len
}

fn integer(raw: &[u8], order: Order, signed: bool) -> i128 {
    let width = u32::try_from(raw.len()).unwrap_or(8) * 8;
    let fold = |sum: u64, it: &u8| sum << 8 | u64::from(*it);
    let value = match order {
        Order::Be => raw.iter().fold(0, fold),
        Order::Le => raw.iter().rev().fold(0, fold),
    };
    let value = i128::from(value);
    if signed && value >> (width - 1) == 1 { value - (1_i128 << width) } else { value }
}

fn real(raw: &[u8], order: Order) -> f64 {
    let mut bytes = [0; 8];
    let width = raw.len().min(8);
    bytes[..width].copy_from_slice(&raw[..width]);
    if order == Order::Be {
        bytes[..width].reverse();
    }
    if width == 4 {
        let [a, b, c, d, ..] = bytes;
        return f64::from(f32::from_le_bytes([a, b, c, d]));
    }
    f64::from_le_bytes(bytes)
}
