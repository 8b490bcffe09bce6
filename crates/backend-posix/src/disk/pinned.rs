//! Files that are found and not opened (`O_PATH`), so that nothing hears of it and another file cannot take
//! the name meanwhile.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags};

use super::folder::Folder;
use super::kind::{self, Kind};
use super::{calls, folder};

/// Calls `act` with what is at a path; links are followed.
pub(super) fn at<T>(path: &Path, act: impl FnOnce(&File) -> io::Result<T>) -> io::Result<T> {
    act(&pin(CWD, path.as_os_str(), OFlags::empty())?)
}

/// Calls `act` with what has a name in a folder; a link is not followed.
pub(super) fn in_folder<T>(
    folder: &Folder,
    name: &OsStr,
    act: impl FnOnce(&File) -> io::Result<T>,
) -> io::Result<T> {
    act(&pin(folder.file().as_fd(), folder::checked(name)?, OFlags::NOFOLLOW)?)
}

fn pin(folder: BorrowedFd<'_>, name: &OsStr, flags: OFlags) -> io::Result<File> {
    let flags = OFlags::PATH.union(OFlags::CLOEXEC).union(flags);
    Ok(File::from(rustix::fs::openat(folder, name, flags, Mode::empty())?))
}

/// Opens what is pinned. It does not wait for a lease of others.
pub(super) fn open(pinned: &File) -> io::Result<File> {
    let nonblocking = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or(0);
    OpenOptions::new()
        .read(true)
        .custom_flags(nonblocking)
        .open(format!("/proc/self/fd/{}", pinned.as_raw_fd()))
}

/// Whether a file is on layers of other file systems.
pub(super) fn is_layered(file: &File) -> bool {
    kind::of(file) == Kind::Layered
}

/// How often the inode's number was given to another file.
pub(super) fn generation(file: &File) -> Option<u32> {
    calls::generation(file).ok()
}
