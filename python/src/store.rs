//! What a `MemMap` has: a mapped file, or anonymous memory.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use memmap::expose::{Expose, LostBytes};
use memmap::plugin::{Identity, LockKind, Mapping, Op, check};
use memmap::{Advice, Error, ErrorKind, Map, Mode, Progress, Result};
use memmap_core::{Access, FileHandle, Share};
use memmap_guard::InPlace;

use crate::door::edits::Edits;
use crate::door::memory::Memory;

/// Bytes that anyone may change.
#[derive(Debug)]
pub(crate) enum Store {
    File(memmap::MemMap),
    Memory(Map<Memory>),
    /// Mode `c`, where the system fills pages when they are touched.
    Edited(Box<Edited>),
}

/// Private edits, and the file that they are of.
#[derive(Debug)]
pub(crate) struct Edited {
    pub(crate) map: Map<Edits>,
    pub(crate) file: memmap::MemMap,
}

/// Bytes that can be copied out.
pub(crate) trait Readable: Send + Sync {
    fn len(&self) -> u64;

    /// The bytes, to be copied from where they are. `None` if they are out of bounds, or not to be had so.
    fn in_place(&self, offset: u64, len: usize) -> Option<InPlace<'_>>;

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()>;

    /// An error of this source.
    fn error(&self, op: Op, kind: ErrorKind) -> Error;
}

fn placed<T: Mapping>(map: &Map<T>, error: Error) -> Error {
    match map.origin() {
        Some(origin) => error.with_origin(origin.clone()),
        None => error,
    }
}

impl<T: Mapping> Readable for Map<T> {
    fn len(&self) -> u64 {
        self.len()
    }

    #[inline]
    fn in_place(&self, offset: u64, len: usize) -> Option<InPlace<'_>> {
        self.mapping().in_place(offset, len)
    }

    #[inline]
    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        self.read_into(offset, out)
    }

    fn error(&self, op: Op, kind: ErrorKind) -> Error {
        placed(self, Error::new(op, kind))
    }
}

impl Readable for Store {
    #[inline]
    fn len(&self) -> u64 {
        match self {
            Self::File(map) => map.len(),
            Self::Memory(map) => map.len(),
            Self::Edited(edited) => edited.map.len(),
        }
    }

    #[inline]
    fn in_place(&self, offset: u64, len: usize) -> Option<InPlace<'_>> {
        match self {
            Self::File(map) => map.in_place(offset, len),
            Self::Memory(map) => map.in_place(offset, len),
            // A byte that is lost there is zero.
            Self::Edited(_) => None,
        }
    }

    #[inline]
    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        match self {
            Self::File(map) => map.read_into(offset, out),
            Self::Memory(map) => map.read_into(offset, out),
            Self::Edited(edited) => {
                edited.map.read_into(offset, out).map_err(|error| placed(&edited.file, error))
            }
        }
    }

    fn error(&self, op: Op, kind: ErrorKind) -> Error {
        match self {
            Self::File(map) => map.error(op, kind),
            Self::Memory(map) => map.error(op, kind),
            Self::Edited(edited) => edited.file.error(op, kind),
        }
    }
}

impl Store {
    /// `len` bytes of memory, all of them 0.
    pub(crate) fn anonymous(len: u64) -> Result<Self> {
        Ok(Self::Memory(Map::from_mapping(Memory::new(len)?)))
    }

    /// Writes, while others may read and write.
    #[inline]
    pub(crate) fn write(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        match self {
            Self::File(map) => {
                map.mapping().write_shared(offset, bytes).map_err(|error| placed(map, error))
            }
            Self::Memory(map) => {
                check(offset, bytes.len(), map.len()).map_err(|error| error.during(Op::Write))?;
                if let Some(target) = map.mapping().target(offset, bytes.len()) {
                    // Neither can be lost.
                    target.receive(InPlace::from(bytes)).ok();
                }
                Ok(())
            }
            Self::Edited(edited) => {
                let written = edited.map.mapping().write(offset, bytes);
                written.map_err(|error| placed(&edited.file, error))
            }
        }
    }

    /// Refuses to write to a map that is not for writing, and out of bounds.
    pub(crate) fn require_writable(&self, offset: u64, len: u64) -> Result<()> {
        if let Self::File(map) = self
            && !map.mode().writes()
        {
            return Err(self.error(Op::Write, ErrorKind::ReadOnly));
        }
        let bound = self.len();
        if offset.checked_add(len).is_none_or(|end| end > bound) {
            return Err(self.error(Op::Write, ErrorKind::OutOfBounds { offset, len, bound }));
        }
        Ok(())
    }

