//! Conversions to and from arrays of the crate `ndarray`.

use memmap_core::{Lend, LendMut};
use ndarray::{ArrayD, ArrayRef, ArrayViewD, ArrayViewMutD, Dimension, IxDyn, ShapeBuilder};

use crate::array::StorageMut;
use crate::read::at_a_time;
use crate::{Array, Element, Error, ErrorKind, Order, Result, Storage};

impl<T: Element, S: Storage> Array<T, S> {
    /// Copies all elements into an `ndarray` array.
    ///
    /// # Errors
    /// As [`to_vec`](Self::to_vec).
    pub fn to_ndarray(&self) -> Result<ArrayD<T>> {
        let elements = self.to_vec()?;
        ArrayD::from_shape_vec(IxDyn(self.shape()), elements).map_err(|_shape| self.no_such_shape())
    }

    /// Borrows the elements as an `ndarray` view, without a copy. For memory, and for files that are
    /// proved unchanging. The elements have to be contiguous, in C or Fortran order.
    ///
    /// # Errors
    /// As [`as_slice`](Self::as_slice).
    pub fn as_ndarray(&self) -> Result<ArrayViewD<'_, T>>
    where
        S::Mapping: Lend,
    {
        let order = self.order_of_memory();
        let shape = IxDyn(self.shape()).set_f(order == Order::Fortran);
        ArrayViewD::from_shape(shape, self.lent(order)?).map_err(|_shape| self.no_such_shape())
    }

    /// Borrows the elements as a mutable `ndarray` view. For memory that only the owner can change.
    ///
    /// # Errors
    /// As [`as_slice`](Self::as_slice).
    pub fn as_ndarray_mut(&mut self) -> Result<ArrayViewMutD<'_, T>>
    where
        S: StorageMut,
        S::Mapping: LendMut,
    {
        let order = self.order_of_memory();
        let shape = IxDyn(self.shape()).set_f(order == Order::Fortran);
        let error = self.no_such_shape();
        ArrayViewMutD::from_shape(shape, self.lent_mut(order)?).map_err(|_shape| error)
    }

    /// Writes the elements of an `ndarray` array of the same shape and any layout: an owned array, a view,
    /// a transpose, a slice with steps.
    ///
    /// # Errors
    /// [`ErrorKind::ShapeDiffers`], and then nothing is written; those of the map.
    ///
    /// # Cost
    /// One pass. Elements that are not in C order are copied 32 KiB at a time.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::Array;
    /// use memmap_anon::Ram;
    /// use memmap_core::Map;
    ///
    /// let matrix = ndarray::array![[1, 2, 3], [4, 5, 6]];
    /// let mut table = Array::<i32, Map<Ram>>::zeros([3, 2])?;
    /// table.assign_ndarray(&matrix.t())?;
    /// assert_eq!(table.to_vec()?, [1, 4, 2, 5, 3, 6]);
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    pub fn assign_ndarray<D: Dimension>(&mut self, array: &ArrayRef<T, D>) -> Result<()>
    where
        S: StorageMut,
    {
        if array.shape() != self.shape() {
            let (asked, found) = (array.shape().to_vec(), self.shape().to_vec());
            return self.at_path(Err(ErrorKind::ShapeDiffers { asked, found }.into()));
        }
        if let Some(elements) = array.as_slice() {
            return self.assign(elements);
        }
        let mut elements = array.iter().copied();
        let mut first = 0_usize;
        let mut part = Vec::new();
        loop {
            part.clear();
            part.extend(elements.by_ref().take(at_a_time::<T>()));
            if part.is_empty() {
                return Ok(());
            }
            self.write(first, &part)?;
            first = first.saturating_add(part.len());
        }
    }

    fn order_of_memory(&self) -> Order {
        let is_fortran = self.is_contiguous(Order::Fortran) && !self.is_contiguous(Order::C);
        if is_fortran { Order::Fortran } else { Order::C }
    }

    /// `ndarray` only rejects shapes that are larger than memory.
    fn no_such_shape(&self) -> Error {
        let shape = self.shape().to_vec();
        Error::new(ErrorKind::ArrayTooLarge { shape, itemsize: self.layout.itemsize() })
    }
}
