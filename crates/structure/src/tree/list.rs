//! Repetitions: elements by arithmetic, or one after the other with marks on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Tree;
use super::begin::Spot;
use super::eval::Env;
use super::node::{Cursor, First, Kept, List, Mark, NodeId, Pace, State};
use crate::fault::{Fault, FaultKind, Result, Trouble, bad, fault};
use crate::schema::{Attr, AttrId, Kind, Repeat};
use crate::value::Value;

/// How many elements lie between two marks at first.
const STRIDE: u64 = 1024;

/// How many marks a list has at most; then every second is dropped.
const MARKS: usize = 65_536;

/// How many elements of a list are kept that no value refers to.
const KEPT: usize = 4096;

impl Tree {
    /// Lays out a repetition: its node, and the place after it where that is arithmetic.
    pub(super) fn begin_list(
        &mut self,
        id: AttrId,
        spot: Spot,
        env: &Env<'_>,
    ) -> Result<(NodeId, Option<Cursor>)> {
        let schema = Arc::clone(&self.schema);
        let attr = schema.attr(id);
        let count = match &attr.repeat {
            Repeat::Count(count) => match self.eval(&count.expr, env)? {
                Value::Int(n) => Some(u64::try_from(n.max(0)).unwrap_or(u64::MAX)),
                other => {
                    return bad(format!("`repeat-expr` is {}, not an integer", other.describe()));
                }
            },
            _ => None,
        };
        let stream = self.stream(spot.stream);
        let left = stream.end.saturating_sub(spot.cursor.pos);
        let size = self.element_size(attr, spot, count, left, env)?;
        let mut list = List {
            owner: env.object,
            stream: spot.stream,
            start: spot.cursor,
            pace: Pace::Walked(count),
            done: 0,
            cursor: spot.cursor,
            complete: count == Some(0),
            failed: None,
            folds: false,
            marks: Vec::new(),
            stride: STRIDE,
            near: None,
            recent: None,
            kept: BTreeMap::new(),
            pending: None,
            pending_end: None,
            last: None,
            busy: false,
            search: None,
        };
        let mut len = 0;
        if let Some(size) = size.filter(|it| *it > 0 || count.is_some()) {
            list.pace = Pace::Fixed(size);
            list.complete = true;
            let fit = left.checked_div(size).unwrap_or(u64::MAX);
            list.done = count.unwrap_or(fit).min(fit);
            len = list.done * size;
            let short = count.map_or_else(|| size > 0 && !left.is_multiple_of(size), |it| it > fit);
            if short {
                let wanted = match count {
                    Some(count) => format!("{count} elements of {size} bytes"),
                    None => format!("{size} bytes"),
                };
                let at = if count.is_some() { spot.cursor.pos } else { spot.cursor.pos + len };
                let message = format!(
                    "{wanted} at {:#x}, {} left",
                    at - stream.start,
                    left - (at - spot.cursor.pos)
                );
                list.failed = Some(Arc::new(Fault {
                    kind: FaultKind::EndOfStream,
                    path: String::new(),
                    message,
                }));
            }
            list.cursor = spot.cursor.after(spot.cursor.pos + len);
        }
        let end = (list.complete && list.failed.is_none()).then_some(list.cursor);
        let node = self.add_node(id, spot, len, State::List(Box::new(list)), Kept::default())?;
        Ok((node, end))
    }

    /// The size of every element, if all have one.
    fn element_size(
        &mut self,
        attr: &Attr,
        spot: Spot,
        count: Option<u64>,
        left: u64,
        env: &Env<'_>,
    ) -> Result<Option<u64>> {
        if self.strict || matches!(attr.repeat, Repeat::Until(_)) || spot.cursor.left() != 0 {
            return Ok(None);
        }
        if let Some(size) = &attr.body.size {
            if !attr.uniform {
                return Ok(None);
            }
            let none = count == Some(0) || (count.is_none() && left == 0);
            return if none { Ok(None) } else { self.eval_size(&size.expr, env).map(Some) };
        }
        if attr.body.size_eos {
            return Ok(None);
        }
        if let Some(contents) = &attr.body.contents {
            return Ok(u64::try_from(contents.len()).ok());
        }
        Ok(match &attr.body.kind {
            _ if attr.body.terminator.is_some() => None,
            Kind::Int { width, .. } | Kind::Float { width, .. } => Some(u64::from(*width)),
            Kind::User(user) => user
                .found
                .and_then(|it| self.schema.ty(it).fixed_bits)
                .filter(|it| it % 8 == 0)
                .map(|it| it / 8),
            _ => None,
        })
    }

