//! Saves: makes a plan, shows it, does it, and decides conflicts.

use crossterm::event::{KeyCode, KeyEvent};
use memmap::edit::{Conflict, SaveError, State, Way};

use crate::document::saving::jobs::{PlanJob, Planned, SaveJob, SavedNow};
use crate::document::saving::name_ranges::{NameRangesJob, Named};
use crate::document::saving::sheet::PlanSheet;
use crate::document::saving::words;
use crate::editor::Editor;
use crate::editor::current::Current;
use crate::editor::popup::{Closing, ConflictScreen, Popup, SaveRequest, SaveScreen, Whose};
use crate::editor::tabs::{LayoutRequest, Unsaved};
use crate::job::OnQuit;
use crate::job::error::JobError;
use crate::job::handed::Handed;
use crate::job::list::JobId;
use crate::view::ViewId;

impl Editor {
    /// Looks at what saving a document needs. What it found is shown before anything is written.
    pub(super) fn plan_to_save(&mut self, request: SaveRequest) {
        let Some(document) = self.documents.get_mut(&request.document) else { return };
        let Some(editing) = &mut document.editing else {
            let why = self.view(request.view).and_then(|cx| cx.why_not_editable());
            let read_only = || "the file is read-only: :edit on allows edits".to_owned();
            return self.complain(why.unwrap_or_else(read_only));
        };
        if self.savings.values().any(|it| it.document == request.document) {
            return self.complain("it is being saved already");
        }
        if !editing.overlay.history().is_modified() && !editing.is_unfinished {
            if request.closing.is_none() {
                return self.say("nothing to save: there are no edits");
            }
            return self.go_on_closing(&request);
        }
        let mut save =
            editing.overlay.save().allow_device(true).accept_losses(request.accepts_losses);
        if let Ok(journal) = &editing.journal {
            save = save.journal(std::sync::Arc::clone(journal));
        }
        for conflict in &request.accepted {
            save = save.overwrite(conflict);
        }
        let draft = Handed::new(save.draft());
        if let Some(job) = self.start(request.view, PlanJob { draft }) {
            self.savings.insert(job, request);
        }
    }

    /// Handles the end of making a plan.
    pub(super) fn planned(&mut self, id: JobId, ended: Result<Box<Planned>, JobError>) {
        let Some(request) = self.savings.remove(&id) else { return };
        self.end_unsaid(id, &ended);
        match ended {
            Ok(planned) => {
                let Planned { plan, sheet } = *planned;
                let naming = self.name_ranges(&request, plan.state(), &sheet);
                let (plan, typed) = (Handed::new(plan), String::new());
                let screen = SaveScreen { request, sheet, plan, naming, first: 0, typed };
                self.input.popup = Some(Popup::Save(Box::new(screen)));
            }
            Err(error) => self.not_saved(request, error),
        }
    }

    /// Asks for the fields that the ranges of a plan are in, if the format is known of the bytes that it saves.
    fn name_ranges(
        &mut self,
        request: &SaveRequest,
        state: State,
        sheet: &PlanSheet,
    ) -> Option<JobId> {
        let document = self.documents.get(&request.document)?;
        let format = document.structure.format.as_ref()?;
        let is_of_plan = format.edition == document.edition() && document.state() == state;
        let tree = format.tree.clone();
        let ranges = Some(sheet.places()).filter(|places| is_of_plan && !places.is_empty())?;
        self.start(request.view, NameRangesJob { tree, ranges })
    }

    /// Handles the end of naming.
    pub(super) fn ranges_named(&mut self, id: JobId, ended: Result<Vec<Named>, JobError>) {
        self.settled(id, &ended);
        if let (Ok(named), Some(Popup::Save(screen))) = (ended, &mut self.input.popup)
            && screen.naming == Some(id)
        {
            screen.sheet.name(named);
        }
    }

    /// Does what a plan says.
    fn run_plan(&mut self, screen: SaveScreen) {
        let SaveScreen { request, plan, sheet, .. } = screen;
        if let Some(job) = self.start(request.view, SaveJob { plan, bytes: sheet.bytes }) {
            self.savings.insert(job, request);
        }
    }

