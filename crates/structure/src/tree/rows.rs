//! The rows of a view: those in a window, of the nodes that are open.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::Tree;
use super::eval::Env;
use super::node::{NodeId, State};
use crate::fault::{Fault, Result, Stop, Trouble};
use crate::outline::{Open, Outline};
use crate::row::{Row, RowState, Step, Trail};
use crate::text;

/// How many elements are walked to find what comes after a list.
const AHEAD: u64 = 1024;

/// Rows of a tree.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rows {
    /// The rows of the window.
    pub rows: Vec<Row>,
    /// How many rows there are, as far as is known.
    pub total: u64,
    /// Why it stopped before the window was full. Asked again, it goes on.
    pub stopped: Option<Stop>,
}

/// A window that is being filled.
struct Window {
    skip: u64,
    want: usize,
    rows: Vec<Row>,
    total: u64,
    stopped: Option<Stop>,
    /// The node that is looked for, and the row that it was found at.
    wanted: Option<Trail>,
    found: Option<u64>,
}

impl Window {
    fn is_full(&self) -> bool {
        self.rows.len() >= self.want && (self.wanted.is_none() || self.found.is_some())
    }

    /// Whether more elements of a list are of use: as rows, or to find a node among them.
    fn wants(&self, list: &Trail) -> bool {
        let looks =
            || self.found.is_none() && self.wanted.as_ref().is_some_and(|it| it.starts_with(list));
        self.rows.len() < self.want || looks()
    }

    /// Counts rows that need not be made, and says whether the next is in the window.
    fn pass(&mut self, count: u64) {
        self.skip = self.skip.saturating_sub(count);
        self.total = self.total.saturating_add(count);
    }
}

impl Tree {
    /// The rows from `first` on, at most so many. What lies outside of the window is not read.
    ///
    /// # Errors
    ///
    /// A stop that the source asked for.
    pub fn rows(&mut self, outline: &Outline, first: u64, count: usize) -> Result<Rows> {
        self.begin_request();
        let mut window = Window {
            skip: first,
            want: count,
            rows: Vec::new(),
            total: 0,
            stopped: None,
            wanted: None,
            found: None,
        };
        self.emit(self.root, &Trail::root(), outline.root(), &mut window)?;
        Ok(Rows { rows: window.rows, total: window.total, stopped: window.stopped })
    }

    /// The number of the row of a node, if all above it are open.
    ///
    /// # Errors
    ///
    /// A stop that the source asked for.
    pub fn row_number(&mut self, outline: &Outline, trail: &Trail) -> Result<Option<u64>> {
        if trail.parent().is_some_and(|it| !outline.is_open(&it)) {
            return Ok(None);
        }
        self.begin_request();
        let wanted = Some(trail.clone());
        let mut window = Window {
            skip: u64::MAX,
            want: 0,
            rows: Vec::new(),
            total: 0,
            stopped: None,
            wanted,
            found: None,
        };
        self.emit(self.root, &Trail::root(), outline.root(), &mut window)?;
        Ok(window.found)
    }

    /// The row of a node.
    ///
    /// # Errors
    ///
    /// A stop, or what keeps the node from being found.
    pub fn row_at(&mut self, trail: &Trail) -> Result<Row> {
        self.begin_request();
        let id = self.follow(trail)?;
        self.row(id, trail)
    }

    /// The node at the end of a way.
    pub(super) fn follow(&mut self, trail: &Trail) -> Result<NodeId> {
        let mut at = self.root;
        for step in &trail.0 {
            if matches!(self.arena.get(at).state, State::Unread) {
                self.value(at)?;
            }
            at = match *step {
                Step::Field(place) => self.field(at, place)?,
                Step::Instance(place) => self.instance(at, place, &Env::of(at))?,
                Step::Element(place) => self.element(at, place)?,
            };
        }
        Ok(at)
    }

    fn emit(
        &mut self,
        id: NodeId,
        trail: &Trail,
        open: Option<&Open>,
        window: &mut Window,
    ) -> Result<()> {
        if matches!(self.arena.get(id).state, State::Absent) {
            return Ok(());
        }
        if window.wanted.as_ref() == Some(trail) {
            window.found = Some(window.total);
        }
        if let Err(trouble) = self.check_stack() {
            window.push(Self::lost_row(self.path(id), trail.clone(), &trouble));
            return Ok(());
        }
        if window.skip > 0 || window.rows.len() >= window.want {
            window.pass(1);
        } else {
            window.total += 1;
            match self.row(id, trail) {
                Ok(row) => window.rows.push(row),
                Err(trouble) => window.stop(trouble)?,
            }
        }
        let Some(open) = open else { return Ok(()) };
        match self.value(id) {
            Ok(_) => {}
            Err(trouble) => return window.stop(trouble),
        }
        match &self.arena.get(id).state {
            State::List(_) => self.emit_elements(id, trail, open, window),
            State::Object(_) => self.emit_members(id, trail, open, window),
            _ => Ok(()),
        }
    }

