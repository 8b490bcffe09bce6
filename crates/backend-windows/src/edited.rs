//! Private edits in the pages that are shown: for the door to other languages.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use memmap_core::expose::{Expose, Exposed, LostBytes};
use memmap_core::{Map, Mode, Result, widen};

use crate::Live;

/// Bytes of a file that may be written to. What is written stays in this process. The pages are those of a view with
/// private edits: what nobody has written to is the file's, which nobody can cut short meanwhile.
#[derive(Debug)]
pub struct Edited {
    map: Map<Live>,
}

impl Edited {
    /// `len` bytes of a file, at least one, from `offset` on.
    ///
    /// # Errors
    /// As of opening a map in mode `c`.
    pub fn new(file: &Arc<File>, offset: u64, len: usize) -> Result<Self> {
        let options = Map::<Live>::options().mode(Mode::CopyOnWrite).offset(offset);
        Ok(Self { map: options.len(widen(len)).open_file(file)? })
    }

    /// The memory, which is writable.
    ///
    /// # Errors
    /// As of [`Expose::expose`].
    pub fn expose(&self) -> Result<Exposed<'_>> {
        self.map.expose()
    }

    /// What could not be read of these bytes: nothing, as the system reports that by ending the process.
    pub fn lost_bytes(&self, _: Range<usize>) -> Vec<LostBytes> {
        Vec::new()
    }

    /// How many bytes have been read, at most.
    pub fn touched(&self) -> u64 {
        self.map.len()
    }
}
