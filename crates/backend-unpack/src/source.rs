use std::borrow::Cow;
use std::fmt;
use std::io;

use memmap_core::{Error, Mapping, Progress, widen};

/// Packed bytes read at a time, after which cancellation is checked.
const CHUNK_LEN: u64 = 64 << 10;

/// Where and why unpacking stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Damage {
    /// The offset in the packed file.
    pub packed: u64,
    /// What is wrong there.
    pub what: Cow<'static, str>,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {:#x} of the packed file)", self.what, self.packed)
    }
}

/// Why unpacking did not go on.
#[derive(Debug)]
pub(crate) enum Trouble {
    Cancelled,
    /// The packed bytes cannot be read.
    Read(Error),
    Damage(Damage),
}

impl Trouble {
    pub(crate) fn damage(packed: u64, what: impl Into<Cow<'static, str>>) -> Self {
        Self::Damage(Damage { packed, what: what.into() })
    }
}

/// The packed bytes, read in order from any place.
pub(crate) struct Source<'a> {
    map: &'a dyn Mapping,
    progress: &'a Progress,
    at: u64,
    chunk: Vec<u8>,
    chunk_start: u64,
    /// Why a read by [`io::Read`] failed.
    failed: Option<Trouble>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(map: &'a dyn Mapping, progress: &'a Progress) -> Self {
        Self { map, progress, at: 0, chunk: Vec::new(), chunk_start: 0, failed: None }
    }

    pub(crate) fn len(&self) -> u64 {
        self.map.len()
    }

    pub(crate) const fn at(&self) -> u64 {
        self.at
    }

    pub(crate) const fn go_to(&mut self, at: u64) {
        self.at = at;
    }

    pub(crate) fn check(&self) -> Result<(), Trouble> {
        if self.progress.is_cancelled() { Err(Trouble::Cancelled) } else { Ok(()) }
    }

    /// Some bytes from here on; none at the end.
    pub(crate) fn fill(&mut self) -> Result<&[u8], Trouble> {
        let place = |this: &Self| {
            let skip = usize::try_from(this.at.checked_sub(this.chunk_start)?).ok()?;
            (skip < this.chunk.len()).then_some(skip)
        };
        if let Some(skip) = place(self) {
            return Ok(self.chunk.get(skip..).unwrap_or_default());
        }
        self.check()?;
        let len = self.len().saturating_sub(self.at).min(CHUNK_LEN);
        self.chunk.resize(usize::try_from(len).unwrap_or(0), 0);
        self.chunk_start = self.at;
        let read = self.map.read_some(self.at, &mut self.chunk);
        let partial = match read {
            Ok(partial) => partial,
            Err(error) => {
                self.chunk.clear();
                return Err(Trouble::Read(error));
            }
        };
        self.chunk.truncate(partial.len);
        match partial.stopped {
            Some(error) if self.chunk.is_empty() => Err(Trouble::Read(error)),
            _ => Ok(&self.chunk),
        }
    }

    pub(crate) fn consume(&mut self, len: usize) {
        self.at = self.at.saturating_add(widen(len));
    }

    /// Reads the next byte; `None` at the end.
    pub(crate) fn byte(&mut self) -> Result<Option<u8>, Trouble> {
        let byte = self.fill()?.first().copied();
        self.consume(usize::from(byte.is_some()));
        Ok(byte)
    }

    /// Reads the next bytes; `None` if there are not so many.
    pub(crate) fn take<const N: usize>(&mut self) -> Result<Option<[u8; N]>, Trouble> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            let Some(next) = self.byte()? else { return Ok(None) };
            *byte = next;
        }
        Ok(Some(bytes))
    }

    /// Passes over bytes; `false` if there are not so many.
    pub(crate) fn skip(&mut self, len: u64) -> bool {
        let end = self.at.checked_add(len).filter(|&end| end <= self.len());
        self.at = end.unwrap_or_else(|| self.len());
        end.is_some()
    }

    /// Why the last read by [`io::Read`] failed, or else this damage.
    pub(crate) fn failure(&mut self, what: impl Into<Cow<'static, str>>) -> Trouble {
        self.failed.take().unwrap_or_else(|| Trouble::damage(self.at, what))
    }
}

impl io::Read for Source<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = match self.fill() {
            Ok(bytes) => {
                let len = bytes.len().min(out.len());
                let (to, from) = (out.get_mut(..len), bytes.get(..len));
                if let (Some(to), Some(from)) = (to, from) {
                    to.copy_from_slice(from);
                }
                len
            }
            Err(trouble) => {
                self.failed = Some(trouble);
                return Err(io::Error::other("the packed bytes cannot be read"));
            }
        };
        self.consume(len);
        Ok(len)
    }
}
