//! Signals that stop or end a process, and going on: the ways of Unix, and of those elsewhere only the end.

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

/// Has `asked` called each time that the process is asked to end: by Ctrl-C, by its terminal that goes,
/// or by another process. What this process was started to ignore stays ignored, as by `nohup`.
#[cfg(unix)]
pub(crate) fn on_end(mut asked: impl FnMut() + Send + 'static) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let ignored = ignored_signals();
    let wanted = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|&signal| !ignored(signal));
    // Without it the process ends at once, as any other does.
    let Ok(mut signals) = Signals::new(wanted) else { return };
    let wait = move || {
        for _ in signals.forever() {
            asked();
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(wait).ok();
}

/// Whether a signal is ignored. Elsewhere than on Linux there is nothing to be asked without a call that
/// changes it.
#[cfg(unix)]
fn ignored_signals() -> impl Fn(i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    // The lowest bit is that of signal 1.
    move |signal| {
        u32::try_from(signal - 1).is_ok_and(|bit| mask.checked_shr(bit).unwrap_or(0) & 1 == 1)
    }
}

/// Has `asked` called each time that the process is asked to end. Where the host does so already, nothing
/// is heard.
#[cfg(not(unix))]
pub(crate) fn on_end(asked: impl FnMut() + Send + 'static) {
    ctrlc::set_handler(asked).ok();
}

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
