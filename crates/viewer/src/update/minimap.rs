//! The map: when it is made, and what the keys and the mouse do in it.

use ratatui::layout::{Position, Rect};

use crate::analysis::minimap::Metric;
use crate::analysis::minimap::sampler::Survey;
use crate::document::jobs::{News, Work};
use crate::editor::app::App;
use crate::editor::keymap::Action;
use crate::editor::task::Task;
use crate::format::units::in_units;
use crate::job::list::JobId;
use crate::layout::minimap::{Grid, grid};
use crate::layout::panes::inside;
use crate::search::direction::Direction;
use crate::view::panes::Pane;

/// The map shows no less.
const SHOWN_MIN: u64 = 256;

/// However small the screen is, so many parts are looked at first; and no more, however large it is.
const PARTS: (u64, u64) = (64, 1536);

impl App {
    /// Where the map is in its pane, if that is on the screen.
    pub(crate) fn map_grid(&self) -> Option<Grid> {
        let mut places = self.pane_places().into_iter();
        let (_, rect) = places.find(|(pane, _)| *pane == Pane::Map)?;
        Some(self.map_grid_in(inside(self.layout().room, rect)))
    }

    /// Where the map is in a part of the screen.
    pub(crate) fn map_grid_in(&self, inside: Rect) -> Grid {
        let range = &self.minimap.range;
        grid(range.end - range.start, self.layout().digits, inside)
    }

    /// The column of the map, if it has one.
    pub(crate) fn map_x(&self) -> Option<u16> {
        if self.typed.is_some() { None } else { self.layout().map_x }
    }

    /// Has the map made that is shown, unless it is there.
    pub(crate) fn keep_map_current(&mut self) {
        let is_open = self.panes.is_open(Pane::Map);
        if !is_open && !self.settings.map {
            return;
        }
        let range = &self.minimap.range;
        if range.is_empty() || range.end > self.len || range.start >= self.len {
            self.minimap.range = 0..self.len;
        }
        let layout = self.layout();
        let in_pane = if is_open { self.map_grid().map_or(0, Grid::count) } else { 0 };
        let in_column = self.map_x().map_or(0, |_| u64::from(layout.rows));
        let shown = in_pane.max(in_column);
        if shown == 0 || self.len == 0 {
            return;
        }
        // Many cells have a part each; few ones more of them, so that a larger screen has some, too.
        let parts = if shown > PARTS.1 / 2 { shown } else { shown.next_power_of_two() };
        let parts = parts.clamp(PARTS.0, PARTS.1);
        let map = &self.minimap;
        let is_asked = map
            .survey
            .as_ref()
            .is_some_and(|last| last.range == map.range && (last.parts >= parts || last.is_full()));
        // What has changed meanwhile is looked at when this look is over.
        if is_asked && (!map.is_stale || map.job.is_some()) {
            return;
        }
        let survey = Survey::sampled(map.range.clone(), parts, self.cursor);
        self.start_survey(survey);
    }

    fn start_survey(&mut self, survey: Survey) {
        if let Some(job) = self.minimap.job.take() {
            self.stop(job);
        }
        let len = in_units(survey.range.end - survey.range.start);
        let name = format!("map of {len}");
        let is_full = survey.is_full();
        let id = if is_full { self.jobs.add(name) } else { self.jobs.add_quietly(name) };
        self.minimap.begin(survey.clone(), id);
        self.tasks.push(Task::Start(id, Work::Survey(survey)));
        if self.minimap.metric == Metric::Resident {
            self.ask_residency();
        }
    }

    /// Reads everything for the map.
    pub(super) fn map_all(&mut self) {
        if !self.panes.is_open(Pane::Map) {
            self.toggle(Pane::Map);
            self.keep_map_current();
        }
        if self.len == 0 {
            return self.trouble("there is no byte to map");
        }
        let survey = Survey::full(self.minimap.range.clone(), self.cursor);
        self.start_survey(survey);
    }

    /// Takes what a survey says; of one that was given up it is nothing.
    pub(super) fn hear_of_map(&mut self, id: JobId, news: News) {
        match news {
            News::Resident(residency) => self.minimap.take_residency(residency),
            News::Ended(outcome) => {
                self.map_job_ended(id);
                if let Err(why) = outcome
                    && why != "stopped"
                {
                    self.minimap.metric = Metric::Kinds;
                    self.trouble(why);
                }
            }
            _ if self.minimap.job != Some(id) => {}
            News::Holes(holes) => self.minimap.take_holes(holes),
            News::Surveyed(samples) => self.minimap.take_samples(samples),
            _ => {}
        }
    }

    /// A job has ended that may have been the map's.
    pub(super) fn map_job_ended(&mut self, id: JobId) {
        if self.minimap.job == Some(id) {
            self.minimap.job = None;
        }
    }

    /// The file is another one, or longer, or shorter.
    pub(super) fn map_file_changed(&mut self) {
        let map = &mut self.minimap;
        let had = map.survey.as_ref().map(|last| last.range.clone());
        // What showed everything goes on to.
        let showed_all = had.is_none_or(|range| range.start == 0 && range == map.range);
        if showed_all && map.range.end != self.len {
            // Not each time that a growing file has grown a little.
            let change = map.range.end.abs_diff(self.len);
            if map.range.end > self.len || change > map.range.end / 64 {
                map.range = 0..self.len;
            }
        }
        map.place = map.place.min(self.len.saturating_sub(1));
    }

