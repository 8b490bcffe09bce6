use super::{Version, write};
use crate::layout::byte_count;
use crate::{DType, DTypeKind, ErrorKind, Order, Result};

/// The header of a `.npy` file: type, shape and order of the elements.
///
/// # Examples
/// ```
/// use memmap_array::npy::{DEFAULT_LIMIT, Header};
/// use memmap_array::{DType, Order};
///
/// let header = Header::new(DType::F4, Order::C, &[3, 4])?;
/// let bytes = header.to_bytes()?;
/// assert_eq!((header.data_start(), header.data_len()), (128, 48));
/// assert_eq!(Header::parse(&bytes, DEFAULT_LIMIT)?, header);
/// # Ok::<(), memmap_array::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Header {
    dtype: DType,
    order: Order,
    shape: Vec<usize>,
    version: Version,
    data_start: usize,
    data_len: u64,
}

impl Header {
    /// The header that numpy writes, in the lowest version that can hold it.
    ///
    /// The dimensions of a sub-array become dimensions of the array.
    ///
    /// # Errors
    /// - [`ArrayTooLarge`](ErrorKind::ArrayTooLarge) if the data is too large to address, or would be
    ///   without its dimensions of length zero.
    /// - [`TooManyDims`](ErrorKind::TooManyDims) beyond 64.
    /// - [`NoDescr`](ErrorKind::NoDescr) if a header cannot describe the data type.
    pub fn new(dtype: DType, order: Order, shape: &[usize]) -> Result<Self> {
        let header = Self::placed(dtype, order, shape.to_vec(), Version::V1, 0)?;
        let text = write::text(&header)?;
        let mut last = Err(ErrorKind::HeaderNotInVersion { version: Version::V3 }.into());
        for version in Version::ALL {
            last = write::data_start(&header, &text, version);
            if let Ok(data_start) = last {
                return Ok(Self { version, data_start, ..header });
            }
        }
        last.map(|_| header)
    }

    /// The same header in this version of the format.
    ///
    /// # Errors
    /// [`HeaderNotInVersion`](ErrorKind::HeaderNotInVersion) if it is too long for the version, or has
    /// characters that the version cannot encode.
    pub fn with_version(self, version: Version) -> Result<Self> {
        let text = write::text(&self)?;
        Ok(Self { version, data_start: write::data_start(&self, &text, version)?, ..self })
    }

    /// The same header with another number of rows. It can replace this one in the file, since the data
    /// stays where it is.
    ///
    /// Rows are counted along the first dimension, in Fortran order along the last. Headers that numpy
    /// writes have room for any number.
    ///
    /// # Errors
    /// - [`HeaderHasNoRoom`](ErrorKind::HeaderHasNoRoom) if the text does not fit before the data.
    /// - [`ArrayTooLarge`](ErrorKind::ArrayTooLarge) if the data is too large to address.
    /// - [`TooFewDims`](ErrorKind::TooFewDims) without dimensions.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::npy::Header;
    /// use memmap_array::{DType, Order};
    ///
    /// let header = Header::new(DType::F8, Order::C, &[0, 3])?;
    /// let grown = header.with_rows(1_000_000)?;
    /// assert_eq!(grown.to_bytes()?.len(), header.to_bytes()?.len());
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    pub fn with_rows(&self, rows: usize) -> Result<Self> {
        let mut shape = self.shape.clone();
        let Some(axis) = self.growth_axis().and_then(|axis| shape.get_mut(axis)) else {
            return Err(ErrorKind::TooFewDims.into());
        };
        *axis = rows;
        let (dtype, start) = (self.dtype.clone(), self.data_start);
        let grown = Self::placed(dtype, self.order, shape, self.version, start)?;
        grown.to_bytes()?;
        Ok(grown)
    }

    /// The [`data_start`](Self::data_start) bytes before the data.
    ///
    /// For a header from [`new`](Self::new) they are exactly those that numpy writes. A parsed header is
    /// written in numpy's form into the room that it has.
    ///
    /// # Errors
    /// [`HeaderHasNoRoom`](ErrorKind::HeaderHasNoRoom) if a parsed header has less room than numpy's form
    /// needs. A [`new`](Self::new) header of the same type, order and shape has enough.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        write::to_bytes(self)
    }

    /// The type of the elements. Never a sub-array.
    pub const fn dtype(&self) -> &DType {
        &self.dtype
    }

    /// The order of the elements.
    pub const fn order(&self) -> Order {
        self.order
    }

    /// The length of each dimension.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The version of the format.
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The start of the data, in bytes from the start of the file.
    pub const fn data_start(&self) -> usize {
        self.data_start
    }

    /// The length of the data in bytes. Bytes after it do not belong to the array.
    pub const fn data_len(&self) -> u64 {
        self.data_len
    }

    /// The dimension that grows when rows are appended.
    pub(super) fn growth_axis(&self) -> Option<usize> {
        let last = self.shape.len().checked_sub(1)?;
        Some(if self.order == Order::C { 0 } else { last })
    }

    /// A header whose data starts at `data_start`.
    pub(super) fn placed(
        mut dtype: DType,
        order: Order,
        mut shape: Vec<usize>,
        version: Version,
        data_start: usize,
    ) -> Result<Self> {
        while let DTypeKind::SubArray { base, shape: inner } = dtype.kind() {
            shape.extend(inner.iter());
            dtype = DType::clone(base);
        }
        let data_len = byte_count(&shape, dtype.itemsize())?;
        Ok(Self { dtype, order, shape, version, data_start, data_len })
    }
}
