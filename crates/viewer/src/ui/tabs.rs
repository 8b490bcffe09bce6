//! The line of tabs, the views, and the steps of the tour.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::widgets::Widget;

use crate::editor::app::App;
use crate::editor::workspace::{Tab, Workspace};
use crate::format::theme::BAR;
use crate::format::width::{fitted, width};
use crate::ui::write;

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
            tour.draw(Rect { y, height: below, ..area }.intersection(area), buf);
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

/// What stands in the line of tabs: each with its number, and where it begins.
fn labels(workspace: &Workspace) -> Vec<(usize, u16, String)> {
    let name = |tab: &Tab| {
        let names: Vec<&str> = tab.views.iter().map(|view| view.app.name.as_str()).collect();
        match names[..] {
            [one, other] if one == other => format!("{one} |"),
            _ => names.join(" | "),
        }
    };
    let most = workspace.size.width / 2;
    let all: Vec<String> = (1..)
        .zip(&workspace.tabs)
        .map(|(number, tab)| format!(" {number} {} ", fitted(&name(tab), most)))
        .collect();
    // Those before are left out until the shown one is on the screen.
    let mut first = 0;
    let end = |first: usize| {
        let seen = all.get(first..=workspace.shown).unwrap_or_default();
        seen.iter().map(|label| width(label) + 1).fold(0, u16::saturating_add)
    };
    while first < workspace.shown && end(first) > workspace.size.width {
        first += 1;
    }
    let mut x = 0_u16;
    let mut placed = Vec::new();
    for (at, label) in all.into_iter().enumerate().skip(first) {
        let wide = width(&label) + 1;
        placed.push((at, x, label));
        x = x.saturating_add(wide);
    }
    placed
}

fn draw_tabs(workspace: &Workspace, line: Rect, buf: &mut Buffer) {
    write(buf, line, 0, &" ".repeat(line.width.into()), Style::new());
    for (at, x, label) in labels(workspace) {
        let is_shown = at == workspace.shown;
        let style = if is_shown { BAR.add_modifier(Modifier::BOLD) } else { Style::new() };
        write(buf, line, x, &label, style);
    }
}

/// The tab whose name stands in a column.
pub(crate) fn tab_at(workspace: &Workspace, x: u16) -> Option<usize> {
    let labels = labels(workspace);
    labels
        .into_iter()
        .find(|(_, from, text)| (*from..*from + width(text)).contains(&x))
        .map(|it| it.0)
}
