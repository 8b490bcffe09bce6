//! Tabs with one or two views each, and the focus.

use std::path::PathBuf;

use ratatui::layout::{Position, Rect};

use crate::document::DocumentId;
use crate::editor::Editor;
use crate::editor::comparison::Comparison;
use crate::layout::tabs;
use crate::layout::view_layout::ViewLayout;
use crate::layout::viewport::Size;
use crate::search::direction::Direction;
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

/// Minimum width for two views side by side.
const BESIDE_FROM: u16 = 100;

/// Minimum height for two views one above the other.
const ABOVE_FROM: u16 = 8;

impl Editor {
    /// Shows a document in a new view.
    pub(crate) fn show(&mut self, document: DocumentId, place: OpenIn) -> ViewId {
        self.place_view(View::new(document), place)
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

    /// The views of the current tab for which there is room, and their areas.
    pub(crate) fn places(&self) -> Vec<(usize, Rect)> {
        let Some(tab) = self.tabs.get(self.shown) else { return Vec::new() };
        let (above, below) = self.margins();
        let Size { width, height } = self.size;
        let all = Rect::new(0, above, width, height.saturating_sub(above + below));
        if tab.views.len() < 2 {
            return vec![(tab.focus, all)];
        }
        if width >= BESIDE_FROM {
            let left = (width - 1) / 2;
            let right = Rect { x: left + 1, width: width - left - 1, ..all };
            return vec![(0, Rect { width: left, ..all }), (1, right)];
        }
        if all.height < ABOVE_FROM {
            return vec![(tab.focus, all)];
        }
        let upper = all.height / 2;
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
        let (view, _) = self.places().into_iter().find(|(_, rect)| rect.contains(at))?;
        self.tabs.get_mut(self.shown)?.focus = view;
        self.focus()
    }
}
