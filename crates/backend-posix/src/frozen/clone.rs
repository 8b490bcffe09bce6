//! A clone of the file that nobody else can open: `FICLONE` into a file without a name.

use std::fs::File;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use crate::live::Mapped;
use crate::pages::{Access, Pages};

/// Clones the file and maps the clone, whose every descriptor is closed afterwards.
///
/// The file is locked by the kernel while it is cloned, so it is one state of it. Without a name
/// (`O_TMPFILE | O_EXCL`) and without a descriptor nobody can open it: only between its making and
/// its closing, a moment, could another process of this user do so by `/proc`.
///
/// # Source
/// `ioctl_ficlone(2)`, open(2).
pub(super) fn make(
    mapped: &Mapped,
    file: &File,
    path: Option<&Path>,
    len: usize,
) -> Result<Pages, String> {
    let directory = path
        .and_then(Path::parent)
        .ok_or_else(|| "its directory is not known, where a clone could be made".to_owned())?;
    let flags = OFlags::TMPFILE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
    let made = rustix::fs::open(directory, flags, Mode::RUSR)
        .map_err(|errno| format!("no file can be made in its directory: {errno}"))?;
    let clone = File::from(made);
    rustix::fs::ioctl_ficlone(&clone, file).map_err(|errno| match errno {
        Errno::OPNOTSUPP | Errno::INVAL | Errno::NOTTY => {
            "its file system cannot clone files; btrfs and xfs can".to_owned()
        }
        Errno::XDEV => "its directory is on another file system".to_owned(),
        errno => format!("the file cannot be cloned: {errno}"),
    })?;
    let needed = mapped.offset.saturating_add(memmap_core::widen(len));
    let now = clone.metadata().map_or(0, |clone| clone.len());
    if now < needed {
        return Err(format!(
            "the file was cut short: {needed} bytes are needed and it has {now}; map it again"
        ));
    }
    // Opened anew for reading would need a name; a read-only mapping is all that stays of this.
    Pages::map(&clone, mapped.offset, len, Access::Read)
        .map_err(|error| format!("the clone cannot be mapped: {error}"))
}

/// Whether the file system of a file clones files, as far as its kind tells.
pub(super) fn could(file: &File) -> Result<(), String> {
    /// btrfs, and xfs, which does unless it was made without: statfs(2).
    const CLONERS: [rustix::fs::FsWord; 2] = [0x9123_683E, 0x5846_5342];
    let clones = rustix::fs::fstatfs(file).is_ok_and(|fs| CLONERS.contains(&fs.f_type));
    if clones {
        Ok(())
    } else {
        Err("its file system cannot clone files; btrfs and xfs can".to_owned())
    }
}
