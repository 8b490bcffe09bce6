//! Alignment: what was changed, inserted and deleted.
//!
//! Equal bytes are passed at the speed of memory. Where they end, what both sides have in common is looked
//! for nearby first, then further away, and at last in all that is left. Candidates are strings of bytes
//! that occur once on each side: grams where the bytes are few, chunks with borders that depend on the
//! bytes elsewhere. They are confirmed by comparing the bytes, and gaps between them are divided in turn.

mod bytes;
mod chunks;
mod grams;
mod list;
mod load;
mod matched;
mod slide;

use std::ops::{ControlFlow, Range};

use memmap_core::{Map, Mapping, Progress, Result, widen};

use self::bytes::{Bytes, Part, Replaced};
use self::chunks::{Chunks, Dividing};
use self::list::List;
use self::load::load;
use self::matched::{Match, between};
use crate::block::Wanted;
use crate::compare::Compare;
use crate::differences::Differences;
use crate::job::{HELD_LEN, Job, Options};
use crate::pair::{Pair, evict};
use crate::{Compared, Difference, DifferenceKind, Side};

/// Alignment.
impl<A: Mapping, B: Mapping> Compare<'_, A, B> {
    /// Finds the differences where bytes were inserted and deleted: what was changed, what only one side
    /// has, and where that would be on the other one.
    ///
    /// The first side with the differences applied is exactly the second one. The list is not always the
    /// shortest that there is. Differences with fewer than four equal bytes between them are joined.
    ///
    /// The ranges of bytes that cannot be read have the same length on both sides, as far as the other side
    /// has that many.
    ///
    /// A comparison that was cancelled returns the differences that it has, from the start on.
    /// [`Compared::compared`] counts bytes of the first side.
    ///
    /// # Errors
    /// As [`first`](Self::first).
    ///
    /// # Cost
    /// Where the sides are equal, that of reading them. Each difference costs up to a millisecond for what
    /// is found again within 64 KiB, and more for longer insertions. Sides with little in common are read a
    /// few times. Memory for the differences, and up to 64 MiB.
    ///
    /// # Examples
    /// ```
    /// use memmap_core::{Map, testing::Fake};
    /// use memmap_compare::{Compare, DifferenceKind};
    ///
    /// let old = Map::from_mapping(Fake::new(b"name=alpha;size=4096;mode=rw"));
    /// let new = Map::from_mapping(Fake::new(b"name=alpha;type=file;size=8192;mode=rw"));
    /// let list = Compare::new(&old, &new).aligned()?.value;
    /// let list: Vec<_> = list.into_iter().map(|it| (it.kind, it.a, it.b)).collect();
    /// assert_eq!(list, [
    ///     (DifferenceKind::OnlyInB, 11..11, 11..21),
    ///     (DifferenceKind::Changed, 16..20, 26..30),
    /// ]);
    /// # Ok::<(), memmap_core::Error>(())
    /// ```
    pub fn aligned(&self) -> Result<Compared<Vec<Difference>>> {
        let (a, b) = self.checked_ranges()?;
        let options = self.options();
        if let Some(progress) = options.progress {
            progress.add_total(len(&a).saturating_add(len(&b)));
        }
        let effort = EFFORT.saturating_add(len(&a)).saturating_add(len(&b));
        let mut aligner = Aligner {
            a: self.a,
            b: self.b,
            options,
            list: List::default(),
            bytes: Bytes::new(effort),
            a_buffer: Vec::new(),
            b_buffer: Vec::new(),
            reached: (a.start, b.start),
            held: (a.start, b.start),
            is_in_place: false,
        };
        aligner.run(a.clone(), b.clone());
        let is_cancelled = aligner.is_cancelled();
        let (mut value, not_compared) = aligner.list.into_parts();
        if !is_cancelled {
            slide::slide_all((self.a, a.end), (self.b, b.end), &mut value);
        }
        let lost = not_compared.iter().map(|it| len(&it.a)).fold(0, u64::saturating_add);
        let compared = aligner.reached.0.saturating_sub(a.start).saturating_sub(lost);
        Ok(Compared { value, compared, not_compared, is_cancelled })
    }
}

