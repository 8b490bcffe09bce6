//! What a view shows of the fields, for layout and drawing.

use std::ops::Range;

use crate::editor::context::ViewContext;
use crate::editor::settings::ByteColours;
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
        joined(self.bytes_shown().collect())
    }

    /// The colour of a byte by its field.
    pub(crate) fn field_colour(&self, position: u64) -> Option<&FieldColour> {
        let fields = self.view.structure.fields.as_ref()?;
        // Fields of another format are not those of these bytes.
        fields.colour(position).filter(|_| self.is_coloured_by_field())
    }

    /// Where the differences on the screen start.
    pub(crate) fn listed_starts(self) -> Vec<u64> {
        let seen = self.items_seen(Pane::Differences);
        self.compared.map(|it| it.starts(seen)).unwrap_or_default()
    }

    /// The way to the field at an offset of a list: `elf › header › magic`.
    pub(crate) fn listed_path(&self, offset: u64) -> Option<String> {
        let fields = self.view.structure.fields.as_ref()?;
        let (_, path) = fields.listed.iter().find(|(at, _)| *at == offset)?;
        self.way(path)
    }

    /// The way to a field.
    pub(crate) fn way(&self, path: &str) -> Option<String> {
        let root = &self.document.structure.format.as_ref()?.name;
        let steps = path.split('.').filter(|step| !step.is_empty());
        Some(std::iter::once(root.as_str()).chain(steps).collect::<Vec<_>>().join(" › "))
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
        if self.view.pane() != Some(Pane::Structure) || self.lists_formats() {
            return None;
        }
        let last = structure.row_count().checked_sub(1)?;
        let row = structure.row(self.view.panes.line(Pane::Structure).min(last))?;
        // The whole file would say nothing.
        StructureView::range(row).filter(|_| row.depth > 0)
    }

    /// Number of lines of the pane that can be chosen.
    pub(crate) fn structure_len(self) -> usize {
        if self.lists_formats() { self.offers().count() } else { self.view.structure.row_count() }
    }

    /// Lays out the lines of the pane. The first one differs from the one before only as far as the chosen
    /// line needs.
    pub(crate) fn structure_flow(self, flow: &mut Flow, count: usize, line: usize) {
        if self.lists_formats() {
            return self.format_list_flow(flow, count, line);
        }
        let line = line.min(count.saturating_sub(1));
        let seen = usize::from(flow.inside.height);
        // No row below the last one stays empty.
        flow.first = self.view.structure.first(line, seen).min(count.saturating_sub(seen));
    }
}
