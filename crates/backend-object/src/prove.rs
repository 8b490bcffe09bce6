use memmap_core::{
    Error, ErrorKind, Map, NotProven, Op, PinnedBy, Progress, Proof, ProofFailure, Proofs, Result,
    widen,
};

use crate::checksum::Checksum;
use crate::object::Object;

/// What shows that a download is of one version.
enum Shown {
    /// Nothing else is needed.
    Already,
    /// It must have this checksum.
    By(Checksum),
    /// It may have this checksum. If it has not, the `ETag` alone is what is left, and that was asked for.
    ByOrETag,
}

impl Object {
    /// Downloads all bytes of a map, if they are proved to be of one version, as [`Proofs`] ask for:
    /// [`snapshot_up_to`](Proofs::snapshot_up_to) allows the memory. A version id is a proof; so is a checksum that the
    /// server names and the bytes have. An `ETag` is none, unless it is the MD5 of the bytes, as that of S3 often is, or
    /// [`etag`](Proofs::etag) asks for it by name.
    ///
    /// `memmap::object::prove` makes a `FrozenMap` of the bytes.
    ///
    /// # Errors
    /// [`ErrorKind::NotProven`] with the reason; [`ErrorKind::OutOfMemory`]; those of reading;
    /// [`ErrorKind::Cancelled`].
    ///
    /// # Cost
    /// Memory as long as the map, a download, and a checksum.
    pub fn download(map: &Map<Self>, proofs: Proofs, progress: &Progress) -> Result<Vec<u8>> {
        let refused = |why: String| {
            let failure = ProofFailure::new(Proof::Snapshot, why);
            placed(map, NotProven::new(vec![failure]).into())
        };
        if map.len() > proofs.snapshot_max() {
            let (len, most) = (map.len(), proofs.snapshot_max());
            let why = format!("{len} bytes are more than the {most} that were allowed; allow more");
            return Err(refused(why));
        }
        let shown = map.mapping().shown(proofs).map_err(|why| refused(why.to_owned()))?;
        let bytes = read_whole(map, progress)?;
        match shown {
            Shown::By(sum) if !sum.is_of(&bytes) => {
                let why = "the bytes do not have the checksum that the server names, so that they may be of \
                           two versions; download them again";
                Err(refused(why.to_owned()))
            }
            _ => Ok(bytes),
        }
    }

    fn shown(&self, proofs: Proofs) -> Result<Shown, &'static str> {
        let shared = self.shared();
        let is_whole = (shared.start, shared.len) == (0, shared.version.total);
        match self.pinned().map(|pinned| pinned.by) {
            Some(PinnedBy::VersionId) => Ok(Shown::Already),
            Some(PinnedBy::Checksum) => {
                let sum = shared.version.checksum.clone().filter(|_| is_whole);
                sum.map(Shown::By).ok_or(
                    "its checksum is of the whole object, and this is a part; open the whole",
                )
            }
            Some(_) if proofs.allows_etag() => Ok(Shown::ByOrETag),
            Some(_) => {
                let sum = shared.version.strong_etag().and_then(Checksum::of_etag);
                sum.filter(|_| is_whole).map(Shown::By).ok_or(
                    "nothing but an ETag names its version, and two versions may have the same one; if that \
                     is good enough, ask for it by name: Proofs::etag",
                )
            }
            None => {
                Err("its server names no version of it; FrozenMap::snapshot_of copies what comes")
            }
        }
    }
}

fn read_whole(map: &Map<Object>, progress: &Progress) -> Result<Vec<u8>> {
    let no_room = || {
        let kind = ErrorKind::OutOfMemory { len: map.len() };
        placed(map, Error::new(Op::Detach, kind))
    };
    let len = usize::try_from(map.len()).map_err(|_error| no_room())?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(len).map_err(|_error| no_room())?;
    bytes.resize(len, 0);
    progress.add_total(map.len());
    let mut at = 0;
    for part in bytes.chunks_mut(1 << 20) {
        if progress.is_cancelled() {
            return Err(placed(map, Error::new(Op::Detach, ErrorKind::Cancelled { done: at })));
        }
        map.read_into(at, part)?;
        progress.add_done(widen(part.len()));
        at = at.saturating_add(widen(part.len()));
    }
    Ok(bytes)
}

fn placed(map: &Map<Object>, error: Error) -> Error {
    match map.origin() {
        Some(origin) => error.with_origin(origin.clone()),
        None => error,
    }
}