    pub(super) fn list(&self, id: NodeId) -> Result<&List> {
        match self.arena.list(id) {
            Some(list) => Ok(list),
            None => bad("no list is here any more"),
        }
    }

    fn list_mut(&mut self, id: NodeId) -> Result<&mut List> {
        match self.arena.list_mut(id) {
            Some(list) => Ok(list),
            None => bad("no list is here any more"),
        }
    }

    /// Walks a list to its end: the place after it.
    pub(super) fn finish_list(&mut self, id: NodeId) -> Result<Cursor> {
        while self.walk(id)? {}
        let list = self.list(id)?;
        match &list.failed {
            Some(fault) => Err(Trouble::Fault(Arc::clone(fault)).at(|| self.path(id))),
            None => Ok(list.cursor),
        }
    }

    /// Walks over one more element. `false`: there is none.
    pub(super) fn walk(&mut self, id: NodeId) -> Result<bool> {
        let list = self.list(id)?;
        if list.complete {
            return Ok(false);
        }
        if let Some(fault) = &list.failed {
            return Err(Trouble::Fault(Arc::clone(fault)));
        }
        if list.busy {
            return fault(FaultKind::Later, "the list is asked for while it is read");
        }
        self.list_mut(id)?.busy = true;
        let result = self.walk_one(id);
        let list = self.list_mut(id)?;
        list.busy = false;
        result.map_err(|trouble| {
            let trouble = trouble.at(|| self.path_of_element(id));
            if let Trouble::Fault(fault) = &trouble
                && Self::is_lasting(fault)
                && let Some(list) = self.arena.list_mut(id)
            {
                list.failed = Some(Arc::clone(fault));
            }
            trouble
        })
    }

    fn walk_one(&mut self, id: NodeId) -> Result<bool> {
        self.step()?;
        let schema = Arc::clone(&self.schema);
        let list = self.list(id)?;
        let (index, cursor, stream, pending) = (list.done, list.cursor, list.stream, list.pending);
        let Some(attr_id) = self.arena.get(id).attr else {
            return bad("a list without an attribute");
        };
        let attr = schema.attr(attr_id);
        let over = match list.pace {
            Pace::Walked(Some(count)) => index >= count,
            _ => matches!(attr.repeat, Repeat::Eos) && self.is_eof(stream, cursor),
        };
        if over {
            self.complete(id);
            return Ok(false);
        }
        let env = self.element_env(id, index, cursor)?;
        let node = if let Some(node) = pending {
            node
        } else {
            let spot = Spot { parent: id, index: Some(index), stream, cursor, size: None };
            let (node, end) = self.begin(attr_id, spot, &env)?;
            let list = self.list_mut(id)?;
            list.pending = Some(node);
            list.pending_end = end;
            node
        };
        let end = match self.list(id)?.pending_end {
            Some(end) => end,
            None => self.deeper(|tree| tree.finish(node))?,
        };
        if self.strict {
            self.deeper(|tree| tree.force(node))?;
        } else {
            self.check_early(node)?;
        }
        if end == cursor && matches!(attr.repeat, Repeat::Eos) {
            return bad("an element of 0 bytes, repeated to the end of the stream, never ends");
        }
        let mut is_last = false;
        if let Repeat::Until(until) = &attr.repeat {
            let item = self.value(node)?;
            let env = Env {
                view: Some((id, index + 1)),
                item: Some(&item),
                ..env.moved(self, stream, end)
            };
            is_last = self.eval_bool(&until.expr, &env)?;
        }
        self.commit(id, node, end)?;
        if is_last {
            self.complete(id);
        }
        Ok(true)
    }

    fn complete(&mut self, id: NodeId) {
        if let Some(list) = self.arena.list_mut(id) {
            list.complete = true;
            let end = list.cursor.pos;
            let node = self.arena.get_mut(id);
            node.len = end.saturating_sub(node.start);
        }
    }

