//! A mapping as the source of a tree of fields.

use memmap::{AnyMap, Cancel};
use memmap_structure::{ReadError, Source};

use super::handle::{MayBlock, SourceHandle};

/// How far is looked for the end of a hole at once.
const WINDOW: u64 = 1 << 30;

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
}

impl StructureSource {
    /// The bytes from `base` on.
    pub(crate) fn new(map: SourceHandle, token: MayBlock, base: u64, cancel: Cancel) -> Self {
        let len = map.len().saturating_sub(base);
        Self { map, token, base, len, cancel, hole: None }
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
        self.map()
            .read_into(self.base.saturating_add(at), into)
            .map_err(|error| ReadError::Unreadable(error.kind().to_string()))
    }

    fn data_from(&mut self, at: u64) -> u64 {
        let place = self.base.saturating_add(at);
        if self.hole.is_none_or(|(start, end)| !(start..end).contains(&place)) {
            let end = place.saturating_add(self.len.saturating_sub(at).min(WINDOW));
            let first = self.map().extents(place..end).ok().and_then(|it| it.into_iter().next());
            self.hole =
                first.filter(|it| !it.is_data()).map(|it| (it.range().start, it.range().end));
        }
        match self.hole {
            Some((start, end)) if (start..end).contains(&place) => end - self.base,
            _ => at,
        }
    }
}
