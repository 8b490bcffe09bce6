//! The files that tasks write: temporary, ours alone, and gone with their value.

use std::io::Write;
use std::iter;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::Result;
use crate::input::Random;
use crate::proc;

/// A file to be written, all of whose blocks are on disk already: what is measured is not their
/// allocation.
#[derive(Debug)]
pub(crate) struct Scratch {
    file: NamedTempFile,
}

impl Scratch {
    /// A file that was written in full, `piece` bytes at a time. Reserved blocks would not do, for a
    /// file system notes when such a block is written first.
    ///
    /// The size of a piece matters: Linux holds what came in one piece as one folio, of up to some
    /// MiB, and of a mapped file it writes whole folios back, however little of them is dirty.
    pub(crate) fn new(len: u64, piece: usize) -> Result<Self> {
        let file = NamedTempFile::new()?;
        let block = random_bytes(piece);
        let mut writer = file.as_file();
        let mut missing = len;
        while missing > 0 {
            let part = usize::try_from(missing).map_or(block.len(), |len| len.min(block.len()));
            writer.write_all(&block[..part])?;
            missing -= u64::try_from(part)?;
        }
        file.as_file().sync_all()?;
        Ok(Self { file })
    }

    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// The file system it is on, as the system calls it.
    pub(crate) fn file_system(&self) -> String {
        proc::file_system(self.path()).unwrap_or_else(|| "an unknown file system".to_owned())
    }
}

/// Bytes that do not repeat, the same at each call.
pub(crate) fn random_bytes(len: usize) -> Vec<u8> {
    let mut random = Random::new();
    let words = iter::repeat_with(|| random.next().to_le_bytes());
    words.flatten().take(len).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scratch_file_is_as_long_as_asked_and_no_hole() {
        use std::os::unix::fs::MetadataExt;

        for len in [0, 4097, (1 << 20) + 1] {
            let metadata = Scratch::new(len, 1 << 20).unwrap().path().metadata().unwrap();
            assert_eq!(metadata.len(), len);
            assert!(metadata.blocks() * 512 >= len, "{len}");
        }
    }
}
