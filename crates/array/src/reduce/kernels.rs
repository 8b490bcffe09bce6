//! What is done to each block of numbers: plain loops over lanes, which the compiler keeps in the
//! registers of the loop that they are put into.

use memmap_core::{BLOCK_LEN, Kernel};

use super::pairwise::{Pairwise, add_up};

/// A number as it lies in memory, of which a block has `N`.
pub(super) trait Lane<const N: usize>: Copy {
    /// Those of a block.
    fn all(block: &[u8; BLOCK_LEN]) -> [Self; N];

    /// The first of some bytes.
    fn first(bytes: &[u8]) -> Self;
}

macro_rules! lanes {
    ($($type:ty)+) => {
        $(
            impl Lane<{ BLOCK_LEN / size_of::<$type>() }> for $type {
                #[inline(always)]
                fn all(block: &[u8; BLOCK_LEN]) -> [Self; BLOCK_LEN / size_of::<Self>()] {
                    zerocopy::transmute!(*block)
                }

                #[inline(always)]
                fn first(bytes: &[u8]) -> Self {
                    bytes.first_chunk().map_or(Self::default(), |bytes| Self::from_ne_bytes(*bytes))
                }
            }
        )+
    };
}

lanes!(i32 i64 u32 u64 f32 f64);

/// The numbers of less than a block.
#[inline(always)]
fn numbers<const N: usize, T: Lane<N>>(rest: &[u8]) -> impl Iterator<Item = T> {
    rest.chunks_exact(size_of::<T>()).map(T::first)
}

/// Does the same to each number, the n-th of a block in the n-th lane: for numbers of 4 and 8 bytes, of
/// which a block has no more than the compiler keeps apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Each<T, A, const N: usize, F> {
    pub(super) lanes: [A; N],
    step: F,
    number: std::marker::PhantomData<fn(T)>,
}

impl<T: Lane<N>, A: Copy, const N: usize, F: Fn(&mut A, T)> Each<T, A, N, F> {
    pub(super) const fn new(start: A, step: F) -> Self {
        Self { lanes: [start; N], step, number: std::marker::PhantomData }
    }
}

impl<T: Lane<N>, A: Copy, const N: usize, F: Fn(&mut A, T)> Kernel for Each<T, A, N, F> {
    #[inline(always)]
    fn block(&mut self, block: &[u8; BLOCK_LEN]) {
        for (lane, number) in self.lanes.iter_mut().zip(T::all(block)) {
            (self.step)(lane, number);
        }
    }

    #[inline(always)]
    fn rest(&mut self, rest: &[u8]) {
        for (lane, number) in self.lanes.iter_mut().zip(numbers(rest)) {
            (self.step)(lane, number);
        }
    }
}

/// Does the same to each block of numbers of 1 and 2 bytes: a block has more of them than the compiler
/// keeps apart in registers, so they go through memory, from where loops are made wide.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blocks<A, F> {
    pub(super) state: A,
    step: F,
}

impl<A, F: Fn(&mut A, &[u8])> Blocks<A, F> {
    pub(super) const fn new(state: A, step: F) -> Self {
        Self { state, step }
    }
}

impl<A, F: Fn(&mut A, &[u8])> Kernel for Blocks<A, F> {
    #[inline(always)]
    fn block(&mut self, block: &[u8; BLOCK_LEN]) {
        (self.step)(&mut self.state, std::hint::black_box(&block[..]));
    }

    #[inline(always)]
    fn rest(&mut self, rest: &[u8]) {
        (self.step)(&mut self.state, rest);
    }
}

/// The least and the greatest, in lanes of their own, and whether a number is not one.
#[derive(Debug, Clone, Copy)]
pub(super) struct MinMax<T, B, const N: usize, F> {
    pub(super) least: [T; N],
    pub(super) greatest: [T; N],
    pub(super) nan: [B; N],
    is_nan: F,
}

