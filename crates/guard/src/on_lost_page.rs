/// What to do when a page of a registered range is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnLostPage {
    /// Writes one line to standard error that says which byte is lost, and passes the fault on to the
    /// previous handler, as without this crate: the process ends by `SIGBUS`, with a core dump.
    Abort,
    /// Replaces the page by one of zeros, permanently: it stays when the file grows back or the device
    /// recovers. If the file ends before the page, all pages after its end are replaced together, by one
    /// mapping.
    Zeros,
}
