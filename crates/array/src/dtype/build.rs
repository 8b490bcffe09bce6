//! Builds types from their parts.

use std::collections::HashSet;
use std::sync::Arc;

use super::{ByteOrder, DType, DTypeKind, Field, Fields, Unit};
use crate::{Error, ErrorKind, Result};

/// Simple types, in the byte order of this machine.
impl DType {
    /// A boolean of one byte, `?`.
    pub const BOOL: Self = Self::simple(DTypeKind::Bool, 1);
    /// `i8` in Rust.
    pub const I1: Self = Self::simple(DTypeKind::Int, 1);
    /// `i16` in Rust.
    pub const I2: Self = Self::simple(DTypeKind::Int, 2);
    /// `i32` in Rust.
    pub const I4: Self = Self::simple(DTypeKind::Int, 4);
    /// `i64` in Rust.
    pub const I8: Self = Self::simple(DTypeKind::Int, 8);
    /// `u8` in Rust.
    pub const U1: Self = Self::simple(DTypeKind::UInt, 1);
    /// `u16` in Rust.
    pub const U2: Self = Self::simple(DTypeKind::UInt, 2);
    /// `u32` in Rust.
    pub const U4: Self = Self::simple(DTypeKind::UInt, 4);
    /// `u64` in Rust.
    pub const U8: Self = Self::simple(DTypeKind::UInt, 8);
    /// A float of two bytes.
    pub const F2: Self = Self::simple(DTypeKind::Float, 2);
    /// `f32` in Rust.
    pub const F4: Self = Self::simple(DTypeKind::Float, 4);
    /// `f64` in Rust.
    pub const F8: Self = Self::simple(DTypeKind::Float, 8);
    /// The `long double` of x86: ten bytes in sixteen.
    pub const F16: Self = Self::simple(DTypeKind::Float, 16);
    /// Two [`F4`](Self::F4).
    pub const C8: Self = Self::simple(DTypeKind::Complex, 8);
    /// Two [`F8`](Self::F8).
    pub const C16: Self = Self::simple(DTypeKind::Complex, 16);
    /// Two [`F16`](Self::F16).
    pub const C32: Self = Self::simple(DTypeKind::Complex, 32);

    /// A point in time, counted in this unit.
    pub const fn datetime(unit: Unit) -> Self {
        Self::simple(DTypeKind::DateTime(unit), 8)
    }

    /// A span of time, counted in this unit.
    pub const fn timedelta(unit: Unit) -> Self {
        Self::simple(DTypeKind::TimeDelta(unit), 8)
    }

    /// `len` bytes, `S`.
    ///
    /// # Errors
    /// [`DTypeTooLarge`](ErrorKind::DTypeTooLarge) beyond [`MAX_ITEMSIZE`](Self::MAX_ITEMSIZE).
    pub fn bytes(len: usize) -> Result<Self> {
        Self::sized(DTypeKind::Bytes, Some(len))
    }

    /// Unicode of `len` characters of four bytes each, `U`.
    ///
    /// # Errors
    /// [`DTypeTooLarge`](ErrorKind::DTypeTooLarge) beyond [`MAX_ITEMSIZE`](Self::MAX_ITEMSIZE).
    pub fn text(len: usize) -> Result<Self> {
        Self::sized(DTypeKind::Text, len.checked_mul(4))
    }

    /// `len` uninterpreted bytes, `V`.
    ///
    /// # Errors
    /// [`DTypeTooLarge`](ErrorKind::DTypeTooLarge) beyond [`MAX_ITEMSIZE`](Self::MAX_ITEMSIZE).
    pub fn void(len: usize) -> Result<Self> {
        Self::sized(DTypeKind::Void, Some(len))
    }

    const fn simple(kind: DTypeKind, itemsize: usize) -> Self {
        let byte_order = if itemsize == 1 { ByteOrder::NotApplicable } else { ByteOrder::NATIVE };
        Self { kind, itemsize, byte_order, depth: 1 }
    }

    fn sized(kind: DTypeKind, itemsize: Option<usize>) -> Result<Self> {
        let itemsize = checked_itemsize(itemsize)?;
        let byte_order =
            if kind == DTypeKind::Text { ByteOrder::NATIVE } else { ByteOrder::NotApplicable };
        Ok(Self { kind, itemsize, byte_order, depth: 1 })
    }
}

