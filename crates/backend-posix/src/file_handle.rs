//! The file of a mapping: held open, or opened again when it is needed.
//!
//! Reading a mapping needs no descriptor: the system keeps the file as long as it is mapped. Few operations
//! need one: finding the reason of a fault, listing holes, locks, proofs. So a map for reading stores the
//! identity and the path of its file, and the number of maps is not bound by the limit on open files.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Deref;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use memmap_core::{FileIdentity, MapRequest};

use crate::file_info;
use crate::pages::Pages;
use crate::shown::Shown;

/// Access to the file of a mapping.
pub struct FileHandle {
    place: Place,
    /// An open file that no other map uses, for what must not be shared: locks, and pages that are mapped
    /// later, whose write errors are reported to this file. Opened when it is first needed.
    own: OnceLock<File>,
}

enum Place {
    /// Held open. Other maps may use it too, so its position must not be relied on.
    Open(Arc<File>),
    /// Closed. It can be opened again by its path or through the mapping.
    Named { path: Arc<Path>, identity: FileIdentity },
}

/// A borrowed file: one that is held open, or one that is closed again when this is dropped.
pub(crate) enum Opened<'a> {
    Held(&'a Arc<File>),
    Again(Arc<File>),
}

impl Deref for Opened<'_> {
    type Target = Arc<File>;

    fn deref(&self) -> &Arc<File> {
        match self {
            Self::Held(file) => file,
            Self::Again(file) => file,
        }
    }
}

impl fmt::Debug for FileHandle {
    /// Prints no address and no bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileHandle")
            .field("is_open", &self.held().is_some())
            .finish_non_exhaustive()
    }
}

impl FileHandle {
    /// The handle of the mapping that was made for `request`. `is_mapped` says whether at least one page is
    /// mapped, so that the bytes can be read without a descriptor. If no page is mapped and the file is
    /// removed, the system may reuse its inode number for another file.
    pub(crate) fn of(file: &Arc<File>, request: &MapRequest, is_mapped: bool) -> Self {
        let writes = request.mode().reaches_file();
        let place = match (request.path(), request.identity()) {
            (Some(path), Some(identity))
                if is_mapped
                    && !writes
                    && !request.holds_open()
                    && file_info::keeps_numbers(file, identity) =>
            {
                Place::Named { path: Arc::clone(path), identity }
            }
            // The caller passed an open file, perhaps for many maps, or wants it to be held.
            (path, Some(identity))
                if (path.is_none() || request.holds_open())
                    && request.created().is_none()
                    && file_info::keeps_numbers(file, identity) =>
            {
                Place::Open(shared(file, identity, writes))
            }
            _ => Place::Open(Arc::clone(file)),
        };
        Self { place, own: OnceLock::new() }
    }

    /// The file, for operations that do not depend on its position.
    ///
    /// # Errors
    /// If the file has to be opened again: `NotFound` if it cannot be found, or the error of the system.
    pub(crate) fn open(&self, pages: Option<&Pages>) -> io::Result<Opened<'_>> {
        match &self.place {
            Place::Open(file) => Ok(Opened::Held(file)),
            Place::Named { path, identity } => {
                reopen(path, *identity, pages).map(|file| Opened::Again(Arc::new(file)))
            }
        }
    }

    /// The file, if it is held open. Maps for writing always hold it open.
    pub(crate) fn held(&self) -> Option<&Arc<File>> {
        match &self.place {
            Place::Open(file) => Some(file),
            Place::Named { .. } => None,
        }
    }

    /// Holds `file` open from now on, because no page of it will be mapped.
    pub(crate) fn keep(&mut self, file: Arc<File>) {
        self.place = Place::Open(file);
    }

    /// An open file that no other map uses. It stays open.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub(crate) fn own(&self, pages: Option<&Pages>, writes: bool) -> io::Result<&File> {
        if let Some(own) = self.own.get() {
            return Ok(own);
        }
        let own = match &self.place {
            // Nobody else has it, and nobody can get it: shared files have a weak reference in `SHARED`.
            Place::Open(file) if Arc::strong_count(file) == 1 && Arc::weak_count(file) == 0 => {
                return Ok(file);
            }
            Place::Open(file) => {
                let mut options = OpenOptions::new();
                options.read(true).write(writes);
                options
                    .open(format!("/proc/self/fd/{}", file.as_raw_fd()))
                    .or_else(|_no_proc| file.try_clone())?
            }
            Place::Named { path, identity } => reopen(path, *identity, pages)?,
        };
        Ok(self.own.get_or_init(|| own))
    }
}

