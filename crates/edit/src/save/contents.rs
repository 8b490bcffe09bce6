use std::io;
use std::ops::Range;

use memmap_core::disk::{Disk, Stored};
use memmap_core::{Extent, Progress, widen};

use super::io_steps::{self, failed};
use super::spans::Span;
use super::{Plan, SaveError};
use crate::piece::Piece;

/// What the new file of a rewrite is made of, in order.
#[derive(Debug)]
pub(super) struct Contents {
    parts: Vec<Part>,
    len: u64,
}

#[derive(Debug)]
struct Part {
    /// In the new file.
    at: u64,
    len: u64,
    /// Where it is in the old file, if it is there as it is.
    old: Option<u64>,
    is_hole: bool,
}

/// Blocks of file systems are at least this long where they can be shared.
const BLOCK_LEN: u64 = 4096;

/// How much is copied between two looks at whether it was cancelled.
const SLICE_LEN: u64 = 64 << 20;

/// How much is read and written at a time.
const PIECE_LEN: usize = 1 << 20;

impl Contents {
    pub(super) fn of<M: Stored>(plan: &Plan<M>) -> Result<Self, SaveError> {
        let mut parts = Vec::new();
        for (at, piece) in plan.tree.all() {
            let Piece::Source { source, start, len, .. } = piece else {
                parts.push(Part { at, len: piece.len(), old: None, is_hole: false });
                continue;
            };
            let found = usize::try_from(source).ok().and_then(|source| plan.sources.get(source));
            let Some(found) = found else { continue };
            let end = start.saturating_add(len);
            for extent in found.extents(start..end)? {
                let Range { start: from, end: to } = extent.range().clone();
                let place = |place: u64| at.saturating_add(place.saturating_sub(start));
                if let Extent::Hole(_) = extent {
                    let len = to.saturating_sub(from);
                    parts.push(Part { at: place(from), len, old: None, is_hole: true });
                    continue;
                }
                let is_ours = found.is_same_file(&plan.base);
                let cut = if is_ours {
                    found.compared(from..to, &plan.base)
                } else {
                    vec![(from..to, false)]
                };
                let cut = cut.into_iter().flat_map(|(range, is_equal)| {
                    // The file may have the bytes of a saving that did not finish.
                    if is_equal {
                        sure(&range, &plan.expected.doubtful(&range))
                    } else {
                        vec![(range, false)]
                    }
                });
                for (range, is_equal) in cut {
                    let len = range.end.saturating_sub(range.start);
                    let old = (is_ours && is_equal).then_some(range.start);
                    parts.push(Part { at: place(range.start), len, old, is_hole: false });
                }
            }
        }
        Ok(Self { parts, len: plan.tree.len() })
    }

    /// The ranges of the old file that the new one does not have by copying, in order.
    pub(super) fn dropped(&self, old_len: u64) -> Vec<Span> {
        let mut copied: Vec<Range<u64>> = self
            .parts
            .iter()
            .filter_map(|part| part.old.map(|old| old..old.saturating_add(part.len)))
            .collect();
        copied.sort_by_key(|range| range.start);
        copied.push(old_len..old_len);
        let (mut dropped, mut at) = (Vec::new(), 0_u64);
        for range in copied {
            if at < range.start {
                let old_len = range.start.saturating_sub(at);
                dropped.push(Span { start: at, old_len, new_len: 0 });
            }
            at = at.max(range.end);
        }
        dropped
    }

    /// The bytes that are not holes.
    pub(super) fn bytes(&self) -> u64 {
        self.parts.iter().filter(|part| !part.is_hole).map(|part| part.len).sum()
    }

    /// The bytes that stand as many whole blocks from where they were, so that they can be shared where the
    /// file system can.
    pub(super) fn may_be_shared(&self) -> u64 {
        let is_aligned = |part: &&Part| {
            part.old.is_some_and(|old| old.abs_diff(part.at).is_multiple_of(BLOCK_LEN))
        };
        self.parts.iter().filter(is_aligned).map(|part| part.len).sum()
    }

    /// Writes all to the new file.
    pub(super) fn write<M: Stored>(
        &self,
        plan: &Plan<M>,
        old: &<M::Disk as Disk>::File,
        new: &<M::Disk as Disk>::File,
        progress: &Progress,
    ) -> Result<(), SaveError> {
        let disk = &plan.disk;
        progress.add_total(self.bytes());
        // The length first: holes are what is not written.
        disk.set_len(new, self.len).map_err(failed("cannot extend the file beside", &plan.path))?;
        let (mut shares, mut copies) = (true, true);
        for part in self.parts.iter().filter(|part| !part.is_hole) {
            let mut done = 0_u64;
            while done < part.len {
                if progress.is_cancelled() {
                    return Err(SaveError::Cancelled);
                }
                let len = part.len.saturating_sub(done).min(SLICE_LEN);
                let at = part.at.saturating_add(done);
                let mut count = 0;
                if let Some(from) = part.old.map(|old| old.saturating_add(done)) {
                    let range = from..from.saturating_add(len);
                    if shares && from.abs_diff(at).is_multiple_of(BLOCK_LEN) {
                        count =
                            attempt(disk.share(old, range.clone(), new, at), &mut shares).map_err(
                                failed("cannot share blocks with the file beside", &plan.path),
                            )?;
                    }
                    if count == 0 && copies {
                        count = attempt(disk.copy(old, range, new, at), &mut copies)
                            .map_err(failed("cannot copy to the file beside", &plan.path))?;
                        if count == 0 && copies {
                            let (path, was) = (plan.path.clone(), plan.base.len());
                            return Err(SaveError::LengthChanged { path, was, now: from });
                        }
                    }
                }
                if count == 0 {
                    count = copy_read(plan, new, at, len)?;
                }
                progress.add_done(count);
                done = done.saturating_add(count);
            }
        }
        Ok(())
    }
}

/// The parts of a range, and whether each is sure.
fn sure(range: &Range<u64>, doubtful: &[Range<u64>]) -> Vec<(Range<u64>, bool)> {
    let (mut parts, mut at) = (Vec::new(), range.start);
    for part in doubtful {
        if at < part.start {
            parts.push((at..part.start, true));
        }
        let start = at.max(part.start);
        if start < part.end {
            parts.push((start..part.end, false));
            at = part.end;
        }
    }
    if at < range.end {
        parts.push((at..range.end, true));
    }
    parts
}

/// What an operation did, which a file system may not have: then it is not tried again.
fn attempt(result: io::Result<u64>, works: &mut bool) -> io::Result<u64> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            *works = false;
            Ok(0)
        }
        result => result,
    }
}

/// Reads a piece of the version and writes it. What cannot be read is not saved as zeros.
fn copy_read<M: Stored>(
    plan: &Plan<M>,
    new: &<M::Disk as Disk>::File,
    at: u64,
    len: u64,
) -> Result<u64, SaveError> {
    let len = usize::try_from(len).unwrap_or(PIECE_LEN).min(PIECE_LEN);
    let mut piece = vec![0; len];
    let unreadable = plan.version.rescue(at, &mut piece)?;
    if !unreadable.is_empty() {
        return Err(SaveError::Unreadable(unreadable));
    }
    io_steps::write(&plan.disk, new, &piece, at)
        .map_err(failed("cannot write the file beside", &plan.path))?;
    Ok(widen(len))
}
