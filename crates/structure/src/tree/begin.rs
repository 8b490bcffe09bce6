//! Laying out one element: where it begins and ends, without its body.

use std::sync::Arc;

use super::Tree;
use super::bits::BitSpan;
use super::eval::Env;
use super::node::{Chosen, Cursor, Kept, Node, NodeId, State, StreamId};
use crate::fault::{FaultKind, Result, Stop, Trouble, bad, fault};
use crate::schema::{Attr, AttrId, Case, Key, Kind, Parent, Process, Schema, Switch, User};
use crate::source::BLOCK;
use crate::value::Value;

/// Where an element is to be laid out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    /// The object or list that it goes into.
    pub(super) parent: NodeId,
    pub(super) index: Option<u64>,
    /// The stream that it is read from, which is not always that of the object.
    pub(super) stream: StreamId,
    pub(super) cursor: Cursor,
    /// Its size in bytes, where that is known.
    pub(super) size: Option<u64>,
}

/// What an element is, once its switch is decided.
struct Choice<'a> {
    kind: &'a Kind,
    terminator: Option<&'a Arc<[u8]>>,
    case: Chosen,
}

/// The type that bytes are taken for, by what was decided when they were laid out.
pub(super) fn chosen<'a>(attr: &'a Attr, kept: Option<&Kept>) -> (&'a Kind, Option<&'a Arc<[u8]>>) {
    let own = attr.body.terminator.as_ref();
    match (&attr.body.kind, kept.map_or(Chosen::Only, |it| it.case)) {
        (Kind::Switch(switch), Chosen::Case(case)) => match switch.cases.get(case) {
            Some(Case { kind, terminator, .. }) => (kind, own.or(terminator.as_ref())),
            None => (&Kind::Bytes, own),
        },
        (Kind::Switch(_), _) => (&Kind::Bytes, own),
        (kind, _) => (kind, own),
    }
}

impl Tree {
    /// Lays out one element: its node, and the place after it, unless it must be walked for that.
    pub(super) fn begin(
        &mut self,
        id: AttrId,
        spot: Spot,
        env: &Env<'_>,
    ) -> Result<(NodeId, Option<Cursor>)> {
        self.step()?;
        let schema = Arc::clone(&self.schema);
        let attr = schema.attr(id);
        let choice = match &attr.body.kind {
            Kind::Switch(switch) => self.choose(switch, env)?,
            kind => Choice { kind, terminator: None, case: Chosen::Only },
        };
        let mut kept = Kept { case: choice.case, ..Kept::default() };
        if let Parent::Other(parent) = &attr.body.parent {
            let parent = self.eval(&parent.expr, env)?;
            self.pin(&parent, spot.parent);
            kept.parent = Some(parent);
        }
        let terminator = attr.body.terminator.as_ref().or(choice.terminator);
        if let Some(size) = self.outer_size(attr, spot, env)? {
            return self.begin_sized(&schema, id, (spot, size), choice.kind, kept, env);
        }
        if choice.case == Chosen::Nothing {
            let node = self.add_node(id, spot, 0, State::Absent, kept)?;
            return Ok((node, Some(spot.cursor)));
        }
        if let Kind::User(user) = choice.kind {
            kept.arguments = self.arguments(&user.arguments, spot.parent, env)?;
        }
        match choice.kind {
            Kind::Int { width, .. } | Kind::Float { width, .. } => {
                let end = self.room(spot, u64::from(*width))?;
                let node = self.add_node(id, spot, u64::from(*width), State::Unread, kept)?;
                Ok((node, Some(end)))
            }
            Kind::Bits { width, order } => {
                let span = BitSpan { begin: spot.cursor, width: *width, order: *order };
                self.room(spot, u64::from(span.new_bytes()))?;
                let (first, _) = span.first();
                let end = span.end();
                kept.bits = Some(span);
                let len = end.pos.max(first.saturating_add(1)) - first;
                let at = Spot { cursor: Cursor::at(first), ..spot };
                let node = self.add_node(id, at, len, State::Unread, kept)?;
                Ok((node, Some(end)))
            }
            Kind::Bytes | Kind::Str(_) => {
                let Some(terminator) = terminator else { return bad("bytes without a size") };
                let (len, next) = self.search(attr, terminator, spot)?;
                let node = self.add_node(id, spot, len, State::Unread, kept)?;
                Ok((node, Some(spot.cursor.after(next))))
            }
            Kind::User(user) => self.begin_object((id, user), terminator, spot, kept),
            Kind::Switch(_) => bad("a switch in a switch"),
        }
    }

