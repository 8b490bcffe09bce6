//! Finds a field: the next one in the file, one by its path, or the one that a value refers to.

use std::ops::ControlFlow;

use memmap_structure::{Answer, Row, RowState, Stop, Trail, Tree, Trouble};

use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};
use crate::search::direction::Direction;
use crate::structure::read_fields::field_at;
use crate::structure::shared_tree::{SharedTree, Turn};

/// How far the next field is looked for at first, and how that grows.
const WINDOW: u64 = 4096;
const GROWTH: u64 = 16;

/// What to find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The `count`-th field that begins after, or before, a place of the file.
    Beside { from: u64, direction: Direction, count: u64 },
    /// The field of this path.
    Path(String),
    /// What the field at a place of the file refers to; if to nothing, that field.
    At(u64),
    /// What a node refers to; if to nothing, that node.
    Node(Trail),
    /// A node.
    Row(Trail),
    /// The last element of a list, or the list if its end was not reached.
    Last(Trail),
}

/// Finds a field.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct FindFieldJob {
    pub(crate) tree: SharedTree,
    pub(crate) wanted: Wanted,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldFound {
    pub(crate) trail: Trail,
    pub(crate) path: String,
    /// Its first byte in the file; `None` of a value that was calculated.
    pub(crate) start: Option<u64>,
    /// Whether a value referred to it.
    pub(crate) is_target: bool,
}

impl Job for FindFieldJob {
    type Event = Never;
    type Output = Option<FieldFound>;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn title(&self) -> String {
        "field".to_owned()
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<Option<FieldFound>, JobError> {
        let Self { tree, wanted } = self;
        let base = tree.base();
        match wanted {
            Wanted::Beside { from, direction, count } => {
                let mut at = from;
                for _ in 0..count {
                    cx.checkpoint()?;
                    let next = tree.with(cx, Turn::Whole, |tree| {
                        let inside = at.saturating_sub(base);
                        if direction == Direction::Forward && at < base {
                            return beside(tree, None, direction);
                        }
                        beside(tree, Some(inside), direction)
                    })?;
                    match next {
                        Some(next) => at = next.saturating_add(base),
                        None => break,
                    }
                }
                if at == from {
                    return Ok(None);
                }
                tree.with(cx, Turn::Whole, |tree| {
                    let found = field_at(tree, at.saturating_sub(base), base)?;
                    Ok(found.map(|it| FieldFound {
                        trail: it.trail,
                        path: it.path,
                        start: Some(at),
                        is_target: false,
                    }))
                })
            }
            Wanted::Path(path) => tree.with(cx, Turn::Whole, |tree| by_path(tree, &path, base)),
            Wanted::At(place) => tree.with(cx, Turn::Whole, |tree| {
                let Some(at) = place.checked_sub(base) else { return Ok(None) };
                match field_at(tree, at, base)? {
                    Some(field) => target(tree, &field.trail, base).map(Some),
                    None => Ok(None),
                }
            }),
            Wanted::Last(list) => tree.with(cx, Turn::Whole, |tree| {
                let row = tree.row_at(&list)?;
                let end = match row.value {
                    Some(Answer::List(_, count @ 1..)) if row.state != RowState::More => {
                        match tree.row_at(&list.element(count - 1)) {
                            Err(Trouble::Stop(Stop::Budget)) => row,
                            end => end?,
                        }
                    }
                    _ => row,
                };
                Ok(Some(of_row(&end, base, false)))
            }),
            Wanted::Row(trail) => tree
                .with(cx, Turn::Whole, |tree| Ok(Some(of_row(&tree.row_at(&trail)?, base, false)))),
            Wanted::Node(trail) => {
                tree.with(cx, Turn::Whole, |tree| target(tree, &trail, base).map(Some))
            }
        }
    }
}

/// Where the next field begins; `None` for `from` is before the first byte.
fn beside(
    tree: &mut Tree,
    from: Option<u64>,
    direction: Direction,
) -> Result<Option<u64>, Trouble> {
    let len = tree.source_len();
    let at = from.unwrap_or(0).min(len);
    let mut window = WINDOW;
    loop {
        let (start, end) = match direction {
            Direction::Forward => (at, at.saturating_add(window).min(len)),
            Direction::Back => (at.saturating_sub(window), at),
        };
        let starts = tree.fields_in(start, end)?.into_iter().map(|it| it.start);
        let found = match direction {
            Direction::Forward => starts.filter(|&it| from.is_none_or(|from| it > from)).min(),
            Direction::Back => starts.filter(|&it| it < at).max(),
        };
        if found.is_some() || (start == 0 && end == len) || window >= len {
            return Ok(found);
        }
        window = window.saturating_mul(GROWTH);
    }
}

fn by_path(tree: &mut Tree, path: &str, base: u64) -> Result<Option<FieldFound>, Trouble> {
    // The root may be named, as the breadcrumb does.
    let root = tree.schema().id().to_owned();
    let path = path.trim();
    let inside = path.strip_prefix(&root).filter(|rest| rest.is_empty() || rest.starts_with('.'));
    let path = inside.map_or(path, |rest| rest.trim_start_matches('.'));
    let mut found = None;
    tree.visit_at(path, 0, &mut |row| {
        found = Some(row.clone());
        ControlFlow::Break(())
    })?;
    Ok(found.map(|row| of_row(&row, base, false)))
}

/// What a node refers to, or the node itself.
fn target(tree: &mut Tree, trail: &Trail, base: u64) -> Result<FieldFound, Trouble> {
    let row = tree.row_at(trail)?;
    if let Some(path) = row.target.as_ref().filter(|it| **it != row.path)
        && let Some(found) = by_path(tree, path, base)?
    {
        return Ok(FieldFound { is_target: true, ..found });
    }
    Ok(of_row(&row, base, false))
}

fn of_row(row: &Row, base: u64, is_target: bool) -> FieldFound {
    let span = row.span.as_ref().filter(|span| span.inside.is_none());
    let start = span.map(|span| span.start.saturating_add(base));
    FieldFound { trail: row.trail.clone(), path: row.path.clone(), start, is_target }
}
