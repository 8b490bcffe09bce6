//! An array as numpy's documentation has it, without strides: a shape, and for each index the number of
//! the element that is there. And a file of one, made without our code.

use memmap_array::{Element, Order, Slice};

/// The elements are numbered in the order of their indices in the array that this is a part of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Model {
    pub(crate) shape: Vec<usize>,
    /// In the order of the indices, the last fastest.
    pub(crate) numbers: Vec<usize>,
}

impl Model {
    pub(crate) fn of(shape: &[usize]) -> Self {
        Self { shape: shape.to_vec(), numbers: (0..shape.iter().product()).collect() }
    }

    /// Every index, the last fastest.
    pub(crate) fn indices(&self) -> Vec<Vec<usize>> {
        let mut all = vec![Vec::new()];
        for &len in &self.shape {
            let longer = |index: &Vec<usize>| -> Vec<Vec<usize>> {
                (0..len).map(|last| [&index[..], &[last]].concat()).collect()
            };
            all = all.iter().flat_map(longer).collect();
        }
        all
    }

    pub(crate) fn at(&self, index: &[usize]) -> usize {
        let place = index.iter().zip(&self.shape).fold(0, |place, (at, len)| place * len + at);
        self.numbers[place]
    }

    /// What is kept where each dimension keeps these indices, or one of them and not the dimension.
    fn keeping(&self, kept: &[(Vec<usize>, bool)]) -> Self {
        let shape = kept.iter().map(|(kept, _)| kept.len()).collect();
        let whole = Self { shape, numbers: Vec::new() };
        let place = |index: Vec<usize>| -> Vec<usize> {
            index.iter().zip(kept).map(|(&at, (kept, _))| kept[at]).collect()
        };
        let numbers = whole.indices().into_iter().map(|index| self.at(&place(index))).collect();
        let shape = kept.iter().filter(|(_, stays)| *stays).map(|(kept, _)| kept.len()).collect();
        Self { shape, numbers }
    }

    /// A part, if there is one.
    pub(crate) fn sliced(&self, slices: &[Slice]) -> Option<Self> {
        if slices.len() > self.shape.len() {
            return None;
        }
        let all = slices.iter().copied().chain(std::iter::repeat(Slice::ALL));
        let kept: Option<Vec<_>> =
            self.shape.iter().zip(all).map(|(&len, slice)| kept(slice, len)).collect();
        Some(self.keeping(&kept?))
    }

    pub(crate) fn permuted(&self, axes: &[usize]) -> Self {
        let shape: Vec<usize> = axes.iter().map(|&axis| self.shape[axis]).collect();
        let new = Self { shape, numbers: Vec::new() };
        let back = |index: Vec<usize>| -> Vec<usize> {
            (0..axes.len()).map(|at| index[axes.iter().position(|&it| it == at).unwrap()]).collect()
        };
        let numbers = new.indices().into_iter().map(|index| self.at(&back(index))).collect();
        Self { numbers, ..new }
    }

    pub(crate) fn reshaped(&self, shape: &[usize]) -> Self {
        Self { shape: shape.to_vec(), numbers: self.numbers.clone() }
    }
}

/// The indices that a slice keeps, one after the other, and whether the dimension stays; `None` if there
/// is no such index.
fn kept(slice: Slice, len: usize) -> Option<(Vec<usize>, bool)> {
    let len = i64::try_from(len).unwrap();
    let index = |at: i64| usize::try_from(at).unwrap();
    match slice {
        Slice::At(at) => {
            let at = if at < 0 { at + len } else { at };
            (0 <= at && at < len).then(|| (vec![index(at)], false))
        }
        Slice::Range { start, stop, step } => {
            // "The slice of s from i to j with step k", of Python's library reference.
            let bound = |at: Option<i64>, missing: i64| match at {
                None => missing,
                Some(at) if at < 0 => (at + len).max(if step < 0 { -1 } else { 0 }),
                Some(at) => at.min(if step < 0 { len - 1 } else { len }),
            };
            let (start, stop) = match step {
                1.. => (bound(start, 0), bound(stop, len)),
                _ => (bound(start, len - 1), bound(stop, -1)),
            };
            let mut at = start;
            let mut kept = Vec::new();
            while if step > 0 { at < stop } else { at > stop } {
                kept.push(index(at));
                at = at.saturating_add(step);
            }
            Some((kept, true))
        }
    }
}

/// The bytes of these elements, given in the order of their indices, as they lie in this order; turned
/// round if they are not those of this machine.
pub(crate) fn laid_out<T: Element>(
    elements: &[T],
    shape: &[usize],
    order: Order,
    is_foreign: bool,
) -> Vec<u8> {
    let model = Model::of(shape);
    let in_memory = match order {
        Order::Fortran => {
            let axes: Vec<usize> = (0..shape.len()).rev().collect();
            model.permuted(&axes)
        }
        _ => model,
    };
    let mut bytes = Vec::new();
    for number in in_memory.numbers {
        let mut element = elements[number].as_bytes().to_vec();
        if is_foreign {
            T::swap(&mut element);
        }
        bytes.extend(element);
    }
    bytes
}
