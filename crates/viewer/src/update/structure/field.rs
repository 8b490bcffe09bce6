//! The pane of one field, and what is copied of a field.

use memmap_structure::{Row, Trail};

use crate::editor::current::Current;
use crate::editor::keymap::Action;
use crate::layout::viewport::PaneArea;
use crate::structure::copy_node::{CopyNodeJob, Part};
use crate::structure::find_field::Wanted;
use crate::update::normal::times;
use crate::view::Focus;
use crate::view::panes::Pane;
use crate::view::structure::{StructureView, Then};

impl Current<'_> {
    /// Opens the pane of one field, or closes it.
    pub(in crate::update) fn toggle_field(&mut self) {
        if self.layout.pane(Pane::Field).is_some() {
            return self.leave_field();
        }
        match self.layout.pane(Pane::Structure).and_then(|_| self.chosen_row()) {
            Some((_, row)) => self.show_field(Some(row.trail)),
            None => self.show_field(None),
        }
    }

    /// Shows a field in full: beside the tree, or in its place where there is room for one pane.
    pub(super) fn show_field(&mut self, trail: Option<Trail>) {
        self.view.structure.looked_at = trail;
        self.view.panes.open(Pane::Field);
        self.relayout();
        if !matches!(self.layout().room, PaneArea::Side(_)) {
            self.view.focus = Focus::Pane(Pane::Field);
        }
        self.reshaped();
    }

    /// Closes the pane; the keyboard goes back to the tree.
    fn leave_field(&mut self) {
        self.view.panes.close(Pane::Field);
        self.view.structure.looked_at = None;
        if self.view.pane() == Some(Pane::Field) {
            self.focus_on_tree();
        }
        self.reshaped();
    }

    fn focus_on_tree(&mut self) {
        let has_tree = self.view.panes.is_open(Pane::Structure);
        self.view.focus = if has_tree { Focus::Pane(Pane::Structure) } else { Focus::Bytes };
    }

    /// The field that the pane shows.
    fn field_shown(&self) -> Option<Row> {
        Some(self.view.structure.fields.as_ref()?.detail.as_ref()?.row.clone())
    }

    /// Handles a key in the pane. Returns whether it has a meaning of its own there.
    pub(in crate::update) fn act_in_field(&mut self, action: Action, count: Option<u64>) -> bool {
        let is_beside = matches!(self.layout().room, PaneArea::Side(_));
        match action {
            Action::Left if is_beside => self.focus_on_tree(),
            Action::Left | Action::Cancel if !is_beside => self.leave_field(),
            Action::Begin('y') => self.copy_node(Part::Json),
            Action::Field(direction) => self.go_to_field(direction, times(count)),
            Action::Follow => match self.field_shown() {
                Some(row) => self.seek_field(Wanted::Node(row.trail), Then::Follow),
                None => return false,
            },
            Action::Enter => match self.field_shown().as_ref().and_then(StructureView::range) {
                Some(range) => {
                    self.jump(range.start);
                    self.view.focus = Focus::Bytes;
                }
                None => self.say("it has no bytes in the file"),
            },
            _ => return false,
        }
        true
    }

    /// Copies a node or a part of it: the one that is chosen in the tree or shown in full, or the field at the
    /// cursor.
    pub(in crate::update) fn copy_node(&mut self, part: Part) {
        let shown = (self.view.pane() == Some(Pane::Field)).then(|| self.field_shown()).flatten();
        let chosen = || {
            let is_shown = self.layout.pane(Pane::Structure).is_some();
            self.chosen_row().filter(|_| is_shown).map(|(_, row)| row)
        };
        let node = shown.or_else(chosen).map(|row| (row.trail, row.path));
        let at_cursor =
            || self.cx().field_at_cursor().map(|it| (it.trail.clone(), it.path.clone()));
        let Some((trail, path)) = node.or_else(at_cursor) else {
            return self.say("no field is chosen, and none is at the cursor");
        };
        let Some(format) = &self.document.structure.format else { return };
        let path = if path.is_empty() { format.name.clone() } else { path };
        let tree = format.tree.clone();
        self.start(CopyNodeJob { tree, trail, path, part });
    }
}
