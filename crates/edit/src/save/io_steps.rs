use std::io;
use std::path::Path;

use super::SaveError;
pub(super) use crate::exact::{read, write};

/// Says what failed on which file.
pub(super) fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SaveError {
    let path = path.to_path_buf();
    move |source| SaveError::Io { what, path, source }
}
