use std::fs::File;
use std::path::Path;

use super::Live;
use crate::contract::System;
use crate::{Frozen, Map, MapOptions, Mode, NotProven, Proofs, Refused, Result, SharedCells};

/// Files.
impl<S: System> Map<Live<S>> {
    /// Maps a whole file.
    ///
    /// # Errors
    /// Those of [`MapOptions::open`].
    pub fn open(path: impl AsRef<Path>, mode: Mode) -> Result<Self> {
        Self::options().mode(mode).open(path)
    }

    /// Options for a part of a file, another mode, a new file.
    pub fn options() -> MapOptions<S> {
        MapOptions::new(S::default())
    }

    /// Maps a whole file that is open already. It stays open, and keeps its position.
    ///
    /// # Errors
    /// Those of [`MapOptions::open_file`].
    pub fn from_file(file: &File, mode: Mode) -> Result<Self> {
        Self::options().mode(mode).open_file(file)
    }

    /// The bytes as cells that many threads and processes read and write at once.
    ///
    /// # Errors
    /// None here; of a map that is read-only each write is one.
    ///
    /// # Cost
    /// None.
    pub fn cells(&mut self) -> SharedCells<'_, Live<S>> {
        SharedCells::of(self)
    }

    /// Proves that nobody can change these bytes, so that they can be borrowed: `&map[..]`, without
    /// `unsafe`, without a copy. What was written to the map is synced before. Bytes that were read into
    /// memory instead of mapped, or that are none, need no proof.
    ///
    /// # Errors
    /// The map, unchanged, and why each proof does not hold. `?` makes an [`Error`](crate::Error) of it
    /// where the map is not needed any more.
    ///
    /// # Platform
    /// Linux offers all proofs; elsewhere there are snapshots. (Windows has
    /// [`deny_write`](MapOptions::deny_write), which is a promise and no proof.)
    ///
    /// # Cost
    /// See [`Proofs`].
    pub fn prove(self, proofs: Proofs) -> Result<Map<Frozen<S>>, Refused<Self, NotProven>> {
        let (mapping, offset, path) = self.into_parts();
        match Frozen::prove(mapping, path.as_deref(), proofs) {
            Ok(frozen) => Ok(Map::opened(frozen, offset, path)),
            Err(Refused { value, error }) => {
                Err(Refused { value: Self::opened(value, offset, path), error })
            }
        }
    }
}
