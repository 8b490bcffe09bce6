//! The bytes in and around matches.

use std::ops::Range;

use memmap::{AnyMap, Error, Partial, widen};

/// Bytes per read. Where matches are dense, one read serves many; where they are sparse, larger
/// reads would cost more than the search.
const READ_LEN: usize = 4 << 10;

/// Reads the bytes around matches.
///
/// A scan reports the position of a match, not its bytes. These are read a moment later, so they
/// may differ if the file is changing.
#[derive(Debug, Default)]
pub(crate) struct ContextReader {
    start: u64,
    bytes: Vec<u8>,
    /// The error that cut the bytes short, if any.
    stopped: Option<Error>,
}

impl ContextReader {
    /// Reads a range, up to the first unreadable byte. Each time it is the same map, or one of a later part
    /// of the same stream.
    pub(crate) fn bytes(&mut self, map: &AnyMap, range: &Range<u64>) -> &[u8] {
        let len = usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX);
        if self.held(range.start, len).is_none() {
            self.read(map, range.start, len);
        }
        let bytes = self.bytes.get(self.at(range.start)..).unwrap_or_default();
        bytes.get(..len).unwrap_or(bytes)
    }

    /// The error that cut the last read short.
    pub(crate) fn stopped(&mut self) -> Option<Error> {
        self.stopped.take()
    }

    fn at(&self, offset: u64) -> usize {
        offset.checked_sub(self.start).and_then(|at| usize::try_from(at).ok()).unwrap_or(usize::MAX)
    }

    fn held(&self, offset: u64, len: usize) -> Option<&[u8]> {
        let at = self.at(offset);
        self.bytes.get(at..at.checked_add(len)?)
    }

    fn read(&mut self, map: &AnyMap, offset: u64, len: usize) {
        let left = map.len().saturating_sub(offset);
        let most = usize::try_from(left).unwrap_or(usize::MAX);
        self.start = offset;
        self.bytes.resize(len.max(READ_LEN).min(most), 0);
        let (len, stopped) = match map.read_some(offset, &mut self.bytes) {
            Ok(Partial { len, stopped }) => (len, stopped),
            Err(error) => (0, Some(error)),
        };
        self.bytes.truncate(len);
        self.stopped = stopped;
        debug_assert!(widen(len) <= left, "more was read than there is");
    }
}

#[cfg(test)]
mod tests {
    use memmap::RamMap;

    use super::*;

    #[test]
    fn bytes_are_those_of_the_map_wherever_they_are_asked_for() {
        let bytes: Vec<u8> = (0..30_000_u32).map(|i| i.to_le_bytes()[0] ^ 7).collect();
        let map = RamMap::from_reader(&bytes[..]).unwrap().erase();
        let mut near = ContextReader::default();
        for range in [
            (0, 4),
            (2, 4),
            (4_000, 4_200),
            (100, 29_000),
            (50, 60),
            (29_990, 30_000),
            (30_000, 30_000),
            (7, 7),
        ] {
            let (start, end): (usize, usize) = range;
            assert_eq!(near.bytes(&map, &(widen(start)..widen(end))), &bytes[start..end]);
            assert!(near.stopped().is_none());
        }
        assert_eq!(near.bytes(&map, &(29_999..30_005)), &bytes[29_999..], "what there is");
    }
}
