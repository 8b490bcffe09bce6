//! What a file has beside its bytes: an owner, permission bits, an access list, extended attributes.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

use super::own;

/// The extended attribute that holds the access list.
pub const ACCESS_LIST: &str = "system.posix_acl_access";

/// The extended attribute that holds the capabilities of a program. The system removes it when the file is
/// written to or gets another owner.
pub const CAPABILITY: &str = "security.capability";

/// Who may do what with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "callers have them from elsewhere, too")]
pub struct Rights {
    /// The user.
    pub owner: u32,
    /// The group.
    pub group: u32,
    /// Permission bits, with set-user-id, set-group-id and sticky.
    pub bits: u32,
    /// The access list.
    pub access_list: Option<Vec<u8>>,
}

/// What of them a file got.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "callers must say what is missing")]
pub struct Given {
    /// Whether it has the user and the group.
    pub has_owner: bool,
    /// Whether it has the access list, or has none as it should.
    pub has_list: bool,
    /// Whether it has all bits and no other.
    pub has_bits: bool,
    /// Why the system refused to set the bits.
    pub refusal: Option<io::Error>,
}

/// The rights of a file.
///
/// # Errors
/// Errors of the system.
pub fn rights(file: &File) -> io::Result<Rights> {
    let found = file.metadata()?;
    Ok(Rights {
        owner: found.uid(),
        group: found.gid(),
        bits: found.mode() & 0o7777,
        access_list: own::value_of(file, OsStr::new(ACCESS_LIST)).ok().flatten(),
    })
}

/// Gives a file these rights, as far as this user may. It never grants anybody more than they do.
///
/// # Errors
/// Errors of the system when it looks at the file.
pub fn give_rights(file: &File, wanted: &Rights) -> io::Result<Given> {
    let made = file.metadata()?;
    let mut bits = wanted.bits;
    // A new owner takes set-user-id and capabilities away, so this comes first.
    let has_group = made.gid() == wanted.group || fchown(file, None, Some(wanted.group)).is_ok();
    if !has_group {
        bits &= 0o707;
    }
    let has_user = made.uid() == wanted.owner || fchown(file, Some(wanted.owner), None).is_ok();
    if !has_user {
        bits &= 0o777;
    }
    let has_owner = has_user && has_group;
    // The directory may have given a new file an access list that it is not to have.
    let is_bare = own::forget(file, OsStr::new(ACCESS_LIST));
    if wanted.access_list.is_some() || !is_bare {
        // With an access list, the group bits are the mask: the most that any entry of the list grants.
        bits &= 0o7707;
    }
    let refusal = file.set_permissions(Permissions::from_mode(bits)).err();
    let has_list = match &wanted.access_list {
        // If this fails, the group has no permissions, as its bits were cleared.
        Some(list) if has_owner => set_extended(file, OsStr::new(ACCESS_LIST), list).is_ok(),
        Some(_) => false,
        None => is_bare,
    };
    let has_bits = file.metadata()?.mode() & 0o7777 == wanted.bits;
    Ok(Given { has_owner, has_list, has_bits, refusal })
}

/// The extended attributes of a file, with their values. Of those that only root sees, others get none.
///
/// # Errors
/// Errors of the system.
///
/// # Platform
/// Linux. Elsewhere there are none.
pub fn extended(file: &File) -> io::Result<Vec<(OsString, Vec<u8>)>> {
    let mut all = Vec::new();
    for name in own::names(file)? {
        if let Some(value) = own::value_of(file, &name)? {
            all.push((name, value));
        }
    }
    Ok(all)
}

/// Gives a file an extended attribute, unless it has it.
///
/// # Errors
/// Errors of the system; [`Unsupported`](io::ErrorKind::Unsupported).
///
/// # Platform
/// Linux.
pub fn set_extended(file: &File, name: &OsStr, value: &[u8]) -> io::Result<()> {
    match own::value_of(file, name) {
        Ok(Some(now)) if now == value => Ok(()),
        _ => own::set(file, name, value),
    }
}

/// Whether the system computes an extended attribute from the bytes of the file, so that it is not one for
/// other bytes.
pub fn is_of_bytes(name: &OsStr) -> bool {
    name == "security.ima" || name == "security.evm"
}
