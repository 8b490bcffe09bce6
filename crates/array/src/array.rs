use std::fmt;
use std::marker::PhantomData;
use std::path::Path;

use memmap_core::{Frozen, Live, Map, Mapping, Mode, NotProven, Proofs, Refused, System};

use crate::layout::Layout;
use crate::shape::DisplayShape;
use crate::{DType, DTypeKind, Element, Error, ErrorKind, IntoShape, IntoSlices, Order, Result};

/// The element type of an array whose type is only known at run time: see [`Array::value`],
/// [`Array::field`] and [`Array::typed`].
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_enums, reason = "it has no values")]
pub enum Untyped {}

/// How an array holds its map: by value, or borrowed from another array.
pub trait Storage {
    /// The type of the mapping.
    type Mapping: Mapping;

    /// Whether the map is held by value.
    const IS_OWNED: bool;

    /// The map.
    fn map(&self) -> &Map<Self::Mapping>;
}

/// A [`Storage`] whose map can be written.
pub trait StorageMut: Storage {
    /// The map, mutably.
    fn map_mut(&mut self) -> &mut Map<Self::Mapping>;
}

impl<M: Mapping> Storage for Map<M> {
    type Mapping = M;
    const IS_OWNED: bool = true;

    #[inline]
    fn map(&self) -> &Self {
        self
    }
}

impl<M: Mapping> StorageMut for Map<M> {
    #[inline]
    fn map_mut(&mut self) -> &mut Self {
        self
    }
}

impl<M: Mapping> Storage for &Map<M> {
    type Mapping = M;
    const IS_OWNED: bool = false;

    #[inline]
    fn map(&self) -> &Map<M> {
        self
    }
}

impl<M: Mapping> Storage for &mut Map<M> {
    type Mapping = M;
    const IS_OWNED: bool = false;

    #[inline]
    fn map(&self) -> &Map<M> {
        self
    }
}

impl<M: Mapping> StorageMut for &mut Map<M> {
    #[inline]
    fn map_mut(&mut self) -> &mut Map<M> {
        self
    }
}

/// An n-dimensional array over the bytes of a map: `T` is the type of an element, `S` holds the map.
///
/// | name in the facade | `S` | made by |
/// |---|---|---|
/// | `MemArray<T>` | the map of a file | [`options`](Array::options) |
/// | `FrozenArray<T>` | a map that is proved unchanging | [`prove`](Array::prove) |
/// | `RamArray<T>` | anonymous memory | [`zeros`](Array::zeros) |
/// | `View<'_, T>` | a borrow of a map | [`slice`](Array::slice), [`transpose`](Array::transpose), … |
///
/// It keeps the map's promise. Elements of a live file are copied out, one by one or by
/// [`chunks`](Array::chunks), and an element that is lost is an error. Elements of memory that nobody
/// else changes can also be borrowed, with [`as_slice`](Array::as_slice). Slices and transposes are
/// views: they borrow the map and copy nothing.
///
/// # Source
/// `numpy.memmap`, `numpy.ndarray`.
pub struct Array<T, S> {
    pub(crate) storage: S,
    pub(crate) layout: Layout,
    pub(crate) dtype: DType,
    /// Whether the elements are in the other byte order.
    pub(crate) is_swapped: bool,
    /// Bytes from the start of the file to the first element of the opened array, also in its views.
    pub(crate) offset: u64,
    pub(crate) element: PhantomData<fn() -> T>,
}

/// A part of an array, or all of it in another shape. It borrows the map and copies nothing.
pub type View<'a, T, M> = Array<T, &'a Map<M>>;

/// A part of an array that can be written.
pub type ViewMut<'a, T, M> = Array<T, &'a mut Map<M>>;

/// Properties and views of every array, whatever the type of its elements.
impl<T, S: Storage> Array<T, S> {
    /// The length of each dimension. Empty for an array of one element and no dimensions.
    pub fn shape(&self) -> &[usize] {
        self.layout.shape()
    }

    /// The number of dimensions.
    pub fn ndim(&self) -> usize {
        self.shape().len()
    }

    /// The number of elements. (numpy's `size`; its `len` is `shape()[0]`.)
    pub fn len(&self) -> usize {
        self.layout.count()
    }

    /// Whether the array has no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes from one element to the next in each dimension; negative in a reversed one.
    pub fn strides(&self) -> &[i64] {
        self.layout.strides()
    }

    /// The number of bytes of the elements, without any between them. (numpy's `nbytes`.)
    pub fn byte_len(&self) -> u64 {
        memmap_core::widen(self.len()).saturating_mul(memmap_core::widen(self.layout.itemsize()))
    }

