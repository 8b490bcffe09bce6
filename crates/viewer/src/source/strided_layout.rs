//! Layout of an array in a file. Pure arithmetic, without reading.

use memmap::array::npy::Header;
use memmap::array::{DType, DTypeKind, ErrorKind, Field, Order, Result};
use memmap::widen;

/// Elements with a constant stride in each dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StridedLayout {
    /// Type of an element; never a sub-array.
    pub(crate) dtype: DType,
    /// Length of each dimension.
    pub(crate) shape: Vec<usize>,
    /// Stride of each dimension, in bytes.
    pub(crate) strides: Vec<u64>,
    /// Offset of the first element.
    pub(crate) start: u64,
}

impl StridedLayout {
    /// The layout of an array whose header is at this offset.
    pub(crate) fn described(header: &Header, header_at: u64) -> Result<Self> {
        let start = header_at.saturating_add(widen(header.data_start()));
        Self::new(header.dtype(), header.shape(), header.order(), None, start)
    }

    /// The layout of elements from an offset on. If `dtype` is a sub-array, its dimensions come
    /// last. `stride` is the distance between elements in bytes, if they are not contiguous.
    ///
    /// Fails unless every element's offset fits in a `u64`.
    pub(crate) fn new(
        dtype: &DType,
        shape: &[usize],
        order: Order,
        stride: Option<u64>,
        start: u64,
    ) -> Result<Self> {
        let (itemsize, mut inner, mut base) = (dtype.itemsize(), Vec::new(), dtype.clone());
        while let DTypeKind::SubArray { base: within, shape } = base.kind() {
            inner.extend_from_slice(shape);
            base = DType::clone(within);
        }
        let too_large = || {
            let shape = [shape, &inner].concat();
            memmap::array::Error::new(ErrorKind::ArrayTooLarge { shape, itemsize })
        };
        let (outer_step, strides) = match stride {
            Some(stride) => {
                let inside = steps(&inner, Order::C, widen(base.itemsize()));
                let outside = steps(shape, order, stride);
                (stride, outside.zip(inside).map(|(outside, inside)| [outside, inside].concat()))
            }
            None => {
                (widen(itemsize), steps(&[shape, &inner].concat(), order, widen(base.itemsize())))
            }
        };
        let strides = strides.ok_or_else(too_large)?;
        let grid = Self { dtype: base, shape: [shape, &inner].concat(), strides, start };
        if stride.is_some() && outer_step < widen(itemsize) {
            let stride = usize::try_from(outer_step).unwrap_or(usize::MAX);
            return Err(ErrorKind::StrideTooShort { stride, itemsize }.into());
        }
        let fits = grid.count_checked().is_some() && grid.end_checked().is_some();
        if fits { Ok(grid) } else { Err(too_large()) }
    }

    /// The same layout, with offsets relative to the end of a skipped prefix.
    pub(crate) fn behind(mut self, skipped: u64) -> Self {
        self.start = self.start.saturating_add(skipped);
        self
    }

    fn count_checked(&self) -> Option<u64> {
        self.shape.iter().try_fold(1_u64, |count, &len| count.checked_mul(widen(len)))
    }

    fn end_checked(&self) -> Option<u64> {
        let ends = self.shape.iter().zip(&self.strides);
        let last = ends.map(|(&len, stride)| stride.checked_mul(widen(len.saturating_sub(1))));
        let first_end = self.start.checked_add(widen(self.dtype.itemsize()))?;
        last.into_iter().try_fold(first_end, |end, last| end.checked_add(last?))
    }

    /// Number of elements.
    pub(crate) fn count(&self) -> u64 {
        self.count_checked().unwrap_or(0)
    }

    /// End of the last element.
    pub(crate) fn end(&self) -> u64 {
        if self.count() == 0 { self.start } else { self.end_checked().unwrap_or(u64::MAX) }
    }

    /// Elements per line: the length of the last dimension, or 1 if there is no other dimension.
    pub(crate) fn line_len(&self) -> u64 {
        match self.shape[..] {
            [.., _, last] => widen(last),
            _ => 1,
        }
    }

    /// Distance between the elements of a line, in bytes.
    pub(crate) fn step(&self) -> u64 {
        match self.strides[..] {
            [.., _, last] => last,
            _ => widen(self.dtype.itemsize()),
        }
    }

    /// Whether the lines are in file order.
    pub(crate) fn is_in_order(&self) -> bool {
        self.strides.is_sorted_by(|before, behind| before >= behind)
    }

    /// The dimensions by descending stride.
    pub(crate) fn descending(&self) -> Vec<usize> {
        let mut axes: Vec<usize> = (0..self.shape.len()).collect();
        // If strides are equal, all but one of the dimensions have length 1.
        axes.sort_by_key(|&axis| std::cmp::Reverse((self.strides[axis], self.shape[axis])));
        axes
    }

