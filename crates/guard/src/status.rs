/// Whether a fault becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// Yes: the handler is installed, and it passed a test with a page that faults.
    Active,
    /// Another handler was installed later, and it is unknown what that one does with faults that are not
    /// its own. Unless it passes them on, a fault ends the process. [`ensure`](crate::ensure()), and opening a map, install
    /// ours in front of it.
    Replaced,
    /// No, for this reason, and a fault ends the process. If the reason is a shortage of memory or mappings,
    /// opening the next map tries again.
    Unavailable(&'static str),
}
