//! `--unpack`: what is in packed files, instead of the files.

use std::path::{Path, PathBuf};

use clap::Args;
use thiserror::Error;

use crate::source::packed;

/// Whether files are unpacked.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct UnpackArgs {
    /// Read what is in each FILE, which is packed with gzip or zstd, as `unpack://FILE` does for one. It is read-only.
    /// The file is gone through once, and then unpacked where it is read; `lazyhex info` says what that costs
    #[arg(long)]
    pub(crate) unpack: bool,
}

/// Why files cannot be unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "--unpack needs a file, as a pipe cannot be read at random; unpack it before: `gzip -dc | lazyhex -`"
)]
pub(super) struct NoFile;

impl UnpackArgs {
    /// Replaces packed files by the locations of what is in them.
    pub(super) fn apply<'a>(
        self,
        files: impl IntoIterator<Item = &'a mut PathBuf>,
    ) -> Result<(), NoFile> {
        if !self.unpack {
            return Ok(());
        }
        let mut is_any = false;
        for file in files {
            if *file == Path::new("-") {
                return Err(NoFile);
            }
            if packed::inner(file).is_none() {
                *file = packed::location(file);
            }
            is_any = true;
        }
        if is_any { Ok(()) } else { Err(NoFile) }
    }
}
