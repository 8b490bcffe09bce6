//! Makes BPS patches of differences.

use std::ops::Range;

use crc32fast::Hasher;
use memmap::compare::{Difference, DifferenceKind};
use memmap::{AnyMap, Extent, Progress, widen};

use super::super::bytes::{self, Piece, Side, checkpoint, extents, pieces};
use super::super::{Counted, PatchError};
use super::{MAGIC, SOURCE_COPY, SOURCE_READ, TARGET_COPY, TARGET_READ, number};

/// Fewer equal bytes at the same place are written as new ones: an action costs as much.
const READ_LEN_MIN: u64 = 4;

/// Fewer equal bytes at another place.
const COPY_LEN_MIN: u64 = 8;

/// A shorter run is written as it is.
const RUN_LEN_MIN: usize = 12;

/// New bytes that are held back until their number is known.
const PENDING_LEN: usize = 256 << 10;

/// Writes a patch. Both files are read once, and what is said to be equal is compared.
pub(crate) fn write(
    source: &AnyMap,
    target: &AnyMap,
    differences: &[Difference],
    out: &mut Counted<'_>,
    progress: &Progress,
) -> Result<(), PatchError> {
    check(source.len(), target.len(), differences)?;
    let mut out = Summed { out, crc: Hasher::new() };
    out.put(MAGIC)?;
    let mut lengths = Vec::new();
    for len in [source.len(), target.len(), 0] {
        number::append(len, &mut lengths);
    }
    out.put(&lengths)?;
    let mut maker = Maker {
        source,
        target,
        progress,
        source_crc: Hasher::new(),
        target_crc: Hasher::new(),
        actions: Actions { out, pending: Vec::new(), written: 0, source_at: 0, target_at: 0 },
    };
    let (mut a, mut b) = (0, 0);
    for edit in differences {
        maker.equal(a..edit.a.start, b)?;
        maker.changed(edit)?;
        (a, b) = (edit.a.end, edit.b.end);
    }
    maker.equal(a..source.len(), b)?;
    maker.actions.flush()?;
    let mut out = maker.actions.out;
    for crc in [maker.source_crc, maker.target_crc] {
        out.put(&crc.finalize().to_le_bytes())?;
    }
    let crc = out.crc.finalize();
    out.out.put(&crc.to_le_bytes())
}

/// Whether the differences are in order, within both files, and what is between them has one length.
fn check(source_len: u64, target_len: u64, differences: &[Difference]) -> Result<(), PatchError> {
    let (mut a, mut b) = (0, 0);
    for (index, edit) in differences.iter().enumerate() {
        let equal = edit.a.start.checked_sub(a).zip(edit.b.start.checked_sub(b));
        let is_whole = edit.a.start <= edit.a.end && edit.b.start <= edit.b.end;
        let is_within = edit.a.end <= source_len && edit.b.end <= target_len;
        if !(is_whole && is_within && equal.is_some_and(|(a, b)| a == b)) {
            return Err(PatchError::Differences { index });
        }
        if edit.kind == DifferenceKind::Unreadable {
            let of = if edit.a.is_empty() { Side::Target } else { Side::Source };
            let range = if edit.a.is_empty() { &edit.b } else { &edit.a };
            return Err(PatchError::NotCompared { of, range: range.clone() });
        }
        (a, b) = (edit.a.end, edit.b.end);
    }
    if source_len - a == target_len - b {
        Ok(())
    } else {
        Err(PatchError::Differences { index: differences.len() })
    }
}

/// Reads both files from their first bytes to their last.
struct Maker<'m, 'w, 'o> {
    source: &'m AnyMap,
    target: &'m AnyMap,
    progress: &'m Progress,
    source_crc: Hasher,
    target_crc: Hasher,
    actions: Actions<'w, 'o>,
}

