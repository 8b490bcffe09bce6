//! Signals for stopping, continuing and terminating. Windows has only the last.

#[cfg(unix)]
use crate::editor::message::Msg;
use crate::terminal::mailbox::Mailbox;

/// Makes writing past the file size limit an error (`EFBIG`) instead of a fatal signal, so that the
/// partial file is removed and the terminal is restored.
#[cfg(unix)]
pub(crate) fn survive_long_files() {
    use signal_hook::consts::SIGXFSZ;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    // The flag is not used; the write reports the error.
    signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false))).ok();
}

/// Other systems report an error anyway.
#[cfg(not(unix))]
pub(crate) fn survive_long_files() {}

/// Calls `asked` each time the process is asked to end: by Ctrl-C, by a closed terminal, or by
/// another process. Signals ignored at startup, as by `nohup`, stay ignored.
#[cfg(unix)]
pub(crate) fn on_end(mut asked: impl FnMut() + Send + 'static) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let ignored = ignored_signals();
    let wanted = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|&signal| !ignored(signal));
    // Without a handler, a signal ends the process at once.
    let Ok(mut signals) = Signals::new(wanted) else { return };
    let wait = move || {
        for _ in signals.forever() {
            asked();
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(wait).ok();
}

/// Whether a signal is ignored. Only Linux can report this without changing the handler.
#[cfg(unix)]
fn ignored_signals() -> impl Fn(i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    // The lowest bit is signal 1.
    move |signal| {
        u32::try_from(signal - 1).is_ok_and(|bit| mask.checked_shr(bit).unwrap_or(0) & 1 == 1)
    }
}

/// Calls `asked` each time the process is asked to end. Does nothing if the host has installed a
/// handler already.
#[cfg(not(unix))]
pub(crate) fn on_end(asked: impl FnMut() + Send + 'static) {
    ctrlc::set_handler(asked).ok();
}

/// Stops this process until it is continued, for example by the shell's `fg`.
#[cfg(unix)]
pub(crate) fn stop_here() {
    use signal_hook::{consts::SIGSTOP, low_level::raise};

    // If the process cannot be stopped, it goes on.
    raise(SIGSTOP).ok();
}

/// Sends a message when another process asks to suspend this one, or has continued it.
#[cfg(unix)]
pub(crate) fn on_stop(mailbox: Mailbox) {
    use signal_hook::consts::{SIGCONT, SIGTSTP};
    use signal_hook::iterator::Signals;

    // Without a handler, Ctrl-Z as a key still works.
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

/// Windows cannot stop a process.
#[cfg(not(unix))]
pub(crate) fn stop_here() {}

/// Windows has no such signals.
#[cfg(not(unix))]
pub(crate) fn on_stop(_mailbox: Mailbox) {}
