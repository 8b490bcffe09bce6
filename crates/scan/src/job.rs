use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use memmap_core::{
    Advice, Error, ErrorKind, InPlace, Lost, Mapping, MemMap, Outcome, Partial, Progress, widen,
};

use crate::unreadable_ranges::UnreadableRanges;

/// One scan under way: what is shared by its threads.
#[derive(Debug)]
pub(crate) struct Job<'s, M: Mapping> {
    pub(crate) map: &'s MemMap<M>,
    /// What is scanned: to its matches, nothing else exists.
    pub(crate) range: Range<u64>,
    /// How far a match is followed whose pattern has no longest match.
    pub(crate) max_match_len: u64,
    /// Bytes that are copied at a time.
    pub(crate) copy_len: u64,
    progress: Option<&'s Progress>,
    /// Whether pages are let go that were scanned, and from where on they are still held.
    evicts_behind: bool,
    held: AtomicU64,
    unreadable: Mutex<UnreadableRanges>,
    /// The scan is to end, whatever the reason.
    stop: AtomicBool,
    /// Where the first match starts that was longer than a match is followed.
    too_long: AtomicU64,
    /// Where no match starts that ends before the end of this, or goes on there.
    barren: Mutex<Range<u64>>,
}

/// How much is let go at once: each time, all processors that run this process are interrupted.
const HELD_LEN: u64 = 4 << 20;

/// No place.
const NOWHERE: u64 = u64::MAX;

impl<'s, M: Mapping> Job<'s, M> {
    pub(crate) fn new(
        map: &'s MemMap<M>,
        range: Range<u64>,
        copy_len: u64,
        max_match_len: u64,
        progress: Option<&'s Progress>,
    ) -> Self {
        if let Some(progress) = progress {
            progress.add_total(range.end.saturating_sub(range.start));
        }
        let held = AtomicU64::new(range.start);
        Self {
            map,
            range,
            copy_len,
            max_match_len,
            progress,
            evicts_behind: false,
            held,
            unreadable: Mutex::default(),
            stop: AtomicBool::new(false),
            too_long: AtomicU64::new(NOWHERE),
            barren: Mutex::new(0..0),
        }
    }

    pub(crate) fn evicting_behind(self, evicts_behind: bool) -> Self {
        Self { evicts_behind, ..self }
    }

    /// Whether to go on no further.
    pub(crate) fn is_stopped(&self) -> bool {
        if self.is_cancelled() {
            self.stop();
        }
        self.stop.load(Ordering::Relaxed)
    }

    fn is_cancelled(&self) -> bool {
        self.progress.is_some_and(Progress::is_cancelled)
    }

    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Goes on after a stop, unless it is cancelled.
    pub(crate) fn resume(&self) {
        self.stop.store(false, Ordering::Relaxed);
    }

    pub(crate) fn advance(&self, bytes: u64) {
        if let Some(progress) = self.progress {
            progress.add_done(bytes);
        }
    }

    /// A range is done with: nothing before its end is looked at again, but for what is near a match.
    pub(crate) fn pass(&self, range: &Range<u64>) {
        let len = range.end.saturating_sub(range.start);
        self.advance(len);
        if !self.evicts_behind {
            return;
        }
        // Ranges come in order.
        let start = self.held.load(Ordering::Relaxed);
        let held = range.end.saturating_sub(start);
        if held >= HELD_LEN {
            self.held.store(range.end, Ordering::Relaxed);
            // A hint: where it is not taken, nothing is lost.
            self.map.mapping().advise(start, held, Advice::DontNeed).ok();
        }
    }

    pub(crate) fn hit(&self, hits: u64) {
        if let Some(progress) = self.progress {
            progress.add_found(hits);
        }
    }

    /// A match that starts here is longer than a match is followed.
    pub(crate) fn note_too_long(&self, at: u64) {
        self.too_long.fetch_min(at, Ordering::Relaxed);
    }

    /// Whether a match that starts here or before was longer than a match is followed.
    pub(crate) fn is_too_long_from(&self, at: u64) -> bool {
        self.too_long.load(Ordering::Relaxed) <= at
    }

    /// No match starts in this range, which ends where all bytes do, or those that can be read.
    pub(crate) fn note_barren(&self, range: Range<u64>) {
        let mut known = self.barren.lock().unwrap_or_else(PoisonError::into_inner);
        let is_more =
            range.end > known.end || (range.end == known.end && range.start < known.start);
        if is_more {
            *known = range;
        }
    }

    /// Up to where no match starts from here on, if that is known.
    pub(crate) fn barren_to(&self, at: u64) -> Option<u64> {
        let known = self.barren.lock().unwrap_or_else(PoisonError::into_inner);
        known.contains(&at).then_some(known.end)
    }

    /// These bytes were looked at ahead of the scan.
    pub(crate) fn evict(&self, range: &Range<u64>) {
        if self.evicts_behind {
            let len = range.end.saturating_sub(range.start);
            // A hint: where it is not taken, nothing is lost.
            self.map.mapping().advise(range.start, len, Advice::DontNeed).ok();
        }
    }