impl Maker<'_, '_, '_> {
    /// Bytes that are equal in both files: a range of the source, and where it is in the target.
    fn equal(&mut self, a: Range<u64>, b: u64) -> Result<(), PatchError> {
        let len = a.end - a.start;
        let least = if a.start == b { READ_LEN_MIN } else { COPY_LEN_MIN };
        let is_copied = len >= least;
        if is_copied {
            self.actions.copy(a.clone(), b)?;
        }
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for extent in extents(self.source, a.clone()) {
            let place = |at: u64| b + (at - a.start);
            let range = extent.range().clone();
            let there = place(range.start)..place(range.end);
            if matches!(extent, Extent::Hole(_)) && is_hole(self.target, there) {
                let hole = Piece::Hole(range.end - range.start);
                bytes::update(&mut self.source_crc, &hole);
                bytes::update(&mut self.target_crc, &hole);
                self.progress.add_done((range.end - range.start).saturating_mul(2));
                continue;
            }
            for piece in pieces(range) {
                checkpoint(self.progress)?;
                let there = place(piece.start)..place(piece.end);
                let old = bytes::read(self.source, Side::Source, piece.clone(), &mut old)?;
                let new = bytes::read(self.target, Side::Target, there.clone(), &mut new)?;
                if let Some(ahead) = old.iter().zip(new).position(|(old, new)| old != new) {
                    let ahead = widen(ahead);
                    return Err(PatchError::NotEqual {
                        a: piece.start + ahead,
                        b: there.start + ahead,
                    });
                }
                self.source_crc.update(old);
                self.target_crc.update(new);
                self.progress.add_done((piece.end - piece.start).saturating_mul(2));
                if !is_copied {
                    self.actions.new_bytes(new)?;
                }
            }
        }
        Ok(())
    }

    fn changed(&mut self, edit: &Difference) -> Result<(), PatchError> {
        let Self { source, target, progress, source_crc, target_crc, actions } = self;
        bytes::pass_over(source, Side::Source, edit.a.clone(), progress, |piece| {
            bytes::update(source_crc, &piece);
            Ok(())
        })?;
        bytes::pass_over(target, Side::Target, edit.b.clone(), progress, |piece| {
            bytes::update(target_crc, &piece);
            match piece {
                Piece::Bytes(new) => actions.new_bytes(new),
                Piece::Hole(len) => actions.run(0, len),
            }
        })?;
        progress.add_done((edit.a.end - edit.a.start).saturating_add(edit.b.end - edit.b.start));
        Ok(())
    }
}

fn is_hole(map: &AnyMap, range: Range<u64>) -> bool {
    matches!(&extents(map, range.clone())[..], [Extent::Hole(hole)] if *hole == range)
}

/// Writes actions in the order of the target.
struct Actions<'w, 'o> {
    out: Summed<'w, 'o>,
    /// New bytes without an action.
    pending: Vec<u8>,
    /// How much of the target the actions write, without the pending bytes.
    written: u64,
    /// Ends of the last copies, from which the next ones are counted.
    source_at: u64,
    target_at: u64,
}

impl Actions<'_, '_> {
    /// A range of the source, which is written at `b`.
    fn copy(&mut self, a: Range<u64>, b: u64) -> Result<(), PatchError> {
        self.flush()?;
        let len = a.end - a.start;
        if a.start == b {
            return self.action(SOURCE_READ, len, None);
        }
        let from = std::mem::replace(&mut self.source_at, a.end);
        self.action(SOURCE_COPY, len, Some((from, a.start)))
    }

    fn new_bytes(&mut self, bytes: &[u8]) -> Result<(), PatchError> {
        let mut begin = 0;
        let mut at = 0;
        while at < bytes.len() {
            let run = bytes[at..].iter().take_while(|&&it| it == bytes[at]).count();
            if run >= RUN_LEN_MIN {
                self.hold(&bytes[begin..at])?;
                self.run(bytes[at], widen(run))?;
                begin = at + run;
            }
            at += run;
        }
        self.hold(&bytes[begin..])
    }

    /// A byte, and copies of it.
    fn run(&mut self, byte: u8, len: u64) -> Result<(), PatchError> {
        self.hold(&[byte])?;
        self.flush()?;
        let first = self.written - 1;
        let from = std::mem::replace(&mut self.target_at, first + len - 1);
        self.action(TARGET_COPY, len - 1, Some((from, first)))
    }

    fn hold(&mut self, bytes: &[u8]) -> Result<(), PatchError> {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= PENDING_LEN { self.flush() } else { Ok(()) }
    }

    /// Writes the pending bytes.
    fn flush(&mut self) -> Result<(), PatchError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.action(TARGET_READ, widen(self.pending.len()), None)?;
        self.out.put(&self.pending)?;
        self.pending.clear();
        Ok(())
    }

    fn action(
        &mut self,
        kind: u64,
        len: u64,
        distance: Option<(u64, u64)>,
    ) -> Result<(), PatchError> {
        let mut bytes = Vec::new();
        number::append((len - 1) << 2 | kind, &mut bytes);
        if let Some((from, to)) = distance {
            number::append_distance(from, to, &mut bytes);
        }
        self.written += len;
        self.out.put(&bytes)
    }
}

/// Sums up the bytes of the patch.
struct Summed<'w, 'o> {
    out: &'w mut Counted<'o>,
    crc: Hasher,
}

impl Summed<'_, '_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), PatchError> {
        self.crc.update(bytes);
        self.out.put(bytes)
    }
}