    /// What a key does in the map; false if it is none of the map's.
    pub(super) fn act_in_map(&mut self, action: Action) -> bool {
        let Some(grid) = self.map_grid() else { return false };
        let cells = i64::from(grid.cells);
        let rows = i64::from(grid.rows);
        match action {
            Action::Left => self.move_in_map(-1),
            Action::Right => self.move_in_map(1),
            Action::Up => self.move_in_map(-cells),
            Action::Down => self.move_in_map(cells),
            Action::PageUp | Action::HalfPageUp => self.move_in_map(-cells * rows),
            Action::PageDown | Action::HalfPageDown => self.move_in_map(cells * rows),
            Action::Start => self.move_in_map(i64::MIN),
            Action::End => self.move_in_map(i64::MAX),
            Action::RowStart | Action::RowEnd => {
                let at = self.minimap.cell_of(self.minimap.place, grid.count());
                let in_row = i64::try_from(at % u64::from(grid.cells.max(1))).unwrap_or(0);
                let to_end = cells - 1 - in_row;
                self.move_in_map(if action == Action::RowStart { -in_row } else { to_end });
            }
            Action::Enter => {
                let cell = self.map_cell(grid);
                // Where the cursor is already, it stays.
                let is_there = cell.contains(&self.cursor);
                let place = self.minimap.first_data(&cell);
                self.leave_for(if is_there { self.cursor } else { place });
            }
            _ => return false,
        }
        true
    }

    /// The bytes of the chosen cell.
    fn map_cell(&self, grid: Grid) -> std::ops::Range<u64> {
        let count = grid.count();
        self.minimap.cell(self.minimap.cell_of(self.minimap.place, count), count)
    }

    /// Chooses a cell so many cells on.
    pub(super) fn move_in_map(&mut self, by: i64) {
        let Some(grid) = self.map_grid() else { return };
        let count = grid.count();
        let at = self.minimap.cell_of(self.minimap.place, count);
        let to = at.saturating_add_signed(by).min(count.saturating_sub(1));
        // Where cells are shorter than a byte, several are the same place.
        let cell = self.minimap.cell(to, count);
        self.minimap.place = cell.start.min(self.minimap.range.end.saturating_sub(1));
    }

    /// Shows half as much around what is chosen, or twice as much.
    pub(super) fn zoom_map(&mut self, direction: Direction) {
        if !self.panes.is_open(Pane::Map) || self.len == 0 {
            return self.trouble("M opens the map; + and - are for it");
        }
        if self.focused() != Some(Pane::Map) {
            self.minimap.place = self.cursor;
        }
        let shown = self.minimap.range.end - self.minimap.range.start;
        let len = match direction {
            Direction::Forward => (shown / 2).max(SHOWN_MIN),
            Direction::Back => shown.saturating_mul(2),
        };
        let len = len.min(self.len);
        // What is chosen stays where the eye is, as far as the ends allow.
        let at = self.minimap.place.saturating_sub(self.minimap.range.start);
        let before = u128::from(at) * u128::from(len) / u128::from(shown.max(1));
        let before = u64::try_from(before).unwrap_or(0);
        let start = self.minimap.place.saturating_sub(before).min(self.len - len);
        self.minimap.range = start..start + len;
    }

    /// Shows what else the map can show.
    pub(super) fn next_metric(&mut self) {
        if !self.panes.is_open(Pane::Map) {
            return self.trouble("M opens the map; o is for it");
        }
        self.minimap.metric = match self.minimap.metric {
            Metric::Kinds => Metric::Resident,
            Metric::Resident => Metric::Kinds,
        };
        if self.minimap.metric == Metric::Resident {
            self.ask_residency();
        }
    }

    fn ask_residency(&mut self) {
        let range = self.minimap.range.clone();
        let parts = self.map_grid().map_or(PARTS.0, Grid::count);
        let id = self.jobs.add_quietly("what is in memory");
        self.tasks.push(Task::Start(id, Work::Residency(range, parts)));
    }

    /// Goes where the map's column points at on a line of the screen.
    pub(super) fn seek_in_map_column(&mut self, y: u16) {
        let layout = self.layout();
        let line = y.saturating_sub(layout.first_line()).min(layout.rows.saturating_sub(1));
        let cell = self.minimap.cell(line.into(), layout.rows.into());
        self.seek(cell.start);
    }

    /// Goes where a cell of the pane points at.
    pub(super) fn seek_in_map_pane(&mut self, at: Position) {
        let Some(grid) = self.map_grid() else { return };
        let Some(cell) = grid.cell_at(at) else { return };
        let range = self.minimap.cell(cell, grid.count());
        self.minimap.place = range.start.min(self.len.saturating_sub(1));
        self.seek(self.minimap.first_data(&range));
    }

    fn seek(&mut self, place: u64) {
        if self.len > 0 {
            let column = self.cursor % self.layout().row_len();
            let row = self.layout().row_of(place);
            // A drag comes by many places, of which none is to be gone back to.
            self.show(row.saturating_add(column));
        }
    }
}
