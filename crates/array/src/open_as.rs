use crate::npy::Header;
use crate::{Array, DType, Element, ErrorKind, Order, Result, Storage, Untyped};

/// The types that an array can be opened as: each [`Element`], and [`Untyped`].
///
/// No other type can be one.
pub trait OpenAs: sealed::Open {}

impl<T: Element> OpenAs for T {}
impl OpenAs for Untyped {}

pub(crate) mod sealed {
    use crate::{Array, DType, Storage, Untyped};

    #[expect(unnameable_types, reason = "this is what seals it")]
    pub trait Open: Sized {
        /// The type of elements without a header, unless another is requested.
        #[doc(hidden)]
        fn raw_dtype() -> DType;

        /// The type of elements in a new `.npy` file, unless another is requested.
        #[doc(hidden)]
        fn new_dtype() -> DType {
            Self::raw_dtype()
        }

        /// Whether elements of this type can be opened, if `asked` is what was requested.
        #[doc(hidden)]
        fn can_be(dtype: &DType, asked: Option<&DType>) -> bool;

        /// The array with elements of this type, which [`can_be`](Self::can_be) has accepted.
        #[doc(hidden)]
        fn from_untyped<S: Storage>(array: Array<Untyped, S>) -> Array<Self, S>;
    }
}

impl<T: Element> sealed::Open for T {
    fn raw_dtype() -> DType {
        Self::dtype()
    }

    fn can_be(dtype: &DType, _asked: Option<&DType>) -> bool {
        Self::accepts(dtype)
    }

    fn from_untyped<S: Storage>(array: Array<Untyped, S>) -> Array<Self, S> {
        let (dtype, is_swapped) = (array.dtype.clone(), Self::SWAPS && !array.dtype.is_native());
        array.retyped(dtype, is_swapped)
    }
}

impl sealed::Open for Untyped {
    fn raw_dtype() -> DType {
        DType::U1
    }

    fn new_dtype() -> DType {
        DType::F8
    }

    fn can_be(dtype: &DType, asked: Option<&DType>) -> bool {
        asked.is_none_or(|asked| asked == dtype)
    }

    fn from_untyped<S: Storage>(array: Array<Untyped, S>) -> Array<Self, S> {
        array
    }
}

/// What a header has to say for an array to be opened.
#[derive(Debug)]
pub(crate) struct ExpectedDType {
    can_be: fn(&DType, Option<&DType>) -> bool,
    asked: Option<DType>,
    own: fn() -> DType,
}

impl ExpectedDType {
    /// The type `T`, or the requested one.
    pub(crate) fn of<T: OpenAs>(asked: Option<DType>) -> Self {
        Self { can_be: T::can_be, asked, own: T::raw_dtype }
    }

    /// Checks that the header has the requested type, shape and order.
    pub(crate) fn require(
        &self,
        header: &Header,
        shape: Option<&[usize]>,
        order: Option<Order>,
    ) -> Result<()> {
        let found = header.dtype();
        if !(self.can_be)(found, self.asked.as_ref()) {
            let asked = self.asked.clone().unwrap_or_else(self.own);
            return Err(ErrorKind::DTypeDiffers { asked, found: found.clone() }.into());
        }
        if let Some(shape) = shape.filter(|&shape| shape != header.shape()) {
            let (asked, found) = (shape.to_vec(), header.shape().to_vec());
            return Err(ErrorKind::ShapeDiffers { asked, found }.into());
        }
        match order {
            Some(asked) if asked != header.order() && header.shape().len() > 1 => {
                Err(ErrorKind::OrderDiffers { asked, found: header.order() }.into())
            }
            _ => Ok(()),
        }
    }
}
