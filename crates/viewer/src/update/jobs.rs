//! Starting jobs, hearing of them, stopping them.

use crate::analysis::digest::Algorithm;
use crate::document::jobs::{News, Work};
use crate::editor::app::{App, Notice};
use crate::editor::task::Task;
use crate::format::units::in_units;
use crate::job::list::JobId;

impl App {
    /// Lists a job, and asks for it to be done.
    pub(super) fn start(&mut self, name: impl Into<String>, work: Work) -> JobId {
        let id = self.jobs.add(name);
        self.tasks.push(Task::Start(id, work));
        id
    }

    /// The digest of what is selected, or of everything.
    pub(super) fn digest(&mut self, algorithm: Algorithm) {
        let selected = self.selection();
        let what = if selected.is_some() { "the selection" } else { "all" };
        let range = selected.unwrap_or(0..self.len);
        let len = in_units(range.end - range.start);
        let name = format!("{} of {what}, {len}", algorithm.name());
        self.start(name, Work::Digest(algorithm, range));
    }

    /// Takes what a job says; of one that is not listed any more it is nothing.
    pub(crate) fn hear(&mut self, id: JobId, news: News) {
        let Some(job) = self.jobs.get_mut(id) else { return };
        let is_quiet = job.is_quiet;
        match &news {
            News::Progress { done, total, elapsed } => job.progress(*done, *total, *elapsed),
            News::Ended(_) if is_quiet => self.jobs.remove(id),
            News::Ended(outcome) => {
                let name = job.name.clone();
                job.end(outcome.clone());
                self.notice = Some(match outcome {
                    _ if job.is_stopped() => Notice::Done(format!("stopped: {name}")),
                    Ok(result) => Notice::Done(format!("{name}: {result}")),
                    Err(why) => Notice::Trouble(format!("{name}: {why}")),
                });
                self.map_job_ended(id);
            }
            _ => {}
        }
        match news {
            News::Holes(_) | News::Surveyed(_) | News::Resident(_) => self.hear_of_map(id, news),
            News::Ended(_) if is_quiet => self.hear_of_map(id, news),
            _ if self.is_sum(id) => self.hear_sums(id, news),
            _ => self.hear_search(id, news),
        }
        self.go_on();
    }

    /// Stops the job that was started last, if one goes on.
    pub(super) fn stop_newest(&mut self) -> bool {
        let newest = self.jobs.newest_running().map(|job| job.id);
        if let Some(id) = newest {
            self.stop(id);
        }
        newest.is_some()
    }

    pub(super) fn stop(&mut self, id: JobId) {
        if let Some(job) = self.jobs.get_mut(id).filter(|job| job.is_running()) {
            job.stop();
            self.tasks.push(Task::Cancel(id));
        }
    }

    /// Stops a job, or takes it from the list if it has ended.
    pub(super) fn stop_or_forget(&mut self, line: usize) {
        let Some(job) = self.jobs.iter().nth(line) else { return };
        let id = job.id;
        if job.is_running() {
            self.stop(id);
        } else {
            self.jobs.remove(id);
        }
    }

    /// Copies what came of a job.
    pub(super) fn copy_result(&mut self, line: usize) {
        let result = self.jobs.iter().nth(line).map(|job| job.result.clone());
        match result {
            Some(Some(result)) => self.tasks.push(Task::CopyText(result)),
            Some(None) => self.trouble("nothing has come of this job that could be copied"),
            None => {}
        }
    }
}
