//! numpy's data types, except Python objects.

mod aliases;
mod build;
mod byte_order;
mod comma_list;
mod descr;
mod display;
mod fault;
mod fields;
mod kind;
mod parse;
mod typestring;
mod unit;

pub use byte_order::ByteOrder;
pub use fields::{Field, Fields};
pub use kind::DTypeKind;
pub use unit::{TimeUnit, Unit};

pub(crate) use fault::Fault;

/// The type of an element: kind, size, byte order and fields.
///
/// The equivalent of `numpy.dtype`, for every kind except Python objects. Types are equal if they are
/// equal in numpy: names, titles, offsets, sizes and byte orders count; whether a structure was made by
/// [`aligned`](Self::aligned) does not.
///
/// | to create one | use |
/// |---|---|
/// | of a number, in the byte order of this machine | [`DType::F4`](Self::F4) and its like |
/// | as Python writes it | `"<f4".parse::<DType>()` |
/// | with fields | [`structure`](Self::structure), [`aligned`](Self::aligned), [`structure_at`](Self::structure_at) |
/// | of text and bytes | [`text`](Self::text), [`bytes`](Self::bytes), [`void`](Self::void) |
/// | from a header | [`from_descr`](Self::from_descr) |
///
/// # Cost
/// Cloning copies a few words, and increments a reference count if there are fields.
///
/// # Examples
/// ```
/// use memmap_array::DType;
///
/// let point = DType::structure([("x", DType::F4), ("y", DType::F4)])?;
/// assert_eq!(point.itemsize(), 8);
/// assert_eq!(point, "f4, f4".parse::<DType>()?.renamed(["x", "y"])?);
/// assert_eq!(">i2".parse::<DType>()?.to_string(), ">i2");
/// # Ok::<(), memmap_array::Error>(())
/// ```
///
/// # Source
/// [Data type objects](https://numpy.org/doc/stable/reference/arrays.dtypes.html)
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DType {
    kind: DTypeKind,
    itemsize: usize,
    byte_order: ByteOrder,
    /// The number of nested types, including this one.
    depth: u8,
}

impl DType {
    /// The largest [`itemsize`](Self::itemsize): numpy counts it with a C `int`.
    pub const MAX_ITEMSIZE: usize = 0x7fff_ffff;

    /// The limit on nested types, so that none exhausts the stack.
    pub const MAX_DEPTH: usize = 64;

    /// The largest number of dimensions of a [`DTypeKind::SubArray`], as of numpy's arrays.
    pub const MAX_DIMS: usize = 64;

    /// The number of bytes of an element.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::DType;
    ///
    /// assert_eq!("U3".parse::<DType>()?.itemsize(), 12); // four bytes for each character
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    pub const fn itemsize(&self) -> usize {
        self.itemsize
    }

    /// The kind of the element.
    pub const fn kind(&self) -> &DTypeKind {
        &self.kind
    }

    /// The byte order. A structure has none; each field has its own.
    pub const fn byte_order(&self) -> ByteOrder {
        self.byte_order
    }

    /// The alignment in C, in bytes. That of a structure is 1, unless it was made by
    /// [`aligned`](Self::aligned).
    pub fn alignment(&self) -> usize {
        match &self.kind {
            DTypeKind::Bool | DTypeKind::Bytes | DTypeKind::Void => 1,
            DTypeKind::Int
            | DTypeKind::UInt
            | DTypeKind::Float
            | DTypeKind::DateTime(_)
            | DTypeKind::TimeDelta(_) => self.itemsize,
            DTypeKind::Complex => self.itemsize / 2,
            DTypeKind::Text => 4,
            DTypeKind::Struct(fields) => fields.alignment(),
            DTypeKind::SubArray { base, .. } => base.alignment(),
        }
    }

    /// Whether the type, with all its fields, is in the byte order of this machine.
    pub fn is_native(&self) -> bool {
        match &self.kind {
            DTypeKind::Struct(fields) => fields.iter().all(|field| field.dtype().is_native()),
            DTypeKind::SubArray { base, .. } => base.is_native(),
            _ => matches!(self.byte_order, ByteOrder::NATIVE | ByteOrder::NotApplicable),
        }
    }

    /// The same type, with all its fields, in another byte order.
    ///
    /// Types without a byte order stay as they are. [`ByteOrder::NotApplicable`] changes nothing.
    #[must_use]
    pub fn with_byte_order(&self, byte_order: ByteOrder) -> Self {
        let mut changed = self.clone();
        match &self.kind {
            DTypeKind::Struct(fields) => {
                changed.kind = DTypeKind::Struct(fields.with_byte_order(byte_order));
            }
            DTypeKind::SubArray { base, shape } => {
                let base = base.with_byte_order(byte_order).into();
                changed.kind = DTypeKind::SubArray { base, shape: shape.clone() };
            }
            _ if byte_order == ByteOrder::NotApplicable => {}
            _ if self.byte_order == ByteOrder::NotApplicable => {}
            _ => changed.byte_order = byte_order,
        }
        changed
    }

    /// The fields of a structure.
    pub fn fields(&self) -> Option<&Fields> {
        match &self.kind {
            DTypeKind::Struct(fields) => Some(fields),
            _ => None,
        }
    }

    /// The field with this name or title.
    ///
    /// # Cost
    /// Linear in the number of fields.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields()?.field(name)
    }
}

#[cfg(test)]
mod tests;
