//! Signals that stop or end a process, and going on: the ways of Unix, and nothing elsewhere.

#[cfg(unix)]
use crate::editor::message::Msg;
use crate::terminal::mailbox::Mailbox;

/// Has a file that would be longer than this user may have be an error of writing to it, not the end of
/// the process: what was written of it is then removed, and the terminal restored.
#[cfg(unix)]
pub(crate) fn survive_long_files() {
    use signal_hook::consts::SIGXFSZ;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    // Nobody asks whether it came: writing says so (`EFBIG`).
    signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false))).ok();
}

/// Elsewhere it is one anyway.
#[cfg(not(unix))]
pub(crate) fn survive_long_files() {}

/// Stops this process until somebody lets it go on: the shell does by `fg`.
#[cfg(unix)]
pub(crate) fn stop_here() {
    use signal_hook::{consts::SIGSTOP, low_level::raise};

    // Where it cannot be stopped it just goes on.
    raise(SIGSTOP).ok();
}

/// Tells the view when another process asks it to stop, or has let it go on.
#[cfg(unix)]
pub(crate) fn on_stop(mailbox: Mailbox) {
    use signal_hook::consts::{SIGCONT, SIGTSTP};
    use signal_hook::iterator::Signals;

    // Without it the keys work all the same.
    let Ok(mut signals) = Signals::new([SIGTSTP, SIGCONT]) else { return };
    let wait = move || {
        for signal in signals.forever() {
            let msg = if signal == SIGTSTP { Msg::Suspend } else { Msg::Continued };
            if !mailbox.send(msg) {
                break;
            }
        }
    };
    std::thread::Builder::new().name("job control".to_owned()).spawn(wait).ok();
}

/// Elsewhere there is no stopping.
#[cfg(not(unix))]
pub(crate) fn stop_here() {}

/// Elsewhere nobody asks.
#[cfg(not(unix))]
pub(crate) fn on_stop(_mailbox: Mailbox) {}
