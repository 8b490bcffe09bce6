use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use memmap_core::{
    Advice, Error, ErrorKind, Identity, Mapping, Op, Partial, Pinned, Remote, Result, check, widen,
};

use crate::cache::{BLOCK_LEN, Fetch, Found};
use crate::failure::Failure;
use crate::fetch::Shared;
use crate::runtime::Runtime;
use crate::streams::Order;

/// An object of a server, or a range of one, in one version.
///
/// Blocks of 1 MiB are fetched when they are read, once, whoever asks, and the newest ones are kept. Reading forward
/// fetches ahead. [`advise`](Mapping::advise) with `WillNeed` fetches without waiting;
/// [`resident`](Mapping::resident) says what is there.
pub struct Object {
    shared: Arc<Shared>,
    runtime: Arc<Runtime>,
}

impl Object {
    pub(crate) const fn new(shared: Arc<Shared>, runtime: Arc<Runtime>) -> Self {
        Self { shared, runtime }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// What says that all bytes are of one version; `None` if nothing does, which only
    /// [`Objects::allow_unpinned`](crate::Objects::allow_unpinned) opens.
    pub fn pinned(&self) -> Option<Pinned> {
        self.shared.version.pinned()
    }

    /// A block. One request is sent for it, whoever asks, and those after it are asked for where readers go forward.
    fn block(&self, block: u64) -> Result<Arc<[u8]>, Failure> {
        let mut cache = self.shared.cache();
        let ahead = if self.shared.store.is_down() { 0 } else { cache.streams.read(block) };
        let mut begun = Vec::new();
        let mut waited: Option<Arc<Fetch>> = None;
        let mut is_first = true;
        loop {
            if let Some(failure) = &cache.over {
                return Err(failure.clone());
            }
            if let Some(failure) = waited.as_ref().and_then(|fetch| fetch.failure_of(block)) {
                return Err(failure.clone());
            }
            let found = cache.find(block);
            match &found {
                Found::Fetching(fetch) => waited = Some(Arc::clone(fetch)),
                Found::Absent => {
                    // After a failure it is asked for alone.
                    let fetch = cache.begin(block, if is_first { ahead } else { 0 });
                    begun.push(Arc::clone(&fetch));
                    waited = Some(fetch);
                }
                Found::Ready(_) => {}
            }
            if is_first && ahead > 0 {
                begun.extend(cache.begin_ahead(block, ahead));
            }
            is_first = false;
            for fetch in begun.drain(..) {
                self.runtime.spawn(Arc::clone(&self.shared).fetch(fetch));
            }
            if let Found::Ready(bytes) = found {
                return Ok(bytes);
            }
            cache = self.shared.wait(cache);
        }
    }

    /// Requests what is absent of some blocks, without waiting, as far as there is room.
    fn request(&self, blocks: Range<u64>) {
        let mut cache = self.shared.cache();
        let mut rest = blocks;
        while cache.over.is_none()
            && let Some(absent) = cache.first_absent(rest.clone())
            && cache.has_room(1)
        {
            let fetch = cache.begin(absent, rest.end.saturating_sub(absent).saturating_sub(1));
            rest.start = fetch.blocks.end;
            self.runtime.spawn(Arc::clone(&self.shared).fetch(fetch));
        }
    }

    fn check(&self, op: Op, offset: u64, len: u64) -> Result<Range<u64>> {
        let bound = self.shared.len;
        match offset.checked_add(len).filter(|&end| end <= bound) {
            Some(end) => Ok(offset..end),
            None => Err(Error::new(op, ErrorKind::OutOfBounds { offset, len, bound })),
        }
    }

    fn was(&self) -> Identity {
        self.shared.version.identity()
    }
}

/// The blocks that a range touches.
fn blocks_of(range: &Range<u64>) -> Range<u64> {
    if range.is_empty() {
        return 0..0;
    }
    range.start / BLOCK_LEN..range.end.div_ceil(BLOCK_LEN)
}

impl Mapping for Object {
    fn len(&self) -> u64 {
        self.shared.len
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        match self.read_some(offset, out)?.stopped {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }

    fn read_some(&self, offset: u64, out: &mut [u8]) -> Result<Partial> {
        check(offset, out.len(), self.shared.len)?;
        let mut len = 0;
        while let Some(rest) = out.get_mut(len..).filter(|rest| !rest.is_empty()) {
            let at = offset.saturating_add(widen(len));
            let bytes = match self.block(at / BLOCK_LEN) {
                Ok(bytes) => bytes,
                Err(failure) => {
                    let stopped = Some(failure.of_reading(at, self.was()));
                    return Ok(Partial { len, stopped });
                }
            };
            let start = usize::try_from(at % BLOCK_LEN).unwrap_or(usize::MAX);
            let part = bytes.get(start..).unwrap_or_default();
            let part = part.get(..rest.len()).unwrap_or(part);
            let Some(room) = rest.get_mut(..part.len()).filter(|room| !room.is_empty()) else {
                break;
            };
            room.copy_from_slice(part);
            len = len.saturating_add(part.len());
        }
        Ok(Partial { len, stopped: None })
    }

    /// The next block: a server is not asked again for each byte. The end, if it was replaced.
    fn next_readable(&self, offset: u64) -> u64 {
        if self.shared.cache().over.is_some() {
            return self.shared.len.max(offset.saturating_add(1));
        }
        let next = (offset / BLOCK_LEN).saturating_add(1).saturating_mul(BLOCK_LEN);
        next.min(self.shared.len).max(offset.saturating_add(1))
    }

    fn identity(&self) -> Option<Identity> {
        Some(self.was())
    }

    fn remote(&self) -> Option<Remote> {
        let traffic = &self.shared.store.traffic;
        Some(Remote {
            pinned: self.pinned(),
            requests: traffic.requests.load(Ordering::Relaxed),
            fetched: traffic.fetched.load(Ordering::Relaxed),
        })
    }

    fn name(&self) -> &'static str {
        "remote"
    }

