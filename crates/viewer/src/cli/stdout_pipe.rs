//! The pipe behind standard output: its room, and whether anybody reads it.

/// Asks for a pipe that holds several texts of a dump: 1 MiB, the most that Linux grants every user.
/// With the usual 64 KiB, reader and writer wait for each other several times a text: measured, that
/// more than halves the speed of a dump. With less than this, some dumps on two cores still take
/// twice as long as others.
///
/// A wish: where standard output is no pipe, or the system grants no more, nothing changes.
#[cfg(target_os = "linux")]
pub(crate) fn widen_stdout() {
    let wish = 8 * crate::cli::dump::BATCH_LEN;
    rustix::pipe::fcntl_setpipe_size(std::io::stdout(), wish).ok();
}

/// Whether standard output is a pipe that nobody reads any more. A write would say so too, but a
/// dump of repeated rows has nothing to write.
#[cfg(target_os = "linux")]
pub(crate) fn is_closed() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let stdout = std::io::stdout();
    let mut ends = [PollFd::new(&stdout, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut ends, Some(&at_once)).is_ok_and(|_| ends[0].revents().contains(PollFlags::ERR))
}

/// Elsewhere the size of a pipe is the system's own business.
#[cfg(not(target_os = "linux"))]
pub(crate) fn widen_stdout() {}

/// Elsewhere the next write tells.
#[cfg(not(target_os = "linux"))]
pub(crate) fn is_closed() -> bool {
    false
}
