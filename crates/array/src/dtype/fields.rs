use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::{ByteOrder, DType};

/// One field of a structure: its name, what it is, and where it lies.
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

    /// The same, this many bytes from the start of the element.
    #[must_use]
    pub fn at(mut self, offset: usize) -> Self {
        self.offset = offset;
        self
    }

    /// The same, with a second name.
    #[must_use]
    pub fn titled(mut self, title: impl Into<Arc<str>>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is called besides.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// What it holds.
    pub const fn dtype(&self) -> &DType {
        &self.dtype
    }

    /// Where it starts, in bytes from the start of the element.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Where it ends, in bytes from the start of the element.
    pub const fn end(&self) -> usize {
        self.offset.saturating_add(self.dtype.itemsize)
    }
}

/// The fields of a structure, in the order of their definition, which need not be that of their
/// offsets.
#[derive(Clone, Debug)]
pub struct Fields {
    list: Arc<[Field]>,
    /// The strictest among them, if they are laid out as C does. It makes no two types different.
    alignment: Option<usize>,
}

impl Fields {
    pub(super) fn new(list: Vec<Field>, alignment: Option<usize>) -> Self {
        Self { list: list.into(), alignment }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// One after the other.
    pub fn iter(&self) -> std::slice::Iter<'_, Field> {
        self.list.iter()
    }

    /// The field of this name, or of this title.
    ///
    /// # Cost
    /// They are compared one after the other.
    pub fn field(&self, name: &str) -> Option<&Field> {
        let named = |field: &&Field| field.name() == name || field.title() == Some(name);
        self.iter().find(named)
    }

    /// Whether they were laid out as C does, by [`DType::aligned`].
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
