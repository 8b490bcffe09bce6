//! Nodes, and where they are kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bits::BitSpan;
use crate::fault::Fault;
use crate::schema::{AttrId, Order, TypeId};
use crate::value::Value;

/// The number of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(u32);

impl NodeId {
    /// No node.
    pub(crate) const NONE: Self = Self(u32::MAX);

    fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// The number of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StreamId(u32);

impl StreamId {
    /// The stream of the whole file.
    pub(crate) const FILE: Self = Self(0);

    pub(super) fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    pub(super) fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// Whose bytes a position counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    File,
    /// What `process` made, by the number of the buffer.
    Buffer(u32),
}

/// A range of bytes that fields are read from. `_io.pos` counts from its start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stream {
    pub(super) base: Base,
    pub(super) start: u64,
    pub(super) end: u64,
}

/// A place in a stream: the next byte, and what is left of the byte before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Counted in the base of the stream.
    pub(super) pos: u64,
    /// The byte that was read in part.
    pub(super) byte: u64,
    /// The bits of it that are left, counted from the lowest.
    pub(super) lo: u8,
    pub(super) hi: u8,
}

impl Cursor {
    pub(super) fn at(pos: u64) -> Self {
        Self { pos, byte: pos, lo: 0, hi: 0 }
    }

    /// How many bits are left.
    pub(super) fn left(self) -> u8 {
        self.hi - self.lo
    }

    /// The same place without the bits that are left.
    pub(super) fn aligned(self) -> Self {
        Self::at(self.pos)
    }

    /// So many bytes on. Bits that are left stay.
    pub(super) fn after(self, pos: u64) -> Self {
        Self { pos, ..self }
    }
}

/// A field, an element, an instance.
#[derive(Debug)]
pub(super) struct Node {
    /// The object or list that it is in.
    pub(super) parent: NodeId,
    pub(super) attr: Option<AttrId>,
    /// Its place in a list.
    pub(super) index: Option<u64>,
    /// The stream that it lies in.
    pub(super) stream: StreamId,
    /// Where it lies, in the base of the stream. A value that was calculated lies nowhere.
    pub(super) start: u64,
    pub(super) len: u64,
    pub(super) placed: bool,
    /// Values elsewhere refer to it.
    pub(super) pinned: bool,
    /// The part of a request in which it was used last.
    pub(super) epoch: u32,
    pub(super) state: State,
    pub(super) kept: Option<Box<Kept>>,
    /// What is wrong with its value, though that is known.
    pub(super) problem: Option<Arc<Fault>>,
    /// Whether `contents` and `valid` were looked at.
    pub(super) checked: bool,
}

/// What is known of a node.
#[derive(Debug)]
pub(super) enum State {
    Free,
    /// Its `if` is false, or no case of its type matches.
    Absent,
    Unread,
    Value(Value),
    Failed(Arc<Fault>),
    Object(Box<Object>),
    List(Box<List>),
}

/// What a switch chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Chosen {
    /// The type is no switch.
    #[default]
    Only,
    /// None of the cases.
    Nothing,
    Case(usize),
}

/// What was evaluated when an attribute was laid out, for when its body is opened.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    /// Which case of a switch it is, if its type is one.
    pub(super) case: Chosen,
    pub(super) arguments: Vec<Value>,
    /// What `parent` says.
    pub(super) parent: Option<Value>,
    /// The argument of `process`.
    pub(super) key: Option<Value>,
    pub(super) bits: Option<BitSpan>,
    /// Whether it has a stream of its own.
    pub(super) substream: bool,
}

