//! Edits over a map, which is not written to before they are saved: versions, undo, a journal, and saving in an
//! order that loses no byte.
//!
//! # Examples
//! ```
//! use memmap::edit::Overlay;
//! use memmap::{MemMap, Mode, Progress};
//!
//! # let dir = tempfile::tempdir()?;
//! # let path = dir.path().join("notes");
//! std::fs::write(&path, b"a map of bytes")?;
//! let mut edited = Overlay::new(MemMap::open(&path, Mode::Read)?);
//! edited.overwrite(6, b"OF")?;
//! edited.insert(0, b"# ")?;
//! let view = edited.view(); // as it looks now, whatever follows
//! edited.save().run(&Progress::new())?;
//! assert_eq!(std::fs::read(&path)?, b"# a map OF bytes");
//! edited.undo();
//! assert_eq!(edited.view().read_at(0, 14)?, b"a map OF bytes");
//! assert_eq!(view.read_at(0, 16)?, b"# a map OF bytes");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::io;
use std::path::Path;

pub use memmap_edit::*;

pub use crate::native::Disk;

/// The file that a [`MemMap`](crate::MemMap) maps, edited.
pub type EditedFile = Overlay<crate::native::Live>;

/// A saving of a file that nobody looked at yet.
pub type FileDraft = Draft<crate::native::Live>;

/// A saving of a file, looked at and not begun.
pub type FilePlan = Plan<crate::native::Live>;

/// A saving of a file that is complete.
pub type SavedFile = Saved<crate::native::Live>;

/// Bytes from elsewhere that were copied, to be inserted into a file.
pub type TakenFile = Taken<crate::native::Live>;

/// A saving of a file that was cut short.
pub type UnfinishedFile = Unfinished<crate::native::Live>;

/// The journal of a session that edits a file.
pub type Journal = memmap_edit::Journal<Disk>;

/// The folder of all journals.
pub type Journals = memmap_edit::journal::Journals<Disk>;

/// This process, as a journal names the one that made it.
pub fn this_process() -> Process {
    memmap_core::disk::Disk::this_process(&Disk)
}

/// The user that a file or a folder belongs to, by number; `None` where users have none.
///
/// # Errors
/// Errors of the system.
pub fn owner_of(path: &Path) -> io::Result<Option<u32>> {
    use memmap_core::disk::Disk as _;
    let file = Disk.open(path, false)?;
    Ok(Disk.attributes(&file)?.owner.map(|(user, _)| user))
}

/// Free bytes on the disk of an open file, for this user; `None` if the system does not say.
///
/// # Errors
/// Errors of the system.
pub fn free_bytes(file: &std::fs::File) -> io::Result<Option<u64>> {
    use memmap_core::disk::Disk as _;
    Ok(Disk.room(file, &[])?.free)
}
