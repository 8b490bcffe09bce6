//! What the jobs have found.

use memmap_structure::Problem;

use crate::document::DocumentId;
use crate::document::jobs::OtherUpdate;
use crate::editor::current::Current;
use crate::editor::effect::Effect;
use crate::editor::{Editor, Owner};
use crate::job::JobEvent;
use crate::job::error::JobError;
use crate::job::list::JobId;
use crate::layout::viewport::PaneArea;
use crate::source::generated_format::SchemaError;
use crate::structure::copy_node::NodeText;
use crate::structure::find_field::FieldFound;
use crate::structure::format_job::FormatFound;
use crate::structure::model::Format;
use crate::structure::read_fields::{Fields, Goal};
use crate::structure::walk_list::Elements;
use crate::view::Focus;
use crate::view::panes::Pane;
use crate::view::structure::{Joining, Seeking, Then};

impl Editor {
    /// Handles the events of the jobs that read fields.
    pub(in crate::update) fn heard_of_structure(
        &mut self,
        id: JobId,
        owner: Owner,
        update: OtherUpdate,
    ) {
        match update {
            OtherUpdate::Format(JobEvent::Ended(ended)) => {
                self.settled(id, &ended);
                self.format_found(id, owner.document, ended);
            }
            OtherUpdate::ReadFields(JobEvent::Ended(ended)) => {
                self.settled(id, &ended);
                if let Some(mut cx) = self.view(owner.view) {
                    cx.fields_read(id, ended);
                }
            }
            OtherUpdate::FindField(JobEvent::Ended(ended)) => {
                self.settled(id, &ended);
                if let Some(mut cx) = self.view(owner.view) {
                    cx.field_found(id, ended);
                }
            }
            OtherUpdate::CopyNode(JobEvent::Ended(ended)) => {
                self.settled(id, &ended);
                self.node_copied(ended);
            }
            OtherUpdate::WalkList(JobEvent::Partial(_)) => self.walked(id, owner.document),
            OtherUpdate::WalkList(JobEvent::Ended(ended)) => {
                self.walk_ended(id, owner, &ended);
                self.ended(id, &ended.map(|it| it.to_string()));
            }
            _ => {}
        }
    }

    /// Handles the end of the search for a format.
    fn format_found(&mut self, job: JobId, id: DocumentId, ended: Result<FormatFound, JobError>) {
        let Some(document) = self.documents.get_mut(&id) else { return };
        let edition = document.edition();
        let structure = &mut document.structure;
        if structure.looking.take_if(|it| *it == job).is_none() {
            return;
        }
        let found = match ended {
            Ok(found) => found,
            Err(JobError::Cancelled) => return,
            Err(error) => {
                structure.offers.get_or_insert_default();
                return self.complain(error.to_string());
            }
        };
        structure.offers = found.offers;
        structure.problems.clear();
        let before = structure.format.take();
        let mut complaint = None;
        match found.loaded {
            Some(Ok(loaded)) => {
                let is_same = before.as_ref().is_some_and(|it| {
                    it.schema().id() == loaded.schema.id() && it.tree.base() == loaded.base
                });
                let is_asked = std::mem::take(&mut structure.is_chosen);
                // Only what can be chosen was asked for.
                let is_kept = is_same && !is_asked;
                let before = before.filter(|it| is_kept && it.edition == edition);
                structure.format = before.or_else(|| Some(Format::new(loaded, edition)));
                if is_kept {
                    // The nodes that were open are open again.
                    return;
                }
            }
            Some(Err(SchemaError::Description(problems))) => {
                structure.problems = problems.iter().map(Problem::to_string).collect();
                complaint = structure.problems.first().cloned();
            }
            Some(Err(error)) => {
                structure.problems = vec![error.to_string()];
                complaint = structure.problems.first().cloned();
            }
            None => {
                structure.problems = found.problems.iter().map(Problem::to_string).collect();
            }
        }
        structure.is_chosen = false;
        if let Some(complaint) = complaint {
            self.complain(complaint);
        }
        self.structure_changed(id);
        for view in self.views_of(id) {
            if let Some(mut cx) = self.view(view) {
                cx.join_structure();
            }
        }
    }

    /// The list that a job walks is known further.
    fn walked(&mut self, job: JobId, id: DocumentId) {
        let Some(document) = self.documents.get_mut(&id) else { return };
        let structure = &mut document.structure;
        if structure.walk.as_ref().is_some_and(|it| it.job == job) {
            structure.version += 1;
        }
    }

    /// A walk has ended: the last element is chosen where the keyboard is in the list still.
    fn walk_ended(&mut self, job: JobId, owner: Owner, ended: &Result<Elements, JobError>) {
        let Some(document) = self.documents.get_mut(&owner.document) else { return };
        let walk = document.structure.walk.take_if(|it| it.job == job);
        document.structure.version += 1;
        if let (Some(walk), &Ok(Elements(count @ 1..)), Some(cx)) =
            (walk, ended, self.view(owner.view))
        {
            let line = cx.view.panes.line(Pane::Structure);
            let row = cx.view.structure.row(line);
            if row.is_some_and(|row| row.trail.starts_with(&walk.trail)) {
                cx.view.structure.goal = Goal::Node(walk.trail.element(count - 1));
            }
        }
    }

    /// Copies the text of a node.
    fn node_copied(&mut self, ended: Result<NodeText, JobError>) {
        match ended {
            Ok(NodeText::Text { text, what }) => self.effects.push(Effect::Copy { text, what }),
            Ok(NodeText::TooLong) => self.complain(
                "the node is more than 1 MiB of text; `lazyhex tree --json` prints it in full",
            ),
            Ok(NodeText::NoValue) => {
                self.complain("it has no value of its own; y copies it as JSON");
            }
            Err(JobError::Cancelled) => {}
            Err(error) => self.complain(error.to_string()),
        }
    }
}

