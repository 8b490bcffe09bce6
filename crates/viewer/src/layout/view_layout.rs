//! Layout of a whole view, for drawing and for the mouse.

use ratatui::layout::Rect;

use crate::layout::minimap::MapGrid;
use crate::layout::panes::Flow;
use crate::layout::strip::StripLayout;
use crate::layout::viewport::{BytesLayout, Frame, LayoutOptions, Size};
use crate::view::panes::Pane;

/// The areas of a view's parts, relative to its top left corner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ViewLayout {
    /// Area of the view on the screen.
    pub(crate) area: Rect,
    /// The lines around the bytes.
    pub(crate) frame: Frame,
    /// Area of the list of differences, which is below both files of a comparison.
    pub(crate) band: Option<Rect>,
    /// Offsets, bytes and characters.
    pub(crate) bytes: BytesLayout,
    /// Column of the scroll bar.
    pub(crate) bar_x: Option<u16>,
    /// Column of the minimap.
    pub(crate) map_x: Option<u16>,
    /// Width of the element columns, in the array view.
    pub(crate) elements_width: u16,
    /// The visible panes, except the help.
    pub(crate) panes: Vec<PaneLayout>,
    /// The help, on top of everything else.
    pub(crate) help: Option<PaneLayout>,
    /// The strip of possible input, on top of the lowest rows. It is set last.
    pub(crate) strip: Option<StripLayout>,
    /// The minimap in its pane.
    pub(crate) map: Option<MapGrid>,
}

/// Area of a pane, and its visible items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PaneLayout {
    pub(crate) pane: Pane,
    pub(crate) rect: Rect,
    pub(crate) flow: Flow,
    /// Number of items.
    pub(crate) count: usize,
}

impl PaneLayout {
    /// Number of visible items.
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
            frame: Frame::default(),
            band: None,
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

    /// The layout of a pane, if it is visible.
    pub(crate) fn pane(&self, pane: Pane) -> Option<&PaneLayout> {
        self.panes.iter().chain(&self.help).find(|it| it.pane == pane)
    }
}
