//! Nodes as rows: their values as text, which no terminal obeys.

use std::fmt::Write as _;
use std::sync::Arc;

use super::Tree;
use super::begin::chosen;
use super::eval::Env;
use super::node::{Base, NodeId, Pace, State};
use crate::answer::Answer;
use crate::expr::Expr;
use crate::fault::{Fault, FaultKind, Result, Trouble};
use crate::names::Name;
use crate::row::{Row, RowState, Span, Trail};
use crate::schema::{Attr, Kind, Member, Show, ShowPart};
use crate::text;
use crate::value::Value;

/// How much of a text or of bytes a row shows.
const TEXT: usize = 64;
const BYTES: u64 = 16;

impl Tree {
    /// A node as a row. Its value is read if it is a small one.
    pub(super) fn row(&mut self, id: NodeId, trail: &Trail) -> Result<Row> {
        self.end_if_short(id)?;
        let mut row = Row {
            depth: trail.depth(),
            trail: trail.clone(),
            path: self.path(id),
            name: self.name_of(id),
            type_name: self.type_name(id),
            span: self.span(id),
            text: String::new(),
            value: None,
            raw: None,
            target: None,
            fault: None,
            state: RowState::Read,
            has_children: false,
        };
        match self.fill_row(id, &mut row) {
            Ok(()) => {}
            Err(Trouble::Fault(fault)) => Self::mark(&mut row, fault),
            Err(stop) => return Err(stop),
        }
        if row.fault.is_none() {
            match self.check(id) {
                Ok(()) => {}
                Err(Trouble::Fault(fault)) => Self::mark(&mut row, fault),
                Err(stop) => return Err(stop),
            }
        }
        Ok(row)
    }

    /// Finds the end of an object that has no size, if that takes a few steps.
    fn end_if_short(&mut self, id: NodeId) -> Result<()> {
        let short = match &self.arena.get(id).state {
            State::Object(object) => !object.owns_stream && self.schema.ty(object.ty).is_short,
            _ => false,
        };
        if short
            && id != self.root
            && let Err(stop @ Trouble::Stop(_)) = self.finish_object(id)
        {
            return Err(stop);
        }
        Ok(())
    }

    fn mark(row: &mut Row, fault: Arc<Fault>) {
        row.state = if fault.kind == FaultKind::Unreadable {
            RowState::Unreadable
        } else {
            RowState::Failed
        };
        row.fault = Some(fault);
    }

    fn fill_row(&mut self, id: NodeId, row: &mut Row) -> Result<()> {
        let node = self.arena.get(id);
        if let State::List(list) = &node.state {
            row.has_children = list.done > 0 || !list.complete;
            // A count that the description gives is known before its elements are walked.
            let declared = match list.pace {
                Pace::Walked(Some(count)) if list.failed.is_none() => Some(count),
                _ => None,
            };
            let done = declared.unwrap_or(list.done);
            let complete = list.complete || declared.is_some();
            let count = text::count(done);
            row.text = match (complete, done) {
                (true, 1) => "1 element".to_owned(),
                (true, _) => format!("{count} elements"),
                (false, 0) => String::new(),
                (false, _) => format!("≥ {count} elements"),
            };
            row.value = Some(Answer::List(row.path.clone(), done));
            if !complete {
                row.state = RowState::More;
            }
            if let Some(fault) = list.failed.clone() {
                row.state = RowState::Failed;
                row.fault = Some(fault);
            }
            return Ok(());
        }
        if self.is_long(id) {
            return self.long_row(id, row);
        }
        let value = self.value(id)?;
        if let Value::Object(object) = value
            && (self.arena.get(object).parent == self.arena.get(id).parent && object == id
                || id == self.root)
        {
            return self.object_row(id, row);
        }
        row.text = self.show_value(id, &value)?;
        row.value = Some(self.answer(&value)?);
        row.target = match (&value, self.target(id)?) {
            (Value::Object(other) | Value::List(other), _) => Some(self.path(*other)),
            (Value::Int(n), Some((object, at))) => {
                let path = self.path_of_instance(object, at);
                let name = path.rsplit('.').next().unwrap_or_default();
                // An offset, unless the description says how it is shown.
                let number = if *n >= 0 && row.text == n.to_string() {
                    format!("{n:#x}")
                } else {
                    row.text.clone()
                };
                row.text = format!("{number} → {name}");
                Some(path)
            }
            _ => None,
        };
        if matches!(value, Value::Str(_)) {
            row.raw = self.invalid_text(id)?;
            if row.raw.is_some() {
                row.text.push_str(" (invalid text)");
            }
        }
        Ok(())
    }

