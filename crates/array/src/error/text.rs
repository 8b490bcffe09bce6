//! What the errors of data types and headers say: what was asked, what was found, what to do.

use std::fmt;

use super::ErrorKind;

#[expect(clippy::too_many_lines, reason = "a sentence for each kind, one below the other")]
pub(super) fn write(kind: &ErrorKind, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let Some(column) = kind.column() {
        write!(f, "at column {column}: ")?;
    }
    match kind {
        ErrorKind::Map(error) => write!(f, "{error}"),
        ErrorKind::UnknownDType { given, .. } => {
            write!(f, "there is no data type {given:?}; write it as numpy does, as in \"<f4\"")
        }
        ErrorKind::DTypeSyntax { problem, .. } => f.write_str(problem),
        ErrorKind::PythonObjects { .. } => f.write_str(
            "the elements are Python objects, of which a file cannot hold more than addresses; in \
             Python, convert the array with `astype` and save it again",
        ),
        ErrorKind::DTypeTooLarge { max, .. } => write!(
            f,
            "an element would have more than {max} bytes; make it smaller, and give the array \
             another dimension instead"
        ),
        ErrorKind::DTypeTooDeep { max, .. } => write!(
            f,
            "more than {max} data types are nested in each other; put the fields of the inner ones \
             into an outer one"
        ),
        ErrorKind::FieldNameTwice { name, .. } => {
            write!(f, "two fields are called {name:?}; give one of them another name or title")
        }
        ErrorKind::FieldBeyondEnd { name, end, itemsize } => write!(
            f,
            "field {name:?} ends at byte {end} of an element of {itemsize} bytes; move it, or make \
             the element larger"
        ),
        ErrorKind::FieldWithoutName { offset } => write!(
            f,
            "the field at byte {offset} has no name and would be read as padding; give it a name, \
             or leave it out"
        ),
        ErrorKind::FieldNames { expected, found } => write!(
            f,
            "{found} names were given for {expected} fields; give as many as there are fields"
        ),
        ErrorKind::SubArrayShape { problem, .. } => {
            write!(f, "a small array within an element {problem}; give it another shape")
        }
        ErrorKind::UnitMultiple { multiple, .. } => write!(
            f,
            "a unit of time cannot be taken {multiple} times; take it 1 to 2147483647 times"
        ),
        ErrorKind::NoDescr { name } => write!(
            f,
            "field {name:?} starts before the one ahead of it ends, which a header cannot say; \
             define the fields in the order of their offsets, and let none overlap"
        ),
        ErrorKind::NotNpy { found } => write!(
            f,
            "it starts with \"{}\" and not with \"\\x93NUMPY\", so it is no .npy file; open it as raw \
             elements, and say of which data type they are",
            found.escape_ascii()
        ),
        ErrorKind::NpyVersion { major, minor } => write!(
            f,
            "it is of version {major}.{minor} of the .npy format, and 1.0, 2.0 and 3.0 are known; \
             save it again with `numpy.save`"
        ),
        ErrorKind::HeaderCutShort { needed, found } => write!(
            f,
            "the header needs {needed} bytes and there are {found}: the file was cut short; get it \
             anew"
        ),
        ErrorKind::HeaderTooLong { len, limit } => write!(
            f,
            "the header has {len} bytes and may have {limit}; raise the limit if the file is to be \
             trusted"
        ),
        ErrorKind::HeaderEncoding { at } => write!(
            f,
            "byte {at} of the header is no UTF-8, as version 3.0 has it; the file is damaged, get \
             it anew"
        ),
        ErrorKind::HeaderSyntax { problem, .. } => {
            write!(f, "the header is no dictionary of Python's: {problem}")
        }
        ErrorKind::HeaderKeys { missing, unknown } => {
            f.write_str("the header must have the keys 'descr', 'fortran_order' and 'shape', and")?;
            match (missing.is_empty(), unknown.is_empty()) {
                (true, _) => write!(f, " has {} too", unknown.join(", ")),
                (false, true) => write!(f, " lacks {}", missing.join(", ")),
                (false, false) => {
                    write!(f, " lacks {} and has {}", missing.join(", "), unknown.join(", "))
                }
            }?;
            f.write_str("; save the array again with `numpy.save`")
        }
        ErrorKind::HeaderOrder { .. } => f.write_str(
            "'fortran_order' is expected to be True or False here; save the array again with \
             `numpy.save`",
        ),
        ErrorKind::HeaderShape { problem, .. } => write!(
            f,
            "'shape' {problem}, and must be a tuple of lengths; save the array again with \
             `numpy.save`"
        ),
        ErrorKind::HeaderNotInVersion { version } => write!(
            f,
            "version {version} of the .npy format cannot hold this header, for its length or its \
             characters; leave the version out to get one that can"
        ),
        ErrorKind::HeaderHasNoRoom { needed, room } => write!(
            f,
            "the header needs {needed} bytes in front of the data and has {room}; save the array to \
             a new file, whose header has room to grow"
        ),
        ErrorKind::TooFewDims => {
            f.write_str("an array without dimensions cannot grow; give it one of length 1 first")
        }
        ErrorKind::NotZip => f.write_str(
            "it does not end as a zip archive does, so it is no .npz file, or was cut short; open \
             it as .npy or raw, or get it anew",
        ),
        ErrorKind::ZipDamaged { offset, problem } => write!(
            f,
            "the archive is damaged: what is at byte {offset} {problem}; get it anew, or repair it \
             with `zip -FF`"
        ),
        ErrorKind::ZipDirectoryTooLong { len, limit } => write!(
            f,
            "the directory of the archive has {len} bytes and may have {limit}; put its members \
             into more than one archive"
        ),
        ErrorKind::NoMember { name, names } if names.is_empty() => {
            write!(f, "the archive has no member {name:?}, and no other; check the file")
        }
        ErrorKind::NoMember { name, names } => {
            write!(f, "the archive has no member {name:?}; it has")?;
            for (index, name) in names.iter().enumerate() {
                write!(f, "{} {name:?}", if index == 0 { "" } else { "," })?;
            }
            f.write_str("; name one of its members")
        }
        ErrorKind::MemberCompressed { name, method } => write!(
            f,
            "member {name:?} is compressed ({method}), so its elements are not in the file as they \
             are; write it with `numpy.savez` instead of `numpy.savez_compressed`, or unpack it"
        ),
        ErrorKind::MemberEncrypted { name } => {
            write!(f, "member {name:?} is encrypted; unpack it with its password")
        }
        ErrorKind::MemberDamaged { name, problem } => write!(
            f,
            "member {name:?} is damaged: {problem}; get the archive anew, or repair it with \
             `zip -FF`"
        ),
        other => super::places::write(other, f),
    }
}

