//! `lazyhex diff --patch OUT`: a patch instead of a list.

use std::fs::File;
use std::path::Path;

use memmap::Progress;

use super::{Comparing, DIFFERENT, DiffError, EQUAL, Input};
use crate::job::new_file::NewFile;
use crate::patch::{self, PatchError, PatchFormat};

/// Writes the patch that makes the second file of the first one. Returns the exit code.
pub(super) fn write(
    out: &Path,
    compare: Comparing<'_>,
    (a, b): (&Input, &Input),
    progress: &Progress,
) -> Result<u8, DiffError> {
    let format = PatchFormat::of_extension(out)?;
    // Before the work, so that a name that is taken is said at once.
    let mut new = NewFile::make(out, |path| File::create_new(path))?;
    // The other formats find for themselves what they copy.
    let differences = match format {
        PatchFormat::Bps => compare.aligned()?,
        PatchFormat::Ips | PatchFormat::Bsdiff => {
            compare.first()?.map(|first| first.into_iter().collect())
        }
    };
    if differences.is_cancelled {
        return Err(PatchError::Cancelled.into());
    }
    let list = &differences.value;
    patch::write(format, &a.map, &b.map, list, new.file(), progress)?;
    new.publish(|file| file.sync_all())?;
    Ok(if list.is_empty() { EQUAL } else { DIFFERENT })
}
