use std::ops::Range;

use memmap_core::disk::Disk;
use memmap_core::{Map, Mapping, Progress, widen};

use super::io_steps;
use super::spans::Span;
use super::{Conflict, SaveError};
use crate::expected::{Expected, Known};
use crate::version::Version;

/// Equal bytes that are written too where less than so many stand between others: a range of its own
/// takes more.
const GAP: usize = 16;

/// The most conflicts that are listed.
const CONFLICTS_MAX: usize = 1000;

/// What a saving in place would write, after a look at each byte.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Examined {
    /// In order, each at most [`LEN_MAX`](super::spans::LEN_MAX) long.
    pub(super) spans: Vec<Span>,
    /// Bytes that would be overwritten although nobody looked at them.
    pub(super) unseen: u64,
    pub(super) conflicts: Vec<Conflict>,
}

/// The two sides of a saving in place, and what is expected between them.
#[derive(Debug)]
pub(super) struct Sides<'a, D: Disk, M: Mapping> {
    pub(super) disk: &'a D,
    pub(super) file: &'a D::File,
    pub(super) version: &'a Map<Version<M>>,
    pub(super) expected: &'a Expected<M>,
    /// Bytes that are accepted although they are not as expected.
    pub(super) accepted: &'a [Known],
    /// Of a device, what changed: only these are taken from the version, and the rest of their sectors from
    /// the device.
    pub(super) changed: Option<&'a [Span]>,
}

