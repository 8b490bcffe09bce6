//! What a view shows of the fields: which nodes are open, the scroll position, and the answer of the last
//! job.

use std::ops::Range;

use memmap_structure::{Outline, Row, RowState, Trail};

use crate::job::list::JobId;
use crate::structure::read_fields::{Fields, Goal, Wish};
use crate::structure::shared_tree::SharedTree;
use crate::structure::sticky;
use crate::view::format_list::FormatList;

/// A view of the fields.
#[derive(Debug, Clone)]
pub(crate) struct StructureView {
    pub(crate) outline: Outline,
    /// The first row of the pane. The last layout has moved it so that the chosen row is shown.
    pub(crate) top: u64,
    /// Whether the pane was opened once.
    pub(crate) was_opened: bool,
    pub(crate) joining: Joining,
    pub(crate) fields: Option<Box<Fields>>,
    /// The running request.
    pub(crate) asked: Option<Asked>,
    /// Which row is to be chosen by the next request.
    pub(crate) goal: Goal,
    /// The cursor that the chosen row was that of.
    pub(crate) followed: Option<u64>,
    /// The running search for a field, and what to do then.
    pub(crate) seeking: Option<Seeking>,
    /// Rows known when the budget of a request ended it before those that are shown.
    pub(crate) reached: u64,
    /// Why the last request failed.
    pub(crate) problem: Option<String>,
    /// The node that the pane of one field shows while the tree is covered by it.
    pub(crate) looked_at: Option<Trail>,
    /// The list of formats, which is shown where no format is known, or on request.
    pub(crate) list: FormatList,
}

/// Whether the pane has joined others by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Joining {
    #[default]
    Waits,
    /// It has, and the user has not been in it.
    Joined,
    /// The user has opened or closed it.
    Over,
}

/// A request under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) job: JobId,
    pub(crate) wish: Wish,
    /// Whether it was told that another one waits.
    pub(crate) is_stopped: bool,
}

/// A search for a field under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seeking {
    pub(crate) job: JobId,
    /// The cursor at the start. Moving it cancels the jump.
    pub(crate) cursor: u64,
    pub(crate) then: Then,
}

/// What happens when a field was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// The cursor goes there.
    Go,
    /// The cursor goes there, and the field is chosen in the pane.
    GoAndChoose,
    /// The cursor goes to what the field refers to; if to nothing, the field is chosen in the pane.
    Follow,
    /// The row is chosen; if it is that of a list, its end was not reached, and it is walked to its end.
    End,
}

impl Default for StructureView {
    fn default() -> Self {
        Self {
            outline: Outline::of_root(),
            top: 0,
            was_opened: false,
            joining: Joining::Waits,
            fields: None,
            asked: None,
            goal: Goal::Stays,
            followed: None,
            seeking: None,
            reached: 0,
            problem: None,
            looked_at: None,
            list: FormatList::default(),
        }
    }
}

impl StructureView {
    /// That of a second view: without what is under way.
    pub(crate) fn again(&self) -> Self {
        Self { asked: None, seeking: None, ..self.clone() }
    }

    /// Number of rows, as far as known. A request that its budget ended has one row more, which says so.
    pub(crate) fn row_count(&self) -> usize {
        let count = self.fields.as_ref().map_or(0, |it| it.total + u64::from(it.is_stopped));
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    /// Whether what is shown was read from another tree.
    pub(crate) fn is_of_another(&self, tree: &SharedTree) -> bool {
        self.fields.as_ref().is_some_and(|it| it.wish.tree != *tree)
    }

    /// The row of a number, if it was read.
    pub(crate) fn row(&self, number: usize) -> Option<&Row> {
        self.fields.as_ref()?.row(memmap::widen(number))
    }

    /// The row of a line, if it has another line in what was read since, although nothing was opened or closed.
    pub(crate) fn moved_row(&self, since: &Fields, line: u64) -> Option<Trail> {
        let before = self.fields.as_ref().filter(|it| it.wish.outline == since.wish.outline)?;
        let line = line.min(
            before.wish.first.saturating_add(memmap::widen(before.rows.len())).checked_sub(1)?,
        );
        let trail = &before.row(line)?.trail;
        let is_elsewhere = since.wish.count > 0
            && match since.row(line) {
                Some(row) => row.trail != *trail,
                None => line >= since.total,
            };
        is_elsewhere.then(|| trail.clone())
    }

    /// Whether a row stands for what a budget kept from being found.
    pub(crate) fn is_stop(&self, number: usize) -> bool {
        let stopped = self.fields.as_ref().filter(|it| it.is_stopped);
        stopped.is_some_and(|it| memmap::widen(number) == it.total)
    }

    /// The first row to show so that a line is shown, and the nodes that it is in above it. A pane that is too
    /// small for rows has one all the same.
    pub(crate) fn first(&self, line: usize, seen: usize) -> usize {
        let top = usize::try_from(self.top).unwrap_or(usize::MAX);
        let margin = self.row(line).map_or(0, |row| sticky::margin(row.depth, seen));
        top.clamp((line + 1).saturating_sub(seen.max(1)), line.saturating_sub(margin))
    }

    /// The node that stands in the place of a row at the top of the pane.
    pub(crate) fn above(&self, number: usize, first: usize) -> Option<&Row> {
        let fields = self.fields.as_ref().filter(|it| it.wish.first == memmap::widen(first))?;
        fields.above.get(number.checked_sub(first)?)
    }

    /// The trail of the list that a row stands for more of.
    pub(crate) fn list_of(row: &Row) -> Option<Trail> {
        match row.state {
            RowState::More if row.span.is_none() && !row.has_children => row.trail.parent(),
            RowState::More => Some(row.trail.clone()),
            _ => None,
        }
    }

    /// The bytes of a row in the file.
    pub(crate) fn range(row: &Row) -> Option<Range<u64>> {
        let span = row.span.as_ref().filter(|span| span.inside.is_none())?;
        Some(span.start..span.start.saturating_add(span.len.unwrap_or(0)))
    }

    /// Forgets all but that the pane was opened: there is another format.
    pub(crate) fn forget(&mut self) {
        let Self { was_opened, joining, .. } = *self;
        *self = Self { was_opened, joining, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_shown_in_a_pane_of_any_height() {
        let view = StructureView { top: 7, ..StructureView::default() };
        for line in [0, 3, 7, 20] {
            for seen in 0..5 {
                let first = view.first(line, seen);
                assert!(
                    (first..first + seen.max(1)).contains(&line),
                    "line {line} of {seen} from {first} on"
                );
            }
        }
    }
}
