//! Whether a process still runs, told from its number, its start and the start of the machine.

use std::process::{Command, Stdio};

use memmap_core::disk::{Disk, Process};

use super::DISK;

fn of(id: u32) -> Process {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    let started = stat.rsplit_once(')').unwrap().1.split_ascii_whitespace().nth(19).unwrap();
    Process { id, started: started.parse().unwrap(), ..DISK.this_process() }
}

#[test]
fn this_process_runs_and_one_that_ended_does_not() {
    let this = DISK.this_process();
    assert_eq!(this.id, std::process::id());
    assert_eq!(this, of(this.id));
    assert!(!this.host.is_empty() && !this.boot.is_empty() && this.started != 0);
    assert_eq!(this.user, rustix::process::geteuid().as_raw());
    assert_eq!(DISK.runs(&this), Some(true));

    let _forking = super::stage::forking();
    let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    let other = of(child.id());
    assert_eq!(DISK.runs(&other), Some(true));
    drop(child.stdin.take());
    // Until its parent hears of its end, a process has its number, and nothing else.
    while DISK.runs(&other) != Some(false) {
        std::thread::yield_now();
    }
    child.wait().unwrap();
    assert_eq!(DISK.runs(&other), Some(false));
}

#[test]
fn a_number_that_was_given_again_is_another_process() {
    let this = DISK.this_process();
    let later = Process { started: this.started + 1, ..this.clone() };
    assert_eq!(DISK.runs(&later), Some(false));
    let (boot, space) = this.boot.split_once(' ').unwrap();
    let rebooted = Process { boot: format!("0{boot} {space}"), ..this.clone() };
    assert_eq!(DISK.runs(&rebooted), Some(false));
}

#[test]
fn processes_of_others_cannot_be_told_from_here() {
    let this = DISK.this_process();
    let away = Process { host: format!("{}x", this.host), ..this.clone() };
    assert_eq!(DISK.runs(&away), None);
    // In a container, numbers mean other processes.
    let contained = Process { boot: format!("{}x", this.boot), ..this.clone() };
    assert_eq!(DISK.runs(&contained), None);
    assert_eq!(DISK.runs(&Process { started: 0, ..this }), None);
}
