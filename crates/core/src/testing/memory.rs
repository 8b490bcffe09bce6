use std::io;
use std::ops::Range;

use crate::{Advice, Error, ErrorKind, Op, Private, Ram, Result};

/// Heap memory that replaces a system's anonymous memory in tests.
#[derive(Debug)]
pub struct FakeMemory(Vec<u8>);

/// Anonymous memory in tests.
pub type FakeRam = Ram<FakeMemory>;

impl AsRef<[u8]> for FakeMemory {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl AsMut<[u8]> for FakeMemory {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl Private for FakeMemory {
    fn zeroed(len: usize) -> io::Result<Self> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(len).map_err(|_refused| io::ErrorKind::OutOfMemory)?;
        bytes.resize(len, 0);
        Ok(Self(bytes))
    }

    fn reserve(most: usize, len: usize) -> io::Result<Self> {
        Self::zeroed(len.max(most.min(len)))
    }

    fn room(&self) -> usize {
        self.0.len()
    }

    fn grow(&mut self, _: usize) -> bool {
        false
    }

    fn zero(&mut self, range: Range<usize>) {
        if let Some(bytes) = self.0.get_mut(range) {
            bytes.fill(0);
        }
    }

    fn advise(&self, _: Range<usize>, _: Advice) -> io::Result<()> {
        Ok(())
    }

    fn lock(&self, _: Range<usize>) -> Result<()> {
        let kind = ErrorKind::unsupported("fake", "locking memory");
        Err(Error::new(Op::Prefault, kind))
    }

    fn unlock(&self, _: Range<usize>) -> io::Result<()> {
        Ok(())
    }

    fn is_out_of_memory(error: &io::Error) -> bool {
        error.kind() == io::ErrorKind::OutOfMemory
    }
}