    /// Takes the pending element into the list.
    fn commit(&mut self, id: NodeId, node: NodeId, end: Cursor) -> Result<()> {
        let strict = self.strict;
        if end != self.list(id)?.cursor {
            self.moved += 1;
        }
        let first = self.first_of(id, node, end)?;
        let list = self.list_mut(id)?;
        let index = list.done;
        if index % list.stride == 0 {
            if list.marks.len() == MARKS {
                let mut place = 0_usize;
                list.marks.retain(|_| {
                    place += 1;
                    place % 2 == 1
                });
                list.stride *= 2;
            }
            if index % list.stride == 0 {
                list.marks.push(Mark { cursor: list.cursor, first });
            }
        }
        list.done += 1;
        list.cursor = end;
        list.pending = None;
        list.pending_end = None;
        let before = list.last.replace(node);
        if strict {
            list.kept.insert(index, node);
        }
        if let Some(before) =
            before.filter(|it| !list.kept.values().rev().take(1).any(|kept| kept == it))
        {
            self.let_go(id, before);
        }
        let start = self.arena.get(id).start;
        self.arena.get_mut(id).len = end.pos.saturating_sub(start);
        Ok(())
    }

    /// What is needed to make an element again at a mark.
    fn first_of(&self, id: NodeId, node: NodeId, end: Cursor) -> Result<Option<Box<First>>> {
        let list = self.list(id)?;
        let chained = self.arena.get(id).attr.is_some_and(|it| self.schema.attr(it).is_chained);
        if !chained || list.done % list.stride != 0 {
            return Ok(None);
        }
        let it = self.arena.get(node);
        let kept = it.kept.as_deref().cloned().unwrap_or_default();
        let is_walked =
            self.arena.object(node).is_some_and(|it| !it.owns_stream) && list.pending_end.is_none();
        Ok(Some(Box::new(First { kept, len: it.len, end, is_walked })))
    }

    /// Drops an element unless it is kept.
    fn let_go(&mut self, list: NodeId, node: NodeId) {
        let index = self.arena.get(node).index;
        let kept = index.and_then(|it| self.arena.list(list)?.kept.get(&it).copied());
        if kept != Some(node) && !self.arena.get(node).pinned {
            self.drop_node(node);
        }
    }

