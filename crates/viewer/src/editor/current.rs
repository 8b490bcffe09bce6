//! Write access to one view and its document.

use std::collections::BTreeMap;

use crate::document::jobs::JobSpec;
use crate::document::{Document, DocumentId};
use crate::editor::command::Commands;
use crate::editor::comparison::{Compared, Comparison};
use crate::editor::context::ViewContext;
use crate::editor::effect::Effect;
use crate::editor::input::Input;
use crate::editor::settings::{InspectorShown, Settings};
use crate::editor::status::{Message, Messages};
use crate::editor::tabs::LayoutRequest;
use crate::editor::{Owner, Time};
use crate::job::list::{Entry, JobId, Jobs};
use crate::layout::view_layout::ViewLayout;
use crate::layout::viewport::BytesLayout;
use crate::view::panes::Pane;
use crate::view::rows::Heading;
use crate::view::{Focus, View, ViewId};

/// The editor, borrowed piecewise around one of its views.
pub(crate) struct Current<'e> {
    pub(crate) view_id: ViewId,
    pub(crate) document_id: DocumentId,
    pub(crate) view: &'e mut View,
    pub(crate) document: &'e mut Document,
    pub(crate) layout: &'e mut ViewLayout,
    pub(crate) settings: &'e mut Settings,
    pub(crate) history: &'e mut Vec<String>,
    pub(crate) jobs: &'e mut Jobs,
    pub(crate) input: &'e mut Input,
    pub(crate) messages: &'e mut Messages,
    pub(crate) now: Time,
    pub(crate) utc_offset: i64,
    pub(crate) owners: &'e mut BTreeMap<JobId, Owner>,
    pub(crate) requests: &'e mut Vec<(ViewId, LayoutRequest)>,
    pub(crate) effects: &'e mut Vec<Effect>,
    pub(crate) commands: &'static Commands,
    pub(crate) comparison: Option<&'e mut Comparison>,
}

impl Current<'_> {
    /// Read access to the same view.
    pub(crate) fn cx(&self) -> ViewContext<'_> {
        ViewContext {
            view: self.view,
            document: self.document,
            layout: self.layout,
            settings: self.settings,
            jobs: self.jobs,
            input: Some(self.input),
            messages: self.messages,
            utc_offset: self.utc_offset,
            has_keyboard: true,
            commands: self.commands,
            compared: self.comparison.as_deref().map(|comparison| Compared {
                comparison,
                side: comparison.side(self.view_id),
                other: None,
            }),
        }
    }

    /// Scrolls so that a row is the first one. Where rows stand beside those of an aligned file, the offset of
    /// the row is remembered, too, for when they do not any more.
    pub(crate) fn scroll_to_row(&mut self, place: u64) {
        let rows = self.cx().rows();
        let (is_aligned, offset) = (rows.alignment.is_some(), rows.offset(place));
        let shows_heading = matches!(rows.heading(place), Some(Heading::Above(_)));
        (self.view.top, self.view.shows_heading) = (offset, shows_heading);
        if let Some(comparison) = self.comparison.as_mut().filter(|_| is_aligned) {
            comparison.set_top(comparison.side(self.view_id), place);
        }
    }

    pub(crate) fn layout(&self) -> BytesLayout {
        self.layout.bytes
    }

    /// Adds a job to the list, prepares its analysis, and requests its start.
    pub(crate) fn start(&mut self, spec: impl Into<JobSpec>) -> JobId {
        let spec = spec.into();
        let how = (spec.priority(), spec.on_quit());
        let id = self.jobs.begin(spec.title(), how, spec.is_listed(), self.now);
        let (generation, len) = (self.document.generation(), self.document.len);
        let replaced = self.document.analyses.begin(id, &spec, generation, len);
        if let Some(replaced) = replaced {
            self.cancel(replaced);
        }
        self.owners.insert(id, Owner { document: self.document_id, view: self.view_id });
        let source = self.document.source().clone();
        self.effects.push(Effect::StartJob { id, source, spec });
        id
    }

    /// Cancels a job if it is running. The job reports its end.
    pub(crate) fn cancel(&mut self, id: JobId) {
        if self.jobs.get(id).is_some_and(Entry::is_running) {
            self.effects.push(Effect::CancelJob(id));
        }
    }

    pub(crate) fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Requests a change to tabs or splits.
    pub(crate) fn request(&mut self, request: LayoutRequest) {
        self.requests.push((self.view_id, request));
    }

    pub(crate) fn say(&mut self, text: impl Into<String>) {
        self.messages.say(self.now, Message::info(text));
    }

    pub(crate) fn complain(&mut self, why: impl Into<String>) {
        self.messages.say(self.now, Message::error(why));
    }

    /// Opens or closes the inspector according to the setting, unless the user has done so.
    pub(crate) fn show_inspector(&mut self) {
        let is_wanted = match self.settings.inspector {
            InspectorShown::Auto => self.cx().has_room_for_inspector(),
            InspectorShown::On => true,
            InspectorShown::Off => false,
        };
        let panes = &mut self.view.panes;
        if panes.is_inspector_chosen || is_wanted == panes.is_open(Pane::Inspector) {
            return;
        }
        if is_wanted {
            panes.open(Pane::Inspector);
        } else {
            panes.close(Pane::Inspector);
            if self.view.focus == Focus::Pane(Pane::Inspector) {
                self.view.focus = Focus::Bytes;
            }
        }
        self.relayout();
    }

    /// Recomputes the layout after a change.
    pub(crate) fn relayout(&mut self) {
        let area = self.layout.area;
        *self.layout = self.cx().relayout(area);
    }
}
