use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use memmap_core::{
    Advice, Error, ErrorKind, Faulted, InPlace, Map, Mapping, Outcome, Partial, Progress, widen,
};

use crate::unreadable_ranges::UnreadableRanges;

/// A running scan: the state that its threads share.
#[derive(Debug)]
pub(crate) struct Job<'s, M: Mapping> {
    pub(crate) map: &'s Map<M>,
    /// The range to scan. Matches cannot see beyond it.
    pub(crate) range: Range<u64>,
    /// The longest match that is followed, if the pattern has no longest one.
    pub(crate) max_match_len: u64,
    /// Bytes that are copied at a time.
    pub(crate) copy_len: u64,
    progress: Option<&'s Progress>,
    /// Whether pages are released after use, and from which offset on they are still held.
    evicts_behind: bool,
    held: AtomicU64,
    unreadable: Mutex<UnreadableRanges>,
    /// Whether the scan should stop, for any reason.
    stop: AtomicBool,
    /// Offsets without bytes that were passed over.
    gaps: AtomicU64,
    /// Offset of the first match that was longer than `max_match_len`.
    too_long: AtomicU64,
    /// A range in which no match starts that ends within it, or continues beyond it.
    barren: Mutex<Range<u64>>,
}

/// Pages are released in units of this length, because each release interrupts all processors that
/// run this process.
const HELD_LEN: u64 = 4 << 20;

/// No offset.
const NOWHERE: u64 = u64::MAX;