impl memmap_core::FileHandle<Shown> for FileHandle {
    fn with<T>(&self, pages: Option<&Shown>, act: impl FnOnce(&Arc<File>) -> T) -> io::Result<T> {
        self.open(pages.map(|shown| &shown.pages)).map(|opened| act(&opened))
    }

    fn held(&self) -> Option<&Arc<File>> {
        self.held()
    }

    fn own(&self, pages: Option<&Shown>, writes: bool) -> io::Result<&File> {
        self.own(pages.map(|shown| &shown.pages), writes)
    }
}

/// Open files that callers passed in and that are mapped, so that all maps of one file share a descriptor.
static SHARED: Mutex<Vec<Shared>> = Mutex::new(Vec::new());

struct Shared {
    identity: FileIdentity,
    writes: bool,
    file: Weak<File>,
}

/// The open file that a new map of `file` holds: that of an earlier map of it, or `file` itself.
///
/// An open file keeps its inode number, so an equal identity means the same file. For network file systems
/// see [`keeps_numbers`](file_info::keeps_numbers).
fn shared(file: &Arc<File>, identity: FileIdentity, writes: bool) -> Arc<File> {
    // The list is consistent even if a thread panicked while it held the lock.
    let mut all = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = all.iter().find(|it| it.identity == identity && it.writes == writes);
    if let Some(known) = known.and_then(|it| it.file.upgrade()) {
        return known;
    }
    all.retain(|it| it.file.strong_count() > 0);
    all.push(Shared { identity, writes, file: Arc::downgrade(file) });
    Arc::clone(file)
}

/// Opens the file that was at `path` for reading, even if it was renamed or removed since.
fn reopen(path: &Path, wanted: FileIdentity, pages: Option<&Pages>) -> io::Result<File> {
    let error = match open_if(path, wanted) {
        Err(error) if may_have_moved(&error) => error,
        opened => return opened,
    };
    // Renamed, removed, or not accessible by its path. The system can still find it by its mapping.
    let opened = pages.ok_or_else(gone).and_then(|pages| mapped::reopen(pages, wanted));
    opened.map_err(|other| match (error.kind(), other.kind()) {
        // The file exists at its path, and this user may not open it.
        (io::ErrorKind::PermissionDenied, io::ErrorKind::NotFound) => error,
        _ => other,
    })
}

/// Opens the file at `path` if it has the wanted identity. Anything else, such as a pipe, is not opened.
fn open_if(path: &Path, wanted: FileIdentity) -> io::Result<File> {
    if file_info::identity(&rustix::fs::stat(path)?) != wanted {
        return Err(gone());
    }
    let nonblocking = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
    let mut options = OpenOptions::new();
    options.read(true);
    let file = match options.custom_flags(nonblocking).open(path) {
        // Another process holds a lease on it (fcntl(2)), and gives it back if we wait.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            options.custom_flags(0).open(path)?
        }
        opened => opened?,
    };
    if file_info::identity(&rustix::fs::fstat(&file)?) == wanted { Ok(file) } else { Err(gone()) }
}

/// Whether the file may still be found through its mapping.
fn may_have_moved(error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
    matches!(error.kind(), NotFound | NotADirectory | PermissionDenied)
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "the file is no longer at its path")
}

#[cfg(target_os = "linux")]
mod mapped {
    use std::ffi::OsStr;
    use std::fs::{self, File};
    use std::io;
    use std::ops::Range;
    use std::os::unix::ffi::OsStrExt;
    use std::path::{Path, PathBuf};

    use memmap_core::FileIdentity;

