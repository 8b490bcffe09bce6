use std::ops::RangeBounds;

use memmap_guard::{BLOCK_LEN, Kernel};

use crate::{Error, Map, Mapping, Op, Partial, Result, range, widen};

/// Maximum length of one access in place: long enough that the cost of the next one does not matter.
const STRETCH_LEN: u64 = 1 << 20;

/// Block length if bytes are copied: short enough to stay in the cache.
const PIECE_LEN: usize = 32 << 10;

/// The result of a fold that may stop early.
#[derive(Debug)]
#[non_exhaustive]
pub struct Folded<K> {
    /// The kernel, after it processed all bytes that could be read, without a gap.
    pub kernel: K,
    /// Number of bytes processed, from the start of the range. If it stopped early, only whole blocks.
    pub len: u64,
    /// Why it stopped; `None` if it did not.
    pub stopped: Option<Error>,
}

/// Computing over bytes without storing them.
impl<T: Mapping> Map<T> {
    /// Passes these bytes to a kernel, in order, and returns the kernel. It computes sums and counts at
    /// the speed of memory, also over a file that others change or truncate.
    ///
    /// # Errors
    /// Those of [`read_into`](Self::read_into), and then the result of the kernel is lost;
    /// [`fold_some`](Self::fold_some) keeps it.
    /// [`ErrorKind::BackwardRange`](crate::ErrorKind::BackwardRange).
    ///
    /// # Cost
    /// That of reading memory once if the bytes can be accessed in place: those of a live file and of
    /// memory, on x86-64 with AVX2. Otherwise, a copy of 32 KiB at a time.
    ///
    /// # Examples
    /// ```
    /// use memmap_core::{BLOCK_LEN, Kernel, Map, testing::Fake};
    ///
    /// /// The bytes that all have in common.
    /// struct Common(u8);
    ///
    /// impl Kernel for Common {
    ///     #[inline(always)]
    ///     fn block(&mut self, block: &[u8; BLOCK_LEN]) {
    ///         self.rest(block);
    ///     }
    ///     #[inline(always)]
    ///     fn rest(&mut self, rest: &[u8]) {
    ///         self.0 = rest.iter().fold(self.0, |common, byte| common & byte);
    ///     }
    /// }
    ///
    /// let mm = Map::from_mapping(Fake::new(&[0b0111; 1000]));
    /// assert_eq!(mm.fold(.., Common(0b1101))?.0, 0b0101);
    /// # Ok::<(), memmap_core::Error>(())
    /// ```
    pub fn fold<K: Kernel>(&self, range: impl RangeBounds<u64>, kernel: K) -> Result<K> {
        let Folded { kernel, stopped, .. } = self.fold_some(range, kernel)?;
        stopped.map_or(Ok(kernel), Err)
    }

    /// Passes as many of these bytes to a kernel as can be read, and returns why it stopped.
    ///
    /// # Errors
    /// Those of an invalid range: [`ErrorKind::OutOfBounds`](crate::ErrorKind::OutOfBounds),
    /// [`ErrorKind::BackwardRange`](crate::ErrorKind::BackwardRange). Lost bytes are not an error here;
    /// they are reported in [`Folded::stopped`].
    pub fn fold_some<K: Kernel>(
        &self,
        range: impl RangeBounds<u64>,
        mut kernel: K,
    ) -> Result<Folded<K>> {
        let (offset, len) =
            range::within(range, self.len(), Op::Read).map_err(|error| self.placed(error))?;
        let mut buffer = Vec::new();
        let mut done = 0;
        while done < len {
            let at = offset.saturating_add(done);
            let stretch = STRETCH_LEN.min(len.saturating_sub(done));
            let in_place =
                usize::try_from(stretch).ok().and_then(|len| self.mapping().in_place(at, len));
            if let Some(bytes) = in_place {
                let result;
                (kernel, result) = bytes.fold(kernel);
                done =
                    done.saturating_add(result.map_or_else(|lost| widen(lost.done), |()| stretch));
                if result.is_ok() {
                    continue;
                }
            }
            // Copied even where that is not necessary, because the copy finds out why bytes are lost.
            let at = offset.saturating_add(done);
            let left = usize::try_from(len.saturating_sub(done)).unwrap_or(PIECE_LEN);
            buffer.resize(PIECE_LEN, 0);
            let piece = buffer.get_mut(..left.min(PIECE_LEN)).unwrap_or_default();
            let after = len.saturating_sub(done).saturating_sub(widen(piece.len()));
            let Partial { len: there, stopped } = self.read_some(at, piece)?;
            let (blocks, rest) = piece.get(..there).unwrap_or_default().as_chunks::<BLOCK_LEN>();
            memmap_guard::feed_blocks(&mut kernel, blocks);
            done = done.saturating_add(widen(blocks.as_flattened().len()));
            if let Some(stopped) = stopped {
                let stopped = Some(stopped.with_more_needed(after));
                return Ok(Folded { kernel, len: done, stopped });
            }
            if !rest.is_empty() {
                kernel.rest(rest);
                break;
            }
        }
        Ok(Folded { kernel, len, stopped: None })
    }
}
