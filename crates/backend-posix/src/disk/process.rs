//! Which process this is, and whether another one still runs.
//!
//! # Source
//! `proc_pid_stat(5)`; `Documentation/admin-guide/sysctl/kernel.rst` of Linux, `boot_id`.

use std::fs;

use memmap_core::disk::Process;
use rustix::io::Errno;
use rustix::process::{Pid, geteuid, test_kill_process};

pub(super) fn this() -> Process {
    let id = std::process::id();
    Process {
        host: host(),
        boot: boot(),
        id,
        started: stat(id).map_or(0, |stat| stat.started),
        user: geteuid().as_raw(),
    }
}

/// Whether a process runs. Its number says something in its own space of numbers alone, and only while the
/// machine is not started anew; another process that got the number has started at another time.
pub(super) fn runs(process: &Process) -> Option<bool> {
    if process.host != host() {
        return None;
    }
    let (here, there) = (boot(), &process.boot);
    let first = |boot: &str| boot.split(' ').next().unwrap_or_default().to_owned();
    if !here.is_empty() && !there.is_empty() && first(&here) != first(there) {
        return Some(false);
    }
    if here != *there {
        return None;
    }
    let id = Pid::from_raw(i32::try_from(process.id).ok()?)?;
    match (stat(process.id), test_kill_process(id)) {
        (Some(stat), _) if process.started != 0 => {
            Some(stat.started == process.started && !stat.has_ended)
        }
        (_, Err(Errno::SRCH)) => Some(false),
        // It is not for this user to look at, or the system does not say when it started.
        _ => None,
    }
}

fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The number of this start of the machine, and the space of process numbers.
fn boot() -> String {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let space = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    format!("{} {}", boot.trim(), space.display()).trim_end().to_owned()
}

struct Stat {
    started: u64,
    /// It waits for its parent to hear of its end.
    has_ended: bool,
}

fn stat(id: u32) -> Option<Stat> {
    parse(&fs::read(format!("/proc/{id}/stat")).ok()?)
}

/// Parses "id (name) state …", where the name may contain anything. The 22nd word is when it started.
fn parse(text: &[u8]) -> Option<Stat> {
    let end = text.iter().rposition(|&byte| byte == b')')?;
    let rest = std::str::from_utf8(text.get(end..)?).ok()?;
    let mut words = rest.split_ascii_whitespace().skip(1);
    let state = words.next()?;
    Some(Stat {
        started: words.nth(18)?.parse().ok()?,
        has_ended: matches!(state, "Z" | "X" | "x"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_the_start_is_found_whatever_the_name() {
        let rest = (5..22).map(|number| number.to_string()).collect::<Vec<_>>().join(" ");
        let text = format!("7 (a) b 9 (\u{e9}) S 4 {rest} 2222 23 24");
        let found = parse(text.as_bytes()).unwrap();
        assert!(found.started == 2222 && !found.has_ended);
        assert!(parse(format!("7 (z) Z 4 {rest} 2222 23").as_bytes()).unwrap().has_ended);
        assert!(parse(b"7 (z").is_none());
    }
}