/// Composite types.
impl DType {
    /// A structure of contiguous named fields.
    ///
    /// A field with an empty name is called `f0`, `f1`, … by its position, as in numpy.
    ///
    /// # Errors
    /// - [`FieldNameTwice`](ErrorKind::FieldNameTwice) if two have the same name.
    /// - [`DTypeTooLarge`](ErrorKind::DTypeTooLarge) beyond [`MAX_ITEMSIZE`](Self::MAX_ITEMSIZE).
    /// - [`DTypeTooDeep`](ErrorKind::DTypeTooDeep) beyond [`MAX_DEPTH`](Self::MAX_DEPTH).
    ///
    /// # Examples
    /// ```
    /// use memmap_array::DType;
    ///
    /// let packed = DType::structure([("flag", DType::U1), ("value", DType::F8)])?;
    /// assert_eq!(packed.field("value").map(|field| field.offset()), Some(1));
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    pub fn structure<N: Into<Arc<str>>>(
        fields: impl IntoIterator<Item = (N, Self)>,
    ) -> Result<Self> {
        let mut end = 0_usize;
        let list = placed(fields, |dtype| {
            let offset = end;
            end = checked_itemsize(offset.checked_add(dtype.itemsize))?;
            Ok(offset)
        })?;
        Self::of_fields(list, end, None)
    }

    /// A structure laid out as in C: each field at a multiple of its alignment, with padding after the
    /// last. numpy's `align=True`.
    ///
    /// # Errors
    /// Those of [`structure`](Self::structure).
    ///
    /// # Examples
    /// ```
    /// use memmap_array::DType;
    ///
    /// let aligned = DType::aligned([("flag", DType::U1), ("value", DType::F8)])?;
    /// assert_eq!(aligned.field("value").map(|field| field.offset()), Some(8));
    /// assert_eq!((aligned.itemsize(), aligned.alignment()), (16, 8));
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    pub fn aligned<N: Into<Arc<str>>>(fields: impl IntoIterator<Item = (N, Self)>) -> Result<Self> {
        let mut end = 0_usize;
        let mut largest = 1;
        let list = placed(fields, |dtype| {
            let alignment = dtype.alignment();
            largest = largest.max(alignment);
            let offset = checked_itemsize(end.checked_next_multiple_of(alignment))?;
            end = checked_itemsize(offset.checked_add(dtype.itemsize))?;
            Ok(offset)
        })?;
        let itemsize = checked_itemsize(end.checked_next_multiple_of(largest))?;
        Self::of_fields(list, itemsize, Some(largest))
    }

    /// A structure of `itemsize` bytes with fields at the given offsets. They may overlap.
    ///
    /// # Errors
    /// - [`FieldBeyondEnd`](ErrorKind::FieldBeyondEnd) if a field is not within the element.
    /// - [`FieldWithoutName`](ErrorKind::FieldWithoutName) if a field without a name would be read back
    ///   as padding.
    /// - Those of [`structure`](Self::structure).
    ///
    /// # Examples
    /// ```
    /// use memmap_array::{DType, Field};
    ///
    /// let fields = [Field::new("whole", DType::U4), Field::new("high", DType::U2).at(2)];
    /// let union = DType::structure_at(fields, 4)?;
    /// assert_eq!(union.itemsize(), 4);
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    pub fn structure_at(fields: impl IntoIterator<Item = Field>, itemsize: usize) -> Result<Self> {
        let itemsize = checked_itemsize(Some(itemsize))?;
        let list: Vec<_> = fields.into_iter().collect();
        for field in &list {
            if field.end() > itemsize {
                let (name, end) = (field.name.to_string(), field.end());
                return Err(ErrorKind::FieldBeyondEnd { name, end, itemsize }.into());
            }
            if field.name.is_empty() && field.title.is_none() && field.dtype.is_padding() {
                return Err(ErrorKind::FieldWithoutName { offset: field.offset }.into());
            }
        }
        Self::of_fields(list, itemsize, None)
    }

    /// The same structure with other field names; titles stay.
    ///
    /// # Errors
    /// - [`FieldNames`](ErrorKind::FieldNames) unless there are as many names as fields.
    /// - [`FieldNameTwice`](ErrorKind::FieldNameTwice) if two names are equal.
    pub fn renamed<N: Into<Arc<str>>>(&self, names: impl IntoIterator<Item = N>) -> Result<Self> {
        let names: Vec<Arc<str>> = names.into_iter().map(Into::into).collect();
        let fields = self.fields();
        let expected = fields.map_or(0, Fields::len);
        let Some(fields) = fields.filter(|_| names.len() == expected) else {
            return Err(ErrorKind::FieldNames { expected, found: names.len() }.into());
        };
        let renamed = |(name, field): (_, &Field)| Field { name, ..field.clone() };
        let list = names.into_iter().zip(fields).map(renamed).collect();
        let alignment = fields.is_aligned().then(|| fields.alignment());
        Self::of_fields(list, self.itemsize, alignment)
    }

