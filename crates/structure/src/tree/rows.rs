//! The rows of a view: those in a window, of the nodes that are open.

use std::sync::Arc;

use super::Tree;
use super::eval::Env;
use super::node::{NodeId, State};
use crate::fault::{Fault, Result, Stop, Trouble};
use crate::outline::Outline;
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

/// An open node whose rows are being made, and what is next in it.
struct Level {
    id: NodeId,
    trail: Trail,
    next: Step,
}

impl Level {
    fn then(self, next: Step) -> Self {
        Self { next, ..self }
    }
}

/// The open nodes that a walk is in, outermost first. They are no recursion, as a user may open any depth.
struct Walk<'a> {
    outline: &'a Outline,
    levels: Vec<Level>,
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
        self.emit_all(outline, &mut window)?;
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
        self.emit_all(outline, &mut window)?;
        Ok(window.found)
    }

    fn emit_all(&mut self, outline: &Outline, window: &mut Window) -> Result<()> {
        let mut walk = Walk { outline, levels: Vec::new() };
        self.emit(self.root, Trail::root(), &mut walk, window)?;
        while let Some(level) = walk.levels.pop() {
            match level.next {
                Step::Field(at) => self.emit_field(level, at, &mut walk, window)?,
                Step::Instance(at) => self.emit_instance(level, at, &mut walk, window)?,
                Step::Element(at) => self.emit_elements(level, at, &mut walk, window)?,
            }
        }
        Ok(())
    }

    /// The row of a node, and what is in it next, if it is open.
    fn emit(
        &mut self,
        id: NodeId,
        trail: Trail,
        walk: &mut Walk<'_>,
        window: &mut Window,
    ) -> Result<()> {
        if !self.emit_row(id, &trail, window)? || !walk.outline.is_open(&trail) {
            return Ok(());
        }
        if let Err(trouble) = self.value(id) {
            return window.stop(trouble);
        }
        let next = match &self.arena.get(id).state {
            State::List(_) => Step::Element(0),
            State::Object(_) => Step::Field(0),
            _ => return Ok(()),
        };
        walk.levels.push(Level { id, trail, next });
        Ok(())
    }

    /// The row of a node. `false`: it is absent.
    fn emit_row(&mut self, id: NodeId, trail: &Trail, window: &mut Window) -> Result<bool> {
        if matches!(self.arena.get(id).state, State::Absent) {
            return Ok(false);
        }
        if window.wanted.as_ref() == Some(trail) {
            window.found = Some(window.total);
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
        Ok(true)
    }

    fn emit_field(
        &mut self,
        level: Level,
        at: usize,
        walk: &mut Walk<'_>,
        window: &mut Window,
    ) -> Result<()> {
        let schema = Arc::clone(&self.schema);
        let id = level.id;
        let ty = schema.ty(self.object(id)?.ty);
        if at >= ty.seq.len() {
            walk.levels.push(level.then(Step::Instance(0)));
            return Ok(());
        }
        let trail = level.trail.join(Step::Field(at));
        if window.is_full() {
            let known = self.object(id)?.fields.get(at).copied();
            walk.levels.push(level.then(Step::Field(at + 1)));
            return self.emit_known(known, trail, walk, window);
        }
        let fault = match self.field_ahead(id, at) {
            Ok(Some(field)) => {
                walk.levels.push(level.then(Step::Field(at + 1)));
                return self.emit(field, trail, walk, window);
            }
            Ok(None) => None,
            Err(Trouble::Fault(fault)) => Some(fault),
            Err(stop) => {
                window.stop(stop)?;
                None
            }
        };
        for rest in at..ty.seq.len() {
            let mut row = self.not_reached(id, &level.trail, rest, fault.clone(), rest == at);
            if fault.is_none() {
                row.state = RowState::NotReached;
                "not reached yet".clone_into(&mut row.text);
            }
            window.push(row);
        }
        walk.levels.push(level.then(Step::Instance(0)));
        Ok(())
    }

    fn emit_instance(
        &mut self,
        level: Level,
        at: usize,
        walk: &mut Walk<'_>,
        window: &mut Window,
    ) -> Result<()> {
        let id = level.id;
        if at >= self.object(id)?.instances.len() {
            return Ok(());
        }
        let trail = level.trail.join(Step::Instance(at));
        walk.levels.push(level.then(Step::Instance(at + 1)));
        if window.is_full() {
            let known = self.object(id)?.instances.get(at).copied().flatten();
            return self.emit_known(known, trail, walk, window);
        }
        match self.instance(id, at, &Env::of(id)) {
            Ok(node) => self.emit(node, trail, walk, window),
            Err(Trouble::Fault(fault)) => {
                let path = self.path_of_instance(id, at);
                window.push(Self::lost_row(path, trail, &Trouble::Fault(fault)));
                Ok(())
            }
            Err(trouble) => window.stop(trouble),
        }
    }

    /// Counts a member after the window, with what is open below it. Nothing is read.
    fn emit_known(
        &mut self,
        id: Option<NodeId>,
        trail: Trail,
        walk: &mut Walk<'_>,
        window: &mut Window,
    ) -> Result<()> {
        let is_open = |it: &NodeId| {
            matches!(self.arena.get(*it).state, State::Object(_) | State::List(_) | State::Absent)
        };
        if let Some(id) = id.filter(is_open) {
            return self.emit(id, trail, walk, window);
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

    /// The elements up to one that is open, or up to the end.
    fn emit_elements(
        &mut self,
        level: Level,
        at: u64,
        walk: &mut Walk<'_>,
        window: &mut Window,
    ) -> Result<()> {
        let (id, trail) = (level.id, &level.trail);
        let known = self.list(id)?.done;
        let open = walk.outline.open_element(trail, at).filter(|it| *it < known);
        self.emit_range(id, trail, (at, open.unwrap_or(known)), window)?;
        let Some(index) = open else { return self.emit_more(id, trail, window) };
        let node = match self.element(id, index) {
            Ok(node) => node,
            Err(trouble) => return window.stop(trouble),
        };
        let below = trail.element(index);
        walk.levels.push(level.then(Step::Element(index + 1)));
        self.emit(node, below, walk, window)
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
                Ok(node) => self.emit_row(node, &trail.element(at), window).map(drop),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Formats, Schema};

    struct Nested;

    impl Formats for Nested {
        fn text(&self, _: &str) -> std::result::Result<Option<Vec<u8>>, String> {
            let text =
                "meta: {id: it}\nseq: [{id: x, type: u1}]\ninstances: {kid: {pos: 0, type: it}}\n";
            Ok(Some(text.as_bytes().to_vec()))
        }
    }

    #[test]
    fn nodes_are_open_in_each_other_as_deep_as_one_likes() {
        const DEEP: u64 = 1000;
        let test = || {
            let schema = Schema::load("it", &Nested).expect("no mistakes");
            let mut tree = Tree::new(Arc::new(schema), Box::new(vec![7_u8; 4]));
            let deepest = Trail(vec![Step::Instance(0); 1000]);
            let mut outline = Outline::of_root();
            outline.open(&deepest);
            let rows = tree.rows(&outline, 2 * DEEP, 10).expect("no stop").rows;
            let depths: Vec<usize> = rows.iter().map(|it| it.depth).collect();
            assert_eq!(depths, [1000, 1001, 1001]);
            assert!(rows.iter().all(|it| it.fault.is_none()), "{rows:?}");
            assert_eq!(tree.row_number(&outline, &deepest), Ok(Some(2 * DEEP)));
            outline.clone().close(&deepest);
            outline.close(&Trail::root());
        };
        let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(test);
        thread.expect("a thread").join().expect("it passes");
    }
}
