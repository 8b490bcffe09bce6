//! Editor state: everything that is open, and the user's choices of keys, commands and settings.

pub(crate) mod command;
pub(crate) mod comparison;
pub(crate) mod config;
pub(crate) mod context;
pub(crate) mod current;
pub(crate) mod demo;
pub(crate) mod effect;
pub(crate) mod field;
pub(crate) mod format_list;
pub(crate) mod help;
pub(crate) mod hints;
pub(crate) mod input;
pub(crate) mod keymap;
pub(crate) mod message;
pub(crate) mod needed;
pub(crate) mod paste;
pub(crate) mod popup;
pub(crate) mod prompt;
pub(crate) mod relayout;
pub(crate) mod session;
pub(crate) mod settings;
pub(crate) mod status;
pub(crate) mod strip;
pub(crate) mod structure;
pub(crate) mod tabs;
pub(crate) mod tour;
pub(crate) mod typing;

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use crate::document::jobs::{Generation, JobSpec};
use crate::document::{Document, DocumentId};
use crate::editor::command::Commands;
use crate::editor::context::ViewContext;
use crate::editor::current::Current;
use crate::editor::effect::{Effect, ExitReason};
use crate::editor::input::Input;
use crate::editor::popup::SaveRequest;
use crate::editor::settings::Settings;
use crate::editor::status::{Message, Messages};
use crate::editor::tabs::{LayoutRequest, OpenIn, Tab};
use crate::editor::tour::Tour;
use crate::job::list::{JobId, Jobs};
use crate::layout::view_layout::ViewLayout;
use crate::layout::viewport::Size;
use crate::source::file_stat::FileStat;
use crate::source::handle::SourceHandle;
use crate::view::{View, ViewId};

/// Time since the program started.
pub(crate) type Time = Duration;

/// The editor state: plain data, which only [`update`](crate::update::update) changes.
#[derive(Debug)]
pub(crate) struct Editor {
    pub(crate) documents: BTreeMap<DocumentId, Document>,
    pub(crate) views: BTreeMap<ViewId, View>,
    pub(crate) tabs: Vec<Tab>,
    /// Index of the tab on the screen.
    pub(crate) shown: usize,
    pub(crate) input: Input,
    pub(crate) jobs: Jobs,
    pub(crate) messages: Messages,
    pub(crate) settings: Settings,
    /// Lines typed earlier, the newest last.
    pub(crate) history: Vec<String>,
    /// The view that each running job belongs to.
    pub(crate) owners: BTreeMap<JobId, Owner>,
    /// Layout of each view. Derived data, which only `settle` writes.
    pub(crate) layouts: BTreeMap<ViewId, ViewLayout>,
    /// Pages requested but not received yet.
    pub(crate) reading: Vec<(DocumentId, Generation, Range<u64>)>,
    pub(crate) size: Size,
    pub(crate) now: Time,
    /// Seconds from universal to local time.
    pub(crate) utc_offset: i64,
    pub(crate) tour: Option<Tour>,
    /// Whether the first frame was drawn. Work that it does not need starts after it.
    pub(crate) is_shown: bool,
    /// Whether the current message has changed nothing visible, so that no frame is needed.
    pub(crate) is_quiet: bool,
    pub(crate) exit: Option<ExitReason>,
    /// Pending changes to tabs and splits, applied once the requesting view is no longer borrowed.
    pub(crate) requests: Vec<(ViewId, LayoutRequest)>,
    pub(crate) effects: Vec<Effect>,
    /// What is being planned or saved.
    pub(crate) savings: BTreeMap<JobId, SaveRequest>,
    /// Files being opened, and where to show them.
    pub(crate) opening: BTreeMap<JobId, OpenIn>,
    /// Whether all jobs were cancelled because the program is ending.
    pub(crate) is_leaving: bool,
    /// The commands of the `:` line. The table is in `update`.
    commands: &'static Commands,
    next_id: u64,
}

/// What a job belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) document: DocumentId,
    pub(crate) view: ViewId,
}

impl Editor {
    /// An editor without open files.
    #[must_use]
    pub(crate) fn new(settings: Settings, size: Size, commands: &'static Commands) -> Self {
        Self {
            documents: BTreeMap::new(),
            views: BTreeMap::new(),
            tabs: Vec::new(),
            shown: 0,
            input: Input::default(),
            jobs: Jobs::default(),
            messages: Messages::default(),
            settings,
            history: Vec::new(),
            owners: BTreeMap::new(),
            layouts: BTreeMap::new(),
            reading: Vec::new(),
            size,
            now: Time::ZERO,
            utc_offset: 0,
            tour: None,
            is_shown: false,
            is_quiet: false,
            exit: None,
            requests: Vec::new(),
            effects: Vec::new(),
            savings: BTreeMap::new(),
            opening: BTreeMap::new(),
            is_leaving: false,
            commands,
            next_id: 0,
        }
    }

