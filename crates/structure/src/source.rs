//! Where bytes come from: the trait that a program implements, and a cache of blocks over it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

/// How many bytes are read at once.
pub(crate) const BLOCK: u64 = 4096;

/// How many blocks are kept.
const KEPT: usize = 256;

/// How many blocks are remembered that cannot be read.
const LOST: usize = 4096;

/// The bytes of a file, for a tree.
///
/// A read may block. All reads come from the thread that uses the tree.
pub trait Source {
    /// How many bytes there are.
    fn len(&self) -> u64;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads exactly `into.len()` bytes at the offset `at`. The range lies within the source.
    ///
    /// # Errors
    ///
    /// [`ReadError`]. The contents of `into` are then unspecified.
    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), ReadError>;

    /// The first place from `at` on that may hold data: what lies between is a hole, which reads as zeros.
    fn data_from(&mut self, at: u64) -> u64 {
        at
    }
}

/// Why bytes could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// They cannot be read, for this reason.
    Unreadable(String),
    /// The request is to end: it was cancelled.
    Stop,
}

impl Source for &[u8] {
    fn len(&self) -> u64 {
        u64::try_from((**self).len()).unwrap_or(u64::MAX)
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), ReadError> {
        let begin = usize::try_from(at).unwrap_or(usize::MAX);
        let end = begin.saturating_add(into.len());
        match self.get(begin..end) {
            Some(bytes) => {
                into.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(ReadError::Unreadable("past the end".to_owned())),
        }
    }
}

impl Source for Vec<u8> {
    fn len(&self) -> u64 {
        Source::len(&self.as_slice())
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), ReadError> {
        Source::read(&mut self.as_slice(), at, into)
    }
}

/// Blocks of a source: the newest are kept, and those that are read are counted.
pub(crate) struct Blocks {
    source: Box<dyn Source + Send>,
    len: u64,
    kept: HashMap<u64, (Arc<[u8]>, u64)>,
    /// The blocks that could not be read as a whole, with the reason; without it some of their bytes could.
    lost: BTreeMap<u64, Option<String>>,
    clock: u64,
    /// How many blocks were read from the source.
    pub(crate) touched: u64,
}

impl fmt::Debug for Blocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blocks")
            .field("len", &self.len)
            .field("touched", &self.touched)
            .finish_non_exhaustive()
    }
}

impl Blocks {
    pub(crate) fn new(source: Box<dyn Source + Send>) -> Self {
        let len = source.len();
        Self { source, len, kept: HashMap::new(), lost: BTreeMap::new(), clock: 0, touched: 0 }
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Takes a source that has the same bytes, and more after them.
    pub(crate) fn grow(&mut self, source: Box<dyn Source + Send>) {
        self.kept.remove(&(self.len / BLOCK));
        self.lost.remove(&(self.len / BLOCK));
        self.len = source.len();
        self.source = source;
    }

    pub(crate) fn data_from(&mut self, at: u64) -> u64 {
        self.source.data_from(at)
    }

    /// The blocks among those of a range of bytes that could not be read, as far as is known, with the reason.
    pub(crate) fn lost(&self, start: u64, end: u64) -> impl Iterator<Item = (u64, &str)> {
        let blocks = start / BLOCK..end.div_ceil(BLOCK).max(start / BLOCK);
        let lost = self.lost.range(blocks);
        lost.filter_map(|(block, reason)| Some((block * BLOCK, reason.as_deref()?)))
    }

    /// Whether a read of these bytes goes to the source.
    pub(crate) fn is_kept(&self, block: u64) -> bool {
        self.kept.contains_key(&block)
    }

    /// Copies bytes. They must lie before the end.
    pub(crate) fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), ReadError> {
        let mut at = at;
        let mut rest = into;
        while !rest.is_empty() {
            let block = at / BLOCK;
            let skip = usize::try_from(at % BLOCK).unwrap_or(0);
            let data = match self.block(block) {
                Ok(data) => data,
                // One byte of a block that cannot be read does not keep the others from being read.
                Err(ReadError::Unreadable(_)) => {
                    let left = usize::try_from(BLOCK).unwrap_or(usize::MAX) - skip;
                    let (head, tail) = rest.split_at_mut(left.min(rest.len()));
                    let read = self.source.read(at, head);
                    match &read {
                        Ok(()) => self.note_lost(block, None),
                        Err(ReadError::Unreadable(reason)) => {
                            self.note_lost(block, Some(reason.clone()));
                        }
                        Err(ReadError::Stop) => {}
                    }
                    read?;
                    at += u64::try_from(head.len()).unwrap_or(u64::MAX);
                    rest = tail;
                    continue;
                }
                Err(stop) => return Err(stop),
            };
            let found = data.get(skip..).unwrap_or(&[]);
            let len = found.len().min(rest.len());
            if len == 0 {
                return Err(ReadError::Unreadable("past the end".to_owned()));
            }
            let (head, tail) = rest.split_at_mut(len);
            head.copy_from_slice(&found[..len]);
            rest = tail;
            at += u64::try_from(len).unwrap_or(u64::MAX);
        }
        Ok(())
    }

    /// Remembers how a read in a block went that cannot be read as a whole.
    fn note_lost(&mut self, block: u64, reason: Option<String>) {
        if let Some(noted) = self.lost.get_mut(&block) {
            *noted = noted.take().and(reason);
        } else if self.lost.len() < LOST {
            self.lost.insert(block, reason);
        }
    }

    fn block(&mut self, block: u64) -> Result<Arc<[u8]>, ReadError> {
        self.clock += 1;
        if let Some((data, used)) = self.kept.get_mut(&block) {
            *used = self.clock;
            return Ok(Arc::clone(data));
        }
        let begin = block.saturating_mul(BLOCK);
        let len = usize::try_from(self.len.saturating_sub(begin).min(BLOCK)).unwrap_or(0);
        let mut bytes = vec![0; len];
        self.touched += 1;
        self.source.read(begin, &mut bytes)?;
        self.lost.remove(&block);
        let data: Arc<[u8]> = Arc::from(bytes);
        if self.kept.len() >= KEPT {
            self.forget();
        }
        self.kept.insert(block, (Arc::clone(&data), self.clock));
        Ok(data)
    }

    /// Drops the half of the kept blocks that were used longest ago.
    fn forget(&mut self) {
        let mut times: Vec<u64> = self.kept.values().map(|it| it.1).collect();
        times.sort_unstable();
        let middle = times.get(times.len() / 2).copied().unwrap_or(0);
        self.kept.retain(|_, it| it.1 > middle);
    }
}
