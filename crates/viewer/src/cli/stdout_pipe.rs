//! The pipe at standard output: its capacity, and whether its reader is gone.

/// Length of a text before it is written. Small enough to stay in the cache with the piece.
pub(crate) const BATCH_LEN: usize = 128 << 10;

/// Enlarges the pipe to 1 MiB, the limit for unprivileged users on Linux, so that it holds several
/// texts of a dump. With the default of 64 KiB, reader and writer wait for each other several times
/// per text, which more than halves the measured throughput. With less than 1 MiB, some dumps on
/// two cores still take twice as long as others.
///
/// Best effort: nothing changes if standard output is not a pipe, or the system refuses.
#[cfg(target_os = "linux")]
pub(crate) fn widen_stdout() {
    let wish = 8 * BATCH_LEN;
    rustix::pipe::fcntl_setpipe_size(std::io::stdout(), wish).ok();
}

/// Whether standard output is a pipe without a reader. A write would fail, too, but a dump of
/// repeated rows has nothing to write.
#[cfg(target_os = "linux")]
pub(crate) fn is_closed() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let stdout = std::io::stdout();
    let mut ends = [PollFd::new(&stdout, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut ends, Some(&at_once)).is_ok_and(|_| ends[0].revents().contains(PollFlags::ERR))
}

/// Other systems cannot resize a pipe.
#[cfg(not(target_os = "linux"))]
pub(crate) fn widen_stdout() {}

/// On other systems, the next write fails.
#[cfg(not(target_os = "linux"))]
pub(crate) fn is_closed() -> bool {
    false
}
