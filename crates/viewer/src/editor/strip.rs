//! What the strip over the status line has: the keys that may follow, made of the table of keys, or the
//! commands that the line which is being typed could become.

use crate::editor::command::Candidate;
use crate::editor::context::ViewContext;
use crate::editor::prompt::Purpose;
use crate::editor::tabs::SHARED_LINES;
use crate::format::width::width;
use crate::layout::strip::StripLayout;
use crate::layout::viewport::{Frame, Size};

/// Blanks between two keys.
const GAP: u16 = 3;

impl<'e> ViewContext<'e> {
    /// Where the strip is, if there is something to choose and room for it.
    pub(crate) fn strip(self) -> Option<StripLayout> {
        let area = self.layout.area;
        // The lines below may be those of the screen.
        let below = if self.layout.frame == Frame::Whole { 0 } else { SHARED_LINES };
        let size = Size { width: area.width, height: area.height + below };
        if let Some(prompt) = self.prompt() {
            let count = self.listed().len();
            return StripLayout::of_commands(size, count, prompt.chosen);
        }
        let prefix = self.pending()?;
        let items = self.keys_after(prefix);
        StripLayout::of_keys(size, items.len(), strip_width(&items))
    }

    /// What the line could become; if nothing, what its command takes.
    pub(crate) fn listed(self) -> &'e [Candidate] {
        let Some(prompt) = self.prompt().filter(|prompt| prompt.purpose == Purpose::Command) else {
            return &[];
        };
        match prompt.listing.candidates.as_slice() {
            [] => prompt.listing.usage.as_slice(),
            all => all,
        }
    }

    /// What may follow the first key of two: a key, and what it does. Of marks, those that are set.
    pub(crate) fn keys_after(self, prefix: char) -> Vec<(String, String)> {
        if matches!(prefix, 'm' | '\'') {
            let marks = self.document.marks.iter();
            return marks.map(|(name, place)| (name.to_string(), format!("{place:#x}"))).collect();
        }
        let following = self.settings.keys.following(prefix).into_iter();
        following.map(|(key, what)| (key, what.to_owned())).collect()
    }
}

/// The width of a column of keys.
pub(crate) fn strip_width(items: &[(String, String)]) -> u16 {
    let of_item = |(key, what): &(String, String)| width(key) + 1 + width(what);
    items.iter().map(of_item).max().unwrap_or(0) + GAP
}