    /// The type of the elements in the file, with the byte order of the file.
    pub const fn dtype(&self) -> &DType {
        &self.dtype
    }

    /// Whether the elements are stored in this order without gaps.
    pub fn is_contiguous(&self, order: Order) -> bool {
        self.layout.is_contiguous(order)
    }

    /// Whether each element is at a multiple of its alignment in the file, as numpy's `flags.aligned`.
    /// Unaligned elements can be read and written, but not borrowed as a slice.
    pub fn is_aligned(&self) -> bool {
        let alignment = memmap_core::widen(self.dtype.alignment().max(1));
        let in_file = self.map().offset().wrapping_add(self.layout.start());
        in_file.is_multiple_of(alignment)
            && self
                .strides()
                .iter()
                .zip(self.shape())
                .all(|(stride, &len)| len <= 1 || stride.unsigned_abs().is_multiple_of(alignment))
    }

    /// The absolute path of the file. `None` for memory, and for a file that was passed open. (numpy's
    /// `filename`.)
    pub fn path(&self) -> Option<&Path> {
        self.map().path()
    }

    /// Bytes from the start of the file to the first element of the opened array: the requested offset,
    /// or the end of the header of a `.npy` file. Views report that of the whole array, as in numpy.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// How the array may be used. A `.npy` file that was created reports `r+`, as in numpy.
    pub fn mode(&self) -> Mode {
        // Only a header stands between the start of a created file and its elements.
        let follows_header = self.offset > self.map().offset();
        match self.map().mode() {
            Mode::Create if follows_header => Mode::ReadWrite,
            mode => mode,
        }
    }

    /// The map with the bytes of the array.
    #[inline]
    pub fn map(&self) -> &Map<S::Mapping> {
        self.storage.map()
    }

    /// A view of the whole array.
    pub fn view(&self) -> View<'_, T, S::Mapping> {
        self.with_layout(self.layout.clone())
    }

    /// A part of the array: one slice for each of the first dimensions, and the whole of the others. See
    /// [`Slice`](crate::Slice).
    ///
    /// # Errors
    /// [`ErrorKind::WrongDimensions`] for more slices than dimensions, [`ErrorKind::IndexOutOfBounds`]
    /// for a single index, [`ErrorKind::NotASlice`].
    ///
    /// # Examples
    /// ```
    /// use memmap_array::{Array, Slice};
    /// use memmap_anon::Ram;
    /// use memmap_core::Map;
    ///
    /// let mut all = Array::<i32, Map<Ram>>::zeros([3, 4])?;
    /// all.assign(&Vec::from_iter(0..12))?;
    /// assert_eq!(all.slice((1, ..))?.to_vec()?, [4, 5, 6, 7]); // all[1, :]
    /// let (row, columns) = (2_usize, 1..3_usize);
    /// assert_eq!(all.slice((row, columns))?.to_vec()?, [9, 10]); // all[2, 1:3]
    /// assert_eq!(all.slice("::2, -1")?.to_vec()?, [3, 11]); // all[::2, -1]
    /// assert_eq!(all.slice((0..2, Slice::ALL.by(-2)))?.to_vec()?, [3, 1, 7, 5]);
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    pub fn slice(&self, slices: impl IntoSlices) -> Result<View<'_, T, S::Mapping>> {
        let layout = self.layout.slice(&slices.into_slices()?);
        Ok(self.with_layout(self.at_path(layout)?))
    }

    /// A part of the array that can be written.
    ///
    /// # Errors
    /// As [`slice`](Self::slice).
    pub fn slice_mut(&mut self, slices: impl IntoSlices) -> Result<ViewMut<'_, T, S::Mapping>>
    where
        S: StorageMut,
    {
        let layout = self.layout.slice(&slices.into_slices()?);
        let layout = self.at_path(layout)?;
        Ok(self.with_layout_mut(layout))
    }

    /// The part at `index` of the first dimension: `slice((index,))`, as `array[index]` in numpy.
    ///
    /// # Errors
    /// [`ErrorKind::IndexOutOfBounds`], [`ErrorKind::WrongDimensions`] without dimensions.
    pub fn row(&self, index: usize) -> Result<View<'_, T, S::Mapping>> {
        self.slice([crate::Slice::At(i64::try_from(index).unwrap_or(i64::MAX))])
    }

    /// The array with its dimensions reversed: `array.T` in numpy.
    pub fn transpose(&self) -> View<'_, T, S::Mapping> {
        self.with_layout(self.layout.transposed())
    }

    /// The array with its dimensions in this order.
    ///
    /// # Errors
    /// [`ErrorKind::NotAnOrderOfAxes`] unless each axis is named once.
    pub fn permute(&self, axes: &[usize]) -> Result<View<'_, T, S::Mapping>> {
        let layout = self.layout.permuted(axes);
        Ok(self.with_layout(self.at_path(layout)?))
    }

    /// The same elements in another shape, in C order of their indices.
    ///
    /// # Errors
    /// [`ErrorKind::ShapeDiffers`] if the shape has another number of elements;
    /// [`ErrorKind::NotContiguous`] where numpy would copy, as for a transpose: then copy with
    /// [`to_vec`](Self::to_vec).
    pub fn reshape(&self, shape: impl IntoShape) -> Result<View<'_, T, S::Mapping>> {
        let layout = self.layout.reshaped(shape.into_shape());
        Ok(self.with_layout(self.at_path(layout)?))
    }

    /// Returns the map.
    pub fn into_map(self) -> S {
        self.storage
    }

    pub(crate) fn with_layout(&self, layout: Layout) -> View<'_, T, S::Mapping> {
        Array {
            storage: self.storage.map(),
            layout,
            dtype: self.dtype.clone(),
            is_swapped: self.is_swapped,
            offset: self.offset,
            element: PhantomData,
        }
    }

    pub(crate) fn with_layout_mut(&mut self, layout: Layout) -> ViewMut<'_, T, S::Mapping>
    where
        S: StorageMut,
    {
        Array {
            storage: self.storage.map_mut(),
            layout,
            dtype: self.dtype.clone(),
            is_swapped: self.is_swapped,
            offset: self.offset,
            element: PhantomData,
        }
    }

    /// Adds the path of the file to an error of the array.
    pub(crate) fn at_path<R>(&self, result: Result<R>) -> Result<R> {
        result.map_err(|error| self.placed(error))
    }

    #[cold]
    pub(crate) fn placed(&self, error: Error) -> Error {
        match self.map().origin() {
            Some(origin) => error.with_origin(origin.clone()),
            None => error,
        }
    }

    pub(crate) fn require_len(&self, len: usize) -> Result<()> {
        if len == self.len() {
            return Ok(());
        }
        let found = self.shape().to_vec();
        self.at_path(Err(Error::new(ErrorKind::ShapeDiffers { asked: vec![len], found })))
    }

    /// The same bytes as an array of elements of another type.
    pub(crate) fn retyped<U>(self, dtype: DType, is_swapped: bool) -> Array<U, S> {
        let Self { storage, layout, offset, .. } = self;
        Array { storage, layout, dtype, is_swapped, offset, element: PhantomData }
    }
}

