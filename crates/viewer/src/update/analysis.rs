//! The histogram and the texts: starting to look for them, hearing of them, and choosing in them.

use std::ops::Range;

use crate::analysis::histogram::{Histogram, Tally};
use crate::analysis::strings::{TextKind, Texts};
use crate::document::jobs::{News, Work};
use crate::editor::app::App;
use crate::editor::keymap::Action;
use crate::editor::panes::first_seen;
use crate::format::units::in_units;
use crate::job::list::JobId;
use crate::layout::panes::SHOWN_LEN;
use crate::search::match_list::Hits;
use crate::search::query::Query;
use crate::view::panes::Pane;

/// Values of a row of the histogram.
const ROW: isize = 16;

impl App {
    /// Counts the bytes of the selection, or of everything, unless that is known.
    pub(super) fn count_bytes(&mut self) {
        let selected = self.selection();
        let what = if selected.is_some() { "the selection" } else { "all" };
        let range = selected.unwrap_or(0..self.len);
        let is_known = self.histogram.as_ref().is_some_and(|old| {
            old.tally.range == range && !old.is_stale && self.is_going_or(old.job, old.is_over)
        });
        if is_known {
            return;
        }
        if let Some(old) = self.histogram.take() {
            self.stop(old.job);
        }
        let name = format!("histogram of {what}, {}", in_units(range.end - range.start));
        let job = self.start(name, Work::Tally(range.clone()));
        let tally = Tally::new(range);
        self.histogram = Some(Histogram { job, tally, is_over: false, is_stale: false });
    }

    /// Looks for all texts, unless they are known.
    pub(super) fn find_texts(&mut self, wanted: Option<TextKind>) {
        let before = self.texts.as_ref();
        let wanted = wanted.or_else(|| before.map(|old| old.wanted)).unwrap_or_default();
        let is_known = before.is_some_and(|old| {
            old.wanted == wanted && !old.is_stale && self.is_going_or(old.job, old.is_over)
        });
        if is_known {
            return;
        }
        if let Some(old) = self.texts.take() {
            self.stop(old.job);
        }
        let (encoding, len_min) = (wanted.encoding.name(), wanted.len_min);
        let name = format!("strings of {len_min} or more, {encoding}");
        let job = self.start(name, Work::Texts(wanted, 0..self.len));
        let hits = Hits::default();
        self.texts = Some(Texts { wanted, job, hits, is_over: false, is_stale: false });
        self.panes.choose(Pane::Texts, 0);
    }

    /// Whether a job has come to its end by itself, or will.
    fn is_going_or(&self, id: JobId, is_over: bool) -> bool {
        is_over || self.jobs.iter().any(|job| job.id == id && job.is_running())
    }

    /// `:strings` with what is asked for: opens the pane, or looks for others in it.
    pub(super) fn show_texts(&mut self, wanted: Option<TextKind>) {
        let is_open = self.panes.is_open(Pane::Texts);
        if !is_open || wanted.is_none() {
            self.toggle(Pane::Texts);
        }
        if wanted.is_some() {
            self.find_texts(wanted);
        }
    }

    /// Whether a job counts for the histogram, or looks for the texts.
    pub(super) fn is_sum(&self, id: JobId) -> bool {
        self.histogram.as_ref().is_some_and(|it| it.job == id)
            || self.texts.as_ref().is_some_and(|it| it.job == id)
    }

    /// Takes what such a job says.
    pub(super) fn hear_sums(&mut self, id: JobId, news: News) {
        if let Some(histogram) = self.histogram.as_mut().filter(|it| it.job == id) {
            match news {
                News::Tallied(tally) => histogram.tally = tally,
                News::Ended(outcome) => histogram.is_over = outcome.is_ok(),
                _ => {}
            }
        } else if let Some(texts) = self.texts.as_mut().filter(|it| it.job == id) {
            match news {
                News::Hits(_, hits) => texts.hits.append(hits),
                News::Ended(outcome) => texts.is_over = outcome.is_ok(),
                _ => {}
            }
        }
    }

    /// The bytes are others now.
    pub(super) fn sums_are_stale(&mut self) {
        if let Some(histogram) = &mut self.histogram {
            histogram.is_stale = true;
        }
        if let Some(texts) = &mut self.texts {
            texts.is_stale = true;
        }
    }

    /// The byte that is chosen in the histogram.
    pub(crate) fn chosen_value(&self) -> u8 {
        u8::try_from(self.panes.line(Pane::Histogram)).unwrap_or(u8::MAX)
    }

    /// What a key does in the histogram; false if it is none of its own.
    pub(super) fn act_in_histogram(&mut self, action: Action) -> bool {
        let by = match action {
            Action::Left => -1,
            Action::Right => 1,
            Action::Up => -ROW,
            Action::Down => ROW,
            Action::PageUp | Action::HalfPageUp => -4 * ROW,
            Action::PageDown | Action::HalfPageDown => 4 * ROW,
            _ => return false,
        };
        let line = self.panes.line(Pane::Histogram);
        let to = line.saturating_add_signed(by).min(usize::from(u8::MAX));
        // Up and down keep the column.
        let is_row = by % ROW == 0;
        let is_same_column = to % ROW.unsigned_abs() == line % ROW.unsigned_abs();
        if !is_row || is_same_column {
            self.panes.choose(Pane::Histogram, to);
        }
        true
    }

    /// Goes to the next byte of the chosen value.
    pub(super) fn find_value(&mut self) {
        let byte = self.chosen_value();
        let Some(histogram) = &self.histogram else { return };
        if histogram.is_over && histogram.tally.count(byte) == 0 {
            return self.trouble(format!("{byte:02x} does not occur"));
        }
        if let Err(why) = self.find(Query::of_bytes(&[byte])) {
            return self.trouble(why);
        }
        // Not the one that the cursor stands on.
        if let Some(waiting) = self.search.as_mut().and_then(|search| search.waiting.as_mut()) {
            waiting.bound = waiting.bound.max(waiting.cursor.saturating_add(1));
        }
    }

    pub(super) fn go_to_text(&mut self, line: usize) {
        let place = self.texts.as_ref().and_then(|texts| texts.hits.get(line));
        if let Some(hit) = place.filter(|hit| hit.offset < self.len) {
            self.leave_for(hit.offset);
        }
    }

    /// The bytes of the texts that are on the screen.
    pub(crate) fn texts_needed(&self) -> Vec<Range<u64>> {
        let Some(texts) = self.texts.as_ref().filter(|_| self.panes.is_open(Pane::Texts)) else {
            return Vec::new();
        };
        let lines = self.lines_shown(Pane::Texts, texts.hits.len());
        let hits = texts.hits.iter_from(lines.start).take(lines.len());
        hits.map(|hit| hit.offset..hit.end().min(hit.offset + SHOWN_LEN).min(self.len))
            .filter(|range| !range.is_empty())
            .collect()
    }

    /// Which lines of a list are on the screen.
    fn lines_shown(&self, pane: Pane, count: usize) -> Range<usize> {
        let place = self.pane_places().into_iter().find(|(shown, _)| *shown == pane);
        let Some((_, rect)) = place else { return 0..0 };
        let first = first_seen(self, pane, rect);
        first..count.min(first + usize::from(rect.height.saturating_sub(1)))
    }
}
