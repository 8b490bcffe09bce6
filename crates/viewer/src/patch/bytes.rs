//! Reads the bytes of a file in pieces. What cannot be read is an error that names the range.

use std::fmt;
use std::ops::Range;

use crc32fast::Hasher;
use memmap::{Advice, AnyMap, Error, Extent, Progress, widen};

use super::PatchError;

/// Bytes read at once.
pub(super) const PIECE_LEN: usize = 256 << 10;

/// Holes of fewer bytes are read.
const HOLE_LEN_MIN: u64 = 1 << 20;

/// One of the three files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Source,
    Target,
    Patch,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "source",
            Self::Target => "target",
            Self::Patch => "patch",
        })
    }
}

/// The next bytes of a file.
#[derive(Debug)]
pub(super) enum Piece<'b> {
    Bytes(&'b [u8]),
    /// So many zeros that are not stored.
    Hole(u64),
}

/// Fails if the work was stopped.
pub(super) fn checkpoint(progress: &Progress) -> Result<(), PatchError> {
    if progress.is_cancelled() { Err(PatchError::Cancelled) } else { Ok(()) }
}

/// Reads a range that fits into memory.
pub(super) fn read<'b>(
    map: &AnyMap,
    of: Side,
    range: Range<u64>,
    buffer: &'b mut Vec<u8>,
) -> Result<&'b [u8], PatchError> {
    buffer.resize(usize::try_from(range.end - range.start).unwrap_or(usize::MAX), 0);
    match map.read_into(range.start, buffer) {
        Ok(()) => Ok(buffer),
        Err(error) => Err(unreadable(map, of, range, error)),
    }
}

/// The error that names the first bytes of a range that cannot be read.
fn unreadable(map: &AnyMap, of: Side, range: Range<u64>, error: Error) -> PatchError {
    let mut again = vec![0; usize::try_from(range.end - range.start).unwrap_or(0)];
    let lost = map.rescue(range.start, &mut again).unwrap_or_default();
    match lost.into_iter().next() {
        Some(lost) => PatchError::Unreadable { of, range: lost.range, error: lost.error },
        None => PatchError::Unreadable { of, range, error },
    }
}

/// The data and holes of a range, without short holes.
pub(super) fn extents(map: &AnyMap, range: Range<u64>) -> Vec<Extent> {
    let all = || vec![Extent::Data(range.clone())];
    if range.end - range.start < HOLE_LEN_MIN {
        return all();
    }
    // Where holes are not known there are none.
    let mut found: Vec<Extent> = Vec::new();
    for extent in map.extents(range.clone()).unwrap_or_else(|_| all()) {
        let of = extent.range().clone();
        match (extent, found.last_mut()) {
            (Extent::Hole(hole), _) if hole.end - hole.start >= HOLE_LEN_MIN => {
                found.push(Extent::Hole(hole));
            }
            (_, Some(Extent::Data(before))) => before.end = of.end,
            _ => found.push(Extent::Data(of)),
        }
    }
    found
}

/// The ranges of at most [`PIECE_LEN`] bytes that make up a range.
pub(super) fn pieces(range: Range<u64>) -> impl Iterator<Item = Range<u64>> {
    let end = range.end;
    let starts = range.step_by(PIECE_LEN);
    starts.map(move |at| at..at.saturating_add(widen(PIECE_LEN)).min(end))
}

