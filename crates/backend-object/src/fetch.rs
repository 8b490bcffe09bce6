use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use memmap_core::Identity;

use crate::cache::{BLOCK_LEN, Cache, Fetch};
use crate::failure::Failure;
use crate::store::{Reply, Store};
use crate::version::Version;

/// What the readers of a mapping and its requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) version: Version,
    /// From the start of the object to the first mapped byte.
    pub(crate) start: u64,
    /// The number of mapped bytes.
    pub(crate) len: u64,
    cache: Mutex<Cache>,
    changed: Condvar,
    /// Nobody reads any more, so that requests stop.
    pub(crate) is_closed: AtomicBool,
}

impl Shared {
    pub(crate) fn new(store: Store, version: Version, start: u64, len: u64, bytes: u64) -> Self {
        let cache = Mutex::new(Cache::new(len.div_ceil(BLOCK_LEN), bytes));
        let is_closed = AtomicBool::new(false);
        Self { store, version, start, len, cache, changed: Condvar::new(), is_closed }
    }

    pub(crate) fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a block comes or fails.
    pub(crate) fn wait<'a>(&self, cache: MutexGuard<'a, Cache>) -> MutexGuard<'a, Cache> {
        self.changed.wait(cache).unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches blocks. However it ends, those who wait learn of it.
    pub(crate) async fn fetch(self: Arc<Self>, fetch: Arc<Fetch>) {
        let mut arrival = Arrival { at: fetch.blocks.start, shared: &self, fetch: &fetch };
        let failure = match self.ask(&fetch).await {
            Ok(mut reply) => arrival.receive(&mut reply).await.err(),
            Err(failure) => Some(failure),
        };
        if let Some(failure) = failure {
            arrival.fail(failure);
        }
    }

    async fn ask(&self, fetch: &Fetch) -> Result<Reply, Failure> {
        let first = fetch.blocks.start.saturating_mul(BLOCK_LEN);
        let end = fetch.blocks.end.saturating_mul(BLOCK_LEN).min(self.len);
        let range = self.start.saturating_add(first)..self.start.saturating_add(end);
        let reply = self.store.get(Some(range), self.version.conditions()).await?;
        self.require_same(&reply)?;
        Ok(reply)
    }

    /// Some servers ignore conditions, so that the answer is looked at.
    fn require_same(&self, reply: &Reply) -> Result<(), Failure> {
        if self.version.is_of(&reply.meta) {
            return Ok(());
        }
        let now: Identity = Version::new(&reply.meta, &reply.noted).identity();
        Err(Failure::Replaced { now: Some(now) })
    }

    /// The number of bytes in a block.
    pub(crate) fn block_len(&self, block: u64) -> usize {
        let left = self.len.saturating_sub(block.saturating_mul(BLOCK_LEN)).min(BLOCK_LEN);
        usize::try_from(left).unwrap_or_default()
    }

    /// Keeps the bytes of a block.
    pub(crate) fn put(&self, block: u64, bytes: Vec<u8>) {
        self.cache().put(block, bytes.into());
        self.changed.notify_all();
    }
}

/// The blocks of a request as they come.
struct Arrival<'a> {
    /// The next block.
    at: u64,
    shared: &'a Shared,
    fetch: &'a Arc<Fetch>,
}

impl Arrival<'_> {
    async fn receive(&mut self, reply: &mut Reply) -> Result<(), Failure> {
        let mut block: Vec<u8> = Vec::with_capacity(self.shared.block_len(self.at));
        while let Some(chunk) = self.shared.store.next(reply).await? {
            let mut rest: &[u8] = &chunk;
            while !rest.is_empty() {
                let wanted = self.shared.block_len(self.at).saturating_sub(block.len());
                let (part, after) = rest.split_at(wanted.min(rest.len()));
                if self.at >= self.fetch.blocks.end || part.is_empty() {
                    return Err(failed("the server sent more bytes than it said"));
                }
                block.extend_from_slice(part);
                rest = after;
                if part.len() == wanted {
                    self.shared.put(self.at, std::mem::take(&mut block));
                    self.at = self.at.saturating_add(1);
                    if self.at < self.fetch.blocks.end {
                        block.reserve_exact(self.shared.block_len(self.at));
                    }
                }
            }
            if self.shared.is_closed.load(Ordering::Relaxed) {
                return Err(failed("the mapping was closed"));
            }
        }
        if self.at < self.fetch.blocks.end {
            return Err(failed("the server sent fewer bytes than it said"));
        }
        Ok(())
    }

    fn fail(&mut self, failure: Failure) {
        self.shared.cache().fail(self.fetch, self.at, failure);
        self.at = self.fetch.blocks.end;
        self.shared.changed.notify_all();
    }
}

impl Drop for Arrival<'_> {
    fn drop(&mut self) {
        if self.at < self.fetch.blocks.end {
            self.fail(failed("the request was given up"));
        }
    }
}

fn failed(text: &str) -> Failure {
    Failure::other(io::ErrorKind::UnexpectedEof, text)
}
