use std::ops::RangeBounds;

use memmap_guard::{BLOCK_LEN, Kernel};

use crate::{Error, Map, Mapping, Op, Partial, Result, range, widen};

/// How much is looked at in one go, at most: so much that going on costs nothing.
const STRETCH_LEN: u64 = 1 << 20;

/// How much is copied where it cannot be looked at in place: so much that it stays in the cache.
const PIECE_LEN: usize = 32 << 10;

/// How far a fold came.
#[derive(Debug)]
#[non_exhaustive]
pub struct Folded<K> {
    /// The kernel, which has taken the bytes that could be read, without a gap.
    pub kernel: K,
    /// How many bytes that are, from the start of the range: whole blocks where it stopped early.
    pub len: u64,
    /// Why no more were; `None` if that was all.
    pub stopped: Option<Error>,
}

/// Looking at bytes without keeping them.
impl<T: Mapping> Map<T> {
    /// Gives these bytes to a kernel, in order, and the kernel back: sums and counts at the speed of
    /// memory, also over a file that others change or cut short.
    ///
    /// # Errors
    /// Those of [`read_into`](Self::read_into), and then what the kernel did is lost;
    /// [`fold_some`](Self::fold_some) keeps it. [`ErrorKind::BackwardRange`](crate::ErrorKind::BackwardRange).
    ///
    /// # Cost
    /// That of reading memory once where the bytes can be looked at in place: of a live file, of
    /// memory, and on x86-64 with AVX2. Else a copy of 32 KiB at a time.
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

    /// Gives a kernel as many of these bytes as can be read, and says why it stopped.
    ///
    /// # Errors
    /// Those of a wrong range: [`ErrorKind::OutOfBounds`](crate::ErrorKind::OutOfBounds),
    /// [`ErrorKind::BackwardRange`](crate::ErrorKind::BackwardRange). That bytes are lost is no error
    /// here but [`Folded::stopped`].
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
            // Copied, also where that is not needed: it is what says why bytes are lost.
            let at = offset.saturating_add(done);
            let left = usize::try_from(len.saturating_sub(done)).unwrap_or(PIECE_LEN);
            buffer.resize(PIECE_LEN, 0);
            let piece = buffer.get_mut(..left.min(PIECE_LEN)).unwrap_or_default();
            let Partial { len: there, stopped } = self.read_some(at, piece)?;
            let (blocks, rest) = piece.get(..there).unwrap_or_default().as_chunks::<BLOCK_LEN>();
            memmap_guard::feed_blocks(&mut kernel, blocks);
            done = done.saturating_add(widen(blocks.as_flattened().len()));
            if stopped.is_some() {
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
