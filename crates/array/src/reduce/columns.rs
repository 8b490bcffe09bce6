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

    /// Adds a number to each accumulator.
    fn add(columns: &mut [Self::Narrow], numbers: &[u8]);

    /// Adds the numbers of a block to as many accumulators, unless there are fewer.
    fn add_block(columns: &mut [Self::Narrow], block: &[u8; BLOCK_LEN]) -> bool;

    /// Merges a narrow accumulator into a wide one.
    fn widen(wide: Self::Wide, narrow: Self::Narrow) -> Self::Wide;

    /// Merges two wide accumulators.
    fn join(a: Self::Wide, b: Self::Wide) -> Self::Wide;
}

/// The accumulators of some columns.
pub(super) struct Columns<F: ColumnFold> {
    narrow: Vec<F::Narrow>,
    wide: Vec<F::Wide>,
    /// The next column.
    at: usize,
    /// The rows in the narrow accumulators.
    rows: usize,
}

impl<F: ColumnFold> Columns<F> {
    pub(super) fn new(width: usize) -> Self {
        Self { narrow: vec![F::NARROW; width], wide: vec![F::WIDE; width], at: 0, rows: 0 }
    }

    /// Joins the accumulators into one for each of `width` columns.
    pub(super) fn finish(mut self, width: usize) -> Vec<F::Wide> {
        self.flush();
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

    #[inline(never)]
    fn flush(&mut self) {
        for (wide, narrow) in self.wide.iter_mut().zip(&mut self.narrow) {
            *wide = F::widen(*wide, *narrow);
            *narrow = F::NARROW;
        }
        self.rows = 0;
    }

    #[inline(always)]
    fn end_row(&mut self) {
        self.at = 0;
        self.rows = self.rows.wrapping_add(1);
        if self.rows >= F::ROWS {
            self.flush();
        }
    }

    /// Takes a copy of the block, which otherwise stays in registers.
    #[inline(never)]
    fn add_block_across_rows(&mut self, block: [u8; BLOCK_LEN]) {
        self.add_across_rows(&block);
    }

    /// Adds numbers that may belong to several rows.
    fn add_across_rows(&mut self, mut numbers: &[u8]) {
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
    }
}

impl<F: ColumnFold> Kernel for Columns<F> {
    #[inline(always)]
    fn block(&mut self, block: &[u8; BLOCK_LEN]) {
        let columns = self.narrow.get_mut(self.at..).unwrap_or_default();
        if !F::add_block(columns, block) {
            return self.add_block_across_rows(*block);
        }
        self.at = self.at.wrapping_add(const { BLOCK_LEN / F::SIZE });
        if self.at == self.narrow.len() {
            self.end_row();
        }
    }

    #[inline(always)]
    fn rest(&mut self, rest: &[u8]) {
        self.add_across_rows(rest);
    }
}

/// Reduces contiguous rows to a number each, in as many lanes as a block has numbers.
pub(super) struct Rows<F: ColumnFold> {
    lanes: Columns<F>,
    /// The numbers of a row.
    len: usize,
    /// The missing numbers of the current row.
    left: usize,
    done: Vec<F::Wide>,
}

impl<F: ColumnFold> Rows<F> {
    /// For `count` rows of `len` numbers.
    pub(super) fn new(len: usize, count: usize) -> Self {
        let lanes = Columns::new(const { BLOCK_LEN / F::SIZE });
        Self { lanes, len, left: len, done: Vec::with_capacity(count) }
    }

    pub(super) fn finish(self) -> Vec<F::Wide> {
        self.done
    }

    #[inline(never)]
    fn end_row(&mut self) {
        if self.lanes.rows > 0 {
            self.lanes.flush();
        }
        let mut wide = self.lanes.wide.as_mut_slice();
        while wide.len() > 1 {
            let (first, second) = wide.split_at_mut(wide.len() / 2);
            for (sum, more) in first.iter_mut().zip(second) {
                *sum = F::join(*sum, *more);
            }
            wide = first;
        }
        self.done.extend(wide.first().copied());
        self.lanes.wide.fill(F::WIDE);
        self.left = self.len;
    }

    /// Takes a copy of the block, which otherwise stays in registers.
    #[inline(never)]
    fn add_block_across_rows(&mut self, block: [u8; BLOCK_LEN]) {
        self.add_across_rows(&block);
    }

    fn add_across_rows(&mut self, mut numbers: &[u8]) {
        while !numbers.is_empty() {
            let len = self.left.saturating_mul(F::SIZE).min(numbers.len());
            let (first, rest) = numbers.split_at(len);
            F::add(&mut self.lanes.narrow, first);
            self.lanes.end_row();
            numbers = rest;
            self.left = self.left.wrapping_sub(len.checked_div(F::SIZE).unwrap_or(0));
            if self.left == 0 {
                self.end_row();
            }
        }
    }
}

impl<F: ColumnFold> Kernel for Rows<F> {
    #[inline(always)]
    fn block(&mut self, block: &[u8; BLOCK_LEN]) {
        let lanes = const { BLOCK_LEN / F::SIZE };
        if self.left < lanes || !F::add_block(&mut self.lanes.narrow, block) {
            return self.add_block_across_rows(*block);
        }
        self.lanes.end_row();
        self.left = self.left.wrapping_sub(lanes);
        if self.left == 0 {
            self.end_row();
        }
    }

    #[inline(always)]
    fn rest(&mut self, rest: &[u8]) {
        self.add_across_rows(rest);
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
            fn add_block(columns: &mut [$narrow], block: &[u8; BLOCK_LEN]) -> bool {
                const LANES: usize = BLOCK_LEN / size_of::<$repr>();
                let Some(columns) = columns.first_chunk_mut::<LANES>() else { return false };
                let add: fn($narrow, $repr) -> $narrow = $add;
                if size_of::<$repr>() <= 2 {
                    // Loops over many small numbers are only vectorized over memory.
                    Self::add(columns, std::hint::black_box(block));
                    return true;
                }
                #[allow(clippy::useless_transmute, reason = "numbers may be bytes")]
                let numbers: [$repr; LANES] = zerocopy::transmute!(*block);
                // A copy, so that the stores are not conditional.
                let mut sums = *columns;
                for (sum, number) in sums.iter_mut().zip(numbers) {
                    *sum = add(*sum, number);
                }
                *columns = sums;
                true
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
