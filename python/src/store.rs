//! What a `MemMap` has: a mapped file, or anonymous memory.

use std::fs::File;
use std::ops::Range;

use memmap::plugin::{Identity, LockKind, Mapping, Op, check};
use memmap::{Advice, Error, ErrorKind, Map, Mode, Progress, Result, widen};
use memmap_core::{FileHandle, Share};
use memmap_guard::InPlace;

use crate::door::memory::Memory;

/// Bytes that anyone may change.
#[derive(Debug)]
pub(crate) enum Store {
    File(memmap::MemMap),
    Memory(Map<Memory>),
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
        }
    }

    #[inline]
    fn in_place(&self, offset: u64, len: usize) -> Option<InPlace<'_>> {
        match self {
            Self::File(map) => map.in_place(offset, len),
            Self::Memory(map) => map.in_place(offset, len),
        }
    }

    #[inline]
    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        match self {
            Self::File(map) => map.read_into(offset, out),
            Self::Memory(map) => map.read_into(offset, out),
        }
    }

    fn error(&self, op: Op, kind: ErrorKind) -> Error {
        match self {
            Self::File(map) => map.error(op, kind),
            Self::Memory(map) => map.error(op, kind),
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

    pub(crate) fn sync(&self, range: Range<u64>) -> Result<()> {
        match self {
            Self::File(map) => map.sync(range),
            Self::Memory(map) => map.sync(range),
        }
    }

    /// Ends it, with everything written on the device.
    pub(crate) fn close(self) -> Result<()> {
        match self {
            Self::File(map) => map.close(),
            Self::Memory(map) => map.close(),
        }
    }

    pub(crate) fn resize(&mut self, len: u64) -> Result<()> {
        match self {
            Self::File(map) => map.resize(len),
            Self::Memory(map) => {
                let new = Memory::new(len)?;
                let mut block = vec![0; 64 << 10];
                let (end, mut at) = (len.min(map.len()), 0);
                while at < end {
                    let part = end.saturating_sub(at).min(widen(block.len()));
                    let part = usize::try_from(part).unwrap_or(block.len());
                    let bytes = block.get_mut(..part).unwrap_or_default();
                    map.read_into(at, bytes)?;
                    if let Some(target) = new.target(at, part) {
                        target.receive(InPlace::from(&*bytes)).ok();
                    }
                    at = at.saturating_add(widen(part));
                }
                *map = Map::from_mapping(new);
                Ok(())
            }
        }
    }

    pub(crate) fn advise(&self, range: Range<u64>, advice: Advice) -> Result<()> {
        match self {
            Self::File(map) => map.advise(range, advice),
            Self::Memory(map) => map.advise(range, advice),
        }
    }

    pub(crate) fn try_lock(&self, kind: LockKind) -> Result<bool> {
        match self {
            Self::File(map) => {
                map.mapping().try_lock_file(kind).map_err(|error| placed(map, error))
            }
            Self::Memory(map) => map.mapping().try_lock_file(kind),
        }
    }

    pub(crate) fn unlock(&self) -> Result<()> {
        match self {
            Self::File(map) => map.mapping().unlock_file().map_err(|error| placed(map, error)),
            Self::Memory(_) => Ok(()),
        }
    }

    /// The length of the file now.
    pub(crate) fn size(&self) -> Result<u64> {
        let Self::File(map) = self else { return Ok(self.len()) };
        match with_file(map, File::metadata) {
            Some(Ok(found)) => Ok(found.len()),
            Some(Err(error)) => Err(map.error(Op::Query, ErrorKind::Os(error))),
            None => Ok(map.len()),
        }
    }

    /// The same bytes, so that they change no more, and the version of the file that has them, if a file does.
    pub(crate) fn freeze(&self) -> Result<(memmap::FrozenMap, Option<Identity>)> {
        let map = match self {
            Self::Memory(map) => {
                return Ok((memmap::FrozenMap::snapshot_of(map, &Progress::new())?, None));
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
            None => Ok((memmap::FrozenMap::snapshot_of(map, &Progress::new())?, None)),
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

/// Freezes the bytes of a file. What is lost becomes zeros, and an error of `check`.
pub(crate) fn freeze(live: memmap::MemMap) -> Result<memmap::FrozenMap> {
    /// Where bytes cannot freeze when they are touched, a copy of at most this many is made.
    const COPIED: u64 = 16 << 20;
    let proofs =
        memmap::Proofs::any().snapshot_up_to(COPIED).on_lost(memmap::proof::OnLostPage::Zeros);
    let origin = live.origin().cloned();
    live.prove(proofs).map_err(|refused| {
        let error = Error::from(refused);
        match origin {
            Some(origin) => error.with_origin(origin),
            None => error,
        }
    })
}
