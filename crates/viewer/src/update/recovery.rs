//! What is asked before a file is shown that an earlier session left unfinished or unsaved.

use crossterm::event::{KeyCode, KeyEvent};
use memmap::edit::RecoverError;

use crate::document::DocumentId;
use crate::document::editing::EditJob;
use crate::document::saving::kept_version::{Kept, KeptVersionJob};
use crate::document::saving::recovery::{Choice, Found, RecoverJob, Recovered, Recovery};
use crate::editor::current::Current;
use crate::editor::tabs::OpenIn;
use crate::editor::{Editor, Owner};
use crate::job::error::JobError;
use crate::job::list::JobId;
use crate::source::handle::SourceHandle;
use crate::view::ViewId;

impl Editor {
    /// Takes what an earlier session left of a document.
    pub(crate) fn found_journal(
        &mut self,
        id: DocumentId,
        found: Result<Option<Recovery>, RecoverError>,
    ) {
        let Some(document) = self.documents.get_mut(&id) else { return };
        // It was opened once more: the session that goes on is this one.
        if document.editing.is_some() {
            return;
        }
        match found {
            Ok(None) => {}
            Ok(Some(Recovery { found: Found::InUse(process), .. })) => {
                self.say(format!("open in another lazyhex (pid {process})"));
            }
            Ok(Some(recovery)) => document.recovery = Some(Box::new(recovery)),
            Err(error) => self.complain(format!("the journal of this file: {error}")),
        }
    }

    /// The same for the document of a view.
    pub(crate) fn found_journal_in(
        &mut self,
        view: ViewId,
        found: Result<Option<Recovery>, RecoverError>,
    ) {
        if let Some(document) = self.views.get(&view).map(|it| it.document) {
            self.found_journal(document, found);
        }
    }

    /// A key while it is asked. Returns whether it was.
    pub(super) fn press_in_recovery(&mut self, key: KeyEvent) -> bool {
        let Some(view) = self.focus() else { return false };
        // While it is compared, keys are for the comparison.
        if self.comparison_of(view).is_some() {
            return false;
        }
        let Some(id) = self.views.get(&view).map(|view| view.document) else { return false };
        let Some(document) = self.documents.get_mut(&id) else { return false };
        let Some(recovery) = &mut document.recovery else { return false };
        let last = recovery.choices().len().saturating_sub(1);
        if recovery.is_running {
            return true;
        }
        let choice = recovery.choice();
        let needs_a_yes = recovery.writes(choice) > 0 || choice == Choice::Discard;
        match key.code {
            KeyCode::Esc if recovery.is_asked => recovery.is_asked = false,
            KeyCode::Esc | KeyCode::Char('q') => document.recovery = None,
            KeyCode::Down | KeyCode::Char('j') if !recovery.is_asked => {
                recovery.chosen = recovery.chosen.saturating_add(1).min(last);
            }
            KeyCode::Up | KeyCode::Char('k') if !recovery.is_asked => {
                recovery.chosen = recovery.chosen.saturating_sub(1);
            }
            KeyCode::Enter if needs_a_yes => recovery.is_asked = true,
            KeyCode::Char('y') if recovery.is_asked => self.do_choice(id, choice),
            KeyCode::Enter => self.do_choice(id, choice),
            _ => {}
        }
        true
    }

    fn do_choice(&mut self, id: DocumentId, choice: Choice) {
        let Some(&view) = self.views_of(id).first() else { return };
        let journals = self.settings.journals();
        let Some(document) = self.documents.get_mut(&id) else { return };
        let Some(recovery) = &mut document.recovery else { return };
        let place = recovery.place.clone();
        (recovery.is_asked, recovery.is_running) = (false, true);
        match choice {
            Choice::OpenReadOnly => document.recovery = None,
            Choice::TakeEdits => {
                self.start(view, EditJob { journals, resumed: Some(place) });
            }
            Choice::Compare => {
                let kept = recovery.kept();
                self.start(view, KeptVersionJob { place, kept });
            }
            Choice::Restore | Choice::Finish | Choice::Discard => {
                self.start(view, RecoverJob { place, choice });
            }
        }
    }

    /// Handles the end of opening what the journal has: it is compared with the file as it is now, and the
    /// question comes again when that is closed.
    pub(super) fn opened_kept(
        &mut self,
        job: JobId,
        owner: Owner,
        ended: Result<SourceHandle, JobError>,
    ) {
        self.settled(job, &ended);
        let Some(document) = self.documents.get_mut(&owner.document) else { return };
        let Some(recovery) = &mut document.recovery else { return };
        recovery.is_running = false;
        let (which, has_moved) = match recovery.kept() {
            Kept::BeforeSaving => ("before saving", false),
            Kept::WithEdits => ("with the edits", true),
        };
        let (name, len) = (format!("{} {which}", document.name), document.len);
        match ended {
            Ok(kept) if self.focus() == Some(owner.view) => {
                let is_aligned = has_moved && kept.len() != len;
                if self.tabs.get(self.shown).is_some_and(|tab| tab.views.len() > 1) {
                    self.show(owner.document, OpenIn::Tab);
                }
                self.open(name, kept, None, OpenIn::Compared { is_aligned });
                let text = "{next-difference} next difference; {quit} goes back to the question";
                let text = self.settings.keys.fill(text);
                self.say(text);
            }
            Ok(_) | Err(JobError::Cancelled) => {}
            Err(error) => self.complain(error.to_string()),
        }
    }

    /// Handles the end of what was chosen.
    pub(super) fn recovered(
        &mut self,
        job: JobId,
        id: DocumentId,
        ended: Result<Recovered, JobError>,
    ) {
        self.settled(job, &ended);
        let Some(document) = self.documents.get_mut(&id) else { return };
        match ended {
            Ok(Recovered { text, next }) => {
                let wants_edits = document.recovery.take().is_some_and(|it| it.wants_edits);
                if !text.is_empty() {
                    self.say(text);
                }
                self.found_journal(id, Ok(next.map(|it| *it)));
                self.read_from_disk(id);
                let view = self.views_of(id).first().copied();
                if wants_edits && let Some(mut cx) = view.and_then(|view| self.view(view)) {
                    cx.allow_edits();
                }
            }
            Err(error) => {
                if let Some(recovery) = &mut document.recovery {
                    recovery.is_running = false;
                }
                self.complain(error.to_string());
            }
        }
    }

    /// The file was written to: it is opened again.
    fn read_from_disk(&mut self, id: DocumentId) {
        if let Some(document) = self.documents.get_mut(&id) {
            document.rewritten();
        }
        self.reopen_seen(id);
    }
}

impl Current<'_> {
    /// Allows edits of the file.
    pub(crate) fn allow_edits(&mut self) {
        if let Some(why) = self.why_not_editable() {
            return self.complain(why);
        }
        // What an earlier session left is settled first.
        if let Some(recovery) = &mut self.document.recovery {
            recovery.wants_edits = true;
            if self.comparison.is_some() {
                self.say("what an earlier session left is decided first");
            }
            return;
        }
        if self.document.editing.is_none() {
            let journals = self.settings.journals();
            self.start(EditJob { journals, resumed: None });
        }
    }
}
