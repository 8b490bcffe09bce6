//! The files that tasks write: temporary, private, and removed when their value is dropped.

use std::io::Write;
use std::iter;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::Result;
use crate::input::Random;
use crate::proc;

/// A file to write to, whose blocks are all on disk, so that no allocation is measured.
#[derive(Debug)]
pub(crate) struct Scratch {
    file: NamedTempFile,
}

impl Scratch {
    /// Creates a file and fills it, `piece` bytes at a time. Reserving the blocks would not
    /// be enough, because a file system records the first write to a reserved block.
    ///
    /// The size of a piece matters: Linux keeps the bytes of one write as one folio, of up to a few
    /// MiB, and writes back whole folios of a mapped file, however little of them is dirty.
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

    /// The type of the file system that it is on, as the system calls it.
    pub(crate) fn file_system(&self) -> String {
        proc::file_system(self.path()).unwrap_or_else(|| "an unknown file system".to_owned())
    }
}

/// Returns bytes that do not repeat, the same ones at each call.
pub(crate) fn random_bytes(len: usize) -> Vec<u8> {
    let mut random = Random::new();
    let words = iter::repeat_with(|| random.next().to_le_bytes());
    words.flatten().take(len).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scratch_file_has_its_length_and_no_hole() {
        use std::os::unix::fs::MetadataExt;

        for len in [0, 4097, (1 << 20) + 1] {
            let metadata = Scratch::new(len, 1 << 20).unwrap().path().metadata().unwrap();
            assert_eq!(metadata.len(), len);
            assert!(metadata.blocks() * 512 >= len, "{len}");
        }
    }
}
