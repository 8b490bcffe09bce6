use crate::handler;

/// Whether a fault becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// It does: the handler is in place, and was seen to work on a page made to fault.
    Active,
    /// Another handler was installed later. Unless that one passes on what is not its own, a fault
    /// ends the process; [`ensure`] puts ours before it.
    Replaced,
    /// It does not, for this reason: a fault ends the process.
    Unavailable(&'static str),
}

/// Whether a fault becomes a value now. Installs the handler if that was not done yet.
///
/// # Cost
/// A system call.
pub fn status() -> Status {
    handler::status()
}

/// Puts the handler back in front, where another one was installed after it; that one is then asked
/// about every fault that is not ours.
///
/// For programs that load a library which installs a handler of its own: a managed runtime, a crash
/// reporter. Nothing else needs it.
///
/// It can be done seven times in a process; after that, [`Status::Replaced`] stays.
pub fn ensure() -> Status {
    handler::ensure()
}
