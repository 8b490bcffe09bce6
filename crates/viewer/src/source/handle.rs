//! A mapping that views, jobs and the page reader share.

use std::path::Path;
use std::sync::Arc;

use memmap::AnyMap;

/// Says that this thread may wait for a disk or a network: it draws nothing and answers no key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MayBlock(());

impl MayBlock {
    /// For the threads that read: jobs, the page reader, the command line, and the view before its
    /// first frame.
    pub(crate) const fn on_this_thread() -> Self {
        Self(())
    }
}

/// A mapping, shared. It is closed with its last handle.
///
/// The state of the view can hold it, as the state cannot read it: that needs a [`MayBlock`].
#[derive(Debug, Clone)]
pub(crate) struct SourceHandle(Arc<AnyMap>);

impl SourceHandle {
    /// Shares a mapping.
    #[must_use]
    pub(crate) fn new(map: AnyMap) -> Self {
        Self(Arc::new(map))
    }

    /// The bytes.
    pub(crate) fn mapping(&self, _: MayBlock) -> &AnyMap {
        &self.0
    }

    /// How many bytes there were when it was opened.
    #[must_use]
    pub(crate) fn len(&self) -> u64 {
        self.0.len()
    }

    /// The name of the file; memory has none.
    #[must_use]
    pub(crate) fn path(&self) -> Option<&Path> {
        self.0.path()
    }

    /// The bytes.
    #[cfg(test)]
    pub(crate) fn map(&self) -> &AnyMap {
        &self.0
    }

    /// Whether nobody else holds it.
    #[cfg(test)]
    pub(crate) fn is_the_last(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    /// Closes the mapping, if nobody else holds it.
    pub(crate) fn close(self, _: MayBlock) -> memmap::Result<()> {
        Arc::into_inner(self.0).map_or(Ok(()), AnyMap::close)
    }
}
