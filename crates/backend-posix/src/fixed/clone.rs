//! A clone of the file that nobody else can open: `FICLONE` into a file without a name.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::{cache, lease};
use crate::pages::{Access, Pages};

const FOUND: &str = "somebody found the clone while it was made; try again, or allow another proof";

/// Clones the file and maps the clone, whose every descriptor is closed afterwards.
///
/// The file is locked by the kernel while it is cloned, so it is one state of it. It has no name and
/// cannot get one (`O_TMPFILE | O_EXCL`), and in the end no descriptor.
///
/// # Source
/// `ioctl_ficlone(2)`, open(2).
pub(super) fn make(
    file: &File,
    offset: u64,
    path: Option<&Path>,
    len: usize,
) -> Result<Pages, String> {
    let directory = path
        .and_then(Path::parent)
        .ok_or_else(|| "its directory is not known, where a clone could be made".to_owned())?;
    let clone = without_a_name(directory)?;
    rustix::fs::ioctl_ficlone(&clone, file).map_err(|errno| match errno {
        Errno::OPNOTSUPP | Errno::INVAL | Errno::NOTTY => {
            "its file system cannot clone files; btrfs and xfs can".to_owned()
        }
        Errno::XDEV => "its directory is on another file system".to_owned(),
        errno => format!("the file cannot be cloned: {errno}"),
    })?;
    let needed = offset.saturating_add(memmap_core::widen(len));
    let now = clone.metadata().map_or(0, |clone| clone.len());
    if now < needed {
        return Err(format!(
            "the file was cut short: {needed} bytes are needed and it has {now}; map it again"
        ));
    }
    let clone = Unfound::new(clone)?;
    let pages = Pages::map(&clone.file, offset, len, Access::Read)
        .map_err(|error| format!("the clone cannot be mapped: {error}"))?;
    let start = offset.saturating_sub(memmap_core::widen(pages.lead()));
    cache::vacate(&clone.file, &pages, start)?;
    clone.close()?;
    Ok(pages)
}

/// A new file that has no name, and can get none.
fn without_a_name(directory: &Path) -> Result<File, String> {
    let flags = OFlags::TMPFILE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
    let made = rustix::fs::open(directory, flags, Mode::RUSR)
        .map_err(|errno| format!("no file can be made in its directory: {errno}"))?;
    Ok(File::from(made))
}

/// A file that nobody else has open, for reading, with a lease that makes whoever opens it from now on
/// wait.
///
/// While a file has a descriptor, a process of the same user can open it by `/proc/PID/fd`. The kernel
/// gives a lease for writing only where it knows of no other open file than the one it is asked for.
/// (It does not count who only knows the way: `O_PATH`.)
///
/// # Source
/// fcntl(2), `F_SETLEASE`; `check_conflicting_open` in `fs/locks.c` of Linux.
struct Unfound {
    file: File,
}

impl Unfound {
    fn new(file: File) -> Result<Self, String> {
        let again = format!("/proc/self/fd/{}", file.as_raw_fd());
        let reader =
            File::open(again).map_err(|error| format!("it cannot be opened again: {error}"))?;
        // A child that is forked just now still has this one, and is found by the lease.
        drop(file);
        lease::tell_the_watcher(&reader)?;
        // SAFETY: it takes numbers, of a file that is open, and touches no memory.
        let answer = unsafe { libc::fcntl(reader.as_raw_fd(), libc::F_SETLEASE, libc::F_WRLCK) };
        if answer == 0 {
            return Ok(Self { file: reader });
        }
        match Errno::from_io_error(&std::io::Error::last_os_error()) {
            Some(Errno::AGAIN | Errno::BUSY) => Err(FOUND.to_owned()),
            errno => Err(format!(
                "the system does not say whether somebody found the clone: {}",
                errno.map_or_else(String::new, |errno| errno.to_string())
            )),
        }
    }

    /// Closes it, unless somebody waits to open it.
    fn close(self) -> Result<(), String> {
        // SAFETY: as in `new`.
        let kind = unsafe { libc::fcntl(self.file.as_raw_fd(), libc::F_GETLEASE) };
        if kind == libc::F_WRLCK { Ok(()) } else { Err(FOUND.to_owned()) }
    }
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

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::thread;

    use rustix::fs::{AtFlags, CWD};

    use super::*;

    /// A directory on the disk, where files without a name and leases are known.
    fn directory() -> Option<tempfile::TempDir> {
        let directory = tempfile::tempdir().unwrap();
        let fs = rustix::fs::statfs(directory.path()).unwrap();
        [0xEF53, 0x9123_683E, 0x5846_5342].contains(&fs.f_type).then_some(directory)
    }

    fn by_proc(file: &File) -> String {
        format!("/proc/self/fd/{}", file.as_raw_fd())
    }

    /// Of a file that nobody else has open. (A child that another test forks has it for a moment.)
    fn unfound(directory: &Path) -> Unfound {
        loop {
            match Unfound::new(without_a_name(directory).unwrap()) {
                Ok(unfound) => return unfound,
                Err(why) => assert_eq!(why, FOUND),
            }
            thread::yield_now();
        }
    }

    #[test]
    fn a_file_without_a_name_can_get_none() {
        let Some(directory) = directory() else { return };
        let file = without_a_name(directory.path()).unwrap();
        let name = directory.path().join("name");
        let linked = rustix::fs::linkat(CWD, by_proc(&file), CWD, &name, AtFlags::SYMLINK_FOLLOW);
        assert_eq!(linked, Err(Errno::NOENT));
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 0);
    }

    #[test]
    fn a_file_that_somebody_opened_is_found() {
        let Some(directory) = directory() else { return };
        let mut options = OpenOptions::new();
        for options in [options.read(true).clone(), options.write(true).clone()] {
            let file = without_a_name(directory.path()).unwrap();
            let other = options.open(by_proc(&file)).unwrap();
            assert_eq!(Unfound::new(file).map(drop), Err(FOUND.to_owned()));
            drop(other);
        }
        // The same open file, as a child has it that was forked.
        let file = without_a_name(directory.path()).unwrap();
        let other = file.try_clone().unwrap();
        assert_eq!(Unfound::new(file).map(drop), Err(FOUND.to_owned()));
        drop(other);
        assert_eq!(unfound(directory.path()).close(), Ok(()));
    }

    #[test]
    fn a_file_that_somebody_waits_for_is_found() {
        let Some(directory) = directory() else { return };
        let unfound = unfound(directory.path());
        let path = by_proc(&unfound.file);
        let waits = thread::spawn(move || OpenOptions::new().write(true).open(path).map(drop));
        // SAFETY: it takes numbers, of a file that is open, and touches no memory.
        let kind = || unsafe { libc::fcntl(unfound.file.as_raw_fd(), libc::F_GETLEASE) };
        while kind() == libc::F_WRLCK {
            thread::yield_now();
        }
        assert_eq!(unfound.close(), Err(FOUND.to_owned()));
        waits.join().unwrap().unwrap();
    }
}
