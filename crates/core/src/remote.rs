use std::fmt;

use crate::{Identity, Map, Mapping};

/// What a mapping of a server knows about its source: what holds it to one version, and what was fetched.
/// [`Map::remote`] returns it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "mappings outside this crate construct it")]
pub struct Remote {
    /// What says that all bytes are of one version; `None` if nothing does.
    pub pinned: Option<Pinned>,
    /// Requests that were sent, those that were repeated included.
    pub requests: u64,
    /// Bytes of the source that came.
    pub fetched: u64,
}

/// A reason to believe that all bytes of a mapping are of one version of its source, and the name of that version.
///
/// It prints as `version "3"`, `checksum "sha-256 …"` or `ETag "5f3a"`, with what would disturb a terminal escaped.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "mappings outside this crate construct it")]
pub struct Pinned {
    /// The kind of reason.
    pub by: PinnedBy,
    /// What the source calls the version, or the checksum.
    pub version: Identity,
}

/// How a source names a version. They differ in what they promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PinnedBy {
    /// A number that the store gives to one content and never to another. Old versions can be read while the
    /// store keeps them.
    VersionId,
    /// A checksum of the whole content, which a download is compared with. Until then it is a name.
    Checksum,
    /// An `ETag` of HTTP. Each server makes it in its own way: often from the time in seconds and the length, so that
    /// two versions may have the same one.
    ETag,
}

impl fmt::Display for Pinned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = self.version.to_string();
        let version = version.trim_matches('"');
        match self.by {
            PinnedBy::VersionId => write!(f, "version {version:?}"),
            PinnedBy::Checksum => write!(f, "checksum {version:?}"),
            PinnedBy::ETag => write!(f, "ETag {version:?}"),
        }
    }
}

/// What is known of a source on a server.
impl<T: Mapping> Map<T> {
    /// What holds the map to one version of its source, and what was fetched; `None` if the bytes come from no server.
    pub fn remote(&self) -> Option<Remote> {
        self.mapping().remote()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_of_a_server_cannot_disturb_a_terminal() {
        let pinned = |by, version: &str| Pinned { by, version: version.into() }.to_string();
        assert_eq!(pinned(PinnedBy::ETag, "\"5f\u{1b}[2J3a\""), r#"ETag "5f\u{1b}[2J3a""#);
        assert_eq!(pinned(PinnedBy::VersionId, "3"), "version \"3\"");
        assert_eq!(pinned(PinnedBy::Checksum, "md5 00"), "checksum \"md5 00\"");
    }
}
