/// How many bytes a [`Kernel`] is given at a time.
pub const BLOCK_LEN: usize = 128;

/// The most blocks that a [`Kernel`] is given in a row.
pub const ROUND_LEN: usize = 32;

/// What is done to bytes where they are: a sum, a count, a search.
///
/// Bytes come in order, block after block, and what is left of them last. A block is a copy: it was
/// loaded once, into registers where the processor can, and does not change any more.
///
/// Mark both methods `#[inline(always)]`: then the loop over the blocks is compiled for the widest
/// registers that this processor has, and with it what is done there. Arithmetic on a few arrays of 8
/// to 32 numbers stays in registers; arrays of more, and branches, do not.
pub trait Kernel {
    /// Takes a whole block.
    fn block(&mut self, block: &[u8; BLOCK_LEN]);

    /// Takes what is left: fewer bytes than a block. Called at most once, last.
    fn rest(&mut self, rest: &[u8]);

    /// Called between blocks, so often that there are never more than [`ROUND_LEN`] since the last
    /// time: the place to put together what lanes must not hold for long, outside of the loop that
    /// keeps them in registers.
    fn round(&mut self) {}
}

/// Gives blocks to a kernel that are in memory already.
#[inline]
pub fn feed_blocks<K: Kernel>(kernel: &mut K, blocks: &[[u8; BLOCK_LEN]]) {
    for round in blocks.chunks(ROUND_LEN) {
        for block in round {
            kernel.block(block);
        }
        kernel.round();
    }
}
