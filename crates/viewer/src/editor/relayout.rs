//! Computes the layout of a view from its contents.

use memmap::compare::Side;
use ratatui::layout::Rect;

use crate::analysis::data_inspector;
use crate::editor::comparison::Compared;
use crate::editor::context::ViewContext;
use crate::editor::settings::InspectorShown;
use crate::format::width::wrapped;
use crate::layout::view_layout::{PaneLayout, ViewLayout};
use crate::layout::viewport::{BytesLayout, InspectorPlan, LayoutOptions, PaneArea, Size};
use crate::layout::{help as help_layout, histogram, minimap, panes};
use crate::search::results::SearchResults;
use crate::view::panes::{Pane, Panes};

impl ViewContext<'_> {
    /// Computes the layout for an area of the screen.
    pub(crate) fn relayout(self, area: Rect) -> ViewLayout {
        let (frame, band) = (self.layout.frame, self.layout.band);
        let mut open = self.view.panes.clone();
        if band.is_some() {
            open.close(Pane::Differences);
        }
        let size = Size { width: area.width, height: area.height };
        let plan = self.options(&open);
        let mut bytes = BytesLayout::new(size, self.longest(), plan);
        bytes.phase = self.phase(bytes.row_len());
        let elements_width = match bytes.room {
            PaneArea::Side(rect) if open.any() => rect.x,
            _ => size.width,
        };
        let has_array = self.view.array.is_some();
        let bar_x = if has_array {
            elements_width.checked_sub(1).filter(|&x| x >= 39)
        } else {
            bytes.bar_x
        };
        let width = bytes.room.rect().width;
        let wish = |pane| {
            let head = if pane == Pane::Structure && self.lists_formats() {
                self.format_list_head(width).len()
            } else {
                0
            };
            let lines = head + self.pane_len(pane, width);
            u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(1)
        };
        let places = open.places(bytes.room, self.view.pane(), wish);
        let mut panes: Vec<PaneLayout> = places
            .into_iter()
            .map(|(pane, rect)| {
                let count = self.pane_len(pane, panes::inside(bytes.room, rect).width);
                let mut flow = panes::flow(bytes.room, pane, rect, count, open.line(pane));
                if pane == Pane::Structure {
                    self.structure_flow(&mut flow, count, open.line(pane));
                }
                PaneLayout { pane, rect, flow, count }
            })
            .collect();
        panes.extend(band.map(|rect| self.band_layout(rect)));
        let help = (self.view.pane() == Some(Pane::Help)).then(|| self.help_layout(size));
        let map = panes.iter().find(|it| it.pane == Pane::Map).map(|it| {
            minimap::grid(
                self.view.minimap.len(self.document.source().regions()),
                bytes.digits,
                it.flow.inside,
            )
        });
        let map_x = bytes.map_x.filter(|_| !has_array);
        let strip = None;
        ViewLayout {
            area,
            frame,
            band,
            bytes,
            bar_x,
            map_x,
            elements_width,
            panes,
            help,
            strip,
            map,
        }
    }

    /// What affects the layout of the bytes.
    fn options(self, open: &Panes) -> LayoutOptions {
        let map = self.settings.map || open.is_open(Pane::Map);
        LayoutOptions {
            panes: open.any(),
            columns: self.settings.columns,
            map,
            inspector: match self.settings.inspector {
                InspectorShown::Off => InspectorPlan::Nothing,
                _ if open.is_open(Pane::Inspector) => InspectorPlan::Pane,
                _ => InspectorPlan::Lines,
            },
            frame: self.layout.frame,
        }
    }

    /// The list of differences below both files.
    fn band_layout(self, rect: Rect) -> PaneLayout {
        let (pane, room) = (Pane::Differences, PaneArea::Below(rect));
        let count = self.pane_len(pane, rect.width);
        let flow = panes::flow(room, pane, rect, count, self.view.panes.line(pane));
        PaneLayout { pane, rect, flow, count }
    }

    /// Where the first whole row starts, so that rows stand beside those of the first file of a comparison.
    fn phase(self, row_len: u64) -> u64 {
        let is_second = |it: &Compared<'_>| it.side == Side::B && self.view.array.is_none();
        let shift = self.compared.filter(is_second).map_or(0, |it| it.comparison.shift);
        u64::try_from(i128::from(shift).rem_euclid(row_len.into())).unwrap_or(0)
    }

    /// The length of the longer file of a comparison: both have as many digits of an offset.
    fn longest(self) -> u64 {
        let lens = self.compared.and_then(|it| it.comparison.asked);
        let lens = lens.map_or([0; 2], |asked| asked.editions.map(|(_, len)| len));
        lens[0].max(lens[1]).max(self.document.len)
    }

    /// Whether the inspector fits beside the bytes without reducing the number of columns set by
    /// the user.
    pub(crate) fn has_room_for_inspector(self) -> bool {
        let Rect { width, height, .. } = self.layout.area;
        let columns = self.settings.columns;
        let plan = LayoutOptions { panes: true, columns, ..LayoutOptions::default() };
        let bytes = BytesLayout::new(Size { width, height }, self.document.len, plan);
        matches!(bytes.room, PaneArea::Side(_)) && columns.is_none_or(|it| it == bytes.columns)
    }

    fn help_layout(self, size: Size) -> PaneLayout {
        let area = Rect::new(0, 0, size.width, size.height);
        let has_filter = self.view.help.filter.is_some();
        let (rect, inside, columns) = help_layout::frame(area, has_filter);
        let help = self.help(inside.width / columns, inside.height);
        let chosen = self.view.panes.line(Pane::Help).min(help.count.saturating_sub(1));
        let row = help.lines.iter().position(|line| line.entry == Some(chosen)).unwrap_or(0);
        // Whole pages, so that a page has the same entries whichever of them is chosen.
        let seen = (usize::from(inside.height) * usize::from(columns)).max(1);
        let flow = panes::Flow { inside, columns, first: row / seen * seen };
        PaneLayout { pane: Pane::Help, rect, flow, count: help.count }
    }

    /// Number of lines of a pane at this width.
    fn pane_len(self, pane: Pane, width: u16) -> usize {
        let analyses = &self.document.analyses;
        match pane {
            Pane::Inspector => data_inspector::ROWS,
            Pane::Matches => self.search().map_or(0, SearchResults::count),
            Pane::Differences => self.compared.map_or(0, |it| it.comparison.list.len()),
            Pane::Changes => self.document.states_count(),
            Pane::Jobs => self.jobs.listed().count(),
            Pane::Map => minimap::LINES,
            Pane::Histogram => histogram::LINES,
            Pane::Structure => self.structure_len(),
            Pane::Field => self.field_lines(width).len(),
            Pane::Strings => analyses.strings.as_ref().map_or(0, |it| it.value.matches.len()),
            Pane::Regions => self.document.source().regions().named().len(),
            Pane::Marks => self.document.marks.iter().count() + self.document.notes.count(),
            Pane::Jumps => self.view.jumps.places(self.view.cursor).0.len(),
            Pane::Details => self.details(width).len(),
            Pane::Messages => self.messages.lines(width.saturating_sub(2)).len(),
            // It stands over the others, and has a layout of its own.
            Pane::Help => 0,
        }
    }

    /// The file details, wrapped.
    pub(crate) fn details(self, width: u16) -> Vec<String> {
        let known = self.document.analyses.details.as_ref();
        let text = known.and_then(|it| it.value.0.as_deref()).unwrap_or("reading file details …");
        text.lines().flat_map(|line| wrapped(line, width.saturating_sub(2))).collect()
    }
}
