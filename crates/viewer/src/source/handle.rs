//! A shared handle of a mapping.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::sync::Arc;

use memmap::AnyMap;
use memmap::plugin::Remote;

use super::Source;
use super::packed::Packing;
use super::regions::Regions;
use super::spool::Spool;

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
    /// What the bytes were unpacked from.
    packing: Option<Packing>,
    regions: Regions,
    /// Where more of the bytes come to, if they are of a stream.
    spool: Option<Arc<Spool>>,
}

impl SourceHandle {
    /// Wraps a mapping.
    #[must_use]
    pub(crate) fn new(map: AnyMap) -> Self {
        Self::with(Source::new(map, ""), false)
    }

    /// Maps what has come of a stream.
    ///
    /// # Errors
    /// Those of mapping a file.
    pub(crate) fn of_spool(spool: Arc<Spool>) -> memmap::Result<Self> {
        let source = Source::new(spool.map()?, "");
        Ok(Self::with(Source { spool: Some(spool), ..source }, false))
    }

    /// Wraps another version of a file than the one at its path: it is neither followed, opened again nor edited.
    #[must_use]
    pub(crate) fn of_version(map: AnyMap) -> Self {
        Self::with(Source::new(map, ""), true)
    }

    /// Takes the mapping of a source.
    pub(crate) fn of(source: Source) -> Self {
        Self::with(source, false)
    }

    fn with(source: Source, is_version: bool) -> Self {
        let Source { map, location, packing, spool, .. } = source;
        let regions = Regions::of(&map);
        Self(Arc::new(Opened { map, location, is_version, packing, regions, spool }))
    }

    /// Its named parts, as they were when it was opened.
    pub(crate) fn regions(&self) -> &Regions {
        &self.0.regions
    }

    /// What it is and how many regions it has; `None` if it has none.
    pub(crate) fn region_count(&self, is_brief: bool) -> Option<String> {
        let count = match self.0.regions.named().len() {
            0 => return None,
            1 => "1 region".to_owned(),
            many => format!("{many} regions"),
        };
        let is_process = self.0.map.mapping().name() == "process";
        Some(if is_process && !is_brief { format!("process memory, {count}") } else { count })
    }

    /// The location as the user named it, if a plug-in opened it. The origin of the map is for people: it may
    /// lack what opening needs.
    pub(crate) fn location(&self) -> Option<&OsStr> {
        self.0.location.as_deref()
    }

    /// What the bytes were unpacked from.
    pub(crate) fn packing(&self) -> Option<&Packing> {
        self.0.packing.as_ref()
    }

    /// Where the bytes come to, if they are of a stream.
    pub(crate) fn spool(&self) -> Option<&Arc<Spool>> {
        self.0.spool.as_ref()
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