    /// These bytes, to be looked at where they are.
    pub(crate) fn in_place(&self, range: &Range<u64>) -> Option<InPlace<'s>> {
        let len = usize::try_from(range.end.checked_sub(range.start)?).ok()?;
        self.map.mapping().in_place(range.start, len)
    }

    /// Copies as many bytes as can be read; says how many, and why no more were.
    pub(crate) fn read(&self, at: u64, out: &mut [u8]) -> (usize, Option<Error>) {
        match self.map.read_some(at, out) {
            Ok(Partial { len, stopped }) => (len, stopped),
            Err(error) => (0, Some(error)),
        }
    }

    /// The same, and fewer bytes without a reason if the scan is to end meanwhile.
    pub(crate) fn read_unless_stopped(&self, at: u64, out: &mut [u8]) -> (usize, Option<Error>) {
        let mut done = 0;
        for piece in out.chunks_mut(CHUNK_LEN) {
            if done > 0 && self.is_stopped() {
                break;
            }
            let (there, stopped) = self.read(at.saturating_add(widen(done)), piece);
            done = done.saturating_add(there);
            if stopped.is_some() {
                return (done, stopped);
            }
        }
        (done, None)
    }

    /// Notes that the byte at `at` cannot be read, and says where reading may succeed again: at the
    /// first byte behind that can be read, or at `bound`.
    pub(crate) fn skip(&self, at: u64, reason: Error, bound: u64) -> u64 {
        let bound = bound.min(self.range.end);
        let mut next = at;
        let mut why = Some(reason);
        let mut first = None;
        while let Some(error) = why {
            // Of a file that was cut short nothing comes after.
            next = match error.kind() {
                ErrorKind::Truncated { .. } => self.range.end,
                _ => self.map.mapping().next_readable(next).max(next.saturating_add(1)),
            }
            .min(self.range.end);
            first.get_or_insert(error);
            if next >= bound || self.is_stopped() {
                break;
            }
            (_, why) = self.read(next, &mut [0]);
        }
        if let Some(reason) = first {
            self.unreadable().add(at..next, reason);
        }
        next
    }

    fn unreadable(&self) -> MutexGuard<'_, UnreadableRanges> {
        self.unreadable.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What came of the scan, which covered so many bytes from the start of the range.
    pub(crate) fn outcome<T>(&mut self, value: T, covered: u64) -> Outcome<T> {
        let too_long = self.too_long.load(Ordering::Relaxed);
        let unreadable =
            std::mem::take(self.unreadable.get_mut().unwrap_or_else(PoisonError::into_inner));
        let end = self.range.start.saturating_add(covered);
        let lost = unreadable.len_within(&(self.range.start..end));
        let mut outcome = Outcome::new(value, covered.saturating_sub(lost));
        outcome.unreadable = unreadable.into_list();
        outcome.is_cancelled = self.is_cancelled();
        outcome.match_too_long = (too_long != NOWHERE).then_some(too_long);
        outcome
    }

    /// Shows bytes piece by piece, in order, where they are or copied; passes over what cannot be read.
    /// Says how far it came: to the end, unless the scan stopped.
    pub(crate) fn visit(
        &self,
        range: &Range<u64>,
        buffer: &mut Vec<u8>,
        visitor: &mut impl Visitor,
    ) -> u64 {
        let mut at = range.start;
        while at < range.end && !self.is_stopped() {
            let chunk = at..at.saturating_add(widen(CHUNK_LEN)).min(range.end);
            let seen = visitor.wants_in_place().then(|| self.in_place(&chunk)).flatten();
            if let Some(bytes) = seen {
                match visitor.in_place(bytes) {
                    Ok(()) => {
                        at = chunk.end;
                        continue;
                    }
                    Err(lost) => at = at.saturating_add(widen(lost.done)),
                }
            }
            // Copied, also where that is not needed: it is what says why bytes are lost.
            let len = self.copy_len.min(range.end.saturating_sub(at));
            let len = usize::try_from(len).unwrap_or(COPY_LEN).min(COPY_LEN);
            if buffer.len() < len {
                buffer.resize(len, 0);
            }
            let piece = buffer.get_mut(..len).unwrap_or_default();
            let (there, stopped) = self.read(at, piece);
            if there > 0 {
                visitor.copied(at, piece.get(..there).unwrap_or_default());
                at = at.saturating_add(widen(there));
            }
            if let Some(reason) = stopped {
                at = self.skip(at, reason, range.end).min(range.end);
            }
        }
        at
    }
}

/// What is shown bytes.
pub(crate) trait Visitor {
    /// Whether it can look at them in place.
    fn wants_in_place(&self) -> bool {
        true
    }

    /// Bytes where they are; those that it says are lost are shown to it otherwise, if they are not.
    fn in_place(&mut self, bytes: InPlace<'_>) -> Result<(), Lost>;

    /// Bytes that were copied, from this offset on.
    fn copied(&mut self, offset: u64, bytes: &[u8]);
}

/// How much is looked at in place, or copied, between two questions whether to go on.
const CHUNK_LEN: usize = 256 << 10;

/// How much is copied at a time: so much that it stays in the cache.
pub(crate) const COPY_LEN: usize = 64 << 10;
