//! What several laws need.

use std::fs;
use std::ops::Range;
use std::path::Path;

use memmap_core::{Map, Mapping, widen};

/// Bytes without a period that could hide errors of a page, a word or a vector.
#[must_use]
pub fn sample(len: usize) -> Vec<u8> {
    let mut dice = Dice::new();
    (0..len).map(|_| dice.roll().to_le_bytes()[3]).collect()
}

/// Pseudo-random numbers that are the same in every run (xorshift).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    pub(crate) fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn up_to(&mut self, most: usize) -> usize {
        usize::try_from(self.roll() % (widen(most) + 1)).unwrap()
    }

    /// A range within `len` bytes, at most `most` bytes long.
    pub(crate) fn range(&mut self, len: usize, most: usize) -> Range<usize> {
        let start = self.up_to(len);
        start..start + self.up_to(most.min(len - start))
    }
}

pub(crate) fn all_of<M: Mapping>(mm: &Map<M>) -> Vec<u8> {
    mm.read_at(0, usize::try_from(mm.len()).unwrap()).unwrap()
}

pub(crate) fn wide(range: &Range<usize>) -> Range<u64> {
    widen(range.start)..widen(range.end)
}

pub(crate) fn names_in(dir: &Path) -> Vec<String> {
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| name(entry.unwrap())).collect();
    names.sort();
    names
}

/// Permissions of a file that only its owner may use. A new file does not get them by default.
pub(crate) fn private_permissions() -> fs::Permissions {
    tempfile::tempfile().unwrap().metadata().unwrap().permissions()
}
