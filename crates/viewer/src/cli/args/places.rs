//! Start offsets within file arguments: `FILE:0x400`, and `+0x400` as in editors.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::BytesArgs;
use crate::format::parse_size::{Offset, parse_offset};

/// The error for more than one start offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum PlaceError {
    #[error("give only one start offset: --skip, +OFFSET or FILE:OFFSET")]
    SaidTwice,
    #[error("FILE:OFFSET takes a single file; use --skip for several files")]
    SeveralFiles,
}

impl BytesArgs {
    /// Extracts the start offset from the file arguments. The name of an existing file is never
    /// taken for an offset.
    pub(super) fn take_places(&mut self) -> Result<(), PlaceError> {
        let mut places: Vec<Offset> = self.skip.into_iter().collect();
        let mut files = Vec::new();
        for file in std::mem::take(&mut self.files) {
            if let Some(place) = alone(&file) {
                places.push(place);
                continue;
            }
            match after_name(&file) {
                Some((name, place)) => {
                    places.push(place);
                    files.push((name, true));
                }
                None => files.push((file, false)),
            }
        }
        if files.len() > 1 && files.iter().any(|(_, has_place)| *has_place) {
            return Err(PlaceError::SeveralFiles);
        }
        self.files = files.into_iter().map(|(file, _)| file).collect();
        self.skip = match places[..] {
            [] => None,
            [place] => Some(place),
            _ => return Err(PlaceError::SaidTwice),
        };
        Ok(())
    }
}

/// Parses `+0x400`.
fn alone(file: &Path) -> Option<Offset> {
    let place = parse_offset(file.to_str()?.strip_prefix('+')?).ok()?;
    (!is_there(file)).then_some(place)
}

/// Parses `FILE:0x400`, if FILE exists.
fn after_name(file: &Path) -> Option<(PathBuf, Offset)> {
    let (name, place) = file.to_str()?.rsplit_once(':')?;
    let place = parse_offset(place).ok()?;
    (!is_there(file) && is_there(Path::new(name))).then(|| (name.into(), place))
}

/// Whether a file with this name exists, even as a dangling link.
fn is_there(file: &Path) -> bool {
    file.symlink_metadata().is_ok()
}
