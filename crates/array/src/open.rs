use std::fs::File;
use std::marker::PhantomData;
use std::path::Path;

use memmap_core::{Backend, DefaultBackend, Fallback, MapOptions, MemMap, Mode, widen};

use crate::layout::{Layout, byte_count};
use crate::npy::{DEFAULT_LIMIT, Version};
use crate::{
    Array, ByteOrder, DType, DTypeKind, Element, ErrorKind, IntoShape, Order, Result, Untyped,
};

/// What is asked of a file that holds an array: where it starts, its shape, its order, the mode.
///
/// Made by [`Array::options`]. Without any call it asks for all elements that the file has, in one
/// dimension, read-only.
///
/// # Examples
/// ```
/// use memmap_array::Order;
/// # type MemArray<T> = memmap_array::Array<T, memmap_core::MemMap<memmap_posix::Live>>;
///
/// # let path = std::env::temp_dir().join(format!("memmap-array-options-{}", std::process::id()));
/// # std::fs::write(&path, [0; 100])?;
/// let table = MemArray::<f32>::options()
///     .offset(4)
///     .shape([3, 4])
///     .order(Order::Fortran)
///     .open(&path)?;
/// assert_eq!(table.get([2, 3])?, 0.0);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is mapped before `open`"]
pub struct ArrayOptions<T, B> {
    pub(crate) map: MapOptions<B>,
    pub(crate) mode: Mode,
    pub(crate) offset: u64,
    /// What an element is; where it is known from the type, with the byte order that was asked for.
    pub(crate) dtype: Option<DType>,
    pub(crate) shape: Option<Vec<usize>>,
    pub(crate) order: Option<Order>,
    /// Bytes from a record to the next.
    stride: Option<usize>,
    pub(crate) is_strict: bool,
    /// Of a `.npy` file that is made.
    pub(crate) version: Option<Version>,
    /// How long a header may be.
    pub(crate) header_limit: usize,
    /// Whether files are made longer as numpy does, unasked.
    grows_unasked: bool,
    element: PhantomData<fn() -> T>,
}

impl<T, M: DefaultBackend> Array<T, MemMap<M>> {
    /// Asks for an array in a file.
    pub fn options() -> ArrayOptions<T, M::Backend> {
        ArrayOptions::new(M::Backend::default())
    }
}

impl<T, B: Backend> ArrayOptions<T, B> {
    /// Options for this backend: all elements of the file, in one dimension, read-only.
    pub fn new(backend: B) -> Self {
        Self {
            map: MapOptions::new(backend),
            mode: Mode::Read,
            offset: 0,
            dtype: None,
            shape: None,
            order: None,
            stride: None,
            is_strict: false,
            version: None,
            header_limit: DEFAULT_LIMIT,
            grows_unasked: false,
            element: PhantomData,
        }
    }

