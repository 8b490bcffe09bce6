//! Live memory that Python objects point to.

use std::fmt;
use std::sync::Arc;

use memmap::Result;
use memmap::expose::{Expose, address};

use crate::store::{Readable, Store};

/// The bytes of a map, as foreign code reads and writes them. Others may change them at any time, and lost pages are
/// zeros. Rust makes no reference to them, and keeps the map.
pub(crate) struct Window {
    store: Arc<Store>,
    first: *mut u8,
    len: usize,
    is_writable: bool,
}

// SAFETY: it is an address, which belongs to no thread; what it is of is kept by `store`, which may be shared.
unsafe impl Send for Window {}

// SAFETY: as above.
unsafe impl Sync for Window {}

impl Window {
    /// # Errors
    /// As `Expose::expose`.
    pub(crate) fn new(store: Arc<Store>) -> Result<Self> {
        let len = usize::try_from(store.len()).unwrap_or(usize::MAX);
        // Each address stays valid as long as the map is not changed, for which it would have to be the only owner.
        let (first, is_writable) = match &*store {
            Store::File(map) => {
                let exposed = map.expose()?;
                (address(exposed.bytes), exposed.is_writable)
            }
            Store::Memory(map) => (map.mapping().first(), true),
            Store::Edited(edited) => (edited.map.mapping().first(), true),
        };
        Ok(Self { store, first, len, is_writable })
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn shared(&self) -> Arc<Store> {
        Arc::clone(&self.store)
    }

    /// The address of the first byte, as a number.
    pub(crate) fn address(&self) -> usize {
        self.first.addr()
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) const fn is_writable(&self) -> bool {
        self.is_writable
    }

    /// The address of the first byte, for a Python object that keeps this value.
    pub(super) const fn first(&self) -> *mut u8 {
        self.first
    }
}

impl fmt::Debug for Window {
    /// No address, and no bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Window").field("len", &self.len).finish_non_exhaustive()
    }
}
