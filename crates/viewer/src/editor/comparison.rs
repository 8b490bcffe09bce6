//! Two files compared with each other, in the two views of a tab.

use memmap::compare::Side;

use crate::document::Document;
use crate::editor::Editor;
use crate::source::page_cache::Known;
use crate::view::ViewId;

/// A comparison of what two views show, at the same offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// The view of the first file, and that of the second one.
    pub(crate) views: [ViewId; 2],
}

/// How a byte relates to the one at the same place of the other file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    Different,
    /// The other file has no byte there.
    Alone,
    /// At least one of the bytes is unreadable or not read yet.
    Unknown,
}

/// A comparison, as one of its views sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compared<'e> {
    pub(crate) comparison: &'e Comparison,
    pub(crate) side: Side,
    /// The other file. Known for drawing only.
    pub(crate) other: Option<&'e Document>,
}

impl Comparison {
    /// The side that a view shows.
    pub(crate) fn side(&self, view: ViewId) -> Side {
        if self.views[0] == view { Side::A } else { Side::B }
    }

    /// The view of the other side.
    pub(crate) fn other_view(&self, view: ViewId) -> ViewId {
        if self.views[0] == view { self.views[1] } else { self.views[0] }
    }

    /// The offset on the other side of an offset on this one. It may be before the start.
    #[expect(clippy::unused_self, reason = "offsets are the same on both sides")]
    pub(crate) fn across(&self, _side: Side, position: u64) -> i128 {
        position.into()
    }
}

impl Compared<'_> {
    /// How a byte of this side relates to the other side.
    pub(crate) fn relation(self, position: u64, byte: Known) -> Relation {
        let Some(other) = self.other.filter(|_| byte != Known::NotYet) else {
            return Relation::Unknown;
        };
        let across = u64::try_from(self.comparison.across(self.side, position));
        let Some(across) = across.ok().filter(|&it| it < other.len) else { return Relation::Alone };
        match (byte, other.pages.byte(across)) {
            (Known::Value(one), Known::Value(two)) if one == two => Relation::Equal,
            (Known::Value(_), Known::Value(_)) => Relation::Different,
            _ => Relation::Unknown,
        }
    }
}

impl Editor {
    /// The comparison that a view is part of.
    pub(crate) fn comparison_of(&self, view: ViewId) -> Option<&Comparison> {
        let comparisons = self.tabs.iter().filter_map(|tab| tab.comparison.as_ref());
        comparisons.into_iter().find(|it| it.views.contains(&view))
    }

    /// The same, with what drawing needs.
    pub(super) fn compared(&self, view: ViewId) -> Option<Compared<'_>> {
        let comparison = self.comparison_of(view)?;
        let other = self.views.get(&comparison.other_view(view))?.document;
        let (side, other) = (comparison.side(view), self.documents.get(&other));
        Some(Compared { comparison, side, other })
    }
}
