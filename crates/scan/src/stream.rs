use std::io::Read;
use std::ops::{Bound, ControlFlow, Range, RangeBounds};

use memmap_core::{Error, ErrorKind, Map, Mapping, Op, Outcome, Progress, Result, widen};

use crate::blocks::{Block, Sizes};
use crate::job::{COPY_LEN, Job};
use crate::runs::RunTotal;
use crate::scan::MAX_MATCH_LEN;
use crate::scan::find::ForEachSink;
use crate::scan::fold::in_blocks_of;
use crate::scan::summary::{CHUNK_MIN, Part, Summary, Sums};
use crate::search::{Parallelism, Search};
use crate::searcher::Place;
use crate::{Match, Pattern};
use feed::{Fed, Feed};
use window::Window;

mod feed;
mod window;

/// A scan of what a reader gives, as it comes: of a pipe, a socket, a device without an end.
///
/// It finds what a [`Scan`](crate::Scan) of the same bytes finds, at the same offsets, which count from
/// where the reader was. It holds a few MiB, however much comes. A match is reported as soon as the bytes
/// that decide about it have come: for a literal when its last byte is there, for a pattern without a
/// longest match when [`max_match_len`](Self::max_match_len) bytes more are there, or the end.
///
/// The reader is read on a thread of its own, up to half a MiB ahead. If the scan ends before the reader
/// does, that thread ends after the read that it waits for.
///
/// # Errors
/// An error of the reader is [`ErrorKind::Os`](memmap_core::ErrorKind::Os). What was found before it has been
/// passed on; a sum is lost.
///
/// # Examples
/// ```
/// use std::ops::ControlFlow;
///
/// use memmap_scan::{Pattern, StreamScan};
///
/// let pattern = Pattern::literal("y\ny")?;
/// let mut offsets = Vec::new();
/// // A stream that never ends.
/// StreamScan::new(std::io::repeat(b'y')).find_all_into(&Pattern::byte(b'y'), |found, _| {
///     offsets.push(found.offset);
///     if offsets.len() == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
/// })?;
/// assert_eq!(offsets, [0, 1, 2]);
/// assert_eq!(StreamScan::new(&b"y\ny\ny"[..]).count(&pattern)?.value, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct StreamScan<'s, R> {
    reader: R,
    range: Range<u64>,
    threads: Option<usize>,
    progress: Option<&'s Progress>,
    max_match_len: u64,
    around: (u64, u64),
}

/// The length of a block: little enough that a few of them are often there.
const BLOCK_LEN: u64 = 128 << 10;

/// How much is searched at a time.
const BATCH_LEN: u64 = 512 << 10;

/// Bytes that are kept before the place where a search goes on, for what a match sees before it.
const BEHIND_LEN: u64 = 4 << 10;

impl<R: Read + Send + 'static> StreamScan<'_, R> {
    /// A scan of all bytes of a reader.
    pub const fn new(reader: R) -> Self {
        let range = 0..u64::MAX;
        Self {
            reader,
            range,
            threads: None,
            progress: None,
            max_match_len: MAX_MATCH_LEN,
            around: (0, 0),
        }
    }

    /// Scans only these bytes. Those before them are read, and nothing after them. For matches nothing
    /// else exists.
    #[must_use]
    pub fn range(self, range: impl RangeBounds<u64>) -> Self {
        let start = match range.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(&before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(&last) => last.saturating_add(1),
            Bound::Excluded(&end) => end,
            Bound::Unbounded => u64::MAX,
        };
        Self { range: start..end, ..self }
    }

