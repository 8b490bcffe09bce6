//! The histogram and the list of strings: starting the analyses, and selecting in them.

use crate::analysis::histogram::HistogramJob;
use crate::analysis::strings::{StringKind, StringsJob};
use crate::document::jobs::Analysis;
use crate::editor::current::Current;
use crate::editor::keymap::Action;
use crate::search::query::Query;
use crate::view::panes::Pane;

use super::normal::times;

/// Values per row of the histogram.
const ROW: isize = 16;

impl Current<'_> {
    /// Starts the histogram of the selection or the whole file, unless it is up to date.
    pub(super) fn count_bytes(&mut self) {
        let selected = self.cx().selection();
        let what = if selected.is_some() { "the selection" } else { "all" };
        let range = selected.unwrap_or(0..self.document.len);
        let known = self.document.analyses.histogram.as_ref();
        let is_known = known.is_some_and(|it| it.value.range == range && self.is_fresh(it));
        if !is_known {
            self.start(HistogramJob { range, what });
        }
    }

    /// Starts the search for strings, unless it is up to date.
    pub(super) fn find_strings(&mut self, wanted: Option<StringKind>) {
        let known = self.document.analyses.strings.as_ref();
        let wanted = wanted.or_else(|| known.map(|it| it.value.wanted)).unwrap_or_default();
        let is_known = known.is_some_and(|it| it.value.wanted == wanted && self.is_fresh(it));
        if !is_known {
            self.start(StringsJob { wanted, range: 0..self.document.len });
            self.view.panes.choose(Pane::Strings, 0);
        }
    }

    /// Whether an analysis covers the current bytes, and is complete or running.
    fn is_fresh<T>(&self, analysis: &Analysis<T>) -> bool {
        let is_going = !analysis.is_over || analysis.is_done;
        is_going && self.document.is_current(analysis)
    }

    /// Runs `:strings`: opens the pane, or searches again with other arguments.
    pub(super) fn show_strings(&mut self, wanted: Option<StringKind>) {
        let is_open = self.view.panes.is_open(Pane::Strings);
        if !is_open || wanted.is_none() {
            self.toggle(Pane::Strings);
        }
        if wanted.is_some() {
            self.find_strings(wanted);
        }
    }

    /// Handles a key in the histogram. Returns whether it has a meaning there.
    pub(super) fn act_in_histogram(&mut self, action: Action, count: Option<u64>) -> bool {
        let by: isize = match action {
            Action::Left => -1,
            Action::Right => 1,
            Action::Up => -ROW,
            Action::Down => ROW,
            Action::PageUp | Action::HalfPageUp => -4 * ROW,
            Action::PageDown | Action::HalfPageDown => 4 * ROW,
            _ => return false,
        };
        // The table has fewer rows than this.
        let times = isize::try_from(times(count).min(256)).unwrap_or(1);
        let by = by.saturating_mul(times);
        let line = self.view.panes.line(Pane::Histogram);
        let to = line.saturating_add_signed(by).min(usize::from(u8::MAX));
        // Up and down keep the column.
        let is_row = by % ROW == 0;
        let is_same_column = to % ROW.unsigned_abs() == line % ROW.unsigned_abs();
        if !is_row || is_same_column {
            self.view.panes.choose(Pane::Histogram, to);
        }
        true
    }

    /// Goes to the next occurrence of the selected value.
    pub(super) fn find_value(&mut self) {
        let byte = self.cx().chosen_value();
        let Some(histogram) = &self.document.analyses.histogram else { return };
        if histogram.is_done && histogram.value.count(byte) == 0 {
            return self.complain(format!("{byte:02x} does not occur"));
        }
        if let Err(why) = self.find(Query::of_bytes(&[byte])) {
            return self.complain(why.to_string());
        }
        // Skip the byte under the cursor.
        if let Some(waiting) = &mut self.view.waiting {
            waiting.bound = waiting.bound.max(waiting.cursor.saturating_add(1));
        }
    }

    pub(super) fn go_to_string(&mut self, line: usize) {
        let strings = self.document.analyses.strings.as_ref();
        let place = strings.and_then(|it| it.value.matches.get(line));
        if let Some(hit) = place.filter(|hit| hit.offset < self.document.len) {
            self.leave_for(hit.offset);
        }
    }
}
