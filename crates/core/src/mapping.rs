use std::fmt::Debug;
use std::ops::Range;

use memmap_guard::InPlace;

use crate::{
    Advice, Error, ErrorKind, Extent, Identity, LockKind, Mode, Op, Region, Remote, Result, widen,
};

/// Bytes that can be copied out: the minimum that every mapping supports, and the plug-in point.
///
/// The trait is object safe and safe to implement. It never lends a reference to the bytes, because it
/// does not know who may change them; [`Lend`](crate::Lend) does.
///
/// Implementors write two methods, and override others to support more. Offsets count from the start of
/// the mapping. [`Map`](crate::Map) documents what users may expect of each method.
///
/// The defaults are right for memory. A source that is slow, or that pays for each request, overrides
/// [`next_readable`](Self::next_readable) and [`read_some`](Self::read_some), which ask again for each byte and for
/// each half of what failed, [`prefault`](Self::prefault), which reads one byte of each 4 KiB, and
/// [`advise`](Self::advise). One that may be replaced returns [`ErrorKind::Replaced`], and does so for every read from
/// then on: it ends scans and rescues at once.
///
/// # Examples
/// ```
/// use memmap_core::{check, Mapping, Map, Result};
///
/// /// A terabyte of the same byte.
/// #[derive(Debug)]
/// struct Constant(u8);
///
/// impl Mapping for Constant {
///     fn len(&self) -> u64 {
///         1 << 40
///     }
///     fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
///         check(offset, out.len(), 1 << 40)?;
///         out.fill(self.0);
///         Ok(())
///     }
/// }
///
/// let mm = Map::from_mapping(Constant(7));
/// assert_eq!(mm.read_at(1 << 39, 3)?, [7, 7, 7]);
/// assert!(mm.read_at(1 << 40, 1).is_err());
/// # Ok::<(), memmap_core::Error>(())
/// ```
#[expect(clippy::len_without_is_empty, reason = "`len() == 0` says the same")]
pub trait Mapping: Debug + Send + Sync + 'static {
    /// The number of mapped bytes. Only [`resize`](Self::resize) changes it.
    fn len(&self) -> u64;

    /// Copies `out.len()` bytes starting at `offset` into `out`.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`] if `offset + out.len() > len`; `out` is then unchanged (see
    /// [`check`](crate::check)). After any other error the content of `out` is unspecified.
    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()>;

    /// Loads `len` bytes at `offset` into the first bytes of the array, for a `len` of 1, 2, 4 or 8.
    /// `None` if there is no faster way than [`read_into`](Self::read_into), which is then called and
    /// returns the errors.
    ///
    /// [`Map::get`](crate::Map::get) uses it. Its cost is that of a few instructions: a value in a
    /// register needs no buffer. Default: `None`.
    #[inline]
    fn load(&self, offset: u64, len: usize) -> Option<[u8; 8]> {
        let _ = (offset, len);
        None
    }

    /// The bytes for access in place; `None` if they are not contiguous, or cannot be accessed in this
    /// way. Default: `None`, and they are copied out instead.
    ///
    /// [`Map::fold`](crate::Map::fold) uses it to avoid a copy.
    fn in_place(&self, offset: u64, len: usize) -> Option<InPlace<'_>> {
        let _ = (offset, len);
        None
    }

    /// Copies as many bytes as can be read, starting at `offset`, into `out`.
    ///
    /// By default it calls [`read_into`](Self::read_into), and where that fails, for halves of the
    /// range, and halves of those.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`] as for [`read_into`](Self::read_into). Any other error is in
    /// [`Partial::stopped`].
    fn read_some(&self, offset: u64, out: &mut [u8]) -> Result<Partial> {
        let mut len = 0;
        let mut step = out.len();
        let mut stopped = None;
        while let Some(part) = out.get_mut(len..).and_then(|rest| rest.get_mut(..step)) {
            match self.read_into(offset.saturating_add(widen(len)), part) {
                Ok(()) => {
                    len = len.saturating_add(step);
                    step = step.min(out.len().saturating_sub(len));
                    if step == 0 {
                        return Ok(Partial { len, stopped: None });
                    }
                }
                Err(error) if matches!(error.kind(), ErrorKind::OutOfBounds { .. }) => {
                    return Err(error);
                }
                Err(error) => {
                    let ends = error.kind().ends_reading();
                    stopped = Some(error);
                    if step <= 1 || ends {
                        break;
                    }
                    step = step.div_ceil(2);
                }
            }
        }
        Ok(Partial { len, stopped })
    }

    /// The next offset at which reading may succeed again after it failed at `offset`. Default: the next
    /// byte. Where memory comes in pages, it is the next page.
    fn next_readable(&self, offset: u64) -> u64 {
        offset.saturating_add(1)
    }

    /// The parts of it that have names, in order. They do not overlap. Default: none.
    fn regions(&self) -> &[Region] {
        &[]
    }

    /// Which version of its source this is; `None` if it has no versions, which is the default.
    fn identity(&self) -> Option<Identity> {
        None
    }

    /// What holds it to one version of a source on a server, and what was fetched; `None` if there is no server,
    /// which is the default.
    fn remote(&self) -> Option<Remote> {
        None
    }

    /// The name in messages, such as `posix`.
    fn name(&self) -> &'static str {
        "plug-in"
    }

    /// The mode of the mapping. Default: read-only.
    fn mode(&self) -> Mode {
        Mode::Read
    }

    /// Copies `bytes` into the mapping, starting at `offset`.
    ///
    /// # Errors
    /// [`ErrorKind::ReadOnly`], which the default always returns, and [`ErrorKind::OutOfBounds`];
    /// nothing is then written. Any other error names the first byte that was not written; the bytes
    /// before it are.
    fn write_from(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        let _ = (offset, bytes);
        Err(Error::new(Op::Write, ErrorKind::ReadOnly))
    }

    /// Sets `len` bytes, starting at `offset`, to `byte`. The default uses
    /// [`write_from`](Self::write_from).
    ///
    /// # Errors
    /// Those of [`write_from`](Self::write_from).
    fn fill(&mut self, offset: u64, len: u64, byte: u8) -> Result<()> {
        require_within(Op::Write, offset, len, self.len())?;
        let piece = vec![byte; piece_len(len)];
        let mut done = 0;
        while let Some(rest) = len.checked_sub(done).filter(|&rest| rest > 0) {
            let part = rest.min(widen(piece.len()));
            let part = usize::try_from(part).unwrap_or(piece.len());
            let bytes = piece.get(..part).unwrap_or_default();
            self.write_from(offset.saturating_add(done), bytes)?;
            done = done.saturating_add(widen(part));
        }
        if len == 0 { self.write_from(offset, &[]) } else { Ok(()) }
    }

    /// Copies `len` bytes from `from` to `to`, as if through a buffer of that length: the ranges may
    /// overlap. The default copies block by block, from the end at which no source byte is overwritten
    /// before it is copied.
    ///
    /// # Errors
    /// Those of [`read_into`](Self::read_into) and [`write_from`](Self::write_from). After an error some
    /// blocks may be copied.
    fn copy_within(&mut self, from: u64, len: u64, to: u64) -> Result<()> {
        require_within(Op::Write, from, len, self.len())?;
        require_within(Op::Write, to, len, self.len())?;
        let backwards = to > from && to < from.saturating_add(len);
        let mut piece = vec![0; piece_len(len)];
        let mut done = 0;
        while let Some(rest) = len.checked_sub(done).filter(|&rest| rest > 0) {
            let part = rest.min(widen(piece.len()));
            let start = if backwards { rest.saturating_sub(part) } else { done };
            let part = usize::try_from(part).unwrap_or(piece.len());
            let bytes = piece.get_mut(..part).unwrap_or_default();
            self.read_into(from.saturating_add(start), bytes)?;
            self.write_from(to.saturating_add(start), bytes)?;
            done = done.saturating_add(widen(part));
        }
        if len == 0 { self.write_from(to, &[]) } else { Ok(()) }
    }

    /// Starts to bring bytes written in this range to the device, and does not wait. By default there is
    /// no device.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`], and errors of the system.
    fn write_back(&self, offset: u64, len: u64) -> Result<()> {
        require_within(Op::Sync, offset, len, self.len())
    }

    /// Returns when all bytes written in this range are on the device. By default there is no device.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`], [`ErrorKind::NotDurable`].
    fn sync(&self, offset: u64, len: u64) -> Result<()> {
        require_within(Op::Sync, offset, len, self.len())
    }

    /// Makes the mapping longer or shorter, and the file with it.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`], which the default always returns. After an error nothing has changed.
    fn resize(&mut self, len: u64) -> Result<()> {
        let _ = len;
        Err(unsupported(self.name(), Op::Resize, "resizing this mapping; map the file again"))
    }

    /// Reserves address space for `len` bytes, so that the mapping can grow to that length in place. The
    /// default does nothing.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`], [`ErrorKind::TooLarge`].
    fn reserve(&mut self, len: u64) -> Result<()> {
        let _ = len;
        Ok(())
    }

    /// Forbids writing from now on.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`], which the default always returns for a writable mapping.
    fn protect(&mut self) -> Result<()> {
        if self.mode().writes() {
            let what = "making it read-only; lend it by a shared reference instead";
            return Err(unsupported(self.name(), Op::Protect, what));
        }
        Ok(())
    }

    /// Tells the system how these bytes will be used. The default ignores it.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`], and errors of the system.
    fn advise(&self, offset: u64, len: u64, advice: Advice) -> Result<()> {
        let _ = advice;
        require_within(Op::Advise, offset, len, self.len())
    }

    /// Brings these bytes into memory. The default reads one byte of each 4 KiB.
    ///
    /// # Errors
    /// Those of [`read_into`](Self::read_into).
    fn prefault(&self, offset: u64, len: u64) -> Result<()> {
        require_within(Op::Prefault, offset, len, self.len())?;
        let mut done = 0;
        while done < len {
            let at = offset.saturating_add(done);
            self.read_into(at, &mut [0]).map_err(|error| error.during(Op::Prefault))?;
            done = done.saturating_add(4096);
        }
        Ok(())
    }

    /// Keeps these bytes in memory until they are unlocked or the mapping ends.
    ///
    /// # Errors
    /// [`ErrorKind::LimitReached`]; [`ErrorKind::Unsupported`], which the default always returns.
    fn lock_in_ram(&self, offset: u64, len: u64) -> Result<()> {
        let _ = (offset, len);
        Err(unsupported(self.name(), Op::Prefault, "locking this mapping into memory"))
    }

    /// Allows these bytes to be paged out again. The default does nothing.
    ///
    /// # Errors
    /// Errors of the system.
    fn unlock_from_ram(&self, offset: u64, len: u64) -> Result<()> {
        require_within(Op::Prefault, offset, len, self.len())
    }

    /// The bytes that are in memory, as sorted ranges that do not touch.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`]; [`ErrorKind::Unsupported`], which the default always returns.
    fn resident(&self, offset: u64, len: u64) -> Result<Vec<Range<u64>>> {
        let _ = (offset, len);
        Err(unsupported(self.name(), Op::Query, "saying which bytes are in memory"))
    }

    /// The data and holes in this range, sorted and without a gap. By default all bytes are data.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`], and errors of the system.
    fn extents(&self, offset: u64, len: u64) -> Result<Vec<Extent>> {
        require_within(Op::Query, offset, len, self.len())?;
        let data = (len > 0).then(|| Extent::Data(offset..offset.saturating_add(len)));
        Ok(data.into_iter().collect())
    }

    /// Waits for an advisory lock on the file and takes it.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`], which the default always returns: there may be no file.
    fn lock_file(&self, kind: LockKind) -> Result<()> {
        let _ = kind;
        Err(unsupported(self.name(), Op::Lock, "a lock, as it has no file"))
    }

    /// Tries to take an advisory lock on the file without waiting, and returns whether it succeeded.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`], which the default always returns: there may be no file.
    fn try_lock_file(&self, kind: LockKind) -> Result<bool> {
        let _ = kind;
        Err(unsupported(self.name(), Op::Lock, "a lock, as it has no file"))
    }

    /// Releases the lock.
    ///
    /// # Errors
    /// Errors of the system.
    fn unlock_file(&self) -> Result<()> {
        Ok(())
    }

    /// Performs everything fallible that is left to do before the mapping ends. Called at most once.
    ///
    /// # Errors
    /// Errors that `Drop` would lose. By default there are none.
    fn close(&mut self) -> Result<()> {
        Ok(())
    }
}