    /// An object that has no size of its own.
    fn begin_object(
        &mut self,
        (id, user): (AttrId, &User),
        terminator: Option<&Arc<[u8]>>,
        spot: Spot,
        mut kept: Kept,
    ) -> Result<(NodeId, Option<Cursor>)> {
        let schema = Arc::clone(&self.schema);
        let Some(ty) = user.found else {
            return fault(
                FaultKind::Unsupported,
                format!("the opaque type '{}'", user.name.join("::")),
            );
        };
        if let Some(terminator) = terminator {
            let (len, next) = self.search(schema.attr(id), terminator, spot)?;
            kept.substream = true;
            let node = self.add_node(id, spot, len, State::Unread, kept)?;
            return Ok((node, Some(spot.cursor.after(next))));
        }
        let fixed = schema.ty(ty).fixed_bits.filter(|it| it % 8 == 0 && spot.cursor.left() == 0);
        if let Some(bits) = fixed.filter(|_| !self.strict) {
            let end = self.room(spot, bits / 8)?;
            let node = self.add_node(id, spot, bits / 8, State::Unread, kept)?;
            return Ok((node, Some(end)));
        }
        let node = self.add_node(id, spot, 0, State::Unread, kept)?;
        if let Err(trouble) = self.open_walked(node, spot.cursor) {
            self.drop_node(node);
            return Err(trouble);
        }
        Ok((node, None))
    }

    /// An element whose size is said. Its arguments stand at its end.
    fn begin_sized(
        &mut self,
        schema: &Schema,
        id: AttrId,
        (spot, size): (Spot, u64),
        kind: &Kind,
        mut kept: Kept,
        env: &Env<'_>,
    ) -> Result<(NodeId, Option<Cursor>)> {
        let attr = schema.attr(id);
        let end = self.room(spot, size)?;
        let after = env.moved(self, spot.stream, end);
        if let Kind::User(user) = kind {
            kept.arguments = self.arguments(&user.arguments, spot.parent, &after)?;
            kept.substream = true;
        }
        kept.key = match &attr.body.process {
            Some(Process::Xor(by) | Process::Rotate { by, .. }) => {
                Some(self.eval(&by.expr, &after)?)
            }
            Some(Process::Zlib | Process::Other { .. }) | None => None,
        };
        let node = self.add_node(id, spot, size, State::Unread, kept)?;
        Ok((node, Some(end)))
    }

    /// The case of a switch.
    fn choose<'a>(&mut self, switch: &'a Switch, env: &Env<'_>) -> Result<Choice<'a>> {
        let value = self.eval(&switch.on.expr, env)?;
        let mut found = literal_case(switch, &value);
        if found.is_none() {
            for &place in &switch.computed {
                let Some(key) = switch.cases.get(place).and_then(|it| it.key.as_ref()) else {
                    continue;
                };
                let key = self.eval(&key.expr, env)?;
                if self.equal(&value, &key)? {
                    found = Some(place);
                    break;
                }
            }
        }
        let case = found.or(switch.other);
        Ok(match case.and_then(|at| Some((at, switch.cases.get(at)?))) {
            Some((at, it)) => Choice {
                kind: &it.kind,
                terminator: it.terminator.as_ref(),
                case: Chosen::Case(at),
            },
            None => Choice { kind: &Kind::Bytes, terminator: None, case: Chosen::Nothing },
        })
    }

    /// The size that the description gives, in bytes.
    fn outer_size(&mut self, attr: &Attr, spot: Spot, env: &Env<'_>) -> Result<Option<u64>> {
        if let Some(size) = spot.size {
            // The size of a type whose objects are all alike is not said by the attribute.
            let said = attr.body.size.is_some() || attr.body.contents.is_some();
            return Ok(said.then_some(size));
        }
        if let Some(size) = &attr.body.size {
            return self.eval_size(&size.expr, env).map(Some);
        }
        if attr.body.size_eos {
            let end = self.stream(spot.stream).end;
            return Ok(Some(end.saturating_sub(spot.cursor.pos)));
        }
        Ok(attr.body.contents.as_ref().map(|it| u64::try_from(it.len()).unwrap_or(u64::MAX)))
    }

    /// A size, which is an integer of 0 or more.
    pub(super) fn eval_size(&mut self, expr: &crate::expr::Expr, env: &Env<'_>) -> Result<u64> {
        match self.eval(expr, env)? {
            Value::Int(n) => match u64::try_from(n) {
                Ok(n) => Ok(n),
                Err(_) if n < 0 => bad(format!("size {n}")),
                Err(_) => fault(FaultKind::EndOfStream, format!("size {n}")),
            },
            other => bad(format!("a size is {}, not an integer", other.describe())),
        }
    }

    fn arguments(
        &mut self,
        list: &[crate::schema::Located],
        holder: NodeId,
        env: &Env<'_>,
    ) -> Result<Vec<Value>> {
        let mut values = Vec::with_capacity(list.len());
        for argument in list {
            let value = self.eval(&argument.expr, env)?;
            self.pin(&value, holder);
            values.push(value);
        }
        Ok(values)
    }

