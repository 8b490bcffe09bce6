//! What says without colours which bytes of a row differ, and which were edited.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::put;
use crate::editor::comparison::Relation;
use crate::editor::context::ViewContext;
use crate::format::theme::Theme;

/// The columns of the digits of the first and last byte, of each run of bytes.
#[derive(Debug, Default)]
struct Runs(Vec<(u16, u16)>, bool);

impl Runs {
    fn see(&mut self, is_in_run: bool, x: u16) {
        let was_in_run = std::mem::replace(&mut self.1, is_in_run);
        match self.0.last_mut() {
            Some(run) if is_in_run && was_in_run => run.1 = x,
            _ if is_in_run => self.0.push((x, x)),
            _ => {}
        }
    }

    /// Draws a mark in the gaps around each run.
    fn draw(&self, [before, after]: [char; 2], y: u16, area: Rect, buf: &mut Buffer) {
        for &(first, last) in &self.0 {
            put(buf, area, first - 1, y, before, Style::new());
            put(buf, area, last + 2, y, after, Style::new());
        }
    }
}

/// What says without colours which bytes of a row differ, and which were edited.
#[derive(Debug, Default)]
pub(super) struct Marks {
    different: Runs,
    edited: Runs,
    is_different: bool,
}

impl Marks {
    pub(super) fn see(&mut self, relation: Option<Relation>, is_edited: bool, x: u16) {
        let is_different = relation == Some(Relation::Different);
        self.is_different |= is_different || relation == Some(Relation::Alone);
        self.different.see(is_different, x);
        self.edited.see(is_edited, x);
    }

    /// Draws `≠` at the end of the row and, without colours, brackets in the gaps.
    pub(super) fn draw(&self, cx: ViewContext<'_>, y: u16, area: Rect, buf: &mut Buffer) {
        let layout = cx.layout();
        if cx.theme() == Theme::Mono {
            self.edited.draw(['<', '>'], y, area, buf);
            self.different.draw(['[', ']'], y, area, buf);
        }
        let end = cx.layout.map_x.or(cx.layout.bar_x).unwrap_or(area.width);
        let x = layout.text_x(layout.columns);
        if self.is_different && x < end {
            put(buf, area, if x + 1 < end { x + 1 } else { x }, y, '≠', Style::new());
        }
    }
}
