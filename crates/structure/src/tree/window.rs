//! The window of rows that a request fills.

use super::fold::Run;
use super::node::NodeId;
use crate::fault::{Result, Stop, Trouble};
use crate::row::{Row, Trail};

/// A window that is being filled.
#[derive(Default)]
pub(super) struct Window {
    pub(super) skip: u64,
    pub(super) want: usize,
    pub(super) rows: Vec<Row>,
    pub(super) total: u64,
    pub(super) stopped: Option<Stop>,
    /// How many rows are above the next one.
    pub(super) depth: usize,
    /// The lists that were open, as they were folded.
    pub(super) lists: Vec<(NodeId, Run)>,
    /// The node that is looked for, and the row that it was found at.
    pub(super) wanted: Option<Trail>,
    pub(super) found: Option<u64>,
}

impl Window {
    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= self.want && (self.wanted.is_none() || self.found.is_some())
    }

    /// Whether more elements of a list are of use: as rows, or to find a node among them.
    pub(super) fn wants(&self, list: &Trail) -> bool {
        let looks =
            || self.found.is_none() && self.wanted.as_ref().is_some_and(|it| it.starts_with(list));
        self.rows.len() < self.want || looks()
    }

    /// Counts a row, and says whether it is in the window.
    pub(super) fn admits(&mut self, trail: &Trail) -> bool {
        if self.wanted.as_ref() == Some(trail) {
            self.found = Some(self.total);
        }
        let is_in = self.skip == 0 && self.rows.len() < self.want;
        self.pass(1);
        is_in
    }

    /// Counts rows that need not be made.
    pub(super) fn pass(&mut self, count: u64) {
        self.skip = self.skip.saturating_sub(count);
        self.total = self.total.saturating_add(count);
    }

    /// A row that stands for no node.
    pub(super) fn push(&mut self, row: Row) {
        if self.admits(&row.trail) {
            self.take(row);
        }
    }

    pub(super) fn take(&mut self, row: Row) {
        self.rows.push(Row { depth: self.depth, ..row });
    }

    /// A budget ends the window; what the source stops ends the request.
    pub(super) fn stop(&mut self, trouble: Trouble) -> Result<()> {
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
