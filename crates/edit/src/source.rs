use std::fmt::{self, Debug};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, TryLockError};

use memmap_core::disk::Attributes;
use memmap_core::{Error, ErrorKind, Extent, Identity, Map, Mapping, Op, Partial, Result, widen};

/// What pieces take their bytes from: a map, and which of its file's savings had been made when the piece
/// was. Its bytes are what they were then.
#[derive(Debug)]
pub(crate) struct Source<M: Mapping> {
    map: Arc<Map<M>>,
    file: Arc<Savings<M>>,
    /// The savings that the map's bytes already have.
    epoch: usize,
    /// The length of this version, which the map may be shorter than: what was cut off since is kept by the
    /// saving that did it.
    len: u64,
    /// Which version of the file it was, when it was mapped or saved.
    identity: Option<Identity>,
    /// Where other programs appended to the file, each with the number of savings before it.
    growths: Vec<(usize, u64)>,
}

/// The savings in place of one file. None is ever taken away: a reader between the two would see bytes of
/// another version.
pub(crate) struct Savings<M: Mapping> {
    list: RwLock<Vec<Arc<Saving<M>>>>,
    /// The length of the list.
    count: AtomicUsize,
    /// Held while a saving of the file goes on.
    busy: Mutex<()>,
    /// The version of the file that a saving left which failed: nobody else changed it.
    left: Mutex<Option<Identity>>,
}

/// Savings, one after the other.
type List<M> = Vec<Arc<Saving<M>>>;

/// What a saving in place wrote, and over what.
#[derive(Debug)]
pub(crate) struct Saving<M: Mapping> {
    /// In order; none overlaps another.
    ranges: Vec<SavedRange>,
    bytes: Kept<M>,
    /// What the file had beside its bytes before.
    attributes: Attributes,
    /// How it ended.
    end: OnceLock<SavingEnd>,
}

/// A range of the file that was written. Old and new bytes are of different lengths at the end of the file
/// only.
#[derive(Debug, Clone)]
pub(crate) struct SavedRange {
    /// What was there.
    pub(crate) old: Range<u64>,
    /// The place of the old bytes among those that are kept.
    pub(crate) old_at: u64,
    pub(crate) new_len: u64,
    pub(crate) new_at: u64,
}

/// Where old and new bytes are kept.
#[derive(Debug)]
pub(crate) enum Kept<M: Mapping> {
    Memory(Vec<u8>),
    /// The journal.
    Mapped(Map<M>),
}

/// How a saving that was published ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SavingEnd {
    /// All is in the file.
    Done,
    /// Nothing is.
    Back,
    /// It is not known what reached the device.
    Unfinished,
}

impl SavedRange {
    pub(crate) fn new_range(&self) -> Range<u64> {
        self.old.start..self.old.start.saturating_add(self.new_len)
    }
}

impl<M: Mapping> Debug for Savings<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Savings").field("count", &self.count).finish_non_exhaustive()
    }
}

impl<M: Mapping> Savings<M> {
    fn new() -> Self {
        Self {
            list: RwLock::new(Vec::new()),
            count: AtomicUsize::new(0),
            busy: Mutex::new(()),
            left: Mutex::new(None),
        }
    }

    /// A saving that failed left this version of the file.
    pub(crate) fn leave(&self, identity: Option<Identity>) {
        *self.left.lock().unwrap_or_else(PoisonError::into_inner) = identity;
    }

    /// Whether a saving that failed left this version of the file.
    pub(crate) fn has_left(&self, identity: Option<&Identity>) -> bool {
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.is_some() && left.as_ref() == identity
    }

