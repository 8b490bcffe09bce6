//! What the system says of a file.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;

use memmap_core::disk::{Facts, NodeKind};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_READ_ATTRIBUTES,
};

use crate::file_info;

/// The facts of an open file.
pub(super) fn of(file: &File) -> io::Result<Facts> {
    let found = file.metadata()?;
    let (identity, links) = file_info::by_handle(file).ok_or_else(io::Error::last_os_error)?;
    let kind = match found.file_type() {
        it if it.is_symlink() => NodeKind::Link,
        it if it.is_dir() => NodeKind::Folder,
        it if it.is_file() => NodeKind::File,
        _ => NodeKind::Other,
    };
    Ok(Facts {
        kind,
        device: identity.volume(),
        inode: u128::from(identity.file()),
        generation: None,
        // Anybody may set it, and some systems change it with each write. The index of NTFS counts how often it was
        // given to another file.
        born: None,
        len: found.len(),
        modified: found.modified().ok(),
        changed: None,
        links: u64::from(links),
        sectors: None,
        is_read_only: is_read_only(&found),
        serial: String::new(),
    })
}

fn is_read_only(found: &Metadata) -> bool {
    found.is_file() && found.permissions().readonly()
}

/// The facts of what is at a path, which is opened to be looked at alone.
pub(super) fn at(path: &Path, follows: bool) -> io::Result<Facts> {
    let links = if follows { 0 } else { FILE_FLAG_OPEN_REPARSE_POINT };
    // A folder is only opened with this flag.
    let flags = FILE_FLAG_BACKUP_SEMANTICS | links;
    of(&OpenOptions::new().access_mode(FILE_READ_ATTRIBUTES).custom_flags(flags).open(path)?)
}

/// Opens a file, and no link.
pub(super) fn open_without_links(path: &Path, writes: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(writes).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
    let file = options.open(path)?;
    if file.metadata()?.is_symlink() {
        return Err(io::Error::other("it is a symbolic link"));
    }
    Ok(file)
}
