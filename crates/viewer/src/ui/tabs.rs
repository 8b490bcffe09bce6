//! Draws the screen: the tab line, the views, and the tour.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::widgets::Widget;

use crate::editor::Editor;
use crate::editor::context::ViewContext;
use crate::format::theme::BAR;
use crate::format::width::wrapped_within;
use crate::layout::viewport::Size;
use crate::ui::{draw_view, pane, statusline, tour, write};
use crate::view::ViewId;
use crate::view::panes::Pane;

/// Minimum size of the screen.
const SIZE_MIN: (u16, u16) = (20, 4);

impl Editor {
    /// Draws the whole screen.
    pub(crate) fn draw(&self, frame: &mut Frame<'_>) {
        frame.render_widget(self, frame.area());
    }
}

impl Widget for &Editor {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let (Size { width, height }, (least_width, least_height)) = (self.size, SIZE_MIN);
        if width < least_width || height < least_height {
            let text = format!("terminal too small: {least_width}×{least_height} needed");
            for (text, y) in wrapped_within(&text, area.width).iter().zip(area.y..) {
                let line = Rect { y, height: 1, ..area }.intersection(area);
                write(buf, line, 0, text, Style::new());
            }
            return;
        }
        let (above, below) = self.margins();
        if above > 0 {
            draw_tabs(self, Rect { height: 1, ..area }, buf);
        }
        let shown = self.shown_views();
        for &id in &shown {
            draw_at_its_place(self, id, area, buf);
        }
        draw_shared(self, area, buf);
        let areas = shown.iter().filter_map(|&id| Some(self.context(id)?.layout.area));
        if let [left, right] = areas.collect::<Vec<_>>()[..]
            && (left.y == right.y && left.x != right.x)
        {
            for y in left.y..left.bottom().min(area.bottom()) {
                let cell = Rect { x: left.right(), y, width: 1, height: 1 }.intersection(area);
                write(buf, cell, 0, "│", self.settings.theme.faint());
            }
        }
        if let (Some(tour), 1..) = (&self.tour, below) {
            let y = area.bottom().saturating_sub(below);
            tour::draw(tour, Rect { y, height: below, ..area }.intersection(area), buf);
        }
    }
}

/// Draws a view in its own coordinates, then moves it into place. A view without focus is dimmed, but for
/// bytes that are compared.
fn draw_at_its_place(editor: &Editor, id: ViewId, screen: Rect, buf: &mut Buffer) {
    let Some(cx) = editor.context(id) else { return };
    let rect = cx.layout.area.intersection(screen);
    let is_alone = !cx.layout().frame.takes_turns();
    if (rect.x, rect.y) == (0, 0) && cx.has_keyboard && is_alone {
        return draw_view(cx, rect, buf);
    }
    let own = Rect { x: 0, y: 0, ..rect };
    let mut cells = Buffer::empty(own);
    draw_view(cx, own, &mut cells);
    let layout = cx.layout();
    if layout.frame.takes_turns() {
        return take_turns(editor, cx, rect, &cells, buf);
    }
    let compared = match cx.compared {
        Some(_) => layout.first_line()..layout.first_line() + layout.rows,
        None => 0..0,
    };
    for position in own.positions() {
        let target = (rect.x + position.x, rect.y + position.y);
        if let (Some(from), Some(to)) = (cells.cell(position), buf.cell_mut(target)) {
            to.clone_from(from);
            if !cx.has_keyboard && !compared.contains(&position.y) {
                to.modifier |= Modifier::DIM;
            }
        }
    }
}

/// Draws what is below both files of a comparison: the list, the status and messages of the view that has the
/// keyboard.
fn draw_shared(editor: &Editor, screen: Rect, buf: &mut Buffer) {
    let Some(shared) = editor.shared() else { return };
    let shown = editor.shown_views();
    let first = shown.first().and_then(|&id| editor.context(id));
    if let Some((cx, place)) = first.and_then(|cx| Some((cx, cx.layout.pane(Pane::Differences)?)))
        && cx.layout.band.is_some()
    {
        let mut place = *place;
        let above = cx.layout.area.y;
        (place.rect.y, place.flow.inside.y) = (place.rect.y + above, place.flow.inside.y + above);
        pane::draw(cx, &place, screen, buf);
    }
    if let Some(cx) = editor.focus().and_then(|id| editor.context(id)) {
        let line = |y| Rect { y, height: 1, ..screen }.intersection(screen);
        statusline::draw(cx, line(shared.status_y), buf);
        statusline::draw_footer(cx, line(shared.status_y + 1), buf);
    }
}

/// Copies the lines of a view whose rows take turns with those of another one. What covers the rows is drawn by
/// the view that has the keyboard, alone.
fn take_turns(editor: &Editor, cx: ViewContext<'_>, rect: Rect, cells: &Buffer, buf: &mut Buffer) {
    let focused = editor.focus().and_then(|id| editor.context(id));
    let has_pane =
        focused.is_some_and(|it| !it.layout.panes.is_empty() || it.layout.help.is_some());
    let strip = focused.and_then(|it| it.layout.strip).map(|it| it.rect);
    let layout = cx.layout();
    let is_title = |y: u16| y == 0 && layout.frame.letter() == Some('A');
    for position in cells.area.positions() {
        let is_covered = has_pane || strip.is_some_and(|it| it.contains(position));
        let is_own = if is_covered {
            cx.has_keyboard
        } else {
            is_title(position.y) || layout.row_at(position.y).is_some()
        };
        let target = (rect.x + position.x, rect.y + position.y);
        if let (true, Some(from), Some(to)) = (is_own, cells.cell(position), buf.cell_mut(target)) {
            to.clone_from(from);
        }
    }
}

fn draw_tabs(editor: &Editor, line: Rect, buf: &mut Buffer) {
    write(buf, line, 0, &" ".repeat(line.width.into()), Style::new());
    for (at, x, label) in editor.labels() {
        let is_shown = at == editor.shown;
        let style = if is_shown { BAR.add_modifier(Modifier::BOLD) } else { Style::new() };
        write(buf, line, x, &label, style);
    }
}
