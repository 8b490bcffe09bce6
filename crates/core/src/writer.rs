use std::io::{self, IoSlice, Seek, SeekFrom, Write};
use std::ops::{Deref, DerefMut};

use crate::reader::target;
use crate::{ErrorKind, Map, Mapping, widen};

/// Writes into a map as a stream: `Write` and `Seek`, with a position of its own.
///
/// `H` is whatever dereferences mutably to a [`Map`]: `&mut Map<M>`, `Box<Map<M>>`, or a
/// [`Locked`](crate::Locked) map. The map does not grow: [`Map::resize`] does that.
///
/// # Shape
/// The stream is the whole map, `0..len`. At its end, and beyond, nothing is written: `write` returns `Ok(0)` and
/// [`write_all`](Write::write_all) returns [`WriteZero`](io::ErrorKind::WriteZero), as for a `Cursor` over a
/// slice.
///
/// # Errors
/// An [`io::Error`] with an [`Error`](crate::Error) inside, those of [`Map::write_at`]. If some bytes were
/// written before it, their number is returned first; the error comes with the next write.
///
/// # Cost
/// That of [`Map::write_at`]: a copy and no system call. There is no buffer.
///
/// # Durability
/// Others see what is written at once, so [`flush`](Write::flush) does nothing. It does not wait for the device
/// either: [`Map::sync`] does.
///
/// # Examples
/// ```
/// use std::io::{Seek, SeekFrom, Write};
/// use memmap_core::{Map, testing::FakeRam};
///
/// let mut mm = Map::<FakeRam>::new(8)?;
/// let mut writer = mm.writer();
/// write!(writer, "{:04}", 42)?;
/// writer.seek(SeekFrom::End(-2))?;
/// assert_eq!(writer.write(b"abc")?, 2);
/// assert_eq!(mm.read_at(0, 8)?, b"0042\0\0ab");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Source
/// `std::io::Cursor` over a slice.
#[derive(Debug)]
pub struct Writer<H> {
    map: H,
    position: u64,
}

/// Writing as a stream.
impl<T: Mapping> Map<T> {
    /// Writes into the map from its first byte on, as [`Write`] and [`Seek`]. The map does not grow. For a writer
    /// that owns the map, there is [`Writer::new`].
    pub const fn writer(&mut self) -> Writer<&mut Self> {
        Writer::new(self)
    }
}

impl<H> Writer<H> {
    /// Writes from the first byte on.
    pub const fn new(map: H) -> Self {
        Self { map, position: 0 }
    }

    /// The map.
    pub const fn get_ref(&self) -> &H {
        &self.map
    }

    /// The map. Resizing it does not move the position.
    pub const fn get_mut(&mut self) -> &mut H {
        &mut self.map
    }

    /// Ends writing and returns the map.
    pub fn into_inner(self) -> H {
        self.map
    }

    /// Where the next byte is written: bytes from the start of the map.
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Writes at `position` next, which may be beyond the end.
    pub const fn set_position(&mut self, position: u64) {
        self.position = position;
    }
}

impl<M: Mapping, H: DerefMut<Target = Map<M>>> Write for Writer<H> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.map.len().saturating_sub(self.position);
        let bytes = match usize::try_from(left) {
            Ok(left) => bytes.get(..left).unwrap_or(bytes),
            Err(_) => bytes,
        };
        if bytes.is_empty() {
            return Ok(0);
        }
        let written = match self.map.write_at(self.position, bytes) {
            Ok(()) => bytes.len(),
            Err(error) => match written_before(error.kind(), self.position, self.map.offset())
                .and_then(|written| usize::try_from(written).ok())
                .filter(|written| (1..bytes.len()).contains(written))
            {
                // The next write finds it again.
                Some(written) => written,
                None => return Err(error.into()),
            },
        };
        self.position = self.position.saturating_add(widen(written));
        Ok(written)
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut done = 0_usize;
        for part in parts {
            match self.write(part) {
                Ok(len) => {
                    done = done.saturating_add(len);
                    if len < part.len() {
                        break;
                    }
                }
                Err(error) if done == 0 => return Err(error),
                // The next write finds it again.
                Err(_) => break,
            }
        }
        Ok(done)
    }

    /// Does nothing: what was written is visible. [`Map::sync`] waits for the device.
    #[inline]
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Without a system call. [`SeekFrom::End`] counts from [`Map::len`].
impl<M: Mapping, H: Deref<Target = Map<M>>> Seek for Writer<H> {
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

/// How many bytes were written before the error, if it says so.
#[cold]
fn written_before(kind: &ErrorKind, position: u64, map_offset: u64) -> Option<u64> {
    let lost = match *kind {
        ErrorKind::Truncated { offset, .. }
        | ErrorKind::Io { offset, .. }
        | ErrorKind::TimedOut { offset, .. }
        | ErrorKind::Replaced { offset, .. }
        | ErrorKind::Lost { offset, .. }
        | ErrorKind::StorageFull { offset: Some(offset), .. }
        | ErrorKind::HardwareMemoryError { offset } => offset,
        // From the start of the file.
        ErrorKind::QuotaExceeded { offset } => offset.checked_sub(map_offset)?,
        ErrorKind::BufferLost { at } => return Some(at),
        _ => return None,
    };
    lost.checked_sub(position)
}