    /// Uses at most this many threads, as [`Scan::threads`](crate::Scan::threads).
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads: Some(threads.max(1)), ..self }
    }

    /// Reports to this progress, and stops when it is cancelled, also while nothing comes. The total is what
    /// has come so far.
    #[must_use]
    pub fn progress(self, progress: &Progress) -> StreamScan<'_, R> {
        StreamScan { progress: Some(progress), ..self }
    }

    /// The longest match that is followed, as [`Scan::max_match_len`](crate::Scan::max_match_len). This much
    /// is held.
    #[must_use]
    pub fn max_match_len(self, bytes: u64) -> Self {
        Self { max_match_len: bytes.max(1), ..self }
    }

    /// Bytes before and after the start of a match that can be read when it is reported. A match is reported
    /// later for that, unless the stream ends.
    #[must_use]
    pub fn with_context(self, before: u64, after: u64) -> Self {
        Self { around: (before, after), ..self }
    }

    /// Counts the matches of a pattern.
    ///
    /// # Errors
    /// Of the reader; [`ErrorKind::BackwardRange`], and
    /// [`ErrorKind::BeyondEnd`] if the stream ends before the range starts.
    pub fn count(self, pattern: &Pattern) -> Result<Outcome<u64>> {
        self.find_all_into(pattern, |_, _| ControlFlow::Continue(()))
    }

    /// Passes each match to `take`, in order, with a map of the bytes that are held: those of the match, as
    /// far as it was followed, and what was [asked for](Self::with_context) around it. Others cannot be read.
    /// Stops when `take` breaks. Returns the number of matches.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    pub fn find_all_into(
        self,
        pattern: &Pattern,
        mut take: impl FnMut(Match, &Map<Box<dyn Mapping>>) -> ControlFlow<()> + Send,
    ) -> Result<Outcome<u64>> {
        let context = pattern.matcher().context;
        let followed = self.max_match_len.saturating_add(context);
        let needed = pattern.matcher().reach().unwrap_or(followed).max(self.around.1).max(1);
        // Where nothing follows an empty match is found, so that what follows has to be there.
        let needed = needed.saturating_add(u64::from(pattern.min_len() == 0));
        let behind = self.around.0.max(BEHIND_LEN);
        let (parallelism, max_match_len) = (self.parallelism(), self.max_match_len);
        let mut stream = Stream::of(self)?;
        let mut place = Place::fresh(stream.range.start);
        let (mut count, mut too_long, mut is_over) = (0_u64, None, false);
        while !is_over && stream.pull(place.at.saturating_sub(behind))? {
            let end = stream.window.end();
            let decided =
                if stream.is_ended { end } else { end.saturating_add(1).saturating_sub(needed) };
            if decided <= place.at && !stream.is_ended {
                continue;
            }
            let map = Map::from_mapping(stream.window.clone()).erase();
            let range = stream.range.start..end;
            let progress = stream.progress;
            let mut job = Job::new(&map, range, widen(COPY_LEN), max_match_len, progress);
            let search = Search::new(&job, pattern, parallelism);
            let mut sink = ForEachSink(|found: Match| {
                count = count.saturating_add(1);
                job.hit(1);
                is_over = take(found, &map).is_break();
                if is_over || (count.is_multiple_of(1024) && job.is_stopped()) {
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            });
            let from = place.at;
            let ended = search.run(place, from..decided, search.parallelism.list(), &mut sink);
            place = ended.place;
            let goes_beyond = place.is_end && place.at >= decided;
            if ended.covered >= decided && !goes_beyond {
                place = Place::fresh(decided);
            }
            too_long = too_long.or_else(|| job.outcome((), 0).match_too_long);
        }
        let reached = place.at.min(stream.window.end());
        let mut outcome = Outcome::new(count, reached.saturating_sub(stream.range.start));
        outcome.is_cancelled = stream.is_cancelled;
        outcome.match_too_long = too_long;
        Ok(outcome)
    }

    /// Summarizes the bytes, as [`Scan::summary`](crate::Scan::summary). The length of a chunk is a power of
    /// two, as the number of bytes is not known before the end. There are no holes.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    pub fn summary(self, min_string: usize) -> Result<Outcome<Summary>> {
        let min_string = min_string.max(1);
        let parallelism = self.parallelism();
        let mut sums = Sums::new(CHUNK_MIN, min_string);
        let mut stream = Stream::of(self)?;
        let start = stream.range.start;
        let mut at = start;
        while stream.pull(at)? {
            let map = Map::from_mapping(stream.window.clone());
            let end = stream.window.end();
            let chunk_len = sums.chunk_len;
            let job = Job::new(&map, start..end, widen(COPY_LEN), 1, stream.progress);
            let work = |buffer: &mut Vec<u8>, block: &Block| {
                Part::of(&job, block, chunk_len, min_string, buffer)
            };
            let covered = in_blocks_of(&job, &(at..end), parallelism, work, |part| sums.add(part));
            at = at.saturating_add(covered);
            sums.join_chunks();
        }
        let summary = sums.summary(start..at, RunTotal::default());
        let mut outcome = Outcome::new(summary, at.saturating_sub(start));
        outcome.is_cancelled = stream.is_cancelled;
        Ok(outcome)
    }

    fn parallelism(&self) -> Parallelism {
        let threads = self.threads.unwrap_or_else(rayon::current_num_threads);
        Parallelism { threads, sizes: Sizes::new(BLOCK_LEN) }
    }
}