    fn advise(&self, offset: u64, len: u64, advice: Advice) -> Result<()> {
        let range = self.check(Op::Advise, offset, len)?;
        match advice {
            Advice::WillNeed => self.request(blocks_of(&range)),
            Advice::DontNeed | Advice::Evict => {
                let last = if range.end == self.shared.len {
                    range.end.div_ceil(BLOCK_LEN)
                } else {
                    range.end / BLOCK_LEN
                };
                let first = range.start.div_ceil(BLOCK_LEN);
                self.shared.cache().drop_blocks(first..last.max(first));
            }
            Advice::Sequential => self.shared.cache().streams.order = Order::Forward,
            Advice::Random => self.shared.cache().streams.order = Order::Random,
            Advice::Normal => self.shared.cache().streams.order = Order::Unknown,
            _ => {}
        }
        Ok(())
    }

    /// Fetches the range. The cache keeps the newest blocks of it.
    fn prefault(&self, offset: u64, len: u64) -> Result<()> {
        let range = self.check(Op::Prefault, offset, len)?;
        for block in blocks_of(&range) {
            self.block(block).map_err(|failure| {
                let at = offset.max(block.saturating_mul(BLOCK_LEN));
                failure.of_reading(at, self.was()).during(Op::Prefault)
            })?;
        }
        Ok(())
    }

    fn resident(&self, offset: u64, len: u64) -> Result<Vec<Range<u64>>> {
        let range = self.check(Op::Query, offset, len)?;
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for block in self.shared.cache().ready() {
            let start = block.saturating_mul(BLOCK_LEN);
            let end = start.saturating_add(BLOCK_LEN).min(range.end);
            let start = start.max(range.start);
            match ranges.last_mut() {
                _ if start >= end => {}
                Some(last) if last.end == start => last.end = end,
                _ => ranges.push(start..end),
            }
        }
        Ok(ranges)
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        self.shared.is_closed.store(true, Ordering::Relaxed);
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object")
            .field("len", &self.shared.len)
            .field("start", &self.shared.start)
            .field("pinned", &self.pinned())
            .finish_non_exhaustive()
    }
}
