//! Opens and closes views and tabs, and ends the program.

use std::ops::Range;
use std::path::PathBuf;

use memmap::edit::Stick;

use crate::document::DocumentId;
use crate::editor::Editor;
use crate::editor::comparison::Comparison;
use crate::editor::effect::{Effect, ExitReason};
use crate::editor::popup::{Closing, SaveRequest};
use crate::editor::session::SessionEntry;
use crate::editor::tabs::{LayoutRequest, OpenIn};
use crate::job::OnQuit;
use crate::job::list::Entry;
use crate::search::direction::Direction;
use crate::view::panes::Pane;
use crate::view::{View, ViewId};

impl Editor {
    /// Handles a request of a view.
    pub(super) fn obey(&mut self, from: ViewId, request: LayoutRequest) {
        match request {
            LayoutRequest::OpenTab(path) => self.open_file(from, path, OpenIn::Tab),
            LayoutRequest::Split(path) => self.split(from, path, OpenIn::Beside),
            LayoutRequest::Compare(path, is_aligned) => {
                self.split(from, Some(path), OpenIn::Compared { is_aligned });
            }
            LayoutRequest::CompareRanges(ranges) => self.compare_ranges(from, &ranges),
            LayoutRequest::ToggleDifferences => self.toggle_differences(),
            LayoutRequest::Tab(direction, times) => {
                let count = self.tabs.len().max(1);
                let by = usize::try_from(times % memmap::widen(count)).unwrap_or(0);
                let by = if direction == Direction::Forward { by } else { count - by };
                self.shown = (self.shown + by) % count;
                if count == 1 {
                    self.complain("there is one tab; :tab FILE opens another one");
                }
            }
            LayoutRequest::Across => {
                if let Some(tab) = self.tabs.get_mut(self.shown) {
                    tab.focus = (tab.focus + 1) % tab.views.len().max(1);
                }
            }
            LayoutRequest::Sync => self.sync(),
            LayoutRequest::Quit(how) => {
                // The first file stays.
                let compared = self.comparison_of(from).map(|it| it.views[1]);
                self.close_unless_unsaved(Closing::View(compared.unwrap_or(from)), how);
            }
            LayoutRequest::QuitAll(how) => self.close_unless_unsaved(Closing::All, how),
            LayoutRequest::StopSaving => self.ask_to_stop_saving(),
            LayoutRequest::Save { accepts_losses, leaves } => {
                let closing = leaves.then_some(Closing::View(from));
                if let Some(request) = self.save_request(from, closing) {
                    self.plan_to_save(SaveRequest { accepts_losses, ..request });
                }
            }
            LayoutRequest::SkipStep => match &mut self.tour {
                Some(tour) => tour.skip(),
                None => self.complain(
                    "there is no tour; lazyhex --demo begins with one. G goes to the last byte",
                ),
            },
        }
    }

    /// Splits a view. If it is split already, shows the file in the other half, or closes the split
    /// if there is no file.
    fn split(&mut self, from: ViewId, path: Option<PathBuf>, place: OpenIn) {
        let Some(tab) = self.tabs.get(self.shown) else { return };
        if tab.views.len() > 1 {
            if let Some(&other) = tab.views.iter().find(|&&id| id != from) {
                self.close(other);
            }
            if path.is_none() {
                return;
            }
        }
        match path {
            Some(path) => self.open_file(from, path, place),
            None => {
                if let Some(again) = self.views.get(&from).map(View::again) {
                    self.place_view(again, OpenIn::Beside);
                }
            }
        }
    }

    /// Shows the document of a view twice, and compares a range on each side.
    fn compare_ranges(&mut self, from: ViewId, ranges: &[Range<u64>; 2]) {
        let others = self.tabs.get(self.shown).map(|tab| tab.views.clone()).unwrap_or_default();
        if let Some(other) = others.into_iter().find(|&id| id != from) {
            self.close(other);
        }
        let Some(document) = self.views.get(&from).map(|view| view.document) else { return };
        let second = self.show(document, OpenIn::Compared { is_aligned: false });
        let comparison = Comparison::of_parts([from, second], ranges.clone());
        if let Some(tab) = self.tabs.get_mut(self.shown) {
            tab.comparison = Some(comparison);
        }
        if let Some(mut cx) = self.view(from) {
            cx.view.anchor = None;
            cx.reshaped();
            cx.jump(ranges[0].start);
            let rows = cx.cx().rows();
            cx.scroll_to_row(rows.start(rows.place(ranges[0].start)));
        }
    }