impl<'s, M: Mapping> Job<'s, M> {
    pub(crate) fn new(
        map: &'s Map<M>,
        range: Range<u64>,
        copy_len: u64,
        max_match_len: u64,
        progress: Option<&'s Progress>,
    ) -> Self {
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
            gaps: AtomicU64::new(0),
            too_long: AtomicU64::new(NOWHERE),
            barren: Mutex::new(0..0),
        }
    }

    pub(crate) fn evicting_behind(self, evicts_behind: bool) -> Self {
        Self { evicts_behind, ..self }
    }

    /// Whether the scan should stop.
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

    /// Continues after a stop, unless the scan was cancelled.
    pub(crate) fn resume(&self) {
        self.stop.store(false, Ordering::Relaxed);
    }

    pub(crate) fn advance(&self, bytes: u64) {
        if let Some(progress) = self.progress {
            progress.add_done(bytes);
        }
    }

    /// Marks a range as scanned. Nothing before its end is read again, except close to a match.
    pub(crate) fn pass(&self, range: &Range<u64>) {
        let len = range.end.saturating_sub(range.start);
        self.advance(len);
        if !self.evicts_behind {
            return;
        }
        // Ranges arrive in order.
        let start = self.held.load(Ordering::Relaxed);
        let held = range.end.saturating_sub(start);
        if held >= HELD_LEN {
            self.held.store(range.end, Ordering::Relaxed);
            // Only a hint, so an error does not matter.
            self.map.mapping().advise(start, held, Advice::DontNeed).ok();
        }
    }

    /// Passes over offsets that have no bytes. Between regions they are not in the total.
    pub(crate) fn pass_gap(&self, len: u64) {
        if self.map.regions().is_empty() {
            self.advance(len);
        }
        self.gaps.fetch_add(len, Ordering::Relaxed);
    }

    pub(crate) fn hit(&self, hits: u64) {
        if let Some(progress) = self.progress {
            progress.add_found(hits);
        }
    }

    /// Records that the match at `at` is longer than `max_match_len`.
    pub(crate) fn note_too_long(&self, at: u64) {
        self.too_long.fetch_min(at, Ordering::Relaxed);
    }

    /// Whether a match that starts at or before `at` was longer than `max_match_len`.
    pub(crate) fn is_too_long_from(&self, at: u64) -> bool {
        self.too_long.load(Ordering::Relaxed) <= at
    }

    /// Records that no match starts in this range, which ends at the end of the range or before an
    /// unreadable byte.
    pub(crate) fn note_barren(&self, range: Range<u64>) {
        let mut known = self.barren.lock().unwrap_or_else(PoisonError::into_inner);
        let is_more =
            range.end > known.end || (range.end == known.end && range.start < known.start);
        if is_more {
            *known = range;
        }
    }

    /// The offset up to which no match starts from `at` on, if that is known.
    pub(crate) fn barren_to(&self, at: u64) -> Option<u64> {
        let known = self.barren.lock().unwrap_or_else(PoisonError::into_inner);
        known.contains(&at).then_some(known.end)
    }

    /// Releases the pages of bytes that were read ahead of the scan.
    pub(crate) fn evict(&self, range: &Range<u64>) {
        if self.evicts_behind {
            let len = range.end.saturating_sub(range.start);
            // Only a hint, so an error does not matter.
            self.map.mapping().advise(range.start, len, Advice::DontNeed).ok();
        }
    }

    /// Access to these bytes where they are, if the mapping allows it.
    pub(crate) fn in_place(&self, range: &Range<u64>) -> Option<InPlace<'s>> {
        let len = usize::try_from(range.end.checked_sub(range.start)?).ok()?;
        self.map.mapping().in_place(range.start, len)
    }

    /// Copies as many bytes as can be read. Returns their number, and why it stopped.
    pub(crate) fn read(&self, at: u64, out: &mut [u8]) -> (usize, Option<Error>) {
        match self.map.read_some(at, out) {
            Ok(Partial { len, stopped }) => (len, stopped),
            Err(error) => (0, Some(error)),
        }
    }

    /// The same, but returns fewer bytes and no error if the scan stops meanwhile.
    pub(crate) fn read_unless_stopped(&self, at: u64, out: &mut [u8]) -> (usize, Option<Error>) {
        let mut done = 0;
        for chunk in out.chunks_mut(CHUNK_LEN) {
            if done > 0 && self.is_stopped() {
                break;
            }
            let (there, stopped) = self.read(at.saturating_add(widen(done)), chunk);
            done = done.saturating_add(there);
            if stopped.is_some() {
                return (done, stopped);
            }
        }
        (done, None)
    }

    /// Records that the byte at `at` cannot be read. Returns the next offset to try: the first byte
    /// after it that can be read, or `bound`.
    pub(crate) fn skip(&self, at: u64, reason: Error, bound: u64) -> u64 {
        let bound = bound.min(self.range.end);
        let mut next = at;
        let mut why = Some(reason);
        let mut first = None;
        while let Some(error) = why {
            // Nothing follows the end of a file that was cut short, nor is left of an old version.
            next = match error.kind() {
                ErrorKind::Truncated { .. } => self.range.end,
                kind if kind.ends_reading() => self.range.end,
                // Another block asks for itself: a source may say that nothing else can be read.
                _ => {
                    let next_readable = self.map.mapping().next_readable(next);
                    next_readable.min(bound).max(next.saturating_add(1))
                }
            }
            .min(self.range.end);
            first.get_or_insert(error);
            if next >= bound || self.is_stopped() {
                break;
            }
            (_, why) = self.read(next, &mut [0]);
        }
        // Where there is nothing, nothing is lost.
        if let Some(reason) = first.filter(|it| !matches!(it.kind(), ErrorKind::Gap { .. })) {
            self.unreadable().add(at..next, reason);
        }
        next
    }

    fn unreadable(&self) -> MutexGuard<'_, UnreadableRanges> {
        self.unreadable.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The outcome of a scan that covered `covered` bytes from the start of the range.
    pub(crate) fn outcome<T>(&mut self, value: T, covered: u64) -> Outcome<T> {
        let too_long = self.too_long.load(Ordering::Relaxed);
        let unreadable =
            std::mem::take(self.unreadable.get_mut().unwrap_or_else(PoisonError::into_inner));
        let end = self.range.start.saturating_add(covered);
        let lost = unreadable.len_within(&(self.range.start..end));
        let missing = lost.saturating_add(self.gaps.load(Ordering::Relaxed));
        let mut outcome = Outcome::new(value, covered.saturating_sub(missing));
        outcome.unreadable = unreadable.into_list();
        outcome.is_cancelled = self.is_cancelled();
        outcome.match_too_long = (too_long != NOWHERE).then_some(too_long);
        outcome
    }

    /// Shows the bytes to a visitor, chunk by chunk and in order, in place or as copies. Skips
    /// unreadable bytes. Returns the offset it reached: the end, unless the scan stopped.
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
            // A copy is also how the reason is found why bytes could not be read in place.
            let len = self.copy_len.min(range.end.saturating_sub(at));
            let len = usize::try_from(len).unwrap_or(COPY_LEN).min(COPY_LEN);
            if buffer.len() < len {
                buffer.resize(len, 0);
            }
            let chunk = buffer.get_mut(..len).unwrap_or_default();
            let (there, stopped) = self.read(at, chunk);
            if there > 0 {
                visitor.copied(at, chunk.get(..there).unwrap_or_default());
                at = at.saturating_add(widen(there));
            }
            if let Some(reason) = stopped {
                at = self.skip(at, reason, range.end).min(range.end);
            }
        }
        at
    }
}

/// Receives bytes from [`Job::visit`].
pub(crate) trait Visitor {
    /// Whether [`in_place`](Self::in_place) should be tried.
    fn wants_in_place(&self) -> bool {
        true
    }

    /// Bytes in place. What it reports as lost is shown again as a copy, if it can be read.
    fn in_place(&mut self, bytes: InPlace<'_>) -> Result<(), Faulted>;

    /// A copy of the bytes from `offset` on.
    fn copied(&mut self, offset: u64, bytes: &[u8]);
}

/// Bytes between two checks for cancellation, at most.
const CHUNK_LEN: usize = 256 << 10;

/// Bytes that are copied at a time: they stay in the cache.
pub(crate) const COPY_LEN: usize = 64 << 10;
