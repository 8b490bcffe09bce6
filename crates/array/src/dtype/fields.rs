use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::{ByteOrder, DType};

/// A field of a structure: name, type and offset.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Field {
    pub(super) name: Arc<str>,
    pub(super) title: Option<Arc<str>>,
    pub(super) dtype: DType,
    pub(super) offset: usize,
}

impl Field {
    /// A field at the start of the element.
    pub fn new(name: impl Into<Arc<str>>, dtype: DType) -> Self {
        Self { name: name.into(), title: None, dtype, offset: 0 }
    }

    /// Sets the offset from the start of the element, in bytes.
    #[must_use]
    pub fn at(mut self, offset: usize) -> Self {
        self.offset = offset;
        self
    }

    /// Sets the title, a second name.
    #[must_use]
    pub fn titled(mut self, title: impl Into<Arc<str>>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The title, a second name.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The type.
    pub const fn dtype(&self) -> &DType {
        &self.dtype
    }

    /// The offset from the start of the element, in bytes.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The end, in bytes from the start of the element.
    pub const fn end(&self) -> usize {
        self.offset.saturating_add(self.dtype.itemsize)
    }
}

/// The fields of a structure, in the order of their definition. Their offsets may be in another order.
#[derive(Clone, Debug)]
pub struct Fields {
    list: Arc<[Field]>,
    /// The largest alignment, if they are laid out as in C. Ignored by comparisons.
    alignment: Option<usize>,
}

impl Fields {
    pub(super) fn new(list: Vec<Field>, alignment: Option<usize>) -> Self {
        Self { list: list.into(), alignment }
    }

    /// The number of fields.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Iterates over the fields.
    pub fn iter(&self) -> std::slice::Iter<'_, Field> {
        self.list.iter()
    }

    /// The field with this name or title.
    ///
    /// # Cost
    /// Linear in the number of fields.
    pub fn field(&self, name: &str) -> Option<&Field> {
        let named = |field: &&Field| field.name() == name || field.title() == Some(name);
        self.iter().find(named)
    }

    /// Whether they are laid out as in C, by [`DType::aligned`].
    pub const fn is_aligned(&self) -> bool {
        self.alignment.is_some()
    }

    pub(super) fn alignment(&self) -> usize {
        self.alignment.unwrap_or(1)
    }

    pub(super) fn with_byte_order(&self, byte_order: ByteOrder) -> Self {
        let changed = |field: &Field| Field {
            dtype: field.dtype.with_byte_order(byte_order),
            ..field.clone()
        };
        Self { list: self.iter().map(changed).collect(), alignment: self.alignment }
    }
}

impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}

impl Eq for Fields {}

impl Hash for Fields {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.list.hash(state);
    }
}

impl<'a> IntoIterator for &'a Fields {
    type Item = &'a Field;
    type IntoIter = std::slice::Iter<'a, Field>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
