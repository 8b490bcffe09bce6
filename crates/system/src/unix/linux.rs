//! File attributes (statx(2)), extended attributes and access lists (xattr(7), acl(5)), and limits.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use rustix::fs::{
    AtFlags, CWD, Statx, StatxAttributes, StatxFlags, XattrFlags, fgetxattr, flistxattr,
    fremovexattr, fsetxattr, statx,
};
use rustix::io::Errno;

use crate::{Attribute, Usage};

/// The extended attribute that holds the access list.
const ACCESS_LIST: &str = "system.posix_acl_access";

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

fn value_of(file: &File, name: &[u8]) -> Option<Vec<u8>> {
    let mut value = vec![0; ATTRIBUTES_LEN];
    let len = fgetxattr(file, name, &mut value[..]).ok()?;
    value.truncate(len);
    Some(value)
}

pub(super) fn access_list(file: &File) -> Option<Vec<u8>> {
    value_of(file, ACCESS_LIST.as_bytes())
}

/// Removes the access list of a file. Returns whether the file has none now.
pub(super) fn forget_access_list(file: &File) -> bool {
    matches!(
        fremovexattr(file, ACCESS_LIST),
        Ok(()) | Err(Errno::NODATA | Errno::OPNOTSUPP | Errno::NOSYS)
    )
}

pub(super) fn set_access_list(file: &File, list: &[u8]) {
    // If this fails, the group has no permissions: the caller has cleared its bits.
    fsetxattr(file, ACCESS_LIST, list, XattrFlags::empty()).ok();
}

/// Copies extended attributes. Those that this user may not set, or the file system does not support, are
/// skipped.
pub(super) fn copy_attributes(from: &File, to: &File) {
    let mut list = vec![0; ATTRIBUTES_LEN];
    let len = flistxattr(from, &mut list[..]).unwrap_or(0);
    list.truncate(len);
    for name in names(&list).filter(|name| is_handed_on(name)) {
        if let Some(value) = value_of(from, name) {
            fsetxattr(to, name, &value, XattrFlags::empty()).ok();
        }
    }
}

/// The longest value of an attribute, and the longest list of names (xattr(7)).
const ATTRIBUTES_LEN: usize = 1 << 16;

/// The names in a list, each terminated by a zero byte.
fn names(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|&byte| byte == 0).filter(|name| !name.is_empty())
}

/// Whether an attribute describes the file rather than its bytes, and is not the system's own.
///
/// `security.ima` and `security.evm` are computed from the bytes. `security.capability` grants privileges
/// to the program in the file; the system removes it when the file is written to.
fn is_handed_on(name: &[u8]) -> bool {
    const OF_BYTES: [&[u8]; 3] = [b"security.capability", b"security.evm", b"security.ima"];
    name.starts_with(b"user.") || name.starts_with(b"security.") && !OF_BYTES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_of_the_user_are_handed_on_and_those_of_the_bytes_are_not() {
        let list = b"user.note\0security.selinux\0security.ima\0security.capability\0\
                     trusted.overlay.origin\0system.posix_acl_access\0";
        let kept: Vec<&[u8]> = names(list).filter(|name| is_handed_on(name)).collect();
        assert_eq!(kept, [&b"user.note"[..], b"security.selinux"]);
    }
}
