//! The rows of a view: those in a window, of the nodes that are open.

use std::sync::Arc;

use super::Tree;
use super::eval::Env;
use super::fold::Run;
use super::node::{NodeId, Pace, State};
use super::window::Window;
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

/// An open node whose rows are being made, and what is next in it.
struct Level {
    id: NodeId,
    trail: Trail,
    next: Step,
    /// Of a list: its elements, or those of the group of them that this is.
    run: Run,
    is_group: bool,
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

impl Tree {
    /// The rows from `first` on, at most so many. What lies outside of the window is not read.
    ///
    /// # Errors
    ///
    /// A stop that the source asked for.
    pub fn rows(&mut self, outline: &Outline, first: u64, count: usize) -> Result<Rows> {
        self.begin_request();
        let mut window = Window { skip: first, want: count, ..Window::default() };
        self.emit_all(outline, &mut window)?;
        // A list whose end was found meanwhile is folded now.
        if window.lists.iter().any(|(id, run)| !self.is_laid_out(*id, run)) {
            window = Window { skip: first, want: count, ..Window::default() };
            self.emit_all(outline, &mut window)?;
        }
        Ok(Rows { rows: window.rows, total: window.total, stopped: window.stopped })
    }

    /// Whether a list is folded as it was.
    fn is_laid_out(&self, id: NodeId, run: &Run) -> bool {
        self.run(id).is_ok_and(|now| now == *run || !(now.is_folded() || run.is_folded()))
    }

    /// The number of the row of a node or a group, if all above it are open.
    ///
    /// # Errors
    ///
    /// A stop that the source asked for.
    pub fn row_number(&mut self, outline: &Outline, trail: &Trail) -> Result<Option<u64>> {
        if trail.parent().is_some_and(|it| !outline.is_open(&it))
            || !self.rows_above(trail)?.iter().all(|it| outline.is_open(it))
        {
            return Ok(None);
        }
        if let Some(group @ Step::Group { .. }) = trail.0.last() {
            let list = self.follow(trail);
            if list.is_ok_and(|it| self.run_of(it, *group).is_none()) {
                return Ok(None);
            }
        }
        self.begin_request();
        let wanted = Some(trail.clone());
        let mut window = Window { skip: u64::MAX, wanted, ..Window::default() };
        self.emit_all(outline, &mut window)?;
        Ok(window.found)
    }

    fn emit_all(&mut self, outline: &Outline, window: &mut Window) -> Result<()> {
        let mut walk = Walk { outline, levels: Vec::new() };
        self.emit(self.root, Trail::root(), &mut walk, window)?;
        while let Some(level) = walk.levels.pop() {
            window.depth = walk.levels.len() + 1;
            match level.next {
                Step::Field(at) => self.emit_field(level, at, &mut walk, window)?,
                Step::Instance(at) => self.emit_instance(level, at, &mut walk, window)?,
                Step::Element(at) | Step::Group { start: at, .. } => {
                    self.emit_elements(level, at, &mut walk, window)?;
                }
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
        let (next, run) = match &self.arena.get(id).state {
            State::List(_) => (Step::Element(0), self.run(id)?),
            State::Object(_) => (Step::Field(0), Run::default()),
            _ => return Ok(()),
        };
        if next == Step::Element(0) {
            window.lists.push((id, run.clone()));
        }
        walk.levels.push(Level { id, trail, next, run, is_group: false });
        Ok(())
    }

    /// The row of a node. `false`: it is absent.
    fn emit_row(&mut self, id: NodeId, trail: &Trail, window: &mut Window) -> Result<bool> {
        if matches!(self.arena.get(id).state, State::Absent) {
            return Ok(false);
        }
        if window.admits(trail) {
            match self.row(id, trail) {
                Ok(row) => window.take(row),
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

    /// The groups up to one that is open, or up to the end.
    fn emit_groups(
        &mut self,
        level: Level,
        at: u64,
        walk: &mut Walk<'_>,
        window: &mut Window,
    ) -> Result<()> {
        let (id, mut at) = (level.id, at);
        while at < level.run.to {
            let (step, inner) = level.run.group(at);
            let trail = level.trail.join(step);
            let is_open = walk.outline.is_open(&trail);
            if window.admits(&trail) {
                window.take(self.group_row(id, trail, &inner));
            }
            at = inner.to;
            if is_open {
                let list = level.trail.clone();
                walk.levels.push(level.then(Step::Element(at)));
                let next = Step::Element(inner.from);
                walk.levels.push(Level { id, trail: list, next, run: inner, is_group: true });
                return Ok(());
            }
        }
        if level.is_group {
            return Ok(());
        }
        self.emit_more(id, &level.trail, &level.run, window)
    }

    /// The elements up to one that is open, or up to the end.
    fn emit_elements(
        &mut self,
        level: Level,
        at: u64,
        walk: &mut Walk<'_>,
        window: &mut Window,
    ) -> Result<()> {
        let (id, trail, run) = (level.id, &level.trail, &level.run);
        if run.is_folded() {
            return self.emit_groups(level, at, walk, window);
        }
        let known = self.list(id)?.done;
        let end = if level.is_group { run.to } else { known };
        // Nothing is walked for what is not shown.
        let most = if window.is_full() { end.min(known) } else { end };
        let open = walk.outline.open_element(trail, at).filter(|it| *it < most);
        self.emit_range(id, trail, (at, open.unwrap_or(end)), window)?;
        let Some(index) = open else {
            return if level.is_group { Ok(()) } else { self.emit_more(id, trail, run, window) };
        };
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
            match self.element(id, at) {
                Ok(node) => drop(self.emit_row(node, &trail.element(at), window)?),
                Err(Trouble::Fault(fault)) => {
                    let path = format!("{}[{at}]", self.path(id));
                    window.push(Self::lost_row(path, trail.element(at), &Trouble::Fault(fault)));
                }
                Err(stop) => window.stop(stop)?,
            }
            if window.stopped.is_some() {
                break;
            }
            at += 1;
        }
        window.total = window.total.saturating_add(to - at);
        Ok(())
    }

    /// Elements that are not known yet, as far as the window wants them, and a row for the rest.
    fn emit_more(
        &mut self,
        id: NodeId,
        trail: &Trail,
        run: &Run,
        window: &mut Window,
    ) -> Result<()> {
        while !run.is_folded() && window.wants(trail) && window.stopped.is_none() {
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
            None if list.complete || run.is_folded() && list.pace != Pace::Walked(None) => {}
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