    /// How the array is to be used: numpy's `r`, `r+`, `w+`, `c`. [`Mode::Read`] unless said
    /// otherwise (numpy's default is `r+`; ours cannot change a file by accident).
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self.map = self.map.mode(mode);
        self
    }

    /// Bytes from the start of the file to the first element, any number. 0 unless said otherwise.
    pub const fn offset(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }

    /// The number of elements in each dimension: `5`, `[3, 4]`, `()`. Unless said, as many as there are
    /// in the file, in one dimension.
    pub fn shape(mut self, shape: impl IntoShape) -> Self {
        self.shape = Some(shape.into_shape());
        self
    }

    /// In which order the elements lie. [`Order::C`] unless said otherwise.
    pub const fn order(mut self, order: Order) -> Self {
        self.order = Some(order);
        self
    }

    /// Whether a file that is too short is made as long as the shape needs, for mode `r+`. Not unless
    /// said so: numpy does it unasked, and so hides that a file was cut short.
    pub fn extend(mut self, extend: bool) -> Self {
        self.map = self.map.extend(extend);
        self
    }

    /// Whether what a file gets anew may be a hole. See [`MapOptions::sparse`].
    pub fn sparse(mut self, sparse: bool) -> Self {
        self.map = self.map.sparse(sparse);
        self
    }

    /// Whether a file of that name is an error, for mode `w+`. Unless said so it is replaced.
    pub fn create_new(mut self, create_new: bool) -> Self {
        self.map = self.map.create_new(create_new);
        self
    }

    /// Whether a file of that name is itself emptied and filled, as numpy does it, for mode `w+`. See
    /// [`MapOptions::in_place`].
    pub fn in_place(mut self, in_place: bool) -> Self {
        self.map = self.map.in_place(in_place);
        self
    }

    /// The permission bits of a file that is made. See [`MapOptions::permissions`].
    pub fn permissions(mut self, bits: u32) -> Self {
        self.map = self.map.permissions(bits);
        self
    }

    /// Whether nobody else may open the file for writing while the array lives. See
    /// [`MapOptions::deny_write`]: it is of Windows.
    pub fn deny_write(mut self, deny_write: bool) -> Self {
        self.map = self.map.deny_write(deny_write);
        self
    }

    /// Reads files of at most so many bytes into memory instead of mapping them, for modes `r` and `c`:
    /// for many small arrays. See [`MapOptions::small_file`].
    pub fn small_file(mut self, threshold: u64) -> Self {
        self.map = self.map.small_file(threshold);
        self
    }

    /// What to do with what cannot be mapped, as a pipe, for modes `r` and `c`. See
    /// [`MapOptions::fallback`].
    pub fn fallback(mut self, fallback: Fallback) -> Self {
        self.map = self.map.fallback(fallback);
        self
    }

    /// Whether bytes behind the elements of a `.npy` file are an error. Unless said so they are passed
    /// over, as by numpy.
    pub const fn strict(mut self, strict: bool) -> Self {
        self.is_strict = strict;
        self
    }

    /// The version of the format of a `.npy` file that is made. The lowest that can hold the header
    /// unless said otherwise.
    pub const fn version(mut self, version: Version) -> Self {
        self.version = Some(version);
        self
    }

    /// How long the header of a `.npy` file may be, in bytes. 10 000 unless said otherwise, as in numpy.
    pub const fn header_limit(mut self, limit: usize) -> Self {
        self.header_limit = limit;
        self
    }

    /// Does what numpy does with short files: mode `r+` makes them as long as the shape needs, and no
    /// file is left without a byte. It is also numpy's default mode, `r+`.
    ///
    /// For programs that depend on it. That a file was cut short is hidden then.
    pub fn like_numpy(mut self) -> Self {
        self.grows_unasked = true;
        self.mode(Mode::ReadWrite)
    }

    fn open_as(
        self,
        dtype: DType,
        file: &Source<'_>,
    ) -> Result<Array<Untyped, MemMap<B::Mapping>>> {
        let path = file.path();
        self.open_unplaced(dtype, file).map_err(|error| match path {
            Some(path) => error.with_path(path),
            None => error,
        })
    }

    fn open_unplaced(
        self,
        dtype: DType,
        file: &Source<'_>,
    ) -> Result<Array<Untyped, MemMap<B::Mapping>>> {
        let order = self.order.unwrap_or_default();
        let (dtype, inner) = match dtype.kind() {
            DTypeKind::SubArray { base, shape } => (DType::clone(base), shape.to_vec()),
            _ => (dtype, Vec::new()),
        };
        let itemsize = dtype.itemsize();
        let mut map = self.map.offset(self.offset);
        let mut shape = self.shape;
        if let Some(shape) = &mut shape {
            shape.extend_from_slice(&inner);
            let bytes = match self.stride {
                None => byte_count(shape, itemsize)?,
                Some(stride) => strided_len(shape.iter().product(), itemsize, stride)?,
            };
            let mut len = bytes;
            if self.grows_unasked && self.mode.reaches_file() {
                // numpy never leaves a file without a byte, and writes the last one.
                let end = self.offset.saturating_add(bytes).max(1);
                len = end.saturating_sub(self.offset);
                if self.mode == Mode::ReadWrite {
                    map = map.extend(true);
                }
            }
            map = map.len(len);
        } else if self.mode == Mode::Create {
            return Err(ErrorKind::ShapeRequired.into());
        } else if itemsize == 0 {
            return Err(ErrorKind::NoItemSize { dtype }.into());
        }
        let mut map = match *file {
            Source::Path(path) => map.open(path)?,
            Source::Open(file) => map.open_file(file)?,
        };
        let layout = match (shape, self.stride) {
            (Some(shape), None) => Layout::new(shape, itemsize, order, 0),
            (Some(shape), Some(stride)) => {
                Layout::strided(shape.iter().product(), itemsize, stride, 0)
            }
            (None, Some(stride)) => {
                let count = whole_records(map.len(), &dtype, stride)?;
                Layout::strided(count, itemsize, stride, 0)
            }
            (None, None) => {
                let one = byte_count(&inner, itemsize)?;
                let count = usize::try_from(one)
                    .ok()
                    .and_then(|one| crate::read::elements_in(map.len(), one));
                let Some(count) = count.and_then(|count| usize::try_from(count).ok()) else {
                    let available = map.len();
                    return Err(
                        ErrorKind::NotWholeElements { available, itemsize: one, dtype }.into()
                    );
                };
                let shape: Vec<usize> = std::iter::once(count).chain(inner).collect();
                if self.grows_unasked && self.mode.reaches_file() && map.offset() == 0 {
                    map.resize(map.len().max(1))?;
                }
                Layout::new(shape, itemsize, order, 0)
            }
        };
        Ok(Array {
            storage: map,
            layout,
            is_swapped: false,
            dtype,
            offset: self.offset,
            element: PhantomData,
        })
    }
}

/// What to open.
pub(crate) enum Source<'a> {
    Path(&'a Path),
    Open(&'a File),
}

impl<'a> Source<'a> {
    pub(crate) fn path(&self) -> Option<&'a Path> {
        match *self {
            Self::Path(path) => Some(path),
            Self::Open(_) => None,
        }
    }
}