/// Steps of exact alignment that every comparison has, of about 3 ns each.
const EFFORT: u64 = 1 << 28;

/// The lengths in which what both sides have in common is looked for.
const WINDOWS: [u64; 4] = [4 << 10, 64 << 10, 1 << 20, 16 << 20];

/// Parts of at most this length are aligned in memory.
const IN_MEMORY: u64 = 64 << 10;

/// The shortest average length of chunks, and that for all that is left.
const LEAST_CHUNK: u64 = 256;
const MOST_CHUNK: u64 = 16 << 10;

/// The most chunks of both sides, of 24 bytes each. Beyond, they are longer.
const MOST_CHUNKS: u64 = 1 << 20;

/// The shortest chunks are looked for again between those that were found, this often.
const MOST_LEVELS: usize = 8;

/// Replacements in a row that may be something that was inserted.
const MANY_REPLACED: usize = 8;

/// A match of chunks that has fewer equal bytes is left out.
const LEAST_MATCH: u64 = 64;

struct Aligner<'c, A: Mapping, B: Mapping> {
    a: &'c Map<A>,
    b: &'c Map<B>,
    options: Options<'c>,
    list: List,
    bytes: Bytes,
    a_buffer: Vec<u8>,
    b_buffer: Vec<u8>,
    /// Everything before these offsets is aligned.
    reached: (u64, u64),
    /// From where on pages are still held.
    held: (u64, u64),
    /// Whether the bytes here are known to be replaced, and not moved.
    is_in_place: bool,
}

impl<'c, A: Mapping, B: Mapping> Aligner<'c, A, B> {
    fn is_cancelled(&self) -> bool {
        self.options.progress.is_some_and(Progress::is_cancelled)
    }

    /// Everything before these offsets is aligned.
    fn reach(&mut self, a: u64, b: u64) {
        let (a_before, b_before) = self.reached;
        self.reached = (a.max(a_before), b.max(b_before));
        if let Some(progress) = self.options.progress {
            let more = a.saturating_sub(a_before).saturating_add(b.saturating_sub(b_before));
            progress.add_done(more);
        }
        let (a_held, b_held) = self.held;
        let passed = self.reached.0.saturating_sub(a_held);
        if self.options.evicts_behind && passed >= HELD_LEN {
            evict(self.a, &(a_held..self.reached.0));
            evict(self.b, &(b_held..self.reached.1));
            self.held = self.reached;
        }
    }

