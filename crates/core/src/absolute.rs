use std::path::Path;
use std::sync::Arc;

/// A path that stays the same when the working directory changes.
///
/// An empty path has no absolute form; it is reported as it was given.
pub(crate) fn absolute(path: &Path) -> Arc<Path> {
    // `std` takes apart and puts together again what is absolute already. Where a path begins with a
    // drive there is more to do.
    if path.is_absolute() && path.as_os_str().as_encoded_bytes().starts_with(b"/") {
        return path.into();
    }
    std::path::absolute(path).map_or_else(|_no_such_directory| path.into(), Arc::from)
}
