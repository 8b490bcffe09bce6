use std::fmt;
use std::io::{self, BufRead, ErrorKind as IoKind, IoSliceMut, Read, Seek, SeekFrom};
use std::mem;
use std::ops::Deref;

#[cfg(doc)]
use crate::Error;
use crate::{ErrorKind, Map, Mapping, Op, Partial, Result, widen};

/// The default length of the buffer.
const BUFFER_LEN: usize = 64 << 10;

/// How much of a map in memory is copied into the buffer after a seek, as little of it may be wanted.
const SOUGHT_LEN: usize = 4 << 10;

/// How much [`Read::read_to_end`] copies at a time: little enough that what was just zeroed is in the cache.
const PIECE_LEN: usize = 256 << 10;

/// Reads a map as a stream: `Read`, `BufRead` and `Seek`, with a position of its own.
///
/// `H` is whatever dereferences to a [`Map`]: `&Map<M>`, `Arc<Map<M>>`, `Box<Map<M>>`, or a
/// [`Locked`](crate::Locked) map. With an `Arc` or a `Box` the reader is `'static` and `Send`, as parsers of
/// archives and threads require. It needs no proof, as bytes are copied.
///
/// # Shape
/// The stream is the whole map, `0..len`. The position may be beyond the end, where there is nothing to read.
///
/// # Live bytes
/// Others may change a file while it is read. Bytes in the buffer are as they were when they were copied, and
/// [`seek`](Seek::seek) within the buffer keeps them, so bytes that are read again may be old. A clone
/// starts with an empty buffer.
///
/// # Errors
/// An [`io::Error`] with an [`Error`] inside, which [`get_ref`](io::Error::get_ref) and `downcast_ref` return.
/// If bytes are lost, those before the first lost one are read first. The error comes next, and leaves the
/// position at the lost byte: if the file has it again, reading goes on there.
///
/// # Cost
/// A copy. Bytes that are in memory, as those of files, are copied from the map to the caller at once: reading
/// and seeking then have no system call and no buffer. The functions of `BufRead` copy into the buffer, and so
/// do reads of other maps, such as plug-ins, if they are shorter than the buffer; after a seek, only 4 KiB are copied
/// of what is in memory. The buffer is allocated when it is first needed, and is not longer than the map.
///
/// # Examples
/// ```
/// use std::io::{BufRead, Read, Seek, SeekFrom};
/// use std::sync::Arc;
/// use memmap_core::{Map, Reader, testing::Fake};
///
/// let mm = Arc::new(Map::from_mapping(Fake::new(b"a line\nanother\n0123")));
/// let mut reader = Reader::new(Arc::clone(&mm));
/// let mut line = String::new();
/// reader.read_line(&mut line)?;
/// assert_eq!((line.as_str(), reader.position()), ("a line\n", 7));
///
/// let mut digits = [0; 2];
/// reader.seek(SeekFrom::End(-4))?;
/// reader.read_exact(&mut digits)?;
/// assert_eq!(&digits, b"01");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Source
/// `std::io::BufReader`; for positions, `std::io::Cursor`.
pub struct Reader<H> {
    map: H,
    position: u64,
    /// What was copied: the first `filled` bytes, which begin at `start` in the map.
    buffer: Vec<u8>,
    start: u64,
    filled: usize,
    capacity: usize,
    /// Whether reads need no buffer, as all bytes are in memory. The buffer is then empty.
    is_direct: bool,
}

/// Reading as a stream.
impl<T: Mapping> Map<T> {
    /// Reads the map from its first byte on, as [`Read`], [`BufRead`] and [`Seek`]. For a reader that owns the
    /// map, there is [`Reader::new`].
    ///
    /// # Examples
    /// ```
    /// use std::io::BufRead;
    /// use memmap_core::{Map, testing::Fake};
    ///
    /// let mm = Map::from_mapping(Fake::new(b"one\ntwo\n"));
    /// let lines: Vec<String> = mm.reader().lines().collect::<Result<_, _>>()?;
    /// assert_eq!(lines, ["one", "two"]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub const fn reader(&self) -> Reader<&Self> {
        Reader::new(self)
    }
}

impl<H> Reader<H> {
    /// Reads from the first byte on, with a buffer of 64 KiB.
    pub const fn new(map: H) -> Self {
        Self::with_capacity(map, BUFFER_LEN)
    }

