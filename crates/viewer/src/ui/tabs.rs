//! The line of tabs, the views, and the steps of the tour.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::widgets::Widget;

use crate::editor::app::App;
use crate::editor::workspace::Workspace;
use crate::format::theme::BAR;
use crate::ui::{tour, write};

impl Workspace {
    /// Draws the whole screen.
    pub fn draw(&self, frame: &mut Frame<'_>) {
        frame.render_widget(self, frame.area());
    }
}

impl Widget for &Workspace {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let Some(tab) = self.tabs.get(self.shown) else { return };
        let (above, below) = self.margins();
        if above > 0 {
            draw_tabs(self, Rect { height: 1, ..area }, buf);
        }
        let places = self.places();
        for &(at, rect) in &places {
            let Some(view) = tab.views.get(at) else { continue };
            draw_view(&view.app, rect.intersection(area), at == tab.focus, buf);
        }
        if let [(_, left), (_, right)] = places[..]
            && left.y == right.y
            && let Some(view) = tab.views.first()
        {
            for y in left.y..left.bottom().min(area.bottom()) {
                let cell = Rect { x: left.right(), y, width: 1, height: 1 }.intersection(area);
                write(buf, cell, 0, "│", view.app.theme().faint());
            }
        }
        if let (Some(tour), 1..) = (&self.tour, below) {
            let y = area.bottom().saturating_sub(below);
            tour::draw(tour, Rect { y, height: below, ..area }.intersection(area), buf);
        }
    }
}

/// A view draws as if the screen were its own. What has no keyboard is dim.
fn draw_view(app: &App, rect: Rect, has_keyboard: bool, buf: &mut Buffer) {
    if (rect.x, rect.y) == (0, 0) && has_keyboard {
        return app.render(rect, buf);
    }
    let own = Rect { x: 0, y: 0, ..rect };
    let mut cells = Buffer::empty(own);
    app.render(own, &mut cells);
    for position in own.positions() {
        let target = (rect.x + position.x, rect.y + position.y);
        if let (Some(from), Some(to)) = (cells.cell(position), buf.cell_mut(target)) {
            to.clone_from(from);
            if !has_keyboard {
                to.modifier |= Modifier::DIM;
            }
        }
    }
}

fn draw_tabs(workspace: &Workspace, line: Rect, buf: &mut Buffer) {
    write(buf, line, 0, &" ".repeat(line.width.into()), Style::new());
    for (at, x, label) in workspace.labels() {
        let is_shown = at == workspace.shown;
        let style = if is_shown { BAR.add_modifier(Modifier::BOLD) } else { Style::new() };
        write(buf, line, x, &label, style);
    }
}
