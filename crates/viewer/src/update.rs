//! State changes, with one file per feature. Only [`update`] changes the editor; side effects are
//! returned as [`Effect`]s.

mod normal;
mod motion;
mod mouse;
mod pane;
mod paste;
mod command_line;
mod search;
mod analysis;
mod minimap;
mod notes;
mod array;
mod jobs;
mod edit;
mod edit_jobs;
mod typing;
mod value;
mod saving;
mod stream;
mod substitute;
mod leave;
mod recovery;
mod follow;
mod reread;
mod help;
mod row_folding;
mod structure;
mod open;
mod tabs;
mod tail;
mod comparison;
mod changes;

use std::ops::Range;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};

use crate::document::DocumentId;
use crate::editor::context::ViewContext;
use crate::editor::effect::{Effect, ExitReason, ReadRequest};
use crate::editor::message::Msg;
use crate::editor::popup::Popup;
use crate::editor::tabs::Tab;
use crate::editor::{Editor, Time};
use crate::job::OnQuit;
use crate::source::page_cache::joined;
use crate::view::{Focus, ViewId};

pub(crate) use command_line::commands;

/// Applies a message to the state. Returns the effects to perform.
#[must_use]
pub(crate) fn update(editor: &mut Editor, now: Time, msg: Msg) -> Vec<Effect> {
    editor.now = now;
    let is_input = matches!(
        msg,
        Msg::Key(_) | Msg::Scroll(_) | Msg::MouseDown(..) | Msg::Drag(..) | Msg::Paste(_)
    );
    // A click means the byte that was drawn there.
    if matches!(msg, Msg::Key(_)) {
        editor.fold_equal_rows();
    }
    let before = editor.place_of_focus();
    let may_be_quiet = matches!(msg, Msg::Tick | Msg::FocusGained | Msg::Polled(..));
    editor.take_in(msg);
    editor.is_quiet &= may_be_quiet;
    if is_input {
        editor.follow_along(before);
    }
    if !editor.is_quiet {
        editor.settle();
    }
    std::mem::take(&mut editor.effects)
}

impl Editor {
    fn take_in(&mut self, msg: Msg) {
        match msg {
            Msg::Key(key) => self.press(key),
            Msg::Scroll(turn) => {
                if let Some(mut cx) = self.current() {
                    cx.wheel(turn);
                }
            }
            Msg::MouseDown(x, y) => {
                if let Some(mut cx) = self.choose_at(x, y).and_then(|id| self.view(id)) {
                    let area = cx.layout.area;
                    cx.press_mouse(x - area.x, y - area.y);
                }
            }
            Msg::Drag(x, y) => {
                if let Some(mut cx) = self.current() {
                    let area = cx.layout.area;
                    cx.drag_mouse(x.saturating_sub(area.x), y.saturating_sub(area.y));
                }
            }
            Msg::MouseUp => self.input.drag = None,
            // What is pasted answers no question.
            Msg::Paste(_) if self.input.popup.is_some() => {}
            Msg::Paste(text) => {
                if let Some(mut cx) = self.current() {
                    cx.paste(&text);
                }
            }
            Msg::ClipboardRead(request, read) => self.clipboard_read(request, read),
            Msg::Resize(size) => {
                self.size = size;
                self.input.drag = None;
            }
            Msg::FirstFrame => {
                self.is_shown = true;
                self.tick_streams();
            }
            Msg::Read { document, generation, page } => {
                let range = page.range();
                self.reading.retain(|it| *it != (document, generation, range.clone()));
                let is_current =
                    self.documents.get(&document).is_some_and(|it| it.generation() == generation);
                if is_current {
                    self.took(document, page);
                    self.enter_late();
                    self.type_late();
                }
            }
            Msg::Job(id, update) => self.heard(id, update),
            Msg::Progress(id, progress) => self.progressed(id, progress),
            Msg::Polled(id, seen) => self.polled(id, seen),
            Msg::Streamed(id, status) => self.streamed(id, status),
            Msg::SessionLoaded(id, loaded) => self.session_loaded(id, loaded),
            Msg::Copied(text) => self.say(text),
            Msg::Tick => {
                self.is_quiet = true;
                self.poll_due();
                self.reread_due();
                self.is_quiet &= !self.tick_streams();
            }
            Msg::FocusGained => {
                self.is_quiet = true;
                self.poll(Duration::ZERO);
            }
            Msg::Suspend => self.effects.push(Effect::Suspend),
            Msg::Continued => self.effects.push(Effect::Redraw),
            Msg::Terminate => self.exit = Some(ExitReason::Terminated),
        }
    }