    /// A sub-array: an array of `base` in each element, in C order.
    ///
    /// Without dimensions it is `base` itself. As the type of an array, it adds its dimensions to the
    /// array's.
    ///
    /// # Errors
    /// - [`SubArrayShape`](ErrorKind::SubArrayShape) beyond [`MAX_DIMS`](Self::MAX_DIMS) dimensions,
    ///   if a dimension is longer than a C `int`, or if `base` is text or bytes without a length.
    /// - [`DTypeTooLarge`](ErrorKind::DTypeTooLarge) beyond [`MAX_ITEMSIZE`](Self::MAX_ITEMSIZE).
    /// - [`DTypeTooDeep`](ErrorKind::DTypeTooDeep) beyond [`MAX_DEPTH`](Self::MAX_DEPTH).
    ///
    /// # Examples
    /// ```
    /// use memmap_array::DType;
    ///
    /// let matrix = DType::array_of(DType::F8, &[2, 2])?;
    /// assert_eq!(matrix.itemsize(), 32);
    /// assert_eq!(matrix, "(2, 2)f8".parse()?);
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    pub fn array_of(base: Self, shape: &[usize]) -> Result<Self> {
        if shape.is_empty() && !base.is_unsized() {
            return Ok(base);
        }
        let problem = if base.is_unsized() {
            Some("has elements without a length")
        } else if shape.len() > Self::MAX_DIMS {
            Some("has more than 64 dimensions")
        } else if shape.iter().any(|&len| len > Self::MAX_ITEMSIZE) {
            Some("has a dimension longer than 2147483647")
        } else {
            None
        };
        if let Some(problem) = problem {
            return Err(ErrorKind::SubArrayShape { problem, column: None }.into());
        }
        let elements = shape.iter().try_fold(1_usize, |all, &len| all.checked_mul(len));
        let itemsize = elements.and_then(|elements| elements.checked_mul(base.itemsize));
        let itemsize = checked_itemsize(itemsize)?;
        checked_itemsize(elements)?;
        let depth = deeper(base.depth)?;
        let kind = DTypeKind::SubArray { base: base.into(), shape: shape.into() };
        Ok(Self { kind, itemsize, byte_order: ByteOrder::NotApplicable, depth })
    }

    fn of_fields(list: Vec<Field>, itemsize: usize, alignment: Option<usize>) -> Result<Self> {
        let mut seen = HashSet::new();
        for name in list.iter().flat_map(|it| it.title.iter().chain([&it.name])) {
            if !seen.insert(name) {
                let name = name.to_string();
                return Err(ErrorKind::FieldNameTwice { name, column: None }.into());
            }
        }
        let deepest = list.iter().map(|field| field.dtype.depth).max().unwrap_or(0);
        let depth = deeper(deepest)?;
        let kind = DTypeKind::Struct(Fields::new(list, alignment));
        Ok(Self { kind, itemsize, byte_order: ByteOrder::NotApplicable, depth })
    }

    /// Whether this is text or bytes without a length.
    pub(super) const fn is_unsized(&self) -> bool {
        let flexible = matches!(
            self.kind,
            DTypeKind::Bytes | DTypeKind::Text | DTypeKind::Void | DTypeKind::SubArray { .. }
        );
        flexible && self.itemsize == 0
    }

    /// Whether numpy treats an unnamed field of this type as padding.
    pub(super) const fn is_padding(&self) -> bool {
        matches!(self.kind, DTypeKind::Void | DTypeKind::SubArray { .. })
    }
}

fn placed<N: Into<Arc<str>>>(
    fields: impl IntoIterator<Item = (N, DType)>,
    mut place: impl FnMut(&DType) -> Result<usize>,
) -> Result<Vec<Field>> {
    let mut list = Vec::new();
    for (name, dtype) in fields {
        let mut name = name.into();
        if name.is_empty() {
            name = format!("f{}", list.len()).into();
        }
        let offset = place(&dtype)?;
        list.push(Field { name, title: None, dtype, offset });
    }
    Ok(list)
}

fn checked_itemsize(itemsize: Option<usize>) -> Result<usize> {
    itemsize.filter(|&itemsize| itemsize <= DType::MAX_ITEMSIZE).ok_or_else(|| {
        Error::new(ErrorKind::DTypeTooLarge { max: DType::MAX_ITEMSIZE, column: None })
    })
}

fn deeper(depth: u8) -> Result<u8> {
    let depth = depth.saturating_add(1);
    if usize::from(depth) > DType::MAX_DEPTH {
        return Err(ErrorKind::DTypeTooDeep { max: DType::MAX_DEPTH, column: None }.into());
    }
    Ok(depth)
}
