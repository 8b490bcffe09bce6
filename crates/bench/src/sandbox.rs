//! Sandboxes that refuse system calls, as those of containers do, so that another way to bring pages is measured.

use std::collections::BTreeMap;
use std::thread;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use crate::Result;

/// A way to bring pages that are touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Guard markers: userfaultfd(2) is refused.
    Markers,
    /// Access rights: `MADV_GUARD_INSTALL` is refused, too.
    Rights,
}

/// `MADV_GUARD_INSTALL`.
const GUARD_INSTALL: u64 = 102;

/// Runs `act` in a thread in which only this way is open.
pub(crate) fn within<T: Send>(way: Way, act: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    let filter = filter(way)?;
    let ended = thread::scope(|scope| {
        let thread = scope.spawn(move || {
            seccompiler::apply_filter(&filter).map_err(|error| error.to_string())?;
            act().map_err(|error| error.to_string())
        });
        thread.join()
    });
    Ok(ended.map_err(|_panicked| "the thread of the sandbox panicked")??)
}

fn filter(way: Way) -> Result<BpfProgram> {
    let mut rules = BTreeMap::from([(libc::SYS_userfaultfd, Vec::new())]);
    if way == Way::Rights {
        let is_install =
            SeccompCondition::new(2, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, GUARD_INSTALL)?;
        rules.insert(libc::SYS_madvise, vec![SeccompRule::new(vec![is_install])?]);
    }
    let refused = SeccompAction::Errno(1);
    let arch = std::env::consts::ARCH.try_into()?;
    Ok(SeccompFilter::new(rules, SeccompAction::Allow, refused, arch)?.try_into()?)
}
