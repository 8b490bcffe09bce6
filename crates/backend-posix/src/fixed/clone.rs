//! A clone of the file that nobody else can open: `FICLONE` into a file without a name.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::{cache, lease};
use crate::pages::{Access, Pages};

const OPENED: &str =
    "another process opened the clone while it was made; try again, or allow another proof";

/// Clones the file and maps the clone. All descriptors of the clone are closed afterwards.
///
/// The kernel locks the file while it is cloned, so the clone is a consistent state of it. The clone has no
/// name and cannot get one (`O_TMPFILE | O_EXCL`), and in the end it has no descriptor.
///
/// # Source
/// `ioctl_ficlone(2)`, open(2).
pub(super) fn make(
    file: &File,
    offset: u64,
    path: Option<&Path>,
    len: usize,
) -> Result<Pages, String> {
    let directory = path.and_then(Path::parent).ok_or_else(|| {
        "the directory of the file is not known, and a clone is made there".to_owned()
    })?;
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
            "the file was cut short: it has {now} bytes, and {needed} are needed; map it again"
        ));
    }
    let clone = Exclusive::new(clone)?;
    let pages = Pages::map(&clone.file, offset, len, Access::Read)
        .map_err(|error| format!("the clone cannot be mapped: {error}"))?;
    let start = offset.saturating_sub(memmap_core::widen(pages.lead()));
    cache::vacate(&clone.file, &pages, start)?;
    clone.close()?;
    Ok(pages)
}

/// A new file that has no name and cannot get one.
fn without_a_name(directory: &Path) -> Result<File, String> {
    let flags = OFlags::TMPFILE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
    let made = rustix::fs::open(directory, flags, Mode::RUSR)
        .map_err(|errno| format!("no file can be created in its directory: {errno}"))?;
    Ok(File::from(made))
}

/// A file, open for reading, that nobody else has open. A lease makes later opens wait.
///
/// While a file has a descriptor, a process of the same user can open it by `/proc/PID/fd`. The kernel grants
/// a write lease only if the file is not open elsewhere. (Descriptors opened with `O_PATH` are not counted.)
///
/// # Source
/// fcntl(2), `F_SETLEASE`; `check_conflicting_open` in `fs/locks.c` of Linux.
struct Exclusive {
    file: File,
}

impl Exclusive {
    fn new(file: File) -> Result<Self, String> {
        let again = format!("/proc/self/fd/{}", file.as_raw_fd());
        let reader = File::open(again)
            .map_err(|error| format!("the clone cannot be opened again: {error}"))?;
        // A child that was forked just now still has this descriptor. Then the lease is refused.
        drop(file);
        lease::notify_watcher(&reader)?;
        // SAFETY: the call takes an open descriptor and numbers, and accesses no memory.
        let answer = unsafe { libc::fcntl(reader.as_raw_fd(), libc::F_SETLEASE, libc::F_WRLCK) };
        if answer == 0 {
            return Ok(Self { file: reader });
        }
        match Errno::from_io_error(&std::io::Error::last_os_error()) {
            Some(Errno::AGAIN | Errno::BUSY) => Err(OPENED.to_owned()),
            errno => Err(format!(
                "the system does not report whether another process opened the clone: {}",
                errno.map_or_else(String::new, |errno| errno.to_string())
            )),
        }
    }

    /// Closes the file. Fails if somebody waits to open it.
    fn close(self) -> Result<(), String> {
        // SAFETY: as in `new`.
        let kind = unsafe { libc::fcntl(self.file.as_raw_fd(), libc::F_GETLEASE) };
        if kind == libc::F_WRLCK { Ok(()) } else { Err(OPENED.to_owned()) }
    }
}

/// Whether the file system of a file can clone files, judged by its kind.
pub(super) fn could(file: &File) -> Result<(), String> {
    /// btrfs, and xfs, unless it was created without support for clones: statfs(2).
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

    /// A directory on a disk whose file system supports files without a name, and leases.
    fn directory() -> Option<tempfile::TempDir> {
        let directory = tempfile::tempdir().unwrap();
        let fs = rustix::fs::statfs(directory.path()).unwrap();
        [0xEF53, 0x9123_683E, 0x5846_5342].contains(&fs.f_type).then_some(directory)
    }

    fn by_proc(file: &File) -> String {
        format!("/proc/self/fd/{}", file.as_raw_fd())
    }

    /// A file that nobody else has open. (A child that another test forks may have it for a moment.)
    fn exclusive(directory: &Path) -> Exclusive {
        loop {
            match Exclusive::new(without_a_name(directory).unwrap()) {
                Ok(exclusive) => return exclusive,
                Err(why) => assert_eq!(why, OPENED),
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
            assert_eq!(Exclusive::new(file).map(drop), Err(OPENED.to_owned()));
            drop(other);
        }
        // The same open file description, as a forked child would have it.
        let file = without_a_name(directory.path()).unwrap();
        let other = file.try_clone().unwrap();
        assert_eq!(Exclusive::new(file).map(drop), Err(OPENED.to_owned()));
        drop(other);
        assert_eq!(exclusive(directory.path()).close(), Ok(()));
    }

    #[test]
    fn a_file_that_somebody_waits_for_is_found() {
        let Some(directory) = directory() else { return };
        let exclusive = exclusive(directory.path());
        let path = by_proc(&exclusive.file);
        let waits = thread::spawn(move || OpenOptions::new().write(true).open(path).map(drop));
        // SAFETY: the call takes an open descriptor and numbers, and accesses no memory.
        let kind = || unsafe { libc::fcntl(exclusive.file.as_raw_fd(), libc::F_GETLEASE) };
        while kind() == libc::F_WRLCK {
            thread::yield_now();
        }
        assert_eq!(exclusive.close(), Err(OPENED.to_owned()));
        waits.join().unwrap().unwrap();
    }
}
