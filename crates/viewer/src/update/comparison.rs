//! Comparisons: both views show the same place.

use std::ops::Range;

use crate::document::DocumentId;
use crate::editor::Editor;
use crate::view::ViewId;

impl Editor {
    /// The view of the visible comparison that shows the place of the focused one.
    pub(super) fn follower(&self) -> Option<ViewId> {
        let tab = self.tabs.get(self.shown).filter(|tab| tab.is_synced)?;
        let comparison = tab.comparison.as_ref()?;
        let is_array = |id: &ViewId| self.views.get(id).is_none_or(|view| view.array.is_some());
        if comparison.views.iter().any(is_array) {
            return None;
        }
        Some(comparison.other_view(*tab.views.get(tab.focus)?))
    }

    /// Moves the other view of a comparison to the place of the focused one. Beyond the end of its file it
    /// shows nothing.
    pub(super) fn lead_follower(&mut self) {
        let (Some(follower), Some(leader)) = (self.follower(), self.focus()) else { return };
        let Some(comparison) = self.comparison_of(leader) else { return };
        let Some(view) = self.views.get(&leader) else { return };
        let across = |position| {
            let across = comparison.across(comparison.side(leader), position);
            u64::try_from(across.max(0)).unwrap_or(u64::MAX)
        };
        let (cursor, top) = (across(view.cursor), across(view.top));
        let Some(cx) = self.view(follower) else { return };
        cx.view.cursor = cursor.min(cx.document.len.saturating_sub(1));
        cx.view.top = cx.cx().rows().start(top);
    }

    /// The bytes of a document that visible views compare with their own.
    pub(super) fn needed_across(&self, id: DocumentId) -> Vec<Range<u64>> {
        let mut needed = Vec::new();
        for view in self.shown_views() {
            let Some(cx) = self.context(view).filter(|cx| cx.view.array.is_none()) else {
                continue;
            };
            let Some(compared) = cx.compared else { continue };
            let other = self.views.get(&compared.comparison.other_view(view)).map(|it| it.document);
            let Some(document) = compared.other.filter(|_| other == Some(id)) else { continue };
            let across = |position| {
                let across = compared.comparison.across(compared.side, position).max(0);
                u64::try_from(across).unwrap_or(u64::MAX).min(document.len)
            };
            let rows = cx.rows();
            let shown = rows.from(cx.view.top, cx.layout().rows);
            let shown = shown.filter(|row| rows.fold(row.start).is_none());
            needed.extend(shown.map(|row| across(row.start)..across(row.end)));
        }
        needed
    }
}