/// The bytes of records that start `stride` bytes from each other.
fn strided_len(count: usize, itemsize: usize, stride: usize) -> Result<u64> {
    if stride < itemsize {
        return Err(ErrorKind::StrideTooShort { stride, itemsize }.into());
    }
    byte_count(&[count], stride)
}

/// How many whole records there are; the padding of the last may be missing.
fn whole_records(available: u64, dtype: &DType, stride: usize) -> Result<usize> {
    let itemsize = dtype.itemsize();
    strided_len(0, itemsize, stride)?;
    let padding = widen(stride.saturating_sub(itemsize));
    let count = available.saturating_add(padding).checked_div(widen(stride)).unwrap_or(0);
    let used = count.saturating_mul(widen(stride));
    if used < available || available.saturating_add(padding) < used {
        let dtype = dtype.clone();
        return Err(
            ErrorKind::NotWholeElements { available, itemsize: widen(stride), dtype }.into()
        );
    }
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

impl<T: Element, B: Backend> ArrayOptions<T, B> {
    /// In which order the bytes of a number lie in the file. That of this machine unless said otherwise.
    /// For what has no byte order, or one for each of its fields, nothing changes.
    pub fn byte_order(mut self, byte_order: ByteOrder) -> Self {
        if T::SWAPS {
            self.dtype = Some(T::dtype().with_byte_order(byte_order));
        }
        self
    }

    /// Bytes from the start of an element to the start of the next, where others lie between them:
    /// records of which not everything is of interest. For one dimension.
    pub const fn stride(mut self, stride: usize) -> Self {
        self.stride = Some(stride);
        self
    }

    /// Maps the array in the file at `path`. Everything is checked first: where this fails, no file was
    /// made, emptied, grown or cut short.
    ///
    /// # Errors
    /// - those of [`MapOptions::open`], as [`LengthBeyondEnd`](memmap_core::ErrorKind::LengthBeyondEnd)
    ///   where the file is shorter than the shape needs
    /// - [`ErrorKind::NotWholeElements`] without a shape, [`ErrorKind::ShapeRequired`] of mode `w+`
    /// - [`ErrorKind::ArrayTooLarge`], [`ErrorKind::TooManyDims`], [`ErrorKind::StrideTooShort`]
    ///
    /// # Cost
    /// That of mapping the file.
    pub fn open(self, path: impl AsRef<Path>) -> Result<Array<T, MemMap<B::Mapping>>> {
        let dtype = self.dtype.clone().unwrap_or_else(T::dtype);
        Ok(typed(self.open_as(dtype, &Source::Path(path.as_ref()))?))
    }

    /// Maps the array in an open file, whose position stays where it is, and which stays open.
    ///
    /// # Errors
    /// As [`open`](Self::open); those of [`MapOptions::open_file`].
    pub fn open_file(self, file: &File) -> Result<Array<T, MemMap<B::Mapping>>> {
        let dtype = self.dtype.clone().unwrap_or_else(T::dtype);
        Ok(typed(self.open_as(dtype, &Source::Open(file))?))
    }

    /// Makes a file for the array, of zeros, and maps it: mode `w+`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn create(self, path: impl AsRef<Path>) -> Result<Array<T, MemMap<B::Mapping>>> {
        self.mode(Mode::Create).open(path)
    }
}

/// Opened with this very type.
pub(crate) fn typed<T: Element, S: crate::Storage>(array: Array<Untyped, S>) -> Array<T, S> {
    let (dtype, is_swapped) = (array.dtype.clone(), T::SWAPS && !array.dtype.is_native());
    array.retyped(dtype, is_swapped)
}

impl<B: Backend> ArrayOptions<Untyped, B> {
    /// What an element is. Single bytes, `u1`, unless said otherwise.
    pub fn dtype(mut self, dtype: DType) -> Self {
        self.dtype = Some(dtype);
        self
    }

    /// Maps the array in the file at `path`. Of a dtype that is itself an array the dimensions come
    /// last, as in numpy.
    ///
    /// # Errors
    /// As for a type of Rust's, and [`ErrorKind::NoItemSize`] without a shape.
    pub fn open(self, path: impl AsRef<Path>) -> Result<Array<Untyped, MemMap<B::Mapping>>> {
        let dtype = self.dtype.clone().unwrap_or(DType::U1);
        self.open_as(dtype, &Source::Path(path.as_ref()))
    }

    /// Maps the array in an open file, whose position stays where it is, and which stays open.
    ///
    /// # Errors
    /// As [`open`](Self::open); those of [`MapOptions::open_file`].
    pub fn open_file(self, file: &File) -> Result<Array<Untyped, MemMap<B::Mapping>>> {
        let dtype = self.dtype.clone().unwrap_or(DType::U1);
        self.open_as(dtype, &Source::Open(file))
    }

    /// Makes a file for the array, of zeros, and maps it: mode `w+`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn create(self, path: impl AsRef<Path>) -> Result<Array<Untyped, MemMap<B::Mapping>>> {
        self.mode(Mode::Create).open(path)
    }
}
