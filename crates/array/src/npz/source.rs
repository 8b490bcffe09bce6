//! A file that is read at offsets. A range beyond its end is reported as damage, and is not read.

use crate::{ErrorKind, Result};

pub(crate) struct Source<'a> {
    read_at: &'a dyn Fn(u64, &mut [u8]) -> Result<()>,
    len: u64,
}

impl<'a> Source<'a> {
    pub(crate) const fn new(read_at: &'a dyn Fn(u64, &mut [u8]) -> Result<()>, len: u64) -> Self {
        Self { read_at, len }
    }

    pub(crate) const fn len(&self) -> u64 {
        self.len
    }

    pub(crate) fn array<const N: usize>(&self, offset: u64) -> Result<[u8; N]> {
        let mut array = [0; N];
        self.fill(offset, &mut array)?;
        Ok(array)
    }

    /// Reads `len` bytes. Checks that they exist before allocating.
    pub(crate) fn bytes(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        self.check(offset, len)?;
        let mut bytes = vec![0; len];
        self.fill(offset, &mut bytes)?;
        Ok(bytes)
    }

    fn fill(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        self.check(offset, out.len())?;
        (self.read_at)(offset, out)
    }

    fn check(&self, offset: u64, len: usize) -> Result<()> {
        let end = u64::try_from(len).ok().and_then(|len| offset.checked_add(len));
        if end.is_some_and(|end| end <= self.len) {
            return Ok(());
        }
        Err(damaged(offset, "a length or an offset reaches beyond the end of the file"))
    }
}

pub(super) fn damaged(offset: u64, problem: &'static str) -> crate::Error {
    ErrorKind::ZipDamaged { offset, problem }.into()
}

/// The little-endian number at this offset of a record; 0 beyond its end, which callers rule out.
pub(super) fn u16_at(record: &[u8], at: usize) -> u16 {
    number(record, at).map_or(0, u16::from_le_bytes)
}

pub(super) fn u32_at(record: &[u8], at: usize) -> u32 {
    number(record, at).map_or(0, u32::from_le_bytes)
}

pub(super) fn u64_at(record: &[u8], at: usize) -> u64 {
    number(record, at).map_or(0, u64::from_le_bytes)
}

fn number<const N: usize>(record: &[u8], at: usize) -> Option<[u8; N]> {
    record.get(at..)?.first_chunk().copied()
}
