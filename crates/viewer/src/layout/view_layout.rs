//! Where everything of a view is: what is drawn there, and what a press of the mouse there means.

use ratatui::layout::Rect;

use crate::layout::minimap::MapGrid;
use crate::layout::panes::Flow;
use crate::layout::strip::StripLayout;
use crate::layout::viewport::{BytesLayout, LayoutOptions, Size};
use crate::view::panes::Pane;

/// The places of a view's parts, from the upper left corner of the view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ViewLayout {
    /// Where the view is on the screen.
    pub(crate) area: Rect,
    /// Offsets, bytes and characters.
    pub(crate) bytes: BytesLayout,
    /// The column of the scroll bar.
    pub(crate) bar_x: Option<u16>,
    /// The column of the map.
    pub(crate) map_x: Option<u16>,
    /// The columns that belong to elements, where they are shown.
    pub(crate) elements_width: u16,
    /// The panes that are seen; help is not among them.
    pub(crate) panes: Vec<PaneLayout>,
    /// The help, over everything else.
    pub(crate) help: Option<PaneLayout>,
    /// What may be typed next, over the lowest rows; made when all else is settled.
    pub(crate) strip: Option<StripLayout>,
    /// The cells of the map, in its pane.
    pub(crate) map: Option<MapGrid>,
}

/// Where a pane is, and which of its items are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PaneLayout {
    pub(crate) pane: Pane,
    pub(crate) rect: Rect,
    pub(crate) flow: Flow,
    /// How many items there are.
    pub(crate) count: usize,
}

impl PaneLayout {
    /// Items that are seen at once.
    pub(crate) fn seen(&self) -> usize {
        usize::from(self.flow.inside.height) * usize::from(self.flow.columns)
    }
}

impl ViewLayout {
    /// The layout of an empty view, before the first relayout.
    pub(crate) fn new(area: Rect) -> Self {
        let size = Size { width: area.width, height: area.height };
        Self {
            area,
            bytes: BytesLayout::new(size, 0, LayoutOptions::default()),
            bar_x: None,
            map_x: None,
            elements_width: area.width,
            panes: Vec::new(),
            help: None,
            strip: None,
            map: None,
        }
    }

    /// A pane that is seen.
    pub(crate) fn pane(&self, pane: Pane) -> Option<&PaneLayout> {
        self.panes.iter().chain(&self.help).find(|it| it.pane == pane)
    }
}
