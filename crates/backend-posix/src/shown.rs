//! What of a live file is shown, and where.

use std::ops::Range;

use memmap_core::{ErrorKind, Op, Result, widen, window};

use crate::hints;
use crate::live::{Live, Source};
use crate::mapped::Mapped;
use crate::pages::{Pages, View};
use crate::refusal::{refuse, unsupported};

impl Live {
    /// How its bytes are reached.
    pub(crate) fn access(&self) -> memmap_core::Access {
        use memmap_core::Access;
        match &self.source {
            Source::File(_) if self.len > 0 && self.guarded.len == 0 => Access::Read,
            Source::File(Mapped { pages: Some(pages), .. }) if pages.view() == View::Private => {
                Access::MappedPrivately
            }
            _ => Access::Mapped,
        }
    }

    /// Whether the system maps the file; of no bytes there is nothing to map.
    pub(crate) fn is_shown(&self) -> bool {
        self.len == 0 || !matches!(self.source, Source::File(Mapped { pages: None, .. }))
    }

    /// Refuses what is done with pages where a file has none.
    pub(crate) fn require_mapped(&self, op: Op, what: &'static str) -> Result<()> {
        if self.is_shown() { Ok(()) } else { Err(refuse(op, unsupported(what))) }
    }

    /// The file and the place of a range in the mapping, if a file is what it shows.
    pub(crate) fn ranged(
        &self,
        op: Op,
        offset: u64,
        len: u64,
    ) -> Result<Option<(&Mapped, Range<usize>)>> {
        let window = window(op, offset, len, self.len)?;
        Ok(match &self.source {
            Source::File(mapped) if !window.is_empty() => Some((mapped, window)),
            _ => None,
        })
    }

    /// The pages of a range, if there are any.
    pub(crate) fn paged(&self, op: Op, offset: u64, len: u64) -> Result<hints::Paged<'_>> {
        let Some((mapped, window)) = self.ranged(op, offset, len)? else { return Ok(None) };
        let Some(pages) = &mapped.pages else { return Ok(None) };
        self.require_shown(pages, op)?;
        Ok(Some((pages, window)))
    }

    /// Where a file could neither be cut short nor be shown again as it was, because mappings ran out, its
    /// bytes are read from there, and the addresses behind those that are shown may be anybody's.
    pub(crate) fn require_shown(&self, pages: &Pages, op: Op) -> Result<()> {
        if pages.len() >= self.len {
            return Ok(());
        }
        Err(refuse(op, ErrorKind::OutOfMemory { len: widen(self.len) }))
    }
}
