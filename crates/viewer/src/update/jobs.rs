//! Handles the events of jobs.

use crate::analysis::digest::{Algorithm, DigestJob};
use crate::document::jobs::{Analyses, Applied, JobUpdate, OtherUpdate};
use crate::editor::current::Current;
use crate::editor::effect::Effect;
use crate::editor::status::Message;
use crate::editor::tabs::LayoutRequest;
use crate::editor::{Editor, Owner};
use crate::job::error::JobError;
use crate::job::list::JobId;
use crate::job::outbox::Progress;
use crate::job::{JobEvent, OnQuit};

impl Editor {
    /// Handles an event of a job.
    pub(super) fn heard(&mut self, id: JobId, update: JobUpdate) {
        let Some(&owner) = self.owners.get(&id) else { return };
        // A file is written completely even if the document was closed.
        let mut nowhere = Analyses::default();
        let document = self.documents.get_mut(&owner.document);
        let analyses = document.map_or(&mut nowhere, |document| &mut document.analyses);
        match analyses.apply(id, update) {
            Applied::Partial => {}
            Applied::Ended(ended) => {
                let is_residency = analyses.residency.as_ref().is_some_and(|it| it.job == id);
                if is_residency {
                    self.residency_ended(owner, &ended);
                }
                self.ended(id, &ended);
            }
            Applied::Other(update) => self.heard_other(id, owner, update),
        }
        self.searches_went_on(owner);
        self.search_what_came(owner.document);
    }

    /// Handles the progress of a job.
    pub(super) fn progressed(&mut self, id: JobId, progress: Progress) {
        if let Some(job) = self.jobs.get_mut(id) {
            job.progress(progress, self.now);
        }
        let Some(&owner) = self.owners.get(&id) else { return };
        if let Some(document) = self.documents.get_mut(&owner.document) {
            document.analyses.progress(id, progress.done);
            self.searches_went_on(owner);
        }
    }

    /// Retries the pending jumps of all views of a document.
    fn searches_went_on(&mut self, owner: Owner) {
        let search = self.documents.get(&owner.document).and_then(|it| it.analyses.search.as_ref());
        if let Some(search) = search
            && let Some(job) = self.jobs.get_mut(search.job)
        {
            job.found = Some(search.value.total());
        }
        for view in self.views_of(owner.document) {
            if let Some(mut cx) = self.view(view) {
                cx.search_went_on();
            }
        }
    }

    /// Handles the end of a job. The user is notified if the job was requested.
    pub(super) fn ended(&mut self, id: JobId, ended: &Result<String, JobError>) {
        self.owners.remove(&id);
        let Some(job) = self.jobs.get(id) else { return };
        let (title, is_listed) = (job.title.clone(), job.is_listed);
        self.jobs.end(id, ended);
        match ended {
            Err(error @ JobError::Panicked(_)) => {
                self.tell(Message::error(error.to_string()).about(title));
            }
            _ if !is_listed => {}
            Ok(result) => self.tell(Message::info(result.clone()).about(title)),
            Err(JobError::Cancelled) => self.say(format!("stopped: {title}")),
            Err(error) => self.tell(Message::error(error.to_string()).about(title)),
        }
    }

    fn residency_ended(&mut self, owner: Owner, ended: &Result<String, JobError>) {
        if let Err(error) = ended
            && !matches!(error, JobError::Cancelled)
        {
            if let Some(mut cx) = self.view(owner.view) {
                cx.no_residency();
            }
            self.complain(error.to_string());
        }
    }

