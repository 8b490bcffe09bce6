//! Folders that are held open. Names are relative to them, so that nobody can put another folder in the way.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, Mode, OFlags};
use rustix::io::Errno;

/// An open folder.
#[derive(Debug)]
pub struct Folder {
    file: File,
    /// Where it was when it was opened, for systems that find names by paths alone.
    #[cfg_attr(
        target_os = "linux",
        expect(dead_code, reason = "names are found in the open folder")
    )]
    path: PathBuf,
}

impl Folder {
    #[cfg(target_os = "linux")]
    pub(super) const fn file(&self) -> &File {
        &self.file
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// A name that is in a folder and not in another one.
pub(super) fn checked(name: &OsStr) -> io::Result<&OsStr> {
    let bytes = name.as_bytes();
    if bytes.is_empty() || bytes == b"." || bytes == b".." || bytes.contains(&b'/') {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a name in a folder"));
    }
    Ok(name)
}

pub(super) fn open(path: &Path) -> io::Result<Folder> {
    with_flags(path, OFlags::DIRECTORY)
}

fn with_flags(path: &Path, flags: OFlags) -> io::Result<Folder> {
    let flags = i32::try_from(flags.bits()).unwrap_or(0);
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    Ok(Folder { file, path: path.to_path_buf() })
}

/// Opens a folder that belongs to this user and that no other user may write to. It and its parents are made
/// where they are missing, and each new name is synced.
pub(super) fn private(path: &Path) -> io::Result<Folder> {
    make(path)?;
    let refuse = |why: &str| {
        let text = format!("{} {why}", path.display());
        Err(io::Error::new(io::ErrorKind::PermissionDenied, text))
    };
    let folder = match with_flags(path, OFlags::DIRECTORY.union(OFlags::NOFOLLOW)) {
        // Linux has the second for a link, as it is no folder.
        Err(error) if is_link(&error) && path.is_symlink() => {
            return refuse("is a symbolic link, which may lead anywhere");
        }
        opened => opened?,
    };
    let found = folder.file.metadata()?;
    let user = rustix::process::geteuid().as_raw();
    if found.uid() != user {
        return refuse(&format!("belongs to user {}, and this is user {user}", found.uid()));
    }
    if found.mode() & 0o022 != 0 {
        return refuse(&format!("may be written to by others (mode {:o})", found.mode() & 0o7777));
    }
    Ok(folder)
}

fn is_link(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::LOOP | Errno::NOTDIR))
}

/// Makes a folder for this user alone, and its parents, and syncs their names.
fn make(path: &Path) -> io::Result<()> {
    let create = || fs::DirBuilder::new().mode(0o700).create(path);
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let made = match (create(), parent) {
        (Err(error), Some(parent)) if error.kind() == io::ErrorKind::NotFound => {
            make(parent)?;
            create()
        }
        (made, _) => made,
    };
    match made {
        Ok(()) => sync(&open(parent.unwrap_or_else(|| Path::new(".")))?),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

pub(super) fn names(folder: &Folder) -> io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(&folder.file)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name != "." && name != ".." {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

pub(super) fn create(folder: &Folder, name: &OsStr) -> io::Result<File> {
    let flags = OFlags::RDWR.union(OFlags::CREATE).union(OFlags::EXCL).union(OFlags::NOFOLLOW);
    let ours = Mode::RUSR.union(Mode::WUSR);
    let made =
        rustix::fs::openat(&folder.file, checked(name)?, flags.union(OFlags::CLOEXEC), ours)?;
    Ok(File::from(made))
}

pub(super) fn open_in(folder: &Folder, name: &OsStr, writes: bool) -> io::Result<File> {
    let access = if writes { OFlags::RDWR } else { OFlags::RDONLY };
    let flags = access.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
    let name = checked(name)?;
    let open = |flags| rustix::fs::openat(&folder.file, name, flags, Mode::empty());
    // The name may be that of a pipe, and opening it must not wait.
    let opened = match open(flags.union(OFlags::NONBLOCK)) {
        // Another process holds a lease on it (fcntl(2)), and gives it back if we wait.
        Err(Errno::AGAIN) => open(flags)?,
        opened => opened?,
    };
    Ok(File::from(opened))
}

pub(super) fn rename(folder: &Folder, from: &OsStr, to: &OsStr) -> io::Result<()> {
    let (from, to) = (checked(from)?, checked(to)?);
    Ok(rustix::fs::renameat(&folder.file, from, &folder.file, to)?)
}

/// `RENAME_EXCHANGE` of `renameat2(2)`, `RENAME_SWAP` of `renameatx_np(2)`.
pub(super) fn exchange(folder: &Folder, one: &OsStr, other: &OsStr) -> io::Result<()> {
    in_one_step(folder, checked(one)?, checked(other)?, How::Exchange)
        .map_err(|errno| if is_unknown(errno) { unsupported() } else { errno.into() })
}

/// Where the file system has no rename that replaces nothing, the file gets a second name, which replaces
/// nothing either, and then loses the first.
pub(super) fn rename_new(folder: &Folder, from: &OsStr, to: &OsStr) -> io::Result<()> {
    let (from, to) = (checked(from)?, checked(to)?);
    match in_one_step(folder, from, to, How::NoReplace) {
        Err(errno) if is_unknown(errno) => {}
        renamed => return Ok(renamed?),
    }
    match rustix::fs::linkat(&folder.file, from, &folder.file, to, AtFlags::empty()) {
        Err(errno) if is_unknown(errno) || errno == Errno::PERM => Err(unsupported()),
        Err(errno) => Err(errno.into()),
        Ok(()) => remove(folder, from),
    }
}

/// Whether an error says that the system or the file system has no such operation.
fn is_unknown(errno: Errno) -> bool {
    errno == Errno::INVAL
        || errno == Errno::NOSYS
        || errno == Errno::OPNOTSUPP
        || errno == Errno::NOTSUP
}

fn unsupported() -> io::Error {
    io::ErrorKind::Unsupported.into()
}

#[derive(Clone, Copy)]
enum How {
    Exchange,
    NoReplace,
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn in_one_step(folder: &Folder, from: &OsStr, to: &OsStr, how: How) -> Result<(), Errno> {
    use rustix::fs::RenameFlags;

    let flags = match how {
        How::Exchange => RenameFlags::EXCHANGE,
        How::NoReplace => RenameFlags::NOREPLACE,
    };
    rustix::fs::renameat_with(&folder.file, from, &folder.file, to, flags)
}

/// Other systems have no such rename.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn in_one_step(_: &Folder, _: &OsStr, _: &OsStr, _: How) -> Result<(), Errno> {
    Err(Errno::NOSYS)
}

pub(super) fn remove(folder: &Folder, name: &OsStr) -> io::Result<()> {
    Ok(rustix::fs::unlinkat(&folder.file, checked(name)?, AtFlags::empty())?)
}

/// Returns when its names are on the device, as far as its file system can report that (fsync(2), `EINVAL`).
pub(super) fn sync(folder: &Folder) -> io::Result<()> {
    match folder.file.sync_all() {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        synced => synced,
    }
}
