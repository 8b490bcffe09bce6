//! File attributes (statx(2)), extended attributes and access lists (xattr(7), acl(5)), and limits.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{
    AtFlags, CWD, Statx, StatxAttributes, StatxFlags, XattrFlags, fgetxattr, flistxattr,
    fremovexattr, fsetxattr, statx,
};
use rustix::io::Errno;

use crate::{Attribute, Usage};

pub(crate) fn attribute(path: &Path) -> Option<Attribute> {
    bound(&statx(CWD, path, AtFlags::empty(), StatxFlags::empty()).ok()?)
}

pub(crate) fn attribute_of(file: &File) -> Option<Attribute> {
    bound(&statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::empty()).ok()?)
}

fn bound(found: &Statx) -> Option<Attribute> {
    let has = |attribute| found.stx_attributes.contains(attribute);
    if has(StatxAttributes::IMMUTABLE) {
        Some(Attribute::Immutable)
    } else {
        has(StatxAttributes::APPEND).then_some(Attribute::AppendOnly)
    }
}

/// # Source
/// `vm.max_map_count`: `Documentation/admin-guide/sysctl/vm.rst` of Linux.
pub(crate) fn mappings() -> Option<Usage> {
    let max = fs::read_to_string("/proc/sys/vm/max_map_count").ok()?.trim().parse().ok()?;
    let mut maps = File::open("/proc/self/maps").ok()?;
    // Read in pieces: the file is long, and memory may be the resource that is exhausted.
    let mut piece = [0; 4096];
    let mut now = 0_u64;
    loop {
        match maps.read(&mut piece).ok()? {
            0 => return Some(Usage { now: Some(now), max: Some(max) }),
            len => {
                let lines = piece.iter().take(len).filter(|&&byte| byte == b'\n').count();
                now = now.saturating_add(u64::try_from(lines).unwrap_or(0));
            }
        }
    }
}

/// Bytes that this process has locked in memory, with the limit `max`; `None` if the limit does not apply
/// to it.
///
/// # Source
/// capabilities(7): `CAP_IPC_LOCK`. `proc_pid_status(5)`.
pub(super) fn locked_memory(max: Option<u64>) -> Option<Usage> {
    const CAP_IPC_LOCK: u64 = 1 << 14;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let may = field("CapEff:").and_then(|bits| u64::from_str_radix(bits, 16).ok());
    if may.is_some_and(|bits| bits & CAP_IPC_LOCK != 0) {
        return None;
    }
    let kibibytes = field("VmLck:").and_then(|line| line.strip_suffix(" kB")?.parse().ok());
    Some(Usage { now: kibibytes.and_then(|count: u64| count.checked_mul(1024)), max })
}

/// The id of the mount that contains `path`; `None` on Linux before 5.8, which does not report it.
pub(super) fn mount(path: &Path) -> Option<u64> {
    let answer = statx(CWD, path, AtFlags::empty(), StatxFlags::MNT_ID).ok()?;
    (answer.stx_mask & StatxFlags::MNT_ID.bits() != 0).then_some(answer.stx_mnt_id)
}

/// The value of an extended attribute; `None` if the file does not have it.
pub(super) fn value_of(file: &File, name: &OsStr) -> io::Result<Option<Vec<u8>>> {
    let mut value = vec![0; ATTRIBUTES_LEN];
    match fgetxattr(file, name, &mut value[..]) {
        Ok(len) => {
            value.truncate(len);
            Ok(Some(value))
        }
        Err(Errno::NODATA | Errno::OPNOTSUPP | Errno::NOSYS) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}

/// Removes an extended attribute. Returns whether the file does not have it now.
pub(super) fn forget(file: &File, name: &OsStr) -> bool {
    matches!(
        fremovexattr(file, name),
        Ok(()) | Err(Errno::NODATA | Errno::OPNOTSUPP | Errno::NOSYS)
    )
}

pub(super) fn set(file: &File, name: &OsStr, value: &[u8]) -> io::Result<()> {
    Ok(fsetxattr(file, name, value, XattrFlags::empty())?)
}

/// The names of the extended attributes of a file.
pub(super) fn names(file: &File) -> io::Result<Vec<OsString>> {
    let mut list = vec![0; ATTRIBUTES_LEN];
    match flistxattr(file, &mut list[..]) {
        Ok(len) => list.truncate(len),
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => return Ok(Vec::new()),
        Err(errno) => return Err(errno.into()),
    }
    // Each is terminated by a zero byte.
    let names = list.split(|&byte| byte == 0).filter(|name| !name.is_empty());
    Ok(names.map(|name| OsStr::from_bytes(name).to_owned()).collect())
}

/// The longest value of an attribute, and the longest list of names (xattr(7)).
const ATTRIBUTES_LEN: usize = 1 << 16;
