use crate::{Status, handler};

/// Returns whether a fault becomes a value now. Installs the handler if that was not done yet.
///
/// If a map was opened without the guard since the last call, this call returns the reason for that, once,
/// even if it is gone by now: that map is read by system calls.
///
/// # Cost
/// A system call.
pub fn status() -> Status {
    handler::status()
}

/// Installs the handler in front again if another one was installed after it. Faults that are not ours are
/// then passed on to that one. Does nothing if the handler in front belongs to another copy of this library,
/// which passes faults on to this copy.
///
/// Call it after loading a library that installs a handler of its own (a managed runtime, a crash reporter)
/// while maps are open. Opening a map does the same.
///
/// It can be called any number of times, for any number of handlers. A fault that is not ours is passed on to the
/// first fifteen different ones, and to the last.
///
/// If there were ranges that are filled ([`FillRange`](crate::FillRange)), the handler of their touches is put in
/// front as well.
///
/// Must not be called in a signal handler.
///
/// # Cost
/// A system call, if nothing is to be done.
pub fn ensure() -> Status {
    handler::ensure()
}

/// As [`ensure`], for a caller that is about to map a file: returns whether its faults become values. If
/// not, the next call of [`status`] returns the reason.
///
/// # Cost
/// As [`ensure`].
pub fn can_guard() -> bool {
    handler::can_guard()
}

impl Status {
    /// Returns whether a fault becomes a value now: [`status()`](crate::status()).
    #[must_use]
    #[expect(clippy::self_named_constructors, reason = "it is `FaultGuard` where users see it")]
    pub fn status() -> Self {
        status()
    }

    /// Installs the handler in front again if another one was installed after it: [`ensure()`](crate::ensure()).
    pub fn ensure() -> Self {
        ensure()
    }
}
