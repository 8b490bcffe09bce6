use std::ops::{ControlFlow, Range};

use memmap_core::{Extent, Mapping, Result};

use super::Version;
use crate::piece::Piece;

/// Pieces of a source that are closer than this are asked about together. To ask takes system calls, and an
/// edited byte leaves two pieces that are one byte apart.
const GAP_MAX: u64 = 64 << 10;

/// A shorter piece of another source is data for those who ask, instead of a question of its own.
const LEAST_HOLE: u64 = 512;

/// Pieces in a row that are asked about together.
struct Group {
    /// Where they are in the version.
    at: Range<u64>,
    source: u32,
    /// From the first to the last of them in the source.
    within: Range<u64>,
}

impl Group {
    /// Adds the next piece, if it belongs to the group.
    fn add(&mut self, piece: &Piece, from: u64, len: u64) -> bool {
        if let &Piece::Source { source, start, .. } = piece {
            let start = start.saturating_add(from);
            let is_next = source == self.source
                && self.within.end <= start
                && start.saturating_sub(self.within.end) <= GAP_MAX;
            if is_next {
                self.within.end = start.saturating_add(len);
            } else if len >= LEAST_HOLE {
                return false;
            }
        }
        self.at.end = self.at.end.saturating_add(len);
        true
    }
}

impl<M: Mapping> Version<M> {
    /// Data and holes of a range.
    pub(super) fn data_and_holes(&self, range: &Range<u64>) -> Result<Vec<Extent>> {
        let mut extents = Vec::new();
        let mut group: Option<Group> = None;
        let failed = self.tree.visit(range, |part| {
            let is_added =
                group.as_mut().is_some_and(|group| group.add(part.piece, part.from, part.len));
            if is_added {
                return ControlFlow::Continue(());
            }
            let end = part.at.saturating_add(part.len);
            let next = match part.piece {
                &Piece::Source { source, start, .. } if self.source(source).is_some() => {
                    let start = start.saturating_add(part.from);
                    let within = start..start.saturating_add(part.len);
                    Some(Group { at: part.at..end, source, within })
                }
                _ => None,
            };
            let is_data = next.is_none();
            let done = std::mem::replace(&mut group, next);
            if let Some(done) = done
                && let Err(error) = self.ask(&done, &mut extents)
            {
                return ControlFlow::Break(error);
            }
            if is_data {
                push(&mut extents, Extent::Data(part.at..end));
            }
            ControlFlow::Continue(())
        });
        if let Some(error) = failed {
            return Err(error);
        }
        if let Some(group) = group {
            self.ask(&group, &mut extents)?;
        }
        Ok(extents)
    }

    /// Asks the source of a group.
    fn ask(&self, group: &Group, extents: &mut Vec<Extent>) -> Result<()> {
        let found = match self.source(group.source) {
            Some(source) => source.extents(group.within.clone())?,
            None => Vec::new(),
        };
        if found.iter().all(Extent::is_data) {
            push(extents, Extent::Data(group.at.clone()));
            return Ok(());
        }
        let mut rest = group.within.start..group.within.start;
        let mut next = 0;
        self.tree.visit::<()>(&group.at, |part| {
            let end = part.at.saturating_add(part.len);
            let within = match part.piece {
                &Piece::Source { source, start, .. } if source == group.source => {
                    let start = start.saturating_add(part.from);
                    start..start.saturating_add(part.len)
                }
                _ => 0..0,
            };
            if within.is_empty() || within.start < rest.end || within.end > group.within.end {
                push(extents, Extent::Data(part.at..end));
                return ControlFlow::Continue(());
            }
            rest = within.clone();
            while let Some(extent) = found.get(next) {
                let range = extent.range();
                let cut = range.start.max(within.start)..range.end.min(within.end);
                if !cut.is_empty() {
                    let place = |at: u64| at.saturating_sub(within.start).saturating_add(part.at);
                    let cut = place(cut.start)..place(cut.end);
                    let is_data = extent.is_data();
                    push(extents, if is_data { Extent::Data(cut) } else { Extent::Hole(cut) });
                }
                if range.end > within.end {
                    break;
                }
                next = next.saturating_add(1);
            }
            ControlFlow::Continue(())
        });
        Ok(())
    }
}

/// Adds an extent, or makes the last one longer.
fn push(extents: &mut Vec<Extent>, extent: Extent) {
    match (extents.last_mut(), &extent) {
        (Some(Extent::Data(last)), Extent::Data(next))
        | (Some(Extent::Hole(last)), Extent::Hole(next))
            if last.end == next.start =>
        {
            last.end = next.end;
        }
        _ => extents.push(extent),
    }
}
