//! What a file has beside its bytes, and how another file gets it.
//!
//! # Source
//! xattr(7), `ioctl_iflags(2)`, capabilities(7), `security/commoncap.c` of Linux (`cap_inode_need_killpriv`).

use std::ffi::OsStr;
use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use memmap_core::disk::{Attributes, NotKept};
use memmap_system::attributes::{self, ACCESS_LIST, CAPABILITY, Rights};

use super::flags;

/// Set-user-id and set-group-id.
const SET_ID: u32 = 0o6000;

pub(super) fn of(file: &File) -> io::Result<Attributes> {
    let rights = attributes::rights(file)?;
    Ok(Attributes {
        owner: Some((rights.owner, rights.group)),
        mode: Some(rights.bits),
        extended: attributes::extended(file)?,
        flags: flags::of(file),
        project: flags::project(file),
    })
}

/// Flags come first, as some can only be set while a file is empty. Extended attributes come before the
/// permission bits, which may forbid them to this user, and before the owner. A new owner takes set-user-id
/// and capabilities away, so those come last.
pub(super) fn give(file: &File, wanted: &Attributes) -> io::Result<Vec<NotKept>> {
    let mut lost = flags::give(file, wanted);
    let extended = |name: &OsStr| NotKept::Extended { name: name.to_owned() };
    let (mut access_list, mut capability) = (None, None);
    for (name, value) in &wanted.extended {
        if name == ACCESS_LIST {
            access_list = Some(value);
        } else if name == CAPABILITY {
            capability = Some(value);
        } else if attributes::is_of_bytes(name)
            || attributes::set_extended(file, name, value).is_err()
        {
            lost.push(extended(name));
        }
    }
    let made = attributes::rights(file)?;
    let (owner, group) = wanted.owner.unwrap_or((made.owner, made.group));
    let bits = wanted.mode.unwrap_or(made.bits);
    let rights = Rights { owner, group, bits, access_list: access_list.cloned() };
    let given = attributes::give_rights(file, &rights)?;
    if !given.has_list {
        lost.push(extended(OsStr::new(ACCESS_LIST)));
    }
    // It would grant another user's program what this user may not.
    if let Some(value) = capability
        && !(given.has_owner
            && attributes::set_extended(file, OsStr::new(CAPABILITY), value).is_ok())
    {
        lost.push(extended(OsStr::new(CAPABILITY)));
    }
    if !given.has_owner {
        lost.push(NotKept::Owner { was: (owner, group) });
    }
    if !given.has_bits {
        lost.push(NotKept::Mode { was: bits });
    }
    if !flags::ARE_ALL_SEEN {
        lost.push(NotKept::Unseen);
    }
    Ok(lost)
}

/// Bits that others took away meanwhile stay away, but for those that the system takes away by itself.
pub(super) fn give_back(file: &File, before: &Attributes) -> io::Result<Vec<NotKept>> {
    let mut lost = Vec::new();
    let bits = || Ok::<u32, io::Error>(file.metadata()?.mode() & 0o7777);
    if let Some(mode) = before.mode {
        let (now, ids) = (bits()?, mode & SET_ID);
        if now & ids != ids {
            // The system may refuse a part of it in silence.
            file.set_permissions(Permissions::from_mode(now | ids)).ok();
            if bits()? & ids != ids {
                lost.push(NotKept::Mode { was: mode });
            }
        }
    }
    for (name, value) in before.extended.iter().filter(|(name, _)| name == CAPABILITY) {
        if attributes::set_extended(file, name, value).is_err() {
            lost.push(NotKept::Extended { name: name.clone() });
        }
    }
    Ok(lost)
}