    fn emit_members(
        &mut self,
        id: NodeId,
        trail: &Trail,
        open: &Open,
        window: &mut Window,
    ) -> Result<()> {
        let schema = Arc::clone(&self.schema);
        let ty = schema.ty(self.object(id)?.ty);
        for at in 0..ty.seq.len() {
            if window.is_full() {
                let known = self.object(id)?.fields.get(at).copied();
                self.emit_known(known, (trail, Step::Field(at)), open, window)?;
                continue;
            }
            let trouble = match self.field_ahead(id, at) {
                Ok(Some(field)) => {
                    let step = Step::Field(at);
                    self.emit(field, &trail.join(step), open.0.get(&step), window)?;
                    continue;
                }
                Ok(None) => None,
                Err(trouble) => Some(trouble),
            };
            let fault = match trouble {
                Some(Trouble::Fault(fault)) => Some(fault),
                Some(stop) => {
                    window.stop(stop)?;
                    None
                }
                None => None,
            };
            for rest in at..ty.seq.len() {
                let mut row = self.not_reached(id, trail, rest, fault.clone(), rest == at);
                if fault.is_none() {
                    row.state = RowState::NotReached;
                    "not reached yet".clone_into(&mut row.text);
                }
                window.push(row);
            }
            break;
        }
        for at in 0..ty.instances.len() {
            let step = Step::Instance(at);
            if window.is_full() {
                let known = self.object(id)?.instances.get(at).copied().flatten();
                self.emit_known(known, (trail, step), open, window)?;
                continue;
            }
            match self.instance(id, at, &Env::of(id)) {
                Ok(node) => self.emit(node, &trail.join(step), open.0.get(&step), window)?,
                Err(Trouble::Fault(fault)) => {
                    let path = self.path_of_instance(id, at);
                    let row = Self::lost_row(path, trail.join(step), &Trouble::Fault(fault));
                    window.push(row);
                }
                Err(trouble) => window.stop(trouble)?,
            }
        }
        Ok(())
    }

    /// Counts a member behind the window, with what is open below it. Nothing is read.
    fn emit_known(
        &mut self,
        id: Option<NodeId>,
        (trail, step): (&Trail, Step),
        open: &Open,
        window: &mut Window,
    ) -> Result<()> {
        let is_open = |it: &NodeId| {
            matches!(self.arena.get(*it).state, State::Object(_) | State::List(_) | State::Absent)
        };
        if let Some(id) = id.filter(is_open) {
            return self.emit(id, &trail.join(step), open.0.get(&step), window);
        }
        window.pass(1);
        Ok(())
    }

    /// A field, unless it comes after a list whose end is far.
    fn field_ahead(&mut self, id: NodeId, at: usize) -> Result<Option<NodeId>> {
        let object = self.object(id)?;
        let waits = object.fields.get(at).is_none() && object.cursor.is_none();
        if let Some(&last) = object.fields.last().filter(|_| waits) {
            while self.arena.list(last).is_some_and(|it| !it.complete && it.failed.is_none()) {
                if self.list(last)?.done >= AHEAD {
                    return Ok(None);
                }
                self.walk(last)?;
            }
        }
        self.field(id, at).map(Some)
    }

    fn emit_elements(
        &mut self,
        id: NodeId,
        trail: &Trail,
        open: &Open,
        window: &mut Window,
    ) -> Result<()> {
        let mut at = 0;
        for (step, below) in &open.0 {
            let Step::Element(index) = *step else { continue };
            if index >= self.list(id)?.done {
                break;
            }
            self.emit_range(id, trail, (at, index), window)?;
            let node = match self.element(id, index) {
                Ok(node) => node,
                Err(trouble) => return window.stop(trouble),
            };
            self.emit(node, &trail.join(*step), Some(below), window)?;
            at = index + 1;
        }
        let known = self.list(id)?.done;
        self.emit_range(id, trail, (at, known), window)?;
        self.emit_more(id, trail, window)
    }