impl<D: Disk, M: Mapping> Sides<'_, D, M> {
    /// The old bytes of a span, from the descriptor that will write, and the new ones.
    pub(super) fn load(&self, span: &Span) -> Result<(Vec<u8>, Vec<u8>), SaveError> {
        let mut old = vec![0; usize::try_from(span.old_len).unwrap_or(0)];
        io_steps::read(self.disk, self.file, &mut old, span.start)
            .map_err(|source| SaveError::OldUnreadable { range: span.old(), source })?;
        let mut new = vec![0; usize::try_from(span.new_len).unwrap_or(0)];
        let Some(changed) = self.changed else {
            let unreadable = self.version.rescue(span.start, &mut new)?;
            let is_whole = unreadable.is_empty();
            return if is_whole { Ok((old, new)) } else { Err(SaveError::Unreadable(unreadable)) };
        };
        new.copy_from_slice(&old);
        let first = changed.partition_point(|it| it.end() <= span.start);
        for it in changed.get(first..).unwrap_or_default() {
            let (from, to) = (it.start.max(span.start), it.end().min(span.end()));
            if from >= to {
                break;
            }
            let part = new.get_mut(place(&(from..to), span.start)).unwrap_or_default();
            let unreadable = self.version.rescue(from, part)?;
            if !unreadable.is_empty() {
                return Err(SaveError::Unreadable(unreadable));
            }
        }
        Ok((old, new))
    }

    /// Looks at everything that is not in its own place. `spans` are those of [`spans`](super::spans::spans).
    pub(super) fn examine(
        &self,
        spans: &[Span],
        progress: &Progress,
    ) -> Result<Examined, SaveError> {
        let mut found = Examined::default();
        let mut unreadable = Vec::new();
        for span in spans {
            if progress.is_cancelled() {
                return Err(SaveError::Cancelled);
            }
            let (old, new) = match self.load(span) {
                Err(SaveError::Unreadable(more)) => {
                    unreadable.extend(more);
                    continue;
                }
                loaded => loaded?,
            };
            let mut written = differing(&old, &new);
            for part in self.expected.doubtful(&span.old()) {
                written.push(place(&part, span.start));
            }
            written.sort_by_key(|range| range.start);
            join(&mut written);
            let known = self.expected.known(&span.old())?;
            for range in &written {
                let part = |bytes: &[u8]| {
                    let len = bytes.len();
                    range.end.min(len).saturating_sub(range.start.min(len))
                };
                let start = span.start.saturating_add(widen(range.start));
                let (old_len, new_len) = (widen(part(&old)), widen(part(&new)));
                found.spans.push(Span { start, old_len, new_len });
            }
            self.compare(span, &old, &new, &known, &written, &mut found);
            progress.add_done(span.end().saturating_sub(span.start));
        }
        if unreadable.is_empty() { Ok(found) } else { Err(SaveError::Unreadable(unreadable)) }
    }

    /// Compares what is there with what was seen, where it would be written over.
    fn compare(
        &self,
        span: &Span,
        old: &[u8],
        new: &[u8],
        known: &[Known],
        written: &[Range<usize>],
        found: &mut Examined,
    ) {
        for range in written {
            let range = range.start.min(old.len())..range.end.min(old.len());
            let (start, end) = (
                span.start.saturating_add(widen(range.start)),
                span.start.saturating_add(widen(range.end)),
            );
            let mut looked_at = 0_u64;
            for it in known.iter().filter(|it| it.start < end && it.end() > start) {
                let (from, to) = (it.start.max(start), it.end().min(end));
                looked_at = looked_at.saturating_add(to.saturating_sub(from));
                let here = place(&(from..to), span.start);
                let seen = it.bytes.get(place(&(from..to), it.start)).unwrap_or_default();
                let now = old.get(here.clone()).unwrap_or_default();
                if seen == now
                    || self.is_accepted(from, seen, now)
                    || found.conflicts.len() >= CONFLICTS_MAX
                {
                    continue;
                }
                let len = new.len();
                let new =
                    new.get(here.start.min(len)..here.end.min(len)).unwrap_or_default().to_vec();
                let (seen, now) = (seen.to_vec(), now.to_vec());
                found.conflicts.push(Conflict { range: from..to, seen, now, new });
            }
            let unseen = end.saturating_sub(start).saturating_sub(looked_at);
            found.unseen = found.unseen.saturating_add(unseen);
        }
    }

    /// What is not as it was seen, of the bytes that a span would change.
    pub(super) fn conflicts(
        &self,
        span: &Span,
        old: &[u8],
        new: &[u8],
    ) -> Result<Vec<Conflict>, SaveError> {
        let mut found = Examined::default();
        let known = self.expected.known(&span.old())?;
        self.compare(span, old, new, &known, &differing(old, new), &mut found);
        Ok(found.conflicts)
    }

    /// Compares what is in the file with what was seen, in a span that is known as a whole.
    pub(super) fn compare_seen(&self, span: &Span, found: &mut Examined) -> Result<(), SaveError> {
        let known = self.expected.known(&span.old())?;
        if known.is_empty() {
            return Ok(());
        }
        let mut old = vec![0; usize::try_from(span.old_len).unwrap_or(0)];
        io_steps::read(self.disk, self.file, &mut old, span.start)
            .map_err(|source| SaveError::OldUnreadable { range: span.old(), source })?;
        let all = 0..old.len();
        self.compare(span, &old, &[], &known, std::slice::from_ref(&all), found);
        Ok(())
    }

    /// Whether each byte that is not as it was seen is one that was accepted, or may be one of ours.
    fn is_accepted(&self, start: u64, seen: &[u8], now: &[u8]) -> bool {
        seen.iter().zip(now).zip(start..).all(|((seen, now), at)| {
            let accepts = |it: &Known| {
                let index = at.checked_sub(it.start).and_then(|index| usize::try_from(index).ok());
                index.and_then(|index| it.bytes.get(index)) == Some(now)
            };
            seen == now || self.accepted.iter().any(accepts) || self.expected.may_be(at, *now)
        })
    }
}

/// A range of the file as one of the bytes that start at `start`.
pub(super) fn place(range: &Range<u64>, start: u64) -> Range<usize> {
    let place = |at: u64| usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX);
    place(range.start)..place(range.end)
}

/// The ranges that differ, and what only one of both has.
fn differing(old: &[u8], new: &[u8]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut add = |at: usize, end: usize| match ranges.last_mut() {
        Some(last) if at.saturating_sub(last.end) < GAP => last.end = end,
        _ => ranges.push(at..end),
    };
    for (at, (old, new)) in old.iter().zip(new).enumerate() {
        if old != new {
            add(at, at.saturating_add(1));
        }
    }
    let (both, longer) = (old.len().min(new.len()), old.len().max(new.len()));
    if both < longer {
        add(both, longer);
    }
    ranges
}

/// Joins ranges that overlap or touch.
fn join(ranges: &mut Vec<Range<usize>>) {
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges.drain(..) {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    *ranges = joined;
}
