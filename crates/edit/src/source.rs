use std::fmt::{self, Debug};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering, fence};
use std::sync::{Arc, PoisonError, RwLock};

use memmap_core::{Error, Extent, Map, Mapping, Op, Partial, Result, widen};

/// What pieces take their bytes from: a map, and which of its file's savings had been made when the piece
/// was. Its bytes are what they were then.
#[derive(Debug)]
pub(crate) struct Source<M: Mapping> {
    map: Arc<Map<M>>,
    file: Arc<Savings<M>>,
    /// The savings that the map's bytes already have.
    epoch: usize,
}

/// The savings in place of one file. None is ever taken away: a reader between the two would see bytes of
/// another version.
pub(crate) struct Savings<M: Mapping> {
    list: RwLock<Vec<Arc<Saving<M>>>>,
    /// The length of the list.
    count: AtomicUsize,
}

/// What a saving in place wrote over.
#[derive(Debug)]
pub(crate) struct Saving<M: Mapping> {
    /// In order, none empty, none touching another.
    ranges: Vec<OldRange>,
    bytes: OldBytes<M>,
}

#[derive(Debug, Clone)]
pub(crate) struct OldRange {
    /// In the file.
    pub(crate) range: Range<u64>,
    /// The place of its bytes among the old bytes.
    pub(crate) at: u64,
}

/// Where old bytes are kept.
#[derive(Debug)]
pub(crate) enum OldBytes<M: Mapping> {
    Memory(Vec<u8>),
    /// The journal.
    Mapped(Map<M>),
}

impl<M: Mapping> Debug for Savings<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Savings").field("count", &self.count).finish_non_exhaustive()
    }
}

impl<M: Mapping> Savings<M> {
    fn new() -> Self {
        Self { list: RwLock::new(Vec::new()), count: AtomicUsize::new(0) }
    }

    /// Publishes what a saving is about to write over. Readers that can see one of its bytes find the old
    /// ones here.
    pub(crate) fn publish(&self, saving: Saving<M>) {
        let mut list = self.list.write().unwrap_or_else(PoisonError::into_inner);
        list.push(Arc::new(saving));
        self.count.store(list.len(), Ordering::SeqCst);
        fence(Ordering::SeqCst);
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
    pub(crate) const fn new(ranges: Vec<OldRange>, bytes: OldBytes<M>) -> Self {
        Self { ranges, bytes }
    }

    /// The ranges that overlap `range`.
    fn within(&self, range: &Range<u64>) -> &[OldRange] {
        let first = self.ranges.partition_point(|old| old.range.end <= range.start);
        let rest = self.ranges.get(first..).unwrap_or_default();
        let count = rest.partition_point(|old| old.range.start < range.end);
        rest.get(..count).unwrap_or_default()
    }

    fn read(&self, at: u64, out: &mut [u8]) -> Result<()> {
        match &self.bytes {
            OldBytes::Mapped(map) => map.read_into(at, out),
            OldBytes::Memory(bytes) => memmap_core::copy_lent(bytes, at, out),
        }
    }
}

impl<M: Mapping> Source<M> {
    /// The first version of a file.
    pub(crate) fn new(map: Arc<Map<M>>) -> Self {
        Self { map, file: Arc::new(Savings::new()), epoch: 0 }
    }

    /// The version of the same file that is in it now, after all savings that were published.
    pub(crate) fn next(&self, map: Arc<Map<M>>) -> Self {
        let epoch = self.file.count.load(Ordering::SeqCst);
        Self { map, file: Arc::clone(&self.file), epoch }
    }

    pub(crate) const fn map(&self) -> &Arc<Map<M>> {
        &self.map
    }

    pub(crate) const fn savings(&self) -> &Arc<Savings<M>> {
        &self.file
    }

    /// Whether both are of one file.
    pub(crate) fn is_same_file(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file)
    }

    /// The parts of a range that hold in the version `now` of the same file what they hold here, and those
    /// that do not.
    pub(crate) fn compared(&self, range: Range<u64>, now: &Self) -> Vec<(Range<u64>, bool)> {
        let mut parts = vec![(range, true)];
        for saving in self.file.since(self.epoch).iter().take(now.epoch.saturating_sub(self.epoch))
        {
            let mut cut = Vec::new();
            for (range, is_equal) in parts {
                let mut from = range.start;
                for old in saving.within(&range) {
                    let (start, end) = (old.range.start.max(from), old.range.end.min(range.end));
                    if from < start {
                        cut.push((from..start, is_equal));
                    }
                    cut.push((start..end, false));
                    from = end;
                }
                if from < range.end {
                    cut.push((from..range.end, is_equal));
                }
            }
            parts = cut;
        }
        parts
    }

    /// Reads bytes as they were, up to the first that cannot be read.
    pub(crate) fn read(&self, start: u64, out: &mut [u8]) -> Result<Partial> {
        let mut done = 0;
        loop {
            let rest = out.get_mut(done..).unwrap_or_default();
            let from = start.saturating_add(widen(done));
            let Partial { len, stopped } = self.map.read_some(from, rest)?;
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
            let known = later.iter().flat_map(|saving| saving.within(&(at..end)));
            let Some(known) =
                known.filter(|old| old.range.contains(&at)).map(|old| old.range.end).max()
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

    /// The data and holes of a range.
    pub(crate) fn extents(&self, range: Range<u64>) -> Result<Vec<Extent>> {
        let len = range.end.saturating_sub(range.start);
        let found = self.map.mapping().extents(range.start, len)?;
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

/// Copies old bytes over those that were read from `from` on.
fn lay_over<M: Mapping>(saving: &Saving<M>, from: u64, out: &mut [u8]) -> Result<(), (u64, Error)> {
    let end = from.saturating_add(widen(out.len()));
    for old in saving.within(&(from..end)) {
        let (start, end) = (old.range.start.max(from), old.range.end.min(end));
        let place = |at: u64| usize::try_from(at.saturating_sub(from)).unwrap_or(usize::MAX);
        let part = out.get_mut(place(start)..place(end)).unwrap_or_default();
        let at = old.at.saturating_add(start.saturating_sub(old.range.start));
        saving.read(at, part).map_err(|error| (start, error.during(Op::Read)))?;
    }
    Ok(())
}
