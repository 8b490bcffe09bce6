//! Allows edits, and makes them.

use crate::document::DocumentId;
use crate::document::editing::{EditJob, Editing};
use crate::editor::Editor;
use crate::editor::current::Current;
use crate::job::error::JobError;

impl Editor {
    /// Handles the end of opening a file for editing.
    pub(super) fn may_edit(&mut self, id: DocumentId, ended: Result<Box<Editing>, JobError>) {
        let Some(document) = self.documents.get_mut(&id) else { return };
        match ended {
            Ok(editing) => {
                document.recovery = None;
                let unprotected = editing.journal.as_ref().err().cloned();
                let len = document.len;
                document.start_editing(editing);
                let has_other_len = document.len != len;
                self.read_again(id);
                for view in self.views_of(id) {
                    if let Some(mut cx) = self.view(view) {
                        cx.document_changed(has_other_len);
                    }
                }
                if let Some(why) = unprotected {
                    self.complain(format!("edits are not protected: {why}"));
                }
            }
            Err(JobError::Cancelled) => {}
            Err(error) => {
                if let Some(recovery) = &mut document.recovery {
                    recovery.is_running = false;
                }
                self.complain(error.to_string());
            }
        }
    }
}

impl Current<'_> {
    /// Allows edits of the file.
    pub(crate) fn allow_edits(&mut self) {
        if self.document.editing.is_none() {
            let journals = self.settings.journals();
            self.start(EditJob { journals, resumed: None });
        }
    }
}
