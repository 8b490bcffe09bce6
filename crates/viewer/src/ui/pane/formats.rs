//! Draws the formats that can be chosen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Span;
use super::structure::padded;
use crate::editor::context::ViewContext;
use crate::format::width::{fitted, width};
use crate::layout::view_layout::PaneLayout;
use crate::structure::format_job::Offer;
use crate::ui::write;

/// Width of a name, and of a title that something stands after.
const NAME: u16 = 12;
const TITLE: u16 = 20;

/// The formats from an index on, at most as many as there are.
pub(super) fn items(cx: ViewContext<'_>, first: usize, count: usize, room: u16) -> Vec<Vec<Span>> {
    cx.offers().skip(first).take(count).map(|it| item(cx, it, room)).collect()
}

/// A format that can be chosen.
fn item(cx: ViewContext<'_>, offer: &Offer, room: u16) -> Vec<Span> {
    let found = offer.found.as_ref().map(|it| {
        let bytes: Vec<String> =
            it.signature.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let (bytes, wanted) = (bytes.join(" "), it.at - it.base);
        match it.base {
            0 => format!("magic {bytes} is at {wanted:#x}"),
            _ => format!("magic {bytes} found at {:#x}, not at {wanted:#x}", it.at),
        }
    });
    let name = padded(&fitted(&offer.name, NAME), NAME + 1);
    let left = room.saturating_sub(2 + width(&name));
    let title = match found {
        Some(_) => padded(&fitted(&offer.title, TITLE), TITLE + 1),
        None => fitted(&offer.title, left),
    };
    let left = left.saturating_sub(width(&title));
    vec![
        (format!(" {name}"), Style::new()),
        (title, Style::new()),
        (fitted(&found.unwrap_or_default(), left), cx.theme().faint()),
    ]
}

/// Draws what stands above the list, and how many formats there are below what is shown.
pub(super) fn draw_around(cx: ViewContext<'_>, place: &PaneLayout, buf: &mut Buffer) {
    let (inside, flow) = (place.flow.inside, place.flow);
    let top = place.rect.y + 1;
    let lines = cx.format_list_head(inside.width).into_iter().zip(top..inside.y);
    for (line, y) in lines {
        let style = if line.is_error { cx.theme().error() } else { Style::new() };
        let room = inside.width.saturating_sub(2);
        write(buf, Rect { y, height: 1, ..inside }, 1, &fitted(&line.text, room), style);
    }
    let below = place.count.saturating_sub(flow.first + usize::from(inside.height));
    if below > 0 && inside.bottom() < place.rect.bottom() {
        let line = Rect { y: inside.bottom(), height: 1, ..inside };
        let text = format!("… {below} more; typing filters, :format FILE.ksy loads your own");
        let text = fitted(&text, inside.width.saturating_sub(2));
        write(buf, line, 1, &text, cx.theme().faint());
    }
}