/// The most that is copied through a buffer at a time.
const PIECE_LEN: usize = 256 << 10;

fn piece_len(len: u64) -> usize {
    usize::try_from(len).unwrap_or(PIECE_LEN).min(PIECE_LEN)
}

fn unsupported(by: &'static str, op: Op, what: &'static str) -> Error {
    Error::unsupported(op, by, what)
}

/// Checks that `len` bytes at `offset` lie within `bound`, whatever the numbers.
pub(crate) fn require_within(op: Op, offset: u64, len: u64, bound: u64) -> Result<()> {
    if offset.checked_add(len).is_some_and(|end| end <= bound) {
        Ok(())
    } else {
        Err(Error::new(op, ErrorKind::OutOfBounds { offset, len, bound }))
    }
}

/// The result of a read that may stop early.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "mappings outside this crate construct it")]
pub struct Partial {
    /// Bytes that were copied.
    pub len: usize,
    /// Why the read stopped; `None` if it did not.
    pub stopped: Option<Error>,
}

impl<M: Mapping + ?Sized> Mapping for Box<M> {
    fn len(&self) -> u64 {
        (**self).len()
    }
    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        (**self).read_into(offset, out)
    }
    fn load(&self, offset: u64, len: usize) -> Option<[u8; 8]> {
        (**self).load(offset, len)
    }
    fn in_place(&self, offset: u64, len: usize) -> Option<InPlace<'_>> {
        (**self).in_place(offset, len)
    }
    fn read_some(&self, offset: u64, out: &mut [u8]) -> Result<Partial> {
        (**self).read_some(offset, out)
    }
    fn next_readable(&self, offset: u64) -> u64 {
        (**self).next_readable(offset)
    }
    fn regions(&self) -> &[Region] {
        (**self).regions()
    }
    fn identity(&self) -> Option<Identity> {
        (**self).identity()
    }
    fn remote(&self) -> Option<Remote> {
        (**self).remote()
    }
    fn name(&self) -> &'static str {
        (**self).name()
    }
    fn mode(&self) -> Mode {
        (**self).mode()
    }
    fn write_from(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        (**self).write_from(offset, bytes)
    }
    fn fill(&mut self, offset: u64, len: u64, byte: u8) -> Result<()> {
        (**self).fill(offset, len, byte)
    }
    fn copy_within(&mut self, from: u64, len: u64, to: u64) -> Result<()> {
        (**self).copy_within(from, len, to)
    }
    fn write_back(&self, offset: u64, len: u64) -> Result<()> {
        (**self).write_back(offset, len)
    }
    fn sync(&self, offset: u64, len: u64) -> Result<()> {
        (**self).sync(offset, len)
    }
    fn resize(&mut self, len: u64) -> Result<()> {
        (**self).resize(len)
    }
    fn reserve(&mut self, len: u64) -> Result<()> {
        (**self).reserve(len)
    }
    fn protect(&mut self) -> Result<()> {
        (**self).protect()
    }
    fn advise(&self, offset: u64, len: u64, advice: Advice) -> Result<()> {
        (**self).advise(offset, len, advice)
    }
    fn prefault(&self, offset: u64, len: u64) -> Result<()> {
        (**self).prefault(offset, len)
    }
    fn lock_in_ram(&self, offset: u64, len: u64) -> Result<()> {
        (**self).lock_in_ram(offset, len)
    }
    fn unlock_from_ram(&self, offset: u64, len: u64) -> Result<()> {
        (**self).unlock_from_ram(offset, len)
    }
    fn resident(&self, offset: u64, len: u64) -> Result<Vec<Range<u64>>> {
        (**self).resident(offset, len)
    }
    fn extents(&self, offset: u64, len: u64) -> Result<Vec<Extent>> {
        (**self).extents(offset, len)
    }
    fn lock_file(&self, kind: LockKind) -> Result<()> {
        (**self).lock_file(kind)
    }
    fn try_lock_file(&self, kind: LockKind) -> Result<bool> {
        (**self).try_lock_file(kind)
    }
    fn unlock_file(&self) -> Result<()> {
        (**self).unlock_file()
    }
    fn close(&mut self) -> Result<()> {
        (**self).close()
    }
}