    /// Passes a key to the first that takes it: a question, the prompt, a two-key command, a pane,
    /// the bytes.
    fn press(&mut self, key: KeyEvent) {
        self.messages.key(self.now);
        self.poll_with_key();
        if self.answer(key) {
            return;
        }
        let Some(mut cx) = self.current() else { return };
        cx.document.follow.key();
        if cx.input.prompt.is_some() {
            return cx.press_in_prompt(key);
        }
        if cx.input.typing.as_ref().is_some_and(|typing| typing.view != cx.view_id) {
            cx.input.typing = None;
        }
        if cx.input.typing.is_some() && cx.view.focus == Focus::Bytes {
            return cx.press_typing(key);
        }
        cx.input.typing = None;
        cx.press(key);
    }

    /// Answers a question. Returns whether there was one.
    fn answer(&mut self, key: KeyEvent) -> bool {
        match self.input.popup.take() {
            None => return self.press_in_recovery(key),
            Some(Popup::Leave(title)) => match key.code {
                KeyCode::Char('y') => {
                    self.exit = Some(ExitReason::Quit);
                    self.leave();
                }
                // Enter does not confirm, as the unfinished file would be lost.
                KeyCode::Enter => self.input.popup = Some(Popup::Leave(title)),
                _ => self.exit = None,
            },
            Some(Popup::StopSaving(job)) => match key.code {
                KeyCode::Char('y') => self.effects.push(Effect::CancelJob(job)),
                KeyCode::Enter => self.input.popup = Some(Popup::StopSaving(job)),
                _ => {}
            },
            Some(Popup::Save(screen)) => self.press_in_save(*screen, key),
            Some(Popup::Unsaved(screen)) => self.press_in_unsaved(screen, key),
            Some(Popup::Conflicts(screen)) => self.press_in_conflicts(*screen, key),
            Some(Popup::Replace(screen)) => self.press_in_replace(*screen, key),
        }
        true
    }

    /// Runs the line that was waiting for bytes, once they have arrived, then the keys pressed
    /// meanwhile.
    fn enter_late(&mut self) {
        let Some(mut cx) = self.current() else { return };
        if !cx.input.is_waiting || cx.cx().waits_for_bytes() {
            return;
        }
        cx.input.is_waiting = false;
        cx.press_in_prompt(KeyEvent::from(KeyCode::Enter));
        for key in std::mem::take(&mut cx.input.ahead) {
            self.obey_all();
            self.settle_views();
            self.list_candidates();
            self.press(key);
        }
    }

    /// The focused view and its position.
    fn place_of_focus(&self) -> Option<(ViewId, u64, u64)> {
        let id = self.focus()?;
        self.views.get(&id).map(|view| (id, view.cursor, view.top))
    }

    /// Moves the other view by the same distance, if the two are synchronized.
    fn follow_along(&mut self, before: Option<(ViewId, u64, u64)>) {
        let (Some((id, cursor, top)), Some((now, new_cursor, new_top))) =
            (before, self.place_of_focus())
        else {
            return;
        };
        let is_it = |tab: &&Tab| tab.is_synced && tab.comparison.is_none() && id == now;
        let Some(tab) = self.tabs.get(self.shown).filter(is_it) else { return };
        let others: Vec<ViewId> = tab.views.iter().copied().filter(|&it| it != id).collect();
        let by = |now: u64, before: u64| i128::from(now) - i128::from(before);
        let (cursor, top) = (by(new_cursor, cursor), by(new_top, top));
        if (cursor, top) != (0, 0) {
            for other in others {
                if let Some(mut cx) = self.view(other) {
                    cx.shift(cursor, top);
                }
            }
        }
    }

