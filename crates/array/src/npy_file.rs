//! Arrays in `.npy` files: the header says what they are.

use std::fs::File;
use std::marker::PhantomData;
use std::path::Path;

use memmap_core::{Backend, Mapping, MemMap, Mode, widen};

use crate::array::Untyped;
use crate::layout::Layout;
use crate::npy::{Header, Preamble};
use crate::open::{Source, typed};
use crate::{Array, ArrayOptions, DType, Element, ErrorKind, Order, Result};

impl<T, B: Backend> ArrayOptions<T, B> {
    /// Opens a `.npy` file, if what was asked for is what its header says.
    fn open_npy_as(
        mut self,
        asked: &ExpectedDType,
        source: &Source<'_>,
    ) -> Result<Array<Untyped, MemMap<B::Mapping>>> {
        if self.mode == Mode::Create {
            let what =
                "mode \"w+\" makes a file: use `create_npy`, or mode \"r+\" to write to this one";
            return Err(ErrorKind::Contradiction { what }.into());
        }
        let map = self.map.offset(self.offset);
        let mut map = match *source {
            Source::Path(path) => map.open(path)?,
            Source::Open(file) => map.open_file(file)?,
        };
        let header = read_header(&map, 0, self.header_limit)?;
        asked.require(&header, self.shape.take(), self.order)?;
        if self.mode == Mode::Read && map.len() < end_of_data(&header) {
            // Rows may have been added since the file was mapped. If not, it is told below that it was
            // cut short.
            let _is_cut_short = map.resize(end_of_data(&header));
        }
        let array = placed(map, &header, 0, None)?;
        let behind = array.map().len().saturating_sub(end_of_data(&header));
        if self.is_strict && behind > 0 {
            return Err(ErrorKind::BytesBehindData { len: behind }.into());
        }
        Ok(array)
    }

    /// Makes a `.npy` file of zeros.
    fn create_npy_as(
        self,
        dtype: DType,
        path: &Path,
    ) -> Result<Array<Untyped, MemMap<B::Mapping>>> {
        let Some(shape) = &self.shape else { return Err(ErrorKind::ShapeRequired.into()) };
        if self.offset > 0 {
            let what = "a `.npy` file starts with its header; leave `offset` out";
            return Err(ErrorKind::Contradiction { what }.into());
        }
        let header = Header::new(dtype, self.order.unwrap_or_default(), shape)?;
        let header = match self.version {
            Some(version) => header.with_version(version)?,
            None => header,
        };
        let map = self.map.mode(Mode::Create).len(end_of_data(&header)).head(header.to_bytes()?);
        placed(map.open(path)?, &header, 0, None)
    }
}

/// What the elements shall be.
pub(crate) enum ExpectedDType {
    Anything,
    This(DType),
    /// What a type of Rust's accepts, and its own dtype for the message.
    Accepted(fn(&DType) -> bool, DType),
}

impl ExpectedDType {
    pub(crate) fn by<T: Element>() -> Self {
        Self::Accepted(T::accepts, T::dtype())
    }

    /// Whether the header says what was asked for.
    pub(crate) fn require(
        &self,
        header: &Header,
        shape: Option<Vec<usize>>,
        order: Option<Order>,
    ) -> Result<()> {
        let found = header.dtype();
        let differing = match self {
            Self::This(asked) if asked != found => Some(asked),
            Self::Accepted(accepts, asked) if !accepts(found) => Some(asked),
            _ => None,
        };
        if let Some(asked) = differing {
            return Err(
                ErrorKind::DTypeDiffers { asked: asked.clone(), found: found.clone() }.into()
            );
        }
        match (shape, order) {
            (Some(asked), _) if asked != header.shape() => {
                Err(ErrorKind::ShapeDiffers { asked, found: header.shape().to_vec() }.into())
            }
            (_, Some(asked)) if asked != header.order() && header.shape().len() > 1 => {
                Err(ErrorKind::OrderDiffers { asked, found: header.order() }.into())
            }
            _ => Ok(()),
        }
    }
}

/// Reads what stands before the data, `start` bytes from the start of the map, and nothing else.
pub(crate) fn read_header<M: Mapping>(map: &MemMap<M>, start: u64, limit: usize) -> Result<Header> {
    let available = map.len().saturating_sub(start);
    let read = |len: usize| -> Result<Vec<u8>> {
        let len = usize::try_from(available).unwrap_or(usize::MAX).min(len);
        Ok(map.read_at(start, len)?)
    };
    let prefix = Preamble::parse(&read(Preamble::LEN)?, limit)?;
    // Another process may be adding rows, and write it over just now: what is the same twice is whole.
    let mut header = read(prefix.data_start())?;
    for _ in 0..PATIENCE {
        let again = read(prefix.data_start())?;
        if again == header {
            break;
        }
        header = again;
    }
    Header::parse(&header, limit)
}

