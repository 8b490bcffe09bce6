//! Finds where two files differ at the same offsets, from the first byte to the last.

use std::ops::Range;
use std::time::{Duration, Instant};

use memmap::compare::{Compare, Difference, DifferenceKind};
use memmap::plugin::Mapping;

use crate::analysis::difference_list::DifferenceList;
use crate::analysis::not_compared::Reasons;
use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Merge};
use crate::source::handle::SourceHandle;

/// Compares the source with another one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct CompareJob {
    pub(crate) other: SourceHandle,
    /// The name of the other one.
    pub(crate) name: String,
    /// Offset on the other side minus that on this one.
    pub(crate) shift: i64,
    /// Whether to find what was inserted and deleted, instead of comparing at the same offsets.
    pub(crate) is_aligned: bool,
}

/// What was found since the last event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) list: DifferenceList,
    /// Why ranges in it were not compared.
    pub(crate) reasons: Reasons,
    /// All bytes of the first side before this offset are compared.
    pub(crate) position: u64,
}

impl Merge for Part {
    fn merge(&mut self, next: Self) -> Option<Self> {
        if self.is_full() {
            return Some(next);
        }
        self.list.append(&next.list);
        self.reasons.append(next.reasons);
        self.position = next.position;
        None
    }

    fn is_full(&self) -> bool {
        self.list.len() >= BATCH
    }
}

/// Differences that wait as one event.
const BATCH: usize = 64 << 10;

/// Bytes compared at once, at first. Later slices take about as long as [`SLICE_TIME`].
const FIRST_SLICE: u64 = 4 << 20;
const SLICE_TIME: Duration = Duration::from_millis(100);

/// The ranges of two lengths that are compared with a shift: as long as each other.
pub(crate) fn ranges(a_len: u64, b_len: u64, shift: i64) -> (Range<u64>, Range<u64>) {
    let by = shift.unsigned_abs();
    let (a, b) = if shift < 0 { (by.min(a_len), 0) } else { (0, by.min(b_len)) };
    let common = (a_len - a).min(b_len - b);
    (a..a + common, b..b + common)
}

impl Job for CompareJob {
    type Event = Part;
    type Output = ();

    fn title(&self) -> String {
        let what = if self.is_aligned { "align" } else { "compare" };
        format!("{what} with {}", self.name)
    }

    fn run(self, cx: &JobContext<'_, Part>) -> Result<(), JobError> {
        let (a, b) = (cx.mapping(), self.other.mapping(cx.may_block));
        if self.is_aligned {
            return aligned(&Compare::new(a, b), cx);
        }
        let (a_range, b_range) = ranges(a.len(), b.len(), self.shift);
        let common = a_range.end - a_range.start;
        cx.expect(common);
        let (mut at, mut slice) = (0, FIRST_SLICE);
        while at < common {
            let end = at.saturating_add(slice).min(common);
            let start = Instant::now();
            let mut differences = Compare::new(a, b)
                .ranges(
                    a_range.start + at..a_range.start + end,
                    b_range.start + at..b_range.start + end,
                )
                .evict_behind(true)
                .progress(&cx.outbox.controls.scans)
                .differences()?;
            let mut list = DifferenceList::new(self.shift);
            for found in differences.by_ref() {
                list.push(&found);
                if list.len() >= BATCH {
                    let full = std::mem::replace(&mut list, DifferenceList::new(self.shift));
                    let reasons = Reasons::default();
                    cx.emit(Part { list: full, reasons, position: found.a.end })?;
                }
            }
            let outcome = differences.outcome();
            if outcome.is_cancelled {
                return Err(JobError::Cancelled);
            }
            at = end;
            let reasons = Reasons::of(&outcome.not_compared);
            cx.emit(Part { list, reasons, position: a_range.start + at })?;
            slice = if start.elapsed() < SLICE_TIME { slice.saturating_mul(2) } else { slice / 2 };
            slice = slice.max(FIRST_SLICE);
        }
        let mut list = DifferenceList::new(self.shift);
        if a.len() > a_range.end {
            let b = b_range.end..b_range.end;
            let (kind, a) = (DifferenceKind::OnlyInA, a_range.end..a.len());
            list.push(&Difference { kind, a, b });
        } else if b.len() > b_range.end {
            let a = a_range.end..a_range.end;
            let (kind, b) = (DifferenceKind::OnlyInB, b_range.end..b.len());
            list.push(&Difference { kind, a, b });
        }
        cx.emit(Part { list, reasons: Reasons::default(), position: u64::MAX })?;
        Ok(())
    }
}

/// Finds what was changed, inserted and deleted.
fn aligned(
    compare: &Compare<'_, Box<dyn Mapping>, Box<dyn Mapping>>,
    cx: &JobContext<'_, Part>,
) -> Result<(), JobError> {
    let compare = compare.evict_behind(true).progress(&cx.outbox.controls.scans);
    let aligned = compare.aligned()?;
    if aligned.is_cancelled {
        return Err(JobError::Cancelled);
    }
    for found in aligned.value.chunks(BATCH) {
        let mut list = DifferenceList::new(0);
        for it in found {
            list.push(it);
        }
        let position = found.last().map_or(0, |it| it.a.end);
        cx.emit(Part { list, reasons: Reasons::default(), position })?;
    }
    let reasons = Reasons::of(&aligned.not_compared);
    cx.emit(Part { list: DifferenceList::new(0), reasons, position: u64::MAX })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use memmap::RamMap;

    use super::*;
    use crate::job::context::finish;

    fn found(a: &[u8], b: &[u8], shift: i64) -> Vec<(DifferenceKind, Range<u64>, Range<u64>)> {
        let handle = |bytes| SourceHandle::new(RamMap::from_reader(bytes).unwrap().erase());
        let job = CompareJob { other: handle(b), name: "b".to_owned(), shift, is_aligned: false };
        let done = finish(&handle(a), job);
        done.ended.unwrap();
        let mut list = DifferenceList::new(shift);
        done.events.iter().for_each(|part| list.append(&part.list));
        let all = (0..list.len()).filter_map(|at| list.get(at));
        all.map(|it| (it.kind, it.a, it.b)).collect()
    }

    #[test]
    fn differences_are_found_with_and_without_a_shift() {
        use DifferenceKind::{Changed, OnlyInA, OnlyInB};
        assert_eq!(found(b"abcdef", b"abXdef", 0), [(Changed, 2..3, 2..3)]);
        assert_eq!(found(b"abc", b"abcdef", 0), [(OnlyInB, 3..3, 3..6)]);
        assert_eq!(found(b"abcdef", b"xyabcdef", 2), []);
        assert_eq!(
            found(b"xyabcdef", b"abcXe", -2),
            [(Changed, 5..6, 3..4), (OnlyInA, 7..8, 5..5)]
        );
        assert_eq!(found(b"abc", b"abc", 99), [(OnlyInA, 0..3, 3..3)]);
        assert_eq!(found(b"", b"", 0), []);
    }

    #[test]
    fn a_difference_across_two_slices_is_one() {
        let bytes = |at: usize| {
            let mut bytes = vec![0; 9 << 20];
            bytes[at..at + 10].fill(7);
            bytes
        };
        let border = usize::try_from(FIRST_SLICE).unwrap();
        let all = found(&vec![0; 9 << 20], &bytes(border - 5), 0);
        let range = FIRST_SLICE - 5..FIRST_SLICE + 5;
        assert_eq!(all, [(DifferenceKind::Changed, range.clone(), range)]);
    }
}
