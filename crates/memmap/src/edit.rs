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

pub use memmap_edit::*;

pub use crate::native::Disk;

/// The file that a [`MemMap`](crate::MemMap) maps, edited.
pub type EditedFile = Overlay<crate::native::Live>;

/// A saving of a file, looked at and not begun.
pub type FilePlan = Plan<crate::native::Live>;

/// A saving of a file that is complete.
pub type SavedFile = Saved<crate::native::Live>;

/// A saving of a file that was cut short.
pub type UnfinishedFile = Unfinished<crate::native::Live>;

/// The journal of a session that edits a file.
pub type Journal = memmap_edit::Journal<Disk>;

/// The folder of all journals.
pub type Journals = memmap_edit::journal::Journals<Disk>;