impl<T: Element, S: Storage> Array<T, S> {
    /// An array over an existing map: its first element is `start` bytes from the start of the map.
    ///
    /// Over a mutable borrow it is a window of a writable map: whatever its length, the file keeps its own.
    ///
    /// # Errors
    /// [`ErrorKind::ArrayTooLarge`], [`ErrorKind::TooShort`] if the map ends before the array does.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::{Array, Order};
    /// use memmap_core::{Map, Mode};
    /// # use memmap_posix::Live;
    ///
    /// # let path = std::env::temp_dir().join(format!("memmap-window-{}", std::process::id()));
    /// # std::fs::write(&path, [0; 100])?;
    /// let mut map = Map::<Live>::open(&path, Mode::ReadWrite)?;
    /// let mut window = Array::<u16, _>::from_map(&mut map, 40, 5, Order::C)?;
    /// window.fill(7)?;
    /// assert_eq!(map.len(), 100); // as the file: a shorter array does not truncate it
    /// assert_eq!(map.get::<[u16; 2]>(48)?, [7, 0]);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_map(map: S, start: u64, shape: impl IntoShape, order: Order) -> Result<Self> {
        let shape = shape.into_shape();
        let bytes = crate::layout::byte_count(&shape, size_of::<T>())?;
        let bound = map.map().len();
        if start.checked_add(bytes).is_none_or(|end| end > bound) {
            let kind = ErrorKind::TooShort { needed: start.saturating_add(bytes), found: bound };
            return Err(Error::new(kind));
        }
        Ok(Self {
            layout: Layout::new(shape, size_of::<T>(), order, start),
            dtype: T::dtype(),
            is_swapped: false,
            offset: map.map().offset().saturating_add(start),
            storage: map,
            element: PhantomData,
        })
    }

    /// The same array, with the type of its elements known at run time only.
    pub fn untyped(self) -> Array<Untyped, S> {
        let (dtype, is_swapped) = (self.dtype.clone(), self.is_swapped);
        self.retyped(dtype, is_swapped)
    }
}

