//! Comparisons: both views show the same place.

mod list;

use std::ops::Range;

use memmap::compare::{Difference, DifferenceKind, Side};

use list::NOTHING;

use crate::analysis::alignment::Alignment;
use crate::analysis::comparison::{CompareJob, Part};
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::editor::comparison::{
    ComparedFile, Comparison, NextDifference, Progress, WaitingJump, on_side,
};
use crate::editor::current::Current;
use crate::editor::effect::Effect;
use crate::format::units::in_units;
use crate::job::JobEvent;
use crate::job::list::{Entry, JobId};
use crate::search::direction::Direction;
use crate::view::ViewId;
use crate::view::panes::Pane;

/// The fewest equal rows that are folded, on however small a screen.
const FOLDED_MIN: u64 = 8;

impl Editor {
    /// The view of the visible comparison that shows the place of the focused one.
    pub(super) fn follower(&self) -> Option<ViewId> {
        let tab = self.tabs.get(self.shown).filter(|tab| tab.is_synced)?;
        let comparison = tab.comparison.as_ref()?;
        let is_array = |id: &ViewId| self.views.get(id).is_none_or(|view| view.array.is_some());
        if comparison.views.iter().any(is_array) {
            return None;
        }
        Some(comparison.other_view(*tab.views.get(tab.focus)?))
    }

    /// Moves the other view of a comparison to the place of the focused one. Beyond the end of its file it
    /// shows nothing.
    pub(super) fn lead_follower(&mut self) {
        let (Some(follower), Some(leader)) = (self.follower(), self.focus()) else { return };
        if let Some(mut cx) = self.view(follower) {
            cx.relayout();
        }
        if self.lead_aligned(follower, leader) {
            return;
        }
        let Some(comparison) = self.comparison_of(leader) else { return };
        let Some(view) = self.views.get(&leader) else { return };
        let across = |position| {
            let across = comparison.across(comparison.side(leader), position);
            u64::try_from(across.max(0)).unwrap_or(u64::MAX)
        };
        // Where the other file starts. Above, rows would not stand beside each other.
        let start = comparison.across(comparison.side(follower), 0);
        let start = u64::try_from(start).ok().filter(|&at| view.top < at && at <= view.cursor);
        let top = start.unwrap_or(view.top);
        let cursor = comparison.cursor_across(comparison.side(leader), view.cursor);
        let across_top = across(top);
        if let Some(cx) = self.view(leader) {
            cx.view.top = top;
        }
        let Some(cx) = self.view(follower) else { return };
        cx.view.cursor = cursor.min(cx.document.len.saturating_sub(1));
        cx.view.top = cx.cx().rows().start(across_top);
    }

    /// The same where rows are aligned: both views have the same places. Returns whether they are.
    fn lead_aligned(&mut self, follower: ViewId, leader: ViewId) -> bool {
        let Some(cx) = self.context(leader) else { return false };
        let (Some(compared), top) = (cx.compared, cx.top()) else { return false };
        let (comparison, side, cursor) = (compared.comparison, compared.side, cx.view.cursor);
        let Some(alignment) = comparison.alignment(side) else { return false };
        let place = alignment.place(cursor);
        let at = alignment.pairs(place..place.saturating_add(1));
        let other = alignment.across().side;
        let has_none = at.first().is_some_and(|it| it.own.is_some() && it.other.is_none());
        let missing = has_none.then_some((other, place));
        let across = comparison.cursor_across(side, cursor);
        if let Some(mut cx) = self.view(follower) {
            cx.view.cursor = across.min(cx.document.len.saturating_sub(1));
            cx.scroll_to_row(top);
            if let Some(comparison) = cx.comparison {
                comparison.aligned.missing = missing;
            }
        }
        true
    }

