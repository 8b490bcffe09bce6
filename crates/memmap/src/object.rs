//! Objects of S3, Google Cloud Storage, Azure and HTTP servers as maps, read by ranges. `docs/remote.md` is the guide.
//!
//! # Examples
//! ```no_run
//! use memmap::object::Objects;
//! use memmap::{MapOptions, Proofs};
//!
//! let object = MapOptions::new(Objects::new()).open("s3://bucket/data.npy")?;
//! let magic = object.read_at(0, 6)?;
//! // Proved to be of one version, and downloaded.
//! let frozen = memmap::object::prove(object, Proofs::none().snapshot_up_to(1 << 30))?;
//! assert_eq!(frozen[..6], magic);
//! # Ok::<(), memmap::Error>(())
//! ```

pub use memmap_object::*;

use crate::{FrozenMap, Map, Progress, Proofs, Refused};

/// Downloads an object whose bytes are proved to be of one version, and freezes them. [`Object::download`] says what
/// is a proof.
///
/// # Errors
/// Those of [`Object::download`], with the map.
///
/// # Cost
/// Memory as long as the map, and a download.
pub fn prove(map: Map<Object>, proofs: Proofs) -> Result<FrozenMap, Refused<Map<Object>>> {
    match Object::download(&map, proofs, &Progress::new()) {
        Ok(bytes) => Ok(bytes.into()),
        Err(error) => Err(Refused { value: map, error }),
    }
}