    /// Closed elements. Only those in the window are made.
    fn emit_range(
        &mut self,
        id: NodeId,
        trail: &Trail,
        (from, to): (u64, u64),
        window: &mut Window,
    ) -> Result<()> {
        let count = to.saturating_sub(from);
        if let Some(Step::Element(index)) = window.wanted.as_ref().and_then(|it| it.0.last()) {
            let its = window.wanted.as_ref().and_then(Trail::parent).as_ref() == Some(trail);
            if its && (from..to).contains(index) {
                window.found = Some(window.total + (index - from));
            }
        }
        let skipped = window.skip.min(count);
        window.pass(skipped);
        let mut at = from + skipped;
        while at < to && window.rows.len() < window.want {
            let shown = match self.element(id, at) {
                Ok(node) => self.emit(node, &trail.join(Step::Element(at)), None, window),
                Err(trouble) => window.stop(trouble),
            };
            shown?;
            if window.stopped.is_some() {
                break;
            }
            at += 1;
        }
        window.total = window.total.saturating_add(to - at);
        Ok(())
    }

    /// Elements that are not known yet, as far as the window wants them, and a row for the rest.
    fn emit_more(&mut self, id: NodeId, trail: &Trail, window: &mut Window) -> Result<()> {
        while window.wants(trail) && window.stopped.is_none() {
            match self.walk(id) {
                Ok(true) => {
                    let at = self.list(id)?.done - 1;
                    self.emit_range(id, trail, (at, at + 1), window)?;
                }
                Ok(false) => return Ok(()),
                Err(Trouble::Fault(fault)) => {
                    window.push(self.failed_element(id, trail, fault)?);
                    return Ok(());
                }
                Err(stop) => window.stop(stop)?,
            }
        }
        let list = self.list(id)?;
        match list.failed.clone().filter(|_| !list.complete) {
            Some(fault) => window.push(self.failed_element(id, trail, fault)?),
            None if list.complete => {}
            None => window.push(self.more_row(id, trail, list.done)),
        }
        Ok(())
    }

    /// The row of the element at which a list ends with a mistake.
    fn failed_element(&self, id: NodeId, trail: &Trail, fault: Arc<Fault>) -> Result<Row> {
        let at = self.list(id)?.done;
        let mut row = self.more_row(id, trail, at);
        row.name = format!("[{at}]");
        row.text = String::new();
        row.state = RowState::Failed;
        row.fault = Some(fault);
        Ok(row)
    }

    pub(super) fn more_row(&self, id: NodeId, trail: &Trail, at: u64) -> Row {
        let path = format!("{}[{at}]", self.path(id));
        Row {
            depth: trail.depth() + 1,
            trail: trail.join(Step::Element(at)),
            path,
            name: "…".to_owned(),
            type_name: String::new(),
            span: None,
            text: format!("{} known, more follow", text::count(at)),
            value: None,
            raw: None,
            target: None,
            fault: None,
            state: RowState::More,
            has_children: false,
        }
    }

    /// Walks a list further: as far as one request goes. Says whether it is at its end.
    ///
    /// # Errors
    ///
    /// A stop that the source asked for, or the mistake that ends the list.
    pub fn walk_on(&mut self, trail: &Trail) -> Result<bool> {
        self.begin_request();
        let id = self.follow(trail)?;
        loop {
            match self.walk(id) {
                Ok(true) => {}
                Ok(false) => return Ok(true),
                Err(Trouble::Stop(Stop::Budget)) => return Ok(false),
                Err(trouble) => return Err(trouble),
            }
        }
    }

    /// How far a list is known: its elements, and the byte after them.
    pub fn walked(&mut self, trail: &Trail) -> Option<(u64, u64)> {
        self.begin_request();
        let id = self.follow(trail).ok()?;
        let list = self.arena.list(id)?;
        Some((list.done, list.cursor.pos))
    }

    /// All rows from the node of a way on, for a copy.
    ///
    /// # Errors
    ///
    /// A stop, or what keeps the node from being found.
    pub fn visit_trail(
        &mut self,
        trail: &Trail,
        depth: usize,
        each: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> Result<bool> {
        self.begin_request();
        let id = self.follow(trail)?;
        self.visit_from(id, trail, depth, each)
    }
}

impl Window {
    /// A row that stands for no node.
    fn push(&mut self, row: Row) {
        if self.wanted.as_ref() == Some(&row.trail) {
            self.found = Some(self.total);
        }
        if self.skip > 0 || self.rows.len() >= self.want {
            self.pass(1);
        } else {
            self.total += 1;
            self.rows.push(row);
        }
    }

    /// A budget ends the window; what the source stops ends the request.
    fn stop(&mut self, trouble: Trouble) -> Result<()> {
        match trouble {
            Trouble::Stop(Stop::Cancelled) => Err(trouble),
            Trouble::Stop(stop) => {
                self.stopped = Some(stop);
                Ok(())
            }
            Trouble::Fault(_) => Ok(()),
        }
    }
}
