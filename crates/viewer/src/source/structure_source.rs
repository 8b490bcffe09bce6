//! A mapping as the source of a tree of fields.

use memmap::{Advice, AnyMap, Cancel, widen};
use memmap_structure::{ReadError, Source};

use super::handle::{MayBlock, SourceHandle};

/// How far is looked for the end of a hole at once.
const WINDOW: u64 = 1 << 30;

/// Pages are released after this many bytes, so that a walk over a long file does not hold the whole file.
const HELD_LEN: u64 = 4 << 20;

/// The bytes of a mapping from a place on. A cancelled one stops the request that reads it.
#[derive(Debug)]
pub(crate) struct StructureSource {
    map: SourceHandle,
    token: MayBlock,
    base: u64,
    len: u64,
    cancel: Cancel,
    /// The last hole that was found.
    hole: Option<(u64, u64)>,
    /// How many bytes were read since pages were released, and from where to where.
    held: (u64, u64, u64),
}

impl StructureSource {
    /// The bytes from `base` on.
    pub(crate) fn new(map: SourceHandle, token: MayBlock, base: u64, cancel: Cancel) -> Self {
        let len = map.len().saturating_sub(base);
        Self { map, token, base, len, cancel, hole: None, held: (0, u64::MAX, 0) }
    }

    fn map(&self) -> &AnyMap {
        self.map.mapping(self.token)
    }
}

impl Source for StructureSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), ReadError> {
        if self.cancel.is_cancelled() {
            return Err(ReadError::Stop);
        }
        let start = self.base.saturating_add(at);
        let read = self
            .map()
            .read_into(start, into)
            .map_err(|error| ReadError::Unreadable(error.kind().to_string()));
        let (count, first, end) = self.held;
        let len = widen(into.len());
        self.held = (count + len, first.min(start), end.max(start.saturating_add(len)));
        if self.held.0 >= HELD_LEN {
            let (_, first, end) = self.held;
            // That pages are held is no harm but memory.
            self.map().advise(first..end.min(self.map.len()), Advice::DontNeed).ok();
            self.held = (0, u64::MAX, 0);
        }
        read
    }

    fn data_from(&mut self, at: u64) -> u64 {
        let place = self.base.saturating_add(at);
        if self.hole.is_none_or(|(start, end)| !(start..end).contains(&place)) {
            let end = place.saturating_add(self.len.saturating_sub(at).min(WINDOW));
            let first = self.map().extents(place..end).ok().and_then(|it| it.into_iter().next());
            self.hole =
                first.filter(memmap::Extent::is_hole).map(|it| (it.range().start, it.range().end));
        }
        match self.hole {
            Some((start, end)) if (start..end).contains(&place) => end - self.base,
            _ => at,
        }
    }
}
