//! Copies a node and all that is below it, as JSON.

use std::ops::ControlFlow;

use memmap_structure::Trail;

use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};
use crate::structure::json;
use crate::structure::shared_tree::{SharedTree, Turn};

/// The longest text that is copied.
const LEN_MAX: usize = 1 << 20;

/// How deep nodes are copied.
const DEPTH: usize = 256;

/// Makes the text of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct CopyNodeJob {
    pub(crate) tree: SharedTree,
    pub(crate) trail: Trail,
    pub(crate) path: String,
}

/// The text, or why there is none.
#[derive(Debug)]
pub(crate) enum NodeText {
    Text { text: Vec<u8>, what: String },
    TooLong,
}

impl Job for CopyNodeJob {
    type Event = Never;
    type Output = NodeText;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn title(&self) -> String {
        format!("copy {}", self.path)
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<NodeText, JobError> {
        let Self { tree, trail, path } = self;
        let base = tree.base();
        let mut text = Vec::new();
        let mut count = 0_u64;
        tree.with(cx, Turn::Whole, |tree| {
            tree.visit_trail(&trail, DEPTH, &mut |row| {
                let mut row = row.clone();
                if let Some(span) = row.span.as_mut().filter(|span| span.inside.is_none()) {
                    span.start = span.start.saturating_add(base);
                }
                json::row(&row, &mut text);
                count += 1;
                // No checkpoint, as others wait for the tree.
                let is_over = text.len() > LEN_MAX || cx.is_cancelled();
                if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
        })?;
        cx.checkpoint()?;
        if text.len() > LEN_MAX {
            return Ok(NodeText::TooLong);
        }
        let what = match count {
            1 => format!("{path} copied as JSON"),
            count => format!("{path} copied as JSON, {count} lines"),
        };
        Ok(NodeText::Text { text, what })
    }
}
