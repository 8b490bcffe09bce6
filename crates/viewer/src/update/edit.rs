//! Allows edits, and makes them.

use crate::document::DocumentId;
use crate::document::editing::EditJob;
use crate::editor::Editor;
use crate::editor::current::Current;
use crate::job::JobEvent;
use crate::job::error::JobError;
use crate::job::list::JobId;

impl Editor {
    /// Handles the end of opening a file for editing.
    pub(super) fn may_edit(&mut self, job: JobId, id: DocumentId, event: JobEvent<EditJob>) {
        let JobEvent::Ended(ended) = event;
        self.settled(job, &ended);
        let Some(document) = self.documents.get_mut(&id) else { return };
        match ended {
            Ok(editing) => {
                let unprotected = editing.journal.as_ref().err().cloned();
                document.start_editing(editing);
                if let Some(why) = unprotected {
                    self.complain(format!("edits are not protected: {why}"));
                }
            }
            Err(JobError::Cancelled) => {}
            Err(error) => self.complain(error.to_string()),
        }
    }
}

impl Current<'_> {
    /// Allows edits of the file.
    pub(super) fn allow_edits(&mut self) {
        if self.document.editing.is_none() {
            let journals = self.settings.journals.clone();
            self.start(EditJob { journals });
        }
    }
}
