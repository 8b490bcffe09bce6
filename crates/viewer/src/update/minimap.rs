//! The map: when it is made, and what the keys and the mouse do in it.

use std::ops::Range;

use ratatui::layout::Position;

use crate::analysis::minimap::sampler::MinimapJob;
use crate::analysis::residency::ResidencyJob;
use crate::editor::Editor;
use crate::editor::current::Current;
use crate::editor::keymap::Action;
use crate::layout::minimap::MapGrid;
use crate::search::direction::Direction;
use crate::view::minimap::Metric;
use crate::view::panes::Pane;

use super::normal::times;

/// The map shows no less.
const SHOWN_MIN: u64 = 256;

/// However small the screen is, so many parts are looked at first; and no more, however large it is.
const PARTS: (u64, u64) = (64, 1536);

impl Editor {
    /// Has the maps made that are shown. Where two views show other parts of one file, that with the keyboard
    /// counts: each would have the samples of the other thrown away.
    pub(super) fn keep_maps_current(&mut self) {
        let mut done = Vec::new();
        for id in self.focus().into_iter().chain(self.shown_views()) {
            let Some(mut cx) = self.view(id) else { continue };
            let document = cx.view.document;
            if !done.contains(&document) && cx.keep_map_current() {
                done.push(document);
            }
        }
    }
}

