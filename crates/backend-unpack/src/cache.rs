use std::collections::VecDeque;
use std::sync::Arc;

use crate::index::Decoder;

/// Blocks that are kept.
const BLOCKS_MAX: usize = 32;

/// Decompressors that are kept: for readers that go on from where they were.
const DECODERS_MAX: usize = 8;

/// Memory that they may hold together. The newest one is kept whatever it holds.
const DECODERS_MEMORY: u64 = 64 << 20;

/// The blocks and decompressors that were used last, the newest in front.
#[derive(Default)]
pub(crate) struct Cache {
    blocks: VecDeque<(u64, Arc<[u8]>)>,
    decoders: VecDeque<(u64, Decoder)>,
}

impl Cache {
    pub(crate) fn block(&mut self, number: u64) -> Option<Arc<[u8]>> {
        let at = self.blocks.iter().position(|(it, _)| *it == number)?;
        let found = self.blocks.remove(at)?;
        let block = Arc::clone(&found.1);
        self.blocks.push_front(found);
        Some(block)
    }

    pub(crate) fn keep_block(&mut self, number: u64, block: Arc<[u8]>) {
        self.blocks.retain(|(it, _)| *it != number);
        self.blocks.push_front((number, block));
        self.blocks.truncate(BLOCKS_MAX);
    }

    /// Takes the decompressor that is the nearest one before an offset, if it is not before `start`.
    pub(crate) fn take_decoder(&mut self, start: u64, offset: u64) -> Option<(u64, Decoder)> {
        let all = self.decoders.iter().enumerate();
        let near = all.filter(|(_, (at, _))| (start..=offset).contains(at));
        let (index, _) = near.max_by_key(|(_, (at, _))| *at)?;
        self.decoders.remove(index)
    }

    pub(crate) fn keep_decoder(&mut self, at: u64, decoder: Decoder) {
        self.decoders.push_front((at, decoder));
        let mut memory = 0_u64;
        let mut count = 0_usize;
        self.decoders.retain(|(_, decoder)| {
            memory = memory.saturating_add(decoder.memory());
            count = count.saturating_add(1);
            count == 1 || (memory <= DECODERS_MEMORY && count <= DECODERS_MAX)
        });
    }

    /// The memory of all blocks.
    pub(crate) const fn limit() -> usize {
        BLOCKS_MAX * crate::BLOCK_LEN
    }
}
