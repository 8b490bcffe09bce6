//! The target, from its first byte on.

use std::ops::Range;

use crc32fast::Hasher;
use memmap::{AnyMap, Progress, widen};

use super::PatchError;
use super::bytes::{self, PIECE_LEN, Piece, Side, checkpoint};

/// Writes a target in the order of its bytes, and sums them up.
#[derive(Debug)]
pub(super) struct Output<'a> {
    target: &'a mut AnyMap,
    at: u64,
    crc: Hasher,
    progress: &'a Progress,
}

impl<'a> Output<'a> {
    /// The target is zeroed.
    pub(super) fn new(target: &'a mut AnyMap, progress: &'a Progress) -> Self {
        Self { target, at: 0, crc: Hasher::new(), progress }
    }

    /// The length of the whole target.
    pub(super) fn len(&self) -> u64 {
        self.target.len()
    }

    /// The CRC-32 of what was written.
    pub(super) fn checksum(self) -> u32 {
        self.crc.finalize()
    }

    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(), PatchError> {
        let len = self.target.len();
        self.target.write_at(self.at, bytes).map_err(|error| PatchError::Target { len, error })?;
        self.crc.update(bytes);
        self.at += widen(bytes.len());
        Ok(())
    }

    /// Writes a range of the source. What is a hole there becomes one here.
    pub(super) fn put_source(
        &mut self,
        source: &AnyMap,
        range: Range<u64>,
    ) -> Result<(), PatchError> {
        let progress = self.progress;
        bytes::pass_over(source, Side::Source, range, progress, |piece| match piece {
            Piece::Bytes(bytes) => self.put(bytes),
            Piece::Hole(len) => {
                bytes::update(&mut self.crc, &piece);
                self.at += len;
                Ok(())
            }
        })
    }

    /// Writes `len` bytes of the target again, from `from` on, which is before the next byte. Those that
    /// are written here may be among them.
    pub(super) fn put_again(&mut self, from: u64, len: u64) -> Result<(), PatchError> {
        let period = usize::try_from(self.at - from).unwrap_or(PIECE_LEN).min(PIECE_LEN);
        let mut piece = Vec::new();
        let (mut from, mut left) = (from, len);
        while left > 0 {
            checkpoint(self.progress)?;
            let most = usize::try_from(left).unwrap_or(PIECE_LEN).min(PIECE_LEN);
            if piece.is_empty() || period == PIECE_LEN {
                let seen = from..from + widen(period.min(most));
                bytes::read(self.target, Side::Target, seen, &mut piece)?;
                if period < PIECE_LEN {
                    // Whole periods, so that the next piece begins like this one.
                    let periods = (PIECE_LEN / period).min(most.div_ceil(period));
                    piece = piece.repeat(periods.max(1));
                }
            }
            let part = &piece[..most.min(piece.len())];
            self.put(part)?;
            from += widen(part.len());
            left -= widen(part.len());
        }
        Ok(())
    }
}