    /// Starts the comparisons whose files have changed, and those that are new.
    pub(super) fn keep_comparisons_current(&mut self) {
        let views = self.tabs.iter().filter_map(|tab| Some(tab.comparison.as_ref()?.views));
        for [first, second] in views.collect::<Vec<_>>() {
            let (Some(a), Some(b)) = (self.context(first), self.context(second)) else { continue };
            let editions = [a.document.edition(), b.document.edition()];
            let Some(compared) = a.compared else { continue };
            let asked = compared.comparison.asked;
            let (shift, is_aligned) =
                (compared.comparison.asked_shift(), compared.comparison.is_aligned);
            let wanted = (editions, shift, is_aligned);
            if asked.is_some_and(|it| (it.editions, it.shift, it.is_aligned) == wanted) {
                continue;
            }
            let files = [a.document, b.document].map(ComparedFile::of);
            let job = CompareJob {
                other: files[1].source.clone(),
                name: files[1].name.clone(),
                shift,
                parts: compared.comparison.parts.clone(),
                is_aligned,
            };
            if let Some(old) = asked.filter(|it| self.is_running(it.job)) {
                self.effects.push(Effect::CancelJob(old.job));
            }
            let Some(mut cx) = self.view(first) else { continue };
            let job = cx.start(job);
            if let Some(comparison) = cx.comparison {
                comparison.begin(job, editions, files);
            }
            // Rows that were aligned are not any more.
            for view in [first, second] {
                if let Some(mut cx) = self.view(view) {
                    cx.reshaped();
                }
            }
        }
    }

    fn is_running(&self, job: JobId) -> bool {
        self.jobs.get(job).is_some_and(Entry::is_running)
    }

    /// Handles what a comparison has found, and its end.
    pub(super) fn heard_of_comparison(&mut self, id: JobId, event: JobEvent<CompareJob>) {
        let comparisons = self.tabs.iter_mut().filter_map(|tab| tab.comparison.as_mut());
        let Some(comparison) = comparisons.into_iter().find(|it| it.is_by(id)) else {
            // It was replaced or closed, which is no news.
            if matches!(event, JobEvent::Ended(_)) {
                self.owners.remove(&id);
                self.jobs.remove(id);
            }
            return;
        };
        match event {
            JobEvent::Partial(Part { list, reasons, position }) => {
                comparison.list.append(&list);
                comparison.reasons.append(reasons);
                comparison.position = position;
                let (found, waiting) = (comparison.list.count(), comparison.waiting);
                if let Some(job) = self.jobs.get_mut(id) {
                    job.found = Some(found);
                }
                self.go_on_to_difference(waiting);
            }
            JobEvent::Ended(ended) => {
                let is_done = ended.is_ok();
                let (views, is_aligned) = (comparison.views, comparison.is_aligned);
                let lines = views.map(|view| self.line_of_cursor(view));
                let comparisons = self.tabs.iter_mut().filter_map(|tab| tab.comparison.as_mut());
                let Some(comparison) = comparisons.into_iter().find(|it| it.is_by(id)) else {
                    return;
                };
                comparison.state = if is_done { Progress::Complete } else { Progress::Stopped };
                let (text, waiting) = (comparison.summary(), comparison.waiting);
                if is_done && is_aligned {
                    self.align_rows(views, lines);
                }
                self.ended(id, &ended.map(|()| text));
                self.go_on_to_difference(waiting);
            }
        }
    }

    /// How many rows the cursor of a view is below its first one.
    fn line_of_cursor(&self, view: ViewId) -> u64 {
        let Some(cx) = self.context(view) else { return 0 };
        let rows = cx.rows();
        let row = rows.start(rows.place(cx.view.cursor));
        memmap::widen(cx.rows_shown().take_while(|it| it.start < row).count())
    }