/// How often a header is read that changes all the time.
const PATIENCE: usize = 100;

pub(crate) fn end_of_data(header: &Header) -> u64 {
    widen(header.data_start()).saturating_add(header.data_len())
}

/// The array that a header describes; the file is as long as it says, or at least its part up to `end`.
pub(crate) fn placed<M: Mapping>(
    map: MemMap<M>,
    header: &Header,
    start: u64,
    end: Option<u64>,
) -> Result<Array<Untyped, MemMap<M>>> {
    let (needed, found) = (end_of_data(header).saturating_add(start), end.unwrap_or(map.len()));
    if found < needed {
        return Err(ErrorKind::DataCutShort { needed, found }.into());
    }
    let data = start.saturating_add(widen(header.data_start()));
    let itemsize = header.dtype().itemsize();
    Ok(Array {
        layout: Layout::new(header.shape().to_vec(), itemsize, header.order(), data),
        dtype: header.dtype().clone(),
        is_swapped: false,
        offset: map.offset().saturating_add(data),
        storage: map,
        element: PhantomData,
    })
}

pub(crate) fn at<R>(path: &Path, result: Result<R>) -> Result<R> {
    result.map_err(|error| {
        error.with_path(&std::path::absolute(path).unwrap_or_else(|_| path.into()))
    })
}

impl<T: Element, B: Backend> ArrayOptions<T, B> {
    /// Maps the array in a `.npy` file, whose header says its shape and order. Elements of the other
    /// byte order are turned round as they are read.
    ///
    /// # Errors
    /// - those of [`open`](Self::open) and of [`Header::parse`]
    /// - [`ErrorKind::DTypeDiffers`], [`ErrorKind::ShapeDiffers`], [`ErrorKind::OrderDiffers`] if it is
    ///   not what was asked for (numpy passes over what was asked for)
    /// - [`ErrorKind::DataCutShort`], in every mode (numpy's `r+` makes zeros up)
    /// - [`ErrorKind::BytesBehindData`] if it is to be `strict`
    ///
    /// # Cost
    /// That of mapping the file, and of reading its header.
    pub fn open_npy(self, path: impl AsRef<Path>) -> Result<Array<T, MemMap<B::Mapping>>> {
        let path = path.as_ref();
        at(path, self.open_npy_as(&ExpectedDType::by::<T>(), &Source::Path(path))).map(typed)
    }

    /// Maps the array in a `.npy` file that is open already.
    ///
    /// # Errors
    /// As [`open_npy`](Self::open_npy).
    pub fn open_npy_file(self, file: &File) -> Result<Array<T, MemMap<B::Mapping>>> {
        self.open_npy_as(&ExpectedDType::by::<T>(), &Source::Open(file)).map(typed)
    }

    /// Makes a `.npy` file for the array, of zeros, and maps it: the header is that which numpy writes,
    /// to the byte, and in the file before it takes its name.
    ///
    /// # Errors
    /// Those of [`create`](Self::create) and of [`Header::new`].
    pub fn create_npy(self, path: impl AsRef<Path>) -> Result<Array<T, MemMap<B::Mapping>>> {
        let dtype = self.dtype.clone().unwrap_or_else(T::dtype);
        at(path.as_ref(), self.create_npy_as(dtype, path.as_ref())).map(typed)
    }
}

impl<B: Backend> ArrayOptions<Untyped, B> {
    pub(crate) fn asked(&self) -> ExpectedDType {
        self.dtype.clone().map_or(ExpectedDType::Anything, ExpectedDType::This)
    }

    /// Maps the array in a `.npy` file, whose header says what it is. A dtype, a shape and an order
    /// that are asked for have to be those of the header.
    ///
    /// # Errors
    /// As for a type of Rust's.
    pub fn open_npy(self, path: impl AsRef<Path>) -> Result<Array<Untyped, MemMap<B::Mapping>>> {
        let path = path.as_ref();
        let asked = self.asked();
        at(path, self.open_npy_as(&asked, &Source::Path(path)))
    }

    /// Maps the array in a `.npy` file that is open already.
    ///
    /// # Errors
    /// As [`open_npy`](Self::open_npy).
    pub fn open_npy_file(self, file: &File) -> Result<Array<Untyped, MemMap<B::Mapping>>> {
        let asked = self.asked();
        self.open_npy_as(&asked, &Source::Open(file))
    }

    /// Makes a `.npy` file for the array, of zeros, and maps it. Its elements are `f8` unless said
    /// otherwise, as by numpy's `open_memmap`.
    ///
    /// # Errors
    /// As for a type of Rust's.
    pub fn create_npy(self, path: impl AsRef<Path>) -> Result<Array<Untyped, MemMap<B::Mapping>>> {
        let dtype = self.dtype.clone().unwrap_or(DType::F8);
        at(path.as_ref(), self.create_npy_as(dtype, path.as_ref()))
    }
}
