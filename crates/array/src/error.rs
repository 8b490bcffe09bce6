use std::fmt;
use std::path::{Path, PathBuf};

use crate::{DType, Order};

mod places;
mod text;

/// The result of everything about arrays that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong with an array: the file, what was asked, what was found, and what to do.
///
/// It prints as one line. Programs decide by [`kind`](Self::kind), never by the text.
///
/// # Cost
/// One pointer wide; making one allocates.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    path: Option<PathBuf>,
}

/// What was wrong, with the numbers of the case.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// What the mapping says: the file is missing, cut short, the disk is full, and so on.
    Map(memmap_core::Error),

    // Shapes and places.
    /// So many bytes fit no memory.
    ArrayTooLarge {
        /// Elements in each dimension.
        shape: Vec<usize>,
        /// Bytes of an element.
        itemsize: usize,
    },
    /// More dimensions than an array has.
    TooManyDims {
        /// How many were asked for.
        found: usize,
        /// How many there can be.
        max: usize,
    },
    /// So many indices do not name an element, or so many slices a part.
    WrongDimensions {
        /// How many there were.
        asked: usize,
        /// Elements in each dimension.
        shape: Vec<usize>,
    },
    /// There is no such index.
    IndexOutOfBounds {
        /// The dimension, from 0.
        axis: usize,
        /// What was asked for; negative ones count from the end.
        index: i64,
        /// Elements in that dimension.
        len: usize,
    },
    /// It is not a slice.
    NotASlice {
        /// What was written.
        text: String,
    },
    /// It does not name each axis once.
    NotAnOrderOfAxes {
        /// The axes that were named.
        asked: Vec<usize>,
        /// How many there are.
        dimensions: usize,
    },
    /// The numbers of elements differ.
    ShapeDiffers {
        /// The shape that was asked for.
        asked: Vec<usize>,
        /// The shape that it has.
        found: Vec<usize>,
    },
    /// The bytes are fewer than the array needs.
    TooShort {
        /// Bytes from the start of the map to the end of the array.
        needed: u64,
        /// Bytes that there are.
        found: u64,
    },
    /// A file that is made needs a shape.
    ShapeRequired,
    /// Elements of no bytes do not say how many there are.
    NoItemSize {
        /// What the elements are.
        dtype: DType,
    },
    /// What is there is not a whole number of elements.
    NotWholeElements {
        /// Bytes from the offset to the end of the file.
        available: u64,
        /// Bytes from an element to the next.
        itemsize: u64,
        /// What the elements are.
        dtype: DType,
    },
    /// The elements lie in another order.
    OrderDiffers {
        /// What was asked for.
        asked: Order,
        /// How they lie.
        found: Order,
    },
    /// The file ends before its data does.
    DataCutShort {
        /// Bytes from the start of the file to the end of the data.
        needed: u64,
        /// Bytes that the file has.
        found: u64,
    },
    /// The file goes on behind its data.
    BytesBehindData {
        /// How many there are.
        len: u64,
    },
    /// Rows were to be added to an array that is not all of a `.npy` file.
    NotRows {
        /// Why they cannot be.
        problem: &'static str,
    },
    /// Options exclude each other.
    Contradiction {
        /// Which, and what to do.
        what: &'static str,
    },
    /// Records that follow each other closer than they are long.
    StrideTooShort {
        /// Bytes from a record to the next, as asked.
        stride: usize,
        /// Bytes of a record.
        itemsize: usize,
    },
    /// The elements are of another type.
    DTypeDiffers {
        /// What was asked for.
        asked: DType,
        /// What they are.
        found: DType,
    },
    /// The bytes of an element are no value of its type.
    NotAValue {
        /// Bytes from the start of the map to the element.
        at: u64,
    },
    /// The elements have no field of this name.
    NoField {
        /// The name.
        name: String,
        /// The first names that there are; none of elements that are no structures.
        names: Vec<String>,
    },
    /// The elements are not where a slice of them could start.
    NotAligned {
        /// Bytes from the start of the file.
        at: u64,
        /// What that would have to be a multiple of.
        alignment: usize,
    },
    /// The bytes of each number lie the other way round.
    ForeignByteOrder {
        /// What the elements are.
        dtype: DType,
    },
    /// There is no least or greatest of no elements.
    Empty {
        /// What was asked for.
        doing: &'static str,
    },
    /// The elements do not follow each other in memory as is needed.
    NotContiguous {
        /// What cannot be done.
        doing: &'static str,
    },

    // What a data type is: `column` counts the characters of the text it was read from, from 1.
    /// There is no data type of this name.
    UnknownDType {
        /// The name.
        given: String,
        /// Where it stands.
        column: Option<usize>,
    },
    /// The text is not one that describes a data type.
    DTypeSyntax {
        /// What is wrong.
        problem: &'static str,
        /// Where.
        column: Option<usize>,
    },
    /// The elements are Python objects: what is stored is addresses in a process long gone.
    PythonObjects {
        /// Where they are asked for.
        column: Option<usize>,
    },
    /// An element would be larger than numpy can say.
    DTypeTooLarge {
        /// The most bytes it can have.
        max: usize,
        /// Where it stands.
        column: Option<usize>,
    },
    /// Structures and small arrays are nested too deep in each other.
    DTypeTooDeep {
        /// How deep they may be.
        max: usize,
        /// Where that is exceeded.
        column: Option<usize>,
    },
    /// Two fields of a structure have a name or title in common.
    FieldNameTwice {
        /// What both are called.
        name: String,
        /// Where the structure stands.
        column: Option<usize>,
    },
    /// A field lies outside of its element.
    FieldBeyondEnd {
        /// What it is called.
        name: String,
        /// Where it ends, in bytes from the start of the element.
        end: usize,
        /// How many bytes the element has.
        itemsize: usize,
    },
    /// A field without a name would be read as padding.
    FieldWithoutName {
        /// Where it starts, in bytes from the start of the element.
        offset: usize,
    },
    /// There are not as many names as fields.
    FieldNames {
        /// How many fields there are.
        expected: usize,
        /// How many names were given.
        found: usize,
    },
    /// There cannot be a small array of this shape in an element.
    SubArrayShape {
        /// What its shape has or is.
        problem: &'static str,
        /// Where it stands.
        column: Option<usize>,
    },
    /// A unit of time cannot be taken so many times.
    UnitMultiple {
        /// How many times.
        multiple: u32,
        /// Where it stands.
        column: Option<usize>,
    },
    /// Fields overlap, or are not in the order of their offsets: a header cannot say that.
    NoDescr {
        /// The first field that does not follow the one before it.
        name: String,
    },

    // What a header of a `.npy` file says.
    /// It does not start as a `.npy` file does.
    NotNpy {
        /// The first bytes, up to six.
        found: Vec<u8>,
    },
    /// The file is of a version of the format that is not known.
    NpyVersion {
        /// Its first number.
        major: u8,
        /// Its second.
        minor: u8,
    },
    /// The file ends within its header.
    HeaderCutShort {
        /// How many bytes the file needs for it, at least.
        needed: usize,
        /// How many it has.
        found: usize,
    },
    /// The header is longer than it may be.
    HeaderTooLong {
        /// How many bytes it has.
        len: u32,
        /// How many it may have.
        limit: usize,
    },
    /// The header is no text in its encoding.
    HeaderEncoding {
        /// The first byte of it that is none, from its start.
        at: usize,
    },
    /// The header is no dictionary of Python's.
    HeaderSyntax {
        /// What is wrong.
        problem: &'static str,
        /// Where.
        column: Option<usize>,
    },
    /// The header has not the three keys it must have, or others besides.
    HeaderKeys {
        /// What it lacks.
        missing: Vec<&'static str>,
        /// What it has too much, as it stands there.
        unknown: Vec<String>,
    },
    /// The order of the elements is no truth value.
    HeaderOrder {
        /// Where it stands.
        column: Option<usize>,
    },
    /// The shape is no tuple of lengths.
    HeaderShape {
        /// What it is or has.
        problem: &'static str,
        /// Where.
        column: Option<usize>,
    },
    /// This version of the format cannot hold the header.
    HeaderNotInVersion {
        /// The version.
        version: crate::npy::Version,
    },
    /// The header does not fit in front of the data that is there.
    HeaderHasNoRoom {
        /// How many bytes its text has.
        needed: usize,
        /// How many there are.
        room: usize,
    },
    /// The array has no dimension along which it could grow.
    TooFewDims,

    // What a `.npz` file, which is a zip archive, says.
    /// It does not end as a zip archive does.
    NotZip,
    /// The end or the directory of the archive is damaged.
    ZipDamaged {
        /// Where, in bytes from the start of the file.
        offset: u64,
        /// What what is there does.
        problem: &'static str,
    },
    /// The directory of the archive is longer than it may be.
    ZipDirectoryTooLong {
        /// How many bytes it has.
        len: u64,
        /// How many it may have.
        limit: u64,
    },
    /// The archive has no member of this name.
    NoMember {
        /// The name.
        name: String,
        /// The first names that there are.
        names: Vec<String>,
    },
    /// The member is compressed: its bytes are not in the file.
    MemberCompressed {
        /// Its name.
        name: String,
        /// How it is compressed.
        method: crate::npz::Method,
    },
    /// The member is encrypted: its bytes are not in the file.
    MemberEncrypted {
        /// Its name.
        name: String,
    },
    /// The archive contradicts itself about the member.
    MemberDamaged {
        /// Its name.
        name: String,
        /// In what.
        problem: &'static str,
    },
}

impl Error {
    /// An error without a path.
    pub fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner { kind, path: None }))
    }

    /// What was wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The same without the file.
    pub(crate) fn into_kind(self) -> ErrorKind {
        self.0.kind
    }

    /// The file it is about, absolute.
    pub fn path(&self) -> Option<&Path> {
        let of_map = || match self.kind() {
            ErrorKind::Map(error) => error.path(),
            _ => None,
        };
        self.0.path.as_deref().or_else(of_map)
    }

    /// The same, of this file.
    #[must_use]
    pub fn with_path(mut self, path: &Path) -> Self {
        self.0.path.get_or_insert_with(|| path.to_owned());
        self
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self::new(kind)
    }
}

impl From<memmap_core::Error> for Error {
    fn from(error: memmap_core::Error) -> Self {
        Self::new(ErrorKind::Map(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let ErrorKind::Map(error) = self.kind() {
            return error.fmt(f);
        }
        match self.path() {
            Some(path) => write!(f, "array {path:?}: {}", self.kind()),
            None => write!(f, "array: {}", self.kind()),
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map(error) => error.fmt(f),
            _ => text::write(self, f),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("kind", self.kind()).field("path", &self.path()).finish()
    }
}

impl std::error::Error for Error {}
