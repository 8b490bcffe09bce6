//! Finds runs of repeating rows, which are folded into one.

use std::ops::Range;

use crate::analysis::repeat_rows::{ExtendRunJob, Run};
use crate::document::{DocumentId, Extending};
use crate::editor::Editor;
use crate::editor::context::ViewContext;
use crate::editor::current::Current;
use crate::job::JobEvent;
use crate::job::list::JobId;
use crate::source::BLOCK_LEN;
use crate::source::page_cache::Known;

/// Number of equal visible rows from which on it is worth extending the run.
const ROWS_MIN: usize = 3;

impl ViewContext<'_> {
    /// A run of equal visible rows whose extent is not known yet.
    fn unfolded(self) -> Option<Run> {
        if !self.folds_repeats() || self.view.array.is_some() {
            return None;
        }
        let rows = self.rows();
        // The first of the equal rows seen so far, and their number.
        let mut equal: Option<(u64, Vec<Known>, usize)> = None;
        for row in self.rows_shown() {
            // From here on as offsets.
            let (place, row) = (row.start, rows.bytes(&row));
            if rows.heading(place).is_some() {
                match equal.take() {
                    Some((start, first, count @ ROWS_MIN..)) => {
                        let len = rows.row_len.saturating_mul(memmap::widen(count));
                        return Some(fresh(start..start.saturating_add(len), is_zero(&first)));
                    }
                    _ => continue,
                }
            }
            if rows.fold(place).is_some() {
                let known = rows.run(place)?;
                if known.is_unreadable {
                    match equal.take() {
                        Some((start, first, ROWS_MIN..)) => {
                            return Some(fresh(start..known.range.start, is_zero(&first)));
                        }
                        _ => continue,
                    }
                }
                let first = equal.take().filter(|(_, _, count)| *count > 1);
                // Equal rows just above belong to the run, too.
                if let Some((start, ..)) = first {
                    let range = start..known.range.end;
                    return Some(Run { range, is_start_known: false, ..known.clone() });
                }
                if !(known.is_start_known && known.is_end_known) {
                    return Some(known.clone());
                }
                continue;
            }
            let bytes = self.document.pages.bytes(row.start, row.end - row.start);
            let is_whole = row.end - row.start == rows.row_len
                && bytes.iter().all(|known| matches!(known, Known::Value(_)));
            equal = match equal {
                Some((start, first, count)) if is_whole && first == bytes => {
                    Some((start, first, count + 1))
                }
                Some((start, first, ROWS_MIN..)) => {
                    let is_zero = is_zero(&first);
                    return Some(fresh(start..row.start, is_zero));
                }
                _ => is_whole.then_some((row.start, bytes, 1)),
            };
        }
        // Checked last, as a fold further down may include these rows.
        let (start, first, count) = equal.filter(|(_, _, count)| *count >= ROWS_MIN)?;
        let len = rows.row_len.saturating_mul(memmap::widen(count));
        Some(fresh(start..start.saturating_add(len), is_zero(&first)))
    }
}

impl ViewContext<'_> {
    /// The rows of the first visible block that is unreadable and not folded yet.
    fn unreadable_block(self) -> Option<Range<u64>> {
        if self.document.unreadable.sums().0 == 0 {
            return None;
        }
        let (rows, len) = (self.rows(), self.document.len);
        self.rows_shown().find_map(|row| {
            let at = rows.offset(row.start);
            let start = at - at % BLOCK_LEN;
            let block = start..start.saturating_add(BLOCK_LEN).min(len);
            let mut inside = self.document.source().regions().readable_in(&block);
            let block = inside.find(|it| it.contains(&at))?;
            let is_lost = rows.fold(row.start).is_none() && self.document.unreadable.cover(&block);
            let first = block.start.div_ceil(rows.row_len).saturating_mul(rows.row_len);
            let end = if block.end == len { len } else { block.end - block.end % rows.row_len };
            // The first row stays. Two rows are not worth folding.
            let is_worth_it = end.saturating_sub(first) > rows.row_len.saturating_mul(2);
            let is_folded = rows.folds.run(first).is_some_and(|run| run.is_unreadable);
            (is_lost && is_worth_it && !is_folded).then_some(first..end)
        })
    }

    /// Whether rows of a run that is being extended are visible.
    fn sees(self, asked: &Extending) -> bool {
        let end = self.rows_shown().last();
        let end = end.map_or(self.view.top, |row| self.rows().offset(row.end));
        let is_seen = asked.run.range.start < end && self.view.top < asked.run.range.end;
        is_seen && asked.row_len == self.layout().row_len()
    }
}