    /// The place after so many bytes, all of which the stream must have.
    fn room(&self, spot: Spot, len: u64) -> Result<Cursor> {
        let (stream, cursor) = (self.stream(spot.stream), spot.cursor);
        let left = stream.end.saturating_sub(cursor.pos);
        if len > left {
            let at = cursor.pos.saturating_sub(stream.start);
            return fault(FaultKind::EndOfStream, format!("{len} bytes at {at:#x}, {left} left"));
        }
        Ok(cursor.after(cursor.pos + len))
    }

    /// The length up to a terminator, which `include` puts in, and the place after it.
    fn search(&mut self, attr: &Attr, terminator: &[u8], spot: Spot) -> Result<(u64, u64)> {
        let stream = self.stream(spot.stream);
        let begin = spot.cursor.pos;
        let unit = u64::try_from(terminator.len()).unwrap_or(1);
        let zeros = terminator.contains(&0);
        let mut at = self.searched(spot.parent, begin).max(begin);
        let mut buffer = [0_u8; 4096];
        while at.saturating_add(unit) <= stream.end {
            if !zeros {
                let data = self.data_from(stream.base, at).min(stream.end);
                at += (data - at) / unit * unit;
            }
            let room = (BLOCK - at % BLOCK).max(unit).min(stream.end - at);
            let len = room / unit * unit;
            if len == 0 {
                break;
            }
            let chunk = &mut buffer[..usize::try_from(len).unwrap_or(0).min(4096)];
            let read = self.step().and_then(|()| self.fill(stream.base, at, chunk));
            if let Err(trouble) = read {
                if matches!(trouble, Trouble::Stop(Stop::Budget | Stop::Cancelled)) {
                    self.moved += u64::from(self.searched(spot.parent, begin) < at);
                    self.set_searched(spot.parent, Some((begin, at)));
                }
                return Err(trouble);
            }
            let found = chunk.chunks(terminator.len()).position(|it| it == terminator);
            if let Some(place) = found {
                self.set_searched(spot.parent, None);
                let end = at + unit * u64::try_from(place).unwrap_or(0);
                let len = end - begin + if attr.body.include { unit } else { 0 };
                return Ok((len, if attr.body.consume { end + unit } else { end }));
            }
            at += len;
        }
        self.set_searched(spot.parent, None);
        if attr.body.eos_error {
            let from = begin.saturating_sub(stream.start);
            return fault(
                FaultKind::NoTerminator,
                format!("no terminator from {from:#x} to the end of the stream"),
            );
        }
        Ok((stream.end.saturating_sub(begin), stream.end))
    }

    /// How far a search from `begin` came before it was stopped.
    fn searched(&self, parent: NodeId, begin: u64) -> u64 {
        let object = self.arena.object(parent).and_then(|it| it.search);
        let list = self.arena.list(parent).and_then(|it| it.search);
        object.or(list).filter(|it| it.0 == begin).map_or(begin, |it| it.1)
    }

    fn set_searched(&mut self, parent: NodeId, place: Option<(u64, u64)>) {
        if let Some(object) = self.arena.object_mut(parent) {
            object.search = place;
        } else if let Some(list) = self.arena.list_mut(parent) {
            list.search = place;
        }
    }

    pub(super) fn add_node(
        &mut self,
        id: AttrId,
        spot: Spot,
        len: u64,
        state: State,
        kept: Kept,
    ) -> Result<NodeId> {
        match self.budget.nodes.checked_sub(1) {
            Some(rest) => self.budget.nodes = rest,
            None => return Err(Trouble::Stop(Stop::Budget)),
        }
        if self.arena.used() >= self.limits.kept_nodes {
            return fault(FaultKind::Depth, format!("{} nodes are open", self.limits.kept_nodes));
        }
        let plain = kept.case == Chosen::Only
            && kept.arguments.is_empty()
            && kept.parent.is_none()
            && kept.key.is_none()
            && kept.bits.is_none()
            && !kept.substream;
        Ok(self.arena.add(Node {
            parent: spot.parent,
            attr: Some(id),
            index: spot.index,
            stream: spot.stream,
            start: spot.cursor.pos,
            len,
            placed: true,
            pinned: false,
            epoch: self.epoch,
            state,
            kept: if plain { None } else { Some(Box::new(kept)) },
            problem: None,
            checked: false,
        }))
    }
}

/// The case whose key is a literal of this value.
fn literal_case(switch: &Switch, value: &Value) -> Option<usize> {
    let key = match value {
        Value::Int(n) | Value::Enum(_, n) => Key::Int(*n),
        Value::Str(text) => Key::Str(Arc::clone(text)),
        Value::Bool(it) => Key::Bool(*it),
        _ => return None,
    };
    switch.table.get(&key).copied()
}
