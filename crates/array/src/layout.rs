use crate::shape::MAX_DIMENSIONS;
use crate::slice::resolve;
use crate::{Error, ErrorKind, Order, Result, Slice};
use memmap_core::widen;

/// Where the elements of an array are: shape, strides and start.
///
/// All elements are within the mapping. Whoever creates a layout checks that; layouts derived from it
/// have a subset of its elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    shape: Vec<usize>,
    strides: Vec<i64>,
    /// Bytes from the start of the mapping to the element at index 0 in each dimension.
    start: u64,
    itemsize: usize,
}

/// The number of bytes of an array, if memory can have that many.
pub(crate) fn byte_count(shape: &[usize], itemsize: usize) -> Result<u64> {
    let too_big = || Error::new(ErrorKind::ArrayTooLarge { shape: shape.to_vec(), itemsize });
    if shape.len() > MAX_DIMENSIONS {
        return Err(Error::new(ErrorKind::TooManyDims { found: shape.len(), max: MAX_DIMENSIONS }));
    }
    // As in numpy, the other dimensions of an empty array must have a product that does not overflow.
    let product = shape
        .iter()
        .filter(|&&len| len > 0)
        .try_fold(1_usize, |product, &len| product.checked_mul(len));
    let bytes = product.and_then(|product| product.checked_mul(itemsize.max(1)));
    if bytes.is_none_or(|bytes| isize::try_from(bytes).is_err()) {
        return Err(too_big());
    }
    let count = if shape.contains(&0) { 0 } else { product.unwrap_or(0) };
    Ok(widen(count).saturating_mul(widen(itemsize)))
}