    /// Handles the events of jobs that are not analyses.
    fn heard_other(&mut self, id: JobId, owner: Owner, update: OtherUpdate) {
        match update {
            OtherUpdate::ExtendRun(event) => self.repeats(id, owner.document, event),
            OtherUpdate::FindLandmark(JobEvent::Ended(ended))
            | OtherUpdate::FindNan(JobEvent::Ended(ended)) => {
                self.settled(id, &ended);
                if let Some(mut cx) = self.view(owner.view) {
                    cx.looked(id, ended);
                }
            }
            OtherUpdate::ReadLayout(JobEvent::Ended(ended)) => {
                self.settled(id, &ended);
                match (self.view(owner.view), ended) {
                    (Some(mut cx), Ok(found)) => cx.described(id, found),
                    (_, Ok(_) | Err(JobError::Cancelled)) => {}
                    (_, Err(error)) => self.complain(error.to_string()),
                }
            }
            OtherUpdate::Digest(JobEvent::Ended(ended)) => self.ended(id, &ended),
            update @ (OtherUpdate::Export(_)
            | OtherUpdate::WriteRange(_)
            | OtherUpdate::WritePatch(_)
            | OtherUpdate::ExportNotes(_)) => self.heard_of_files(id, update),
            OtherUpdate::Reopen(JobEvent::Ended(ended)) => {
                self.settled(id, &ended);
                self.reopened(id, owner.document, ended);
            }
            OtherUpdate::OpenFile(JobEvent::Ended(ended)) => {
                match &ended {
                    Err(JobError::Cancelled) => self.ended(id, &Err(JobError::Cancelled)),
                    ended => self.settled(id, ended),
                }
                self.opened(id, ended);
            }
            OtherUpdate::CopyBytes(JobEvent::Ended(ended)) => {
                if let Ok(copied) = &ended {
                    self.input.copied.clone_from(&copied.bytes);
                }
                self.copied(id, ended.map(|it| (it.text, it.what)));
            }
            OtherUpdate::CopyDifferences(JobEvent::Ended(ended)) => {
                self.copied(id, ended.map(|it| (it.text, it.what)));
            }
            OtherUpdate::PathCompletions(JobEvent::Ended(ended)) => self.completed(id, ended),
            update @ (OtherUpdate::Edit(_)
            | OtherUpdate::InsertFile(_)
            | OtherUpdate::Tail(_)
            | OtherUpdate::ImportNotes(_)
            | OtherUpdate::Substitute(_)) => self.heard_of_edits(id, owner, update),
            update @ (OtherUpdate::Format(_)
            | OtherUpdate::ReadFields(_)
            | OtherUpdate::FindField(_)
            | OtherUpdate::WalkList(_)
            | OtherUpdate::CopyNode(_)) => self.heard_of_structure(id, owner, update),
            update @ (OtherUpdate::Plan(_)
            | OtherUpdate::Save(_)
            | OtherUpdate::SaveAs(_)
            | OtherUpdate::NameRanges(_)
            | OtherUpdate::KeptVersion(_)
            | OtherUpdate::Recover(_)) => self.heard_of_saving(id, owner, update),
            OtherUpdate::Compare(event) => self.heard_of_comparison(id, event),
            OtherUpdate::FindLandmark(JobEvent::Partial(event))
            | OtherUpdate::FindNan(JobEvent::Partial(event))
            | OtherUpdate::ReadLayout(JobEvent::Partial(event))
            | OtherUpdate::Digest(JobEvent::Partial(event))
            | OtherUpdate::Reopen(JobEvent::Partial(event))
            | OtherUpdate::OpenFile(JobEvent::Partial(event))
            | OtherUpdate::CopyBytes(JobEvent::Partial(event))
            | OtherUpdate::CopyDifferences(JobEvent::Partial(event))
            | OtherUpdate::PathCompletions(JobEvent::Partial(event)) => match event {},
        }
    }

    /// Handles the events of jobs that write new files.
    fn heard_of_files(&mut self, id: JobId, update: OtherUpdate) {
        match update {
            OtherUpdate::Export(JobEvent::Ended(ended)) => self.written(id, ended),
            OtherUpdate::WriteRange(JobEvent::Ended(ended)) => self.written(id, ended),
            OtherUpdate::WritePatch(JobEvent::Ended(ended)) => self.written(id, ended),
            OtherUpdate::ExportNotes(JobEvent::Ended(ended)) => self.written(id, ended),
            _ => {}
        }
    }