/// From this width on, the pane joins those at the right by itself.
const JOINS_FROM: u16 = 160;

impl Current<'_> {
    /// Opens the pane below others at the right, once. It takes its room from them, so that no byte moves.
    fn join_structure(&mut self) {
        let is_beside = matches!(self.layout().room, PaneArea::Side(_))
            && !self.layout.panes.is_empty()
            && self.layout.area.width >= JOINS_FROM;
        let has_format = self.document.structure.format.is_some();
        let panes = &mut self.view.panes;
        let waits =
            self.view.structure.joining == Joining::Waits && !panes.is_open(Pane::Structure);
        if !(is_beside && has_format && waits) {
            return;
        }
        panes.open(Pane::Structure);
        self.structure_opened();
        self.view.structure.joining = Joining::Joined;
        self.relayout();
    }

    /// Handles the answer of a request.
    fn fields_read(&mut self, job: JobId, ended: Result<Box<Fields>, JobError>) {
        let Some(asked) = self.take_asked(job) else { return };
        let fields = match ended {
            Ok(fields) => fields,
            // Another request is due.
            Err(JobError::Cancelled) => return,
            Err(error) => {
                self.view.structure.problem = Some(error.to_string());
                // It would fail again.
                self.view.structure.fields = Some(Box::new(Fields::none(asked.wish)));
                return;
            }
        };
        let is_of_format =
            self.document.structure.format.as_ref().is_some_and(|it| it.tree == asked.wish.tree);
        if !is_of_format {
            return;
        }
        let structure = &mut self.view.structure;
        structure.problem = None;
        // A tree that was made anew is walked again up to what is shown.
        if fields.is_stopped && fields.rows.is_empty() && fields.total > structure.reached {
            structure.reached = fields.total;
            self.document.structure.version += 1;
            return;
        }
        structure.reached = 0;
        if asked.wish.goal == Goal::Stays && !fields.is_stopped {
            let line = memmap::widen(self.view.panes.line(Pane::Structure));
            if let Some(trail) = structure.moved_row(&fields, line) {
                structure.goal = Goal::Node(trail);
                return;
            }
        }
        for group in &fields.opened {
            structure.outline.open(group);
        }
        if structure.goal == asked.wish.goal {
            structure.goal = Goal::Stays;
        }
        if asked.wish.goal != Goal::Stays && asked.wish.count > 0 {
            structure.followed = Some(asked.wish.cursor);
        }
        if let Some(row) = fields.chosen {
            structure.top = fields.wish.first;
            self.view.panes.choose(Pane::Structure, usize::try_from(row).unwrap_or(usize::MAX));
        }
        self.view.structure.fields = Some(fields);
    }

    /// Handles the end of a search for a field. If the cursor has moved meanwhile, it stays.
    fn field_found(&mut self, job: JobId, ended: Result<Option<FieldFound>, JobError>) {
        let seeking = self.view.structure.seeking.take_if(|it| it.job == job);
        let Some(Seeking { cursor, then, .. }) = seeking else { return };
        let found = match ended {
            Ok(Some(found)) => found,
            Ok(None) if then == Then::Go => return self.say("no field is known beyond this one"),
            Ok(None) => return self.say("no field is known here"),
            Err(JobError::Cancelled) => return,
            Err(error) => return self.complain(error.to_string()),
        };
        if cursor != self.view.cursor {
            return;
        }
        if then == Then::End {
            return self.end_found(found);
        }
        let is_chosen = match then {
            Then::Go => false,
            Then::GoAndChoose => true,
            Then::Follow | Then::End => found.is_target || !self.is_chosen(&found),
        };
        match found.start {
            Some(start) if then != Then::Follow || found.is_target => {
                self.jump(start);
                self.view.structure.followed = None;
            }
            _ => {}
        }
        if is_chosen {
            self.reveal(&found);
        } else if then == Then::Follow {
            let path = &found.path;
            self.say(format!("{path} refers to nothing else"));
        }
        // The tree moves along, even if the keyboard is there.
        if then == Then::Go && self.view.panes.is_open(Pane::Structure) {
            self.view.structure.goal = Goal::Cursor;
        }
    }

    /// Chooses the last element of a list, or walks to it.
    fn end_found(&mut self, found: FieldFound) {
        if found.trail.is_element() || !self.view.structure.outline.is_open(&found.trail) {
            self.view.structure.goal = Goal::Node(found.trail);
        } else {
            self.walk(found.trail);
        }
    }

    /// Whether the row of a field is the one that is chosen.
    fn is_chosen(&self, found: &FieldFound) -> bool {
        let row = self.view.structure.row(self.view.panes.line(Pane::Structure));
        self.layout.pane(Pane::Structure).is_some()
            && row.is_some_and(|row| row.trail == found.trail)
    }

    /// Opens what a field is in, and chooses its row. The pane opens if it is beside or below the bytes.
    fn reveal(&mut self, found: &FieldFound) {
        if let Some(parent) = found.trail.parent() {
            self.view.structure.outline.open(&parent);
        }
        self.view.structure.goal = Goal::Node(found.trail.clone());
        self.view.structure.was_opened = true;
        if self.layout.pane(Pane::Structure).is_none() {
            self.view.panes.open(Pane::Structure);
            self.reshaped();
        }
        let is_covering = matches!(self.layout().room, PaneArea::Over(_));
        if is_covering && found.start.is_none() {
            self.view.focus = Focus::Pane(Pane::Structure);
        }
    }
}
