//! A shared handle of a mapping.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::sync::Arc;

use memmap::AnyMap;
use memmap::plugin::Remote;

use super::Source;

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
pub(crate) struct SourceHandle(Arc<Opened>);

/// Two handles are equal if they share a mapping.
impl PartialEq for SourceHandle {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for SourceHandle {}

#[derive(Debug)]
struct Opened {
    map: AnyMap,
    /// The location as the user named it, if a plug-in opened it.
    location: Option<OsString>,
    /// Whether it is another version of a file than the one at its path.
    is_version: bool,
}

impl SourceHandle {
    /// Wraps a mapping.
    #[must_use]
    pub(crate) fn new(map: AnyMap) -> Self {
        Self(Arc::new(Opened { map, location: None, is_version: false }))
    }

    /// Wraps another version of a file than the one at its path: it is neither followed, opened again nor edited.
    #[must_use]
    pub(crate) fn of_version(map: AnyMap) -> Self {
        Self(Arc::new(Opened { map, location: None, is_version: true }))
    }

    /// Takes the mapping of a source.
    pub(crate) fn of(source: Source) -> Self {
        let Source { map, location, .. } = source;
        Self(Arc::new(Opened { map, location, is_version: false }))
    }

    /// The location as the user named it, if a plug-in opened it. The origin of the map is for people: it may
    /// lack what opening needs.
    pub(crate) fn location(&self) -> Option<&OsStr> {
        self.0.location.as_deref()
    }

    /// What is known of an object of a server. It is counted, and not asked for.
    pub(crate) fn remote(&self) -> Option<Remote> {
        self.0.map.remote()
    }

    /// The mapping.
    pub(crate) fn mapping(&self, _: MayBlock) -> &AnyMap {
        &self.0.map
    }

    /// The length when the mapping was made.
    #[must_use]
    pub(crate) fn len(&self) -> u64 {
        self.0.map.len()
    }

    /// The file's path; `None` for memory, for what a plug-in opened, and for another version of a file.
    #[must_use]
    pub(crate) fn path(&self) -> Option<&Path> {
        let is_file = self.0.location.is_none() && !self.0.is_version;
        self.0.map.path().filter(|_| is_file)
    }

    /// The mapping.
    #[cfg(test)]
    pub(crate) fn map(&self) -> &AnyMap {
        &self.0.map
    }

    /// Whether this is the only handle.
    #[cfg(test)]
    pub(crate) fn is_the_last(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    /// Closes the mapping if this is the only handle.
    pub(crate) fn close(self, _: MayBlock) -> memmap::Result<()> {
        Arc::into_inner(self.0).map_or(Ok(()), |opened| opened.map.close())
    }
}
