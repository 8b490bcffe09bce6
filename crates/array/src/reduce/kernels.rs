//! Kernels: plain loops over lanes, which the compiler keeps in registers of the calling loop.

use memmap_core::{BLOCK_LEN, Kernel};

use super::pairwise::{Pairwise, add_up};

/// A number in memory. A block has `N` of them.
pub(super) trait Lane<const N: usize>: Copy {
    /// The numbers of a block.
    fn all(block: &[u8; BLOCK_LEN]) -> [Self; N];

    /// The first number in the bytes.
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

/// The numbers of a partial block.
#[inline(always)]
fn numbers<const N: usize, T: Lane<N>>(rest: &[u8]) -> impl Iterator<Item = T> {
    rest.chunks_exact(size_of::<T>()).map(T::first)
}

/// Applies a step to each number, in the lane of its position in the block. For numbers of 4 and 8 bytes:
/// a block of those has few enough lanes for registers.
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

/// Applies a step to each block. For numbers of 1 and 2 bytes: a block has too many of them for lanes in
/// registers, so the block is copied to memory, where the compiler vectorizes loops.
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

/// Minimum, maximum and the presence of NaN, in lanes.
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
    /// `is_nan` returns nonzero bits if either number is NaN: the processor compares two at a time.
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
        // Unused lanes of the second half take no registers.
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

/// Adds floats in lanes for a round, at most 32 in sequence, and the rounds as a tree of `f64`.
#[derive(Debug)]
pub(super) struct FloatSum<'a, T, const N: usize> {
    lanes: [T; N],
    tree: &'a mut Pairwise<N>,
}

/// The floats that [`FloatSum`] adds.
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

    /// Adds the remaining lanes to the tree.
    pub(super) fn finish(mut self) {
        self.round();
    }
}

/// The sums of even and odd lanes: the parts of complex numbers.
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
        // A copy, so that the lanes have no address and stay in registers.
        let lanes = self.lanes;
        self.lanes = [T::default(); N];
        self.tree.add(&lanes);
    }
}
