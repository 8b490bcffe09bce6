//! Keys and commands of the structure.

use memmap_structure::{Answer, Row, Trail};

use crate::editor::current::Current;
use crate::editor::keymap::Action;
use crate::job::list::Entry;
use crate::search::direction::Direction;
use crate::structure::copy_node::Part;
use crate::structure::find_field::{FindFieldJob, Wanted};
use crate::structure::model::Walk;
use crate::structure::read_fields::Goal;
use crate::structure::walk_list::WalkListJob;
use crate::update::normal::times;
use crate::view::Focus;
use crate::view::panes::Pane;
use crate::view::structure::{Seeking, StructureView, Then};

impl Current<'_> {
    /// The pane was opened.
    pub(in crate::update) fn structure_opened(&mut self) {
        let structure = &mut self.view.structure;
        structure.was_opened = true;
        structure.goal = Goal::Cursor;
    }

    /// The row that is chosen, and its number.
    pub(super) fn chosen_row(&self) -> Option<(usize, Row)> {
        if self.cx().lists_formats() {
            return None;
        }
        let last = self.view.structure.row_count().checked_sub(1)?;
        let line = self.view.panes.line(Pane::Structure).min(last);
        Some((line, self.view.structure.row(line)?.clone()))
    }

    /// Handles a key in the pane. Returns whether it has a meaning of its own there.
    pub(in crate::update) fn act_in_structure(
        &mut self,
        action: Action,
        count: Option<u64>,
    ) -> bool {
        match action {
            Action::Enter => self.enter_row(),
            Action::Left => self.close_row(),
            Action::Right => self.open_row(),
            Action::Begin('y') => self.copy_node(Part::Json),
            Action::Follow => match self.chosen_row() {
                Some((_, row)) => self.seek_field(Wanted::Node(row.trail), Then::Follow),
                None => return false,
            },
            Action::Field(direction) => self.go_to_field(direction, times(count)),
            Action::End if count.is_none() => match self.list_around() {
                Some(list) => self.seek_field(Wanted::Last(list), Then::End),
                None => return false,
            },
            Action::Cancel => return self.stop_walk(),
            _ => return false,
        }
        true
    }

    /// Goes to the bytes of the chosen row, walks on, or applies the chosen format.
    fn enter_row(&mut self) {
        if self.cx().lists_formats() {
            return self.apply_offer();
        }
        let line = self.view.panes.line(Pane::Structure);
        if self.view.structure.is_stop(line.min(self.view.structure.row_count().saturating_sub(1)))
        {
            self.document.structure.version += 1;
            return;
        }
        let Some((_, row)) = self.chosen_row() else { return };
        if let Some(list) = StructureView::list_of(&row).filter(|_| !row.has_children) {
            return self.walk(list);
        }
        if let (Some(first), None) = (row.trail.first_of_group(), &row.span) {
            self.view.focus = Focus::Bytes;
            return self.seek_field(Wanted::Row(first), Then::Go);
        }
        match (StructureView::range(&row), &row.span) {
            (Some(range), _) => {
                self.jump(range.start);
                self.view.structure.followed = Some(self.view.cursor);
                self.view.focus = Focus::Bytes;
            }
            (None, Some(_)) => self.say("its bytes were decoded; they are not those of the file"),
            (None, None) => self.say(format!("{} was calculated; it has no bytes", row.name)),
        }
    }

    /// The list that the chosen row is in, or that it is.
    fn list_around(&self) -> Option<Trail> {
        let (_, row) = self.chosen_row()?;
        let is_open = self.view.structure.outline.is_open(&row.trail);
        if matches!(row.value, Some(Answer::List(..))) && is_open {
            return Some(row.trail);
        }
        row.trail.list()
    }

    /// Closes the chosen node or group of elements, or goes to the one above.
    fn close_row(&mut self) {
        let Some((_, row)) = self.chosen_row().filter(|it| it.1.depth > 0) else { return };
        let structure = &mut self.view.structure;
        if structure.outline.is_open(&row.trail) {
            structure.outline.close(&row.trail);
        } else {
            structure.goal = Goal::Above(row.trail);
        }
    }

    /// Opens the chosen node, or goes to the first one in it. One that has none is shown in full.
    fn open_row(&mut self) {
        let Some((line, row)) = self.chosen_row() else { return };
        if !row.has_children {
            if StructureView::list_of(&row).is_none() {
                self.show_field(Some(row.trail));
            }
            return;
        }
        if self.view.structure.outline.is_open(&row.trail) {
            self.choose_line(Pane::Structure, line + 1);
        } else {
            self.view.structure.outline.open(&row.trail);
        }
    }

    /// Walks on along a list, unless a job does so.
    pub(super) fn walk(&mut self, trail: Trail) {
        let structure = &self.document.structure;
        let Some(format) = &structure.format else { return };
        if structure.walk.as_ref().is_some_and(|it| it.trail == trail) {
            return;
        }
        let row = self.view.structure.fields.iter().flat_map(|it| &it.rows);
        let mut row = row.filter(|row| row.trail.parent().as_ref() == Some(&trail));
        let path = row.next().map(|row| row.path.rsplit_once('[').map_or("", |(list, _)| list));
        let path = path.unwrap_or_default().to_owned();
        let (tree, len) = (format.tree.clone(), self.document.len);
        self.stop_walk();
        let job = self.start(WalkListJob { tree, trail: trail.clone(), path, len });
        self.document.structure.walk = Some(Walk { job, trail });
    }

    /// Stops the walk along a list. What is known stays so. Returns whether there was one.
    pub(in crate::update) fn stop_walk(&mut self) -> bool {
        let walk = self.document.structure.walk.take();
        if let Some(walk) = &walk {
            self.cancel(walk.job);
            self.document.structure.version += 1;
        }
        walk.is_some_and(|it| self.jobs.get(it.job).is_some_and(Entry::is_running))
    }

    /// Goes to the next field.
    pub(in crate::update) fn go_to_field(&mut self, direction: Direction, count: u64) {
        let from = self.view.cursor;
        self.seek_field(Wanted::Beside { from, direction, count }, Then::Go);
    }

    /// Goes to the field of a path.
    pub(in crate::update) fn go_to_path(&mut self, path: &str) {
        self.seek_field(Wanted::Path(path.to_owned()), Then::GoAndChoose);
    }

    /// Goes to what the field at the cursor refers to, or chooses that field in the pane. Returns whether
    /// there is a format.
    pub(in crate::update) fn follow_field(&mut self) -> bool {
        let has_format = self.document.structure.format.is_some();
        if has_format {
            self.seek_field(Wanted::At(self.view.cursor), Then::Follow);
        }
        has_format
    }

    pub(super) fn seek_field(&mut self, wanted: Wanted, then: Then) {
        let Some(format) = &self.document.structure.format else {
            return self
                .say(self.settings.keys.fill("no format is known here; :format NAME sets one"));
        };
        let tree = format.tree.clone();
        if let Some(before) = self.view.structure.seeking.take() {
            self.cancel(before.job);
        }
        let job = self.start(FindFieldJob { tree, wanted });
        let cursor = self.view.cursor;
        self.view.structure.seeking = Some(Seeking { job, cursor, then });
    }
}
