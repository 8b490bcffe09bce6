//! A shared handle of a mapping.

use std::path::Path;
use std::sync::Arc;

use memmap::AnyMap;

/// Proof that this thread may block on a disk or network: it neither draws nor handles keys.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MayBlock(());

impl MayBlock {
    /// For threads that read: jobs, the page reader, the command line, and the view before its
    /// first frame.
    pub(crate) const fn on_this_thread() -> Self {
        Self(())
    }
}

/// A shared mapping. It is closed with its last handle.
///
/// The editor state may hold one, but cannot read from it: that needs a [`MayBlock`].
#[derive(Debug, Clone)]
pub(crate) struct SourceHandle(Arc<AnyMap>);

impl SourceHandle {
    /// Wraps a mapping.
    #[must_use]
    pub(crate) fn new(map: AnyMap) -> Self {
        Self(Arc::new(map))
    }

    /// The mapping.
    pub(crate) fn mapping(&self, _: MayBlock) -> &AnyMap {
        &self.0
    }

    /// The length when the mapping was made.
    #[must_use]
    pub(crate) fn len(&self) -> u64 {
        self.0.len()
    }

    /// The file's path; `None` for memory.
    #[must_use]
    pub(crate) fn path(&self) -> Option<&Path> {
        self.0.path()
    }

    /// The mapping.
    #[cfg(test)]
    pub(crate) fn map(&self) -> &AnyMap {
        &self.0
    }

    /// Whether this is the only handle.
    #[cfg(test)]
    pub(crate) fn is_the_last(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    /// Closes the mapping if this is the only handle.
    pub(crate) fn close(self, _: MayBlock) -> memmap::Result<()> {
        Arc::into_inner(self.0).map_or(Ok(()), AnyMap::close)
    }
}