impl Editor {
    /// Handles a longer run.
    pub(super) fn repeats(
        &mut self,
        id: JobId,
        document: DocumentId,
        event: JobEvent<ExtendRunJob>,
    ) {
        let (run, is_end) = match event {
            JobEvent::Partial(run) => (Some(run), false),
            JobEvent::Ended(ended) => {
                self.settled(id, &ended);
                (ended.ok(), true)
            }
        };
        let Some(document_of) = self.documents.get_mut(&document) else { return };
        let Some(asked) = &mut document_of.extending else { return };
        if asked.job != id {
            return;
        }
        if let Some(run) = &run {
            asked.run = run.clone();
        }
        let asked = asked.clone();
        if is_end {
            document_of.extending = None;
        }
        // The compared bytes may have changed.
        if asked.generation != document_of.generation() {
            return;
        }
        // If the extent is unknown, do not try again.
        let unknown = || Run { is_start_known: true, is_end_known: true, ..asked.run.clone() };
        document_of.fold(asked.row_len, run.unwrap_or_else(unknown));
        for view in self.views_of(document) {
            if let Some(mut cx) = self.view(view)
                && cx.layout().row_len() == asked.row_len
            {
                cx.fill_screen();
            }
        }
    }
}

impl Editor {
    /// Starts a job that extends the visible runs, and cancels those no longer visible.
    pub(super) fn extend_runs(&mut self) {
        for id in self.shown_views() {
            let Some(cx) = self.context(id) else { continue };
            let document = cx.view.document;
            // Rows that are being read again may change, so wait for them.
            if self.reading.iter().any(|(of, ..)| *of == document) {
                continue;
            }
            let is_wanted = |asked: &Extending| {
                let others = self.shown_views().into_iter().filter_map(|it| self.context(it));
                let mut of_it = others.filter(|it| it.view.document == document);
                of_it.any(|it| it.sees(asked))
            };
            if cx.document.extending.as_ref().is_some_and(is_wanted) {
                continue;
            }
            let Some(run) = cx.unfolded() else { continue };
            let Some(mut cx) = self.view(id) else { continue };
            if let Some(left) = cx.document.extending.take() {
                cx.cancel(left.job);
            }
            let row_len = cx.layout().row_len();
            let generation = cx.document.generation();
            let job = cx.start(ExtendRunJob { run: run.clone(), row_len });
            cx.document.extending = Some(Extending { job, generation, row_len, run });
        }
    }
}

impl Current<'_> {
    /// Folds the rows of each visible block that is unreadable as a whole, except for the first row.
    pub(super) fn fold_unreadable(&mut self) {
        let is_shown = self.view.array.is_none() && self.cx().folds_repeats();
        while is_shown && let Some(range) = self.cx().unreadable_block() {
            let row_len = self.layout().row_len();
            let run = Run {
                is_hole: false,
                is_unreadable: true,
                is_start_known: true,
                is_end_known: true,
                ..fresh(range, false)
            };
            self.document.fold(row_len, run);
            self.fill_screen();
        }
    }

    /// Scrolls if folding has left empty rows at the end of the screen.
    pub(super) fn fill_screen(&mut self) {
        if self.view.array.is_some() || !self.settings.folds {
            return;
        }
        let count = self.layout().rows;
        self.scroll_to_row(self.cx().rows().start(self.cx().top()));
        self.scroll_to_cursor();
        self.scroll_to_row(self.cx().top().min(self.cx().rows().last_top(count)));
        self.scroll_to_cursor();
    }
}

/// A run whose start and end are not known yet.
const fn fresh(range: Range<u64>, is_zero: bool) -> Run {
    Run {
        range,
        is_hole: true,
        is_unreadable: false,
        is_zero,
        is_start_known: false,
        is_end_known: false,
    }
}

fn is_zero(row: &[Known]) -> bool {
    row.iter().all(|&known| known == Known::Value(0))
}
