//! Searching: what is typed is shown on the screen at once, and found everywhere by a job.

use std::ops::Range;

use super::command_line::Outcome;
use crate::document::jobs::{News, Work};
use crate::editor::app::{App, Focus, Notice};
use crate::editor::panes::first_seen;
use crate::editor::prompt::{Prompt, Purpose};
use crate::job::list::JobId;
use crate::layout::panes::CONTEXT_LEN;
use crate::search::direction::Direction;
use crate::search::incremental;
use crate::search::match_list::Hit;
use crate::search::query::Query;
use crate::search::results::{Compiled, Next, Search, Waiting};
use crate::source::page_cache::Known;
use crate::view::panes::Pane;

/// What can be searched for by a key is no longer.
const SELECTED_MAX: u64 = 256;

/// So many bytes are searched for where there is no word: those of most numbers.
const VALUE_LEN: u64 = 4;

/// How far beyond the screen it is looked, for what is only partly on it.
const REACH_MAX: u64 = 4 << 10;

/// The same where a match has no longest length.
const REACH: u64 = 256;

impl App {
    pub(super) fn open_search(&mut self) {
        let mut prompt = Prompt::new(Purpose::Find);
        if let Some(search) = &self.search {
            prompt.notation = search.what.query.notation;
            prompt.folds_case = search.what.query.folds_case;
        }
        self.focus = Focus::Prompt(prompt);
    }

    /// Starts a search from the cursor on.
    pub(super) fn find(&mut self, query: Query) -> Result<(), String> {
        let what = Compiled::of(query)?;
        if self.len == 0 {
            return Err("there is no byte to search".to_owned());
        }
        let is_same = self.search.as_ref().is_some_and(|old| {
            old.what == what && !old.is_stale && (old.is_complete() || !old.is_over)
        });
        if is_same {
            self.go_to_hit(Direction::Forward);
            return Ok(());
        }
        self.begin(what, self.cursor);
        Ok(())
    }

    /// The same, and the first place that counts is `bound`.
    fn begin(&mut self, what: Compiled, bound: u64) {
        self.forget_search();
        let work = Work::Find(what.query.clone(), self.cursor);
        let job = self.start(what.query.to_string(), work);
        let mut search = Search::new(what, job, self.cursor, self.len);
        let (direction, cursor) = (Direction::Forward, self.cursor);
        search.waiting = Some(Waiting { direction, bound, cursor });
        self.search = Some(search);
        self.panes.choose(Pane::Hits, 0);
    }

    /// Stops the search and forgets what it found.
    pub(super) fn forget_search(&mut self) {
        if let Some(search) = self.search.take() {
            self.stop(search.job);
        }
    }