/// What comes, and how much of it is held.
struct Stream<'s> {
    feed: Feed,
    window: Window,
    range: Range<u64>,
    progress: Option<&'s Progress>,
    is_ended: bool,
    is_cancelled: bool,
    /// Whether bytes were taken with those before the range.
    has_more: bool,
}

impl<'s> Stream<'s> {
    /// Begins to read, and passes over what is before the range.
    fn of<R: Read + Send + 'static>(scan: StreamScan<'s, R>) -> Result<Self> {
        let Range { start, end } = scan.range;
        if end < start {
            return Err(Error::new(Op::Read, ErrorKind::BackwardRange { start, end }));
        }
        // The bytes before the range are not searched, but the reader has to give them.
        let feed = Feed::of(scan.reader.take(end)).map_err(failed)?;
        let mut stream = Self {
            feed,
            window: Window::default(),
            range: start..end,
            progress: scan.progress,
            is_ended: false,
            is_cancelled: false,
            has_more: false,
        };
        stream.skip_to(start)?;
        Ok(stream)
    }

    fn skip_to(&mut self, start: u64) -> Result<()> {
        let mut at = 0_u64;
        while at < start {
            match self.feed.next(self.progress).map_err(failed)? {
                Fed::Bytes(bytes) => {
                    let end = at.saturating_add(widen(bytes.len()));
                    let used = usize::try_from(start.saturating_sub(at)).unwrap_or(usize::MAX);
                    if let Some(rest) = bytes.get(used..) {
                        self.window = Window::starting_at(start);
                        self.append(rest);
                        self.has_more = !rest.is_empty();
                    }
                    at = end;
                }
                Fed::End => {
                    let beyond = ErrorKind::BeyondEnd { offset: start, len: 0, source_len: at };
                    return Err(Error::new(Op::Read, beyond));
                }
                Fed::Cancelled => {
                    self.is_cancelled = true;
                    self.window = Window::starting_at(start);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Waits for more bytes, and lets go of those before an offset. Returns whether there is something to
    /// do: more bytes, or the end for the first time.
    fn pull(&mut self, before: u64) -> Result<bool> {
        if self.is_ended || self.is_cancelled {
            return Ok(false);
        }
        self.window.forget(before);
        if std::mem::take(&mut self.has_more) {
            return Ok(true);
        }
        match self.feed.next(self.progress).map_err(failed)? {
            Fed::Bytes(bytes) => self.append(&bytes),
            Fed::End => {
                self.is_ended = true;
                return Ok(true);
            }
            Fed::Cancelled => {
                self.is_cancelled = true;
                return Ok(false);
            }
        }
        let full = self.window.end().saturating_add(BATCH_LEN);
        while self.window.end() < full
            && let Some(bytes) = self.feed.more().map_err(failed)?
        {
            self.append(&bytes);
        }
        Ok(true)
    }

    fn append(&mut self, bytes: &[u8]) {
        self.window.append(bytes);
        if let Some(progress) = self.progress {
            progress.add_total(widen(bytes.len()));
        }
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::new(Op::Read, ErrorKind::Os(error))
}
