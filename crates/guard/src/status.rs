use crate::handler;

/// Whether a fault becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// It does: the handler is in place, and was seen to work on a page made to fault.
    Active,
    /// Another handler was installed later, and nothing is known of what it does with a fault that is not
    /// its own. Unless it passes that on, a fault ends the process. [`ensure`], and opening a map, put ours
    /// before it.
    Replaced,
    /// It does not, for this reason, and a fault ends the process. What a shortage hinders is tried again
    /// when the next map is opened.
    Unavailable(&'static str),
}

/// Whether a fault becomes a value now. Installs the handler if that was not done yet.
///
/// If a map was opened without the guard since this was last called, it says first why that was, once,
/// even if nothing is in the way any more: that map is read by system calls.
///
/// # Cost
/// A system call.
pub fn status() -> Status {
    handler::status()
}

/// Puts the handler back in front, where another one was installed after it; that one is then asked
/// about every fault that is not ours. Nothing is done where another copy of this library is in front,
/// which passes on to this one.
///
/// For programs that load a library which installs a handler of its own, a managed runtime or a crash
/// reporter, while maps are open. Opening a map does the same.
///
/// It can be done any number of times. Of different handlers that come later it comes before fifteen; of
/// a further one [`Status::Replaced`] says that it does not.
///
/// Not to be called in a handler of a signal.
///
/// # Cost
/// A system call, if nothing is to be done.
pub fn ensure() -> Status {
    handler::ensure()
}

/// As [`ensure`], for who is about to map a file: whether its faults become values. If not, [`status`]
/// says once why.
///
/// # Cost
/// As [`ensure`].
pub fn can_guard() -> bool {
    handler::can_guard()
}