fn signed(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Layout {
    /// Contiguous elements from `start` on.
    pub(crate) fn new(shape: Vec<usize>, itemsize: usize, order: Order, start: u64) -> Self {
        let mut strides = vec![0; shape.len()];
        let mut stride = signed(itemsize);
        let mut set = |axis: usize| {
            if let (Some(slot), Some(&len)) = (strides.get_mut(axis), shape.get(axis)) {
                *slot = stride;
                stride = stride.saturating_mul(signed(len.max(1)));
            }
        };
        match order {
            Order::C => (0..shape.len()).rev().for_each(&mut set),
            Order::Fortran => (0..shape.len()).for_each(&mut set),
        }
        Self { shape, strides, start, itemsize }
    }

    /// One dimension of `count` elements, `stride` bytes from one to the next.
    pub(crate) fn strided(count: usize, itemsize: usize, stride: usize, start: u64) -> Self {
        Self { shape: vec![count], strides: vec![signed(stride)], start, itemsize }
    }

    pub(crate) fn shape(&self) -> &[usize] {
        &self.shape
    }

    pub(crate) fn strides(&self) -> &[i64] {
        &self.strides
    }

    pub(crate) const fn start(&self) -> u64 {
        self.start
    }

    pub(crate) const fn itemsize(&self) -> usize {
        self.itemsize
    }

    /// The number of elements.
    pub(crate) fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// The position of an element, in bytes from the start of the mapping.
    #[inline]
    pub(crate) fn place(&self, indices: &[usize]) -> Result<u64> {
        if indices.len() != self.shape.len() {
            return Err(self.wrong_dimensions(indices.len()));
        }
        let mut at = self.start;
        for ((&index, &len), &stride) in indices.iter().zip(&self.shape).zip(&self.strides) {
            if index >= len {
                return Err(self.out_of_bounds(indices));
            }
            at = at.wrapping_add_signed(stride.wrapping_mul(signed(index)));
        }
        Ok(at)
    }

    #[cold]
    fn wrong_dimensions(&self, asked: usize) -> Error {
        Error::new(ErrorKind::WrongDimensions { asked, shape: self.shape.clone() })
    }

    #[cold]
    fn out_of_bounds(&self, indices: &[usize]) -> Error {
        let wrong =
            indices.iter().zip(&self.shape).enumerate().find(|(_, (index, len))| index >= len);
        let (axis, (&index, &len)) = wrong.unwrap_or((0, (&0, &0)));
        Error::new(ErrorKind::IndexOutOfBounds { axis, index: signed(index), len })
    }

    /// The same memory with another shape, strides and start, `by` bytes from this start.
    fn moved(&self, shape: Vec<usize>, strides: Vec<i64>, by: i64) -> Self {
        // An empty array keeps its start, since the other one may be outside the mapping.
        let start =
            if shape.contains(&0) { self.start } else { self.start.wrapping_add_signed(by) };
        Self { shape, strides, start, itemsize: self.itemsize }
    }

    /// A part, with a slice for each of the first dimensions.
    pub(crate) fn slice(&self, slices: &[Slice]) -> Result<Self> {
        if slices.len() > self.shape.len() {
            return Err(self.wrong_dimensions(slices.len()));
        }
        let (mut shape, mut strides, mut by) = (Vec::new(), Vec::new(), 0_i64);
        let all = slices.iter().copied().chain(std::iter::repeat(Slice::ALL));
        for ((axis, (&len, &stride)), slice) in
            self.shape.iter().zip(&self.strides).enumerate().zip(all)
        {
            match slice {
                Slice::At(index) => {
                    let real = if index < 0 { index.saturating_add(signed(len)) } else { index };
                    if !(0..signed(len)).contains(&real) {
                        return Err(Error::new(ErrorKind::IndexOutOfBounds { axis, index, len }));
                    }
                    by = by.wrapping_add(stride.wrapping_mul(real));
                }
                Slice::Range { step: 0, .. } => {
                    return Err(Error::new(ErrorKind::NotASlice { text: slice.to_string() }));
                }
                Slice::Range { start, stop, step } => {
                    let (first, count) = resolve(start, stop, step, len);
                    shape.push(count);
                    strides.push(stride.saturating_mul(step));
                    by = by.wrapping_add(stride.wrapping_mul(first));
                }
            }
        }
        Ok(self.moved(shape, strides, by))
    }

    /// A part of each element: a C-order array of `inner` shape, `offset` bytes from the start of the
    /// element, whose elements have `itemsize` bytes.
    pub(crate) fn part(&self, offset: usize, inner: &[usize], itemsize: usize) -> Result<Self> {
        let dimensions = self.shape.len().saturating_add(inner.len());
        if dimensions > MAX_DIMENSIONS {
            let kind = ErrorKind::TooManyDims { found: dimensions, max: MAX_DIMENSIONS };
            return Err(Error::new(kind));
        }
        let inside = Self::new(inner.to_vec(), itemsize, Order::C, 0);
        Ok(Self {
            shape: [self.shape(), inner].concat(),
            strides: [self.strides(), inside.strides()].concat(),
            start: self.start.saturating_add(widen(offset)),
            itemsize,
        })
    }

    /// The dimensions reversed.
    pub(crate) fn transposed(&self) -> Self {
        let mut reversed = self.clone();
        reversed.shape.reverse();
        reversed.strides.reverse();
        reversed
    }

    /// The dimensions in this order.
    pub(crate) fn permuted(&self, axes: &[usize]) -> Result<Self> {
        let mut sorted = axes.to_vec();
        sorted.sort_unstable();
        if !sorted.into_iter().eq(0..self.shape.len()) {
            return Err(Error::new(ErrorKind::NotAnOrderOfAxes {
                asked: axes.to_vec(),
                dimensions: self.shape.len(),
            }));
        }
        let pick =
            |axis: &usize| (self.shape.get(*axis).copied(), self.strides.get(*axis).copied());
        let (shape, strides): (Vec<_>, Vec<_>) = axes.iter().map(pick).unzip();
        Ok(Self {
            shape: shape.into_iter().flatten().collect(),
            strides: strides.into_iter().flatten().collect(),
            start: self.start,
            itemsize: self.itemsize,
        })
    }

    /// The same elements in the same C order, in another shape; an error if that requires a copy.
    pub(crate) fn reshaped(&self, shape: Vec<usize>) -> Result<Self> {
        let refuse = |kind| Err(Error::new(kind));
        let wanted = byte_count(&shape, self.itemsize)?;
        if wanted != widen(self.count()).saturating_mul(widen(self.itemsize))
            || shape.iter().product::<usize>() != self.count()
        {
            return refuse(ErrorKind::ShapeDiffers { asked: shape, found: self.shape.clone() });
        }
        if self.count() == 0 {
            return Ok(Self::new(shape, self.itemsize, Order::C, self.start));
        }
        // Each new dimension is a divisor of one of the merged dimensions.
        let merged = self.merged();
        let (mut strides, mut whole) = (vec![0; shape.len()], merged.iter().rev());
        let (mut left, mut stride) = (1_usize, signed(self.itemsize));
        for (&len, slot) in shape.iter().zip(&mut strides).rev() {
            if len == 1 {
                *slot = stride;
                continue;
            }
            if left == 1 {
                match whole.next() {
                    Some(&(count, step)) => (left, stride) = (count, step),
                    None => {
                        return refuse(ErrorKind::NotContiguous {
                            doing: "reshaped without a copy",
                        });
                    }
                }
            }
            if left.checked_rem(len) != Some(0) {
                return refuse(ErrorKind::NotContiguous { doing: "reshaped without a copy" });
            }
            *slot = stride;
            stride = stride.saturating_mul(signed(len));
            left = left.checked_div(len).unwrap_or(1);
        }
        Ok(Self { shape, strides, start: self.start, itemsize: self.itemsize })
    }

    /// The dimensions as lengths and strides, without those of length 1, and with adjacent dimensions
    /// combined where a single stride covers both.
    pub(crate) fn merged(&self) -> Vec<(usize, i64)> {
        let mut merged: Vec<(usize, i64)> = Vec::new();
        for (&len, &stride) in self.shape.iter().zip(&self.strides).filter(|&(&len, _)| len != 1) {
            match merged.last_mut() {
                Some((count, step)) if *step == stride.saturating_mul(signed(len)) => {
                    (*count, *step) = (count.saturating_mul(len), stride);
                }
                _ => merged.push((len, stride)),
            }
        }
        merged
    }

    /// Whether the elements are stored in this order without gaps.
    pub(crate) fn is_contiguous(&self, order: Order) -> bool {
        if self.count() == 0 {
            return true;
        }
        let reversed = match order {
            Order::C => self.merged(),
            Order::Fortran => self.transposed().merged(),
        };
        match reversed[..] {
            [] => true,
            [(_, stride)] => stride == signed(self.itemsize),
            _ => false,
        }
    }

    /// The first byte of any element, and the number of bytes from there to the last byte of any.
    pub(crate) fn span(&self) -> (u64, u64) {
        if self.count() == 0 {
            return (self.start, 0);
        }
        let (mut before, mut behind) = (0_i64, 0_i64);
        for (&len, &stride) in self.shape.iter().zip(&self.strides) {
            let reach = stride.saturating_mul(signed(len).saturating_sub(1));
            if reach < 0 {
                before = before.saturating_add(reach);
            } else {
                behind = behind.saturating_add(reach);
            }
        }
        let len = behind.saturating_sub(before).saturating_add(signed(self.itemsize));
        (self.start.wrapping_add_signed(before), len.unsigned_abs())
    }

    /// The runs of elements from the `first` one on, in C order of the indices.
    pub(crate) fn runs(&self, first: usize) -> Runs {
        Runs {
            dimensions: self.merged(),
            start: self.start,
            next: first,
            count: self.count(),
            itemsize: self.itemsize,
        }
    }
}

/// Elements with one stride.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    /// Bytes from the start of the mapping to the first element.
    pub(crate) at: u64,
    pub(crate) count: usize,
    /// Bytes from one element to the next.
    pub(crate) stride: i64,
}