    /// The fields of an element that are not empty; none if it is not a structure.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field> {
        let fields = self.dtype.fields().into_iter().flatten();
        fields.filter(|field| field.dtype().itemsize() > 0)
    }

    /// Offset of the first element of a line, and its indices except that of the last dimension.
    pub(crate) fn line(&self, number: u64) -> (u64, Vec<u64>) {
        let outer = self.shape.len().saturating_sub(1).max(1).min(self.shape.len());
        let (mut rest, mut at) = (number, self.start);
        let mut indices = vec![0; outer];
        for axis in (0..outer).rev() {
            let len = widen(self.shape[axis]).max(1);
            indices[axis] = rest % len;
            at += self.strides[axis] * indices[axis];
            rest /= len;
        }
        (at, indices)
    }

    /// The indices of an element by its number in index order, where the last dimension varies
    /// fastest.
    pub(crate) fn indices(&self, number: u64) -> Vec<u64> {
        let mut rest = number;
        let mut indices = vec![0; self.shape.len()];
        for (index, &len) in indices.iter_mut().zip(&self.shape).rev() {
            let len = widen(len).max(1);
            *index = rest % len;
            rest /= len;
        }
        indices
    }

    /// The number of the element at these indices: the inverse of [`indices`](Self::indices).
    pub(crate) fn number(&self, indices: impl IntoIterator<Item = u64>) -> u64 {
        let add = |number: u64, (index, &len): (u64, &usize)| {
            number.saturating_mul(widen(len)).saturating_add(index)
        };
        indices.into_iter().zip(&self.shape).fold(0, add)
    }

    /// Offset of an element, by its number.
    pub(crate) fn position(&self, number: u64) -> u64 {
        let mut rest = number;
        let mut at = self.start;
        for (&len, stride) in self.shape.iter().zip(&self.strides).rev() {
            let len = widen(len).max(1);
            at = at.saturating_add(stride.saturating_mul(rest % len));
            rest /= len;
        }
        at
    }
}

/// The stride of each dimension in bytes; `None` on overflow.
fn steps(shape: &[usize], order: Order, step: u64) -> Option<Vec<u64>> {
    let mut steps = vec![0; shape.len()];
    let mut next = Some(step);
    let mut set = |axis: usize| {
        if let Some(step) = next {
            steps[axis] = step;
        }
        // As in numpy, an overflow is an error even if another dimension has length 0.
        next = next.and_then(|step| step.checked_mul(widen(shape[axis].max(1))));
        next = next.filter(|&step| step <= u64::MAX >> 1);
    };
    match order {
        Order::Fortran => (0..shape.len()).for_each(&mut set),
        _ => (0..shape.len()).rev().for_each(&mut set),
    }
    next.map(|_| steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(
        dtype: &str,
        shape: &[usize],
        order: Order,
        stride: Option<u64>,
    ) -> Result<StridedLayout> {
        StridedLayout::new(&dtype.parse().unwrap(), shape, order, stride, 100)
    }

    fn offsets(grid: &StridedLayout) -> Vec<u64> {
        let lines = grid.count().checked_div(grid.line_len()).unwrap_or(0);
        let line = |number| {
            (0..grid.line_len()).map(move |index| grid.line(number).0 + index * grid.step())
        };
        (0..lines).flat_map(line).collect()
    }

    #[test]
    fn elements_are_where_their_order_and_stride_say() {
        let of = |dtype, shape: &[usize], order, stride| {
            offsets(&grid(dtype, shape, order, stride).unwrap())
        };
        assert_eq!(of("u1", &[], Order::C, None), [100]);
        assert_eq!(of("f4", &[3], Order::C, None), [100, 104, 108]);
        assert_eq!(of("f4", &[3], Order::C, Some(10)), [100, 110, 120]);
        assert_eq!(of("u2", &[2, 3], Order::C, None), [100, 102, 104, 106, 108, 110]);
        assert_eq!(of("u2", &[2, 3], Order::Fortran, None), [100, 104, 108, 102, 106, 110]);
        assert_eq!(of("(2,)u1", &[2], Order::C, Some(5)), [100, 101, 105, 106]);
        assert_eq!(of("u1", &[2, 2, 2], Order::C, None), [100, 101, 102, 103, 104, 105, 106, 107]);
        assert!(of("u1", &[2, 0], Order::C, None).is_empty());
    }

    #[test]
    fn what_no_file_could_hold_is_refused() {
        for (shape, stride) in [(&[usize::MAX, 2][..], None), (&[1 << 40, 1 << 40, 0], None)] {
            let error = grid("u1", shape, Order::C, stride).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::ArrayTooLarge { .. }), "{error}");
        }
        assert!(grid("u1", &[3], Order::C, Some(u64::MAX / 2)).is_err());
        let error = grid("f8", &[3], Order::C, Some(7)).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::StrideTooShort { stride: 7, itemsize: 8 }));
        // Empty elements still need offsets and a count that fits.
        assert!(grid("V0", &[usize::MAX], Order::C, None).is_ok());
        assert!(grid("V0", &[usize::MAX, 2], Order::C, None).is_err());
    }

    #[test]
    fn lines_know_their_indices_and_the_grid_its_end() {
        let it = grid("u1", &[2, 3, 4], Order::C, None).unwrap();
        assert_eq!(it.line(4), (116, vec![1, 1]));
        assert_eq!((it.count(), it.line_len(), it.end()), (24, 4, 124));
        let strided = grid("f4", &[3], Order::C, Some(10)).unwrap();
        assert_eq!((strided.line(2), strided.end()), ((120, vec![2]), 124));
        assert_eq!(grid("f4", &[3, 0], Order::C, None).unwrap().end(), 100);
    }
}
