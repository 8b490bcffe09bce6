//! Whether private edits are still there: what the kernel says of each page.

use std::fs::File;
use std::os::unix::fs::FileExt;

use memmap_core::{Error, ErrorKind, Op, Result, widen};

use crate::live::Mapped;
use crate::pages;

/// Bytes the kernel has for each page.
const ENTRY_LEN: usize = 8;

/// Bits of an entry (`Documentation/admin-guide/mm/pagemap.rst` of Linux): the page is in memory, or
/// in swap, and it is one of a file.
const PRESENT: u64 = 1 << 63;
const SWAPPED: u64 = 1 << 62;
const OF_FILE: u64 = 1 << 61;

impl Mapped {
    /// Looks for edited pages that are no longer this process's own.
    pub(crate) fn check_edits(&self) -> Result<()> {
        let (Some(edits), Some(pages)) = (&self.edits, &self.pages) else { return Ok(()) };
        if edits.groups().next().is_none() {
            return Ok(());
        }
        let refuse = |error| Error::new(Op::Query, ErrorKind::Os(error));
        let pagemap = File::open("/proc/self/pagemap").map_err(refuse)?;
        let page = pages::page_size();
        let base = pages.first().addr().saturating_sub(pages.lead());
        let first_page = base.checked_div(page).unwrap_or(0);
        let mut entries = [0; 64 * ENTRY_LEN];
        for (group, bits) in edits.groups() {
            let at = first_page.saturating_add(group).saturating_mul(ENTRY_LEN);
            // Behind the last mapping there may be no entries; our pages have theirs.
            let wanted = usize::try_from(u64::BITS.saturating_sub(bits.leading_zeros()))
                .unwrap_or(64)
                .saturating_mul(ENTRY_LEN);
            let entries = entries.get_mut(..wanted).unwrap_or_default();
            pagemap.read_exact_at(entries, widen(at)).map_err(refuse)?;
            for (index, entry) in entries.as_chunks::<ENTRY_LEN>().0.iter().enumerate() {
                let is_edited =
                    bits.checked_shr(u32::try_from(index).unwrap_or(64)).unwrap_or(0) & 1;
                if is_edited == 1 && !is_private(u64::from_ne_bytes(*entry)) {
                    let before = group.saturating_add(index).saturating_mul(page);
                    let offset = widen(before.saturating_sub(pages.lead()));
                    return Err(Error::new(Op::Query, ErrorKind::EditsLost { offset }));
                }
            }
        }
        Ok(())
    }
}

const fn is_private(entry: u64) -> bool {
    entry & (PRESENT | SWAPPED) != 0 && entry & OF_FILE == 0
}