    /// The instance whose offset a node is: its object, and its place there. One that is absent does not count.
    fn target(&mut self, id: NodeId) -> Result<Option<(NodeId, usize)>> {
        let schema = Arc::clone(&self.schema);
        let node = self.arena.get(id);
        let object = node.parent;
        let Some(at) = node.attr.and_then(|it| schema.attr(it).target) else { return Ok(None) };
        let instances = &schema.ty(self.object(object)?.ty).instances;
        let cond = instances.get(at).and_then(|it| schema.attr(*it).cond.as_ref());
        let is_there = match cond.map(|it| self.eval_bool(&it.expr, &Env::of(object))) {
            None => true,
            Some(Ok(it)) => it,
            Some(Err(Trouble::Fault(_))) => false,
            Some(Err(stop)) => return Err(stop),
        };
        Ok(is_there.then_some((object, at)))
    }

    /// The bytes of a text that is not valid in its encoding.
    fn invalid_text(&mut self, id: NodeId) -> Result<Option<Vec<u8>>> {
        let schema = Arc::clone(&self.schema);
        let node = self.arena.get(id);
        let Some(attr) = node.attr.map(|it| schema.attr(it)).filter(|_| node.placed) else {
            return Ok(None);
        };
        let (kind, terminator) = chosen(attr, node.kept.as_deref());
        let Kind::Str(chars) = kind else { return Ok(None) };
        let bytes = self.body_bytes(id, attr, terminator)?;
        Ok((!chars.decode(&bytes).1).then_some(bytes))
    }

    /// Whether a node is more bytes than a row shows, and nothing but bytes.
    fn is_long(&self, id: NodeId) -> bool {
        let node = self.arena.get(id);
        let Some(attr) = node.attr.map(|it| self.schema.attr(it)) else { return false };
        let (kind, terminator) = chosen(attr, node.kept.as_deref());
        let plain = matches!(kind, Kind::Bytes) && attr.body.process.is_none();
        plain
            && terminator.is_none()
            && attr.body.pad_right.is_none()
            && node.len > BYTES
            && node.placed
    }

    fn long_row(&mut self, id: NodeId, row: &mut Row) -> Result<()> {
        let node = self.arena.get(id);
        let (base, start, len) = (self.stream(node.stream).base, node.start, node.len);
        row.state = RowState::Unread;
        let head = self.bytes(base, start, len.min(self.value_bytes.max(BYTES)))?;
        row.text =
            format!("{} … {} bytes", text::hex(&head[..16.min(head.len())]), text::count(len));
        row.value = Some(Answer::Bytes(head));
        Ok(())
    }

    fn object_row(&mut self, id: NodeId, row: &mut Row) -> Result<()> {
        let schema = Arc::clone(&self.schema);
        let object = self.object(id)?;
        let ty = schema.ty(object.ty);
        row.has_children = !ty.seq.is_empty() || !ty.instances.is_empty();
        row.value = Some(Answer::Object(row.path.clone()));
        if let Some(fault) = object.failed.clone() {
            row.state = RowState::Failed;
            row.fault = Some(fault);
        }
        let attr = self.arena.get(id).attr.map(|it| schema.attr(it));
        let show = attr.and_then(|it| it.show.as_ref()).or(ty.show.as_ref());
        if let Some(show) = show {
            row.text = self.show_parts(id, show)?;
        } else if let Some(names) = self.flags(id)? {
            row.text = names;
        }
        Ok(())
    }

    /// The names of the bits that are set, in an object of nothing but bits.
    fn flags(&mut self, id: NodeId) -> Result<Option<String>> {
        let schema = Arc::clone(&self.schema);
        let seq = &schema.ty(self.object(id)?.ty).seq;
        let one = |attr: &Attr| {
            matches!(attr.body.kind, Kind::Bits { width: 1, .. }) && attr.cond.is_none()
        };
        if seq.len() < 2 || !seq.iter().all(|it| one(schema.attr(*it))) {
            return Ok(None);
        }
        let mut names = Vec::new();
        for (at, attr) in seq.iter().enumerate() {
            let field = self.field(id, at)?;
            if self.value(field)? == Value::Bool(true) {
                names.push(schema.names.text(schema.attr(*attr).name));
            }
        }
        Ok(Some(if names.is_empty() { "none".to_owned() } else { names.join(" | ") }))
    }

