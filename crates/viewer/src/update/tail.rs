//! A file that grew while it was edited: what it has more becomes a state of its own.

use crate::document::tail::Tail;
use crate::document::{DocumentId, Reopening};
use crate::editor::Editor;
use crate::job::error::JobError;
use crate::job::list::JobId;

impl Editor {
    /// Handles the end of opening an edited file once more.
    pub(super) fn took_tail(
        &mut self,
        job: JobId,
        id: DocumentId,
        ended: Result<Box<Tail>, JobError>,
    ) {
        self.settled(job, &ended);
        let views = self.views_of(id);
        let at_end = self.at_end(&views);
        let is_saving = self.savings.values().any(|it| it.document == id);
        let Some(document) = self.documents.get_mut(&id) else { return };
        let Some((_, why)) = document.reopening.take_if(|(asked, _)| *asked == job) else { return };
        let Tail { map, stats: [before, after] } = match ended {
            Ok(tail) => *tail,
            Err(JobError::Cancelled) => return,
            Err(error) => return self.complain(error.to_string()),
        };
        // What a saving appends is no news, and edits may be forbidden meanwhile.
        if is_saving || document.editing.is_none() {
            return;
        }
        let known = document.stat.as_ref();
        if before.is_other(&after) || known.is_some_and(|known| known.is_other(&after)) {
            return self.say("the name leads to another file now; the edits are kept");
        }
        let more = match document.take_tail(map) {
            Ok(more) => more,
            Err(error) => return self.complain(error.to_string()),
        };
        document.stat = Some(after);
        if why == Reopening::Asked {
            document.pages.clear();
        }
        document.rewritten();
        document.follow.grown += more;
        let grown = document.follow.grown;
        let len = document.len;
        self.follow_edits();
        for view in &views {
            if let Some(mut cx) = self.view(*view) {
                cx.document_changed(more > 0);
                if more > 0 && why == Reopening::Seen && at_end.contains(view) {
                    cx.go_to(len.saturating_sub(1));
                }
            }
        }
        match why {
            Reopening::Asked if more == 0 => self.say("read again; the edits are kept"),
            Reopening::Asked => self.say_grown(more),
            Reopening::Seen if more > 0 && self.focus().is_none_or(|it| !at_end.contains(&it)) => {
                self.say_grown(grown);
            }
            Reopening::Seen => {}
        }
        self.read_again(id);
    }
}