impl ErrorKind {
    /// Where in the text it was read from, in characters from 1.
    pub(crate) const fn column(&self) -> Option<usize> {
        match self {
            Self::UnknownDType { column, .. }
            | Self::DTypeSyntax { column, .. }
            | Self::PythonObjects { column }
            | Self::DTypeTooLarge { column, .. }
            | Self::DTypeTooDeep { column, .. }
            | Self::FieldNameTwice { column, .. }
            | Self::SubArrayShape { column, .. }
            | Self::UnitMultiple { column, .. }
            | Self::HeaderSyntax { column, .. }
            | Self::HeaderOrder { column }
            | Self::HeaderShape { column, .. } => *column,
            _ => None,
        }
    }

    /// The same, of what stands there; unless that is known already.
    pub(crate) const fn at_column(mut self, at: usize) -> Self {
        match &mut self {
            Self::UnknownDType { column, .. }
            | Self::DTypeSyntax { column, .. }
            | Self::PythonObjects { column }
            | Self::DTypeTooLarge { column, .. }
            | Self::DTypeTooDeep { column, .. }
            | Self::FieldNameTwice { column, .. }
            | Self::SubArrayShape { column, .. }
            | Self::UnitMultiple { column, .. }
            | Self::HeaderSyntax { column, .. }
            | Self::HeaderOrder { column }
            | Self::HeaderShape { column, .. }
                if column.is_none() =>
            {
                *column = Some(at);
            }
            _ => {}
        }
        self
    }
}