    /// Updates derived state: layouts, visible bytes and the reads they need.
    pub(crate) fn settle(&mut self) {
        self.obey_all();
        self.follow_edits();
        self.settle_views();
        self.list_candidates();
        self.settle_strip();
        self.read_missing();
        if let Some(mut tour) = self.tour.take() {
            if let Some(cx) = self.focus().and_then(|id| self.context(id)) {
                tour.look(cx);
            }
            self.tour = Some(tour);
        }
        self.settle_exit();
    }

    fn obey_all(&mut self) {
        for (from, request) in std::mem::take(&mut self.requests) {
            self.obey(from, request);
        }
    }

    fn settle_views(&mut self) {
        let follower = self.follower();
        for id in self.shown_views() {
            let Some(area) = self.area_of(id) else { continue };
            let (frame, band) = self.frame_of(id, area);
            let Some(mut cx) = self.view(id) else { continue };
            let has_moved = cx.layout.area != area;
            (cx.layout.area, cx.layout.frame, cx.layout.band) = (area, frame, band);
            cx.relayout();
            if has_moved {
                cx.show_inspector();
            }
            // Even at the same size, rows may have been unfolded.
            if Some(id) != follower {
                cx.scroll_to_cursor();
            }
            cx.fold_unreadable();
            cx.find_on_screen();
        }
        self.lead_follower();
        if self.is_shown {
            self.keep_maps_current();
            self.keep_comparisons_current();
            self.keep_structure_current();
            self.extend_runs();
        }
    }

    fn list_candidates(&mut self) {
        if let Some(prompt) = &mut self.input.prompt {
            prompt.list(commands());
        }
    }

    /// Lays out the strip in the focused view.
    fn settle_strip(&mut self) {
        let Some(id) = self.focus() else { return };
        let strip = self.context(id).and_then(ViewContext::strip);
        if let Some(layout) = self.layouts.get_mut(&id) {
            layout.strip = strip;
        }
    }

    /// The bytes of a document that are visible.
    fn needed(&self, id: DocumentId) -> Vec<Range<u64>> {
        let shown = self.shown_views().into_iter().filter_map(|view| self.context(view));
        let of_it = shown.filter(|cx| cx.view.document == id);
        let mut needed: Vec<_> = of_it.flat_map(ViewContext::needed).collect();
        needed.extend(self.needed_across(id));
        joined(needed)
    }

    /// Requests the visible bytes that were not read, once.
    fn read_missing(&mut self) {
        let ids: Vec<DocumentId> = self.documents.keys().copied().collect();
        for id in ids {
            let mut missing = self.needed(id);
            let Some(document) = self.documents.get(&id) else { continue };
            let generation = document.generation();
            self.reading.retain(|(of, as_of, _)| *of != id || *as_of == generation);
            missing.retain(|range| !document.pages.cover(range));
            let is_asked = |range: &Range<u64>| {
                self.reading.iter().any(|(of, _, asked)| {
                    *of == id && asked.start <= range.start && range.end <= asked.end
                })
            };
            missing.retain(|range| !is_asked(range));
            for range in missing {
                self.read(id, range);
            }
        }
    }

    fn read(&mut self, id: DocumentId, range: Range<u64>) {
        let Some(document) = self.documents.get(&id) else { return };
        let (generation, source) = (document.generation(), document.source().clone());
        self.reading.push((id, generation, range.clone()));
        self.effects.push(Effect::Read(ReadRequest { document: id, generation, source, range }));
    }

    /// Asks for confirmation before an unfinished file is abandoned. A signal does not ask.
    fn settle_exit(&mut self) {
        let Some(reason) = self.exit.filter(|_| !self.is_leaving) else { return };
        let saving = self.jobs.running().any(|job| job.on_quit == OnQuit::Finish);
        if saving && reason == ExitReason::Quit {
            self.exit = None;
            return self.complain("still saving: wait until it is done, or Esc stops it");
        }
        let writing = self.jobs.running().find(|job| job.on_quit == OnQuit::Ask);
        match writing {
            Some(job) if reason == ExitReason::Quit => {
                self.input.popup = Some(Popup::Leave(job.title.clone()));
                self.exit = None;
            }
            _ => self.leave(),
        }
    }
}