/// Reads a range in pieces. Its pages are released, so that a long file does not grow the resident
/// set.
pub(super) fn pass_over(
    map: &AnyMap,
    of: Side,
    range: Range<u64>,
    progress: &Progress,
    mut with: impl FnMut(Piece<'_>) -> Result<(), PatchError>,
) -> Result<(), PatchError> {
    let is_long = range.end - range.start > widen(PIECE_LEN);
    let mut buffer = Vec::new();
    for extent in extents(map, range) {
        let range = match extent {
            Extent::Hole(hole) => {
                with(Piece::Hole(hole.end - hole.start))?;
                continue;
            }
            // Reading a gap says that there is nothing.
            Extent::Data(range) | Extent::Gap(range) => range,
        };
        for piece in pieces(range) {
            checkpoint(progress)?;
            with(Piece::Bytes(read(map, of, piece.clone(), &mut buffer)?))?;
            if is_long {
                // Only a hint, so an error does not matter.
                map.advise(piece, Advice::DontNeed).ok();
            }
        }
    }
    Ok(())
}

/// The CRC-32 of a range.
pub(super) fn checksum(
    map: &AnyMap,
    of: Side,
    range: Range<u64>,
    progress: &Progress,
) -> Result<u32, PatchError> {
    let mut crc = Hasher::new();
    pass_over(map, of, range, progress, |piece| {
        update(&mut crc, &piece);
        Ok(())
    })?;
    Ok(crc.finalize())
}

/// Adds a piece to a checksum. A hole takes no longer than its length has digits.
pub(super) fn update(crc: &mut Hasher, piece: &Piece<'_>) {
    let mut left = match piece {
        Piece::Bytes(bytes) => return crc.update(bytes),
        Piece::Hole(len) => *len,
    };
    // The checksum of 1, 2, 4, … zeros.
    let mut zeros = Hasher::new();
    zeros.update(&[0]);
    while left > 0 {
        if left & 1 == 1 {
            crc.combine(&zeros);
        }
        left >>= 1;
        if left > 0 {
            zeros.combine(&zeros.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use memmap::{MemMap, RamMap};
    use memmap_core::testing::{Fake, Fault};

    use super::*;

    #[test]
    fn the_checksum_of_a_hole_is_that_of_its_zeros() {
        for len in [0, 1, 2, 1000, 1_048_577] {
            let (mut crc, mut expected) = (Hasher::new(), Hasher::new());
            crc.update(b"before");
            update(&mut crc, &Piece::Hole(len));
            expected.update(b"before");
            expected.update(&vec![0; usize::try_from(len).unwrap()]);
            assert_eq!(crc.finalize(), expected.finalize(), "{len}");
        }
    }

    #[test]
    fn holes_are_not_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(1 << 40).unwrap();
        let map = MemMap::open(file.path(), memmap::Mode::Read).unwrap().erase();
        // Where the system does not say which bytes are stored, all are read: that takes hours.
        if map.extents(..).unwrap().iter().all(Extent::is_data) {
            return;
        }
        let mut zeros = 0;
        pass_over(&map, Side::Source, 5..1 << 40, &Progress::new(), |piece| {
            let Piece::Hole(len) = piece else { return Ok(()) };
            zeros += len;
            Ok(())
        })
        .unwrap();
        assert_eq!(zeros, (1 << 40) - 5);
    }

    #[test]
    fn bytes_that_cannot_be_read_are_named() {
        let fake = Fake::new(&[1; 100]).with(Fault::Read { at: 50, kind: io::ErrorKind::Other });
        let map = memmap::Map::from_mapping(fake).erase();
        let error = checksum(&map, Side::Source, 10..90, &Progress::new()).unwrap_err();
        assert!(
            matches!(&error, PatchError::Unreadable { of: Side::Source, range, .. } if range.start == 50),
            "{error}"
        );
    }

    #[test]
    fn pieces_make_up_the_range() {
        let bytes: Vec<u8> = (0..700_000_u32).map(|n| n.to_le_bytes()[1]).collect();
        let map = RamMap::from_reader(&bytes[..]).unwrap().erase();
        let mut seen = Vec::new();
        pass_over(&map, Side::Target, 3..699_999, &Progress::new(), |piece| {
            if let Piece::Bytes(bytes) = piece {
                seen.extend_from_slice(bytes);
            }
            Ok(())
        })
        .unwrap();
        assert!(seen == bytes[3..699_999]);
    }
}
