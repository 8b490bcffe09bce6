//! Finds out how far a run of equal rows extends, in both directions.

use std::ops::Range;

use memmap::{AnyMap, Extent, widen};

use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Merge, Priority};
use crate::source;

/// Maximum number of bytes compared at once.
const PIECE_LEN: u64 = 256 << 10;

/// Holes are queried in windows that double up to `WINDOW_MAX`, as the file system reports all
/// extents within the requested range.
const WINDOW_MIN: u64 = 1 << 20;
const WINDOW_MAX: u64 = 1 << 30;

/// A run of equal rows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "any of them may be so without the others")]
pub(crate) struct Run {
    /// Whole rows. The first one is shown, the others are folded.
    pub range: Range<u64>,
    /// Whether the run is a hole, so that no bytes were compared.
    pub is_hole: bool,
    /// Whether no byte can be read.
    pub is_unreadable: bool,
    /// Whether all bytes are zero.
    pub is_zero: bool,
    /// Whether the row before is known to differ.
    pub is_start_known: bool,
    /// Whether the row after is known to differ.
    pub is_end_known: bool,
}

#[cfg(test)]
impl Run {
    /// Zeros whose start and end are known.
    pub(crate) fn of_zeros(range: Range<u64>) -> Self {
        Self {
            range,
            is_hole: false,
            is_unreadable: false,
            is_zero: true,
            is_start_known: true,
            is_end_known: true,
        }
    }
}

impl Merge for Run {
    /// The later event describes the same run, extended.
    fn merge(&mut self, next: Self) -> Option<Self> {
        *self = next;
        None
    }
}

/// Extends a run of equal rows, first at its end, then at its start. Holes are not read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct ExtendRunJob {
    pub(crate) run: Run,
    pub(crate) row_len: u64,
}

impl Job for ExtendRunJob {
    type Event = Run;
    type Output = Run;

    fn priority(&self) -> Priority {
        Priority::Background
    }

    fn title(&self) -> String {
        "repeated rows".to_owned()
    }

    fn run(self, cx: &JobContext<'_, Run>) -> Result<Run, JobError> {
        let Self { run, row_len } = self;
        let is_hole = run.is_hole && is_hole(cx.mapping(), run.range.clone());
        extend(cx, Run { is_hole, ..run }, row_len)
    }
}

fn extend(cx: &JobContext<'_, Run>, mut run: Run, row_len: u64) -> Result<Run, JobError> {
    let map = cx.mapping();
    let whole = map.len().checked_rem(row_len).map_or(0, |rest| map.len() - rest);
    let first = run.range.start..run.range.start.saturating_add(row_len);
    if row_len == 0 || run.range.end > whole || first.end > whole {
        return Ok(Run { is_start_known: true, is_end_known: true, ..run });
    }
    let row = source::rescue(map, first).bytes;
    let is_zero = row.iter().all(|&byte| byte == Some(0));
    // Unreadable bytes compare as unequal, even to each other.
    let is_readable = row.iter().all(Option::is_some);
    run.is_zero = is_zero;
    run.is_start_known |= !is_readable;
    run.is_end_known |= !is_readable;
    let mut window = WINDOW_MIN;
    let mut hole =
        |rest: Range<u64>, side| if is_zero { hole(map, rest, side, &mut window) } else { None };
    while !(run.is_start_known && run.is_end_known) {
        let side = if run.is_end_known { Side::Before } else { Side::After };
        let rest = match side {
            Side::After => run.range.end..whole,
            Side::Before => 0..run.range.start,
        };
        let hole = hole(rest.clone(), side).map(|hole| inside(hole, row_len));
        let (found, is_over) = match hole {
            Some(rows) if rows.start < rows.end => {
                let found = rows.end - rows.start;
                (found, found == rest.end - rest.start)
            }
            _ => {
                let piece = side.next_to(&rest, (PIECE_LEN / row_len).max(1) * row_len);
                let bytes = source::pass_over(map, piece.clone()).bytes;
                let rows = bytes.chunks_exact(row.len());
                let equal = match side {
                    Side::After => rows.take_while(|it| *it == row).count(),
                    Side::Before => rows.rev().take_while(|it| *it == row).count(),
                };
                let found = widen(equal).saturating_mul(row_len);
                run.is_hole &= found == 0;
                (found, found < piece.end - piece.start || piece == rest)
            }
        };
        match side {
            Side::After => {
                run.range.end = run.range.end.saturating_add(found);
                run.is_end_known = is_over;
            }
            Side::Before => {
                run.range.start = run.range.start.saturating_sub(found);
                run.is_start_known = is_over;
            }
        }
        cx.emit(run.clone())?;
    }
    Ok(run)
}

