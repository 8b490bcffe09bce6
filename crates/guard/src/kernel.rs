/// The number of bytes in a block, which a [`Kernel`] takes at a time.
pub const BLOCK_LEN: usize = 128;

/// The most blocks that a [`Kernel`] takes in a row.
pub const ROUND_LEN: usize = 32;

/// A computation over bytes where they are: a sum, a count, a search.
///
/// Bytes arrive in order: whole blocks, and the remainder last. A block is a copy that was loaded once, into
/// registers where the processor can, and no longer changes.
///
/// Mark both methods `#[inline(always)]`, so that they are compiled as a part of the loop over the blocks,
/// for the widest registers of this processor. Arithmetic on a few arrays of 8 to 32 numbers stays in
/// registers; larger arrays and branches do not.
pub trait Kernel {
    /// Takes a whole block.
    fn block(&mut self, block: &[u8; BLOCK_LEN]);

    /// Takes the remainder, fewer bytes than a block. Called at most once, last.
    fn rest(&mut self, rest: &[u8]);

    /// Called between blocks, at the latest after [`ROUND_LEN`] of them. Lanes that would overflow are added
    /// up here, outside of the loop that keeps them in registers.
    fn round(&mut self) {}
}

/// A computation over the bytes of two ranges at the same positions: a comparison.
///
/// As for a [`Kernel`], a block is a copy that no longer changes. Mark the method `#[inline(always)]`.
pub trait PairKernel {
    /// Takes a whole block of each range.
    fn blocks(&mut self, first: &[u8; BLOCK_LEN], second: &[u8; BLOCK_LEN]);
}

/// Feeds blocks that are in ordinary memory to a kernel.
#[inline]
pub fn feed_blocks<K: Kernel>(kernel: &mut K, blocks: &[[u8; BLOCK_LEN]]) {
    for round in blocks.chunks(ROUND_LEN) {
        for block in round {
            kernel.block(block);
        }
        kernel.round();
    }
}
