//! A mapped file as what saving starts from.

use std::io;
use std::path::Path;

use super::Live;
use crate::contract::{FileHandle, System};
use crate::disk::{Disk, Facts, Stored};
use crate::{Map, Mode, Result};

impl<S: System> Stored for Live<S> {
    type Disk = S::Disk;

    fn disk(&self) -> S::Disk {
        S::Disk::default()
    }

    fn open_on(_: &S::Disk, path: &Path) -> Result<Map<Self>> {
        Map::<Self>::open(path, Mode::Read)
    }

    fn facts(&self) -> io::Result<Option<Facts>> {
        let Some(mapped) = &self.file else { return Ok(None) };
        let found = mapped.handle.with(self.pages(), |file| self.disk().facts(file))?;
        found.map(Some)
    }
}
