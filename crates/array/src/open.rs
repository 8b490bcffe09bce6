use std::fs::File;
use std::marker::PhantomData;
use std::path::Path;

use memmap_core::{Backend, Files, Live, Map, MapOptions, Mode, System, widen};

use crate::layout::{Layout, byte_count};
use crate::npy::{DEFAULT_LIMIT, Version};
use crate::open_as::OpenAs;
use crate::{
    Array, ByteOrder, DType, DTypeKind, Element, ErrorKind, IntoShape, Order, Result, Untyped,
};

/// How to open a file that holds an array: offset, shape, order, mode.
///
/// Made by [`Array::options`]. The defaults are all elements of the file, in one dimension,
/// read-only.
///
/// # Examples
/// ```
/// use memmap_array::Order;
/// # type MemArray<T> = memmap_array::Array<T, memmap_core::Map<memmap_posix::Live>>;
///
/// # let path = std::env::temp_dir().join(format!("memmap-array-options-{}", std::process::id()));
/// # std::fs::write(&path, [0; 100])?;
/// let table: MemArray<f32> = MemArray::options()
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
    pub(crate) map: MapOptions<Files<B>>,
    pub(crate) mode: Mode,
    pub(crate) offset: u64,
    /// The requested type. For a Rust type it differs from the type's own only in byte order.
    pub(crate) dtype: Option<DType>,
    pub(crate) shape: Option<Vec<usize>>,
    pub(crate) order: Option<Order>,
    stride: Option<usize>,
    pub(crate) is_strict: bool,
    pub(crate) version: Option<Version>,
    pub(crate) header_limit: usize,
    is_like_numpy: bool,
    element: PhantomData<fn() -> T>,
}

impl<T, S: System> Array<T, Map<Live<S>>> {
    /// Options to open a file as an array.
    pub fn options() -> ArrayOptions<T, S> {
        ArrayOptions::new(S::default())
    }
}

impl<T, B: Backend> ArrayOptions<T, B> {
    /// Options for this backend, with the defaults.
    pub fn new(backend: B) -> Self {
        Self {
            map: MapOptions::new(Files::new(backend)),
            mode: Mode::Read,
            offset: 0,
            dtype: None,
            shape: None,
            order: None,
            stride: None,
            is_strict: false,
            version: None,
            header_limit: DEFAULT_LIMIT,
            is_like_numpy: false,
            element: PhantomData,
        }
    }

    /// How the array may be used: numpy's `r`, `r+`, `w+`, `c`. Default: [`Mode::Read`] (numpy's
    /// default is `r+`, which can change a file by accident).
    pub const fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Bytes from the start of the file to the first element; any number. Default: 0.
    pub const fn offset(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }

    /// The length of each dimension: `5`, `[3, 4]`, `()`. Default: one dimension with all elements of
    /// the file.
    pub fn shape(mut self, shape: impl IntoShape) -> Self {
        self.shape = Some(shape.into_shape());
        self
    }

    /// The order in which the elements are stored. Default: [`Order::C`].
    pub const fn order(mut self, order: Order) -> Self {
        self.order = Some(order);
        self
    }

    /// Extends a file that is shorter than the shape requires, in mode `r+`. Default: false. (numpy
    /// always does, which hides that a file was cut short.)
    pub fn extend(mut self, extend: bool) -> Self {
        self.map = self.map.extend(extend);
        self
    }

    /// Fails if the file exists, in mode `w+`. Default: false; an existing file is replaced.
    pub fn create_new(mut self, create_new: bool) -> Self {
        self.map = self.map.create_new(create_new);
        self
    }

