//! Attributes of files (statx(2)), their extended attributes and access lists (xattr(7), acl(5)).

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use rustix::fs::{
    AtFlags, CWD, Statx, StatxAttributes, StatxFlags, XattrFlags, fgetxattr, flistxattr,
    fremovexattr, fsetxattr, statx,
};
use rustix::io::Errno;

use crate::{Attribute, Usage};

/// The name of the attribute that is the access list.
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
    // In pieces, as it is long, and memory may be what is short.
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

/// Bytes that this process keeps in memory, as the system says, and may keep, if it is bound to `max`.
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

/// The mount that a path leads to; `None` where the system is too old to tell.
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

/// Takes its access list from a file, and says whether it has none now.
pub(super) fn forget_access_list(file: &File) -> bool {
    matches!(
        fremovexattr(file, ACCESS_LIST),
        Ok(()) | Err(Errno::NODATA | Errno::OPNOTSUPP | Errno::NOSYS)
    )
}

pub(super) fn set_access_list(file: &File, list: &[u8]) {
    // Where it cannot be set, the group keeps no bits.
    fsetxattr(file, ACCESS_LIST, list, XattrFlags::empty()).ok();
}

/// Hands on what can be: not every user may set every attribute, and not every file system takes it.
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

/// The length of an attribute's value, or of the list of their names, at most (xattr(7)).
const ATTRIBUTES_LEN: usize = 1 << 16;

/// The names in a list, each of which ends in a zero.
fn names(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|&byte| byte == 0).filter(|name| !name.is_empty())
}

/// Whether an attribute belongs to the file, and not to the bytes that it had, or to the system.
///
/// `security.ima` and `security.evm` are made of the bytes; `security.capability` is what a program may do,
/// and the system takes it away when another one is written to its file.
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
