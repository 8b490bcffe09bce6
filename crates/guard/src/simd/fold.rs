use super::routines;
use crate::{
    BLOCK_LEN, Faulted, InPlace, Kernel, PairKernel, ROUND_LEN, copy_out, feed_blocks, handler,
};

/// Folding.
impl InPlace<'_> {
    /// Feeds all the bytes to a kernel, and returns the kernel.
    ///
    /// # Errors
    /// [`Faulted`] if bytes are missing. The kernel has taken the first [`done`](Faulted::done) bytes, whole
    /// blocks.
    ///
    /// # Cost
    /// On Linux on x86-64 with AVX2, that of reading memory once. Elsewhere the bytes are first copied, 4 KiB
    /// at a time.
    pub fn fold<K: Kernel>(self, kernel: K) -> (K, Result<(), Faulted>) {
        handler::prepare();
        // SAFETY: the range whose creator promised that it stays mapped for `'a`.
        let (mut kernel, mut done) = unsafe { routines::fold(self.first(), self.len(), kernel) };
        let mut buffer = [0; ROUND_LEN * BLOCK_LEN];
        while let Some(left) = self.len().checked_sub(done).filter(|&left| left > 0) {
            let part = left.min(buffer.len());
            let part = buffer.get_mut(..part).unwrap_or_default();
            // SAFETY: a part of that range.
            let copied = unsafe { copy_out(self.first().wrapping_add(done), part) };
            let there = copied.map_or_else(|fault| fault.moved, |()| part.len());
            let (blocks, rest) = part.get(..there).unwrap_or_default().as_chunks::<BLOCK_LEN>();
            feed_blocks(&mut kernel, blocks);
            done = done.saturating_add(blocks.as_flattened().len());
            if copied.is_err() {
                return (kernel, Err(Faulted { done }));
            }
            if !rest.is_empty() {
                kernel.rest(rest);
                break;
            }
        }
        (kernel, Ok(()))
    }

    /// Feeds whole blocks of these bytes and of `other` to a kernel, as many as both have, up to the first
    /// one that is missing on either side. Returns the kernel and the number of bytes that it took of each
    /// side.
    ///
    /// Bytes after that must be copied: those that do not fill a block, all of them where the processor or
    /// the target has no wide registers, and those at a fault, which the copy reports.
    ///
    /// # Cost
    /// On Linux on x86-64 with AVX2, that of reading both once.
    pub fn fold_pair<K: PairKernel>(self, other: InPlace<'_>, kernel: K) -> (K, usize) {
        handler::prepare();
        let len = self.len().min(other.len());
        // SAFETY: the starts of two ranges whose creators promised that they stay mapped while borrowed.
        unsafe { routines::fold_pair((self.first(), other.first()), len, kernel) }
    }
}