    /// What expressions of an element see.
    pub(super) fn element_env<'e>(
        &self,
        list: NodeId,
        index: u64,
        cursor: Cursor,
    ) -> Result<Env<'e>> {
        let it = self.list(list)?;
        let owner = it.owner;
        let place = self.place_in_seq(list);
        let laying = place.map(|at| (owner, Some(at)));
        let env = Env { laying, view: Some((list, index)), index: Some(index), ..Env::of(owner) };
        Ok(env.moved(self, it.stream, cursor))
    }

    /// An element of a list, which is walked up to it.
    pub(super) fn element(&mut self, id: NodeId, index: u64) -> Result<NodeId> {
        let node = self.element_node(id, index)?;
        self.arena.get_mut(node).epoch = self.epoch;
        Ok(node)
    }

    fn element_node(&mut self, id: NodeId, index: u64) -> Result<NodeId> {
        loop {
            let list = self.list(id)?;
            if index < list.done {
                break;
            }
            let is_read = list.busy || list.failed.is_some();
            if let Some(pending) = list.pending.filter(|_| index == list.done && is_read) {
                return Ok(pending);
            }
            if !self.walk(id)? {
                let list = self.list(id)?;
                if let Some(fault) = &list.failed {
                    return Err(Trouble::Fault(Arc::clone(fault)).at(|| self.path(id)));
                }
                return bad(format!("element {index} of a list of {}", list.done));
            }
        }
        let list = self.list(id)?;
        if let Some(&node) = list.kept.get(&index) {
            return Ok(node);
        }
        if let Some(last) = list.last.filter(|it| self.arena.get(*it).index == Some(index)) {
            self.keep(id, index, last)?;
            return Ok(last);
        }
        if let Some((_, node)) = list.recent.filter(|it| it.0 == index) {
            self.list_mut(id)?.recent = None;
            self.keep(id, index, node)?;
            return Ok(node);
        }
        let (node, _) = match list.pace {
            Pace::Fixed(size) => {
                let cursor =
                    list.start.after(list.start.pos.saturating_add(index.saturating_mul(size)));
                self.make_element(id, index, cursor, Some(size))?
            }
            Pace::Walked(_) => self.again(id, index)?,
        };
        self.keep(id, index, node)?;
        Ok(node)
    }

    fn keep(&mut self, id: NodeId, index: u64, node: NodeId) -> Result<()> {
        let list = self.list_mut(id)?;
        list.kept.insert(index, node);
        if list.kept.len() > KEPT && list.kept.len().is_multiple_of(KEPT / 4) {
            self.thin_out(id, index);
        }
        Ok(())
    }

    /// Drops the elements that are far from one. Those that this part of the request has used stay, for
    /// it may be in them.
    fn thin_out(&mut self, id: NodeId, index: u64) {
        let Some(list) = self.arena.list(id) else { return };
        let newest = list.last;
        let mut loose: Vec<(u64, NodeId)> = list
            .kept
            .iter()
            .map(|(at, it)| (*at, *it))
            .filter(|(_, it)| {
                let node = self.arena.get(*it);
                !node.pinned && node.epoch != self.epoch && newest != Some(*it)
            })
            .filter(|(_, it)| !self.visited.contains(it))
            .collect();
        loose.sort_by_key(|(at, _)| std::cmp::Reverse(at.abs_diff(index)));
        loose.truncate(KEPT / 2);
        for (at, it) in loose {
            if let Some(list) = self.arena.list_mut(id) {
                list.kept.remove(&at);
            }
            self.drop_node(it);
        }
    }

    fn make_element(
        &mut self,
        id: NodeId,
        index: u64,
        cursor: Cursor,
        size: Option<u64>,
    ) -> Result<(NodeId, Option<Cursor>)> {
        let Some(attr) = self.arena.get(id).attr else { return bad("a list without an attribute") };
        let env = self.element_env(id, index, cursor)?;
        let stream = self.list(id)?.stream;
        self.begin(attr, Spot { parent: id, index: Some(index), stream, cursor, size }, &env)
    }

    /// Makes an element again that was walked over before.
    fn again(&mut self, id: NodeId, index: u64) -> Result<(NodeId, Option<Cursor>)> {
        loop {
            let list = self.list(id)?;
            let place = usize::try_from(index / list.stride).unwrap_or(usize::MAX);
            let (mut at, mut cursor, mut first) = (0, list.start, None);
            if let Some(mark) = list.marks.get(place) {
                (at, cursor, first) =
                    (index / list.stride * list.stride, mark.cursor, mark.first.clone());
            }
            if let Some((near, place)) = list.near.filter(|it| it.0 <= index && it.0 > at) {
                (at, cursor, first) = (near, place, None);
            }
            let (node, end) = match first {
                Some(first) => self.remake_first(id, at, cursor, &first)?,
                None => self.make_element(id, at, cursor, None)?,
            };
            if at == index {
                return Ok((node, end));
            }
            let end = match end {
                Some(end) => Ok(end),
                None => self.deeper(|tree| tree.finish(node)),
            };
            match end {
                Ok(end) => {
                    let list = self.list_mut(id)?;
                    list.near = Some((at + 1, end));
                    let before = list.recent.replace((at, node));
                    if let Some((_, before)) = before {
                        self.let_go(id, before);
                    }
                }
                Err(trouble) => {
                    self.let_go(id, node);
                    return Err(trouble);
                }
            }
        }
    }

    /// Makes the element at a mark of what was kept of it.
    fn remake_first(
        &mut self,
        id: NodeId,
        index: u64,
        cursor: Cursor,
        first: &First,
    ) -> Result<(NodeId, Option<Cursor>)> {
        let Some(attr) = self.arena.get(id).attr else { return bad("a list without an attribute") };
        let stream = self.list(id)?.stream;
        let spot = Spot { parent: id, index: Some(index), stream, cursor, size: None };
        let node = self.add_node(attr, spot, first.len, State::Unread, first.kept.clone())?;
        if !first.is_walked {
            return Ok((node, Some(first.end)));
        }
        self.arena.get_mut(node).len = 0;
        if let Err(trouble) = self.open_walked(node, cursor) {
            self.drop_node(node);
            return Err(trouble);
        }
        Ok((node, None))
    }
}