/// An iterator over the runs of a layout.
#[derive(Debug)]
pub(crate) struct Runs {
    dimensions: Vec<(usize, i64)>,
    start: u64,
    next: usize,
    count: usize,
    itemsize: usize,
}

impl Iterator for Runs {
    type Item = Run;

    fn next(&mut self) -> Option<Run> {
        if self.next >= self.count {
            return None;
        }
        let mut rest = self.next;
        let mut at = self.start;
        let mut run = Run { at, count: 1, stride: signed(self.itemsize) };
        for (axis, &(len, stride)) in self.dimensions.iter().rev().enumerate() {
            let index = rest.checked_rem(len).unwrap_or(0);
            rest = rest.checked_div(len).unwrap_or(0);
            at = at.wrapping_add_signed(stride.wrapping_mul(signed(index)));
            if axis == 0 {
                (run.count, run.stride) = (len.saturating_sub(index), stride);
            }
        }
        run.at = at;
        self.next = self.next.saturating_add(run.count);
        Some(run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_no_bytes_are_counted_as_if_they_had_one() {
        let most = isize::MAX.unsigned_abs();
        assert_eq!(byte_count(&[most], 0).unwrap(), 0);
        assert_eq!(byte_count(&[most, 1, 0], 0).unwrap(), 0);
        for shape in [&[most + 1][..], &[most, 2], &[0, most, 2], &[most / 2, 3]] {
            let error = byte_count(shape, 0).unwrap_err();
            let ErrorKind::ArrayTooLarge { shape: named, itemsize: 0 } = error.kind() else {
                panic!("{error:?}")
            };
            assert_eq!(named, shape);
        }
        assert_eq!(byte_count(&[most / 8], 8).unwrap(), widen(most / 8 * 8));
        byte_count(&[most / 8 + 1], 8).unwrap_err();
    }

    /// Every index of a shape, the last fastest.
    fn indices(shape: &[usize]) -> Vec<Vec<usize>> {
        shape.iter().fold(vec![Vec::new()], |before, &len| {
            before
                .iter()
                .flat_map(|start| {
                    (0..len).map(move |index| start.iter().copied().chain([index]).collect())
                })
                .collect()
        })
    }

    fn walk(layout: &Layout) -> Vec<u64> {
        indices(layout.shape()).iter().map(|at| layout.place(at).unwrap()).collect()
    }

    fn layouts() -> Vec<Layout> {
        let mut layouts = Vec::new();
        for shape in [vec![], vec![5], vec![3, 4], vec![2, 3, 4], vec![1, 3, 1], vec![0, 3]] {
            for order in [Order::C, Order::Fortran] {
                let whole = Layout::new(shape.clone(), 4, order, 100);
                layouts.push(whole.transposed());
                for slices in ["", "::-1", "1:", "::2", "0", "5:5:2", "0:0, ::3"] {
                    let slices = crate::IntoSlices::into_slices(slices).unwrap();
                    layouts.extend(whole.slice(&slices));
                }
                layouts.push(whole);
            }
        }
        layouts
    }

    #[test]
    fn strides_of_both_orders_are_numpys() {
        let shape = vec![2, 3, 4];
        assert_eq!(Layout::new(shape.clone(), 2, Order::C, 0).strides(), [24, 8, 2]);
        assert_eq!(Layout::new(shape, 2, Order::Fortran, 0).strides(), [2, 4, 12]);
    }

    #[test]
    fn runs_visit_the_elements_in_the_order_of_their_indices() {
        for layout in layouts() {
            for first in 0..=layout.count() {
                let visited: Vec<u64> = layout
                    .runs(first)
                    .flat_map(|run| {
                        (0..run.count)
                            .map(move |at| run.at.wrapping_add_signed(run.stride * signed(at)))
                    })
                    .collect();
                assert_eq!(visited, walk(&layout)[first..], "{layout:?} from {first}");
            }
        }
    }

    #[test]
    fn a_span_is_from_the_lowest_byte_to_the_end_of_the_highest() {
        for layout in layouts() {
            let places = walk(&layout);
            let expected = match (places.iter().min(), places.iter().max()) {
                (Some(low), Some(high)) => (*low, high - low + 4),
                _ => (layout.start(), 0),
            };
            assert_eq!(layout.span(), expected, "{layout:?}");
        }
    }

    #[test]
    fn what_is_reshaped_has_the_same_elements_in_the_same_order() {
        let mut reshaped = 0;
        for layout in layouts() {
            for shape in [
                vec![],
                vec![5],
                vec![4, 3],
                vec![12],
                vec![6, 4],
                vec![4, 1, 6],
                vec![3],
                vec![1, 0],
            ] {
                if let Ok(other) = layout.reshaped(shape.clone()) {
                    assert_eq!(other.shape(), shape);
                    assert_eq!(walk(&other), walk(&layout), "{layout:?} as {shape:?}");
                    reshaped += 1;
                } else if layout.is_contiguous(Order::C) {
                    assert_ne!(
                        shape.iter().product::<usize>(),
                        layout.count(),
                        "{layout:?} as {shape:?}"
                    );
                }
            }
        }
        assert!(reshaped > 20);
    }

    #[test]
    fn contiguous_is_what_takes_no_more_bytes_than_it_has_in_that_order() {
        for layout in layouts() {
            for (order, layout_in_order) in
                [(Order::C, layout.clone()), (Order::Fortran, layout.transposed())]
            {
                let follows = walk(&layout_in_order)
                    .windows(2)
                    .all(|pair| pair[0].checked_add(4) == Some(pair[1]));
                assert_eq!(layout.is_contiguous(order), follows, "{layout:?} {order}");
            }
        }
    }

    #[test]
    fn sizes_that_no_memory_has_are_refused_with_their_shape() {
        for shape in [vec![usize::MAX, 2], vec![usize::MAX / 2 + 1], vec![1 << 40, 1 << 40, 0]] {
            let error = byte_count(&shape, 1).unwrap_err();
            assert!(
                matches!(error.kind(), ErrorKind::ArrayTooLarge { shape: it, itemsize: 1 } if *it == shape)
            );
        }
        assert_eq!(byte_count(&[3, 0, 4], 8).unwrap(), 0);
        assert_eq!(byte_count(&[], 8).unwrap(), 8);
        assert!(matches!(
            byte_count(&[1; 65], 1).unwrap_err().kind(),
            ErrorKind::TooManyDims { found: 65, max: 64 }
        ));
    }
}