    use super::{gone, open_if};
    use crate::pages::Pages;

    /// Opens the file of a mapping: by its current path, as any user may, or through the mapping itself,
    /// which needs a capability and no path.
    ///
    /// # Source
    /// `proc_pid_maps(5)`, `proc_pid_map_files(5)`.
    pub(super) fn reopen(pages: &Pages, wanted: FileIdentity) -> io::Result<File> {
        let maps = fs::read("/proc/self/maps")?;
        let (first, len) = pages.whole();
        let all = first.addr()..first.addr().saturating_add(len);
        let (range, name) = find(&maps, &all).ok_or_else(gone)?;
        open_if(&name, wanted)
            .or_else(|_moved| open_if(&Path::new("/proc/self/map_files").join(range), wanted))
            .map_err(|_unreadable| gone())
    }

    /// The range of the first file mapping that overlaps these addresses, and the path of the file.
    ///
    /// A lost page that was replaced by zeros is a separate mapping without a file.
    pub(super) fn find(maps: &[u8], wanted: &Range<usize>) -> Option<(String, PathBuf)> {
        maps.split(|&byte| byte == b'\n').find_map(|line| {
            // "first-end perms offset device inode   path". In the path only line breaks are escaped.
            let mut words = line.splitn(6, |&byte| byte == b' ');
            let range = std::str::from_utf8(words.next()?).ok()?;
            let (first, end) = range.split_once('-')?;
            let first = usize::from_str_radix(first, 16).ok()?;
            let end = usize::from_str_radix(end, 16).ok()?;
            let inode = words.nth(3)?;
            if end <= wanted.start || wanted.end <= first || inode == b"0" {
                return None;
            }
            let name = words.next()?.trim_ascii_start();
            Some((range.to_owned(), PathBuf::from(OsStr::from_bytes(&unescaped(name)))))
        })
    }

    /// Undoes the escapes of the kernel, which writes a line break as `\012` and escapes nothing else.
    fn unescaped(name: &[u8]) -> Vec<u8> {
        let mut rest = name;
        let mut out = Vec::with_capacity(name.len());
        while let Some((&byte, after)) = rest.split_first() {
            if let Some(after) = rest.strip_prefix(br"\012") {
                out.push(b'\n');
                rest = after;
            } else {
                out.push(byte);
                rest = after;
            }
        }
        out
    }
}

#[cfg(not(target_os = "linux"))]
mod mapped {
    use std::fs::File;
    use std::io;

    use memmap_core::FileIdentity;

    use super::gone;
    use crate::pages::Pages;

    pub(super) fn reopen(_: &Pages, _: FileIdentity) -> io::Result<File> {
        Err(gone())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::path::PathBuf;

    use super::mapped::find;

    #[test]
    fn a_mapping_is_found_by_an_address_in_it_and_its_name_is_read_whole() {
        let maps = b"55d0-55e0 r--p 00000000 fe:00 12   /usr/bin/with two  spaces\n\
                     7f00-7f10 r--s 00001000 fe:00 13      /tmp/a\\012b (deleted)\n\
                     7f10-7f20 rw-p 00000000 00:00 0\n\
                     7f20-7f30 r--s 00000000 00:01 14 /memfd:x (deleted)\n";
        let found = |address| find(maps, &(address..address + 1));
        let of = |range: &str, name: &str| Some((range.to_owned(), PathBuf::from(name)));
        assert_eq!(found(0x55d0), of("55d0-55e0", "/usr/bin/with two  spaces"));
        assert_eq!(found(0x55e0), None);
        assert_eq!(found(0x7f0f), of("7f00-7f10", "/tmp/a\nb (deleted)"));
        assert_eq!(found(0x7f20), of("7f20-7f30", "/memfd:x (deleted)"));
        assert_eq!(found(0x7f18), None);
        assert_eq!(
            find(maps, &(0x7f10..0x7f24)),
            found(0x7f20),
            "a mapping without a file is skipped"
        );
        assert_eq!(find(b"", &(0..usize::MAX)), None);
    }
}
