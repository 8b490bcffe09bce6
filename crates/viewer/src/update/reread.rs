//! Sources with regions, such as processes: they have no path to poll. While one is followed, it is opened again and
//! what is visible is read again.

use crate::document::follow::FileState;
use crate::document::{DocumentId, Reopening};
use crate::editor::Editor;
use crate::source::handle::SourceHandle;

impl Editor {
    /// Reads what is visible of sources without a path again, if that is due, and lets highlights expire.
    pub(super) fn reread_due(&mut self) {
        let now = self.now;
        for view in self.shown_views() {
            let Some(id) = self.views.get(&view).map(|it| it.document) else { continue };
            let Some(document) = self.documents.get_mut(&id) else { continue };
            let is_due = document.follow.due().is_some_and(|due| due <= now);
            if !is_due || document.source().regions().is_empty() {
                continue;
            }
            self.is_quiet &= !document.follow.tick(now);
            if document.follow.takes_turn(now) {
                self.reopen_seen(id);
            }
        }
    }

    /// A source was opened again that has regions. The pages stay until they are read again, so that changed
    /// bytes can be highlighted.
    pub(super) fn remapped(
        &mut self,
        id: DocumentId,
        why: Reopening,
        source: Option<SourceHandle>,
    ) {
        let views = self.views_of(id);
        let Some(document) = self.documents.get_mut(&id) else { return };
        let before = document.len;
        let source = source.filter(|it| !it.regions().are(document.source().regions()));
        let has_changed = source.is_some();
        match source {
            Some(source) => document.remap(source),
            None if why == Reopening::Asked => document.rewritten(),
            None => {}
        }
        document.follow.state = FileState::Same;
        let has_other_len = document.len != before;
        if why == Reopening::Asked {
            self.messages.hide();
        }
        if has_changed {
            for view in views {
                if let Some(mut cx) = self.view(view) {
                    cx.document_changed(has_other_len);
                }
            }
            self.say_once(id, "the regions have changed".to_owned());
        }
        self.read_again(id);
    }

    /// The process has ended: what was read stays.
    pub(super) fn source_ended(&mut self, id: DocumentId) {
        let Some(document) = self.documents.get_mut(&id) else { return };
        document.follow.every = None;
        if std::mem::replace(&mut document.follow.state, FileState::Ended) != FileState::Ended {
            let name = document.name.clone();
            self.complain(format!("{name} has ended; what was read of it stays"));
        }
    }
}
