//! Finding the rows that are all the same, and what else goes on between two frames.

use std::ops::Range;

use crate::analysis::landmark::Outcome;
use crate::analysis::repeat_rows::Run;
use crate::editor::app::{App, Notice};
use crate::editor::task::{Errand, Return};
use crate::source::page_cache::Known;

/// So many equal rows on the screen are worth asking how many more follow.
const ROWS_MIN: usize = 3;

impl App {
    /// Something that takes longer than a frame may: to be done for a few milliseconds, answered by
    /// [`Msg::Went`](crate::Msg::Went), and asked for again.
    #[must_use]
    pub fn errand(&self) -> Option<Errand> {
        if let Some(hunt) = &self.hunt {
            return Some(Errand::Hunt(hunt.clone()));
        }
        if let Some(place) = &self.describing {
            return Some(Errand::Describe(place.clone()));
        }
        if let Some(typed) = &self.typed {
            return typed.hunt.clone().map(Errand::Nan);
        }
        self.unfolded().map(|run| Errand::Extend(run, self.rows().row_len))
    }

    /// What there is to say of what goes on.
    pub(crate) fn progress(&self) -> Option<String> {
        let nan = self.typed.as_ref().and_then(|typed| typed.hunt.as_ref());
        let (which, what, seen) = match (&self.hunt, nan) {
            (Some(hunt), _) => (hunt.direction(), hunt.quarry().name(), hunt.seen()),
            (None, Some(nan)) => (nan.direction, "NaN", nan.seen()),
            (None, None) => return None,
        };
        let (which, seen) = (which.adjective(), crate::format::units::in_units(seen));
        Some(format!("looking for the {which} {what}: {seen} so far, Esc stops"))
    }

    /// Equal rows on the screen of which it is not known how far they go.
    fn unfolded(&self) -> Option<Run> {
        if !self.settings.folds {
            return None;
        }
        let (rows, layout) = (self.rows(), self.layout());
        // The first of the rows seen that are equal, and how many they are.
        let mut equal: Option<(u64, Vec<Known>, usize)> = None;
        for row in rows.from(self.top, layout.rows) {
            if rows.fold(row.start).is_some() {
                let known = self.folds.run(row.start)?;
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
            let bytes = self.pieces.bytes(row.start, row.end - row.start);
            let is_whole = row.end - row.start == rows.row_len
                && bytes.iter().all(|known| matches!(known, Known::Value(_)));
            equal = match equal {
                Some((start, first, count)) if is_whole && first == bytes => {
                    Some((start, first, count + 1))
                }
                Some((start, _, ROWS_MIN..)) => return Some(fresh(start..row.start)),
                _ => is_whole.then_some((row.start, bytes, 1)),
            };
        }
        // Only now, as a fold that follows may know how far they go.
        let (start, _, count) = equal.filter(|(_, _, count)| *count >= ROWS_MIN)?;
        let len = rows.row_len.saturating_mul(memmap::widen(count));
        Some(fresh(start..start.saturating_add(len)))
    }

    pub(super) fn folds_changed(&mut self) {
        self.folds.clear();
        self.scroll_to_cursor();
    }

    pub(crate) fn went(&mut self, back: Return) {
        match back {
            Return::Hunted(outcome) => {
                // It may have been called off meanwhile.
                let Some(hunt) = self.hunt.take() else { return };
                match outcome {
                    Outcome::Found(place) => self.jump(place),
                    Outcome::Nothing => {
                        let (which, what) = (hunt.direction().adjective(), hunt.quarry().name());
                        self.notice = Some(Notice::Done(format!("there is no {which} {what}")));
                    }
                    Outcome::More(hunt) => self.hunt = Some(hunt),
                }
            }
            Return::Nan(outcome) => self.nan_went(outcome),
            Return::Described(found) => self.described(found),
            Return::Extended(run, row_len) => {
                let is_asked = self.settings.folds
                    && row_len == self.rows().row_len
                    && run.range.end <= self.len;
                if is_asked {
                    self.folds.take(run);
                    self.fill_screen();
                }
            }
        }
    }

    /// After rows became one there may be room for others, also above.
    fn fill_screen(&mut self) {
        let count = self.layout().rows;
        self.top = self.rows().start(self.top);
        self.scroll_to_cursor();
        self.top = self.top.min(self.rows().last_top(count));
        self.scroll_to_cursor();
    }
}

/// Equal rows of which nothing else is known.
const fn fresh(range: Range<u64>) -> Run {
    Run { range, is_hole: true, is_start_known: false, is_end_known: false }
}