/// Whether a whole range is a hole, as far as can be learned cheaply.
pub(crate) fn is_hole(map: &AnyMap, range: Range<u64>) -> bool {
    map.extents(range).is_ok_and(|all| !all.is_empty() && all.iter().all(Extent::is_hole))
}

/// The side on which the run is extended.
#[derive(Clone, Copy)]
enum Side {
    Before,
    After,
}

impl Side {
    /// The part of `rest` next to the run, at most `len` bytes.
    fn next_to(self, rest: &Range<u64>, len: u64) -> Range<u64> {
        match self {
            Self::After => rest.start..rest.end.min(rest.start.saturating_add(len)),
            Self::Before => rest.start.max(rest.end.saturating_sub(len))..rest.end,
        }
    }
}

/// The whole rows within a range. One end of the range is a row boundary.
fn inside(range: Range<u64>, row_len: u64) -> Range<u64> {
    range.start.next_multiple_of(row_len)..range.end - range.end % row_len
}

/// The hole next to the run, if any. `window` is the query length, kept between calls.
fn hole(map: &AnyMap, rest: Range<u64>, side: Side, window: &mut u64) -> Option<Range<u64>> {
    loop {
        let asked = side.next_to(&rest, *window);
        let extents = map.extents(asked.clone()).ok()?;
        let next = match side {
            Side::After => extents.first().filter(|it| it.range().start == asked.start),
            Side::Before => extents.last().filter(|it| it.range().end == asked.end),
        };
        let hole = next.filter(|extent| extent.is_hole())?.range().clone();
        if hole != asked {
            *window = WINDOW_MIN;
            return Some(hole);
        }
        if asked == rest || *window >= WINDOW_MAX {
            return Some(hole);
        }
        *window *= 2;
    }
}

#[cfg(test)]
mod tests {
    use memmap::{MemMap, Mode, RamMap};
    use proptest::prelude::*;

    use super::*;
    use crate::job::context::finish;
    use crate::source::handle::SourceHandle;

    fn run(range: Range<u64>) -> Run {
        Run {
            range,
            is_hole: false,
            is_unreadable: false,
            is_zero: true,
            is_start_known: false,
            is_end_known: false,
        }
    }

    fn all(source: &SourceHandle, run: Run, row_len: u64) -> Run {
        let done = finish(source, ExtendRunJob { run, row_len });
        let run = done.ended.unwrap();
        assert!(run.is_start_known && run.is_end_known);
        run
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_run_is_as_long_as_a_plain_comparison_says(
            rows in prop::collection::vec(prop::sample::select(vec![0_u8, 0, 0, 1]), 1..60),
            row_len in 1..40_u64,
            rest in 0..8_usize,
            at in 0..60_usize,
        ) {
            let bytes: Vec<u8> = rows.iter()
                .flat_map(|&byte| vec![byte; usize::try_from(row_len).unwrap()])
                .chain(vec![0; rest.min(usize::try_from(row_len).unwrap() - 1)])
                .collect();
            let at = at % rows.len();
            let start = rows[..at].iter().rposition(|it| *it != rows[at]).map_or(0, |i| i + 1);
            let end = rows[at..].iter().position(|it| *it != rows[at]).map_or(rows.len(), |i| at + i);
            let map = SourceHandle::new(RamMap::from_reader(&bytes[..]).unwrap().erase());
            let position = |row: usize| u64::try_from(row).unwrap() * row_len;
            let found = all(&map, run(position(at)..position(at + 1)), row_len);
            prop_assert_eq!(found.range, position(start)..position(end));
        }
    }

    #[test]
    fn a_hole_of_a_terabyte_is_one_run_at_once() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len((1 << 40) + 5).unwrap();
        let map = MemMap::open(file.path(), Mode::Read).unwrap().erase();
        let map = SourceHandle::new(map);
        if !is_hole(map.map(), 0..1 << 20) {
            return; // a file system without holes
        }
        let middle = Run { is_hole: true, ..run(1 << 39..(1 << 39) + 16) };
        let found = all(&map, middle, 16);
        assert_eq!(found.range, 0..1 << 40);
        assert!(found.is_hole);
    }
}
