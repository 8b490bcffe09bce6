//! Arrays in `.npy` files, described by their headers.

use std::fs::File;
use std::marker::PhantomData;
use std::path::Path;

use memmap_core::{Backend, Map, Mapping, Mode, widen};

use crate::array::Untyped;
use crate::layout::Layout;
use crate::npy::{Header, Preamble};
use crate::open::Source;
use crate::open_as::{ExpectedDType, OpenAs};
use crate::{Array, ArrayOptions, ErrorKind, Result};

impl<T: OpenAs, B: Backend> ArrayOptions<T, B> {
    /// Maps the array in a `.npy` file. Its header gives type, shape and order; any of these that are
    /// requested have to match. Elements in the other byte order are converted as they are read.
    ///
    /// # Errors
    /// - those of [`open`](Self::open) and of [`Header::parse`]
    /// - [`ErrorKind::DTypeDiffers`], [`ErrorKind::ShapeDiffers`], [`ErrorKind::OrderDiffers`] if the
    ///   header does not match (numpy ignores what is requested)
    /// - [`ErrorKind::DataCutShort`], in every mode (numpy's `r+` fills the file with zeros)
    /// - [`ErrorKind::BytesBehindData`] if opened [`strict`](Self::strict)
    ///
    /// # Cost
    /// That of mapping the file and reading its header.
    pub fn open_npy(self, path: impl AsRef<Path>) -> Result<Array<T, Map<B::Mapping>>> {
        self.open_npy_source(&Source::Path(path.as_ref()))
    }

    /// Maps the array in a `.npy` file that is open already.
    ///
    /// # Errors
    /// As [`open_npy`](Self::open_npy).
    pub fn open_npy_file(self, file: &File) -> Result<Array<T, Map<B::Mapping>>> {
        self.open_npy_source(&Source::Open(file))
    }

    /// Creates a `.npy` file for the array, filled with zeros, and maps it. The header is byte for byte
    /// the one that numpy writes, and is in the file before the file takes its name. The default type
    /// of [`Untyped`] elements is `f8`, as in numpy's `open_memmap`.
    ///
    /// # Errors
    /// Those of [`create`](Self::create) and of [`Header::new`].
    pub fn create_npy(self, path: impl AsRef<Path>) -> Result<Array<T, Map<B::Mapping>>> {
        let source = Source::Path(path.as_ref());
        source.at_path(self.create_npy_untyped(&source)).map(T::from_untyped)
    }

    fn open_npy_source(self, source: &Source<'_>) -> Result<Array<T, Map<B::Mapping>>> {
        source.at_path(self.open_npy_untyped(source)).map(T::from_untyped)
    }

    fn open_npy_untyped(self, source: &Source<'_>) -> Result<Array<Untyped, Map<B::Mapping>>> {
        if self.mode == Mode::Create {
            let what =
                "mode \"w+\" creates a file, but this opens one; use mode \"r+\" to write to it";
            return Err(ErrorKind::InvalidOptions { what }.into());
        }
        let mut map = Self::map_at(self.map, (self.mode, self.offset), source)?;
        let header = read_header(&map, 0, self.header_limit)?;
        let expected = ExpectedDType::of::<T>(self.dtype);
        expected.require(&header, self.shape.as_deref(), self.order)?;
        if self.mode == Mode::Read && map.len() < end_of_data(&header) {
            // Another process may have appended rows since the file was mapped. If not, the file was cut
            // short, which is reported below.
            let _is_cut_short = map.resize(end_of_data(&header));
        }
        let array = placed(map, &header, 0, None)?;
        let len = array.map().len().saturating_sub(end_of_data(&header));
        if self.is_strict && len > 0 {
            return Err(ErrorKind::BytesBehindData { len }.into());
        }
        Ok(array)
    }

    fn create_npy_untyped(self, source: &Source<'_>) -> Result<Array<Untyped, Map<B::Mapping>>> {
        let dtype = self.dtype.unwrap_or_else(T::new_dtype);
        let Some(shape) = &self.shape else { return Err(ErrorKind::ShapeRequired.into()) };
        if self.offset > 0 {
            let what = "a .npy file starts with its header; leave the offset out";
            return Err(ErrorKind::InvalidOptions { what }.into());
        }
        let header = Header::new(dtype, self.order.unwrap_or_default(), shape)?;
        let header = match self.version {
            Some(version) => header.with_version(version)?,
            None => header,
        };
        let map = self.map.len(end_of_data(&header)).head(header.to_bytes()?);
        placed(Self::map_at(map, (Mode::Create, 0), source)?, &header, 0, None)
    }
}

/// Reads the header that starts `start` bytes into the map, and nothing after it.
pub(crate) fn read_header<M: Mapping>(map: &Map<M>, start: u64, limit: usize) -> Result<Header> {
    let available = map.len().saturating_sub(start);
    let read = |len: usize| -> Result<Vec<u8>> {
        let len = usize::try_from(available).unwrap_or(usize::MAX).min(len);
        Ok(map.read_at(start, len)?)
    };
    let preamble = Preamble::parse(&read(Preamble::LEN)?, limit)?;
    // Another process may be rewriting the header while it appends rows. Two equal reads are whole.
    let mut header = read(preamble.data_start())?;
    for _ in 0..READ_ATTEMPTS {
        let again = read(preamble.data_start())?;
        if again == header {
            break;
        }
        header = again;
    }
    Header::parse(&header, limit)
}

/// The number of times that a header is read while it keeps changing.
const READ_ATTEMPTS: usize = 100;

pub(crate) fn end_of_data(header: &Header) -> u64 {
    widen(header.data_start()).saturating_add(header.data_len())
}

/// Where the elements are, if the header is at the start of the map.
pub(crate) fn placed_layout(header: &Header) -> Layout {
    let (shape, itemsize) = (header.shape().to_vec(), header.dtype().itemsize());
    Layout::new(shape, itemsize, header.order(), widen(header.data_start()))
}

/// The array that a header `start` bytes into the map describes, if its data ends before `end` or the
/// end of the map.
pub(crate) fn placed<M: Mapping>(
    map: Map<M>,
    header: &Header,
    start: u64,
    end: Option<u64>,
) -> Result<Array<Untyped, Map<M>>> {
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
