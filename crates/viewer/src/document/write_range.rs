//! Writing a part of the data to a new file, a slice at a time.

use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::Range;
use std::path::PathBuf;
use std::time::Instant;

use memmap::AnyMap;

use crate::source;

/// Bytes written at once.
const PIECE_LEN: u64 = 1 << 20;

/// A file that is being written. Unless it came to its end, it is removed again when this is
/// dropped.
#[derive(Debug)]
pub(crate) struct Saving {
    file: File,
    path: PathBuf,
    range: Range<u64>,
    at: u64,
}

impl Saving {
    /// Makes the file, which must not exist: so nothing is ever written over, and least of all what
    /// is looked at.
    pub(crate) fn new(range: Range<u64>, path: PathBuf) -> Result<Self, String> {
        match File::create_new(&path) {
            Ok(file) => Ok(Self { file, path, at: range.start, range }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(format!("{path:?} exists; only new files are written"))
            }
            Err(error) => Err(format!("cannot make {path:?}: {error}")),
        }
    }

    /// How far it is.
    pub(crate) fn progress(&self) -> String {
        let in_units = crate::format::units::in_units;
        let (done, all) = (self.at - self.range.start, self.range.end - self.range.start);
        format!("writing {:?}: {} of {}", self.path, in_units(done), in_units(all))
    }

    /// Writes on until `deadline`. Whether that is all of it is said in words.
    pub(crate) fn slice(
        &mut self,
        map: &AnyMap,
        deadline: Instant,
    ) -> Result<Option<String>, String> {
        while self.at < self.range.end {
            let piece = self.at..self.range.end.min(self.at.saturating_add(PIECE_LEN));
            let page = source::pass_over(map, piece.clone());
            let why = page.problem.unwrap_or_default();
            let bytes: Option<Vec<u8>> = page.bytes.into_iter().collect();
            let bytes = bytes.ok_or_else(|| format!("not written, as bytes are missing: {why}"))?;
            self.file
                .write_all(&bytes)
                .map_err(|error| format!("cannot write {:?}: {error}", self.path))?;
            self.at = piece.end;
            if Instant::now() >= deadline && self.at < self.range.end {
                return Ok(None);
            }
        }
        self.file.sync_all().map_err(|error| format!("cannot write {:?}: {error}", self.path))?;
        let len = self.range.end - self.range.start;
        Ok(Some(format!("{len} bytes are in {:?} now", self.path)))
    }
}

impl Drop for Saving {
    fn drop(&mut self) {
        if self.at < self.range.end {
            // There is nobody left to tell.
            fs::remove_file(&self.path).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use memmap::{Map, RamMap};
    use memmap_core::testing::{Fake, Fault};

    use super::*;

    #[test]
    fn a_range_becomes_a_new_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new");
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
        let map = RamMap::from_reader(&bytes[..]).unwrap().erase();
        let mut saving = Saving::new(10..2_500_000, path.clone()).unwrap();
        let mut slices = 1;
        while saving.slice(&map, Instant::now()).unwrap().is_none() {
            slices += 1;
        }
        drop(saving);
        assert_eq!(slices, 3);
        assert!(fs::read(&path).unwrap() == bytes[10..2_500_000]);
        let refused = Saving::new(0..1, path.clone()).unwrap_err();
        assert!(refused.ends_with("exists; only new files are written"), "{refused}");
        assert!(fs::read(&path).unwrap() == bytes[10..2_500_000]);
    }

    #[test]
    fn what_cannot_be_read_leaves_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new");
        let fake = Fake::new(&[1; 100]).with(Fault::Read { at: 50, kind: io::ErrorKind::Other });
        let map = Map::from_mapping(fake).erase();
        let mut saving = Saving::new(0..100, path.clone()).unwrap();
        let later = Instant::now() + Duration::from_secs(60);
        saving.slice(&map, later).unwrap_err();
        drop(saving);
        assert!(!path.exists());
    }
}
