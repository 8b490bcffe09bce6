//! Frames: parts of records with a checksum.

use memmap_core::widen;

use super::codec::Take;
use super::{JournalError, Record};

/// The most bytes that a frame has of a record.
pub(super) const PAYLOAD_MAX: usize = 4 << 20;
pub(super) const HEAD_LEN: usize = 32;
pub(super) const SUM_LEN: usize = 16;
/// The most bytes of a record, so that reading takes no more memory.
pub(super) const RECORD_MAX: usize = 256 << 20;

pub(super) type Session = [u8; 16];

/// What is before the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) len: usize,
    pub(super) kind: u16,
    pub(super) flags: u16,
    pub(super) sequence: u64,
    pub(super) session: Session,
}

/// The record goes on in the next frame.
pub(super) const GOES_ON: u16 = 1;

impl Head {
    pub(super) fn decode(bytes: &[u8; HEAD_LEN]) -> Option<Self> {
        let mut take = Take(bytes);
        Some(Self {
            len: usize::try_from(take.u32()?).ok()?,
            kind: take.u16()?,
            flags: take.u16()?,
            sequence: take.u64()?,
            session: take.array()?,
        })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        // A payload is never longer than `PAYLOAD_MAX`.
        let len = u32::try_from(self.len).unwrap_or(u32::MAX);
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(&self.kind.to_le_bytes());
        out.extend_from_slice(&self.flags.to_le_bytes());
        out.extend_from_slice(&self.sequence.to_le_bytes());
        out.extend_from_slice(&self.session);
    }
}

/// The first half of the BLAKE3 of bytes.
pub(super) fn checksum(bytes: &[u8]) -> [u8; SUM_LEN] {
    half(&blake3::hash(bytes))
}

fn half(hash: &blake3::Hash) -> [u8; SUM_LEN] {
    let mut sum = [0; SUM_LEN];
    sum.iter_mut().zip(hash.as_bytes()).for_each(|(to, from)| *to = *from);
    sum
}

/// What the next frame follows. Each checksum covers the one before it, so that a frame that was given up
/// and left in the file is never taken for one that follows another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) session: Session,
    pub(super) sequence: u64,
    pub(super) sum: [u8; SUM_LEN],
}

impl Chain {
    /// The checksum of the next frame.
    pub(super) fn next_sum(&self, frame: &[u8]) -> [u8; SUM_LEN] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.sum).update(frame);
        half(&hasher.finalize())
    }

    pub(super) fn advance(&mut self, sum: [u8; SUM_LEN]) {
        self.sequence += 1;
        self.sum = sum;
    }

    /// Adds the frames of a record.
    pub(super) fn append(&mut self, payload: &Payload, out: &mut Vec<u8>) {
        let mut rest = &payload.bytes[..];
        loop {
            let (part, after) = rest.split_at(rest.len().min(PAYLOAD_MAX));
            let flags = if after.is_empty() { 0 } else { GOES_ON };
            let start = out.len();
            let Self { session, sequence, .. } = *self;
            Head { len: part.len(), kind: payload.kind, flags, sequence, session }.encode(out);
            out.extend_from_slice(part);
            let sum = self.next_sum(out.get(start..).unwrap_or_default());
            out.extend_from_slice(&sum);
            self.advance(sum);
            rest = after;
            if rest.is_empty() {
                return;
            }
        }
    }
}

/// A record that is not in frames yet.
#[derive(Debug)]
pub(super) struct Payload {
    pub(super) kind: u16,
    pub(super) bytes: Vec<u8>,
}

impl Payload {
    pub(super) fn of(record: &Record) -> Result<Self, JournalError> {
        let (kind, bytes) = record.encode()?;
        if bytes.len() > RECORD_MAX {
            return Err(JournalError::TooLarge { len: widen(bytes.len()) });
        }
        Ok(Self { kind, bytes })
    }

    /// The length of its frames.
    pub(super) fn framed_len(&self) -> usize {
        let frames = self.bytes.len().div_ceil(PAYLOAD_MAX).max(1);
        self.bytes.len() + frames * (HEAD_LEN + SUM_LEN)
    }
}
