//! A file that has grown: what was found stays, and the list at its end goes on.

use std::sync::Arc;

use super::Tree;
use super::node::{NodeId, Pace, StreamId};
use crate::expr::{Expr, Special};
use crate::schema::{AttrId, Repeat, Role};
use crate::source::Source;

impl Tree {
    /// Takes the source of a file that has grown, and keeps what was found. It can where the root is fields
    /// whose places do not depend on the file's length, and a list to the end of the file. Elsewhere it
    /// returns `false`, and a new tree is needed.
    ///
    /// The bytes that were there must be the same.
    pub fn grow(&mut self, source: Box<dyn Source + Send>) -> bool {
        let len = source.len();
        if len < self.blocks.len() || self.strict || !self.ends_with_a_list() {
            return false;
        }
        let Some(object) = self.arena.object(self.root) else { return false };
        let list = object.fields.last().copied();
        let instances: Vec<NodeId> = object.instances.iter().flatten().copied().collect();
        // Another value may refer to one.
        if instances.iter().any(|it| self.arena.get(*it).pinned) {
            return false;
        }
        self.blocks.grow(source);
        self.streams[StreamId::FILE.index()].end = len;
        self.arena.get_mut(self.root).len = len;
        for instance in instances {
            self.drop_node(instance);
        }
        if let Some(object) = self.arena.object_mut(self.root) {
            object.instances.iter_mut().for_each(|it| *it = None);
            object.failed = None;
        }
        if let Some(list) = list.filter(|it| self.arena.list(*it).is_some()) {
            self.reopen(list);
        }
        true
    }

    /// Lets a list go on where it ended, or where the file was cut.
    fn reopen(&mut self, id: NodeId) {
        let pending = self.arena.list_mut(id).and_then(|it| it.pending.take());
        if let Some(pending) = pending {
            self.drop_node(pending);
        }
        let end = self.stream(StreamId::FILE).end;
        let Some(list) = self.arena.list_mut(id) else { return };
        list.pending_end = None;
        list.failed = None;
        list.search = None;
        list.folds |= list.complete;
        list.complete = false;
        if let Pace::Fixed(size) = list.pace {
            let rest = end.saturating_sub(list.start.pos);
            list.done = rest.checked_div(size).unwrap_or(list.done);
            list.cursor = list.start.after(list.start.pos + list.done * size);
            list.complete = rest.checked_rem(size).is_none_or(|it| it == 0);
        }
        let reach = list.cursor.pos;
        let node = self.arena.get_mut(id);
        node.len = reach.saturating_sub(node.start);
        if let Some(object) = self.arena.object_mut(self.root) {
            object.cursor = None;
        }
    }

    /// Whether the root ends with `repeat: eos`, and nothing before that asks how long the file is.
    fn ends_with_a_list(&self) -> bool {
        let schema = Arc::clone(&self.schema);
        let ty = schema.ty(schema.root);
        let Some((AttrId(last), before)) = ty.seq.split_last() else { return false };
        let attr = schema.attr(AttrId(*last));
        // A field that has the end of the file as its own would have to be laid out again.
        let reaches = |it: &AttrId| {
            schema.attr(*it).body.size_eos || matches!(schema.attr(*it).repeat, Repeat::Eos)
        };
        matches!(attr.repeat, Repeat::Eos)
            && matches!(attr.role, Role::Seq(_))
            && !before.iter().any(reaches)
            && !self.asks_for_the_stream(ty.seq.as_slice())
    }

    /// Whether a field of these, or of any type, asks for a stream to be laid out.
    fn asks_for_the_stream(&self, seq: &[AttrId]) -> bool {
        let asks = |expr: &Expr| {
            let mut found = false;
            expr.each(&mut |it| found |= *it == Expr::Special(Special::Io));
            found
        };
        seq.iter().any(|it| {
            let attr = self.schema.attr(*it);
            let cond = attr.cond.iter().chain(&attr.body.size);
            cond.map(|it| &it.expr).any(asks)
        })
    }
}