impl Current<'_> {
    /// Has the map made that is shown, unless it is there. Whether one is shown.
    fn keep_map_current(&mut self) -> bool {
        let is_open = self.view.panes.is_open(Pane::Map);
        if !is_open && !self.settings.map {
            return false;
        }
        let len = self.document.len;
        let range = &self.view.minimap.range;
        if range.is_empty() || range.end > len || range.start >= len {
            self.view.minimap.range = 0..len;
            self.relayout();
        }
        let range = self.view.minimap.range.clone();
        let in_pane = self.layout.map.map_or(0, MapGrid::count);
        let in_column = self.layout.map_x.map_or(0, |_| u64::from(self.layout().rows));
        let shown = in_pane.max(in_column);
        if shown == 0 || len == 0 {
            return false;
        }
        // Many cells have a part each; few ones more of them, so that a larger screen has some, too.
        let parts = if shown > PARTS.1 / 2 { shown } else { shown.next_power_of_two() };
        let parts = parts.clamp(PARTS.0, PARTS.1);
        let known = self.document.analyses.minimap.as_ref();
        let is_known = known.is_some_and(|it| {
            let asked = it.value.asked.as_ref();
            let is_asked = asked
                .is_some_and(|last| last.range == range && (last.parts >= parts || last.is_full()));
            // What has changed meanwhile is sampled when this is over.
            let is_current = !it.value.is_stale && !self.document.is_stale(it);
            is_asked && (is_current || !it.is_over)
        });
        if !is_known {
            self.sample(MinimapJob::sampled(range, parts, self.view.cursor));
        }
        true
    }

    fn sample(&mut self, job: MinimapJob) {
        self.start(job);
        if self.view.minimap.metric == Metric::Resident {
            self.ask_residency();
        }
    }

    /// Reads everything for the map.
    pub(super) fn map_all(&mut self) {
        if !self.view.panes.is_open(Pane::Map) {
            self.toggle(Pane::Map);
            self.keep_map_current();
        }
        if self.document.len == 0 {
            return self.complain("there is no byte to map");
        }
        self.sample(MinimapJob::full(self.view.minimap.range.clone(), self.view.cursor));
    }

    /// Nothing can be said of what is in memory: the kinds of bytes are shown again.
    pub(super) fn no_residency(&mut self) {
        self.view.minimap.metric = Metric::Kinds;
    }

    /// The file is another one, or longer, or shorter.
    pub(super) fn map_file_changed(&mut self) {
        let len = self.document.len;
        let known = self.document.analyses.minimap.as_ref();
        let had = known.and_then(|it| it.value.asked.as_ref()).map(|last| last.range.clone());
        let map = &mut self.view.minimap;
        // What showed everything goes on to.
        let showed_all = had.is_none_or(|range| range.start == 0 && range == map.range);
        if showed_all && map.range.end != len {
            // Not each time that a growing file has grown a little.
            let change = map.range.end.abs_diff(len);
            if map.range.end > len || change > map.range.end / 64 {
                map.range = 0..len;
            }
        }
        map.place = map.place.min(len.saturating_sub(1));
    }

    /// What a key does in the map; false if it is none of the map's.
    pub(super) fn act_in_map(&mut self, action: Action, count: Option<u64>) -> bool {
        let Some(grid) = self.layout.map else { return false };
        let times = i64::try_from(times(count)).unwrap_or(i64::MAX);
        let cells = i64::from(grid.cells);
        let rows = i64::from(grid.rows);
        match action {
            Action::Left => self.move_in_map(-times),
            Action::Right => self.move_in_map(times),
            Action::Up => self.move_in_map((-cells).saturating_mul(times)),
            Action::Down => self.move_in_map(cells.saturating_mul(times)),
            Action::PageUp | Action::HalfPageUp => {
                self.move_in_map((-cells * rows).saturating_mul(times));
            }
            Action::PageDown | Action::HalfPageDown => {
                self.move_in_map((cells * rows).saturating_mul(times));
            }
            Action::Start => self.move_in_map(i64::MIN),
            Action::End => self.move_in_map(i64::MAX),
            Action::RowStart | Action::RowEnd => {
                let at = self.view.minimap.cell_of(self.view.minimap.place, grid.count());
                let in_row = i64::try_from(at % u64::from(grid.cells.max(1))).unwrap_or(0);
                let to_end = cells - 1 - in_row;
                self.move_in_map(if action == Action::RowStart { -in_row } else { to_end });
            }
            Action::Enter => {
                let cell = self.map_cell(grid);
                // Where the cursor is already, it stays.
                let is_there = cell.contains(&self.view.cursor);
                let place = self.first_data(&cell);
                self.leave_for(if is_there { self.view.cursor } else { place });
            }
            _ => return false,
        }
        true
    }

    /// The bytes of the chosen cell.
    fn map_cell(&self, grid: MapGrid) -> Range<u64> {
        let count = grid.count();
        self.view.minimap.cell(self.view.minimap.cell_of(self.view.minimap.place, count), count)
    }

    /// The first byte of a range that is in no hole, as far as is known.
    fn first_data(&self, range: &Range<u64>) -> u64 {
        let known = self.document.analyses.minimap.as_ref();
        known.map_or(range.start, |it| it.value.first_data(range))
    }

    /// Chooses a cell so many cells on.
    pub(super) fn move_in_map(&mut self, by: i64) {
        let Some(grid) = self.layout.map else { return };
        let count = grid.count();
        let at = self.view.minimap.cell_of(self.view.minimap.place, count);
        let to = at.saturating_add_signed(by).min(count.saturating_sub(1));
        // Where cells are shorter than a byte, several are the same place.
        let cell = self.view.minimap.cell(to, count);
        self.view.minimap.place = cell.start.min(self.view.minimap.range.end.saturating_sub(1));
    }

    /// Shows half as much around what is chosen, or twice as much.
    pub(super) fn zoom_map(&mut self, direction: Direction) {
        if !self.view.panes.is_open(Pane::Map) || self.document.len == 0 {
            return self.complain("M opens the map; + and - are for it");
        }
        if self.view.pane() != Some(Pane::Map) {
            self.view.minimap.place = self.view.cursor;
        }
        let shown = self.view.minimap.range.end - self.view.minimap.range.start;
        let len = match direction {
            Direction::Forward => (shown / 2).max(SHOWN_MIN),
            Direction::Back => shown.saturating_mul(2),
        };
        let len = len.min(self.document.len);
        // What is chosen stays where the eye is, as far as the ends allow.
        let at = self.view.minimap.place.saturating_sub(self.view.minimap.range.start);
        let before = u128::from(at) * u128::from(len) / u128::from(shown.max(1));
        let before = u64::try_from(before).unwrap_or(0);
        let start = self.view.minimap.place.saturating_sub(before).min(self.document.len - len);
        self.view.minimap.range = start..start + len;
        self.relayout();
    }

    /// Shows what else the map can show.
    pub(super) fn next_metric(&mut self) {
        if !self.view.panes.is_open(Pane::Map) {
            return self.complain("M opens the map; o is for it");
        }
        self.view.minimap.metric = match self.view.minimap.metric {
            Metric::Kinds => Metric::Resident,
            Metric::Resident => Metric::Kinds,
        };
        if self.view.minimap.metric == Metric::Resident {
            self.ask_residency();
        }
    }

    fn ask_residency(&mut self) {
        let range = self.view.minimap.range.clone();
        let parts = self.layout.map.map_or(PARTS.0, MapGrid::count);
        self.start(ResidencyJob { range, parts });
    }

    /// Goes where the map's column points at on a line of the screen.
    pub(super) fn seek_in_map_column(&mut self, y: u16) {
        let layout = self.layout();
        let line = y.saturating_sub(layout.first_line()).min(layout.rows.saturating_sub(1));
        let cell = self.view.minimap.cell(line.into(), layout.rows.into());
        self.seek(cell.start);
    }

    /// Goes where a cell of the pane points at.
    pub(super) fn seek_in_map_pane(&mut self, at: Position) {
        let Some(grid) = self.layout.map else { return };
        let Some(cell) = grid.cell_at(at) else { return };
        let range = self.view.minimap.cell(cell, grid.count());
        self.view.minimap.place = range.start.min(self.document.len.saturating_sub(1));
        self.seek(self.first_data(&range));
    }

    fn seek(&mut self, place: u64) {
        if self.document.len > 0 {
            let column = self.view.cursor % self.layout().row_len();
            let row = self.layout().row_of(place);
            // A drag comes by many places, of which none is to be gone back to.
            self.show(row.saturating_add(column));
        }
    }
}
