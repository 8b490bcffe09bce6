//! Searches for the next NaN, in file order.

use std::ops::Range;

use memmap::array::{ByteOrder, DType, DTypeKind, Field, Value};
use memmap::{AnyMap, widen};

use crate::analysis::landmark::{Reached, next_extent, repeated};
use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};
use crate::search::direction::Direction;
use crate::source;
use crate::source::strided_layout::StridedLayout;

/// Bytes read at once.
const PIECE_LEN: u64 = 64 << 10;

/// The same right after a NaN was found. It doubles while nothing is found, as the next one may be
/// near.
const FIRST_PIECE_LEN: u64 = 256;

/// Elements further apart than this are read one by one.
const STEP_MAX: u64 = 1 << 10;

/// The state of a search.
#[derive(Debug)]
struct NanSearch {
    /// The dimensions by descending stride: length and stride of each.
    axes: Vec<(u64, u64)>,
    start: u64,
    itemsize: u64,
    /// The floats within an element, sorted by offset.
    floats: Vec<(u64, DType)>,
    direction: Direction,
    /// The byte under the cursor. Only floats after it, or before it when searching backward, are
    /// found.
    from: u64,
    /// The next element in file order; when searching backward, the one after it.
    next: u64,
    /// Bytes read at once.
    piece_len: u64,
}

/// Searches from the byte under the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct NanJob {
    pub(crate) grid: StridedLayout,
    pub(crate) direction: Direction,
    pub(crate) cursor: u64,
    /// Finds the `count`-th NaN, counted from 1.
    pub(crate) count: u64,
}

impl Job for NanJob {
    type Event = Never;
    type Output = Option<Reached>;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn title(&self) -> String {
        format!("{} NaN", self.direction.adjective())
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<Option<Reached>, JobError> {
        let search = NanSearch::new(&self.grid, self.direction, self.cursor);
        let total = match self.direction {
            Direction::Forward => search.count().saturating_sub(search.next),
            Direction::Back => search.next,
        };
        cx.expect(total.saturating_mul(search.itemsize));
        repeated(self.count, self.cursor, |from, is_again| self.next(cx, from, is_again))
    }
}

impl NanJob {
    /// The first NaN at or after a position, in search direction.
    fn next(
        &self,
        cx: &JobContext<'_, Never>,
        from: u64,
        is_again: bool,
    ) -> Result<Option<u64>, JobError> {
        let map = cx.mapping();
        let mut search = NanSearch::new(&self.grid, self.direction, from);
        search.piece_len = if is_again { FIRST_PIECE_LEN } else { PIECE_LEN };
        loop {
            cx.checkpoint()?;
            let is_over = match self.direction {
                Direction::Forward => {
                    search.next >= search.count() || search.position(search.next) >= map.len()
                }
                Direction::Back => search.next == 0,
            };
            if is_over {
                return Ok(None);
            }
            let before = search.next;
            let found = search.piece(map);
            if found.is_some() {
                return Ok(found);
            }
            cx.advance(search.next.abs_diff(before).saturating_mul(search.itemsize));
            search.piece_len = PIECE_LEN.min(search.piece_len * 2);
        }
    }
}

/// Whether the elements contain floats.
pub(crate) fn has_floats(grid: &StridedLayout) -> bool {
    !floats_of(grid).is_empty()
}

/// Offset and type of each float within an element.
fn floats_of(grid: &StridedLayout) -> Vec<(u64, DType)> {
    if grid.fields().next().is_none() {
        return floats(&grid.dtype);
    }
    let of_field = |field: &Field| {
        let offset = widen(field.offset());
        floats(field.dtype()).into_iter().map(move |(at, dtype)| (at + offset, dtype))
    };
    grid.fields().flat_map(of_field).collect()
}

/// Offset and type of each float within a value of this type.
fn floats(dtype: &DType) -> Vec<(u64, DType)> {
    match dtype.kind() {
        DTypeKind::Float => vec![(0, dtype.clone())],
        DTypeKind::Complex => {
            let part = if dtype.itemsize() == 8 { DType::F4 } else { DType::F8 };
            let part = part.with_byte_order(dtype.byte_order());
            vec![(0, part.clone()), (widen(part.itemsize()), part)]
        }
        // For a very long sub-array, listing the floats takes longer than scanning for them.
        DTypeKind::SubArray { base, .. } if dtype.itemsize() <= 1 << 16 => {
            let inner = floats(base);
            let count =
                if inner.is_empty() { 0 } else { dtype.itemsize() / base.itemsize().max(1) };
            let at = |n: usize| widen(n.saturating_mul(base.itemsize()));
            let moved = |n| inner.iter().map(move |(from, it)| (from + at(n), it.clone()));
            (0..count).flat_map(moved).collect()
        }
        _ => Vec::new(),
    }
}

impl NanSearch {
    /// Starts a search from the byte under the cursor.
    fn new(grid: &StridedLayout, direction: Direction, cursor: u64) -> Self {
        let of = |&axis: &usize| (widen(grid.shape[axis]), grid.strides[axis]);
        let mut search = Self {
            axes: grid.descending().iter().map(of).collect(),
            start: grid.start,
            itemsize: widen(grid.dtype.itemsize()),
            floats: floats_of(grid),
            direction,
            from: cursor,
            next: 0,
            piece_len: PIECE_LEN,
        };
        search.floats.sort_by_key(|&(at, _)| at);
        let here = search.ordinal(cursor);
        search.next = if direction == Direction::Forward { here } else { here.saturating_add(1) };
        search
    }

