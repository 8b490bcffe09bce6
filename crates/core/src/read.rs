use std::mem;
use std::ops::Range;

use zerocopy::FromBytes;

use crate::{Error, ErrorKind, Map, Mapping, Op, Partial, Result, widen};

/// Reading.
impl<T: Mapping> Map<T> {
    /// Copies `size` bytes starting at `offset` into a new vector.
    ///
    /// Prefer [`read_into`](Self::read_into) if a buffer can be reused, and [`get`](Self::get) for a
    /// value of a known type.
    ///
    /// # Shape
    /// `offset`: bytes from the start of the mapping, `0..=len` · `size`: bytes; 0 gives an empty
    /// vector.
    ///
    /// # Errors
    /// Those of [`read_into`](Self::read_into), before memory is allocated, and
    /// [`ErrorKind::OutOfMemory`] if there is none for the copy.
    ///
    /// # Cost
    /// An allocation and a copy. Of the file, only the accessed pages are read.
    pub fn read_at(&self, offset: u64, size: usize) -> Result<Vec<u8>> {
        // `len` may exceed `usize` (a plug-in), so the check uses u64.
        let fits = offset.checked_add(widen(size)).is_some_and(|end| end <= self.len());
        if !fits {
            let (len, bound) = (widen(size), self.len());
            return Err(self.error(Op::Read, ErrorKind::OutOfBounds { offset, len, bound }));
        }
        let mut out = Vec::new();
        if out.try_reserve_exact(size).is_err() {
            return Err(self.error(Op::Read, ErrorKind::OutOfMemory { len: widen(size) }));
        }
        out.resize(size, 0);
        self.read_into(offset, &mut out)?;
        Ok(out)
    }