    /// Opens the list of differences below both files, or closes it.
    fn toggle_differences(&mut self) {
        let Some(tab) = self.tabs.get_mut(self.shown) else { return };
        let Some(&first) = tab.views.first() else { return };
        let is_open = |view: &View| view.panes.is_open(Pane::Differences);
        if !self.views.get(&first).is_some_and(is_open) {
            tab.focus = 0;
        }
        if let Some(mut cx) = self.view(first) {
            cx.toggle(Pane::Differences);
        }
    }

    fn sync(&mut self) {
        let Some(tab) = self.tabs.get_mut(self.shown) else { return };
        if tab.views.len() < 2 {
            return self.complain("there is one view; | splits it");
        }
        tab.is_synced = !tab.is_synced;
        if let Some(comparison) = &mut tab.comparison {
            comparison.aligned.missing = None;
        }
        let how = if tab.is_synced { "together" } else { "on their own" };
        self.say(format!("both scroll {how}"));
    }

    /// Closes a view, its tab if it was the last view in it, and its document if no other view
    /// shows it. After the last view, the program ends.
    pub(super) fn close(&mut self, id: ViewId) {
        if self.views.len() == 1 {
            self.exit = Some(ExitReason::Quit);
            return;
        }
        let Some(at) = self.tabs.iter().position(|tab| tab.views.contains(&id)) else { return };
        if let Some(tab) = self.tabs.get_mut(at) {
            tab.views.retain(|&view| view != id);
            (tab.focus, tab.is_synced) = (0, false);
            let compared = tab.comparison.take().and_then(|it| it.asked);
            let job = compared.map(|asked| asked.job);
            let running = job.filter(|&job| self.jobs.get(job).is_some_and(Entry::is_running));
            self.effects.extend(running.map(Effect::CancelJob));
            if tab.views.is_empty() {
                self.tabs.remove(at);
                if self.shown > at || self.shown == self.tabs.len() {
                    self.shown = self.shown.saturating_sub(1);
                }
            }
        }
        let document = self.views.get(&id).map(|view| view.document);
        let save = self.remembered(id);
        self.views.remove(&id);
        self.layouts.remove(&id);
        if let Some(document) = document.filter(|&it| self.views_of(it).is_empty()) {
            self.effects.extend(save);
            self.close_document(document);
        }
    }

    fn close_document(&mut self, id: DocumentId) {
        // A file that is being written is completed.
        let is_given_up = |job| self.jobs.get(job).is_none_or(|it| it.on_quit == OnQuit::Abandon);
        let of_it = self.owners.iter().filter(|(_, owner)| owner.document == id);
        let given_up = of_it.map(|(&job, _)| job).filter(|&job| is_given_up(job));
        self.effects.extend(given_up.map(Effect::CancelJob));
        self.reading.retain(|(document, ..)| *document != id);
        if let Some(document) = self.documents.remove(&id) {
            if let Some(editing) = &document.editing {
                editing.end();
            }
            self.effects.push(Effect::Close(id, document.into_source()));
        }
    }

    /// The effect that saves the session of a view's document, if there is anything to save.
    pub(super) fn remembered(&self, id: ViewId) -> Option<Effect> {
        let view = self.views.get(&id)?;
        let document = self.documents.get(&view.document)?;
        let path = document.source().path()?.to_owned();
        // The file is opened without the edits that are not saved.
        let shift = document.shift_to_saved();
        let saved = |at: u64| shift.position(at, Stick::Right);
        let memory = SessionEntry {
            marks: document.marks.iter().map(|(name, at)| (name, saved(at))).collect(),
            notes: document.saved_notes(),
            places: view.jumps.places(view.cursor).0.into_iter().map(saved).collect(),
            history: self.history.clone(),
            cursor: Some(saved(view.cursor)),
            top: Some(saved(view.top)),
        };
        Some(Effect::SaveSession(path, Box::new(memory)))
    }

    /// Ends the program. For each document, the session of the view that was focused last is saved.
    pub(super) fn leave(&mut self) {
        self.is_leaving = true;
        let mut views: Vec<ViewId> = self.views.keys().copied().collect();
        let focus = self.focus();
        views.sort_by_key(|&id| Some(id) != focus);
        let mut seen = Vec::new();
        for id in views {
            let Some(document) = self.views.get(&id).map(|view| view.document) else { continue };
            if !seen.contains(&document) {
                seen.push(document);
                let save = self.remembered(id);
                self.effects.extend(save);
            }
        }
        // A signal leaves edits in the journal.
        let is_wanted = self.exit == Some(ExitReason::Quit);
        for editing in self.documents.values().filter_map(|it| it.editing.as_ref()) {
            if is_wanted || editing.unsaved() == 0 {
                editing.end();
            }
        }
        let given_up = self.jobs.running().filter(|job| job.on_quit != OnQuit::Finish);
        let running = given_up.map(|job| Effect::CancelJob(job.id));
        self.effects.extend(running);
    }
}
