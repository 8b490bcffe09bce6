//! The fields: when the format is looked for, what is asked of the tree, and what the answers change.
//!
//! Each view has at most one request under way. [`Editor::keep_structure_current`] compares what it shows
//! with what was answered: if that differs it starts a request, or stops the one that runs, whose end
//! brings it back here.

mod formats;
mod keys;
mod field;
mod found;

use std::ffi::OsStr;

use crate::document::DocumentId;
use crate::editor::Editor;
use crate::editor::current::Current;
use crate::job::list::JobId;
use crate::structure::format_job::{Choice, FormatJob, Lists};
use crate::structure::read_fields::{DetailOf, Goal, ReadFieldsJob, Wish};
use crate::view::Focus;
use crate::view::minimap::Metric;
use crate::view::panes::Pane;
use crate::view::structure::Asked;

impl Editor {
    /// Looks for the formats of the visible files, and reads the fields that they show.
    pub(super) fn keep_structure_current(&mut self) {
        for id in self.shown_views() {
            if let Some(mut cx) = self.view(id) {
                cx.look_for_format();
                cx.ask_for_fields();
            }
        }
    }

    /// Whether a visible view waits for fields.
    pub(crate) fn is_asking(&self) -> bool {
        let asked = |id| self.views.get(&id).is_some_and(|view| view.structure.asked.is_some());
        self.shown_views().into_iter().any(asked)
    }

    /// Drops what the views of a document show of another format.
    fn structure_changed(&mut self, id: DocumentId) {
        for view in self.views_of(id) {
            if let Some(cx) = self.view(view) {
                cx.view.structure.forget();
                cx.view.panes.choose(Pane::Structure, 0);
                if cx.view.panes.is_open(Pane::Structure) {
                    cx.view.structure.goal = Goal::Cursor;
                }
            }
        }
    }
}

impl Current<'_> {
    /// Starts the job that finds the format, unless it is known for these bytes.
    fn look_for_format(&mut self) {
        let edition = self.document.edition();
        let structure = &mut self.document.structure;
        structure.follow(edition);
        if structure.looking.is_some() || self.document.len == 0 {
            return;
        }
        let is_known = structure.looked_at.is_some_and(|(generation, len)| {
            // Growth alone does not make it another file, unless its start is new.
            let is_start = structure.format.is_none() && len < START && len != edition.1;
            generation == edition.0 && !is_start
        });
        let is_shown = self.layout.pane(Pane::Structure).is_some();
        let lists = match &self.view.structure.list.instead_of {
            Some(_) if is_shown => Lists::Always,
            None if is_shown => Lists::Otherwise,
            _ => Lists::Never,
        };
        let is_listed = structure.offers.is_some()
            || match lists {
                Lists::Never => true,
                Lists::Otherwise => structure.format.is_some(),
                Lists::Always => false,
            };
        if is_known && is_listed {
            return;
        }
        structure.looked_at = Some(edition);
        let choice = structure.choice.clone();
        let catalog = self.settings.formats.clone();
        let name = self.document.name.clone();
        let extension = std::path::Path::new(&name).extension().and_then(OsStr::to_str);
        let extension = extension.map(str::to_owned);
        let job = self.start(FormatJob { choice, catalog, extension, lists });
        self.document.structure.looking = Some(job);
    }

    /// Reads the document by another format.
    pub(super) fn choose_format(&mut self, choice: Choice) {
        if let Some(job) = self.document.structure.looking.take() {
            self.cancel(job);
        }
        let structure = &mut self.document.structure;
        (structure.choice, structure.looked_at, structure.is_chosen) = (choice, None, true);
        self.look_for_format();
    }

    /// What the view shows of the fields.
    fn wish(&self) -> Option<Wish> {
        let tree = self.document.structure.format.as_ref()?.tree.clone();
        let pane = self.layout.pane(Pane::Structure).filter(|_| !self.cx().lists_formats());
        let structure = &self.view.structure;
        let is_in_bytes = self.view.focus == Focus::Bytes;
        let has_moved = structure.followed != Some(self.view.cursor);
        let goal = match &structure.goal {
            Goal::Stays if pane.is_some() && is_in_bytes && has_moved => Goal::Cursor,
            // The chosen row may have another number in another tree.
            Goal::Stays if pane.is_some() && structure.is_of_another(&tree) => {
                self.chosen_row().map_or(Goal::Stays, |(_, row)| Goal::Node(row.trail))
            }
            goal => goal.clone(),
        };
        Some(Wish {
            tree,
            version: self.document.structure.version,
            outline: structure.outline.clone(),
            first: pane.map_or(0, |it| memmap::widen(it.flow.first)),
            count: pane.map_or(0, |it| it.flow.inside.height),
            visible: self.cx().coloured_ranges(),
            cursor: self.view.cursor,
            listed: self.cx().listed_starts(),
            goal,
            detail: self.detail_shown(),
            is_mapped: self.layout.map.is_some() && self.view.minimap.metric == Metric::Fields,
        })
    }

    /// The node that the pane of one field shows: that of the chosen row, or the field at the cursor.
    fn detail_shown(&self) -> Option<DetailOf> {
        self.layout.pane(Pane::Field)?;
        let row = self.layout.pane(Pane::Structure).and_then(|_| self.chosen_row());
        let is_chosen = matches!(self.view.focus, Focus::Pane(Pane::Structure | Pane::Field));
        Some(match row.filter(|_| is_chosen) {
            Some((_, row)) => DetailOf::Node(row.trail),
            None => match &self.view.structure.looked_at {
                Some(trail) if is_chosen => DetailOf::Node(trail.clone()),
                _ => DetailOf::Cursor,
            },
        })
    }

    /// Starts a request for what the view shows, unless that is known.
    fn ask_for_fields(&mut self) {
        let pane = self.layout.pane(Pane::Structure).filter(|_| !self.cx().lists_formats());
        if let Some(pane) = pane {
            self.view.structure.top = memmap::widen(pane.flow.first);
        }
        let Some(wish) = self.wish() else { return };
        let structure = &mut self.view.structure;
        if let Some(asked) = &mut structure.asked {
            // The newest wish wins, but only one job waits for a disk.
            if asked.wish != wish && !asked.is_stopped {
                asked.is_stopped = true;
                asked.wish.tree.request();
            }
            return;
        }
        if structure.fields.as_ref().is_some_and(|it| it.wish == wish) {
            return;
        }
        let number = wish.tree.request();
        let job = self.start(ReadFieldsJob { number, wish: wish.clone() });
        self.view.structure.asked = Some(Asked { job, wish, is_stopped: false });
    }

    /// Whether a job of this view is the one that it waits for. It is over then.
    fn take_asked(&mut self, id: JobId) -> Option<Asked> {
        self.view.structure.asked.take_if(|it| it.job == id)
    }
}

/// Files that are shorter may get a format as they grow.
const START: u64 = 64 << 10;