impl<T, S: System> Array<T, Map<Live<S>>> {
    /// Proves that nobody can change the elements, so that they can be borrowed. See
    /// [`Map::prove`].
    ///
    /// # Errors
    /// The array, unchanged, and the reason why each proof failed.
    #[expect(clippy::type_complexity, reason = "the caller gets the array back")]
    pub fn prove(
        self,
        proofs: Proofs,
    ) -> Result<Array<T, Map<Frozen<S>>>, Refused<Self, NotProven>> {
        let Self { storage, layout, dtype, is_swapped, offset, element } = self;
        match storage.prove(proofs) {
            Ok(storage) => Ok(Array { storage, layout, dtype, is_swapped, offset, element }),
            Err(Refused { value: storage, error }) => {
                let value = Self { storage, layout, dtype, is_swapped, offset, element };
                Err(Refused { value, error })
            }
        }
    }
}

impl<S: Storage> Array<Untyped, S> {
    /// The same bytes as native elements of another type of the same size, as numpy's `view`: structures
    /// as records, for example. Bytes are not reordered, so of elements in the other byte order the values
    /// change; [`typed`](Self::typed) and [`as_integers`](Self::as_integers) keep them.
    ///
    /// # Errors
    /// The array, unchanged, and [`ErrorKind::DTypeDiffers`] if the sizes differ.
    pub fn view_as<T: Element>(self) -> Result<Array<T, S>, Refused<Self, Error>> {
        if size_of::<T>() != self.layout.itemsize() {
            let kind = ErrorKind::DTypeDiffers { asked: T::dtype(), found: self.dtype.clone() };
            let error = self.placed(Error::new(kind));
            return Err(Refused { value: self, error });
        }
        Ok(self.retyped(T::dtype(), false))
    }

    /// Dates and spans of time as their counts of units, in either byte order: the values of numpy's
    /// `astype('i8')`, without a copy. `NaT` is [`i64::MIN`].
    ///
    /// # Errors
    /// The array, unchanged, and [`ErrorKind::DTypeDiffers`] unless the elements are dates or spans.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::{Array, DType, Untyped};
    /// use memmap_core::Map;
    /// # use memmap_posix::Live;
    ///
    /// # let path = std::env::temp_dir().join(format!("memmap-dates-{}", std::process::id()));
    /// std::fs::write(&path, 86_400_i64.to_be_bytes())?;
    /// let dates = Array::<Untyped, Map<Live>>::options().dtype(">M8[s]".parse()?).open(&path)?;
    /// assert_eq!(dates.value(0)?.to_string(), "1970-01-02T00:00:00");
    /// let seconds = dates.as_integers()?;
    /// assert_eq!(seconds.to_vec()?, [86_400]);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_integers(self) -> Result<Array<i64, S>, Refused<Self, Error>> {
        if !matches!(self.dtype.kind(), DTypeKind::DateTime(_) | DTypeKind::TimeDelta(_)) {
            let kind = ErrorKind::DTypeDiffers { asked: DType::I8, found: self.dtype.clone() };
            let error = self.placed(Error::new(kind));
            return Err(Refused { value: self, error });
        }
        let is_swapped = !self.dtype.is_native();
        let dtype = DType::I8.with_byte_order(self.dtype.byte_order());
        Ok(self.retyped(dtype, is_swapped))
    }

    /// The same array with elements of type `T`, if they are of this type in either byte order.
    ///
    /// # Errors
    /// The array, unchanged, and [`ErrorKind::DTypeDiffers`].
    pub fn typed<T: Element>(self) -> Result<Array<T, S>, Refused<Self, Error>> {
        if !T::accepts(&self.dtype) {
            let kind = ErrorKind::DTypeDiffers { asked: T::dtype(), found: self.dtype.clone() };
            let error = self.placed(Error::new(kind));
            return Err(Refused { value: self, error });
        }
        let is_swapped = T::SWAPS && !self.dtype.is_native();
        let dtype = self.dtype.clone();
        Ok(self.retyped(dtype, is_swapped))
    }
}

#[expect(clippy::missing_fields_in_debug, reason = "the other fields follow from these")]
impl<T, S: Storage> fmt::Debug for Array<T, S> {
    /// Without the elements, since there may be billions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Array")
            .field("dtype", &format_args!("{}", self.dtype))
            .field("shape", &format_args!("{}", DisplayShape(self.shape())))
            .field("strides", &self.strides())
            .field("offset", &self.offset)
            .field("map", self.map())
            .finish()
    }
}
