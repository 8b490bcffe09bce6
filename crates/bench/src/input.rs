//! The files that tasks read: temporary, ours alone, and gone with their value.

use std::env;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::{NamedTempFile, TempPath};

use crate::Result;

/// A file that is never written again. Nothing here offers to, and nobody has it open.
#[derive(Debug)]
pub(crate) struct Input {
    path: TempPath,
}

impl Input {
    /// Bytes that do not repeat, on disk (so that nothing is written back while we measure) and in
    /// the page cache.
    pub(crate) fn random(len: u64) -> Result<Self> {
        let file = NamedTempFile::new()?;
        let mut writer = BufWriter::with_capacity(1 << 20, &file);
        let mut random = Random::new();
        let mut missing = len;
        while missing > 0 {
            let word = random.next().to_le_bytes();
            let part = word.get(..usize::try_from(missing.min(8))?).unwrap_or(&word);
            writer.write_all(part)?;
            missing = missing.saturating_sub(8);
        }
        writer.flush()?;
        drop(writer);
        file.as_file().sync_all()?;
        Self::of(file).read_once()
    }

    /// Zeros that take no room on disk.
    pub(crate) fn sparse(len: u64) -> Result<Self> {
        let file = NamedTempFile::new()?;
        file.as_file().set_len(len)?;
        Ok(Self::of(file))
    }

    /// A copy of this program, which is as good an executable as any.
    pub(crate) fn executable() -> Result<Self> {
        let file = NamedTempFile::new()?;
        fs::copy(env::current_exe()?, &file)?;
        Self::of(file).read_once()
    }

    /// A file that is as it shall be.
    pub(crate) fn of(file: NamedTempFile) -> Self {
        Self { path: file.into_temp_path() }
    }

    /// Brings it into the page cache.
    pub(crate) fn read_once(self) -> Result<Self> {
        io::copy(&mut File::open(&self.path)?, &mut io::sink())?;
        Ok(self)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn len(&self) -> Result<u64> {
        Ok(self.path.metadata()?.len())
    }
}

/// Marsaglia's xorshift64: numbers without a pattern that matters here, in three shifts.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }

    #[inline]
    pub(crate) const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_input_has_the_length_it_was_asked_for() {
        for len in [0, 1, 8, 13, 4096] {
            assert_eq!(Input::random(len).unwrap().len().unwrap(), len);
        }
    }
}