    /// Changes the other options of the file: those of [`MapOptions`]. Mode, offset and, where there is
    /// a shape, length are those of the array.
    ///
    /// # Examples
    /// ```
    /// # type MemArray<T> = memmap_array::Array<T, memmap_core::Map<memmap_posix::Live>>;
    /// # let path = std::env::temp_dir().join(format!("memmap-array-file-{}", std::process::id()));
    /// let options = MemArray::<f32>::options().shape([1 << 20]);
    /// let table = options.file(|file| file.sparse(true)).create(&path)?; // takes no room yet
    /// # assert_eq!(table.len(), 1 << 20);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn file(
        mut self,
        change: impl FnOnce(MapOptions<Files<B>>) -> MapOptions<Files<B>>,
    ) -> Self {
        self.map = change(self.map);
        self
    }

    /// Fails if bytes follow the elements of a `.npy` file. Default: false, as in numpy.
    pub const fn strict(mut self, strict: bool) -> Self {
        self.is_strict = strict;
        self
    }

    /// The format version of a `.npy` file that is created. Default: the lowest that can hold the
    /// header.
    pub const fn version(mut self, version: Version) -> Self {
        self.version = Some(version);
        self
    }

    /// The longest accepted header of a `.npy` file, in bytes. Default: 10,000, as in numpy.
    pub const fn header_limit(mut self, limit: usize) -> Self {
        self.header_limit = limit;
        self
    }

    /// Uses numpy's default mode, `r+`, in which a file that is too short is extended, and never leaves
    /// a file empty.
    ///
    /// For programs that depend on it. It hides that a file was cut short.
    pub const fn like_numpy(mut self) -> Self {
        self.is_like_numpy = true;
        self.mode(Mode::ReadWrite)
    }

    /// Maps a file by its options, at this offset.
    pub(crate) fn map_at(
        map: MapOptions<Files<B>>,
        (mode, offset): (Mode, u64),
        file: &Source<'_>,
    ) -> Result<Map<B::Mapping>> {
        let map = map.mode(mode).offset(offset);
        Ok(match *file {
            Source::Path(path) => map.open(path)?,
            Source::Open(file) => map.open_file(file)?,
        })
    }

    fn open_untyped(
        self,
        dtype: DType,
        file: &Source<'_>,
    ) -> Result<Array<Untyped, Map<B::Mapping>>> {
        let order = self.order.unwrap_or_default();
        let (dtype, inner) = match dtype.kind() {
            DTypeKind::SubArray { base, shape } => (DType::clone(base), shape.to_vec()),
            _ => (dtype, Vec::new()),
        };
        let itemsize = dtype.itemsize();
        let mut map = self.map;
        let mut shape = self.shape;
        if let Some(shape) = &mut shape {
            shape.extend_from_slice(&inner);
            let mut len = match self.stride {
                None => byte_count(shape, itemsize)?,
                Some(stride) => strided_len(shape.iter().product(), itemsize, stride)?,
            };
            if self.is_like_numpy && self.mode.reaches_file() {
                // numpy writes the last byte of a file, so that no file is empty.
                len = self.offset.saturating_add(len).max(1).saturating_sub(self.offset);
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
        let mut map = Self::map_at(map, (self.mode, self.offset), file)?;
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
                if self.is_like_numpy && self.mode.reaches_file() && map.offset() == 0 {
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

/// A file by its path, or an open one.
pub(crate) enum Source<'a> {
    Path(&'a Path),
    Open(&'a File),
}

impl Source<'_> {
    /// Adds the absolute path to an error, if it is known.
    pub(crate) fn at_path<R>(&self, result: Result<R>) -> Result<R> {
        result.map_err(|error| match *self {
            Self::Path(path) => {
                error.with_origin(&*std::path::absolute(path).unwrap_or_else(|_| path.into()))
            }
            Self::Open(_) => error,
        })
    }
}

/// The bytes of `count` elements that start `stride` bytes from each other.
fn strided_len(count: usize, itemsize: usize, stride: usize) -> Result<u64> {
    if stride < itemsize {
        return Err(ErrorKind::StrideTooShort { stride, itemsize }.into());
    }
    byte_count(&[count], stride)
}

/// The number of whole records. The padding after the last one may be missing.
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
    /// The byte order of the elements in the file. Default: that of this machine. Ignored for types
    /// without a byte order, and for records, whose fields have their own.
    pub fn byte_order(mut self, byte_order: ByteOrder) -> Self {
        if T::SWAPS {
            self.dtype = Some(T::dtype().with_byte_order(byte_order));
        }
        self
    }

    /// Bytes from the start of one element to the start of the next, where other data lies between
    /// them. For arrays of one dimension.
    pub const fn stride(mut self, stride: usize) -> Self {
        self.stride = Some(stride);
        self
    }
}

impl<B: Backend> ArrayOptions<Untyped, B> {
    /// The type of the elements. Default: `u1`; of a `.npy` file that is created, `f8`.
    pub fn dtype(mut self, dtype: DType) -> Self {
        self.dtype = Some(dtype);
        self
    }
}

impl<T: OpenAs, B: Backend> ArrayOptions<T, B> {
    /// Maps the array in the file at `path`. If the type is itself an array, its dimensions come last,
    /// as in numpy.
    ///
    /// Everything is checked first: a call that fails has not created, emptied, extended or truncated
    /// a file.
    ///
    /// # Errors
    /// - those of [`MapOptions::open`], such as
    ///   [`BeyondEnd`](memmap_core::ErrorKind::BeyondEnd) of a file that is shorter than the
    ///   shape requires
    /// - without a shape, [`ErrorKind::NotWholeElements`] and [`ErrorKind::NoItemSize`]; of mode `w+`
    ///   [`ErrorKind::ShapeRequired`]
    /// - [`ErrorKind::ArrayTooLarge`], [`ErrorKind::TooManyDims`], [`ErrorKind::StrideTooShort`]
    ///
    /// # Cost
    /// That of mapping the file.
    pub fn open(self, path: impl AsRef<Path>) -> Result<Array<T, Map<B::Mapping>>> {
        self.open_source(&Source::Path(path.as_ref()))
    }

    /// Maps the array in an open file. The file stays open, and its position does not change.
    ///
    /// # Errors
    /// As [`open`](Self::open); those of [`MapOptions::open_file`].
    pub fn open_file(self, file: &File) -> Result<Array<T, Map<B::Mapping>>> {
        self.open_source(&Source::Open(file))
    }

    /// Creates a file for the array, filled with zeros, and maps it: mode `w+`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn create(self, path: impl AsRef<Path>) -> Result<Array<T, Map<B::Mapping>>> {
        self.mode(Mode::Create).open(path)
    }

    fn open_source(self, source: &Source<'_>) -> Result<Array<T, Map<B::Mapping>>> {
        let dtype = self.dtype.clone().unwrap_or_else(T::raw_dtype);
        source.at_path(self.open_untyped(dtype, source)).map(T::from_untyped)
    }
}
