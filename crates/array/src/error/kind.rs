use crate::npy::Version;
use crate::npz::Method;
use crate::shape::DisplayShape;
use crate::{DType, Order};

use super::text::{AtColumn, HeaderKeys, LastIndex, Names};

/// The reason of an [`Error`](crate::Error), with its numbers.
///
/// A `column` counts characters from 1 in the text that was parsed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The mapping reported an error: the file is missing or was cut short, the disk is full, and so on.
    #[error(transparent)]
    Map(memmap_core::Error),

    /// Reading or writing a stream failed.
    #[error("cannot read or write: {0}")]
    Io(#[source] std::io::Error),

    // Shapes and positions.
    /// The array needs more bytes than memory can have.
    #[error(
        "an array of shape {} with elements of {itemsize} bytes is larger than memory can be; use a \
         smaller shape, or map a part",
        DisplayShape(shape)
    )]
    ArrayTooLarge {
        /// The length of each dimension.
        shape: Vec<usize>,
        /// The bytes of one element.
        itemsize: usize,
    },
    /// The array has too many dimensions.
    #[error("{found} dimensions exceed the limit of {max}; combine some of them")]
    TooManyDims {
        /// The requested number.
        found: usize,
        /// The limit.
        max: usize,
    },
    /// The number of indices or slices does not fit the number of dimensions.
    #[error("{asked} indices do not fit the shape {}; give {}", DisplayShape(shape), shape.len())]
    WrongDimensions {
        /// The number of indices or slices.
        asked: usize,
        /// The length of each dimension.
        shape: Vec<usize>,
    },
    /// The index is out of bounds.
    #[error("index {index} is out of bounds for axis {axis} of length {len}{}", LastIndex(*len))]
    IndexOutOfBounds {
        /// The dimension, from 0.
        axis: usize,
        /// The requested index; a negative one counts from the end.
        index: i64,
        /// The length of that dimension.
        len: usize,
    },
    /// The text is not a slice.
    #[error("{text:?} is not a slice; write an index, or start:stop:step with a nonzero step")]
    NotASlice {
        /// The text.
        text: String,
    },
    /// The axes are not a permutation.
    #[error("{asked:?} does not name each of {dimensions} axes once; they count from 0")]
    NotAnOrderOfAxes {
        /// The requested axes.
        asked: Vec<usize>,
        /// The number of dimensions.
        dimensions: usize,
    },
    /// The array has no such axis.
    #[error("there is no axis {axis}: the array has {dimensions} dimensions, counted from 0")]
    NoAxis {
        /// The requested axis.
        axis: usize,
        /// The number of dimensions.
        dimensions: usize,
    },
    /// The shapes differ.
    #[error(
        "shape {} does not match shape {}; use the same shape, or a list of as many elements",
        DisplayShape(asked),
        DisplayShape(found)
    )]
    ShapeDiffers {
        /// The requested shape.
        asked: Vec<usize>,
        /// The actual shape.
        found: Vec<usize>,
    },
    /// The map ends before the array does.
    #[error("the array ends at byte {needed}, but the map has {found} bytes; map more")]
    TooShort {
        /// Bytes from the start of the map to the end of the array.
        needed: u64,
        /// Bytes of the map.
        found: u64,
    },
    /// A new file needs a shape.
    #[error("a new file needs a shape, which sets its length; give a shape")]
    ShapeRequired,
    /// Elements of no bytes do not say how many there are.
    #[error("elements of type {dtype} have no bytes, so their number is unknown; give a shape")]
    NoItemSize {
        /// The type of the elements.
        dtype: DType,
    },
    /// The file does not hold a whole number of elements.
    #[error(
        "{available} bytes are not a whole number of elements of {itemsize} bytes ({dtype}); give a \
         shape, or another offset"
    )]
    NotWholeElements {
        /// Bytes from the offset to the end of the file.
        available: u64,
        /// Bytes from one element to the next.
        itemsize: u64,
        /// The type of the elements.
        dtype: DType,
    },
    /// The elements are stored in another order.
    #[error("the elements are stored in {found} order, not {asked}; leave the order out")]
    OrderDiffers {
        /// The requested order.
        asked: Order,
        /// The order in the file.
        found: Order,
    },
    /// The file ends before its data does.
    #[error(
        "the file has {found} bytes, but its data ends at byte {needed}: it was cut short; get it \
         again, or map the rest as raw elements after the header"
    )]
    DataCutShort {
        /// Bytes from the start of the file to the end of the data.
        needed: u64,
        /// Bytes of the file.
        found: u64,
    },
    /// The file has more bytes than the array.
    #[error("{len} bytes follow the array; remove them, or do not open the file strictly")]
    BytesBehindData {
        /// The number of bytes after the array.
        len: u64,
    },
    /// The rows cannot be appended.
    #[error("cannot append rows: {problem}")]
    NotRows {
        /// The reason, and what to do.
        problem: &'static str,
    },
    /// The options exclude each other.
    #[error("{what}")]
    InvalidOptions {
        /// Which options, and what to do.
        what: &'static str,
    },
    /// The stride is shorter than an element.
    #[error("a stride of {stride} is shorter than an element; use at least {itemsize} bytes")]
    StrideTooShort {
        /// The requested bytes from one element to the next.
        stride: usize,
        /// The bytes of one element.
        itemsize: usize,
    },
    /// The elements are of another type.
    #[error("the elements are {found}, not {asked}; open the array as {found}, or without a type")]
    DTypeDiffers {
        /// The requested type.
        asked: DType,
        /// The actual type.
        found: DType,
    },
    /// The bytes of an element are not a value of its type.
    #[error("the element at byte {at} is not a valid value of its type; read it as bytes")]
    NotAValue {
        /// Bytes from the start of the map to the element.
        at: u64,
    },
    /// The value does not fit the type of the element.
    #[error("the value {value} does not fit elements of type {dtype}; use a value of that type")]
    ValueDiffers {
        /// The value, as it prints.
        value: String,
        /// The type of the elements.
        dtype: DType,
    },
    /// The elements have no field of this name.
    #[error("the elements have no field {name:?}{}", Names(names, "fields"))]
    NoField {
        /// The requested name.
        name: String,
        /// The first names that exist; empty unless the elements are structures.
        names: Vec<String>,
    },
    /// The elements are not aligned as a slice requires.
    #[error(
        "an element is at byte {at}, which is not a multiple of {alignment}, so the array cannot be \
         borrowed; copy the elements"
    )]
    NotAligned {
        /// Bytes from the start of the file.
        at: u64,
        /// The alignment of the type.
        alignment: usize,
    },
    /// The elements are not in the byte order of this machine.
    #[error(
        "elements of type {dtype} are not in the byte order of this machine, so the array cannot be \
         borrowed; copy the elements"
    )]
    ForeignByteOrder {
        /// The type of the elements.
        dtype: DType,
    },
    /// An empty array has no minimum or maximum.
    #[error("an empty array has no {doing}; use an array with elements")]
    Empty {
        /// What was requested.
        doing: &'static str,
    },
    /// The elements are not contiguous.
    #[error("the elements are not contiguous, so the array cannot be {doing}; copy the elements")]
    NotContiguous {
        /// What was requested.
        doing: &'static str,
    },

    // Data types.
    /// There is no data type of this name.
    #[error("{}unknown data type {given:?}; use numpy's notation, as in \"<f4\"", AtColumn(*column))]
    UnknownDType {
        /// The name.
        given: String,
        /// Where it is.
        column: Option<usize>,
    },
    /// The text does not describe a data type.
    #[error("{}{problem}", AtColumn(*column))]
    DTypeSyntax {
        /// What is wrong.
        problem: &'static str,
        /// Where.
        column: Option<usize>,
    },
    /// The elements are Python objects: a file holds their addresses in a process that has ended.
    #[error(
        "{}the elements are Python objects, and a file holds only their addresses; in Python, convert \
         the array with astype and save it again",
        AtColumn(*column)
    )]
    PythonObjects {
        /// Where they are requested.
        column: Option<usize>,
    },
    /// An element is larger than numpy allows.
    #[error(
        "{}an element would have more than {max} bytes; make it smaller, or give the array another \
         dimension",
        AtColumn(*column)
    )]
    DTypeTooLarge {
        /// The limit in bytes.
        max: usize,
        /// Where it is.
        column: Option<usize>,
    },
    /// Structures and sub-arrays are nested too deep.
    #[error("{}data types are nested more than {max} levels deep; flatten some", AtColumn(*column))]
    DTypeTooDeep {
        /// The limit.
        max: usize,
        /// Where it is exceeded.
        column: Option<usize>,
    },
    /// Two fields of a structure share a name or title.
    #[error("{}two fields are called {name:?}; rename one of them", AtColumn(*column))]
    FieldNameTwice {
        /// The name.
        name: String,
        /// Where the structure is.
        column: Option<usize>,
    },
    /// A field ends after its element does.
    #[error("field {name:?} ends at byte {end}, but an element has {itemsize}; move or enlarge it")]
    FieldBeyondEnd {
        /// The name of the field.
        name: String,
        /// The end of the field, in bytes from the start of the element.
        end: usize,
        /// The bytes of the element.
        itemsize: usize,
    },
    /// A field without a name would be read back as padding.
    #[error("the field at byte {offset} has no name, so it would be padding; name or remove it")]
    FieldWithoutName {
        /// The start of the field, in bytes from the start of the element.
        offset: usize,
    },
    /// The numbers of names and fields differ.
    #[error("{found} names for {expected} fields; give each field a name")]
    FieldNames {
        /// The number of fields.
        expected: usize,
        /// The number of names.
        found: usize,
    },
    /// An element cannot hold a sub-array of this shape.
    #[error("{}a sub-array {problem}; use another shape", AtColumn(*column))]
    SubArrayShape {
        /// What is wrong with the shape.
        problem: &'static str,
        /// Where it is.
        column: Option<usize>,
    },
    /// A unit of time has an invalid multiple.
    #[error("{}a unit cannot have the multiple {multiple}; use 1 to 2147483647", AtColumn(*column))]
    UnitMultiple {
        /// The multiple.
        multiple: u32,
        /// Where it is.
        column: Option<usize>,
    },
    /// Fields overlap or are not in the order of their offsets, which a header cannot describe.
    #[error(
        "field {name:?} starts before the previous one ends, which a .npy header cannot describe; \
         define the fields in the order of their offsets, without overlap"
    )]
    NoDescr {
        /// The first field that does not follow the previous one.
        name: String,
    },

    // The header of a `.npy` file.
    /// The file does not start like a `.npy` file.
    #[error(
        "the file starts with \"{}\", not with \"\\x93NUMPY\", so it is not a .npy file; open it as raw \
         elements and give their type",
        found.escape_ascii()
    )]
    NotNpy {
        /// The first bytes, up to six.
        found: Vec<u8>,
    },
    /// The version of the format is unknown.
    #[error(
        "version {major}.{minor} of the .npy format is unknown (1.0, 2.0 and 3.0 are supported); save \
         the array again with numpy.save"
    )]
    NpyVersion {
        /// The major version.
        major: u8,
        /// The minor version.
        minor: u8,
    },
    /// The file ends within its header.
    #[error("the header needs {needed} bytes, but the file was cut short to {found}; get it again")]
    HeaderCutShort {
        /// The bytes that the header needs, at least.
        needed: usize,
        /// The bytes of the file.
        found: usize,
    },
    /// The header is longer than the limit.
    #[error("the header has {len} bytes, more than {limit}; raise the limit if you trust the file")]
    HeaderTooLong {
        /// The bytes of the header.
        len: u32,
        /// The limit.
        limit: usize,
    },
    /// The header is not text in the encoding of its version.
    #[error("byte {at} of the header is not UTF-8, as version 3.0 requires; get the file again")]
    HeaderEncoding {
        /// The first invalid byte, from the start of the header's text.
        at: usize,
    },
    /// The header is not a Python dictionary.
    #[error("{}the header is not a Python dictionary: {problem}", AtColumn(*column))]
    HeaderSyntax {
        /// What is wrong.
        problem: &'static str,
        /// Where.
        column: Option<usize>,
    },
    /// The header lacks one of its three keys, or has others.
    #[error("{}", HeaderKeys { missing, unknown })]
    HeaderKeys {
        /// The missing keys.
        missing: Vec<&'static str>,
        /// The additional keys, as written.
        unknown: Vec<String>,
    },
    /// The order in the header is not a boolean.
    #[error(
        "{}'fortran_order' must be True or False; save the array again with numpy.save",
        AtColumn(*column)
    )]
    HeaderOrder {
        /// Where it is.
        column: Option<usize>,
    },
    /// The shape in the header is not a tuple of lengths.
    #[error(
        "{}'shape' {problem}, and must be a tuple of lengths; save the array again with numpy.save",
        AtColumn(*column)
    )]
    HeaderShape {
        /// What is wrong with it.
        problem: &'static str,
        /// Where.
        column: Option<usize>,
    },
    /// This version of the format cannot hold the header.
    #[error(
        "version {version} of the .npy format cannot hold this header, because of its length or its \
         characters; leave the version out"
    )]
    HeaderNotInVersion {
        /// The version.
        version: Version,
    },
    /// The header does not fit in front of the existing data.
    #[error(
        "the header needs {needed} bytes before the data and has {room}; save the array to a new file, \
         whose header has room to grow"
    )]
    HeaderHasNoRoom {
        /// The bytes of the header's text.
        needed: usize,
        /// The bytes before the data.
        room: usize,
    },
    /// The array has no dimension along which it could grow.
    #[error("an array without dimensions cannot grow; create it with a dimension")]
    TooFewDims,

    // `.npz` files, which are zip archives.
    /// The file does not end like a zip archive.
    #[error(
        "the file does not end like a zip archive: it is not a .npz file, or was cut short; open it as \
         .npy or as raw elements, or get it again"
    )]
    NotZip,
    /// The end record or the directory of the archive is damaged.
    #[error("the archive is damaged at byte {offset}: {problem}; get it again, or try zip -FF")]
    ZipDamaged {
        /// Bytes from the start of the file.
        offset: u64,
        /// What is wrong there.
        problem: &'static str,
    },
    /// The directory of the archive is longer than the limit.
    #[error("the directory of the archive has {len} bytes, more than {limit}; split the archive")]
    ZipDirectoryTooLong {
        /// The bytes of the directory.
        len: u64,
        /// The limit.
        limit: u64,
    },
    /// The archive has no member of this name.
    #[error("the archive has no member {name:?}{}", Names(names, "members"))]
    NoMember {
        /// The requested name.
        name: String,
        /// The first names that exist.
        names: Vec<String>,
    },
    /// The member is compressed, so its elements cannot be mapped.
    #[error(
        "member {name:?} is compressed ({method}), so it cannot be mapped; read it into memory, or save \
         the archive with numpy.savez"
    )]
    MemberCompressed {
        /// The name of the member.
        name: String,
        /// The compression method.
        method: Method,
    },
    /// The member is encrypted.
    #[error("member {name:?} is encrypted; decrypt the archive first")]
    MemberEncrypted {
        /// The name of the member.
        name: String,
    },
    /// The archive contradicts itself about the member.
    #[error("member {name:?} is damaged: {problem}; get the archive again, or try zip -FF")]
    MemberDamaged {
        /// The name of the member.
        name: String,
        /// The contradiction.
        problem: &'static str,
    },
}
