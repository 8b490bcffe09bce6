//! The bytes that a view needs to be drawn.

use std::ops::Range;

use crate::analysis::data_inspector;
use crate::editor::context::{PREVIEW_LEN, ViewContext};
use crate::editor::prompt::Purpose;
use crate::layout::panes::{CONTEXT_LEN, SHOWN_LEN};
use crate::search::match_list::Match;
use crate::search::results::CompiledQuery;
use crate::source::page_cache::joined;
use crate::view::array::ArrayView;
use crate::view::panes::Pane;

/// Maximum length of a selection that `*` searches for.
pub(crate) const SELECTED_MAX: u64 = 256;

/// Maximum number of bytes read beyond the screen, for items that are only partly visible.
const REACH_MAX: u64 = 4 << 10;

/// The same for a pattern with unbounded matches.
const REACH: u64 = 256;

/// Elements with gaps up to this many bytes are read together.
const NEAR: u64 = 64;

impl ViewContext<'_> {
    /// All bytes needed for the screen: sorted, disjoint ranges.
    pub(crate) fn needed(self) -> Vec<Range<u64>> {
        let (view, len) = (self.view, self.document.len);
        // A match may be partly visible.
        let reach = self.reach();
        let around = |row: Range<u64>| {
            row.start.saturating_sub(reach)..row.end.saturating_add(reach).min(len)
        };
        let mut needed: Vec<Range<u64>> = if let Some(array) = &view.array {
            self.elements_on_screen(array)
        } else {
            self.bytes_shown().map(around).collect()
        };
        needed.extend(self.selected_few());
        needed.extend(self.matches_needed());
        needed.extend(self.strings_needed());
        if let Some(compared) = self.compared {
            needed.extend(compared.listed(self.items_seen(Pane::Differences), compared.side));
        }
        needed.push(view.cursor..view.cursor.saturating_add(data_inspector::REACH).min(len));
        needed.extend(self.typed_needs());
        if let Some(place) = self.preview() {
            needed.push(place..place.saturating_add(PREVIEW_LEN).min(len));
        }
        joined(needed)
    }

    /// Number of bytes needed beyond the screen.
    fn reach(self) -> u64 {
        let reach = |what: &CompiledQuery| what.pattern.max_len().unwrap_or(REACH).min(REACH_MAX);
        self.looked_for().map_or(0, reach).max(self.settings.table.reach())
    }

    /// The bytes that `*` would search for, if they are few.
    fn selected_few(self) -> Option<Range<u64>> {
        self.selection().filter(|range| range.end - range.start <= SELECTED_MAX)
    }

    /// The bytes of the matches visible in the list.
    fn matches_needed(self) -> Vec<Range<u64>> {
        let len = self.document.len;
        let around = |hit: Match| {
            let start = hit.offset.min(len);
            start..hit.offset.saturating_add(CONTEXT_LEN).min(len)
        };
        let Some(search) = self.search() else { return Vec::new() };
        let shown = self.items_seen(Pane::Matches);
        let listed = search.iter_from(shown.start).take(shown.len());
        listed.map(|hit| around(self.match_now(hit))).collect()
    }

    /// The bytes of the strings visible in the list.
    fn strings_needed(self) -> Vec<Range<u64>> {
        let len = self.document.len;
        let Some(strings) = &self.document.analyses.strings else { return Vec::new() };
        let shown = self.items_seen(Pane::Strings);
        let matches = strings.value.matches.iter_from(shown.start).take(shown.len());
        matches
            .map(|hit| hit.offset..hit.end().min(hit.offset + SHOWN_LEN).min(len))
            .filter(|range| !range.is_empty())
            .collect()
    }

    /// The items of a list that are visible.
    pub(crate) fn items_seen(self, pane: Pane) -> Range<usize> {
        let Some(it) = self.layout.pane(pane) else { return 0..0 };
        it.flow.first..it.count.min(it.flow.first + it.seen())
    }

    /// The bytes of the elements on the screen.
    fn elements_on_screen(self, array: &ArrayView) -> Vec<Range<u64>> {
        let sheet = self.sheet(array);
        let columns: Vec<u64> = sheet.columns(array.left).map(|(column, ..)| column).collect();
        let end = sheet.row_count().min(array.top.saturating_add(self.layout().rows.into()));
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for row in array.top..end {
            for spot in columns.iter().filter_map(|&column| sheet.spot(row, column)) {
                let shown = spot.shown();
                if shown.end > self.document.len {
                    continue;
                }
                // Read close neighbours together, including small gaps.
                match ranges.last_mut() {
                    Some(last)
                        if (last.start..=last.end.saturating_add(NEAR)).contains(&shown.start) =>
                    {
                        last.end = last.end.max(shown.end);
                    }
                    _ => ranges.push(shown),
                }
            }
        }
        ranges
    }

    /// The address in the line being typed.
    fn place_typed(self) -> Option<String> {
        let prompt = self.prompt()?;
        match prompt.purpose {
            Purpose::Goto => Some(prompt.text()),
            Purpose::Find | Purpose::Value => None,
            Purpose::Command => self.line(&prompt.text()).place(),
        }
    }

    /// The bytes needed to evaluate that address.
    fn typed_needs(self) -> Vec<Range<u64>> {
        self.place_typed().map(|text| self.scope().needs(&text)).unwrap_or_default()
    }

    /// Whether some of these bytes are not read yet.
    pub(crate) fn waits_for_bytes(self) -> bool {
        self.typed_needs().iter().any(|range| !self.document.pages.cover(range))
    }

    /// The offset that the address evaluates to.
    pub(crate) fn preview(self) -> Option<u64> {
        self.place(&self.place_typed()?).ok()
    }
}
