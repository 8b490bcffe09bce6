//! Closes views with unsaved edits: asks, refuses, or discards them.

use crossterm::event::{KeyCode, KeyEvent};

use crate::document::{Document, DocumentId};
use crate::editor::Editor;
use crate::editor::effect::ExitReason;
use crate::editor::popup::{Closing, Popup, UnsavedScreen, edits};
use crate::editor::tabs::Unsaved;

impl Editor {
    /// Closes views, unless edits would be lost that nobody spoke of.
    pub(super) fn close_unless_unsaved(&mut self, closing: Closing, how: Unsaved) {
        let unsaved = self.unsaved_in(closing);
        let Some(&document) = unsaved.first() else { return self.close_all_of(closing) };
        let count = |id: &DocumentId| {
            let document = self.documents.get(id);
            document.and_then(|it| it.editing.as_ref()).map_or(0, |it| it.unsaved())
        };
        match how {
            Unsaved::Refuse => {
                let all: usize = unsaved.iter().map(count).sum();
                let (are, them) = if all == 1 { ("is", "it") } else { ("are", "them") };
                self.complain(format!(
                    "{} {are} not saved: :w saves, :q! leaves without {them}",
                    edits(all)
                ));
            }
            Unsaved::Ask => {
                let name = self.documents.get(&document).map(|it| it.name.clone());
                let (name, edits) = (name.unwrap_or_default(), count(&document));
                self.input.popup =
                    Some(Popup::Unsaved(UnsavedScreen { document, name, edits, closing }));
            }
            Unsaved::Discard => self.close_all_of(closing),
        }
    }

    fn close_all_of(&mut self, closing: Closing) {
        match closing {
            Closing::View(view) => self.close(view),
            Closing::All => self.exit = Some(ExitReason::Quit),
        }
    }

    /// The documents with unsaved edits that no view would show any more.
    fn unsaved_in(&self, closing: Closing) -> Vec<DocumentId> {
        let is_closed = |id: DocumentId| match closing {
            Closing::All => true,
            Closing::View(view) => self.views_of(id) == [view],
        };
        let is_unsaved = |(&id, document): (&DocumentId, &Document)| {
            let is_modified = document.editing.as_ref().is_some_and(|it| it.unsaved() > 0);
            (is_modified && is_closed(id)).then_some(id)
        };
        self.documents.iter().filter_map(is_unsaved).collect()
    }

    /// A key while it is asked what becomes of unsaved edits.
    pub(super) fn press_in_unsaved(&mut self, screen: UnsavedScreen, key: KeyEvent) {
        let view = self.views_of(screen.document).first().copied();
        match (key.code, view) {
            (KeyCode::Char(c @ ('w' | 'd')), Some(view)) => {
                if let Some(mut request) = self.save_request(view, Some(screen.closing)) {
                    request.shows_all = c == 'd';
                    self.plan_to_save(request);
                }
            }
            (KeyCode::Char('!'), _) => {
                for view in self.views_of(screen.document) {
                    self.close(view);
                }
                if screen.closing == Closing::All && self.exit.is_none() {
                    self.close_unless_unsaved(Closing::All, Unsaved::Ask);
                }
            }
            (KeyCode::Esc, _) => {}
            _ => self.input.popup = Some(Popup::Unsaved(screen)),
        }
    }
}
