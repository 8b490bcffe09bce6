//! A walk over all nodes in order, in constant memory: elements of lists are dropped when they were seen.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::Tree;
use super::node::{NodeId, Pace, State};
use crate::fault::{Fault, FaultKind, Result, Stop, Trouble};
use crate::row::{Row, RowState, Step, Trail};
use crate::value::Value;

/// How many elements of a list are kept after they were seen: those after them may ask for them.
const SEEN: u64 = 64;

/// How many elements in turn that have no bytes are shown.
const EMPTY: u64 = 16_384;

/// Takes rows. `Break` ends the walk.
pub(super) type Each<'a> = dyn FnMut(&Row) -> ControlFlow<()> + 'a;

/// What a visit goes by.
struct Visit<'a> {
    depth: usize,
    each: &'a mut Each<'a>,
    /// A mistake, a budget or a depth kept something from being shown.
    incomplete: bool,
    over: bool,
}

impl Tree {
    /// Calls `each` with the root and the nodes below it, down to a depth, in the order of the description:
    /// fields, then instances. Says whether everything was shown.
    ///
    /// # Errors
    ///
    /// A stop that the source asked for; in a strict tree the first mistake.
    pub fn visit(
        &mut self,
        depth: usize,
        each: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> Result<bool> {
        self.begin_request();
        self.visited.clear();
        let mut each = |row: &Row| each(row);
        let mut visit = Visit { depth, each: &mut each, incomplete: false, over: false };
        self.visit_node(self.root, &Trail::root(), &mut visit)?;
        Ok(!visit.incomplete)
    }

    fn visit_node(&mut self, id: NodeId, trail: &Trail, visit: &mut Visit<'_>) -> Result<()> {
        self.visited.push(id);
        let result = self.visit_in(id, trail, visit);
        self.visited.pop();
        result
    }

    fn visit_in(&mut self, id: NodeId, trail: &Trail, visit: &mut Visit<'_>) -> Result<()> {
        self.go_on();
        if trail.depth() > self.limits.objects || self.check_stack().is_err() {
            visit.incomplete = true;
            return Ok(());
        }
        if matches!(self.arena.get(id).state, State::Absent) {
            return Ok(());
        }
        let row = match self.row(id, trail) {
            Ok(row) => row,
            Err(trouble) => {
                let row = Self::lost_row(self.path(id), trail.clone(), &trouble);
                self.unseen(trouble, visit)?;
                visit.show(&row);
                return Ok(());
            }
        };
        visit.show(&row);
        if self.strict
            && let Some(fault) = row.fault
        {
            return Err(Trouble::Fault(fault));
        }
        if visit.over || trail.depth() >= visit.depth {
            visit.incomplete |= row.fault.is_some();
            return Ok(());
        }
        match &self.arena.get(id).state {
            State::List(_) => self.visit_list(id, trail, visit),
            State::Object(_) => self.visit_object(id, trail, visit),
            _ => {
                visit.incomplete |= row.fault.is_some();
                Ok(())
            }
        }
    }

    /// A stop of the source ends the visit; what else kept a node from being shown is noted.
    fn unseen(&self, trouble: Trouble, visit: &mut Visit<'_>) -> Result<()> {
        visit.incomplete = true;
        match trouble {
            Trouble::Stop(Stop::Cancelled) => Err(trouble),
            Trouble::Fault(_) if self.strict => Err(trouble),
            _ => Ok(()),
        }
    }

    fn visit_object(&mut self, id: NodeId, trail: &Trail, visit: &mut Visit<'_>) -> Result<()> {
        let schema = Arc::clone(&self.schema);
        let ty = schema.ty(self.object(id)?.ty);
        for at in 0..ty.seq.len() {
            self.go_on();
            match self.field_at_length(id, at) {
                Ok(field) => self.visit_node(field, &trail.join(Step::Field(at)), visit)?,
                Err(trouble) => {
                    let fault = Some(told(&trouble));
                    self.unseen(trouble, visit)?;
                    for rest in at..ty.seq.len() {
                        let row = self.not_reached(id, trail, rest, fault.clone(), rest == at);
                        visit.show(&row);
                    }
                    break;
                }
            }
            if visit.over {
                return Ok(());
            }
        }
        for at in 0..ty.instances.len() {
            self.go_on();
            let env = super::eval::Env::of(id);
            match self.instance(id, at, &env) {
                Ok(node) => self.visit_node(node, &trail.join(Step::Instance(at)), visit)?,
                Err(trouble) => {
                    let path = self.path_of_instance(id, at);
                    let row = Self::lost_row(path, trail.join(Step::Instance(at)), &trouble);
                    self.unseen(trouble, visit)?;
                    visit.show(&row);
                }
            }
            if visit.over {
                return Ok(());
            }
        }
        Ok(())
    }

    /// A row for a node that cannot be shown.
    pub(super) fn lost_row(path: String, trail: Trail, trouble: &Trouble) -> Row {
        Row {
            depth: trail.depth(),
            trail,
            name: last_part(&path).to_owned(),
            path,
            type_name: String::new(),
            span: None,
            text: String::new(),
            value: None,
            raw: None,
            target: None,
            fault: Some(told(trouble)),
            state: RowState::Failed,
            has_children: false,
        }
    }

    /// A field, however long the lists before it are.
    fn field_at_length(&mut self, id: NodeId, at: usize) -> Result<NodeId> {
        loop {
            let before = self.progress();
            match self.field(id, at) {
                Err(Trouble::Stop(Stop::Budget)) if self.progress() != before => {
                    self.go_on();
                }
                other => return other,
            }
        }
    }

    /// Changes whenever something was read.
    fn progress(&self) -> u64 {
        self.blocks.touched.saturating_add(self.moved)
    }

    /// A row for a field that a mistake keeps from being found.
    pub(super) fn not_reached(
        &self,
        id: NodeId,
        trail: &Trail,
        at: usize,
        fault: Option<Arc<Fault>>,
        first: bool,
    ) -> Row {
        let path = self.path_of_field(id, at);
        let name = path.rsplit('.').next().unwrap_or("").to_owned();
        let attr = self.arena.object(id).and_then(|it| self.schema.ty(it.ty).seq.get(at).copied());
        let type_name = attr
            .map_or_else(String::new, |it| super::show::kind_name(&self.schema.attr(it).body.kind));
        let unreadable = fault.as_ref().is_some_and(|it| it.kind == FaultKind::Unreadable);
        let state = match (first, unreadable) {
            (false, _) => RowState::NotReached,
            (true, true) => RowState::Unreadable,
            (true, false) => RowState::Failed,
        };
        Row {
            depth: trail.depth() + 1,
            trail: trail.join(Step::Field(at)),
            path,
            name,
            type_name,
            span: None,
            text: String::new(),
            value: None,
            raw: None,
            target: None,
            fault,
            state,
            has_children: false,
        }
    }

    fn visit_list(&mut self, id: NodeId, trail: &Trail, visit: &mut Visit<'_>) -> Result<()> {
        let (mut at, mut empty) = (0, 0);
        loop {
            self.go_on();
            let list = self.list(id)?;
            if empty >= EMPTY && (at < list.done || !list.complete) {
                visit.show(&self.more_row(id, trail, at));
                visit.incomplete = true;
                return Ok(());
            }
            if at >= list.done && matches!(list.pace, Pace::Fixed(_)) {
                visit.incomplete |= list.failed.is_some();
                return Ok(());
            }
            let node = match self.element_at_length(id, at) {
                Ok(Some(node)) => node,
                Ok(None) => return Ok(()),
                Err(trouble) => {
                    let row = Self::lost_row(
                        self.path_of_element(id),
                        trail.join(Step::Element(at)),
                        &trouble,
                    );
                    self.unseen(trouble, visit)?;
                    let pending = self.list(id)?.pending;
                    if let Some(pending) = pending {
                        self.visit_node(pending, &row.trail, visit)?;
                    }
                    // An object that has the mistake has said it.
                    let object = pending.and_then(|it| self.arena.object(it));
                    if object.is_none_or(|it| it.failed.is_none()) {
                        visit.show(&row);
                    }
                    return Ok(());
                }
            };
            self.visit_node(node, &trail.join(Step::Element(at)), visit)?;
            empty = if self.arena.get(node).len == 0 { empty + 1 } else { 0 };
            self.release(id, at);
            if visit.over {
                return Ok(());
            }
            at += 1;
        }
    }

    /// An element; `None` past the end.
    fn element_at_length(&mut self, id: NodeId, at: u64) -> Result<Option<NodeId>> {
        loop {
            let before = self.progress();
            let step = if self.list(id)?.done > at { Ok(true) } else { self.walk(id) };
            match step {
                Ok(false) => return Ok(None),
                Ok(true) => return self.element(id, at).map(Some),
                Err(Trouble::Stop(Stop::Budget)) if self.progress() != before => {
                    self.go_on();
                }
                Err(trouble) => return Err(trouble),
            }
        }
    }

    /// Drops the element that was seen so many elements ago, if no value refers to it.
    fn release(&mut self, id: NodeId, at: u64) {
        let strict = self.strict;
        let Some(at) = at.checked_sub(SEEN) else { return };
        let Some(list) = self.arena.list_mut(id) else { return };
        let Some(&node) = list.kept.get(&at) else { return };
        let is_newest = list.last == Some(node);
        if strict || self.arena.get(node).pinned {
            return;
        }
        if let Some(list) = self.arena.list_mut(id) {
            list.kept.remove(&at);
        }
        if !is_newest {
            self.drop_node(node);
        }
    }

    /// The node that an expression names, and those below it, as [`visit`](Self::visit).
    ///
    /// # Errors
    ///
    /// [`Trouble`]: as [`ask`](Self::ask), and as [`visit`](Self::visit).
    pub fn visit_at(
        &mut self,
        expr: &str,
        depth: usize,
        each: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> Result<Option<bool>> {
        let Some((id, trail)) = self.find(expr)? else { return Ok(None) };
        self.visit_from(id, &trail, depth, each).map(Some)
    }

    pub(super) fn visit_from(
        &mut self,
        id: NodeId,
        trail: &Trail,
        depth: usize,
        each: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> Result<bool> {
        let mut each = |row: &Row| each(row);
        let depth = depth.saturating_add(trail.depth());
        let mut visit = Visit { depth, each: &mut each, incomplete: false, over: false };
        self.visited.clear();
        let mut above = self.arena.get(id).parent;
        while above != NodeId::NONE {
            self.visited.push(above);
            above = self.arena.get(above).parent;
        }
        self.visit_node(id, trail, &mut visit)?;
        Ok(!visit.incomplete)
    }

    /// The node that an expression names, if it names one.
    fn find(&mut self, expr: &str) -> Result<Option<(NodeId, Trail)>> {
        self.begin_request();
        let node = self.node_named(expr)?;
        Ok(match node {
            Some(id) => Some((id, self.trail_of(id))),
            None => match self.ask_value(expr)? {
                Value::Object(id) | Value::List(id) => Some((id, self.trail_of(id))),
                _ => None,
            },
        })
    }
}

/// What went wrong, as a mistake. A stop at a budget is one of a row.
fn told(trouble: &Trouble) -> Arc<Fault> {
    match trouble {
        Trouble::Fault(fault) => Arc::clone(fault),
        Trouble::Stop(stop) => Arc::new(Fault {
            kind: FaultKind::Limit,
            path: String::new(),
            message: stop.to_string(),
        }),
    }
}

/// The name at the end of a path.
fn last_part(path: &str) -> &str {
    let from = path
        .rfind(['.', '['])
        .map_or(0, |at| if path[at..].starts_with('.') { at + 1 } else { at });
    &path[from..]
}

impl Visit<'_> {
    fn show(&mut self, row: &Row) {
        self.over |= (self.each)(row).is_break();
    }
}
