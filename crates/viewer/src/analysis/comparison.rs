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
    /// The parts that are compared; `None` compares everything.
    pub(crate) parts: Option<[Range<u64>; 2]>,
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

/// The ranges of two parts that are compared with a shift: as long as each other.
pub(crate) fn ranges(a: &Range<u64>, b: &Range<u64>, shift: i64) -> (Range<u64>, Range<u64>) {
    let (a_len, b_len) = (a.end - a.start, b.end - b.start);
    // What the second part starts later than the shift says.
    let by = i128::from(shift) - (i128::from(b.start) - i128::from(a.start));
    let len = u64::try_from(by.unsigned_abs()).unwrap_or(u64::MAX);
    let (skipped, b_skipped) = if by < 0 { (len.min(a_len), 0) } else { (0, len.min(b_len)) };
    let common = (a_len - skipped).min(b_len - b_skipped);
    let (a, b) = (a.start + skipped, b.start + b_skipped);
    (a..a + common, b..b + common)
}

/// The parts of two files of these lengths: everything, unless they were chosen.
pub(crate) fn parts(chosen: Option<&[Range<u64>; 2]>, lens: [u64; 2]) -> [Range<u64>; 2] {
    let [a, b] = chosen.cloned().unwrap_or_else(|| lens.map(|len| 0..len));
    let within = |part: Range<u64>, len: u64| part.start.min(len)..part.end.min(len);
    [within(a, lens[0]), within(b, lens[1])]
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
        let [a_part, b_part] = parts(self.parts.as_ref(), [a.len(), b.len()]);
        let (a_range, b_range) = ranges(&a_part, &b_part, self.shift);
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
        if a_part.end > a_range.end {
            let b = b_range.end..b_range.end;
            let (kind, a) = (DifferenceKind::OnlyInA, a_range.end..a_part.end);
            list.push(&Difference { kind, a, b });
        } else if b_part.end > b_range.end {
            let a = a_range.end..a_range.end;
            let (kind, b) = (DifferenceKind::OnlyInB, b_range.end..b_part.end);
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
        found_in(a, b, shift, None)
    }

    fn found_in(
        a: &[u8],
        b: &[u8],
        shift: i64,
        parts: Option<[Range<u64>; 2]>,
    ) -> Vec<(DifferenceKind, Range<u64>, Range<u64>)> {
        let handle = |bytes| SourceHandle::new(RamMap::from_reader(bytes).unwrap().erase());
        let (other, name) = (handle(b), "b".to_owned());
        let job = CompareJob { other, name, shift, parts, is_aligned: false };
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
    fn parts_are_compared_alone() {
        use DifferenceKind::{Changed, OnlyInA, OnlyInB};
        let file = b"abcdefabXde";
        let find = |shift, a, b| found_in(file, file, shift, Some([a, b]));
        assert_eq!(find(6, 0..5, 6..11), [(Changed, 2..3, 8..9)]);
        assert_eq!(find(6, 0..2, 6..8), []);
        assert_eq!(find(6, 3..6, 9..99), [(OnlyInA, 5..6, 11..11)]);
        // Shifted by one more, the first byte of the second part is left out.
        assert_eq!(find(7, 0..2, 6..9), [(Changed, 0..2, 7..9)]);
        assert_eq!(find(5, 0..2, 6..8), [(Changed, 1..2, 6..7), (OnlyInB, 2..2, 7..8)]);
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