    /// Begins a saving, which ends when this is dropped; `None` if another one goes on.
    pub(crate) fn begin(&self) -> Option<MutexGuard<'_, ()>> {
        match self.busy.try_lock() {
            Ok(busy) => Some(busy),
            Err(TryLockError::Poisoned(busy)) => Some(busy.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Publishes what a saving is about to write over. Readers that can see one of its bytes find the old
    /// ones here.
    pub(crate) fn publish(&self, saving: Arc<Saving<M>>) {
        let mut list = self.list.write().unwrap_or_else(PoisonError::into_inner);
        list.push(saving);
        self.count.store(list.len(), Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    /// How many were published.
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// All savings, the first one first.
    fn all(&self) -> Vec<Arc<Saving<M>>> {
        self.list.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The savings from number `epoch` on. To be called after the bytes were read.
    fn since(&self, epoch: usize) -> Vec<Arc<Saving<M>>> {
        // The bytes are loaded before the number: who could see a new byte sees its saving.
        fence(Ordering::SeqCst);
        if self.count.load(Ordering::SeqCst) <= epoch {
            return Vec::new();
        }
        let list = self.list.read().unwrap_or_else(PoisonError::into_inner);
        list.get(epoch..).unwrap_or_default().to_vec()
    }
}

impl<M: Mapping> Saving<M> {
    /// Takes ranges in order.
    pub(crate) const fn new(
        ranges: Vec<SavedRange>,
        bytes: Kept<M>,
        attributes: Attributes,
    ) -> Self {
        Self { ranges, bytes, attributes, end: OnceLock::new() }
    }

    /// What the file had beside its bytes before.
    pub(crate) const fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// Says how it ended.
    pub(crate) fn end(&self, end: SavingEnd) {
        // It ends once.
        self.end.set(end).ok();
    }

    /// How it ended; `None` while it is written.
    pub(crate) fn ended(&self) -> Option<SavingEnd> {
        self.end.get().copied()
    }

    pub(crate) fn ranges(&self) -> &[SavedRange] {
        &self.ranges
    }

    /// The ranges whose old bytes overlap `range`.
    fn within(&self, range: &Range<u64>) -> impl Iterator<Item = &SavedRange> {
        let first = self.ranges.partition_point(|saved| saved.old.end <= range.start);
        let rest = self.ranges.get(first..).unwrap_or_default();
        let count = rest.partition_point(|saved| saved.old.start < range.end);
        // At the end of the file some have no old bytes.
        rest.get(..count).unwrap_or_default().iter().filter(|saved| !saved.old.is_empty())
    }

    /// Reads old or new bytes, from where they are kept.
    pub(crate) fn read(&self, at: u64, out: &mut [u8]) -> Result<()> {
        match &self.bytes {
            Kept::Mapped(map) => map.read_into(at, out),
            Kept::Memory(bytes) => memmap_core::copy_lent(bytes, at, out),
        }
    }
}

impl<M: Mapping> Source<M> {
    /// The first version of a file.
    pub(crate) fn new(map: Arc<Map<M>>) -> Self {
        let identity = map.identity();
        Self {
            len: map.len(),
            map,
            file: Arc::new(Savings::new()),
            epoch: 0,
            identity,
            growths: Vec::new(),
        }
    }

    /// An earlier version of the file that is mapped, which had `len` bytes, with all savings in place since.
    pub(crate) fn earlier(map: Arc<Map<M>>, len: u64, savings: Vec<Arc<Saving<M>>>) -> Self {
        let source = Self { len, ..Self::new(map) };
        for saving in savings {
            source.file.publish(saving);
        }
        source
    }

    /// The version after this one and as many savings, which left it with `len` bytes.
    pub(crate) fn later(&self, count: usize, len: u64) -> Self {
        let (map, file) = (Arc::clone(&self.map), Arc::clone(&self.file));
        Self {
            map,
            file,
            epoch: self.epoch.saturating_add(count),
            len,
            identity: self.identity.clone(),
            growths: self.growths.clone(),
        }
    }

    /// The version of the same file that is in it now, after all savings that were published.
    pub(crate) fn next(&self, map: Arc<Map<M>>) -> Self {
        let epoch = self.file.count.load(Ordering::SeqCst);
        let identity = map.identity();
        let (file, growths) = (Arc::clone(&self.file), self.growths.clone());
        Self { len: map.len(), map, file, epoch, identity, growths }
    }

    /// What is after this place was appended by another program.
    pub(crate) fn grown_from(mut self, start: u64) -> Self {
        self.growths.push((self.epoch, start));
        self
    }

    /// Where another program appended first after as many savings: from there on the file has nothing of them.
    pub(crate) fn kept_of(&self, savings: usize) -> u64 {
        let later = self.growths.iter().filter(|(before, _)| *before >= savings);
        later.map(|(_, start)| *start).min().unwrap_or(u64::MAX)
    }

    /// Which version of the file it was.
    pub(crate) const fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    pub(crate) const fn len(&self) -> u64 {
        self.len
    }

    pub(crate) const fn map(&self) -> &Arc<Map<M>> {
        &self.map
    }

    pub(crate) const fn savings(&self) -> &Arc<Savings<M>> {
        &self.file
    }

    /// The savings that the map's bytes already have, and those after them.
    pub(crate) fn past_and_later(&self) -> (List<M>, List<M>) {
        let mut past = self.file.all();
        let later = past.split_off(self.epoch.min(past.len()));
        (past, later)
    }

    /// Whether it is an earlier version of the file of another one.
    pub(crate) fn is_before(&self, other: &Self) -> bool {
        self.is_same_file(other) && self.epoch < other.epoch
    }

    /// Whether both are of one file with the same savings.
    pub(crate) fn is_same_version(&self, other: &Self) -> bool {
        self.is_same_file(other) && self.epoch == other.epoch
    }

    /// Whether both are of one file.
    pub(crate) fn is_same_file(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file)
    }

    /// The parts of a range that hold in the version `now` of the same file what they hold here, and those
    /// that do not.
    pub(crate) fn compared(&self, range: Range<u64>, now: &Self) -> Vec<(Range<u64>, bool)> {
        let count = now.epoch.saturating_sub(self.epoch);
        let later = if count == 0 { Vec::new() } else { self.file.since(self.epoch) };
        cut(range, later.get(..count).unwrap_or(&later))
    }

    /// Reads bytes as they were, up to the first that cannot be read.
    pub(crate) fn read(&self, start: u64, out: &mut [u8]) -> Result<Partial> {
        let mut done = 0;
        loop {
            let rest = out.get_mut(done..).unwrap_or_default();
            let from = start.saturating_add(widen(done));
            let Partial { len, stopped } = self.read_map(from, rest)?;
            let later = self.file.since(self.epoch);
            if later.is_empty() {
                return Ok(Partial { len: done.saturating_add(len), stopped });
            }
            // The first saving of a byte has what the byte was, so it comes last.
            for saving in later.iter().rev() {
                if let Err((at, error)) = lay_over(saving, from, rest) {
                    let at = usize::try_from(at.saturating_sub(start)).unwrap_or(done);
                    return Ok(Partial {
                        len: at.min(done.saturating_add(len)),
                        stopped: Some(error),
                    });
                }
            }
            done = done.saturating_add(len);
            let Some(error) = stopped else { return Ok(Partial { len: done, stopped: None }) };
            // What cannot be read now may be known from before.
            let at = start.saturating_add(widen(done));
            let end = start.saturating_add(widen(out.len()));
            let span = at..end;
            let known = later.iter().flat_map(|saving| saving.within(&span));
            let Some(known) =
                known.filter(|saved| saved.old.contains(&at)).map(|saved| saved.old.end).max()
            else {
                return Ok(Partial { len: done, stopped: Some(error) });
            };
            let known = known.min(end).saturating_sub(start);
            done = usize::try_from(known).unwrap_or(done);
            if done == out.len() {
                return Ok(Partial { len: done, stopped: None });
            }
        }
    }

    /// Reads from the map as far as it goes.
    fn read_map(&self, from: u64, out: &mut [u8]) -> Result<Partial> {
        let there = self.map.len().saturating_sub(from);
        let there = usize::try_from(there).unwrap_or(usize::MAX).min(out.len());
        let part = out.get_mut(..there).unwrap_or_default();
        let read = if there == 0 {
            Partial { len: 0, stopped: None }
        } else {
            self.map.read_some(from, part)?
        };
        if there == out.len() || read.stopped.is_some() {
            return Ok(read);
        }
        let (len, bound) = (widen(out.len()), self.map.len());
        let error = Error::new(Op::Read, ErrorKind::OutOfBounds { offset: from, len, bound });
        Ok(Partial { stopped: Some(error), ..read })
    }

    /// The data and holes of a range.
    pub(crate) fn extents(&self, range: Range<u64>) -> Result<Vec<Extent>> {
        let end = range.end.min(self.map.len());
        let mut found = match end.checked_sub(range.start) {
            Some(len) if len > 0 => self.map.mapping().extents(range.start, len)?,
            _ => Vec::new(),
        };
        let rest = end.max(range.start)..range.end;
        if !rest.is_empty() {
            found.push(Extent::Data(rest));
        }
        let later = self.file.since(self.epoch);
        if later.is_empty() {
            return Ok(found);
        }
        let mut extents = Vec::new();
        for extent in found {
            let is_data = extent.is_data();
            for (range, is_plain) in
                self.compared(extent.range().clone(), &self.next(Arc::clone(&self.map)))
            {
                extents.push(if is_data || !is_plain {
                    Extent::Data(range)
                } else {
                    Extent::Hole(range)
                });
            }
        }
        Ok(extents)
    }
}

/// The parts of a range that savings did not write to, and those that they did.
fn cut<M: Mapping>(range: Range<u64>, savings: &[Arc<Saving<M>>]) -> Vec<(Range<u64>, bool)> {
    let mut parts = vec![(range, true)];
    for saving in savings {
        let mut cut = Vec::new();
        for (range, is_plain) in parts {
            let mut from = range.start;
            for saved in saving.within(&range) {
                let (start, end) = (saved.old.start.max(from), saved.old.end.min(range.end));
                if from < start {
                    cut.push((from..start, is_plain));
                }
                cut.push((start..end, false));
                from = end;
            }
            if from < range.end {
                cut.push((from..range.end, is_plain));
            }
        }
        parts = cut;
    }
    parts
}

/// Copies old bytes over those that were read from `from` on.
fn lay_over<M: Mapping>(saving: &Saving<M>, from: u64, out: &mut [u8]) -> Result<(), (u64, Error)> {
    let end = from.saturating_add(widen(out.len()));
    for saved in saving.within(&(from..end)) {
        let (start, end) = (saved.old.start.max(from), saved.old.end.min(end));
        let place = |at: u64| usize::try_from(at.saturating_sub(from)).unwrap_or(usize::MAX);
        let part = out.get_mut(place(start)..place(end)).unwrap_or_default();
        let at = saved.old_at.saturating_add(start.saturating_sub(saved.old.start));
        saving.read(at, part).map_err(|error| (start, error.during(Op::Read)))?;
    }
    Ok(())
}
