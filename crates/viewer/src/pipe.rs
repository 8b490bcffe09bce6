//! Room in the pipe behind standard output.

/// Asks for a pipe that holds two texts of a dump. With the usual 64 KiB, reader and writer wait for
/// each other several times a text: measured, that more than halves the speed of a dump.
///
/// A wish: where standard output is no pipe, or the system grants no more, nothing changes.
#[cfg(target_os = "linux")]
pub(crate) fn widen_stdout() {
    let wish = 2 * crate::dump::BATCH_LEN;
    rustix::pipe::fcntl_setpipe_size(std::io::stdout(), wish).ok();
}

/// Elsewhere the size of a pipe is the system's own business.
#[cfg(not(target_os = "linux"))]
pub(crate) fn widen_stdout() {}