    /// Handles the end of saving.
    pub(super) fn saved(&mut self, id: JobId, ended: Result<Box<SavedNow>, JobError>) {
        if matches!(self.input.popup, Some(Popup::StopSaving(job)) if job == id) {
            self.input.popup = None;
        }
        let Some(request) = self.savings.remove(&id) else { return };
        self.end_unsaid(id, &ended);
        let now = match ended {
            Ok(now) => *now,
            Err(error) => return self.not_saved(request, error),
        };
        let saving = now.saved.saving().clone();
        if let Some(document) = self.documents.get_mut(&request.document)
            && let Some(editing) = &mut document.editing
        {
            editing.overlay.saved(now.saved);
            editing.is_unfinished = false;
            document.stat = now.stat;
            // What another program appended meanwhile is there now, too.
            let has_grown = editing.overlay.len() != document.len;
            document.show_edits(has_grown);
        }
        self.read_again(request.document);
        let undo = match saving.way {
            Way::InPlace if !saving.ranges.is_empty() => "; :undo restores the old bytes",
            _ => "",
        };
        self.say(format!("{}{undo}", words::of_saving(&saving)));
        for line in words::of_others(&saving) {
            self.complain(line);
        }
        self.go_on_closing(&request);
    }

    fn go_on_closing(&mut self, request: &SaveRequest) {
        match request.closing {
            Some(Closing::All) => {
                self.requests.push((request.view, LayoutRequest::QuitAll(Unsaved::Ask)));
            }
            Some(Closing::View(view)) => {
                self.requests.push((view, LayoutRequest::Quit(Unsaved::Ask)));
            }
            None => {}
        }
    }

    /// Says why nothing was saved, or lets conflicts be decided.
    fn not_saved(&mut self, request: SaveRequest, error: JobError) {
        let error = match error {
            JobError::Cancelled => return self.say("not saved; the file is as it was"),
            JobError::Save(error) => *error,
            error => return self.complain(error.to_string()),
        };
        match error {
            SaveError::Conflicts(conflicts) => {
                let decided = vec![None; conflicts.len()];
                let screen = ConflictScreen { request, conflicts, decided, chosen: 0 };
                self.input.popup = Some(Popup::Conflicts(Box::new(screen)));
            }
            error @ SaveError::Loses(_) => {
                self.complain(format!("not saved: {error}; :w! accepts that"));
            }
            error => {
                let document = self.documents.get_mut(&request.document);
                let editing = document.and_then(|it| it.editing.as_mut());
                if let (SaveError::Unfinished { .. }, Some(editing)) = (&error, editing) {
                    editing.is_unfinished = true;
                }
                self.complain(format!("not saved: {error}"));
            }
        }
    }

    /// Ends a job without a message of its own.
    fn end_unsaid<T>(&mut self, id: JobId, ended: &Result<T, JobError>) {
        self.owners.remove(&id);
        self.jobs.end(
            id,
            &match ended {
                Ok(_) => Ok(String::new()),
                Err(JobError::Cancelled) => Err(JobError::Cancelled),
                Err(error) => Err(JobError::Ended(error.to_string())),
            },
        );
    }

    /// A key while a plan is shown.
    pub(super) fn press_in_save(&mut self, mut screen: SaveScreen, key: KeyEvent) {
        let is_device = screen.sheet.is_device;
        match key.code {
            KeyCode::Esc => return self.say("nothing has been written"),
            KeyCode::Char('y') if !is_device => return self.run_plan(screen),
            KeyCode::Enter if is_device => {
                let name =
                    screen.sheet.path.file_name().map(|it| it.to_string_lossy().into_owned());
                if name.as_deref() == Some(screen.typed.as_str()) {
                    return self.run_plan(screen);
                }
            }
            KeyCode::Char(c) if is_device => screen.typed.push(c),
            KeyCode::Backspace if is_device => drop(screen.typed.pop()),
            KeyCode::Char('d') | KeyCode::Enter => {
                screen.request.shows_all = !screen.request.shows_all;
                screen.first = 0;
            }
            KeyCode::Down | KeyCode::Char('j') => screen.first = screen.first.saturating_add(1),
            KeyCode::Up | KeyCode::Char('k') => screen.first = screen.first.saturating_sub(1),
            _ => {}
        }
        self.input.popup = Some(Popup::Save(Box::new(screen)));
    }

