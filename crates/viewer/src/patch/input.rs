//! The bytes of a patch, one entry after the other.

use memmap::{AnyMap, Progress, widen};

use super::bytes::{self, Side, checkpoint};
use super::error::Damage;
use super::{PatchError, PatchFormat};

/// Bytes of the patch that are read ahead.
const AHEAD: u64 = 64 << 10;

/// Reads a patch from its start to a given end.
#[derive(Debug)]
pub(super) struct Input<'a> {
    map: &'a AnyMap,
    format: PatchFormat,
    progress: &'a Progress,
    buffer: Vec<u8>,
    /// How much of the buffer was taken.
    taken: usize,
    /// Offset of the end of the buffer.
    at: u64,
    end: u64,
}

impl<'a> Input<'a> {
    pub(super) const fn new(
        map: &'a AnyMap,
        format: PatchFormat,
        end: u64,
        progress: &'a Progress,
    ) -> Self {
        Self { map, format, progress, buffer: Vec::new(), taken: 0, at: 0, end }
    }

    /// Offset of the next byte.
    pub(super) fn offset(&self) -> u64 {
        self.at - widen(self.buffer.len() - self.taken)
    }

    /// The number of bytes before the end.
    pub(super) fn left(&self) -> u64 {
        self.end - self.offset()
    }

    /// The error that something is wrong at this offset.
    pub(super) const fn damaged(&self, at: u64, what: Damage) -> PatchError {
        PatchError::Damaged { format: self.format, at, what }
    }

    /// The bytes that are in memory, at most `most`, and at least one unless `most` is 0.
    fn some(&mut self, most: u64) -> Result<&[u8], PatchError> {
        if self.taken == self.buffer.len() {
            checkpoint(self.progress)?;
            let next = self.at..self.end.min(self.at.saturating_add(AHEAD));
            if next.is_empty() && most > 0 {
                return Err(self.damaged(self.at, Damage::Short));
            }
            self.at = next.end;
            self.taken = 0;
            bytes::read(self.map, Side::Patch, next, &mut self.buffer)?;
        }
        let len = usize::try_from(most).unwrap_or(usize::MAX);
        let start = self.taken;
        self.taken = start.saturating_add(len).min(self.buffer.len());
        Ok(&self.buffer[start..self.taken])
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], PatchError> {
        let mut array = [0; N];
        let mut filled = 0;
        while filled < N {
            let some = self.some(widen(N - filled))?;
            array[filled..filled + some.len()].copy_from_slice(some);
            filled += some.len();
        }
        Ok(array)
    }

    pub(super) fn byte(&mut self) -> Result<u8, PatchError> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Passes on the next `len` bytes in pieces.
    pub(super) fn copy(
        &mut self,
        len: u64,
        mut with: impl FnMut(&[u8]) -> Result<(), PatchError>,
    ) -> Result<(), PatchError> {
        let mut left = len;
        while left > 0 {
            let some = self.some(left)?;
            with(some)?;
            left -= widen(some.len());
        }
        Ok(())
    }

    /// Leaves out `len` bytes.
    pub(super) fn skip(&mut self, len: u64) -> Result<(), PatchError> {
        if len > self.left() {
            return Err(self.damaged(self.end, Damage::Short));
        }
        let held = widen(self.buffer.len() - self.taken);
        if len <= held {
            self.some(len)?;
        } else {
            self.at += len - held;
            self.taken = self.buffer.len();
        }
        Ok(())
    }
}
