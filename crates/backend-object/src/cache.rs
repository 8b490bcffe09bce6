use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::failure::Failure;
use crate::streams::Streams;

/// The bytes of a block. A multiple of a page, and of what a scan asks for.
pub(crate) const BLOCK_LEN: u64 = 1 << 20;

/// The most blocks of one request.
const MAX_JOINED: u64 = 8;

/// The blocks that are there or on their way.
#[derive(Debug)]
pub(crate) struct Cache {
    slots: BTreeMap<u64, Slot>,
    /// The number of all blocks of the mapping.
    count: u64,
    /// The most that are kept.
    capacity: u64,
    /// How many are there; the others are on their way.
    ready: u64,
    /// Counts uses, so that the oldest one is known.
    clock: u64,
    /// Why nothing can be read any more.
    pub(crate) over: Option<Failure>,
    pub(crate) streams: Streams,
}

#[derive(Debug)]
enum Slot {
    Fetching(Arc<Fetch>),
    Ready { bytes: Arc<[u8]>, used: u64 },
}

/// A request for some blocks.
#[derive(Debug)]
pub(crate) struct Fetch {
    pub(crate) blocks: Range<u64>,
    failure: OnceLock<Failure>,
}

/// What the cache has of a block.
pub(crate) enum Found {
    Ready(Arc<[u8]>),
    Fetching(Arc<Fetch>),
    Absent,
}

impl Fetch {
    /// Why a block did not come, if this request is over and was for that block alone. A request for several says
    /// little about each: that block is asked for again.
    pub(crate) fn failure_of(&self, block: u64) -> Option<&Failure> {
        let is_alone = self.blocks == (block..block.saturating_add(1));
        self.failure.get().filter(|why| is_alone || why.is_final())
    }
}

impl Cache {
    /// A cache for an object of `count` blocks. It keeps as many as fit into `bytes`, and at least four.
    pub(crate) fn new(count: u64, bytes: u64) -> Self {
        Self {
            slots: BTreeMap::new(),
            count,
            capacity: (bytes / BLOCK_LEN).max(4),
            ready: 0,
            clock: 0,
            over: None,
            streams: Streams::default(),
        }
    }

    pub(crate) fn find(&mut self, block: u64) -> Found {
        self.clock = self.clock.saturating_add(1);
        match self.slots.get_mut(&block) {
            Some(Slot::Ready { bytes, used }) => {
                *used = self.clock;
                Found::Ready(Arc::clone(bytes))
            }
            Some(Slot::Fetching(fetch)) => Found::Fetching(Arc::clone(fetch)),
            None => Found::Absent,
        }
    }

    /// Begins a request for a block that is absent, and for those after it that are, up to `ahead` of them.
    pub(crate) fn begin(&mut self, block: u64, ahead: u64) -> Arc<Fetch> {
        let most = MAX_JOINED.min(self.capacity / 4).max(1);
        let end = self.count.min(block.saturating_add(ahead.saturating_add(1).min(most)));
        let taken = self.slots.range(block..end).next().map(|(&taken, _)| taken);
        let blocks = block..taken.unwrap_or(end).max(block.saturating_add(1));
        let fetch = Arc::new(Fetch { blocks: blocks.clone(), failure: OnceLock::new() });
        for block in blocks {
            self.slots.insert(block, Slot::Fetching(Arc::clone(&fetch)));
        }
        fetch
    }

    /// Begins a request ahead of a reader, if enough is missing there for it to be worth one, and if there is room.
    pub(crate) fn begin_ahead(&mut self, block: u64, ahead: u64) -> Option<Arc<Fetch>> {
        let end = self.count.min(block.saturating_add(ahead).saturating_add(1));
        let first = (block..end).find(|block| !self.slots.contains_key(block))?;
        let missing = end.saturating_sub(first);
        let joined = MAX_JOINED.min(self.capacity / 4).max(1);
        let is_worth_it = missing >= joined.min(ahead.div_ceil(2)) || end == self.count;
        (is_worth_it && self.has_room(missing.min(joined)))
            .then(|| self.begin(first, missing.saturating_sub(1)))
    }

    /// Whether so many more blocks may be on their way without being waited for.
    pub(crate) fn has_room(&self, blocks: u64) -> bool {
        let all = u64::try_from(self.slots.len()).unwrap_or(u64::MAX);
        all.saturating_sub(self.ready).saturating_add(blocks) <= self.capacity / 2
    }

    /// The first block of a range that is absent.
    pub(crate) fn first_absent(&self, blocks: Range<u64>) -> Option<u64> {
        blocks.into_iter().find(|block| !self.slots.contains_key(block))
    }

