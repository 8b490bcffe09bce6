//! What becomes of the jobs that edits and notes need.

use crate::document::jobs::OtherUpdate;
use crate::editor::{Editor, Owner};
use crate::job::JobEvent;
use crate::job::error::JobError;
use crate::job::list::JobId;

impl Editor {
    pub(super) fn heard_of_edits(&mut self, id: JobId, owner: Owner, update: OtherUpdate) {
        let error = match update {
            OtherUpdate::Edit(JobEvent::Ended(ended)) => {
                self.settled(id, &ended);
                self.may_edit(owner.document, ended);
                return;
            }
            OtherUpdate::Tail(JobEvent::Ended(ended)) => {
                return self.took_tail(id, owner.document, ended);
            }
            OtherUpdate::ImportNotes(JobEvent::Ended(ended)) => {
                self.settled(id, &ended);
                self.read_notes(owner, ended);
                return;
            }
            OtherUpdate::InsertFile(JobEvent::Ended(ended)) => {
                self.settled(id, &ended);
                match ended {
                    Ok(read) => {
                        if let Some(mut cx) = self.view(owner.view) {
                            cx.insert_file(read);
                        }
                        return;
                    }
                    Err(error) => error,
                }
            }
            OtherUpdate::Substitute(JobEvent::Ended(ended)) => {
                self.settled(id, &ended);
                match ended {
                    Ok(found) => {
                        if let Some(mut cx) = self.view(owner.view) {
                            cx.substitute(*found);
                        }
                        return;
                    }
                    Err(error) => error,
                }
            }
            _ => return,
        };
        if !matches!(error, JobError::Cancelled) {
            self.complain(error.to_string());
        }
    }
}