impl<T, B, const N: usize, F> MinMax<T, B, N, F>
where
    T: Lane<N> + PartialOrd,
    B: Copy + Default + std::ops::BitOrAssign,
    F: Fn(T, T) -> B,
{
    /// `is_nan` answers with bits, of which one is set if one of two is not a number: the processor
    /// asks that of two at a time.
    pub(super) fn new(highest: T, lowest: T, is_nan: F) -> Self {
        Self { least: [highest; N], greatest: [lowest; N], nan: [B::default(); N], is_nan }
    }

    #[inline(always)]
    fn compare(&mut self, numbers: impl Iterator<Item = T>) {
        for ((least, greatest), number) in
            self.least.iter_mut().zip(&mut self.greatest).zip(numbers)
        {
            *least = if number < *least { number } else { *least };
            *greatest = if number > *greatest { number } else { *greatest };
        }
    }
}

impl<T, B, const N: usize, F> Kernel for MinMax<T, B, N, F>
where
    T: Lane<N> + PartialOrd,
    B: Copy + Default + std::ops::BitOrAssign,
    F: Fn(T, T) -> B,
{
    #[inline(always)]
    fn block(&mut self, block: &[u8; BLOCK_LEN]) {
        let all = T::all(block);
        self.compare(all.into_iter());
        // The lanes of the second half stay as they are, and take no registers.
        let (first, second) = all.split_at(N / 2);
        for ((nan, &a), &b) in self.nan.iter_mut().zip(first).zip(second) {
            *nan |= (self.is_nan)(a, b);
        }
    }

    #[inline(always)]
    fn rest(&mut self, rest: &[u8]) {
        self.compare(numbers(rest));
        for (nan, number) in self.nan.iter_mut().zip(numbers(rest)) {
            *nan |= (self.is_nan)(number, number);
        }
    }
}

/// Adds floats: in lanes for a round, so 32 in a row at most, and the rounds as a tree, in eight bytes.
#[derive(Debug)]
pub(super) struct FloatSum<'a, T, const N: usize> {
    lanes: [T; N],
    tree: &'a mut Pairwise<N>,
}

/// What [`FloatSum`] adds.
pub(super) trait Float<const N: usize>:
    Lane<N> + Default + Into<f64> + std::ops::AddAssign
{
}

impl Float<32> for f32 {}
impl Float<16> for f64 {}

impl<'a, T: Float<N>, const N: usize> FloatSum<'a, T, N> {
    pub(super) fn new(tree: &'a mut Pairwise<N>) -> Self {
        Self { lanes: [T::default(); N], tree }
    }

    /// Adds what is in the lanes still.
    pub(super) fn finish(mut self) {
        self.round();
    }
}

/// The sums of the lanes at even places, and at odd ones: for complex numbers they are parts.
pub(super) fn even_and_odd<const N: usize>(tree: &Pairwise<N>) -> (f64, f64) {
    let totals = tree.totals();
    let pairs = totals.as_chunks::<2>().0;
    (add_up(pairs.iter().map(|[even, _]| *even)), add_up(pairs.iter().map(|[_, odd]| *odd)))
}

impl<T: Float<N>, const N: usize> Kernel for FloatSum<'_, T, N> {
    #[inline(always)]
    fn block(&mut self, block: &[u8; BLOCK_LEN]) {
        for (lane, number) in self.lanes.iter_mut().zip(T::all(block)) {
            *lane += number;
        }
    }

    #[inline(always)]
    fn rest(&mut self, rest: &[u8]) {
        for (lane, number) in self.lanes.iter_mut().zip(numbers(rest)) {
            *lane += number;
        }
    }

    #[inline(always)]
    fn round(&mut self) {
        // A copy, so that nobody has the address of the lanes, which then stay in registers.
        let lanes = self.lanes;
        self.lanes = [T::default(); N];
        self.tree.add(&lanes);
    }
}