    /// The text that a description gives for a collapsed row. A part without a value is left out.
    fn show_parts(&mut self, id: NodeId, show: &Show) -> Result<String> {
        let mut text = String::new();
        for part in &show.parts {
            match part {
                ShowPart::Text(it) => text.push_str(it),
                ShowPart::Value { expr: Expr::Field(name), format: None }
                    if self.has_lens(id, *name)? =>
                {
                    let node = self.node_of(id, *name, &Env::of(id));
                    let shown = node.and_then(|it| match it {
                        Some(node) => {
                            let value = self.value(node)?;
                            Ok(self.seen(node, &value))
                        }
                        None => Ok(None),
                    });
                    match shown {
                        Ok(shown) => text.push_str(&shown.unwrap_or_default()),
                        Err(Trouble::Fault(_)) => {}
                        Err(stop) => return Err(stop),
                    }
                }
                ShowPart::Value { expr, format } => {
                    let value = match self.eval(expr, &Env::of(id)) {
                        Ok(value) => value,
                        Err(Trouble::Fault(_)) => continue,
                        Err(stop) => return Err(stop),
                    };
                    text.push_str(&self.show_as(&value, format.as_deref())?);
                }
            }
        }
        Ok(text::cut(&text::escaped(&text), TEXT))
    }

    fn show_as(&mut self, value: &Value, format: Option<&str>) -> Result<String> {
        Ok(match (value, format) {
            (Value::Int(n), Some("hex")) => format!("0x{n:x}"),
            (Value::Bytes(bytes), Some("uuid")) => text::uuid(bytes, false),
            (Value::Bytes(bytes), Some("str")) => String::from_utf8_lossy(bytes).into_owned(),
            (Value::Str(it), _) => (**it).to_owned(),
            (Value::Enum(id, n), _) => self
                .schema
                .enumeration(*id)
                .label(*n)
                .map_or_else(|| n.to_string(), |it| (**it).to_owned()),
            (Value::Null, _) => String::new(),
            (Value::Object(id), _) => {
                let schema = Arc::clone(&self.schema);
                let ty = self.object(*id)?.ty;
                match &schema.ty(ty).show {
                    Some(show) => self.deeper(|tree| tree.show_parts(*id, show))?,
                    None => self.flags(*id)?.unwrap_or_else(|| self.path(*id)),
                }
            }
            _ => self.plain(value)?,
        })
    }

    /// The value of a row.
    fn show_value(&mut self, id: NodeId, value: &Value) -> Result<String> {
        let schema = Arc::clone(&self.schema);
        let attr = self.arena.get(id).attr.map(|it| schema.attr(it));
        let shown = match attr.and_then(|it| it.show.as_ref()) {
            Some(show) => match show.parts.as_slice() {
                [ShowPart::Value { format: Some(format), .. }] => {
                    Some(self.show_as(value, Some(format))?)
                }
                _ => None,
            },
            None => None,
        };
        let plain = match shown {
            Some(text) => text::cut(&text::escaped(&text), TEXT),
            None => self.plain(value)?,
        };
        Ok(match self.seen(id, value) {
            Some(seen) => format!("{seen} ({plain})"),
            None => plain,
        })
    }

    /// Whether a member is shown as something else, such as a time.
    fn has_lens(&self, id: NodeId, name: Name) -> Result<bool> {
        let ty = self.schema.ty(self.object(id)?.ty);
        let attr = match ty.members.get(&name) {
            Some(Member::Seq(at)) => ty.seq.get(*at),
            Some(Member::Instance(at)) => ty.instances.get(*at),
            _ => None,
        };
        Ok(attr.is_some_and(|it| self.schema.attr(*it).lens.is_some()))
    }

    /// A value as what it stands for.
    fn seen(&self, id: NodeId, value: &Value) -> Option<String> {
        let lens = self.arena.get(id).attr.and_then(|it| self.schema.attr(it).lens);
        lens.and_then(|lens| text::through(lens, value))
    }

