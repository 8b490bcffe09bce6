//! Tabs with one or two views each, and the focus.

use std::ops::Range;
use std::path::PathBuf;

use ratatui::layout::{Position, Rect};

use crate::document::{Document, DocumentId};
use crate::editor::Editor;
use crate::editor::comparison::Comparison;
use crate::layout::tabs;
use crate::layout::view_layout::ViewLayout;
use crate::layout::viewport::{Frame, Size, TURN_LINES};
use crate::search::direction::Direction;
use crate::view::panes::Pane;
use crate::view::{View, ViewId};

/// A request of a view that affects other views: tabs, splits, quitting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LayoutRequest {
    /// Open a file in a new tab.
    OpenTab(PathBuf),
    /// Split the view, with the same document or another file; or close the split.
    Split(Option<PathBuf>),
    /// Compare the view with another file, beside it; whether to align them.
    Compare(PathBuf, bool),
    /// Compare two ranges of the view's document.
    CompareRanges([Range<u64>; 2]),
    /// Open or close the list of differences, which belongs to the first file.
    ToggleDifferences,
    /// Go to the next tab, or several further.
    Tab(Direction, u64),
    /// Focus the other view.
    Across,
    /// Switch synchronized scrolling on or off.
    Sync,
    /// Close this view.
    Quit(Unsaved),
    /// Close all views.
    QuitAll(Unsaved),
    /// Save the edits; whether to close the view then.
    Save { accepts_losses: bool, leaves: bool },
    /// Ask whether to stop saving.
    StopSaving,
    /// Skip a step of the tour.
    SkipStep,
}

/// What becomes of unsaved edits when a view is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsaved {
    /// The user is asked.
    Ask,
    /// The view is not closed.
    Refuse,
    /// They are discarded.
    Discard,
}

/// Where a view opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OpenIn {
    /// In a new tab.
    Tab,
    /// Beside the current view.
    Beside,
    /// Beside the current view, compared with it.
    Compared { is_aligned: bool },
}

/// A tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tab {
    /// One or two views.
    pub(crate) views: Vec<ViewId>,
    pub(crate) focus: usize,
    /// Whether both views scroll together.
    pub(crate) is_synced: bool,
    /// The comparison of both views.
    pub(crate) comparison: Option<Comparison>,
}

/// The lines below both files of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SharedLines {
    /// Line of the status, above that of messages and the prompt.
    pub(crate) status_y: u16,
    /// The list of differences, if it is open.
    pub(crate) band: Option<Rect>,
}

/// Number of lines that views share: status and messages.
pub(crate) const SHARED_LINES: u16 = 2;

/// Minimum height for lines that are shared, and for a list above them.
const SHARED_FROM: u16 = 14;
const BAND_FROM: u16 = 16;

/// Minimum size for two files of a comparison one above the other. On a smaller screen rows take turns.
const ABOVE_ROWS_FROM: (u16, u16) = (80, 16);
const TURNS_FROM: u16 = 6;

/// Minimum width for two views side by side.
const BESIDE_FROM: u16 = 100;

/// Minimum height for two views one above the other.
const ABOVE_FROM: u16 = 8;

impl Editor {
    /// Shows a document in a new view.
    pub(crate) fn show(&mut self, document: DocumentId, place: OpenIn) -> ViewId {
        let start = self.documents.get(&document).map_or(0, Document::start);
        self.place_view(View::new(document, start), place)
    }

    pub(crate) fn place_view(&mut self, view: View, place: OpenIn) -> ViewId {
        let id = ViewId(self.new_id());
        self.views.insert(id, view);
        match (place, self.tabs.get_mut(self.shown)) {
            (OpenIn::Beside, Some(tab)) if tab.views.len() < 2 => {
                tab.views.push(id);
                tab.focus = 1;
            }
            (OpenIn::Compared { is_aligned }, Some(tab)) if tab.views.len() == 1 => {
                let views = [tab.views[0], id];
                tab.comparison = Some(Comparison { is_aligned, ..Comparison::new(views) });
                tab.views.push(id);
                tab.is_synced = true;
            }
            _ => {
                let at = if self.tabs.is_empty() { 0 } else { self.shown + 1 };
                self.tabs.insert(
                    at,
                    Tab { views: vec![id], focus: 0, is_synced: false, comparison: None },
                );
                self.shown = at;
            }
        }
        let area = self.area_of(id).unwrap_or_else(|| self.all());
        self.layouts.insert(id, ViewLayout::new(area));
        if let Some(mut cx) = self.view(id) {
            cx.relayout();
            cx.show_inspector();
        }
        id
    }

    /// Shows the first tab.
    pub(crate) fn show_first(&mut self) {
        self.shown = 0;
    }

    const fn all(&self) -> Rect {
        Rect::new(0, 0, self.size.width, self.size.height)
    }

    /// Number of lines above the views, and below them.
    pub(crate) fn margins(&self) -> (u16, u16) {
        let above = u16::from(self.tabs.len() > 1 && self.size.height >= ABOVE_FROM);
        let below = match self.size.height {
            _ if self.tour.is_none() => 0,
            16.. => 2,
            6.. => 1,
            _ => 0,
        };
        (above, below)
    }

    /// The area of the current tab.
    fn tab_area(&self) -> Rect {
        let (above, below) = self.margins();
        let Size { width, height } = self.size;
        Rect::new(0, above, width, height.saturating_sub(above + below))
    }

