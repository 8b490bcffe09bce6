//! POSIX systems. Linux reports the most.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};

use crate::{Counted, Usage};

pub mod attributes;
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
    // Before the owner changes, after which this user may not be allowed to. Those that this user may not
    // set, or the file system does not support, are skipped.
    for name in own::names(replaced).unwrap_or_default() {
        if is_handed_on(&name)
            && let Ok(Some(value)) = own::value_of(replaced, &name)
        {
            attributes::set_extended(file, &name, &value).ok();
        }
    }
    let given = attributes::give_rights(file, &attributes::rights(replaced)?)?;
    given.refusal.map_or(Ok(()), Err)
}

/// Whether an attribute describes the file rather than its bytes, and is not the system's own.
///
/// Capabilities grant privileges to the program in the file; the system removes them when the file is written
/// to.
fn is_handed_on(name: &OsStr) -> bool {
    let bytes = name.as_bytes();
    bytes.starts_with(b"user.")
        || bytes.starts_with(b"security.")
            && name != attributes::CAPABILITY
            && !attributes::is_of_bytes(name)
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

    #[test]
    fn attributes_of_the_user_are_handed_on_and_those_of_the_bytes_are_not() {
        let all = [
            "user.note",
            "security.selinux",
            "security.ima",
            "security.capability",
            "trusted.overlay.origin",
            "system.posix_acl_access",
        ];
        let kept: Vec<&str> =
            all.into_iter().filter(|name| is_handed_on(OsStr::new(name))).collect();
        assert_eq!(kept, ["user.note", "security.selinux"]);
    }
}