    /// A key while conflicts are shown.
    pub(super) fn press_in_conflicts(&mut self, mut screen: ConflictScreen, key: KeyEvent) {
        let last = screen.conflicts.len().saturating_sub(1);
        match key.code {
            KeyCode::Esc => {
                return self.say("nothing has been written; the edits stay, :w compares again");
            }
            KeyCode::Enter => {
                let at = screen.conflicts.get(screen.chosen).map_or(0, |it| it.range.start);
                if let Some(mut cx) = self.view(screen.request.view) {
                    cx.jump(at);
                }
                return;
            }
            KeyCode::Down | KeyCode::Char('j') => screen.chosen = (screen.chosen + 1).min(last),
            KeyCode::Up | KeyCode::Char('k') => screen.chosen = screen.chosen.saturating_sub(1),
            KeyCode::Char('m') => screen.decide(Whose::Mine),
            KeyCode::Char('t') => screen.decide(Whose::Theirs),
            KeyCode::Char('M') => screen.decided.fill(Some(Whose::Mine)),
            KeyCode::Char('T') => screen.decided.fill(Some(Whose::Theirs)),
            _ => {}
        }
        if screen.decided.iter().all(Option::is_some) {
            return self.decided(screen);
        }
        self.input.popup = Some(Popup::Conflicts(Box::new(screen)));
    }

    /// Takes their bytes as edits, and plans again: mine are accepted to be written over theirs.
    fn decided(&mut self, screen: ConflictScreen) {
        let ConflictScreen { mut request, conflicts, decided, .. } = screen;
        let (mine, theirs): (Vec<_>, Vec<_>) =
            conflicts.into_iter().zip(decided).partition(|(_, whose)| *whose == Some(Whose::Mine));
        let theirs: Vec<Conflict> = theirs.into_iter().map(|(conflict, _)| conflict).collect();
        request.accepted.extend(mine.into_iter().map(|(conflict, _)| conflict));
        if !theirs.is_empty() {
            let Some(document) = self.documents.get_mut(&request.document) else { return };
            let Some(editing) = &mut document.editing else { return };
            // Elsewhere bytes of the file have other offsets than those that were typed.
            if editing.overlay.changes().any(|change| change.base != change.now) {
                return self.complain(
                    "what was inserted or deleted moved these bytes: undo those edits to take theirs, \
                     or keep yours",
                );
            }
            let taken = editing.overlay.group(|overlay| {
                theirs.iter().try_for_each(|it| overlay.overwrite(it.range.start, &it.now))
            });
            if let Err(error) = taken {
                return self.complain(error.to_string());
            }
            document.show_edits(false);
            self.read_again(request.document);
        }
        self.plan_to_save(request);
    }

    /// Asks before a saving is stopped.
    pub(super) fn ask_to_stop_saving(&mut self) {
        let saving = self
            .jobs
            .running()
            .find(|job| job.on_quit == OnQuit::Finish && self.savings.contains_key(&job.id));
        if let Some(id) = saving.map(|job| job.id) {
            self.input.popup = Some(Popup::StopSaving(id));
        }
    }

    /// A request to save without what is typed.
    pub(super) fn save_request(
        &self,
        view: ViewId,
        closing: Option<Closing>,
    ) -> Option<SaveRequest> {
        let document = self.views.get(&view)?.document;
        Some(SaveRequest {
            document,
            view,
            closing,
            accepts_losses: false,
            accepted: Vec::new(),
            shows_all: false,
        })
    }
}

impl ConflictScreen {
    fn decide(&mut self, whose: Whose) {
        if let Some(decided) = self.decided.get_mut(self.chosen) {
            *decided = Some(whose);
        }
        // The next that is not decided.
        let next = self.decided.iter().position(Option::is_none);
        self.chosen = next.unwrap_or(self.chosen);
    }
}

impl Current<'_> {
    /// Whether something is being saved.
    pub(super) fn is_saving(&self) -> bool {
        self.jobs.running().any(|job| job.is_listed && job.on_quit == OnQuit::Finish)
    }

    /// Asks to save.
    pub(super) fn save(&mut self, accepts_losses: bool, leaves: bool) {
        self.request(LayoutRequest::Save { accepts_losses, leaves });
    }

    /// Forbids edits again, if all are saved.
    pub(super) fn forbid_edits(&mut self) -> Result<(), usize> {
        let Some(editing) = &self.document.editing else { return Ok(()) };
        match editing.unsaved() {
            0 => {
                editing.end();
                self.document.editing = None;
                self.document.marks.forget_versions();
                self.document.notes.forget_versions();
                self.reopen();
                self.say("read-only");
                Ok(())
            }
            edits => Err(edits),
        }
    }
}
