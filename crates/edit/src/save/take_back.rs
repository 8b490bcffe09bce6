use std::io;

use memmap_core::disk::{Disk, NodeKind, Stored};
use memmap_core::widen;

use super::in_place::kept;
use super::io_steps;
use super::opened::Opened;
use crate::source::{SavedRange, Saving};

/// Writes the old bytes over the new ones, and only over those: a byte that is neither was written by
/// another program meanwhile, and stays. So does the length, unless it is the one that the saving gives,
/// `wanted`, or its bytes are the last ones.
///
/// # Errors
/// Of the system; it is not known then how much was taken back.
pub(super) fn take_back<M: Stored>(
    disk: &M::Disk,
    opened: &Opened<M::Disk>,
    saving: &Saving<M>,
    ranges: &[SavedRange],
    wanted: u64,
) -> io::Result<()> {
    if ranges.is_empty() {
        return Ok(());
    }
    let file = &opened.file;
    let there_len = disk.facts(file)?.len;
    let mut is_ours_behind = true;
    for range in ranges.iter().rev() {
        let (old, new) = kept(saving, range)?;
        let there = there_len.saturating_sub(range.old.start).min(widen(old.len().max(new.len())));
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
        if there_len == wanted {
            io_steps::write(disk, file, rest, range.old.start.saturating_add(widen(cut_from)))?;
        }
        is_ours_behind &= now.get(cut_from..) == new.get(cut_from..now.len().max(cut_from));
    }
    let end = ranges.last().map_or(0, |last| last.new_range().end);
    if there_len > opened.facts.len && end > opened.facts.len {
        if there_len > end || !is_ours_behind {
            return Err(io::Error::other("another program wrote behind the end meanwhile"));
        }
        disk.set_len(file, opened.facts.len)?;
    }
    disk.sync(file, true)?;
    if opened.facts.kind == NodeKind::File && saving.attributes().takes_sync() {
        disk.give_back(file, saving.attributes())?;
        disk.sync(file, true)?;
    }
    Ok(())
}