    fn count(&self) -> u64 {
        self.axes.iter().fold(1, |all, &(len, _)| all.saturating_mul(len))
    }

    /// The ordinal, in file order, of the element at or before an offset.
    fn ordinal(&self, position: u64) -> u64 {
        let mut rest = position.saturating_sub(self.start);
        self.axes.iter().fold(0, |ordinal, &(len, stride)| {
            let index = (rest / stride.max(1)).min(len.saturating_sub(1));
            rest -= index * stride;
            ordinal.saturating_mul(len).saturating_add(index)
        })
    }

    fn position(&self, ordinal: u64) -> u64 {
        let mut rest = ordinal;
        self.axes.iter().rev().fold(self.start, |at, &(len, stride)| {
            let index = rest % len.max(1);
            rest /= len.max(1);
            at.saturating_add(index.saturating_mul(stride))
        })
    }

    /// Scans the next elements. Returns the offset of a NaN if there is one.
    fn piece(&mut self, map: &AnyMap) -> Option<u64> {
        let forward = self.direction == Direction::Forward;
        let near = self.position(if forward { self.next } else { self.next - 1 });
        let step = self.axes.last().map_or(self.itemsize, |&(_, stride)| stride);
        let reach = if step > STEP_MAX { self.itemsize } else { self.piece_len.max(self.itemsize) };
        let end = near.saturating_add(self.itemsize).min(map.len());
        let rest = if forward { near..map.len() } else { self.start..end };
        if rest.is_empty() {
            // Searching backward, skip the elements past the end of the map.
            self.next =
                self.ordinal(map.len().saturating_sub(1)).saturating_add(1).min(self.next - 1);
            return None;
        }
        let (extent, is_hole) = next_extent(map, self.direction, rest, false);
        // Zeros are numbers: skip the elements that lie within a hole.
        if is_hole && extent.end - extent.start > self.itemsize {
            let next = if forward {
                self.ordinal(extent.end - self.itemsize).saturating_add(1)
            } else {
                self.ordinal(extent.start.saturating_sub(1)).saturating_add(1)
            };
            let is_on = if forward { next > self.next } else { next < self.next };
            if is_on {
                self.next = next;
                return None;
            }
        }
        let window = if forward {
            near..near.saturating_add(reach).min(map.len())
        } else {
            end.saturating_sub(reach).max(self.start)..end
        };
        let bytes = source::pass_over(map, window.clone()).bytes;
        loop {
            let at = if forward { self.next } else { self.next.checked_sub(1)? };
            if at >= self.count() {
                return None;
            }
            let position = self.position(at);
            let element = position..position.saturating_add(self.itemsize);
            let is_inside = window.contains(&position) && element.end <= window.end;
            let is_alone = at == self.ordinal(near);
            if !is_inside && !is_alone {
                return None;
            }
            self.next = if forward { at + 1 } else { at };
            if let Some(found) = self.in_element(position, &window, &bytes) {
                return Some(found);
            }
        }
    }

