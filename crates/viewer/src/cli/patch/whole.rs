//! The patched bytes as a new file.

use std::io;
use std::path::Path;

use memmap::{AnyMap, Extent, MemMap, Mode, Progress, plugin::Schemes};

use super::{PatchFailure, UsageError, opened, say_unknown};
use crate::cli::args::PatchArgs;
use crate::job::new_file::NewFile;
use crate::patch::Patch;
use crate::source::shown;

/// Applies the patch, and writes the result to a new file.
pub(super) fn write(
    asked: &PatchArgs,
    patch_path: &Path,
    out: &Path,
    schemes: &Schemes,
    progress: &Progress,
) -> Result<(), PatchFailure> {
    if asked.file == Path::new("-") && patch_path == Path::new("-") {
        return Err(UsageError::StdinTwice.into());
    }
    let (source, bytes) = (opened(&asked.file, schemes)?, opened(patch_path, schemes)?);
    let failed = |error| PatchFailure::Patch { patch: shown(patch_path), error };
    let patch = Patch::read(&bytes, progress).map_err(failed)?;
    let len = patch.target_len(&source, progress).map_err(failed)?;
    // Room is reserved, so that a patch for a file of any length cannot fill the disk, unless the source
    // has holes, which are kept.
    let mut new = NewFile::make(out, |path| {
        let options = MemMap::options().mode(Mode::Create).create_new(true).len(len);
        let target = options.sparse(has_holes(&source)).open(path).map_err(io::Error::from)?;
        Ok(target.erase())
    })?;
    patch.apply(&source, new.file(), progress).map_err(failed)?;
    new.publish(|target: AnyMap| target.close().map_err(io::Error::from))?;
    if !patch.knows_its_source() {
        say_unknown(patch_path, &asked.file);
    }
    Ok(())
}

fn has_holes(map: &AnyMap) -> bool {
    map.extents(..).is_ok_and(|all| all.iter().any(|it| matches!(it, Extent::Hole(_))))
}