    /// Searches for what is selected, or for what is under the cursor.
    pub(super) fn find_this(&mut self) {
        let range = self.selection().unwrap_or_else(|| self.word());
        if range.end - range.start > SELECTED_MAX {
            return self.trouble(format!("only {SELECTED_MAX} bytes can be searched for so"));
        }
        let known = self.pieces.bytes(range.start, range.end - range.start);
        let byte = |known: Known| match known {
            Known::Value(byte) => Some(byte),
            Known::Unreadable | Known::NotYet => None,
        };
        let bytes: Option<Vec<u8>> = known.into_iter().map(byte).collect();
        let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) else {
            return self.trouble("there are no bytes here to search for");
        };
        let query = Query::of_bytes(&bytes);
        self.anchor = None;
        self.cursor = range.start;
        self.scroll_to_cursor();
        self.remember_query(&query);
        match Compiled::of(query) {
            Ok(what) => self.begin(what, range.start.saturating_add(1)),
            Err(why) => self.trouble(why),
        }
    }

    /// The bytes that `*` needs to know, if they are few.
    pub(crate) fn selected_few(&self) -> Option<Range<u64>> {
        self.selection().filter(|range| range.end - range.start <= SELECTED_MAX)
    }

    /// The word under the cursor as far as it is known, or some bytes from there on.
    fn word(&self) -> Range<u64> {
        let is_letter = |position: u64| match self.pieces.byte(position) {
            Known::Value(byte) => byte.is_ascii_alphanumeric() || byte == b'_',
            Known::Unreadable | Known::NotYet => false,
        };
        if !is_letter(self.cursor) {
            return self.cursor..self.cursor.saturating_add(VALUE_LEN).min(self.len);
        }
        let (mut start, mut end) = (self.cursor, self.cursor);
        while end < self.len && end - self.cursor < SELECTED_MAX / 2 && is_letter(end) {
            end += 1;
        }
        while self.cursor - start < SELECTED_MAX / 2 && start.checked_sub(1).is_some_and(is_letter)
        {
            start -= 1;
        }
        start..end
    }

    /// Does what Enter says in the prompt; what is wrong is said there.
    pub(super) fn search_typed(&mut self, query: &Query) {
        if query.text.is_empty() {
            self.focus = Focus::Bytes;
            if self.search.is_some() {
                self.go_to_hit(Direction::Forward);
            }
            return;
        }
        match self.find(query.clone()) {
            Ok(()) => {
                self.remember_query(query);
                self.focus = Focus::Bytes;
            }
            Err(why) => {
                if let Focus::Prompt(prompt) = &mut self.focus {
                    prompt.problem = Some(format!("E: {why}"));
                }
            }
        }
    }

    pub(super) fn remember_query(&mut self, query: &Query) {
        crate::editor::prompt::remember(&mut self.history, &format!("find {}", query.line()));
    }

    /// Goes to the next hit that is known, or waits for one.
    pub(super) fn go_to_hit(&mut self, direction: Direction) {
        let bound = match direction {
            Direction::Forward => self.cursor.saturating_add(1),
            Direction::Back => self.cursor,
        };
        let Some(search) = &mut self.search else {
            return self.trouble("nothing was searched for yet; / searches");
        };
        search.waiting = None;
        let next = search.next(direction, bound);
        let cursor = self.cursor;
        match next {
            Next::At { hit, gap, is_wrapped } => self.show_hit(hit, gap, is_wrapped, direction),
            Next::NotYet(gap) => {
                search.waiting = Some(Waiting { direction, bound, cursor });
                let from = gap.start;
                self.notice = Some(Notice::Done(format!("not searched yet from {from:#x} on …")));
            }
            Next::Nothing => {
                let text = format!("{}: not found", search.what.query);
                self.trouble(text);
            }
        }
    }

    fn show_hit(
        &mut self,
        hit: Hit,
        gap: Option<Range<u64>>,
        is_wrapped: bool,
        direction: Direction,
    ) {
        self.jump(hit.offset);
        let Some(search) = &self.search else { return };
        let index = search.index(hit.offset);
        let mut text = match (search.is_complete(), search.total()) {
            (true, total) => format!("hit {} of {total}", index + 1),
            (false, _) => format!("hit at {:#x}", hit.offset),
        };
        let wrapped = match direction {
            Direction::Forward => ", from the start again",
            Direction::Back => ", from the end again",
        };
        text += if is_wrapped { wrapped } else { "" };
        let yet = if search.is_over { "" } else { " yet" };
        text += &gap.map_or_else(String::new, |gap| {
            format!(" (not searched{yet}: {:#x} to {:#x})", gap.start, gap.end)
        });
        text += if search.is_stale { " (as the file was; / Enter searches anew)" } else { "" };
        self.panes.choose(Pane::Hits, index);
        self.notice = Some(Notice::Done(text));
    }

    /// Takes what the search says. Whether it was the search that said it.
    pub(super) fn hear_search(&mut self, id: JobId, news: News) {
        let Some(search) = self.search.as_mut().filter(|search| search.job == id) else { return };
        match news {
            News::Hits(side, hits) => search.take(side, hits),
            News::Joined { seam, from } => search.join(seam, from),
            News::Replaced(all) => search.replace(all),
            News::Progress { done, .. } => search.progress(done),
            News::Ended(_) => search.is_over = true,
            _ => {}
        }
        // The chosen line stays with its hit while others come in front of it.
        let index = search.index(self.cursor);
        if search.get(index).is_some_and(|hit| hit.offset == self.cursor) {
            self.panes.choose(Pane::Hits, index);
        }
        let total = search.total();
        if let Some(job) = self.jobs.get_mut(id) {
            job.found = Some(total);
        }
    }

    /// Goes to what was waited for, once it is known.
    pub(super) fn go_on(&mut self) {
        let Some(search) = &mut self.search else { return };
        let Some(Waiting { direction, bound, cursor }) = search.waiting else { return };
        match search.next(direction, bound) {
            Next::NotYet(_) => {}
            // Nearer ones may still come.
            Next::At { gap: Some(_), .. } if !search.is_over => {}
            next => {
                search.waiting = None;
                if let Next::At { hit, gap, is_wrapped } = next
                    && cursor == self.cursor
                {
                    self.show_hit(hit, gap, is_wrapped, direction);
                }
            }
        }
    }

    /// What is to be seen on the screen: of the line that is being typed, or of the search.
    fn looked_for(&self) -> Option<&Compiled> {
        match &self.focus {
            Focus::Prompt(prompt) if prompt.purpose == Purpose::Find => match &prompt.compiled {
                Some(Ok(what)) => Some(what),
                _ => None,
            },
            _ => self.search.as_ref().map(|search| &search.what),
        }
    }

    /// How far beyond the screen bytes are needed to see what is on it.
    pub(crate) fn reach(&self) -> u64 {
        let reach = |what: &Compiled| what.pattern.max_len().unwrap_or(REACH).min(REACH_MAX);
        self.looked_for().map_or(0, reach)
    }

    /// Finds what is on the screen.
    pub(crate) fn look_around(&mut self) {
        let Some(what) = self.looked_for() else { return self.lit.clear() };
        let is_typed = matches!(self.focus, Focus::Prompt(_));
        let mut lit = Vec::new();
        for page in self.pieces.pages() {
            let range = page.range();
            let known = self
                .search
                .as_ref()
                .filter(|search| !is_typed && !search.is_stale && search.knows(&range));
            match known {
                Some(search) => lit.extend(search.within(range).map(|hit| hit.offset..hit.end())),
                None => lit.extend(incremental::found_in(page, &what.pattern)),
            }
        }
        lit.retain(|range| range.start < range.end);
        lit.sort_by_key(|range| range.start);
        self.lit = lit;
    }

    /// How many of them are on the screen, in part at least.
    pub(crate) fn in_view(&self) -> usize {
        let rows = self.rows();
        let shown: Vec<Range<u64>> = rows
            .from(self.top, self.layout().rows)
            .filter(|row| rows.fold(row.start).is_none())
            .collect();
        let is_shown =
            |lit: &&Range<u64>| shown.iter().any(|row| row.start < lit.end && lit.start < row.end);
        self.lit.iter().filter(is_shown).count()
    }

    /// Which hits are on the screen, by their numbers.
    fn hits_shown(&self) -> Range<usize> {
        let place = self.pane_places().into_iter().find(|(shown, _)| *shown == Pane::Hits);
        let Some((_, rect)) = place else { return 0..0 };
        let first = first_seen(self, Pane::Hits, rect);
        let count = self.search.as_ref().map_or(0, Search::count);
        first..count.min(first + usize::from(rect.height.saturating_sub(1)))
    }

    /// Where the pane of hits reads: around those that it shows.
    pub(crate) fn hits_needed(&self) -> Vec<Range<u64>> {
        let around = |hit: Hit| {
            let start = hit.offset.min(self.len);
            start..hit.offset.saturating_add(CONTEXT_LEN).min(self.len)
        };
        let Some(search) = &self.search else { return Vec::new() };
        let shown = self.hits_shown();
        search.iter_from(shown.start).take(shown.len()).map(around).collect()
    }

    /// Writes all hits to a new file, after the same line was entered once more.
    pub(super) fn export_hits(
        &mut self,
        line: &str,
        file: String,
        confirmed: Option<&str>,
    ) -> Result<Outcome, String> {
        let search = self.search.as_ref().ok_or("nothing was searched for yet; / searches")?;
        let count = search.count();
        let so_far = if search.is_complete() { "" } else { " so far" };
        if confirmed != Some(line) {
            let noun = if count == 1 { "hit" } else { "hits" };
            return Ok(Outcome::Confirm(format!(
                "{count} {noun}{so_far} into a new file: Enter once more"
            )));
        }
        let hits = search.all();
        self.start("export of hits", Work::Export(hits, file.into()));
        Ok(Outcome::Done)
    }

    /// Stops waiting. Whether it did.
    pub(super) fn stop_waiting(&mut self) -> bool {
        self.search.as_mut().is_some_and(|search| search.waiting.take().is_some())
    }
}
