use std::fs::File;
use std::path::Path;

use super::Live;
use crate::contract::System;
use crate::{
    Files, Frozen, Map, MapOptions, Mode, NotProven, Origin, Proofs, Refused, Result, SharedCells,
};

/// Maps of files.
impl<S: System> Map<Live<S>> {
    /// Maps a whole file.
    ///
    /// # Errors
    /// Those of [`MapOptions::open`].
    pub fn open(path: impl AsRef<Path>, mode: Mode) -> Result<Self> {
        Self::options().mode(mode).open(path)
    }

    /// Options for a part of a file, another mode, or a new file.
    pub fn options() -> MapOptions<Files<S>> {
        MapOptions::new(Files::new(S::default()))
    }

    /// Maps a whole file that is already open. It stays open, and its position does not change.
    ///
    /// # Errors
    /// Those of [`MapOptions::open_file`].
    pub fn from_file(file: &File, mode: Mode) -> Result<Self> {
        Self::options().mode(mode).open_file(file)
    }

    /// The bytes as cells that many threads and processes can read and write at once.
    ///
    /// # Errors
    /// None here. If the map is read-only, each write is an error.
    ///
    /// # Cost
    /// None.
    pub fn cells(&mut self) -> SharedCells<'_, Live<S>> {
        SharedCells::of(self)
    }

    /// Proves that nobody can change these bytes, so that they can be borrowed: `&map[..]`, without
    /// `unsafe` and without a copy. Writes to the map are synced first. Bytes that were read into memory
    /// instead of mapped need no proof, nor does an empty map.
    ///
    /// # Errors
    /// The unchanged map, and why each proof does not hold. `?` converts that into an
    /// [`Error`](crate::Error) if the map is not needed any more.
    ///
    /// # Platform
    /// Linux supports all proofs; elsewhere there are only snapshots. (Windows has
    /// [`deny_write`](MapOptions::deny_write), which is not a proof.)
    ///
    /// # Cost
    /// See [`Proofs`].
    pub fn prove(self, proofs: Proofs) -> Result<Map<Frozen<S>>, Refused<Self, NotProven>> {
        let (mapping, offset, origin) = self.into_parts();
        let path = origin.as_ref().and_then(Origin::as_path);
        match Frozen::prove(mapping, path, proofs) {
            Ok(frozen) => Ok(Map::opened(frozen, offset, origin)),
            Err(Refused { value, error }) => {
                Err(Refused { value: Self::opened(value, offset, origin), error })
            }
        }
    }
}