    /// Copies bytes of the mapping into `out`, as many as it holds.
    ///
    /// # Shape
    /// `offset`: bytes from the start of the mapping, `0..=len` · `out`: any length; an empty one reads
    /// nothing.
    ///
    /// # Errors
    /// - [`ErrorKind::OutOfBounds`] if `offset + out.len() > len`; `out` is then unchanged
    /// - [`ErrorKind::Truncated`], [`ErrorKind::Io`], [`ErrorKind::HardwareMemoryError`] if bytes of a
    ///   file were lost since it was mapped; the content of `out` is then unspecified
    ///   ([`read_some`](Self::read_some) returns how much could be read)
    /// - others, for a plug-in
    ///
    /// # Cost
    /// A copy and no system call. A page that is not in memory is read from the file.
    #[inline]
    pub fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        match self.mapping().read_into(offset, out) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.placed(error)),
        }
    }

    /// Copies as many bytes as can be read, starting at `offset`, into `out`, and returns why it
    /// stopped.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`] as for [`read_into`](Self::read_into). Lost bytes are not an error
    /// here; they are reported in [`Partial::stopped`].
    ///
    /// # Examples
    /// ```
    /// use memmap_core::{Map, testing::{Fake, Fault}};
    ///
    /// let bad = Fault::Read { at: 5, kind: std::io::ErrorKind::Other };
    /// let mm = Map::from_mapping(Fake::new(b"0123456789").with(bad));
    /// let mut out = [0; 10];
    /// let partial = mm.read_some(0, &mut out)?;
    /// assert_eq!(&out[..partial.len], b"01234");
    /// assert!(partial.stopped.is_some());
    /// # Ok::<(), memmap_core::Error>(())
    /// ```
    pub fn read_some(&self, offset: u64, out: &mut [u8]) -> Result<Partial> {
        let Partial { len, stopped } =
            self.mapping().read_some(offset, out).map_err(|error| self.placed(error))?;
        Ok(Partial { len, stopped: stopped.map(|error| self.placed(error)) })
    }

    /// Copies all readable bytes into `out`, leaves zeros for the others, and lists the unreadable
    /// ranges with their errors. Use it to save what is left of a damaged file.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`] as for [`read_into`](Self::read_into). [`ErrorKind::Replaced`]: the
    /// source has other bytes now, and `out` may have some of the old ones.
    ///
    /// # Cost
    /// That of a read and, for each unreadable page, of a few system calls.
    ///
    /// # Examples
    /// ```
    /// use memmap_core::{Map, testing::{Fake, Fault}};
    ///
    /// let bad = Fault::Read { at: 5, kind: std::io::ErrorKind::Other };
    /// let mm = Map::from_mapping(Fake::new(b"0123456789").with(bad));
    /// let mut out = [0; 10];
    /// let lost = mm.rescue(0, &mut out)?;
    /// assert_eq!(&out, b"01234\x006789");
    /// assert_eq!(lost[0].range, 5..6);
    /// # Ok::<(), memmap_core::Error>(())
    /// ```
    pub fn rescue(&self, offset: u64, out: &mut [u8]) -> Result<Vec<Unreadable>> {
        let end = offset.saturating_add(widen(out.len()));
        let mut lost: Vec<Unreadable> = Vec::new();
        let mut rest = out;
        let mut at = offset;
        loop {
            let partial = self.read_some(at, rest)?;
            let Some(error) = partial.stopped else { return Ok(lost) };
            if error.kind().ends_reading() {
                return Err(error);
            }
            at = at.saturating_add(widen(partial.len));
            let next = self.mapping().next_readable(at).max(at.saturating_add(1)).min(end);
            let len = next.saturating_sub(at);
            let (_, unread) = rest.split_at_mut(partial.len);
            let skipped = usize::try_from(len).unwrap_or(usize::MAX).min(unread.len());
            let (bad, after) = unread.split_at_mut(skipped);
            bad.fill(0);
            rest = after;
            match lost.last_mut() {
                Some(before) if before.is_followed_by(at, &error) => before.range.end = next,
                _ => lost.push(Unreadable::new(at..next, error)),
            }
            at = next;
            if rest.is_empty() {
                return Ok(lost);
            }
        }
    }

    /// Copies one value of plain data out of the mapping.
    ///
    /// The bytes are in native byte order; zerocopy's `byteorder` types have a fixed one. The offset
    /// need not be aligned.
    ///
    /// # Shape
    /// `offset`: bytes from the start of the mapping, `0..=len - size_of::<V>()`.
    ///
    /// # Errors
    /// Those of [`read_into`](Self::read_into).
    ///
    /// # Cost
    /// That of the loads: no system call; no allocation for types of up to 256 bytes.
    ///
    /// # Source
    /// Which types are plain data: `zerocopy::FromBytes`.
    #[inline]
    pub fn get<V: FromBytes>(&self, offset: u64) -> Result<V> {
        // The size is known at compile time, so little of this remains.
        if matches!(size_of::<V>(), 1 | 2 | 4 | 8)
            && let Some(value) = self.mapping().load(offset, size_of::<V>())
            && let Some(value) = value.get(..size_of::<V>())
            && let Ok(value) = V::read_from_bytes(value)
        {
            return Ok(value);
        }
        match size_of::<V>() {
            0..=4 => self.get_within::<V, 4>(offset),
            5..=8 => self.get_within::<V, 8>(offset),
            9..=16 => self.get_within::<V, 16>(offset),
            17..=256 => self.get_within::<V, 256>(offset),
            size => self.value(offset, &self.read_at(offset, size)?),
        }
    }

    #[inline]
    fn get_within<V: FromBytes, const MOST: usize>(&self, offset: u64) -> Result<V> {
        let mut buffer = [0; MOST];
        let bytes = buffer.get_mut(..size_of::<V>()).unwrap_or_default();
        self.read_into(offset, bytes)?;
        self.value(offset, bytes)
    }

    #[inline]
    fn value<V: FromBytes>(&self, offset: u64, bytes: &[u8]) -> Result<V> {
        // The length is that of `V`, which is all that `read_from_bytes` requires. If it were not, the
        // error would be true: that many bytes do not exist.
        V::read_from_bytes(bytes).map_err(|_size_error| {
            let (len, bound) = (widen(size_of::<V>()), widen(bytes.len()));
            self.error(Op::Read, ErrorKind::OutOfBounds { offset, len, bound })
        })
    }
}

/// A range that cannot be read, and why.
#[derive(Debug)]
#[non_exhaustive]
pub struct Unreadable {
    /// Bytes from the start of the mapping.
    pub range: Range<u64>,
    /// Why its first byte cannot be read.
    pub error: Error,
}

impl Unreadable {
    /// A range, and why its first byte cannot be read.
    #[doc(hidden)]
    pub const fn new(range: Range<u64>, error: Error) -> Self {
        Self { range, error }
    }

    /// Whether a failure at `offset` only extends this range.
    fn is_followed_by(&self, offset: u64, error: &Error) -> bool {
        self.range.end == offset
            && mem::discriminant(self.error.kind()) == mem::discriminant(error.kind())
    }
}
