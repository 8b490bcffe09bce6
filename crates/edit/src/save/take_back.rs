use std::io;

use memmap_core::disk::{Disk, Stored};
use memmap_core::widen;

use super::in_place::kept;
use super::io_steps;
use super::opened::Opened;
use crate::source::{SavedRange, Saving};

/// Writes the old bytes over the new ones, and only over those: a byte that is neither was written by
/// another program meanwhile, and stays.
///
/// # Errors
/// Of the system; it is not known then how much was taken back.
pub(super) fn take_back<M: Stored>(
    disk: &M::Disk,
    opened: &Opened<M::Disk>,
    saving: &Saving<M>,
    ranges: &[SavedRange],
) -> io::Result<()> {
    if ranges.is_empty() {
        return Ok(());
    }
    let file = &opened.file;
    let now_len = disk.facts(file)?.len;
    for range in ranges.iter().rev() {
        let (old, new) = kept(saving, range)?;
        let there = now_len.saturating_sub(range.old.start).min(widen(old.len().max(new.len())));
        let mut now = vec![0; usize::try_from(there).unwrap_or(0)];
        io_steps::read(disk, file, &mut now, range.old.start)?;
        // What was cut off is written whole.
        let cut_from = now.len().min(old.len());
        let mut at = 0;
        while at < cut_from {
            let is_ours = |at: usize| now.get(at) != old.get(at) && now.get(at) == new.get(at);
            if !is_ours(at) {
                at = at.saturating_add(1);
                continue;
            }
            let start = at;
            while at < cut_from && is_ours(at) {
                at = at.saturating_add(1);
            }
            let bytes = old.get(start..at).unwrap_or_default();
            io_steps::write(disk, file, bytes, range.old.start.saturating_add(widen(start)))?;
        }
        let rest = old.get(cut_from..).unwrap_or_default();
        io_steps::write(disk, file, rest, range.old.start.saturating_add(widen(cut_from)))?;
    }
    // Bytes behind the old end are ours only up to where we wrote.
    let end = ranges.last().map_or(0, |last| last.new_range().end);
    if now_len > opened.facts.len && now_len <= end {
        disk.set_len(file, opened.facts.len)?;
    }
    disk.sync(file, true)
}