    /// A value as rows have it.
    fn plain(&mut self, value: &Value) -> Result<String> {
        Ok(match value {
            Value::Null => "absent".to_owned(),
            Value::Int(n) => n.to_string(),
            Value::Float(n) => text::float(*n),
            Value::Bool(it) => it.to_string(),
            Value::Str(it) => text::quoted(it, TEXT),
            Value::Bytes(bytes) => text::bytes(bytes, usize::try_from(BYTES).unwrap_or(16)),
            Value::Enum(id, n) => {
                let enumeration = self.schema.enumeration(*id);
                if let Some(label) = enumeration.label(*n) {
                    format!("{label} ({n})")
                } else {
                    let outer = &self.schema.ty(enumeration.outer).path;
                    format!("{n} (not in {outer}::{})", enumeration.name)
                }
            }
            Value::Object(id) | Value::List(id) => {
                let path = self.path(*id);
                format!("→ {}", if path.is_empty() { self.schema.id().to_owned() } else { path })
            }
            Value::Array(items) => {
                let mut text = String::from("[");
                for (at, item) in items.iter().take(16).enumerate() {
                    let comma = if at == 0 { "" } else { ", " };
                    let _ = write!(text, "{comma}{}", self.plain(item)?);
                }
                let more = if items.len() > 16 { ", …" } else { "" };
                format!("{text}{more}]")
            }
            Value::Stream(stream, _) => {
                let stream = self.stream(*stream);
                format!(
                    "→ {} bytes at {:#x}",
                    text::count(stream.end.saturating_sub(stream.start)),
                    stream.start
                )
            }
        })
    }

    fn name_of(&self, id: NodeId) -> String {
        let node = self.arena.get(id);
        match (node.index, node.attr) {
            (Some(index), _) => format!("[{index}]"),
            (None, Some(attr)) => self.schema.names.text(self.schema.attr(attr).name).to_owned(),
            (None, None) => self.schema.id().to_owned(),
        }
    }

    pub(super) fn type_name(&self, id: NodeId) -> String {
        let node = self.arena.get(id);
        let Some(attr) = node.attr.map(|it| self.schema.attr(it)) else {
            return self.schema.id().to_owned();
        };
        let list = matches!(node.state, State::List(_));
        if let Some(object) = self.arena.object(id) {
            return self.schema.ty(object.ty).path.rsplit("::").next().unwrap_or("").to_owned();
        }
        let name = if let Some(name) = &attr.body.enumeration {
            name.text.clone()
        } else if matches!(attr.role, crate::schema::Role::Value(_)) {
            "value".to_owned()
        } else {
            let kind = if list { &attr.body.kind } else { chosen(attr, node.kept.as_deref()).0 };
            kind_name(kind)
        };
        if list { format!("{name}[]") } else { name }
    }

    /// Whether the end of a node is known.
    pub(super) fn is_ended(&self, id: NodeId) -> bool {
        let node = self.arena.get(id);
        match &node.state {
            State::Object(object) if id != self.root && !object.owns_stream => {
                object.cursor.is_some()
                    && object.fields.len() == self.schema.ty(object.ty).seq.len()
            }
            State::List(list) => list.complete,
            _ => true,
        }
    }

    pub(super) fn span(&self, id: NodeId) -> Option<Span> {
        let node = self.arena.get(id);
        if !node.placed {
            return None;
        }
        let inside = match self.stream(node.stream).base {
            Base::File => None,
            Base::Buffer(number) => Some(self.path(self.buffer_node(number)?)),
        };
        let bits = node.kept.as_ref().and_then(|it| it.bits).map(|it| (it.first().1, it.width));
        let bits = bits.filter(|it| it.0 != 0 || it.1 % 8 != 0);
        let is_ended = self.is_ended(id);
        Some(Span { inside, start: node.start, len: is_ended.then_some(node.len), bits })
    }
}

/// A type, as descriptions write it.
pub(super) fn kind_name(kind: &Kind) -> String {
    match kind {
        Kind::Bytes => "bytes".to_owned(),
        Kind::Str(_) => "str".to_owned(),
        Kind::Int { signed: true, width, .. } => format!("s{width}"),
        Kind::Int { width, .. } => format!("u{width}"),
        Kind::Float { width, .. } => format!("f{width}"),
        Kind::Bits { width, .. } => format!("b{width}"),
        Kind::User(user) => user.name.last().cloned().unwrap_or_default(),
        Kind::Switch(_) => "switch".to_owned(),
    }
}
