//! Where descriptions come from.

/// Gives the texts of descriptions by name.
///
/// The crate opens no file: a program says where descriptions are.
pub trait Formats {
    /// The text of a description, or `None` where there is none of this name.
    ///
    /// `name` is a path without `.ksy` whose parts are separated by `/`. It holds no `..` and no empty
    /// part, so it leads nowhere outside of the directory that it is looked for in.
    ///
    /// # Errors
    ///
    /// What kept it from being read, as a sentence.
    fn text(&self, name: &str) -> Result<Option<Vec<u8>>, String>;
}

/// The path of an import, seen from the description that names it. `None` if it leads outside.
pub(super) fn import_path(from: &str, name: &str) -> Option<String> {
    if name.contains(['\0', '\\', ':']) || name.is_empty() {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    if !name.starts_with('/') {
        parts.extend(from.split('/'));
        parts.pop();
    }
    for part in name.trim_start_matches('/').split('/') {
        match part {
            "" => return None,
            "." => {}
            ".." => drop(parts.pop()?),
            _ if part.starts_with('.') => return None,
            _ => parts.push(part),
        }
    }
    if parts.is_empty() { None } else { Some(parts.join("/")) }
}