    /// Reads from the first byte on, with a buffer of `len` bytes. Nothing is allocated yet. A longer buffer
    /// makes sense for a plug-in that is asked for all of it at once.
    ///
    /// # Shape
    /// `len`: bytes; 0 is taken as 1.
    pub const fn with_capacity(map: H, len: usize) -> Self {
        let capacity = if len == 0 { 1 } else { len };
        Self {
            map,
            position: 0,
            buffer: Vec::new(),
            start: 0,
            filled: 0,
            capacity,
            is_direct: false,
        }
    }

    /// The map.
    pub const fn get_ref(&self) -> &H {
        &self.map
    }

    /// Ends reading and returns the map.
    pub fn into_inner(self) -> H {
        self.map
    }

    /// Where the next byte is read: bytes from the start of the map.
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Reads at `position` next, which may be beyond the end. Bytes in the buffer stay there.
    pub const fn set_position(&mut self, position: u64) {
        self.position = position;
    }

    /// The bytes at the position that are in the buffer.
    #[inline]
    fn buffered(&self) -> &[u8] {
        // A position before the buffer wraps around to one after it.
        let next = usize::try_from(self.position.wrapping_sub(self.start)).unwrap_or(usize::MAX);
        self.buffer.get(next..self.filled).unwrap_or_default()
    }

    #[inline]
    fn advance(&mut self, len: usize) {
        self.position = self.position.saturating_add(widen(len));
    }
}

impl<M: Mapping, H: Deref<Target = Map<M>>> Reader<H> {
    /// Reads all of `out`, if it is in the buffer or in memory.
    #[inline]
    fn read_quickly(&mut self, out: &mut [u8]) -> bool {
        if self.is_direct {
            if self.map.mapping().read_into(self.position, out).is_err() {
                return false;
            }
        } else {
            let Some(bytes) = self.buffered().get(..out.len()) else { return false };
            out.copy_from_slice(bytes);
        }
        self.advance(out.len());
        true
    }

    /// Whether all bytes can be copied without waiting for anything but their pages.
    fn is_in_memory(&self) -> bool {
        let len = usize::try_from(self.map.len()).ok();
        len.is_some_and(|len| self.map.mapping().in_place(0, len).is_some())
    }

    /// Bytes of the map from the position on, at most `most`.
    fn left(&self, most: usize) -> usize {
        let left = self.map.len().saturating_sub(self.position);
        usize::try_from(left).map_or(most, |left| left.min(most))
    }

    /// The slow path of a read: through the buffer, or past it.
    #[inline(never)]
    fn read_slowly(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = self.left(out.len());
        if len == 0 {
            return Ok(0);
        }
        if self.buffered().is_empty() {
            self.is_direct = self.is_in_memory();
            if self.is_direct {
                self.filled = 0;
            }
            // Where nothing would be left in the buffer, it gains nothing.
            if self.is_direct || len >= self.left(self.capacity) {
                let out = out.get_mut(..len).unwrap_or_default();
                let read = delivered(self.map.read_some(self.position, out)?)?.min(len);
                self.advance(read);
                return Ok(read);
            }
            self.fill()?;
        }
        let buffered = self.buffered();
        let len = buffered.len().min(len);
        if let (Some(out), Some(bytes)) = (out.get_mut(..len), buffered.get(..len)) {
            out.copy_from_slice(bytes);
        }
        self.advance(len);
        Ok(len)
    }