    /// Whether the rows of both files of a comparison take turns, as there is no room for two views.
    fn takes_turns(&self) -> bool {
        let all = self.tab_area();
        all.width < BESIDE_FROM && (all.width < ABOVE_ROWS_FROM.0 || all.height < ABOVE_ROWS_FROM.1)
    }

    /// What both files of the visible comparison have below them.
    pub(crate) fn shared(&self) -> Option<SharedLines> {
        let tab = self.tabs.get(self.shown)?;
        let comparison = tab.comparison.as_ref()?;
        let all = self.tab_area();
        let views = comparison.views.each_ref().map(|id| self.views.get(id));
        let is_shown = views.iter().all(|view| view.is_some_and(|it| it.array.is_none()));
        if !is_shown || all.height < TURNS_FROM || all.height < SHARED_FROM && !self.takes_turns() {
            return None;
        }
        let is_listed = views[0].is_some_and(|it| it.panes.is_open(Pane::Differences));
        let has_list = is_listed && all.height >= BAND_FROM && !self.takes_turns();
        let height = if has_list { (all.height / 4).clamp(4, 12) } else { 0 };
        let status_y = all.bottom() - SHARED_LINES;
        let band = Rect { y: status_y - height, height, ..all };
        Some(SharedLines { status_y, band: has_list.then_some(band) })
    }

    /// The lines that a view has around its bytes, and the area of the list, relative to the view.
    pub(crate) fn frame_of(&self, id: ViewId, area: Rect) -> (Frame, Option<Rect>) {
        let Some(shared) = self.shared() else { return (Frame::Whole, None) };
        let is_first = self.comparison_of(id).is_some_and(|it| it.views[0] == id);
        let frame = match (self.takes_turns(), is_first) {
            (true, true) => Frame::First,
            (true, false) => Frame::Second,
            (false, true) => Frame::Upper,
            (false, false) if area.x > 0 => Frame::Upper,
            (false, false) => Frame::Lower,
        };
        let relative = |rect: Rect| Rect { y: rect.y.saturating_sub(area.y), ..rect };
        (frame, shared.band.filter(|_| is_first).map(relative))
    }

    /// The views of the current tab for which there is room, and their areas.
    pub(crate) fn places(&self) -> Vec<(usize, Rect)> {
        let Some(tab) = self.tabs.get(self.shown) else { return Vec::new() };
        let mut all = self.tab_area();
        let width = all.width;
        let shared = self.shared();
        if let Some(shared) = &shared {
            all.height = shared.band.map_or(shared.status_y, |band| band.y) - all.y;
        }
        if tab.views.len() < 2 {
            return vec![(tab.focus, all)];
        }
        if shared.is_some() && self.takes_turns() {
            return vec![(0, all), (1, all)];
        }
        if width >= BESIDE_FROM {
            let left = (width - 1) / 2;
            let right = Rect { x: left + 1, width: width - left - 1, ..all };
            return vec![(0, Rect { width: left, ..all }), (1, right)];
        }
        if all.height < ABOVE_FROM {
            return vec![(tab.focus, all)];
        }
        // The upper one has a ruler for both.
        let upper = all.height.midpoint(u16::from(shared.is_some()));
        let lower = Rect { y: all.y + upper, height: all.height - upper, ..all };
        vec![(0, Rect { height: upper, ..all }), (1, lower)]
    }

    /// The area of a view, if it is visible.
    pub(crate) fn area_of(&self, id: ViewId) -> Option<Rect> {
        let tab = self.tabs.get(self.shown)?;
        let at = tab.views.iter().position(|&it| it == id)?;
        self.places().into_iter().find(|(place, _)| *place == at).map(|(_, rect)| rect)
    }

    /// The tab labels: number, first column and text of each.
    pub(crate) fn labels(&self) -> Vec<(usize, u16, String)> {
        let name_of = |id: &ViewId| {
            let document = self.views.get(id).and_then(|view| self.documents.get(&view.document));
            document.map_or("", |document| document.name.as_str())
        };
        let name = |tab: &Tab| {
            let names: Vec<&str> = tab.views.iter().map(name_of).collect();
            match names[..] {
                [one, other] if tab.comparison.is_some() => format!("{one} ↔ {other}"),
                [one, other] if one == other => format!("{one} |"),
                _ => names.join(" | "),
            }
        };
        let names: Vec<String> = self.tabs.iter().map(name).collect();
        tabs::labels(&names, self.shown, self.size.width)
    }

    /// Handles a click: focuses the view at this position, or switches to the tab whose label is
    /// there.
    pub(crate) fn choose_at(&mut self, x: u16, y: u16) -> Option<ViewId> {
        if self.margins().0 > 0 && y == 0 {
            if let Some(at) = tabs::tab_at(self.labels(), x) {
                self.shown = at;
            }
            return None;
        }
        let at = Position::new(x, y);
        if self.shared().and_then(|it| it.band).is_some_and(|band| band.contains(at)) {
            self.tabs.get_mut(self.shown)?.focus = 0;
            return self.focus();
        }
        if self.shared().is_some() && self.takes_turns() {
            let line = y.checked_sub(self.tab_area().y + 1);
            match line.map(|line| line % TURN_LINES) {
                Some(0) => self.tabs.get_mut(self.shown)?.focus = 0,
                Some(1) => self.tabs.get_mut(self.shown)?.focus = 1,
                _ => {}
            }
            return self.focus();
        }
        let (view, _) = self.places().into_iter().find(|(_, rect)| rect.contains(at))?;
        self.tabs.get_mut(self.shown)?.focus = view;
        self.focus()
    }
}
