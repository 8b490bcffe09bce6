//! numpy's names of simple types: a letter, a letter and a size, a name.
//!
//! Where the sizes of C types differ between platforms, those of 64-bit Linux are used, so that a file
//! means the same everywhere.

use super::{DType, DTypeKind, Unit};

/// The type with this letter.
pub(super) fn by_letter(letter: u8) -> Option<DType> {
    Some(match letter {
        b'?' => DType::BOOL,
        b'b' => DType::I1,
        b'B' => DType::U1,
        b'h' => DType::I2,
        b'H' => DType::U2,
        b'i' => DType::I4,
        b'I' => DType::U4,
        b'l' | b'q' | b'p' | b'n' => DType::I8,
        b'L' | b'Q' | b'P' | b'N' => DType::U8,
        b'e' => DType::F2,
        b'f' => DType::F4,
        b'd' => DType::F8,
        b'g' => DType::F16,
        b'F' => DType::C8,
        b'D' => DType::C16,
        b'G' => DType::C32,
        b'S' => DType::bytes(0).ok()?,
        b'c' => DType::bytes(1).ok()?,
        b'U' => DType::text(0).ok()?,
        b'V' => DType::void(0).ok()?,
        b'M' => DType::datetime(Unit::GENERIC),
        b'm' => DType::timedelta(Unit::GENERIC),
        _ => return None,
    })
}

/// The type with this letter and size in bytes.
pub(super) fn by_size(letter: u8, size: usize) -> Option<DType> {
    Some(match (letter, size) {
        (b'b', 1) => DType::BOOL,
        (b'i', 1) => DType::I1,
        (b'i', 2) => DType::I2,
        (b'i', 4) => DType::I4,
        (b'i', 8) => DType::I8,
        (b'u', 1) => DType::U1,
        (b'u', 2) => DType::U2,
        (b'u', 4) => DType::U4,
        (b'u', 8) => DType::U8,
        (b'f', 2) => DType::F2,
        (b'f', 4) => DType::F4,
        (b'f', 8) => DType::F8,
        (b'f', 16) => DType::F16,
        (b'c', 8) => DType::C8,
        (b'c', 16) => DType::C16,
        (b'c', 32) => DType::C32,
        _ => return None,
    })
}

/// The type with this name in numpy, C or Python.
pub(super) fn by_name(name: &str) -> Option<DType> {
    Some(match name {
        "bool" | "bool_" => DType::BOOL,
        "int8" | "byte" => DType::I1,
        "int16" | "short" => DType::I2,
        "int32" | "intc" => DType::I4,
        "int64" | "int" | "int_" | "long" | "longlong" | "intp" => DType::I8,
        "uint8" | "ubyte" => DType::U1,
        "uint16" | "ushort" => DType::U2,
        "uint32" | "uintc" => DType::U4,
        "uint64" | "uint" | "ulong" | "ulonglong" | "uintp" => DType::U8,
        "float16" | "half" => DType::F2,
        "float32" | "single" => DType::F4,
        "float64" | "float" | "double" => DType::F8,
        "float128" | "longdouble" => DType::F16,
        "complex64" | "csingle" => DType::C8,
        "complex128" | "complex" | "cdouble" => DType::C16,
        "complex256" | "clongdouble" => DType::C32,
        "bytes" | "bytes_" | "a" => DType::bytes(0).ok()?,
        "str" | "str_" | "unicode" => DType::text(0).ok()?,
        "void" => DType::void(0).ok()?,
        _ => return None,
    })
}

impl DType {
    /// numpy's name of the type, with its size in bits: `float32`, `bytes40`, `void64`.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::DType;
    ///
    /// assert_eq!(DType::F4.name(), "float32");
    /// assert_eq!("M8[ns]".parse::<DType>()?.name(), "datetime64[ns]");
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    pub fn name(&self) -> String {
        let name = match self.kind() {
            DTypeKind::Bool => return "bool".to_owned(),
            DTypeKind::DateTime(unit) => return format!("datetime64{unit}"),
            DTypeKind::TimeDelta(unit) => return format!("timedelta64{unit}"),
            DTypeKind::Int => "int",
            DTypeKind::UInt => "uint",
            DTypeKind::Float => "float",
            DTypeKind::Complex => "complex",
            DTypeKind::Bytes => "bytes",
            DTypeKind::Text => "str",
            DTypeKind::Void | DTypeKind::Struct(_) | DTypeKind::SubArray { .. } => "void",
        };
        match self.itemsize().saturating_mul(8) {
            0 => name.to_owned(),
            bits => format!("{name}{bits}"),
        }
    }
}
