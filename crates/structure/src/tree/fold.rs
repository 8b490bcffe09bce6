//! Long lists fold: their elements are in groups of a hundred, those in groups of ten thousand, and so on.
//!
//! Which groups there are follows from how many elements a list has, so that nothing is read to fold it. A
//! group is a row and no node: what names an element names none of its groups.

use super::Tree;
use super::node::{NodeId, Pace};
use crate::fault::{Result, Stop, Trouble};
use crate::row::{Row, RowState, Span, Step, Trail};
use crate::text;

/// What has more rows than this folds.
const MOST: u64 = 200;

/// How many rows a group has.
const FAN: u64 = 100;

/// Elements in a row: those of a list or of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) from: u64,
    pub(super) to: u64,
    /// How many elements each group in it has at most. 1: it does not fold.
    unit: u64,
}

impl Run {
    fn new(from: u64, to: u64) -> Self {
        let mut unit = 1;
        while (to - from).div_ceil(unit) > MOST {
            unit *= FAN;
        }
        Self { from, to, unit }
    }

    fn plain(from: u64, to: u64) -> Self {
        Self { from, to, unit: 1 }
    }

    pub(super) fn is_folded(self) -> bool {
        self.unit > 1
    }

    /// The group that an element is in, with what is in the group.
    pub(super) fn group(self, at: u64) -> (Step, Self) {
        let first = at - at % self.unit;
        let from = first.max(self.from);
        let inner = Self::new(from, first.saturating_add(self.unit).min(self.to));
        (Step::Group { start: from, unit: self.unit }, inner)
    }

    /// All groups that an element is in, the outermost first.
    fn groups(self, at: u64) -> impl Iterator<Item = (Step, Self)> {
        let mut run = self;
        std::iter::from_fn(move || {
            let is_in = run.is_folded() && (run.from..run.to).contains(&at);
            is_in.then(|| {
                let group = run.group(at);
                run = group.1;
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
        Ok(match list.pace {
            Pace::Walked(Some(count)) if list.failed.is_none() => Run::new(0, count),
            Pace::Walked(_) if !(list.complete || list.failed.is_some() || list.folds) => {
                Run::plain(0, list.done)
            }
            _ => Run::new(0, list.done),
        })
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
            let run = node.and_then(|it| self.run(it).ok()).unwrap_or_default();
            let (index, unit) = match *step {
                Step::Element(index) => (index, 1),
                Step::Group { start, unit } => (start, unit),
                Step::Field(_) | Step::Instance(_) => (0, u64::MAX),
            };
            let groups = run
                .groups(index)
                .take_while(|it| matches!(it.0, Step::Group { unit: outer, .. } if outer > unit));
            above.extend(groups.map(|(group, _)| here.join(group)));
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
    pub(super) fn group_row(&self, id: NodeId, trail: Trail, run: Run) -> Row {
        let Run { from, to, .. } = run;
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
        Row {
            depth: trail.depth(),
            trail,
            path: format!("{}{name}", self.path(id)),
            name,
            type_name: self.type_name(id),
            span,
            text: format!("{} {noun}", text::count(count)),
            value: None,
            raw: None,
            target: None,
            fault: None,
            state: RowState::Read,
            has_children: true,
        }
    }
}
