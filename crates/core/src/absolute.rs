use std::path::Path;
use std::sync::Arc;

/// A path that stays valid when the working directory changes.
///
/// An empty path has no absolute form; it is returned unchanged.
pub(crate) fn absolute(path: &Path) -> Arc<Path> {
    // `std` splits and rejoins even a path that is absolute already. A path with a drive needs that.
    if path.is_absolute() && path.as_os_str().as_encoded_bytes().starts_with(b"/") {
        return path.into();
    }
    std::path::absolute(path).map_or_else(|_no_such_directory| path.into(), Arc::from)
}
