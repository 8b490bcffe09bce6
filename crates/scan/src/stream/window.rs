use std::io;
use std::sync::Arc;

use memmap_core::{Error, ErrorKind, Mapping, Op, Result, check, widen};

/// The last bytes of what has come, at their offsets in the stream. Those before them are gone.
#[derive(Debug, Clone, Default)]
pub(super) struct Window {
    start: u64,
    bytes: Arc<Vec<u8>>,
}

/// Bytes that are moved to free others, at most this many times less than those.
const GONE_MIN: usize = 256 << 10;

impl Window {
    pub(super) fn starting_at(start: u64) -> Self {
        Self { start, bytes: Arc::default() }
    }

    pub(super) fn end(&self) -> u64 {
        self.start.saturating_add(widen(self.bytes.len()))
    }

    /// Nobody else has the window when this is called.
    pub(super) fn append(&mut self, more: &[u8]) {
        Arc::make_mut(&mut self.bytes).extend_from_slice(more);
    }

    /// Lets go of what is before this offset.
    pub(super) fn forget(&mut self, before: u64) {
        let gone = before.min(self.end()).saturating_sub(self.start);
        let len = usize::try_from(gone).unwrap_or(usize::MAX);
        // Otherwise small steps would move the rest again and again.
        if len >= GONE_MIN.max(self.bytes.len() / 2) {
            Arc::make_mut(&mut self.bytes).drain(..len);
            self.start = self.start.saturating_add(gone);
        }
    }
}

impl Mapping for Window {
    fn len(&self) -> u64 {
        self.end()
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        check(offset, out.len(), self.end())?;
        let at = offset.checked_sub(self.start).and_then(|at| usize::try_from(at).ok());
        let bytes = at.and_then(|at| self.bytes.get(at..)?.get(..out.len()));
        let gone = || io::Error::other("these bytes of the stream are gone");
        let bytes = bytes.ok_or_else(|| Error::new(Op::Read, ErrorKind::Os(gone())))?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn next_readable(&self, offset: u64) -> u64 {
        self.start.max(offset.saturating_add(1))
    }

    fn name(&self) -> &'static str {
        "stream"
    }
}
