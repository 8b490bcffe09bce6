//! Accumulates the columns of rows of numbers: one accumulator per column, updated row by row.

use memmap_core::{BLOCK_LEN, Kernel};

/// How the numbers of a column become one: each is added to a narrow accumulator, which is merged into a
/// wide one before it overflows or loses digits.
#[expect(unnameable_types, reason = "only the sealed traits use it")]
pub trait ColumnFold {
    /// The accumulator of [`ROWS`](Self::ROWS) numbers.
    type Narrow: Copy + Send;
    /// The accumulator of any number of numbers.
    type Wide: Copy + Send;

    /// The bytes of a number.
    const SIZE: usize;
    /// The numbers that a narrow accumulator can take.
    const ROWS: usize;
    /// The narrow accumulator of no numbers.
    const NARROW: Self::Narrow;
    /// The wide accumulator of no numbers.
    const WIDE: Self::Wide;

    /// As many narrow accumulators as a block has numbers.
    type Lanes: Copy + AsMut<[Self::Narrow]>;
    /// The lanes of no numbers.
    const LANES: Self::Lanes;
    /// As many wide accumulators.
    type WideLanes: Copy + AsMut<[Self::Wide]>;
    /// The wide lanes of no numbers.
    const WIDE_LANES: Self::WideLanes;

    /// Adds a number to each accumulator.
    fn add(columns: &mut [Self::Narrow], numbers: &[u8]);

    /// The first accumulators, unless there are fewer than a block has numbers.
    fn lanes(columns: &mut [Self::Narrow]) -> Option<&mut Self::Lanes>;

    /// Adds the numbers of a block.
    fn add_block(lanes: &mut Self::Lanes, block: &[u8; BLOCK_LEN]);

    /// Merges a narrow accumulator into a wide one.
    fn widen(wide: Self::Wide, narrow: Self::Narrow) -> Self::Wide;

    /// Merges two wide accumulators.
    fn join(a: Self::Wide, b: Self::Wide) -> Self::Wide;
}

/// The accumulators of some columns.
pub(super) struct Sums<F: ColumnFold> {
    narrow: Vec<F::Narrow>,
    wide: Vec<F::Wide>,
}

impl<F: ColumnFold> Sums<F> {
    pub(super) fn new(width: usize) -> Self {
        Self { narrow: vec![F::NARROW; width], wide: vec![F::WIDE; width] }
    }

    pub(super) fn columns(&mut self) -> Columns<'_, F> {
        Columns { narrow: &mut self.narrow, wide: &mut self.wide, at: 0, rows: 0 }
    }

    /// Joins the accumulators into one for each of `width` columns.
    pub(super) fn finish(mut self, width: usize) -> Vec<F::Wide> {
        flush::<F>(&mut self.narrow, &mut self.wide);
        let mut wide = self.wide;
        for at in width..wide.len() {
            let column = at.checked_rem(width).unwrap_or(0);
            if let (Some(&more), Some(sum)) = (wide.get(at), wide.get(column)) {
                let sum = F::join(*sum, more);
                if let Some(slot) = wide.get_mut(column) {
                    *slot = sum;
                }
            }
        }
        wide.truncate(width);
        wide
    }
}

#[inline(never)]
fn flush<F: ColumnFold>(narrow: &mut [F::Narrow], wide: &mut [F::Wide]) {
    for (wide, narrow) in wide.iter_mut().zip(narrow) {
        *wide = F::widen(*wide, *narrow);
        *narrow = F::NARROW;
    }
}

/// Adds rows to the accumulators of their columns. The address of this is never taken, so that its fields
/// stay in registers.
pub(super) struct Columns<'a, F: ColumnFold> {
    narrow: &'a mut [F::Narrow],
    wide: &'a mut [F::Wide],
    /// The next column.
    at: usize,
    /// The rows in the narrow accumulators.
    rows: usize,
}

impl<F: ColumnFold> Columns<'_, F> {
    #[inline(always)]
    fn end_row(&mut self) {
        self.at = 0;
        self.rows = self.rows.wrapping_add(1);
        if self.rows >= F::ROWS {
            flush::<F>(self.narrow, self.wide);
            self.rows = 0;
        }
    }

    /// Adds numbers that may belong to several rows. Returns the next column and the rows.
    fn add_across_rows(mut self, mut numbers: &[u8]) -> (usize, usize) {
        while !numbers.is_empty() {
            let columns = self.narrow.get_mut(self.at..).unwrap_or_default();
            let len = columns.len().saturating_mul(F::SIZE).min(numbers.len());
            let (first, rest) = numbers.split_at(len);
            F::add(columns, first);
            numbers = rest;
            self.at = self.at.wrapping_add(len.checked_div(F::SIZE).unwrap_or(0));
            if self.at >= self.narrow.len() {
                self.end_row();
            }
        }
        (self.at, self.rows)
    }

    /// Takes a copy of the block, which otherwise stays in registers.
    #[inline(never)]
    fn add_block_across_rows(self, block: [u8; BLOCK_LEN]) -> (usize, usize) {
        self.add_across_rows(&block)
    }

    #[inline(always)]
    fn copy(&mut self) -> Columns<'_, F> {
        Columns { narrow: self.narrow, wide: self.wide, at: self.at, rows: self.rows }
    }
}

