//! Reading and writing at a position, also of devices that are read past the system's cache (`O_DIRECT`).
//!
//! There, position, length and the place in memory must be multiples of a sector. Callers need not know: what
//! they ask for is cut out of whole sectors, and put into them.
//!
//! # Source
//! open(2), `O_DIRECT`.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use memmap_core::widen;
use rustix::fs::OFlags;

use super::device;

/// The most that is read or written in one step. A multiple of every size of a sector.
const STEP: u64 = 1 << 20;

/// What every device accepts as an address of memory.
const ALIGNMENT: usize = 4096;

pub(super) fn read_at(file: &File, out: &mut [u8], at: u64) -> io::Result<usize> {
    let Some(disk) = Sectored::of(file) else { return file.read_at(out, at) };
    let Some(around) = disk.around(at, widen(out.len()))? else { return Ok(0) };
    let mut sectors = Buffer::new(&around);
    let read = disk.fill(&around, &mut sectors)?;
    let from = usize_of(at.saturating_sub(around.start));
    let bytes = sectors.bytes().get(from..read).unwrap_or_default();
    let count = bytes.len().min(out.len());
    if let (Some(out), Some(bytes)) = (out.get_mut(..count), bytes.get(..count)) {
        out.copy_from_slice(bytes);
    }
    Ok(count)
}

pub(super) fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<usize> {
    let Some(disk) = Sectored::of(file) else { return file.write_at(bytes, at) };
    let Some(around) = disk.around(at, widen(bytes.len()))? else {
        return if bytes.is_empty() { Ok(0) } else { Err(io::ErrorKind::StorageFull.into()) };
    };
    let mut sectors = Buffer::new(&around);
    let from = usize_of(at.saturating_sub(around.start));
    let room = usize_of(around.end.saturating_sub(at));
    let count = bytes.len().min(room);
    let to = from.saturating_add(count);
    let is_whole = from == 0 && to == sectors.bytes().len();
    if !is_whole && disk.fill(&around, &mut sectors)? < sectors.bytes().len() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if let (Some(into), Some(bytes)) = (sectors.bytes_mut().get_mut(from..to), bytes.get(..count)) {
        into.copy_from_slice(bytes);
    }
    let written = file.write_at(sectors.bytes(), around.start)?;
    Ok(written.saturating_sub(from).min(count))
}

fn usize_of(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A device that is read and written in whole sectors.
struct Sectored<'a> {
    file: &'a File,
    sector: u64,
    len: u64,
}

impl<'a> Sectored<'a> {
    /// `None` for a file of any other kind, or one that is read through the cache.
    fn of(file: &'a File) -> Option<Self> {
        let flags = rustix::fs::fcntl_getfl(file).ok()?;
        if !flags.contains(OFlags::DIRECT) {
            return None;
        }
        let sector = u64::from(device::sectors(file)?.logical);
        Some(Self { file, sector, len: device::len(file).ok()? })
    }

    /// The sectors around a range, no more than a step of them, and none after the end; `None` if the range has
    /// no byte on the device.
    fn around(&self, at: u64, len: u64) -> io::Result<Option<Range<u64>>> {
        let end = at.saturating_add(len).min(self.len);
        if at >= end {
            return Ok(None);
        }
        let odd = at.checked_rem(self.sector).ok_or(io::ErrorKind::InvalidData)?;
        let start = at.saturating_sub(odd);
        let end = end.checked_next_multiple_of(self.sector).unwrap_or(self.len);
        Ok(Some(start..end.min(self.len).min(start.saturating_add(STEP))))
    }

    /// Reads whole sectors, and returns how many bytes.
    fn fill(&self, range: &Range<u64>, into: &mut Buffer) -> io::Result<usize> {
        let mut done = 0_usize;
        while let Some(rest) = into.bytes_mut().get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, range.start.saturating_add(widen(done))) {
                Ok(0) => break,
                Ok(read) => done = done.saturating_add(read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What comes before a bad sector can be had.
                Err(_) if done > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }
}

/// Memory at an address that devices accept.
struct Buffer {
    memory: Vec<u8>,
    within: Range<usize>,
}

impl Buffer {
    fn new(range: &Range<u64>) -> Self {
        let len = usize_of(range.end.saturating_sub(range.start));
        let memory = vec![0; len.saturating_add(ALIGNMENT)];
        let start = memory.as_ptr().align_offset(ALIGNMENT);
        Self { memory, within: start..start.saturating_add(len) }
    }

    fn bytes(&self) -> &[u8] {
        self.memory.get(self.within.clone()).unwrap_or_default()
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        self.memory.get_mut(self.within.clone()).unwrap_or_default()
    }
}
