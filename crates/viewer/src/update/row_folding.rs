//! Finding rows that are all the same, so that one row stands for many.

use std::ops::Range;

use crate::analysis::repeat_rows::{ExtendRunJob, Run};
use crate::document::{DocumentId, Extending};
use crate::editor::Editor;
use crate::editor::context::ViewContext;
use crate::editor::current::Current;
use crate::job::JobEvent;
use crate::job::list::JobId;
use crate::source::page_cache::Known;

/// This many equal rows on the screen are worth asking how many more follow.
const ROWS_MIN: usize = 3;

impl ViewContext<'_> {
    /// Equal rows on the screen of which it is not known how far they go.
    fn unfolded(self) -> Option<Run> {
        if !self.settings.folds || self.view.array.is_some() {
            return None;
        }
        let (rows, layout) = (self.rows(), self.layout());
        // The first of the rows seen that are equal, and how many they are.
        let mut equal: Option<(u64, Vec<Known>, usize)> = None;
        for row in rows.from(self.view.top, layout.rows) {
            if rows.fold(row.start).is_some() {
                let known = rows.folds.run(row.start)?;
                let first = equal.take().filter(|(_, _, count)| *count > 1);
                // Rows above that are the same belong to it, too.
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
        // Only now, as a fold that follows may know how far they go.
        let (start, first, count) = equal.filter(|(_, _, count)| *count >= ROWS_MIN)?;
        let len = rows.row_len.saturating_mul(memmap::widen(count));
        Some(fresh(start..start.saturating_add(len), is_zero(&first)))
    }
}

impl Editor {
    /// Rows repeat as far as this.
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
        let asked = document_of.extending.clone().filter(|asked| asked.job == id);
        let Some(asked) = asked else { return };
        if is_end {
            document_of.extending = None;
        }
        // What was compared may be other bytes now.
        if asked.generation != document_of.generation() {
            return;
        }
        // Where nothing could be found out, it is not asked again.
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

impl Current<'_> {
    /// Has it found out how far equal rows on the screen go on.
    pub(super) fn extend_runs(&mut self) {
        if self.document.extending.is_some() {
            return;
        }
        let Some(run) = self.cx().unfolded() else { return };
        let row_len = self.layout().row_len();
        let generation = self.document.generation();
        let job = self.start(ExtendRunJob { run: run.clone(), row_len });
        self.document.extending = Some(Extending { job, generation, row_len, run });
    }

    /// After rows became one there may be room for others, also above.
    fn fill_screen(&mut self) {
        if self.view.array.is_some() || !self.settings.folds {
            return;
        }
        let count = self.layout().rows;
        self.view.top = self.cx().rows().start(self.view.top);
        self.scroll_to_cursor();
        self.view.top = self.view.top.min(self.cx().rows().last_top(count));
        self.scroll_to_cursor();
    }
}

/// Equal rows of which nothing else is known.
const fn fresh(range: Range<u64>, is_zero: bool) -> Run {
    Run { range, is_hole: true, is_zero, is_start_known: false, is_end_known: false }
}

fn is_zero(row: &[Known]) -> bool {
    row.iter().all(|&known| known == Known::Value(0))
}