impl<F: ColumnFold> Kernel for Columns<'_, F> {
    #[inline(always)]
    fn block(&mut self, block: &[u8; BLOCK_LEN]) {
        let columns = self.narrow.get_mut(self.at..).unwrap_or_default();
        let Some(lanes) = F::lanes(columns) else {
            (self.at, self.rows) = self.copy().add_block_across_rows(*block);
            return;
        };
        F::add_block(lanes, block);
        self.at = self.at.wrapping_add(const { BLOCK_LEN / F::SIZE });
        if self.at == self.narrow.len() {
            self.end_row();
        }
    }

    #[inline(always)]
    fn rest(&mut self, rest: &[u8]) {
        (self.at, self.rows) = self.copy().add_across_rows(rest);
    }
}

/// The rows that [`Rows`] has reduced.
pub(super) struct Done<F: ColumnFold> {
    /// Of each lane of the current row.
    wide: F::WideLanes,
    /// The numbers of a row.
    len: usize,
    /// The numbers of the current row that come after those that the lanes have room for.
    after: usize,
    rows: Vec<F::Wide>,
}

impl<F: ColumnFold> Done<F> {
    /// For `count` rows of `len` numbers.
    pub(super) fn new(len: usize, count: usize) -> Self {
        Self { wide: F::WIDE_LANES, len, after: 0, rows: Vec::with_capacity(count) }
    }

    pub(super) fn reduce(&mut self) -> Rows<'_, F> {
        Rows { room: self.room(self.len, F::ROWS), lanes: F::LANES, done: self }
    }

    pub(super) fn finish(self) -> Vec<F::Wide> {
        self.rows
    }

    /// The numbers that each lane can add at most `adds` of, where `left` are missing in the row.
    fn room(&mut self, left: usize, adds: usize) -> usize {
        let room = left.min(adds.saturating_mul(const { BLOCK_LEN / F::SIZE }));
        self.after = left.wrapping_sub(room);
        room
    }

    /// Takes lanes without room. Returns the room of empty ones.
    #[inline(never)]
    fn flush(&mut self, mut lanes: F::Lanes) -> usize {
        // A copy of known length stays in registers, which small numbers have too many lanes for.
        let in_place = const { F::SIZE <= 2 };
        let mut copy = self.wide;
        let mut wide =
            if in_place { std::hint::black_box(self.wide.as_mut()) } else { copy.as_mut() };
        for (wide, narrow) in wide.iter_mut().zip(lanes.as_mut()) {
            *wide = F::widen(*wide, *narrow);
        }
        if self.after > 0 {
            if !in_place {
                self.wide = copy;
            }
            return self.room(self.after, F::ROWS);
        }
        while wide.len() > 1 {
            let (first, second) = wide.split_at_mut(wide.len() / 2);
            for (sum, more) in first.iter_mut().zip(second) {
                *sum = F::join(*sum, *more);
            }
            wide = first;
        }
        self.rows.extend(wide.first().copied());
        self.wide = F::WIDE_LANES;
        self.room(self.len, F::ROWS)
    }

    /// Adds numbers that may belong to several rows. Returns the lanes and their room.
    fn add_across_rows(
        &mut self,
        mut lanes: F::Lanes,
        mut room: usize,
        mut numbers: &[u8],
    ) -> (F::Lanes, usize) {
        while !numbers.is_empty() {
            let len = room.saturating_mul(F::SIZE).min(numbers.len());
            let (first, rest) = numbers.split_at(len);
            F::add(lanes.as_mut(), first);
            numbers = rest;
            room = room.wrapping_sub(len.checked_div(F::SIZE).unwrap_or(0));
            if room == 0 {
                room = self.flush(lanes);
                lanes = F::LANES;
            } else {
                // The start of a row, which is the first that its lanes add.
                room = self.room(room.wrapping_add(self.after), F::ROWS.wrapping_sub(1));
            }
        }
        (lanes, room)
    }

    /// Takes a copy of the block, which otherwise stays in registers.
    #[inline(never)]
    fn add_block_across_rows(
        &mut self,
        lanes: F::Lanes,
        room: usize,
        block: [u8; BLOCK_LEN],
    ) -> (F::Lanes, usize) {
        self.add_across_rows(lanes, room, &block)
    }
}

/// Reduces contiguous rows to a number each, in as many lanes as a block has numbers. The address of the
/// lanes is never taken, so that they stay in registers.
pub(super) struct Rows<'a, F: ColumnFold> {
    lanes: F::Lanes,
    /// The numbers that can be added before the lanes are flushed: at most those missing in the row.
    room: usize,
    done: &'a mut Done<F>,
}

