//! The minimap: when it is sampled, and its keys and mouse actions.

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

/// Minimum length of the visible range, in bytes.
const SHOWN_MIN: u64 = 256;

/// Minimum and maximum number of parts in the first pass, whatever the size of the screen.
const PARTS: (u64, u64) = (64, 1536);

impl Editor {
    /// Starts sampling for the visible maps. If two views show different ranges of a file, the
    /// focused one wins: otherwise each would discard the samples of the other.
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
    /// Starts sampling for this view's map, unless it is up to date. Returns whether a map is
    /// visible.
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
        // One part per cell if there are many cells; more if there are few, so that a larger screen
        // finds samples, too.
        let parts = if shown > PARTS.1 / 2 { shown } else { shown.next_power_of_two() };
        let parts = parts.clamp(PARTS.0, PARTS.1);
        let known = self.document.analyses.minimap.as_ref();
        let is_known = known.is_some_and(|it| {
            let asked = it.value.asked.as_ref();
            let is_asked = asked
                .is_some_and(|last| last.range == range && (last.parts >= parts || last.is_full()));
            // Changes made meanwhile are sampled after this job.
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

    /// Reads the whole range for the map.
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

    /// Residency is not available: switches back to byte classes.
    pub(super) fn no_residency(&mut self) {
        self.view.minimap.metric = Metric::Kinds;
    }

    /// The file was replaced, or its length has changed.
    pub(super) fn map_file_changed(&mut self) {
        let len = self.document.len;
        let known = self.document.analyses.minimap.as_ref();
        let had = known.and_then(|it| it.value.asked.as_ref()).map(|last| last.range.clone());
        let map = &mut self.view.minimap;
        // A map of the whole file stays a map of the whole file.
        let showed_all = had.is_none_or(|range| range.start == 0 && range == map.range);
        if showed_all && map.range.end != len {
            // Ignore small changes of a growing file.
            let change = map.range.end.abs_diff(len);
            if map.range.end > len || change > map.range.end / 64 {
                map.range = 0..len;
            }
        }
        map.place = map.place.min(len.saturating_sub(1));
    }

    /// Handles a key in the map. Returns whether it has a meaning there.
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
                let at = self.view.minimap.cell_of(
                    self.document.source().regions(),
                    self.view.minimap.place,
                    grid.count(),
                );
                let in_row = i64::try_from(at % u64::from(grid.cells.max(1))).unwrap_or(0);
                let to_end = cells - 1 - in_row;
                self.move_in_map(if action == Action::RowStart { -in_row } else { to_end });
            }
            Action::Enter => {
                let cell = self.map_cell(grid);
                // If the cursor is in the cell already, it stays.
                let is_there = cell.contains(&self.view.cursor);
                let place = self.first_data(&cell);
                self.leave_for(if is_there { self.view.cursor } else { place });
            }
            _ => return false,
        }
        true
    }

    /// The bytes of the selected cell.
    fn map_cell(&self, grid: MapGrid) -> Range<u64> {
        let count = grid.count();
        let (map, regions) = (&self.view.minimap, self.document.source().regions());
        map.cell(regions, map.cell_of(regions, map.place, count), count)
    }

    /// The first byte of a range that is not known to be in a hole.
    fn first_data(&self, range: &Range<u64>) -> u64 {
        let regions = self.document.source().regions();
        if !regions.is_empty() {
            return regions.readable_in(range).next().map_or(range.start, |part| part.start);
        }
        let known = self.document.analyses.minimap.as_ref();
        known.map_or(range.start, |it| it.value.first_data(range))
    }

    /// Moves the selection by a number of cells.
    pub(super) fn move_in_map(&mut self, by: i64) {
        let Some(grid) = self.layout.map else { return };
        let count = grid.count();
        let regions = self.document.source().regions();
        let at = self.view.minimap.cell_of(regions, self.view.minimap.place, count);
        let to = at.saturating_add_signed(by).min(count.saturating_sub(1));
        // If there are more cells than bytes, several cells have the same offset.
        let cell = self.view.minimap.cell(regions, to, count);
        self.view.minimap.place = cell.start.min(self.view.minimap.range.end.saturating_sub(1));
    }

    /// Zooms in or out around the selected cell.
    pub(super) fn zoom_map(&mut self, direction: Direction) {
        if !self.view.panes.is_open(Pane::Map) || self.document.len == 0 {
            return self.complain("+ and - zoom the map; M opens it");
        }
        if self.view.pane() != Some(Pane::Map) {
            self.view.minimap.place = self.view.cursor;
        }
        let regions = self.document.source().regions();
        // In places, so that what is not mapped does not count.
        let map = &self.view.minimap;
        let (first, shown) = (regions.place(map.range.start), map.len(regions));
        let all = regions.place(self.document.len);
        let len = match direction {
            Direction::Forward => (shown / 2).max(SHOWN_MIN),
            Direction::Back => shown.saturating_mul(2),
        };
        let len = len.min(all);
        // Keep the selected cell at the same position on the screen, if possible.
        let place = regions.place(map.place);
        let at = place.saturating_sub(first);
        let before = u128::from(at) * u128::from(len) / u128::from(shown.max(1));
        let before = u64::try_from(before).unwrap_or(0);
        let start = place.saturating_sub(before).min(all - len);
        self.view.minimap.range = regions.offset(start)..regions.offset(start + len);
        self.relayout();
    }

    /// Switches to the next metric.
    pub(super) fn next_metric(&mut self) {
        if !self.view.panes.is_open(Pane::Map) {
            return self.complain("o changes what the map shows; M opens it");
        }
        self.view.minimap.metric = match self.view.minimap.metric {
            Metric::Kinds if self.document.structure.format.is_some() => Metric::Fields,
            Metric::Kinds if !self.document.source().regions().is_empty() => Metric::Regions,
            Metric::Kinds | Metric::Fields => Metric::Resident,
            // A process does not say what of it is in memory.
            Metric::Regions | Metric::Resident => Metric::Kinds,
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

    /// Goes to the offset at a line of the map column.
    pub(super) fn seek_in_map_column(&mut self, y: u16) {
        let layout = self.layout();
        let line = y.saturating_sub(layout.first_line()).min(layout.rows.saturating_sub(1));
        let cell = self.view.minimap.cell(
            self.document.source().regions(),
            line.into(),
            layout.rows.into(),
        );
        self.seek(cell.start);
    }

    /// Goes to the offset at a cell of the map pane.
    pub(super) fn seek_in_map_pane(&mut self, at: Position) {
        let Some(grid) = self.layout.map else { return };
        let Some(cell) = grid.cell_at(at) else { return };
        let range = self.view.minimap.cell(self.document.source().regions(), cell, grid.count());
        self.view.minimap.place = range.start.min(self.document.len.saturating_sub(1));
        self.seek(self.first_data(&range));
    }

    fn seek(&mut self, place: u64) {
        if self.document.len > 0 {
            let rows = self.cx().rows();
            let column = rows.column_of(self.view.cursor);
            let position = rows.offset(rows.at(rows.row_of(rows.place(place)), column));
            // A drag passes many positions, which do not belong in the jump list.
            self.show(position);
        }
    }
}