    /// Starts the guided tour.
    #[must_use]
    pub(crate) fn with_tour(mut self) -> Self {
        self.tour = Some(Tour::default());
        self
    }

    /// Whether the last message has changed nothing visible.
    #[must_use]
    pub(crate) fn take_quiet(&mut self) -> bool {
        std::mem::take(&mut self.is_quiet)
    }

    /// Why the program ends; `None` while it runs.
    #[must_use]
    pub(crate) fn exit_reason(&self) -> Option<ExitReason> {
        self.exit
    }

    pub(crate) fn new_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Adds a document, which no view shows yet.
    pub(crate) fn add_document(
        &mut self,
        name: String,
        source: SourceHandle,
        stat: Option<FileStat>,
    ) -> DocumentId {
        let id = DocumentId(self.new_id());
        self.documents.insert(id, Document::new(name, source, stat));
        id
    }

    /// The focused view.
    #[must_use]
    pub(crate) fn focus(&self) -> Option<ViewId> {
        let tab = self.tabs.get(self.shown)?;
        tab.views.get(tab.focus).copied()
    }

    /// The views on the screen, as far as there is room.
    pub(crate) fn shown_views(&self) -> Vec<ViewId> {
        let tab = self.tabs.get(self.shown);
        let id = |(at, _)| tab?.views.get(at).copied();
        self.places().into_iter().filter_map(id).collect()
    }

    /// The views of a document.
    pub(crate) fn views_of(&self, document: DocumentId) -> Vec<ViewId> {
        self.views.iter().filter(|(_, it)| it.document == document).map(|(&id, _)| id).collect()
    }

    /// Read access to a view and its document.
    pub(crate) fn context(&self, id: ViewId) -> Option<ViewContext<'_>> {
        let view = self.views.get(&id)?;
        let has_keyboard = self.focus() == Some(id);
        Some(ViewContext {
            view,
            document: self.documents.get(&view.document)?,
            layout: self.layouts.get(&id)?,
            settings: &self.settings,
            jobs: &self.jobs,
            input: has_keyboard.then_some(&self.input),
            messages: &self.messages,
            utc_offset: self.utc_offset,
            has_keyboard,
            commands: self.commands,
            compared: self.compared(id),
        })
    }

    /// Write access to the focused view.
    pub(crate) fn current(&mut self) -> Option<Current<'_>> {
        self.view(self.focus()?)
    }

    /// Write access to a view.
    pub(crate) fn view(&mut self, id: ViewId) -> Option<Current<'_>> {
        let view = self.views.get_mut(&id)?;
        let document_id = view.document;
        let comparisons = self.tabs.iter_mut().filter_map(|tab| tab.comparison.as_mut());
        let comparison = comparisons.into_iter().find(|it| it.views.contains(&id));
        Some(Current {
            view_id: id,
            document_id,
            document: self.documents.get_mut(&document_id)?,
            layout: self.layouts.get_mut(&id)?,
            view,
            settings: &mut self.settings,
            history: &mut self.history,
            jobs: &mut self.jobs,
            input: &mut self.input,
            messages: &mut self.messages,
            now: self.now,
            utc_offset: self.utc_offset,
            owners: &mut self.owners,
            requests: &mut self.requests,
            effects: &mut self.effects,
            commands: self.commands,
            comparison,
        })
    }

    /// Starts a job that belongs to no view. It lives as long as the document is open.
    pub(crate) fn start(&mut self, view: ViewId, spec: impl Into<JobSpec>) -> Option<JobId> {
        self.view(view).map(|mut cx| cx.start(spec))
    }

    pub(crate) fn say(&mut self, text: impl Into<String>) {
        self.tell(Message::info(text));
    }

    pub(crate) fn complain(&mut self, why: impl Into<String>) {
        self.tell(Message::error(why));
    }

    pub(crate) fn tell(&mut self, message: Message) {
        self.messages.say(self.now, message);
    }

    /// Whether the focused view waits for a search to find its target.
    pub(crate) fn is_looking(&self) -> bool {
        let view = self.focus().and_then(|id| self.views.get(&id));
        view.is_some_and(|view| {
            view.looking.is_some() || view.describing.is_some() || view.structure.seeking.is_some()
        })
    }

    /// When a visible file is due to be polled, or what came of a stream to be shown. The first frame does not wait for a poll.
    #[must_use]
    pub(crate) fn due(&self) -> Option<Time> {
        if !self.is_shown {
            return None;
        }
        let due = |id: &ViewId| {
            let document = self.documents.get(&self.views.get(id)?.document)?;
            let has_regions = !document.source().regions().is_empty();
            let is_timed = has_regions && document.follow.is_timed();
            let is_polled = is_timed || document.source().path().is_some();
            let poll = document.follow.due().filter(|_| is_polled);
            poll.into_iter().chain(document.stream_due()).min()
        };
        self.shown_views().iter().filter_map(due).min()
    }
}
