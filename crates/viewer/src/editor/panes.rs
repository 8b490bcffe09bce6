//! How much the panes of a view have to show, and where that is.

use ratatui::layout::Rect;

use crate::analysis::data_inspector;
use crate::editor::app::App;
use crate::editor::help;
use crate::format::width::wrapped;
use crate::layout::panes::{self, Flow};
use crate::layout::{histogram, minimap};
use crate::search::results::Search;
use crate::view::panes::Pane;

/// How many lines a pane has, for a width of the pane.
pub(crate) fn count(app: &App, pane: Pane, width: u16) -> usize {
    match pane {
        Pane::Inspector => data_inspector::ROWS,
        Pane::Hits => app.search.as_ref().map_or(0, Search::count),
        Pane::Jobs => app.jobs.iter().len(),
        Pane::Map => minimap::LINES,
        Pane::Histogram => histogram::LINES,
        Pane::Texts => app.texts.as_ref().map_or(0, |texts| texts.hits.len()),
        Pane::Marks => app.marks.iter().count(),
        Pane::Jumps => app.journey.places(app.cursor).0.len(),
        Pane::Doctor => explanation(app, width).len(),
        Pane::Help => help::items(app.theme(), app.size.width).len(),
    }
}

/// What is said of the file, in lines that fit.
pub(crate) fn explanation(app: &App, width: u16) -> Vec<String> {
    let text = app.explanation.as_deref().unwrap_or("looking at the file …");
    text.lines().flat_map(|line| wrapped(line, width.saturating_sub(2))).collect()
}

/// How a pane is divided.
pub(crate) fn flow(app: &App, pane: Pane, rect: Rect) -> Flow {
    let room = app.layout().room;
    let count = count(app, pane, panes::inside(room, rect).width);
    panes::flow(room, pane, rect, count, app.panes.line(pane))
}

/// The first item of a pane that is seen.
pub(crate) fn first_seen(app: &App, pane: Pane, rect: Rect) -> usize {
    flow(app, pane, rect).first
}