    /// Aligns two ranges from their starts on, as long as they have something in common nearby; then the
    /// rest.
    fn run(&mut self, mut a: Range<u64>, mut b: Range<u64>) {
        'resynced: while !self.is_cancelled() {
            self.pass_equal(&mut a, &mut b);
            if a.is_empty() || b.is_empty() {
                break;
            }
            for window in WINDOWS {
                let a_near = a.start..a.end.min(a.start.saturating_add(window));
                let b_near = b.start..b.end.min(b.start.saturating_add(window));
                if a_near.end == a.end && b_near.end == b.end {
                    break;
                }
                let matches = self.matches_nearby(&a_near, &b_near, window);
                let equal = matches.iter().map(|it| it.len).fold(0, u64::saturating_add);
                if self.is_cancelled() {
                    break 'resynced;
                }
                if let Some(last) = matches.last()
                    && equal >= len(&a_near).min(len(&b_near)) / 4
                {
                    for (a, b) in between(&a_near, &b_near, &matches).take(matches.len()) {
                        self.gap(a, b, LEAST_CHUNK, MOST_LEVELS);
                    }
                    (a.start, b.start) = (last.a_end(), last.b_end());
                    continue 'resynced;
                }
            }
            break;
        }
        let longest = len(&a).saturating_add(len(&b)) / MOST_CHUNKS;
        self.gap(a, b, MOST_CHUNK.max(longest.next_power_of_two()), MOST_LEVELS);
    }

    /// Moves the starts of two ranges over equal bytes, over bytes that were replaced by as many others, and
    /// over what cannot be read.
    fn pass_equal(&mut self, a: &mut Range<u64>, b: &mut Range<u64>) {
        loop {
            let (equal, lost) = self.common_prefix(a, b);
            (a.start, b.start) = (a.start.saturating_add(equal), b.start.saturating_add(equal));
            let replaced = if lost == 0 { self.pass_replaced(a, b) } else { 0 };
            self.reach(a.start, b.start);
            if (lost == 0 && replaced == 0) || self.is_cancelled() {
                return;
            }
            if lost == 0 {
                continue;
            }
            let a_next = a.start.saturating_add(lost).min(a.end);
            let b_next = b.start.saturating_add(lost).min(b.end);
            self.push(a.start..a_next, b.start..b_next);
            (a.start, b.start) = (a_next, b_next);
        }
    }

    /// Moves the starts of two ranges over bytes that were replaced by as many others, as far as that is
    /// seen in what was loaded last. Returns how far.
    fn pass_replaced(&mut self, a: &mut Range<u64>, b: &mut Range<u64>) -> u64 {
        let (a_lost, b_lost) = (
            load(self.a, &near(a), &mut self.a_buffer),
            load(self.b, &near(b), &mut self.b_buffer),
        );
        if !a_lost.is_empty() || !b_lost.is_empty() {
            return 0;
        }
        let part = Part { a: &self.a_buffer, b: &self.b_buffer, a_at: a.start, b_at: b.start };
        if !self.is_in_place {
            // Records of one length with a counter in each look replaced where one was inserted.
            let Replaced { len, count } = part.pass_replaced(|_| {});
            if count >= MANY_REPLACED {
                let matches = self.bytes.grams().matches(&self.a_buffer, &self.b_buffer);
                let equal = matches.iter().map(|it| it.len).fold(0, u64::saturating_add);
                if matches.len() < count / 4 && equal >= widen(len / 8 * 7) {
                    return 0;
                }
                self.is_in_place = true;
            }
        }
        let before = self.list.len();
        let passed = part.pass_replaced(|replaced| replaced.push_each(&mut self.list));
        let passed = widen(passed.len);
        self.count_found(before);
        (a.start, b.start) = (a.start.saturating_add(passed), b.start.saturating_add(passed));
        passed
    }

    /// The number of equal bytes at the starts of two ranges, and of those after them that cannot be read.
    fn common_prefix(&mut self, a: &Range<u64>, b: &Range<u64>) -> (u64, u64) {
        let near =
            |range: &Range<u64>| range.start..range.end.min(range.start.saturating_add(NEAR));
        let (a_near, b_near) = (near(a), near(b));
        let lost =
            [load(self.a, &a_near, &mut self.a_buffer), load(self.b, &b_near, &mut self.b_buffer)];
        if lost.iter().all(Vec::is_empty) {
            let equal = grams::common_prefix(&self.a_buffer, &self.b_buffer);
            let is_all = widen(equal) == len(a).min(len(b));
            if is_all || equal < self.a_buffer.len().min(self.b_buffer.len()) {
                return (widen(equal), 0);
            }
        }
        self.is_in_place = false;
        let mut first = None;
        let mut job = self.job(a.clone(), b.clone());
        job.run(Wanted::First, u64::MAX, |mut found| {
            first = found.next();
            if first.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let reached = job.at;
        self.note_lost(job);
        match first {
            Some((DifferenceKind::Unreadable, range)) => {
                (range.start, range.end.saturating_sub(range.start))
            }
            Some((_, range)) => (range.start, 0),
            None => (reached, 0),
        }
    }

    /// The number of equal bytes at the ends of two ranges.
    fn common_suffix(&self, a: &Range<u64>, b: &Range<u64>) -> u64 {
        let most = len(a).min(len(b));
        let mut equal = 0_u64;
        let mut step = NEAR;
        while equal < most && !self.is_cancelled() {
            let len = step.min(most.saturating_sub(equal));
            let end = |range: &Range<u64>| range.end.saturating_sub(equal);
            let (a_end, b_end) = (end(a), end(b));
            let mut last = None;
            let mut job =
                self.job(a_end.saturating_sub(len)..a_end, b_end.saturating_sub(len)..b_end);
            job.run(Wanted::Ranges, u64::MAX, |found| {
                last = found.last().map(|(_, range)| range.end).or(last);
                ControlFlow::Continue(())
            });
            if !job.is_at_end() {
                return equal; // Cancelled, or the file was cut short.
            }
            equal = equal.saturating_add(len.saturating_sub(last.unwrap_or(0)));
            if last.is_some() {
                break;
            }
            step = step.saturating_mul(2);
        }
        equal
    }

    /// A comparison at the same offsets, for a part.
    fn job(&self, a: Range<u64>, b: Range<u64>) -> Job<'c, A, B> {
        Job::silent(Pair::new((self.a, a), (self.b, b)), self.options)
    }

    fn note_lost(&mut self, job: Job<'c, A, B>) {
        for lost in job.into_compared(()).not_compared {
            match lost.side {
                Side::A => self.list.note(Side::A, lost.a, lost.error),
                Side::B => self.list.note(Side::B, lost.b, lost.error),
            }
        }
    }

    /// What two windows have in common.
    fn matches_nearby(&mut self, a: &Range<u64>, b: &Range<u64>, window: u64) -> Vec<Match> {
        if window > IN_MEMORY {
            let average = (window >> 12).max(LEAST_CHUNK);
            return self.matches_of_chunks(a, b, average, false);
        }
        let a_lost = load(self.a, a, &mut self.a_buffer);
        let b_lost = load(self.b, b, &mut self.b_buffer);
        if !a_lost.is_empty() || !b_lost.is_empty() {
            // Zeros would match zeros.
            return Vec::new();
        }
        let matches = self.bytes.grams().matches(&self.a_buffer, &self.b_buffer);
        let placed = matches.into_iter().map(|it| Match {
            a: a.start.saturating_add(it.a),
            b: b.start.saturating_add(it.b),
            len: it.len,
        });
        placed.collect()
    }

    /// The chunks that two ranges have in common.
    fn matches_of_chunks(
        &mut self,
        a: &Range<u64>,
        b: &Range<u64>,
        average: u64,
        is_shown: bool,
    ) -> Vec<Match> {
        let progress = self.options.progress;
        let shown = progress.filter(|_| is_shown);
        if let Some(progress) = shown {
            progress.add_total(len(a).saturating_add(len(b)));
        }
        let mut done = 0_u64;
        let mut pass = |bytes: u64| {
            done = done.saturating_add(bytes);
            if let Some(progress) = shown {
                progress.add_done(bytes);
            }
            match progress {
                Some(progress) if progress.is_cancelled() => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        };
        let average = usize::try_from(average).unwrap_or(usize::MAX).min(LONGEST_CHUNK);
        let dividing = Dividing { average, threads: self.options.threads };
        let mut of_a = Chunks::of(self.a, a, dividing, &mut pass);
        let mut of_b = Chunks::of(self.b, b, dividing, &mut pass);
        if let Some(progress) = shown {
            // Holes are in no section.
            progress.add_done(len(a).saturating_add(len(b)).saturating_sub(done));
        }
        for (side, chunks) in [(Side::A, &mut of_a), (Side::B, &mut of_b)] {
            for (range, error) in chunks.lost.drain(..) {
                self.list.note(side, range, error);
            }
        }
        let mut matches = chunks::matches(of_a, of_b);
        for found in &mut matches {
            let (equal, _) =
                self.common_prefix(&(found.a..found.a_end()), &(found.b..found.b_end()));
            found.len = equal;
        }
        matches.retain(|found| found.len >= LEAST_MATCH);
        matches
    }

    /// Aligns two ranges, with chunks of this average length where they are long, and with the shortest
    /// ones at most so many times.
    fn gap(&mut self, mut a: Range<u64>, mut b: Range<u64>, average: u64, levels: usize) {
        if self.is_cancelled() {
            return;
        }
        if len(&a).max(len(&b)) <= IN_MEMORY {
            self.gap_in_memory(a, b);
            return;
        }
        self.pass_equal(&mut a, &mut b);
        let equal = self.common_suffix(&a, &b);
        let (a_end, b_end) = (a.end, b.end);
        (a.end, b.end) = (a_end.saturating_sub(equal), b_end.saturating_sub(equal));
        if a.is_empty() || b.is_empty() {
            self.push(a, b);
        } else if len(&a).max(len(&b)) <= IN_MEMORY {
            self.gap_in_memory(a, b);
        } else {
            let matches = self.matches_of_chunks(&a, &b, average, true);
            if self.is_cancelled() {
                return;
            }
            let is_least = average <= LEAST_CHUNK;
            if is_least && (matches.is_empty() || levels == 0) {
                self.without_matches(a, b);
            } else {
                let levels = levels.saturating_sub(usize::from(is_least));
                for (a, b) in between(&a, &b, &matches) {
                    self.gap(a, b, (average / 8).max(LEAST_CHUNK), levels);
                }
            }
        }
        if !self.is_cancelled() {
            self.reach(a_end, b_end);
        }
    }

    fn gap_in_memory(&mut self, a: Range<u64>, b: Range<u64>) {
        let a_lost = load(self.a, &a, &mut self.a_buffer);
        let b_lost = load(self.b, &b, &mut self.b_buffer);
        let is_whole = a_lost.is_empty() && b_lost.is_empty();
        for (side, lost) in [(Side::A, a_lost), (Side::B, b_lost)] {
            for (range, error) in lost {
                self.list.note(side, range, error);
            }
        }
        if is_whole {
            let part = Part { a: &self.a_buffer, b: &self.b_buffer, a_at: a.start, b_at: b.start };
            self.bytes.align(part, &mut self.list);
        } else {
            self.without_matches(a.clone(), b.clone());
        }
        self.reach(a.end, b.end);
    }

    /// Lists two ranges that have nothing in common, or none that could be found: at the same offsets if
    /// they have one length, or if there are bytes in them that cannot be read.
    fn without_matches(&mut self, a: Range<u64>, b: Range<u64>) {
        let is_lost = self.list.is_lost(&a, &b);
        if len(&a) != len(&b) && !is_lost {
            self.push(a, b);
            return;
        }
        let mut differences = Differences::new(self.job(a, b));
        let all: Vec<Difference> = differences.by_ref().collect();
        self.note_lost(differences.into_job());
        for Difference { a, b, .. } in all {
            self.push(a, b);
        }
    }

    fn push(&mut self, a: Range<u64>, b: Range<u64>) {
        let before = self.list.len();
        self.list.push(a, b);
        self.count_found(before);
    }

    /// Reports the differences that were listed since the list had `before`.
    fn count_found(&self, before: usize) {
        if let Some(progress) = self.options.progress {
            progress.add_found(widen(self.list.len().saturating_sub(before)));
        }
    }
}

/// Bytes that are looked at before threads are started.
const NEAR: u64 = 64 << 10;

/// What the crate for chunks allows.
const LONGEST_CHUNK: usize = 4 << 20;

const fn len(range: &Range<u64>) -> u64 {
    range.end.saturating_sub(range.start)
}

/// The start of a range.
fn near(range: &Range<u64>) -> Range<u64> {
    range.start..range.end.min(range.start.saturating_add(NEAR))
}
