//! What says without colours which bytes of a row differ, which were edited, and which are noted.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::put;
use crate::editor::comparison::Relation;
use crate::editor::context::ViewContext;
use crate::format::theme::Theme;

/// The columns of the digits of the first and last byte, of each run of bytes. `T` tells two runs apart that
/// touch.
#[derive(Debug)]
struct Runs<T>(Vec<(u16, u16)>, Option<T>);

impl<T> Default for Runs<T> {
    fn default() -> Self {
        Self(Vec::new(), None)
    }
}

impl<T: PartialEq> Runs<T> {
    /// The next byte; `None` if it is in no run.
    fn see(&mut self, run_of: Option<T>, x: u16) {
        let goes_on = run_of == self.1;
        match self.0.last_mut() {
            _ if run_of.is_none() => {}
            Some(run) if goes_on => run.1 = x,
            _ => self.0.push((x, x)),
        }
        self.1 = run_of;
    }

    /// Draws a mark in the gaps around each run.
    fn draw(&self, [before, after]: [char; 2], y: u16, area: Rect, buf: &mut Buffer) {
        for &(first, last) in &self.0 {
            put(buf, area, first - 1, y, before, Style::new());
            put(buf, area, last + 2, y, after, Style::new());
        }
    }
}

/// What says without colours which bytes of a row differ, which were edited, and which are noted.
#[derive(Debug, Default)]
pub(super) struct Marks {
    different: Runs<()>,
    edited: Runs<()>,
    noted: Runs<Range<u64>>,
    is_different: bool,
}

impl Marks {
    /// The next byte of the row, with the range of its note.
    pub(super) fn see(
        &mut self,
        relation: Option<Relation>,
        is_edited: bool,
        note: Option<Range<u64>>,
        x: u16,
    ) {
        let is_different = relation == Some(Relation::Different);
        self.is_different |= is_different || relation == Some(Relation::Alone);
        self.different.see(is_different.then_some(()), x);
        self.edited.see(is_edited.then_some(()), x);
        self.noted.see(note, x);
    }

    /// Draws `≠` at the end of the row and, without colours, brackets in the gaps.
    pub(super) fn draw(&self, cx: ViewContext<'_>, y: u16, area: Rect, buf: &mut Buffer) {
        let layout = cx.layout();
        if cx.theme() == Theme::Mono {
            self.noted.draw(['(', ')'], y, area, buf);
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
