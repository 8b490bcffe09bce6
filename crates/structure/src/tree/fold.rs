//! Long lists fold: their elements are in groups of a hundred, those in groups of ten thousand, and so on.
//!
//! Which groups there are follows from how many elements a list has, so that nothing is read to fold it; those
//! of one size that are known to be unreadable are a group of their own. A group is a row and no node: what
//! names an element names none of its groups.

use std::sync::Arc;

use super::Tree;
use super::node::{Base, NodeId, Pace};
use crate::fault::{Fault, FaultKind, Result, Stop, Trouble};
use crate::row::{Row, RowState, Span, Step, Trail};
use crate::source::BLOCK;
use crate::text;

/// What has more rows than this folds.
const MOST: u64 = 200;

/// How many rows a group has.
const FAN: u64 = 100;

/// In how many places of a list elements that cannot be read are groups of their own.
const PLACES: usize = 64;

/// Elements in a row: those of a list or of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) from: u64,
    pub(super) to: u64,
    /// How many elements each group in it has at most. 1: it does not fold.
    unit: u64,
    /// Why they cannot be read.
    reason: Option<String>,
    /// Those in it that cannot be read, which are groups of their own.
    lost: Vec<Self>,
}

impl Run {
    fn new(from: u64, to: u64) -> Self {
        let mut unit = 1;
        while (to - from).div_ceil(unit) > MOST {
            unit *= FAN;
        }
        Self { unit, ..Self::plain(from, to) }
    }

    fn plain(from: u64, to: u64) -> Self {
        Self { from, to, unit: 1, reason: None, lost: Vec::new() }
    }

    pub(super) fn is_folded(&self) -> bool {
        self.unit > 1
    }

    /// The group that an element is in, with what is in the group.
    pub(super) fn group(&self, at: u64) -> (Step, Self) {
        let next = self.lost.partition_point(|it| it.to <= at);
        let before =
            next.checked_sub(1).and_then(|it| self.lost.get(it)).map_or(self.from, |it| it.to);
        let next = self.lost.get(next);
        if let Some(lost) = next.filter(|it| it.from <= at) {
            return (Step::Group { start: lost.from, end: lost.to }, lost.clone());
        }
        let first = at - at % self.unit;
        let (from, end) = (first.max(before), first.saturating_add(self.unit));
        let to = end.min(next.map_or(self.to, |it| it.from));
        (Step::Group { start: from, end }, Self::new(from, to))
    }

    /// All groups that an element is in, the outermost first.
    fn groups(self, at: u64) -> impl Iterator<Item = (Step, Self)> {
        let mut run = self;
        std::iter::from_fn(move || {
            let is_in = run.is_folded() && (run.from..run.to).contains(&at);
            is_in.then(|| {
                let group = run.group(at);
                run = group.1.clone();
                group
            })
        })
    }
}

impl Tree {
    /// The elements of a list as they are shown. One whose end is unknown is folded once it was walked for
    /// its end: while a view goes down in it row by row, its rows stay where they are.
    pub(super) fn run(&self, id: NodeId) -> Result<Run> {
        let list = self.list(id)?;
        let mut run = match list.pace {
            Pace::Walked(Some(count)) if list.failed.is_none() => Run::new(0, count),
            Pace::Walked(_) if !(list.complete || list.failed.is_some() || list.folds) => {
                Run::plain(0, list.done)
            }
            _ => Run::new(0, list.done),
        };
        match list.pace {
            Pace::Fixed(size @ 1..)
                if run.is_folded() && self.stream(list.stream).base == Base::File =>
            {
                run.lost = self.lost(list.start.pos, size, run.to);
            }
            _ => {}
        }
        Ok(run)
    }

    /// The elements of a list that are known to be unreadable; none if they are in too many places.
    fn lost(&self, start: u64, size: u64, count: u64) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (block, reason) in
            self.blocks.lost(start, start.saturating_add(count.saturating_mul(size)))
        {
            let (first, end) = (block.saturating_sub(start), (block + BLOCK).saturating_sub(start));
            let from = (first / size).max(runs.last().map_or(0, |it| it.to));
            let to = end.div_ceil(size).min(count);
            match runs.last_mut() {
                _ if from >= to => {}
                Some(run) if run.to == from && run.reason.as_deref() == Some(reason) => {
                    *run = Run { reason: run.reason.take(), ..Run::new(run.from, to) };
                }
                _ => runs.push(Run { reason: Some(reason.to_owned()), ..Run::new(from, to) }),
            }
            if runs.len() > PLACES {
                return Vec::new();
            }
        }
        runs
    }

    /// What is in the group that a way ends at.
    pub(super) fn run_of(&self, list: NodeId, group: Step) -> Option<Run> {
        let Step::Group { start, .. } = group else { return None };
        self.run(list).ok()?.groups(start).find(|it| it.0 == group).map(|it| it.1)
    }

    /// The rows that a row is in, the outermost first: nodes, and groups of elements. A mistake in the file
    /// hides the groups below it.
    ///
    /// # Errors
    ///
    /// A stop that the source asked for.
    pub fn rows_above(&mut self, trail: &Trail) -> Result<Vec<Trail>> {
        self.begin_request();
        let mut above = Vec::new();
        let (mut here, mut node) = (Trail::root(), Some(self.root));
        for (at, step) in trail.0.iter().enumerate() {
            above.push(here.clone());
            if let (Step::Element(index) | Step::Group { start: index, .. }, Some(list)) =
                (*step, node)
            {
                let groups = self.run(list).unwrap_or_default().groups(index).map(|it| it.0);
                above.extend(groups.take_while(|it| it != step).map(|it| here.join(it)));
            }
            if at + 1 < trail.0.len() {
                node = match node.map(|it| self.step_into(it, *step)) {
                    Some(Err(stop @ Trouble::Stop(Stop::Cancelled))) => return Err(stop),
                    found => found.and_then(Result::ok),
                };
            }
            here = here.join(*step);
        }
        Ok(above)
    }

    /// The row of a group.
    pub(super) fn group_row(&self, id: NodeId, trail: Trail, run: &Run) -> Row {
        let (from, to) = (run.from, run.to);
        let count = to - from;
        let name = format!("[{from}…{}]", to.saturating_sub(1));
        let noun = if count == 1 { "element" } else { "elements" };
        let span = match self.list(id).map(|it| it.pace) {
            Ok(Pace::Fixed(size)) => self.span(id).map(|list| Span {
                start: list.start.saturating_add(from.saturating_mul(size)),
                len: Some(count.saturating_mul(size)),
                ..list
            }),
            _ => None,
        };
        let path = format!("{}{name}", self.path(id));
        let fault = run.reason.clone().map(|message| {
            Arc::new(Fault { kind: FaultKind::Unreadable, path: path.clone(), message })
        });
        Row {
            depth: trail.depth(),
            trail,
            path,
            name,
            type_name: self.type_name(id),
            span,
            text: format!("{} {noun}", text::count(count)),
            value: None,
            raw: None,
            target: None,
            state: if fault.is_some() { RowState::Unreadable } else { RowState::Read },
            fault,
            has_children: true,
        }
    }
}