    #[inline(never)]
    fn read_exactly_slowly(&mut self, mut out: &mut [u8]) -> io::Result<()> {
        while !out.is_empty() {
            match self.read_slowly(out) {
                Ok(0) => return Err(IoKind::UnexpectedEof.into()),
                Ok(len) => out = out.get_mut(len..).unwrap_or_default(),
                Err(error) if error.kind() == IoKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Fills the buffer from the position on. At the end of the map there is nothing to copy.
    #[inline(never)]
    fn fill(&mut self) -> io::Result<()> {
        let goes_on = self.position == self.start.saturating_add(widen(self.filled));
        let most = if goes_on || !self.is_in_memory() { usize::MAX } else { SOUGHT_LEN };
        let len = self.left(self.capacity.min(most));
        if len == 0 {
            return Ok(());
        }
        if self.buffer.len() < len {
            let whole = usize::try_from(self.map.len()).unwrap_or(usize::MAX).min(self.capacity);
            self.buffer = Vec::new();
            reserve(&self.map, &mut self.buffer, whole)?;
            self.buffer.resize(whole, 0);
        }
        (self.is_direct, self.filled) = (false, 0);
        let part = self.buffer.get_mut(..len).unwrap_or_default();
        let filled = delivered(self.map.read_some(self.position, part)?)?;
        (self.start, self.filled) = (self.position, filled.min(len));
        Ok(())
    }
}

impl<M: Mapping, H: Deref<Target = Map<M>>> Read for Reader<H> {
    #[inline]
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.read_quickly(out) { Ok(out.len()) } else { self.read_slowly(out) }
    }

    #[inline]
    fn read_exact(&mut self, out: &mut [u8]) -> io::Result<()> {
        if self.read_quickly(out) { Ok(()) } else { self.read_exactly_slowly(out) }
    }

    fn read_vectored(&mut self, out: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let mut done = 0_usize;
        for part in out {
            match self.read(part) {
                Ok(len) => {
                    done = done.saturating_add(len);
                    if len < part.len() {
                        break;
                    }
                }
                Err(error) if done == 0 => return Err(error),
                // The next read finds it again.
                Err(_) => break,
            }
        }
        Ok(done)
    }

    /// Reserves memory once.
    fn read_to_end(&mut self, out: &mut Vec<u8>) -> io::Result<usize> {
        let before = out.len();
        reserve(&self.map, out, self.left(usize::MAX))?;
        loop {
            let start = out.len();
            let len = self.left(self.capacity.max(PIECE_LEN));
            out.resize(start.saturating_add(len), 0);
            let read = self.read_slowly(out.get_mut(start..).unwrap_or_default());
            out.truncate(start.saturating_add(*read.as_ref().unwrap_or(&0)));
            match read {
                Ok(0) => return Ok(start.saturating_sub(before)),
                Ok(_) => {}
                Err(error) if error.kind() == IoKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn read_to_string(&mut self, out: &mut String) -> io::Result<usize> {
        let mut bytes = if out.is_empty() { mem::take(out).into_bytes() } else { Vec::new() };
        let read = self.read_to_end(&mut bytes);
        match String::from_utf8(bytes) {
            Ok(text) if out.is_empty() => *out = text,
            Ok(text) => out.push_str(&text),
            Err(error) => {
                return read
                    .and_then(|_| Err(io::Error::new(IoKind::InvalidData, error.utf8_error())));
            }
        }
        read
    }
}

impl<M: Mapping, H: Deref<Target = Map<M>>> BufRead for Reader<H> {
    #[inline]
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.buffered().is_empty() {
            self.fill()?;
        }
        Ok(self.buffered())
    }

    #[inline]
    fn consume(&mut self, len: usize) {
        self.advance(len.min(self.buffered().len()));
    }
}

/// Without a system call. [`SeekFrom::End`] counts from [`Map::len`].
impl<M: Mapping, H: Deref<Target = Map<M>>> Seek for Reader<H> {
    #[inline]
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = target(to, self.position, self.map.len())?;
        Ok(self.position)
    }

    #[inline]
    fn stream_position(&mut self) -> io::Result<u64> {
        Ok(self.position)
    }
}

/// A clone is at the same position, and its buffer is empty.
impl<H: Clone> Clone for Reader<H> {
    fn clone(&self) -> Self {
        let Self { map, position, capacity, .. } = self;
        Self { position: *position, ..Self::with_capacity(map.clone(), *capacity) }
    }
}

impl<H: fmt::Debug> fmt::Debug for Reader<H> {
    /// Prints no bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("map", &self.map)
            .field("position", &self.position)
            .field("buffered", &self.buffered().len())
            .finish_non_exhaustive()
    }
}

/// The length of a part that was read. Why a read stopped matters only where it gave nothing: the next one finds
/// it again.
fn delivered(Partial { len, stopped }: Partial) -> io::Result<usize> {
    match stopped {
        Some(error) if len == 0 => Err(error.into()),
        _ => Ok(len),
    }
}

fn reserve<M: Mapping>(map: &Map<M>, bytes: &mut Vec<u8>, len: usize) -> Result<()> {
    bytes
        .try_reserve_exact(len)
        .map_err(|_refused| map.error(Op::Read, ErrorKind::OutOfMemory { len: widen(len) }))
}

/// The position that a seek leads to. It may be beyond the end.
#[inline]
pub(crate) fn target(to: SeekFrom, position: u64, len: u64) -> io::Result<u64> {
    let found = match to {
        SeekFrom::Start(offset) => Some(offset),
        SeekFrom::Current(by) => position.checked_add_signed(by),
        SeekFrom::End(by) => len.checked_add_signed(by),
    };
    found.ok_or_else(|| {
        io::Error::new(IoKind::InvalidInput, "cannot seek: before the first byte, or beyond 2^64")
    })
}