/// An object of a type.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) ty: TypeId,
    pub(super) stream: StreamId,
    pub(super) owns_stream: bool,
    pub(super) root: NodeId,
    /// `_parent`.
    pub(super) up: Option<NodeId>,
    /// The order of bytes, once it is decided.
    pub(super) order: Option<Order>,
    pub(super) arguments: Vec<Value>,
    /// The fields that are laid out.
    pub(super) fields: Vec<NodeId>,
    /// Where the next field begins. `None` until the end of the last one is known.
    pub(super) cursor: Option<Cursor>,
    pub(super) instances: Vec<Option<NodeId>>,
    /// A field is being laid out.
    pub(super) busy: bool,
    /// What keeps the next field from being laid out.
    pub(super) failed: Option<Arc<Fault>>,
    /// How far a terminator was searched for.
    pub(super) search: Option<(u64, u64)>,
}

/// A repetition.
#[derive(Debug)]
pub(super) struct List {
    pub(super) owner: NodeId,
    pub(super) stream: StreamId,
    pub(super) start: Cursor,
    pub(super) pace: Pace,
    /// How many elements are known.
    pub(super) done: u64,
    /// Where the next element begins.
    pub(super) cursor: Cursor,
    pub(super) complete: bool,
    pub(super) failed: Option<Arc<Fault>>,
    /// Whether it is folded even if its end is not known.
    pub(super) folds: bool,
    /// Where every element of `stride` begins.
    pub(super) marks: Vec<Mark>,
    pub(super) stride: u64,
    /// Where an element was found last, between marks.
    pub(super) near: Option<(u64, Cursor)>,
    /// The element before that, if it is not kept.
    pub(super) recent: Option<(u64, NodeId)>,
    pub(super) kept: BTreeMap<u64, NodeId>,
    /// The element that is being walked, and the one before it.
    pub(super) pending: Option<NodeId>,
    pub(super) pending_end: Option<Cursor>,
    pub(super) last: Option<NodeId>,
    pub(super) busy: bool,
    pub(super) search: Option<(u64, u64)>,
}

/// A place in a list from which it can be walked again.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) cursor: Cursor,
    /// What the element there is, if that depends on those before it.
    pub(super) first: Option<Box<First>>,
}

/// An element as it was laid out, without what it depends on.
#[derive(Clone, Debug)]
pub(super) struct First {
    pub(super) kept: Kept,
    pub(super) len: u64,
    pub(super) end: Cursor,
    /// Whether it must be walked to its end.
    pub(super) is_walked: bool,
}

/// How the place of an element is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// All have one size.
    Fixed(u64),
    /// One after the other. The count, if the description gives it.
    Walked(Option<u64>),
}

/// The nodes. Those that are dropped leave their places to others.
#[derive(Debug, Default)]
pub(super) struct Arena {
    nodes: Vec<Node>,
    free: Vec<NodeId>,
}

impl Arena {
    pub(super) fn used(&self) -> usize {
        self.nodes.len() - self.free.len()
    }

    pub(super) fn add(&mut self, node: Node) -> NodeId {
        if let Some(id) = self.free.pop() {
            self.nodes[id.index()] = node;
            return id;
        }
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node);
        id
    }

    pub(super) fn remove(&mut self, id: NodeId) -> State {
        let node = &mut self.nodes[id.index()];
        node.kept = None;
        node.problem = None;
        self.free.push(id);
        std::mem::replace(&mut node.state, State::Free)
    }

    pub(super) fn get(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    pub(super) fn get_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.index()]
    }

    pub(super) fn object(&self, id: NodeId) -> Option<&Object> {
        match &self.nodes.get(id.index())?.state {
            State::Object(it) => Some(it),
            _ => None,
        }
    }

    pub(super) fn object_mut(&mut self, id: NodeId) -> Option<&mut Object> {
        match &mut self.nodes.get_mut(id.index())?.state {
            State::Object(it) => Some(it),
            _ => None,
        }
    }

    pub(super) fn list(&self, id: NodeId) -> Option<&List> {
        match &self.nodes.get(id.index())?.state {
            State::List(it) => Some(it),
            _ => None,
        }
    }

    pub(super) fn list_mut(&mut self, id: NodeId) -> Option<&mut List> {
        match &mut self.nodes.get_mut(id.index())?.state {
            State::List(it) => Some(it),
            _ => None,
        }
    }
}
