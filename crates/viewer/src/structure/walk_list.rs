//! Walks along a list whose elements can only be found one after the other.

use std::fmt;

use memmap_structure::Trail;

use crate::format::units::in_thousands;
use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Merge};
use crate::structure::shared_tree::{SharedTree, Turn};

/// Walks a list to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct WalkListJob {
    pub(crate) tree: SharedTree,
    pub(crate) trail: Trail,
    /// Its path, for the title.
    pub(crate) path: String,
    /// Bytes of the file.
    pub(crate) len: u64,
}

/// More elements are known.
#[derive(Debug)]
pub(crate) struct Walked;

/// How many elements a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Elements(pub(crate) u64);

impl fmt::Display for Elements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.0 == 1 { "element" } else { "elements" };
        write!(f, "{} {noun}", in_thousands(self.0))
    }
}

impl Merge for Walked {
    fn merge(&mut self, _next: Self) -> Option<Self> {
        None
    }
}

impl Job for WalkListJob {
    type Event = Walked;
    type Output = Elements;

    fn title(&self) -> String {
        format!("elements of {}", self.path)
    }

    fn run(self, cx: &JobContext<'_, Walked>) -> Result<Elements, JobError> {
        let Self { tree, trail, len, .. } = self;
        cx.expect(len);
        let mut before = 0;
        loop {
            tree.make_way(cx)?;
            let step = tree.with(cx, Turn::Walk, |tree| {
                let is_over = tree.walk_on(&trail)?;
                Ok((is_over, tree.walked(&trail)))
            });
            let (is_over, walked) = match step {
                // Somebody else needs the tree.
                Err(JobError::Cancelled) => continue,
                step => step?,
            };
            let (count, at) = walked.unwrap_or_default();
            let at = at.saturating_add(tree.base());
            cx.advance(at.saturating_sub(before));
            before = before.max(at);
            cx.emit(Walked)?;
            if is_over {
                return Ok(Elements(count));
            }
        }
    }
}
