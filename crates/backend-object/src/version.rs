use memmap_core::{Identity, Pinned, PinnedBy};
use object_store::{GetOptions, ObjectMeta};

use crate::answer::Noted;
use crate::checksum::Checksum;

/// The version of an object, by everything that its server said when it was opened.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) total: u64,
    id: Option<String>,
    etag: Option<String>,
    modified: i64,
    pub(crate) checksum: Option<Checksum>,
}

impl Version {
    pub(crate) fn new(meta: &ObjectMeta, noted: &Noted) -> Self {
        Self {
            total: meta.size,
            // S3 calls the one version of a bucket without versions "null", whatever it has.
            id: meta.version.clone().filter(|id| id != "null"),
            etag: meta.e_tag.clone(),
            modified: meta.last_modified.timestamp(),
            checksum: Checksum::find(&noted.checksums),
        }
    }

    /// An `ETag` that stands for the same bytes, as far as the server can tell. A weak one does not.
    pub(crate) fn strong_etag(&self) -> Option<&str> {
        self.etag.as_deref().filter(|etag| !etag.starts_with("W/"))
    }

    pub(crate) fn pinned(&self) -> Option<Pinned> {
        let pinned = |by, version: &str| Some(Pinned { by, version: version.into() });
        if let Some(id) = &self.id {
            return pinned(PinnedBy::VersionId, id);
        }
        if let Some(checksum) = &self.checksum {
            return pinned(PinnedBy::Checksum, &checksum.to_string());
        }
        pinned(PinnedBy::ETag, self.strong_etag()?)
    }

    /// The token of this version. It has the length, as some servers forget it in their `ETag`.
    pub(crate) fn identity(&self) -> Identity {
        let total = self.total;
        match (&self.id, &self.etag) {
            (Some(id), _) => format!("version {id} {total}").into(),
            (None, Some(etag)) => format!("etag {etag} {total}").into(),
            (None, None) => format!("modified {} {total}", self.modified).into(),
        }
    }

    /// The version id in a token.
    pub(crate) fn id_of(identity: &Identity) -> Option<String> {
        let text = identity.to_string();
        Some(text.strip_prefix("version ")?.rsplit_once(' ')?.0.to_owned())
    }

    /// The conditions of a request for this version, and no other.
    pub(crate) fn conditions(&self) -> GetOptions {
        GetOptions {
            if_match: self.strong_etag().map(str::to_owned),
            version: self.id.clone(),
            ..GetOptions::default()
        }
    }

    /// Whether an answer is of this version, by everything that it says.
    pub(crate) fn is_of(&self, meta: &ObjectMeta) -> bool {
        let other = Self::new(meta, &Noted::default());
        (self.total, &self.id, &self.etag) == (other.total, &other.id, &other.etag)
            && (self.etag.is_some() || self.id.is_some() || self.modified == other.modified)
    }
}