    /// A block came.
    pub(crate) fn put(&mut self, block: u64, bytes: Arc<[u8]>) {
        self.clock = self.clock.saturating_add(1);
        let slot = Slot::Ready { bytes, used: self.clock };
        if !matches!(self.slots.insert(block, slot), Some(Slot::Ready { .. })) {
            self.ready = self.ready.saturating_add(1);
        }
        while self.ready > 1 && u64::try_from(self.slots.len()).unwrap_or(u64::MAX) > self.capacity
        {
            let oldest = self.slots.iter().filter_map(|(&block, slot)| match slot {
                Slot::Ready { used, .. } => Some((*used, block)),
                Slot::Fetching(_) => None,
            });
            let Some((_, oldest)) = oldest.min() else { break };
            self.remove(oldest);
        }
    }

    /// A request is over, and the blocks from `at` on did not come.
    pub(crate) fn fail(&mut self, fetch: &Arc<Fetch>, at: u64, failure: Failure) {
        for block in at..fetch.blocks.end {
            let is_its = |slot: &Slot| matches!(slot, Slot::Fetching(it) if Arc::ptr_eq(it, fetch));
            if self.slots.get(&block).is_some_and(is_its) {
                self.slots.remove(&block);
            }
        }
        if failure.is_final() {
            self.over.get_or_insert_with(|| failure.clone());
            // Old bytes are of no use: they would be mixed with errors.
            self.slots.retain(|_, slot| matches!(slot, Slot::Fetching(_)));
            self.ready = 0;
        }
        fetch.failure.get_or_init(|| failure);
    }

    /// Lets blocks go that are there.
    pub(crate) fn drop_blocks(&mut self, blocks: Range<u64>) {
        let ready = self.slots.range(blocks).filter(|(_, slot)| matches!(slot, Slot::Ready { .. }));
        let ready: Vec<u64> = ready.map(|(&block, _)| block).collect();
        for block in ready {
            self.remove(block);
        }
    }

    /// The blocks that are there, in order.
    pub(crate) fn ready(&self) -> impl Iterator<Item = u64> {
        let is_ready = |slot: &Slot| matches!(slot, Slot::Ready { .. });
        self.slots.iter().filter(move |(_, slot)| is_ready(slot)).map(|(&block, _)| block)
    }

    fn remove(&mut self, block: u64) {
        if let Some(Slot::Ready { .. }) = self.slots.remove(&block) {
            self.ready = self.ready.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn bytes() -> Arc<[u8]> {
        Arc::from([0; 4])
    }

    #[test]
    fn memory_has_a_bound_and_the_oldest_goes_first() {
        let mut cache = Cache::new(100, 8 * BLOCK_LEN);
        for block in 0..8 {
            cache.put(block, bytes());
        }
        assert!(matches!(cache.find(0), Found::Ready(_)));
        for block in 8..12 {
            cache.put(block, bytes());
        }
        assert_eq!(cache.ready().collect::<Vec<_>>(), [0, 5, 6, 7, 8, 9, 10, 11]);
        cache.drop_blocks(5..10);
        assert_eq!(cache.ready().collect::<Vec<_>>(), [0, 10, 11]);
    }

    #[test]
    fn a_block_is_asked_for_once_and_requests_end_where_another_begins() {
        let mut cache = Cache::new(20, 64 * BLOCK_LEN);
        assert_eq!(cache.begin(5, 0).blocks, 5..6);
        assert_eq!(cache.begin(0, 100).blocks, 0..5);
        assert_eq!(cache.begin(6, 100).blocks, 6..14);
        assert!(matches!(cache.find(13), Found::Fetching(_)));
        assert_eq!(cache.begin_ahead(5, 16).map(|fetch| fetch.blocks.clone()), Some(14..20));
        assert!(cache.begin_ahead(5, 16).is_none());
        assert_eq!(cache.first_absent(0..30), Some(20));
    }

    #[test]
    fn the_failure_of_a_request_for_several_is_none_of_each() {
        let mut cache = Cache::new(20, 64 * BLOCK_LEN);
        let fetch = cache.begin(0, 7);
        cache.put(0, bytes());
        cache.fail(&fetch, 1, Failure::other(io::ErrorKind::Other, "x"));
        assert!(fetch.failure_of(1).is_none() && fetch.failure_of(2).is_none());
        let alone = cache.begin(1, 0);
        cache.fail(&alone, 1, Failure::other(io::ErrorKind::Other, "x"));
        assert!(alone.failure_of(1).is_some());
        assert!(matches!(cache.find(2), Found::Absent));
        assert!(matches!(cache.find(0), Found::Ready(_)));
    }

    #[test]
    fn nothing_is_left_of_an_object_that_was_replaced() {
        let mut cache = Cache::new(20, 64 * BLOCK_LEN);
        cache.put(9, bytes());
        let fetch = cache.begin(0, 7);
        cache.fail(&fetch, 0, Failure::Replaced { now: None });
        assert!(fetch.failure_of(3).is_some());
        assert!(cache.over.is_some() && cache.ready().next().is_none());
    }
}
