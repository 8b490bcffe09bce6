//! Search: highlights matches on the screen while typing, and searches the file in a job.

use std::ops::Range;

use super::command_line::{CommandError, Outcome};
use crate::editor::current::Current;
use crate::editor::needed::SELECTED_MAX;
use crate::editor::prompt::{Prompt, Purpose};
use crate::search::direction::Direction;
use crate::search::export::ExportJob;
use crate::search::incremental;
use crate::search::job::SearchJob;
use crate::search::match_list::Match;
use crate::search::query::Query;
use crate::search::results::{CompiledQuery, Next, Waiting};
use crate::source::page_cache::Known;
use crate::view::Focus;
use crate::view::panes::Pane;

/// Number of bytes that `*` searches for if there is no word: a 32-bit number.
const VALUE_LEN: u64 = 4;

impl Current<'_> {
    pub(super) fn open_search(&mut self) {
        let mut prompt = Prompt::new(Purpose::Find);
        if let Some(search) = self.cx().search() {
            prompt.notation = search.query().notation;
            prompt.folds_case = search.query().folds_case;
        }
        self.view.focus = Focus::Bytes;
        self.input.prompt = Some(prompt);
    }

    /// Starts a search from the cursor, unless the results are known.
    pub(super) fn find(&mut self, query: Query) -> Result<(), CommandError> {
        let what = CompiledQuery::of(query)?;
        if self.document.len == 0 {
            return Err(CommandError::NothingToSearch);
        }
        let known = self.document.analyses.search.as_ref();
        let is_same = known.is_some_and(|old| {
            let is_going = old.value.is_complete() || !old.is_over;
            *old.value.query() == what.query && !self.document.is_stale(old) && is_going
        });
        if is_same {
            self.go_to_hit(Direction::Forward);
            return Ok(());
        }
        self.begin(what, self.view.cursor);
        Ok(())
    }

    /// The same, where the first match may start at `bound` or later.
    fn begin(&mut self, what: CompiledQuery, bound: u64) {
        let cursor = self.view.cursor;
        let job = self.start(SearchJob::new(what, cursor));
        let direction = Direction::Forward;
        self.view.waiting = Some(Waiting { job, direction, bound, count: 1, cursor });
        self.view.panes.choose(Pane::Matches, 0);
    }

    /// Cancels the search and discards the results.
    pub(super) fn forget_search(&mut self) {
        self.view.waiting = None;
        if let Some(search) = self.document.analyses.search.take() {
            self.cancel(search.job);
        }
    }

    /// Searches for the selection, or for the word under the cursor.
    pub(super) fn find_this(&mut self) {
        let range = self.cx().selection().unwrap_or_else(|| self.word());
        if range.end - range.start > SELECTED_MAX {
            return self.complain(format!("* searches for at most {SELECTED_MAX} bytes"));
        }
        let known = self.document.pages.bytes(range.start, range.end - range.start);
        let byte = |known: Known| match known {
            Known::Value(byte) => Some(byte),
            Known::Unreadable | Known::NotYet => None,
        };
        let bytes: Option<Vec<u8>> = known.into_iter().map(byte).collect();
        let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) else {
            return self.complain("there are no bytes here to search for");
        };
        let query = Query::of_bytes(&bytes);
        self.view.anchor = None;
        self.view.cursor = range.start;
        self.scroll_to_cursor();
        self.remember_query(&query);
        match CompiledQuery::of(query) {
            Ok(what) => self.begin(what, range.start.saturating_add(1)),
            Err(why) => self.complain(why.to_string()),
        }
    }

    /// The word under the cursor, as far as it was read, or else a few bytes.
    fn word(&self) -> Range<u64> {
        let is_letter = |position: u64| match self.document.pages.byte(position) {
            Known::Value(byte) => byte.is_ascii_alphanumeric() || byte == b'_',
            Known::Unreadable | Known::NotYet => false,
        };
        if !is_letter(self.view.cursor) {
            return self.view.cursor
                ..self.view.cursor.saturating_add(VALUE_LEN).min(self.document.len);
        }
        let (mut start, mut end) = (self.view.cursor, self.view.cursor);
        while end < self.document.len && end - self.view.cursor < SELECTED_MAX / 2 && is_letter(end)
        {
            end += 1;
        }
        while self.view.cursor - start < SELECTED_MAX / 2
            && start.checked_sub(1).is_some_and(is_letter)
        {
            start -= 1;
        }
        start..end
    }

    /// Handles Enter in the search prompt. Errors are shown there.
    pub(super) fn search_typed(&mut self, query: &Query) {
        if query.text.is_empty() {
            self.input.prompt = None;
            if self.document.analyses.search.is_some() {
                self.go_to_hit(Direction::Forward);
            }
            return;
        }
        match self.find(query.clone()) {
            Ok(()) => {
                self.remember_query(query);
                self.input.prompt = None;
            }
            Err(why) => {
                if let Some(prompt) = &mut self.input.prompt {
                    prompt.problem = Some(format!("E: {why}"));
                }
            }
        }
    }

    pub(super) fn remember_query(&mut self, query: &Query) {
        crate::editor::prompt::remember(self.history, &format!("find {}", query.line()));
    }

    /// Goes to the next known match, or waits for one.
    pub(super) fn go_to_hit(&mut self, direction: Direction) {
        self.go_to_nth_hit(direction, 1);
    }

    /// Goes to the `count`-th match from here.
    pub(super) fn go_to_nth_hit(&mut self, direction: Direction, count: u64) {
        let bound = match direction {
            Direction::Forward => self.view.cursor.saturating_add(1),
            Direction::Back => self.view.cursor,
        };
        let bound = self.cx().match_then(bound);
        self.view.waiting = None;
        let Some(analysis) = &self.document.analyses.search else {
            return self.complain(CommandError::NothingSearched.to_string());
        };
        let (job, search) = (analysis.job, &analysis.value);
        let next = search.nth(direction, bound, count);
        match next {
            Next::At { hit, gap, is_wrapped } => self.show_hit(hit, gap, is_wrapped, direction),
            Next::NotYet(gap) => {
                let cursor = self.view.cursor;
                self.view.waiting = Some(Waiting { job, direction, bound, count, cursor });
                let from = gap.start;
                self.say(format!("not searched yet from {from:#x} on …"));
            }
            Next::Nothing => {
                let text = format!("{}: not found", search.query());
                self.complain(text);
            }
        }
    }

    fn show_hit(
        &mut self,
        hit: Match,
        gap: Option<Range<u64>>,
        is_wrapped: bool,
        direction: Direction,
    ) {
        let is_changed = self.cx().is_match_changed(hit);
        self.jump(self.cx().match_now(hit).offset);
        let is_stale = self.cx().is_search_stale();
        let Some(search) = self.cx().search() else { return };
        let index = search.index(hit.offset);
        let mut text = match (search.is_complete(), search.total()) {
            (true, total) => format!("match {} of {total}", index + 1),
            (false, _) => format!("match at {:#x}", hit.offset),
        };
        let wrapped = match direction {
            Direction::Forward => ", from the start again",
            Direction::Back => ", from the end again",
        };
        text += if is_wrapped { wrapped } else { "" };
        let yet = if search.is_over() { "" } else { " yet" };
        text += &gap.map_or_else(String::new, |gap| {
            format!(" (not searched{yet}: {:#x} to {:#x})", gap.start, gap.end)
        });
        text += if is_changed { ", edited since" } else { "" };
        text += if is_stale { " (as the file was; / Enter searches again)" } else { "" };
        self.view.panes.choose(Pane::Matches, index);
        self.say(text);
    }

    /// New results: performs the pending jump if its target is known.
    pub(super) fn search_went_on(&mut self) {
        // Keep the selected match selected while others are inserted before it.
        let cursor = self.view.cursor;
        let Some(analysis) = &self.document.analyses.search else { return };
        let search = &analysis.value;
        let index = search.index(self.cx().match_then(cursor));
        let is_here = |hit| self.cx().match_now(hit).offset == cursor;
        let is_on_one = search.get(index).is_some_and(is_here);
        // Another view may have started a new search.
        let waiting = self.view.waiting.filter(|it| it.job == analysis.job);
        let next = waiting.map(|it| (it, search.nth(it.direction, it.bound, it.count)));
        let is_over = search.is_over();
        if is_on_one {
            self.view.panes.choose(Pane::Matches, index);
        }
        match next {
            None | Some((_, Next::NotYet(_))) => {}
            // A closer match may still be found.
            Some((_, Next::At { gap: Some(_), .. })) if !is_over => {}
            Some((waiting, next)) => {
                self.view.waiting = None;
                if let Next::At { hit, gap, is_wrapped } = next
                    && waiting.cursor == cursor
                {
                    self.show_hit(hit, gap, is_wrapped, waiting.direction);
                }
            }
        }
    }

    /// Finds the matches on the screen.
    pub(crate) fn find_on_screen(&mut self) {
        let cx = self.cx();
        let Some(what) = cx.looked_for() else { return self.view.lit.clear() };
        let search = cx.search().filter(|_| !cx.is_typing_search() && !cx.is_search_stale());
        let mut lit = Vec::new();
        for page in self.document.pages.pages() {
            let range = page.range();
            match search.filter(|search| search.knows(&range)) {
                Some(search) => lit.extend(search.within(range).map(|hit| hit.offset..hit.end())),
                None => lit.extend(incremental::found_in(page, &what.pattern)),
            }
        }
        lit.retain(|range| range.start < range.end);
        lit.sort_by_key(|range| range.start);
        self.view.lit = lit;
    }

    /// Exports all matches to a new file, after confirmation.
    pub(super) fn export_hits(&mut self, file: &str) -> Result<Outcome, CommandError> {
        let search = self.cx().search();
        let search = search.ok_or(CommandError::NothingSearched)?;
        let count = search.count();
        let so_far = if search.is_complete() { "" } else { " so far" };
        let noun = if count == 1 { "match" } else { "matches" };
        Ok(Outcome::Confirm {
            question: format!("Write {count} {noun}{so_far} to a new file? Enter to confirm"),
            job: ExportJob { matches: search.all(), path: file.into() }.into(),
        })
    }

    /// Cancels a pending jump. Returns whether there was one.
    pub(super) fn stop_waiting(&mut self) -> bool {
        self.view.waiting.take().is_some()
    }
}