    /// Brings bytes to the device. What was stored by an array, and reached no file, is an error.
    pub(crate) fn sync(&self, range: Range<u64>) -> Result<()> {
        match self {
            Self::File(map) => {
                map.sync(range.clone())?;
                self.require_stored(range)
            }
            Self::Memory(map) => map.sync(range),
            Self::Edited(edited) => edited.map.sync(range),
        }
    }

    /// Refuses if a page of a range was lost under an array that could write to it: what it stored there is in no
    /// file.
    fn require_stored(&self, range: Range<u64>) -> Result<()> {
        let Self::File(map) = self else { return Ok(()) };
        if !map.mode().reaches_file() {
            return Ok(());
        }
        let len = range.end.saturating_sub(range.start);
        match map.lost_bytes(range.start, len)?.into_iter().next() {
            Some(lost) => Err(lost.why.during(Op::Sync)),
            None => Ok(()),
        }
    }

    /// What was lost of a range under an array or another view.
    pub(crate) fn lost(&self, range: Range<u64>) -> Result<Vec<LostBytes>> {
        let range = range.start.min(self.len())..range.end.min(self.len());
        let len = range.end.saturating_sub(range.start);
        match self {
            Self::File(map) => map.lost_bytes(range.start, len),
            Self::Memory(_) => Ok(Vec::new()),
            Self::Edited(edited) => Ok(edited.map.mapping().lost(range.start, len)),
        }
    }

    /// As [`lost`](Self::lost), and what is after the end of the file now, touched or not. A cut within a page raises no
    /// fault, and neither does a system call, so only the length of the file tells.
    pub(crate) fn lost_now(&self, range: Range<u64>) -> Result<Vec<LostBytes>> {
        let mut lost = self.lost(range.clone())?;
        let Self::File(map) = self else { return Ok(lost) };
        let end = range.end.min(map.len());
        let (needed, now) = (map.offset().saturating_add(end), self.size()?);
        let start = now.saturating_sub(map.offset()).max(range.start);
        if now >= needed || start >= end {
            return Ok(lost);
        }
        lost.retain(|lost| lost.range.start < start);
        if let Some(last) = lost.last_mut() {
            last.range.end = last.range.end.min(start);
        }
        let kind = ErrorKind::Truncated { offset: start, needed, now };
        lost.push(LostBytes { range: start..end, why: map.error(Op::Read, kind) });
        Ok(lost)
    }

    /// Maps the same part of the file anew.
    pub(crate) fn remap(&mut self) -> Result<()> {
        let Self::File(map) = self else { return Ok(()) };
        let options = memmap::MemMap::options().mode(match map.mode() {
            Mode::Create => Mode::ReadWrite,
            mode => mode,
        });
        let options = options.offset(map.offset()).len(map.len());
        let again = with_file(map, |file| Ok(options.open_file(file)));
        match again {
            Some(Ok(again)) => *map = again.map_err(|error| placed(map, error))?,
            Some(Err(error)) => return Err(map.error(Op::Open, ErrorKind::Os(error))),
            None => {}
        }
        Ok(())
    }

    /// Which version of its file this is.
    pub(crate) fn identity(&self) -> Option<Identity> {
        match self {
            Self::File(map) => map.identity(),
            Self::Edited(edited) => edited.file.identity(),
            Self::Memory(_) => None,
        }
    }

    /// Makes private edits that are in one piece with the pages that were not written to, if the system can.
    pub(crate) fn edited(file: memmap::MemMap) -> Self {
        let len = usize::try_from(file.len()).unwrap_or(0);
        if len == 0 {
            return Self::File(file);
        }
        let made = with_file(&file, |opened| {
            Ok(Edits::new(&Arc::new(opened.try_clone()?), file.offset(), len).ok())
        });
        match made {
            Some(Ok(Some(edits))) => {
                Self::Edited(Box::new(Edited { map: Map::from_mapping(edits), file }))
            }
            _ => Self::File(file),
        }
    }

    /// Ends it, with everything written on the device.
    pub(crate) fn close(self) -> Result<()> {
        let stored = self.require_stored(0..self.len());
        match self {
            Self::File(map) => map.close(),
            Self::Memory(map) => map.close(),
            Self::Edited(edited) => edited.file.close(),
        }?;
        stored
    }

    pub(crate) fn resize(&mut self, len: u64) -> Result<()> {
        match self {
            Self::File(map) => map.resize(len),
            Self::Memory(map) => map.resize(len),
            Self::Edited(edited) => edited.file.resize(len),
        }
    }