    /// Handles the end of a job that wrote a file.
    fn written(&mut self, id: JobId, ended: Result<impl ToString, JobError>) {
        self.ended(id, &ended.map(|it| it.to_string()));
    }

    /// Handles the end of a job that made a text for the clipboard.
    fn copied(&mut self, id: JobId, ended: Result<(Vec<u8>, String), JobError>) {
        self.settled(id, &ended);
        match ended {
            Ok((text, what)) => self.effects.push(Effect::Copy { text, what }),
            Err(error) => self.complain(error.to_string()),
        }
    }

    /// Handles the end of a job that completed a path.
    fn completed(&mut self, id: JobId, ended: Result<(String, Vec<String>), JobError>) {
        self.settled(id, &ended);
        if let (Ok((input, names)), Some(prompt)) = (ended, &mut self.input.prompt) {
            prompt.offer_names(&input, &names);
        }
    }

    /// Handles the events of jobs that save and recover files.
    fn heard_of_saving(&mut self, id: JobId, owner: Owner, update: OtherUpdate) {
        match update {
            OtherUpdate::Plan(JobEvent::Ended(ended)) => self.planned(id, ended),
            OtherUpdate::Save(JobEvent::Ended(ended)) => self.saved(id, ended),
            OtherUpdate::SaveAs(JobEvent::Ended(ended)) => self.ended(id, &ended),
            OtherUpdate::NameRanges(JobEvent::Ended(ended)) => self.ranges_named(id, ended),
            OtherUpdate::KeptVersion(JobEvent::Ended(ended)) => {
                self.opened_kept(id, owner, ended);
            }
            OtherUpdate::Recover(JobEvent::Ended(ended)) => {
                self.recovered(id, owner.document, ended);
            }
            _ => {}
        }
    }

    /// Handles the end of an unlisted job. Only a panic is reported.
    pub(super) fn settled<T>(&mut self, id: JobId, ended: &Result<T, JobError>) {
        let outcome = match ended {
            Err(JobError::Panicked(panicked)) => Err(panicked.clone().into()),
            _ => Ok(String::new()),
        };
        self.ended(id, &outcome);
    }
}

impl Current<'_> {
    /// Starts a digest of the selection or the whole file.
    pub(super) fn digest(&mut self, algorithm: Algorithm) {
        let selected = self.cx().selection();
        let what = if selected.is_some() { "the selection" } else { "all" };
        let range = selected.unwrap_or(0..self.document.len);
        self.start(DigestJob { algorithm, range, what });
    }

    /// Cancels the newest running job. Returns whether there was one.
    pub(super) fn cancel_newest(&mut self) -> bool {
        let newest = {
            let mut listed = self.jobs.listed();
            let newest = listed.rfind(|job| job.is_running() && job.on_quit != OnQuit::Finish);
            newest.map(|job| job.id)
        };
        if let Some(id) = newest {
            self.cancel(id);
        }
        newest.is_some()
    }

    /// Cancels a job, or removes it from the list if it has ended.
    pub(super) fn cancel_or_forget(&mut self, line: usize) {
        let Some(job) = self.jobs.listed().nth(line) else { return };
        let id = job.id;
        if job.is_running() && job.on_quit == OnQuit::Finish {
            self.request(LayoutRequest::StopSaving);
        } else if job.is_running() {
            self.cancel(id);
        } else {
            self.jobs.remove(id);
        }
    }

    /// Copies the result of a job.
    pub(super) fn copy_result(&mut self, line: usize) {
        let result = self.jobs.listed().nth(line).map(|job| job.result().map(str::to_owned));
        match result {
            Some(Some(result)) => self.copy_text(result),
            Some(None) => self.complain("this job has no result to copy"),
            None => {}
        }
    }
}
