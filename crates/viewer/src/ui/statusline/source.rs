//! The fields of the status line about the source: its regions, its stream, its server, and what cannot be read.

use crate::document::stream::Stream;
use crate::editor::context::ViewContext;
use crate::format::units::{in_short, in_units};
use crate::format::width::width;
use crate::source::page_cache::Known;
use crate::ui::percent;

/// Where an offset is in its region or, without regions, how far it is: of a stream, in what has come.
pub(super) fn where_in(cx: ViewContext<'_>, position: u64) -> String {
    if let Some(place) = cx.document.source().regions().describe(position) {
        return place;
    }
    let len = cx.document.len;
    if !cx.document.is_growing() {
        return format!("{} of {}", percent(position, len), in_units(len));
    }
    let is_last = position.saturating_add(1) >= len;
    let percent = if is_last { "100%".to_owned() } else { percent(position, len) };
    format!("{percent} of {} so far", in_short(len))
}

/// The number of the region at the cursor.
pub(super) fn region(cx: ViewContext<'_>) -> Option<String> {
    let regions = cx.document.source().regions();
    let number = regions.number(cx.view.cursor)?;
    Some(format!("region {} of {}", number + 1, regions.named().len()))
}

/// What goes on with a stream.
pub(super) fn activity(cx: ViewContext<'_>) -> Option<String> {
    cx.document.stream.as_ref().and_then(Stream::activity)
}

/// How much is known to be unreadable: of what was shown.
pub(super) fn unreadable(cx: ViewContext<'_>) -> String {
    match cx.document.unreadable.sums() {
        (0, _) => String::new(),
        (1, len) => format!("1 range, {} unreadable", in_units(len)),
        (count, len) => format!("{count} ranges, {} unreadable", in_units(len)),
    }
}

/// What pins an object of a server and how much of it came, as far as there is room.
pub(super) fn remote(cx: ViewContext<'_>, room: u16) -> String {
    let Some(remote) = cx.document.source().remote() else { return String::new() };
    let is_waiting = cx.document.pages.byte(cx.view.cursor) == Known::NotYet;
    let fetched = format!("{} fetched", in_units(remote.fetched));
    let fetched = if is_waiting { format!("fetching, {fetched}") } else { fetched };
    let pinned = match remote.pinned {
        Some(pinned) => format!("pinned by {pinned}, {fetched}"),
        None => format!("pinned by nothing, {fetched}"),
    };
    [pinned, fetched].into_iter().find(|text| width(text) <= room).unwrap_or_default()
}