    /// The first NaN within an element, or the last one when searching backward.
    fn in_element(&self, position: u64, window: &Range<u64>, bytes: &[Option<u8>]) -> Option<u64> {
        let find = |(at, dtype): &(u64, DType)| {
            let start = position.saturating_add(*at);
            let is_beyond = match self.direction {
                Direction::Forward => start > self.from,
                Direction::Back => start < self.from,
            };
            let from = usize::try_from(start.checked_sub(window.start)?).ok()?;
            let bytes = bytes.get(from..from.checked_add(dtype.itemsize())?)?;
            (is_beyond && is_nan(dtype, bytes)).then_some(start)
        };
        match self.direction {
            Direction::Forward => self.floats.iter().find_map(find),
            Direction::Back => self.floats.iter().rev().find_map(find),
        }
    }
}

/// Whether these bytes are a NaN. Unreadable bytes are not.
fn is_nan(dtype: &DType, bytes: &[Option<u8>]) -> bool {
    let mut buffer = [0; 16];
    let mut len = 0;
    for (slot, byte) in buffer.iter_mut().zip(bytes) {
        let Some(byte) = byte else { return false };
        *slot = *byte;
        len += 1;
    }
    let number = |bytes: &[u8]| {
        let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        match dtype.byte_order() {
            ByteOrder::Big => bytes.iter().fold(0, add),
            _ => bytes.iter().rev().fold(0, add),
        }
    };
    let Some(bytes) = buffer.get(..len) else { return false };
    // A NaN has all exponent bits set and a non-zero fraction.
    match len {
        2 => number(bytes) & 0x7fff > 0x7c00,
        4 => number(bytes) & 0x7fff_ffff > 0x7f80_0000,
        8 => number(bytes) & (u64::MAX >> 1) > 0x7ff0_0000_0000_0000,
        _ => matches!(Value::decode(dtype, bytes), Value::Float(it) if it.value().is_nan()),
    }
}

#[cfg(test)]
mod tests {
    use memmap::RamMap;
    use memmap::array::Order;
    use proptest::prelude::*;

    use super::*;
    use crate::job::context::finish;
    use crate::source::handle::SourceHandle;

    fn find(
        source: &SourceHandle,
        grid: &StridedLayout,
        direction: Direction,
        cursor: u64,
    ) -> Option<u64> {
        let job = NanJob { grid: grid.clone(), direction, cursor, count: 1 };
        finish(source, job).ended.unwrap().map(|it| it.place)
    }

    /// The offsets of all NaNs, element by element in index order: the reference implementation.
    fn naive(map: &AnyMap, grid: &StridedLayout) -> Vec<u64> {
        let mut found = Vec::new();
        for element in (0..grid.count()).map(|number| grid.position(number)) {
            for (at, dtype) in floats_of(grid) {
                let Ok(bytes) = map.read_at(element + at, dtype.itemsize()) else { continue };
                if Value::decode(&dtype, &bytes).to_string() == "nan" {
                    found.push(element + at);
                }
            }
        }
        found.sort_unstable();
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_found_is_what_a_plain_search_finds(
            dtype in prop::sample::select(vec![
                "'f4'", "'>f8'", "'f2'", "[('a', 'u1'), ('b', '>f4'), ('c', '<f8', (2,)), ('d', '<c8')]", "('f4', (2,))",
                "'u4'",
            ]),
            shape in prop::collection::vec(1..6_usize, 0..4),
            is_fortran: bool, gap in prop::option::of(prop::sample::select(vec![0_u64, 3, 2000])),
            nans in prop::collection::vec(0.0..1.0_f64, 0..6), at in 0.0..1.0_f64,
        ) {
            let dtype = DType::from_descr(dtype).unwrap();
            let order = if is_fortran { Order::Fortran } else { Order::C };
            let stride = gap.map(|gap| gap + widen(dtype.itemsize()));
            let grid = StridedLayout::new(&dtype, &shape, order, stride, 5).unwrap();
            let len = grid.end() + 3;
            let place = |share: f64| (0..len).rev().find(|&n| {
                f64::from(u32::try_from(n).unwrap()) <= share * f64::from(u32::try_from(len).unwrap())
            }).unwrap();
            let mut bytes = vec![0_u8; usize::try_from(len).unwrap()];
            for share in nans {
                let from = usize::try_from(place(share)).unwrap();
                bytes[from..].iter_mut().take(8).for_each(|byte| *byte = 0xff);
            }
            let map = SourceHandle::new(RamMap::from_reader(&bytes[..]).unwrap().erase());
            let cursor = place(at);
            let all = naive(map.map(), &grid);
            let next = all.iter().copied().find(|&it| it > cursor);
            let before = all.iter().copied().rfind(|&it| it < cursor);
            prop_assert_eq!(find(&map, &grid, Direction::Forward, cursor), next);
            prop_assert_eq!(find(&map, &grid, Direction::Back, cursor), before);
        }
    }

    #[test]
    fn a_terabyte_of_nothing_is_passed_over() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(1 << 40).unwrap();
        let map = memmap::MemMap::open(file.path(), memmap::Mode::Read).unwrap().erase();
        let map = SourceHandle::new(map);
        if map.map().extents(..).unwrap().iter().all(memmap::Extent::is_data) {
            return; // a file system without holes
        }
        let grid = StridedLayout::new(&DType::F4, &[1 << 30, 255], Order::C, None, 4096).unwrap();
        assert_eq!(find(&map, &grid, Direction::Forward, 0), None);
        assert_eq!(find(&map, &grid, Direction::Back, (1 << 40) - 1), None);
    }
}
