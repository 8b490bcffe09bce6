//! What a view shows of the fields, for layout and drawing.

use std::ops::Range;

use crate::editor::context::ViewContext;
use crate::editor::settings::ByteColours;
use crate::format::width::wrapped_within;
use crate::layout::panes::Flow;
use crate::source::page_cache::joined;
use crate::structure::read_fields::{FieldAt, FieldColour};
use crate::view::panes::Pane;
use crate::view::structure::StructureView;

impl ViewContext<'_> {
    /// Whether bytes have the colours of their fields.
    pub(crate) fn is_coloured_by_field(self) -> bool {
        let is_wanted = match self.settings.colour {
            ByteColours::Auto => self.view.structure.was_opened,
            ByteColours::Class => false,
            ByteColours::Field => true,
        };
        is_wanted && self.view.array.is_none() && self.document.structure.format.is_some()
    }

    /// The bytes on the screen that have the colours of their fields.
    pub(crate) fn coloured_ranges(self) -> Vec<Range<u64>> {
        if !self.is_coloured_by_field() {
            return Vec::new();
        }
        let rows = self.rows();
        let shown = rows.from(self.view.top, self.layout().rows);
        joined(shown.filter(|row| rows.fold(row.start).is_none()).collect())
    }

    /// The colour of a byte by its field.
    pub(crate) fn field_colour(&self, position: u64) -> Option<&FieldColour> {
        let fields = self.view.structure.fields.as_ref()?;
        // Fields of another format are not those of these bytes.
        fields.colour(position).filter(|_| self.is_coloured_by_field())
    }

    /// The field at the cursor.
    pub(crate) fn field_at_cursor(&self) -> Option<&FieldAt> {
        self.document.structure.format.as_ref()?;
        let at = self.view.structure.fields.as_ref()?.at_cursor.as_ref()?;
        Some(at).filter(|it| it.range.contains(&self.view.cursor))
    }

    /// The bytes of the node that is chosen in the pane, while the keyboard is there.
    pub(crate) fn chosen_field(self) -> Option<Range<u64>> {
        let structure = &self.view.structure;
        if self.view.pane() != Some(Pane::Structure) || self.document.structure.format.is_none() {
            return None;
        }
        let last = structure.row_count().checked_sub(1)?;
        let row = structure.row(self.view.panes.line(Pane::Structure).min(last))?;
        // The whole file would say nothing.
        StructureView::range(row).filter(|_| row.depth > 0)
    }

    /// The mistakes of a description, wrapped: they stand above the formats that can be chosen.
    pub(crate) fn structure_problems(self, width: u16) -> Vec<String> {
        let problems = &self.document.structure.problems;
        let room = width.saturating_sub(5);
        let lines = problems.iter().flat_map(|problem| {
            let lines = wrapped_within(problem, room).into_iter().enumerate();
            lines.map(|(i, line)| format!("{}{line}", if i == 0 { "E: " } else { "   " }))
        });
        lines.collect()
    }

    /// Number of lines of the pane.
    pub(crate) fn structure_len(self, width: u16) -> usize {
        let structure = &self.document.structure;
        match &structure.format {
            Some(_) => self.view.structure.row_count(),
            None => self.structure_problems(width).len() + structure.offers().len(),
        }
    }

    /// The first line of the pane: only as far as the chosen line needs, it differs from the one before.
    pub(crate) fn structure_first(self, flow: &Flow, count: usize, line: usize) -> usize {
        let line = line.min(count.saturating_sub(1));
        match &self.document.structure.format {
            Some(_) => self.view.structure.first(line, flow.inside.height.into()),
            None => flow.first,
        }
    }
}
