//! Copies a node: it and all that is below it as JSON, its path, or its value.

use std::ops::ControlFlow;

use memmap_structure::{Answer, Trail, Trouble};

use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};
use crate::structure::json;
use crate::structure::shared_tree::{SharedTree, Turn};
use crate::structure::value_text::shown;

/// The longest text that is copied.
const LEN_MAX: usize = 1 << 20;

/// How many bytes a row has as its value elsewhere.
const VALUE_BYTES: u64 = 64;

/// How deep nodes are copied.
const DEPTH: usize = 256;

/// Makes the text of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct CopyNodeJob {
    pub(crate) tree: SharedTree,
    pub(crate) trail: Trail,
    pub(crate) path: String,
    pub(crate) part: Part,
}

/// What is copied of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Json,
    Path,
    Value,
}

impl Part {
    /// The parts with a name of their own.
    pub(crate) const NAMED: [(&'static str, Self); 2] =
        [("path", Self::Path), ("value", Self::Value)];
}

/// The text, or why there is none.
#[derive(Debug)]
pub(crate) enum NodeText {
    Text {
        text: Vec<u8>,
        what: String,
    },
    /// It is an object or a list.
    NoValue,
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
        let Self { tree, trail, path, part } = self;
        match part {
            Part::Json => {}
            Part::Path => {
                let what = format!("copied: {path}");
                return Ok(NodeText::Text { text: path.into_bytes(), what });
            }
            Part::Value => return value(cx, &tree, &trail, &path),
        }
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

/// The value as text: a number in decimals, bytes in hexadecimal.
fn value(
    cx: &JobContext<'_, Never>,
    tree: &SharedTree,
    trail: &Trail,
    path: &str,
) -> Result<NodeText, JobError> {
    let row = tree.with(cx, Turn::Whole, |tree| {
        tree.set_value_bytes(u64::MAX);
        let row = tree.row_at(trail);
        tree.set_value_bytes(VALUE_BYTES);
        row
    })?;
    if let Some(fault) = row.fault.as_ref().filter(|_| row.value.is_none()) {
        return Err(JobError::Structure(Trouble::Fault(fault.clone())));
    }
    let text = match row.value {
        None | Some(Answer::Object(_) | Answer::List(..) | Answer::Stream(_)) => {
            return Ok(NodeText::NoValue);
        }
        Some(Answer::Text(text)) => text,
        Some(value) => shown(&value),
    };
    if text.len() > LEN_MAX {
        return Ok(NodeText::TooLong);
    }
    let what = format!("value of {path} copied, {} characters", text.chars().count());
    Ok(NodeText::Text { text: text.into_bytes(), what })
}
