//! Another user, in a child.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::ptr;

use super::child::{End, in_a_child};

/// A user, and a group that this user is not a member of. Neither needs to have a name.
pub(crate) const USER: u32 = 4242;
pub(crate) const OTHERS: u32 = 4243;

pub(crate) fn mode(bits: u32) -> Permissions {
    Permissions::from_mode(bits)
}

/// Whether this is root; says so if not.
pub(crate) fn is_root() -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        println!("skipped: only root gives files to others");
    }
    is_root
}

/// Runs `deed` as that user, without other groups and privileges; `None` if only root could.
pub(crate) fn as_user(deed: impl FnOnce() -> i32) -> Option<End> {
    is_root().then(|| {
        let _forking = super::stage::forking();
        in_a_child(|| {
            // SAFETY: with a length of 0 the pointer is not read.
            assert_eq!(unsafe { libc::setgroups(0, ptr::null()) }, 0);
            // SAFETY: the call takes a number.
            assert_eq!(unsafe { libc::setgid(USER) }, 0);
            // SAFETY: the call takes a number.
            assert_eq!(unsafe { libc::setuid(USER) }, 0);
            deed()
        })
    })
}