    pub(crate) fn advise(&self, range: Range<u64>, advice: Advice) -> Result<()> {
        match self {
            Self::File(map) => map.advise(range, advice),
            Self::Memory(map) => map.advise(range, advice),
            Self::Edited(edited) => edited.map.advise(range, advice),
        }
    }

    pub(crate) fn try_lock(&self, kind: LockKind) -> Result<bool> {
        match self {
            Self::File(map) => {
                map.mapping().try_lock_file(kind).map_err(|error| placed(map, error))
            }
            Self::Memory(map) => map.mapping().try_lock_file(kind),
            Self::Edited(edited) => {
                let map = &edited.file;
                map.mapping().try_lock_file(kind).map_err(|error| placed(map, error))
            }
        }
    }

    pub(crate) fn unlock(&self) -> Result<()> {
        match self {
            Self::File(map) => map.mapping().unlock_file().map_err(|error| placed(map, error)),
            Self::Memory(_) => Ok(()),
            Self::Edited(edited) => {
                let map = &edited.file;
                map.mapping().unlock_file().map_err(|error| placed(map, error))
            }
        }
    }

    /// The length of the file now.
    pub(crate) fn size(&self) -> Result<u64> {
        let map = match self {
            Self::File(map) => map,
            Self::Memory(_) => return Ok(self.len()),
            Self::Edited(edited) => &edited.file,
        };
        match with_file(map, File::metadata) {
            Some(Ok(found)) => Ok(found.len()),
            Some(Err(error)) => Err(map.error(Op::Query, ErrorKind::Os(error))),
            None => Ok(map.len()),
        }
    }

    /// The same bytes, so that they change no more, and the version of the file that has them, if a file does.
    pub(crate) fn freeze(
        &self,
        progress: &Progress,
    ) -> Result<(memmap::FrozenMap, Option<Identity>)> {
        let map = match self {
            Self::Memory(map) => {
                return Ok((memmap::FrozenMap::snapshot_of(map, progress)?, None));
            }
            Self::Edited(edited) => {
                let frozen = memmap::FrozenMap::snapshot_of(&edited.map, progress);
                return Ok((frozen.map_err(|error| placed(&edited.file, error))?, None));
            }
            Self::File(map) => map,
        };
        let options = memmap::MemMap::options().offset(map.offset()).len(map.len());
        let opened = match map.mode() {
            // The edits are in no file.
            Mode::CopyOnWrite => None,
            _ => with_file(map, |file| {
                Ok(options.open_file(file).map_err(|error| placed(map, error)))
            }),
        };
        match opened {
            Some(Ok(live)) => {
                let live = live?;
                let identity = live.identity();
                Ok((freeze(live)?, identity))
            }
            Some(Err(error)) => Err(map.error(Op::Open, ErrorKind::Os(error))),
            None => Ok((memmap::FrozenMap::snapshot_of(map, progress)?, None)),
        }
    }
}

/// Calls `act` with the file of a map; `None` if it has none any more.
fn with_file<T>(
    map: &memmap::MemMap,
    act: impl FnOnce(&File) -> std::io::Result<T>,
) -> Option<std::io::Result<T>> {
    let view = map.mapping().view()?;
    let opened = view.handle.with(view.pages, |file| act(file));
    Some(opened.unwrap_or_else(Err))
}

/// The error of a map for which there are no addresses: as many as its bytes for itself, and twice as many for pages
/// that are filled when they are touched. (A proof that does not hold says why in words only.)
fn out_of_addresses(live: &mut memmap::MemMap) -> Option<Error> {
    let len = live.len();
    if live.mapping().access() == Access::Read {
        return Some(Error::new(Op::Map, ErrorKind::OutOfMemory { len }));
    }
    let refused = live.reserve(len.saturating_mul(2)).err()?;
    matches!(refused.kind(), ErrorKind::OutOfMemory { .. }).then_some(refused)
}

/// Freezes the bytes of a file. What is lost becomes zeros, and an error of `check`.
pub(crate) fn freeze(live: memmap::MemMap) -> Result<memmap::FrozenMap> {
    /// Where bytes cannot freeze when they are touched, a copy of at most this many is made.
    const COPIED: u64 = 16 << 20;
    let proofs =
        memmap::Proofs::any().snapshot_up_to(COPIED).on_lost(memmap::proof::OnLostPage::Zeros);
    let origin = live.origin().cloned();
    live.prove(proofs).map_err(|mut refused| {
        let error = out_of_addresses(&mut refused.value).unwrap_or_else(|| refused.error.into());
        match origin {
            Some(origin) => error.with_origin(origin),
            None => error,
        }
    })
}