    /// The rows of both files stand beside each other from now on. The cursors stay on their lines.
    fn align_rows(&mut self, views: [ViewId; 2], lines: [u64; 2]) {
        let count = self.context(views[0]).map_or(0, |cx| cx.layout().rows);
        let mut first = self.view(views[0]);
        if let Some(comparison) = first.as_mut().and_then(|cx| cx.comparison.as_mut()) {
            comparison.begin_aligned_rows(u64::from(count).max(FOLDED_MIN));
        }
        for (view, line) in views.into_iter().zip(lines) {
            let Some(mut cx) = self.view(view).filter(|cx| cx.view.array.is_none()) else {
                continue;
            };
            let rows = cx.cx().rows();
            let top = rows.up(rows.start(rows.place(cx.view.cursor)), line);
            let top = top.min(rows.last_top(cx.layout().rows));
            cx.scroll_to_row(top);
            cx.scroll_to_cursor();
        }
    }

    /// Performs the pending jump to a difference if its target is known.
    fn go_on_to_difference(&mut self, waiting: Option<WaitingJump>) {
        let Some(waiting) = waiting else { return };
        let Some(mut cx) = self.view(waiting.view) else { return };
        if cx.view.cursor == waiting.cursor {
            cx.try_difference(waiting);
        } else if let Some(comparison) = &mut cx.comparison {
            comparison.waiting = None;
        }
    }

    /// Folds the equal rows found since the last key. A background result alone moves no byte.
    pub(super) fn fold_equal_rows(&mut self) {
        let Some(focus) = self.focus() else { return };
        let Some(cx) = self.context(focus).filter(|cx| cx.view.array.is_none()) else { return };
        let (row_len, rows) = (cx.layout().row_len(), cx.layout().rows);
        let Some(mut cx) = self.view(focus) else { return };
        let Some(comparison) = &mut cx.comparison else { return };
        let Some(common) = comparison.common() else { return };
        // Of aligned files, the rows of the two sides are not the same.
        if comparison.is_aligned {
            return;
        }
        let Comparison { equal, list, state, .. } = &mut **comparison;
        equal.extend(
            list,
            *state == Progress::Complete,
            &common,
            (row_len, u64::from(rows).max(FOLDED_MIN)),
        );
        cx.fill_screen();
    }

    /// The bytes of a document that visible views compare with their own.
    pub(super) fn needed_across(&self, id: DocumentId) -> Vec<Range<u64>> {
        let mut needed = Vec::new();
        for view in self.shown_views() {
            let Some(cx) = self.context(view).filter(|cx| cx.view.array.is_none()) else {
                continue;
            };
            let Some(compared) = cx.compared else { continue };
            let other = self.views.get(&compared.comparison.other_view(view)).map(|it| it.document);
            let Some(document) = compared.other.filter(|_| other == Some(id)) else { continue };
            let rows = cx.rows();
            let alignment = rows.alignment.map(Alignment::across);
            let across = |place| {
                let across = alignment.map_or_else(
                    || {
                        let across = compared.comparison.across(compared.side, place).max(0);
                        u64::try_from(across).unwrap_or(u64::MAX)
                    },
                    |alignment| alignment.offset(place),
                );
                across.min(document.len)
            };
            let shown = cx.rows_shown().filter(|row| rows.fold(row.start).is_none());
            needed.extend(shown.map(|row| across(row.start)..across(row.end)));
            let listed = cx.items_seen(Pane::Differences);
            let other = compared.comparison.side(compared.comparison.other_view(view));
            let listed = compared.listed(listed, other).into_iter();
            needed.extend(listed.map(|it| it.start..it.end.min(document.len)));
        }
        needed
    }
}

