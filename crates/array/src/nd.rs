//! Conversions to and from arrays of the crate `ndarray`.

use memmap_core::{Lend, LendMut};
use ndarray::{ArrayD, ArrayViewD, ArrayViewMutD, IxDyn, ShapeBuilder};

use crate::array::StorageMut;
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
