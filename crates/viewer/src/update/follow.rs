//! A file that others write to while it is looked at.

use std::time::Duration;

use crate::document::follow;
use crate::editor::app::{App, Notice};
use crate::editor::task::Task;
use crate::format::units::in_units;
use crate::source::page_cache::Page;
use crate::view::panes::Pane;

impl App {
    /// How long after the last look at the file the next one is due, if it is followed.
    #[must_use]
    pub fn due(&self) -> Option<Duration> {
        self.follow.due()
    }

    /// Looks at the file so often by itself from now on, or not any more.
    pub fn follow(&mut self, every: Option<Duration>) {
        self.follow.every = every;
    }

    pub(super) fn toggle_follow(&mut self) {
        let every = if self.follow.every.is_some() { None } else { Some(follow::EVERY) };
        self.follow_every(every);
    }

    pub(super) fn follow_every(&mut self, every: Option<Duration>) {
        self.follow(every);
        let said = match every {
            None => "not followed any more; r looks at the file again".to_owned(),
            Some(every) if every == follow::EVERY => {
                "followed, from the last byte on: G".to_owned()
            }
            Some(every) => format!("looked at every {} s", every.as_secs()),
        };
        self.notice = Some(Notice::Done(said));
    }

    /// The bytes on the screen, to be read again: what was read of them is compared.
    #[must_use]
    pub fn shown(&self) -> Vec<std::ops::Range<u64>> {
        let mut needed = self.needed();
        needed.retain(|range| self.pieces.cover(range));
        needed
    }

    /// The file was looked at, and has so many bytes.
    pub(crate) fn looked(&mut self, len: u64, now: Duration) {
        self.follow.tick(now);
        self.follow.is_gone = false;
        if len == self.len {
            return;
        }
        let before = self.len;
        let was_at_end = self.cursor.saturating_add(1) >= before && self.anchor.is_none();
        self.pieces.cut(before.min(len));
        self.resize_to(len);
        if len > before {
            self.follow.grown += len - before;
            if was_at_end {
                self.go_to(len - 1);
            } else {
                self.say_grown(self.follow.grown);
            }
        } else {
            self.follow.grown = 0;
            self.say_cut(len);
        }
    }

    pub(crate) fn say_grown(&mut self, by: u64) {
        let grown = in_units(by);
        self.notice = Some(Notice::Done(format!("+{grown}; G goes to the end")));
    }

    pub(crate) fn say_cut(&mut self, len: u64) {
        self.trouble(format!("cut to {}", in_units(len)));
    }

    /// Bytes on the screen were read again.
    pub(crate) fn reread(&mut self, page: Page) {
        let changed = self.pieces.differs(&page);
        if let Some(range) = changed {
            self.follow.compare(&self.pieces, &page);
            self.folds.forget(&range);
        }
        let needed = self.pieces.are_many().then(|| self.needed());
        self.pieces.take(page, needed.as_deref());
    }

    /// Another file has the name now.
    pub(crate) fn replaced(&mut self) {
        self.follow.generation += 1;
        self.follow.forget();
        self.pieces.clear();
        self.folds.clear();
        if let Some(search) = &mut self.search {
            search.is_stale = true;
        }
        let count = self.follow.generation + 1;
        self.notice =
            Some(Notice::Done(format!("another file has this name now, the {count}. one")));
    }

    /// The file cannot be looked at.
    pub(crate) fn gone(&mut self, why: &str) {
        // Said once.
        if !std::mem::replace(&mut self.follow.is_gone, true) {
            self.trouble(format!("{why}; what is shown is what was opened"));
        }
    }

    /// The data has another length; what is known of the rest is kept.
    pub(crate) fn resize_to(&mut self, len: u64) {
        let before = std::mem::replace(&mut self.len, len);
        if let Some(search) = &mut self.search {
            search.resize(len);
        }
        // What is folded at the end may go on, or be gone.
        let last_row = before.min(len).saturating_sub(self.rows().row_len);
        self.folds.forget(&(last_row..u64::MAX));
        self.count_elements();
        self.map_file_changed();
        self.sums_are_stale();
        if self.panes.is_open(Pane::Doctor) {
            self.tasks.push(Task::Explain);
        }
        // Where bytes are left on the screen it stays where it is.
        if self.top >= len {
            self.top = self.rows().last_top(self.layout().rows);
        }
        self.go_to(self.cursor);
    }
}