impl Current<'_> {
    /// Goes to the `count`-th difference from here, or waits for it.
    pub(super) fn go_to_difference(&mut self, direction: Direction, count: u64) {
        if self.comparison.is_none() {
            return self.complain(NOTHING);
        }
        let (view, cursor) = (self.view_id, self.view.cursor);
        self.try_difference(WaitingJump { view, direction, count, cursor });
    }

    /// Goes to a difference if it is known.
    fn try_difference(&mut self, jump: WaitingJump) {
        let Some(comparison) = &mut self.comparison else { return };
        let side = comparison.side(self.view_id);
        let next = comparison.next(side, jump.cursor, jump.direction, jump.count);
        let was_waiting = comparison.waiting.take().is_some();
        match next {
            NextDifference::At(index, found) => {
                let text = place_of(comparison, index, &found);
                self.jump(on_side(&found, side).start);
                self.scroll_to_start(side, &found);
                self.view.panes.choose(Pane::Differences, index);
                self.say(text);
            }
            NextDifference::NotYet(from) => {
                comparison.waiting = Some(jump);
                if !was_waiting {
                    self.say(format!("not compared up to there yet, from {from:#x} on …"));
                }
            }
            NextDifference::Nothing => {
                let adjective = jump.direction.adjective();
                let is_ahead = jump.direction == Direction::Forward;
                let text = if is_ahead && comparison.list.is_cut() {
                    let kept = comparison.list.len();
                    format!("there are more than {kept} differences; the others are not listed")
                } else if is_ahead && comparison.state == Progress::Stopped {
                    let text = "there is none in what was compared; {reload} compares anew";
                    self.settings.keys.fill(text)
                } else {
                    format!("there is no {adjective} difference")
                };
                self.complain(text);
            }
        }
    }

    /// Scrolls so that the start of a difference is visible, too: in aligned rows, what only the other file has
    /// is above the cursor.
    fn scroll_to_start(&mut self, side: Side, found: &Difference) {
        let rows = self.cx().rows();
        let Some(alignment) = rows.alignment else { return };
        let own = on_side(found, side);
        let start = match alignment.across() {
            _ if !own.is_empty() => alignment.place(own.start),
            other => other.place(on_side(found, other.side).start),
        };
        let top = self.cx().top().min(rows.start(start));
        self.scroll_to_row(top);
        self.scroll_to_cursor();
    }

    /// Compares the same files, aligned or at the same offsets. Returns whether there is a comparison.
    pub(super) fn align(&mut self, is_aligned: bool) -> bool {
        let Some(comparison) = &mut self.comparison else { return false };
        if is_aligned && comparison.parts.is_some() {
            self.complain("two ranges are compared at the same offsets; :diff! FILE aligns files");
            return true;
        }
        if comparison.is_aligned != is_aligned {
            (comparison.is_aligned, comparison.shift) = (is_aligned, 0);
        }
        true
    }

    /// Shifts the second file against the first one, which stays where it is.
    pub(super) fn shift_second(&mut self, by: u64, is_back: bool) {
        let Some(comparison) = &mut self.comparison else {
            return self.complain(NOTHING);
        };
        if comparison.is_aligned {
            return self.complain("the files are aligned; :diff compares at the same offsets");
        }
        let most = i64::MAX / 2;
        let by = i64::try_from(by).unwrap_or(most);
        let before = comparison.shift;
        let to = before.saturating_add(if is_back { -by } else { by });
        comparison.shift = to.clamp(-most, most);
        let moved = i128::from(comparison.shift) - i128::from(before);
        if comparison.side(self.view_id) == Side::B {
            self.relayout();
            self.shift(moved, moved);
        }
    }

    /// Cancels a pending jump. Returns whether there was one.
    pub(super) fn stop_waiting_for_difference(&mut self) -> bool {
        self.comparison.as_mut().is_some_and(|it| it.waiting.take().is_some())
    }
}

/// Which difference this is, for the message.
fn place_of(comparison: &Comparison, index: usize, found: &Difference) -> String {
    let total = comparison.list.len();
    let so_far = if comparison.state == Progress::Complete { "" } else { " so far" };
    let len = in_units(found.len());
    let what = match found.kind {
        DifferenceKind::Changed => len,
        DifferenceKind::OnlyInA => format!("{len} only in the first file"),
        DifferenceKind::OnlyInB => format!("{len} only in the second file"),
        DifferenceKind::Unreadable => format!("{len} that cannot be read: not compared"),
    };
    format!("difference {} of {total}{so_far}: {what}", index + 1)
}
