//! POSIX systems. Linux reports the most.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};

use crate::{Counted, Usage};

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod bare;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
use bare as own;
#[cfg(any(target_os = "linux", target_os = "android"))]
use linux as own;

pub(crate) use own::{attribute, attribute_of, mappings};

pub(crate) fn limit_reached(error: &io::Error) -> Option<(Counted, Option<u64>)> {
    match Errno::from_io_error(error)? {
        Errno::MFILE => Some((Counted::OpenFiles, getrlimit(Resource::Nofile).current)),
        Errno::NFILE => {
            let max = fs::read_to_string("/proc/sys/fs/file-max").ok();
            Some((Counted::OpenFilesOfSystem, max.and_then(|max| max.trim().parse().ok())))
        }
        _ => None,
    }
}

fn directory_of(target: &Path) -> &Path {
    target.parent().unwrap_or(target)
}

pub(crate) fn is_mount_point(target: &Path) -> bool {
    own::mount(target).is_some_and(|mount| Some(mount) != own::mount(directory_of(target)))
}

pub(crate) fn is_sticky(directory: &Path) -> bool {
    const STICKY: u32 = 0o1000;
    fs::metadata(directory).is_ok_and(|found| found.mode() & STICKY != 0)
}

pub(crate) fn file_len_max() -> Option<u64> {
    getrlimit(Resource::Fsize).current
}

pub(crate) fn locked_memory() -> Option<Usage> {
    own::locked_memory(getrlimit(Resource::Memlock).current)
}

pub(crate) fn free_bytes(file: &File) -> Option<u64> {
    let found = rustix::fs::fstatvfs(file).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

pub(crate) fn with_permissions(options: &mut OpenOptions, bits: u32) -> &mut OpenOptions {
    options.mode(bits)
}

/// Gives a new file the owner, the permissions and the extended attributes of `replaced`, as far as this
/// user may. It never grants anybody more than `replaced` did.
pub(crate) fn imitate(file: &File, replaced: &File) -> io::Result<()> {
    // Before the owner changes, after which this user may not be allowed to.
    own::copy_attributes(replaced, file);
    let (made, other) = (file.metadata()?, replaced.metadata()?);
    let mut bits = other.mode() & 0o7777;
    let has_group = made.gid() == other.gid() || fchown(file, None, Some(other.gid())).is_ok();
    if !has_group {
        bits &= 0o707;
    }
    let has_owner = made.uid() == other.uid() || fchown(file, Some(other.uid()), None).is_ok();
    if !has_owner {
        bits &= 0o777;
    }
    // The directory may have given the new file an access list that `replaced` does not have.
    let is_bare = own::forget_access_list(file);
    let list = own::access_list(replaced);
    if list.is_some() || !is_bare {
        // With an access list, the group bits are the mask: the most that any entry of the list grants.
        bits &= 0o7707;
    }
    file.set_permissions(Permissions::from_mode(bits))?;
    if let Some(list) = list
        && has_group
        && has_owner
    {
        own::set_access_list(file, &list);
    }
    Ok(())
}

pub(crate) fn changed_at(metadata: &Metadata) -> Option<(i64, u32)> {
    Some((metadata.ctime(), u32::try_from(metadata.ctime_nsec()).ok()?))
}

#[expect(clippy::unnecessary_wraps, reason = "elsewhere not all bytes are a path")]
pub(crate) fn path_of_url(bytes: Vec<u8>) -> Option<PathBuf> {
    Some(OsString::from_vec(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_told_from_other_errors() {
        let (which, max) = limit_reached(&Errno::MFILE.into()).unwrap();
        assert_eq!(which, Counted::OpenFiles);
        assert_eq!(max, getrlimit(Resource::Nofile).current);
        assert_eq!(limit_reached(&Errno::NFILE.into()).unwrap().0, Counted::OpenFilesOfSystem);
        assert!(limit_reached(&Errno::NOMEM.into()).is_none());
    }
}
