//! The tree of a file: objects, lists and values, made when they are asked for.
//!
//! To lay an attribute out is to find where it begins and ends; its body stays unread. An object lays out
//! its `seq` in order and one at a time, and what it has laid out is kept. A request that stops, because a
//! read was cancelled or a budget used up, unwinds as an error and goes on from what is kept.

mod ask;
mod bits;
mod begin;
mod budget;
mod check;
mod detail;
mod eval;
mod fold;
mod follow;
mod force;
mod grow;
mod instance;
mod list;
mod methods;
mod node;
mod object;
mod open;
mod operators;
mod path;
mod process;
mod raw;
mod read;
mod rows;
mod show;
mod spans;
mod visit;
mod window;

use std::sync::Arc;

pub use budget::Limits;
pub(crate) use node::{NodeId, StreamId};
pub use rows::Rows;
pub use spans::FieldSpan;

use crate::names::Names;
use crate::schema::Schema;
use crate::source::{Blocks, Source};
use budget::Budget;
use node::{Arena, Base, Cursor, Stream};

/// A file, read by a description.
#[derive(Debug)]
pub struct Tree {
    schema: Arc<Schema>,
    /// The names of the schema, and those of expressions that were asked for.
    names: Names,
    blocks: Blocks,
    arena: Arena,
    streams: Vec<Stream>,
    free_streams: Vec<StreamId>,
    buffers: process::Buffers,
    budget: Budget,
    limits: Limits,
    /// Reads everything in the order in which Kaitai's compilers do.
    strict: bool,
    /// How many bytes of a value that is nothing else a row has.
    value_bytes: u64,
    /// The instances that are being calculated, outermost first.
    asking: Vec<(NodeId, usize)>,
    /// The nodes that a visit is in, which are not dropped.
    visited: Vec<NodeId>,
    /// Which part of a request this is.
    epoch: u32,
    /// Counts how often reading has come further.
    moved: u64,
    root: NodeId,
}

impl Tree {
    /// The tree of a source. Nothing is read yet.
    pub fn new(schema: Arc<Schema>, source: Box<dyn Source + Send>) -> Self {
        let blocks = Blocks::new(source);
        let end = blocks.len();
        let names = schema.names.clone();
        let limits = Limits::default();
        let mut tree = Self {
            schema,
            names,
            blocks,
            arena: Arena::default(),
            streams: vec![Stream { base: Base::File, start: 0, end }],
            free_streams: Vec::new(),
            buffers: process::Buffers::default(),
            budget: Budget::new(&limits),
            limits,
            strict: false,
            value_bytes: 64,
            asking: Vec::new(),
            visited: Vec::new(),
            epoch: 0,
            moved: 0,
            root: NodeId::NONE,
        };
        tree.root = tree.make_root();
        tree
    }

    /// Sets the limits of requests.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
        self.budget = Budget::new(&self.limits);
    }

    /// Reads in the order in which Kaitai's compilers do, and stops at the first mistake.
    ///
    /// Set it before anything is asked for.
    pub fn set_strict(&mut self, strict: bool) {
        self.strict = strict;
    }

    /// Sets how many bytes of a long byte array a [`Row`](crate::Row) has as its value. 64 at first.
    pub fn set_value_bytes(&mut self, most: u64) {
        self.value_bytes = most.min(budget::MAX_VALUE);
    }

    /// How many blocks of 4 KiB were read from the source so far.
    pub fn blocks_read(&self) -> u64 {
        self.blocks.touched
    }

    /// How many nodes are kept.
    pub fn nodes(&self) -> usize {
        self.arena.used()
    }

    /// How many bytes the source has.
    pub fn source_len(&self) -> u64 {
        self.blocks.len()
    }

    /// The description.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    fn stream(&self, id: StreamId) -> Stream {
        self.streams.get(id.index()).copied().unwrap_or(Stream {
            base: Base::File,
            start: 0,
            end: 0,
        })
    }

    fn add_stream(&mut self, stream: Stream) -> StreamId {
        if let Some(id) = self.free_streams.pop() {
            self.streams[id.index()] = stream;
            return id;
        }
        let id = StreamId::new(self.streams.len());
        self.streams.push(stream);
        id
    }

    /// Whether a cursor is at the end of a stream.
    fn is_eof(&self, stream: StreamId, cursor: Cursor) -> bool {
        cursor.pos >= self.stream(stream).end && cursor.left() == 0
    }
}