impl<F: ColumnFold> Rows<'_, F> {
    /// A copy, which is all that other functions see. These are changed, so that no copy is saved.
    #[inline(always)]
    fn take_lanes(&mut self) -> F::Lanes {
        std::mem::replace(&mut self.lanes, F::LANES)
    }
}

impl<F: ColumnFold> Kernel for Rows<'_, F> {
    #[inline(always)]
    fn block(&mut self, block: &[u8; BLOCK_LEN]) {
        let len = const { BLOCK_LEN / F::SIZE };
        if self.room < len {
            let lanes = self.take_lanes();
            (self.lanes, self.room) = self.done.add_block_across_rows(lanes, self.room, *block);
            return;
        }
        F::add_block(&mut self.lanes, block);
        self.room = self.room.wrapping_sub(len);
        if self.room == 0 {
            let lanes = self.take_lanes();
            self.room = self.done.flush(lanes);
        }
    }

    #[inline(always)]
    fn rest(&mut self, rest: &[u8]) {
        let lanes = self.take_lanes();
        (self.lanes, self.room) = self.done.add_across_rows(lanes, self.room, rest);
    }
}

/// Reduces a row of fewer numbers than a block.
pub(super) fn fold_short_row<F: ColumnFold>(row: &[u8]) -> F::Wide {
    let mut lanes = [F::NARROW; 4];
    for numbers in row.chunks(const { 4 * F::SIZE }) {
        F::add(&mut lanes, numbers);
    }
    let used = row.len().checked_div(F::SIZE).unwrap_or(0);
    lanes.iter().take(used).fold(F::WIDE, |wide, narrow| F::widen(wide, *narrow))
}

/// Defines a [`ColumnFold`] for numbers of one type.
macro_rules! column_fold {
    ($name:ident of $number:ty as $same:ty, always; $start:expr; $add:expr) => {
        column_fold! { $name of $number as $same, 0xffff_ffff, then $same; $start, $start; $add; $add; $add }
    };
    (
        $name:ident of $repr:ty as $narrow:ty, $rows:literal, then $wide:ty;
        $start:expr, $wide_start:expr; $add:expr; $widen:expr; $join:expr
    ) => {
        #[derive(Debug)]
        #[expect(unnameable_types, reason = "only the sealed traits use it")]
        pub struct $name;

        impl ColumnFold for $name {
            type Narrow = $narrow;
            type Wide = $wide;
            type Lanes = [$narrow; BLOCK_LEN / size_of::<$repr>()];
            const LANES: Self::Lanes = [$start; BLOCK_LEN / size_of::<$repr>()];
            type WideLanes = [$wide; BLOCK_LEN / size_of::<$repr>()];
            const WIDE_LANES: Self::WideLanes = [$wide_start; BLOCK_LEN / size_of::<$repr>()];
            const SIZE: usize = size_of::<$repr>();
            const ROWS: usize = $rows;
            const NARROW: $narrow = $start;
            const WIDE: $wide = $wide_start;

            #[inline(always)]
            fn add(columns: &mut [$narrow], numbers: &[u8]) {
                let (numbers, _) = numbers.as_chunks::<{ size_of::<$repr>() }>();
                let add: fn($narrow, $repr) -> $narrow = $add;
                for (column, number) in columns.iter_mut().zip(numbers) {
                    *column = add(*column, zerocopy::transmute!(*number));
                }
            }

            #[inline(always)]
            fn lanes(columns: &mut [$narrow]) -> Option<&mut Self::Lanes> {
                columns.first_chunk_mut()
            }

            #[inline(always)]
            fn add_block(lanes: &mut Self::Lanes, block: &[u8; BLOCK_LEN]) {
                let add: fn($narrow, $repr) -> $narrow = $add;
                if size_of::<$repr>() <= 2 {
                    // Loops over many small numbers are only vectorized over memory.
                    return Self::add(lanes, std::hint::black_box(block));
                }
                #[allow(clippy::useless_transmute, reason = "numbers may be bytes")]
                let numbers: [$repr; BLOCK_LEN / size_of::<$repr>()] = zerocopy::transmute!(*block);
                // A copy, so that the stores are not conditional.
                let mut sums = *lanes;
                for (sum, number) in sums.iter_mut().zip(numbers) {
                    *sum = add(*sum, number);
                }
                *lanes = sums;
            }

            #[inline(always)]
            fn widen(wide: $wide, narrow: $narrow) -> $wide {
                let widen: fn($wide, $narrow) -> $wide = $widen;
                widen(wide, narrow)
            }

            #[inline(always)]
            fn join(a: $wide, b: $wide) -> $wide {
                let join: fn($wide, $wide) -> $wide = $join;
                join(a, b)
            }
        }
    };
}

pub(super) use column_fold;
