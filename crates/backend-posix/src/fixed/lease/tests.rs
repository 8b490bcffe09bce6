//! Leases that the system takes away when its time is over. This process must end then.

use std::env;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use memmap_core::{Map, Mode, Proofs};

use super::*;
use crate::{Frozen, Live};

const PART: &str = "MEMMAP_LEASE_PART";

const LEN: usize = 100_000;

/// Printed by a child if temporary files are on a file system without leases.
const NO_LEASES: &str = "there are no leases here";

/// Whether this is the child process that runs the test body.
fn is_child() -> bool {
    env::var_os(PART).is_some()
}

/// A leased map in a child process; `None` without leases.
fn leased() -> Option<Map<Frozen>> {
    let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    fs::write(&path, vec![b'f'; LEN]).unwrap();
    let map = Map::<Live>::open(&path, Mode::Read).unwrap();
    match map.prove(Proofs::none().lease()) {
        Ok(frozen) => Some(frozen),
        Err(memmap_core::Refused { error: why, .. }) => {
            assert!(why.to_string().contains("lease: only ext4"), "{why}");
            std::io::stderr().write_all(NO_LEASES.as_bytes()).unwrap();
            None
        }
    }
}

/// Runs a test again in a child process, which must abort because borrowed bytes may have changed.
fn ends_as_late(test: &str) {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", &format!("fixed::lease::tests::{test}"), "--nocapture"])
        .env(PART, "child")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains(NO_LEASES) {
        return;
    }
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("memmap: ")).collect();
    assert_eq!(output.status.signal(), Some(libc::SIGABRT), "{said}");
    assert!(lines.len() == 1 && lines[0].contains(LATE), "{said}");
}

#[test]
fn a_lease_that_is_gone_when_it_is_given_back_ends_the_process() {
    if !is_child() {
        return ends_as_late("a_lease_that_is_gone_when_it_is_given_back_ends_the_process");
    }
    let Some(frozen) = leased() else { return };
    {
        let watcher = watcher();
        // As the system does when its time is over.
        assert!(give_back(&watcher.leases[0].file));
    }
    drop(frozen);
}

#[test]
fn a_lease_that_is_gone_when_its_copy_is_made_ends_the_process() {
    if !is_child() {
        return ends_as_late("a_lease_that_is_gone_when_its_copy_is_made_ends_the_process");
    }
    let Some(frozen) = leased() else { return };
    assert!(give_back(&watcher().leases[0].file));
    look();
    drop(frozen);
}

#[test]
fn a_copy_that_took_too_long_ends_the_process() {
    if !is_child() {
        return ends_as_late("a_copy_that_took_too_long_ends_the_process");
    }
    let Some(frozen) = leased() else { return };
    let mut asked = 0;
    watcher().leases[0].become_a_copy(|| {
        asked += 1;
        asked == 1
    });
    drop(frozen);
}

#[test]
fn a_copy_that_was_begun_too_late_ends_the_process() {
    if !is_child() {
        return ends_as_late("a_copy_that_was_begun_too_late_ends_the_process");
    }
    let Some(frozen) = leased() else { return };
    let span = watcher().leases[0].span;
    // Simulates a process that was suspended: the check before the copy fails, and the one after it would
    // succeed.
    watcher().leases[0].become_a_copy(|| has_memory_to_read(span));
    drop(frozen);
}

/// Whether this process has a read-only private mapping of this length (`proc_pid_maps(5)`).
fn has_memory_to_read(len: usize) -> bool {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let address = |hex| usize::from_str_radix(hex, 16).unwrap();
    maps.lines().any(|line| {
        let (range, rest) = line.split_once(' ').unwrap();
        let (first, end) = range.split_once('-').unwrap();
        rest.trim_end() == "r--p 00000000 00:00 0"
            && address(end).checked_sub(address(first)) == Some(len)
    })
}

/// Whether a lease on the file with this inode number is being broken (`proc_locks(5)`).
fn is_waited_for(number: u64) -> bool {
    let locks = fs::read_to_string("/proc/locks").unwrap();
    let of_it = format!(":{number} ");
    locks.lines().any(|line| line.contains("BREAKING") && line.contains(&of_it))
}

#[test]
fn who_wants_to_write_while_a_lease_is_looked_into_has_it() {
    let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    fs::write(&path, vec![b'f'; LEN]).unwrap();
    let map = Map::<Live>::open(&path, Mode::Read).unwrap();
    let pages =
        Pages::map(&File::open(&path).unwrap(), 0, LEN, crate::pages::Access::Read).unwrap();
    let number = fs::metadata(&path).unwrap().ino();
    let mut writer = None;
    let begun = Instant::now();
    loop {
        let file = File::open(&path).unwrap();
        let taken = take(&file, &pages, 0, || {
            let path = path.to_path_buf();
            writer = Some(thread::spawn(move || fs::write(path, b"changed").unwrap()));
            while !is_waited_for(number) {
                thread::yield_now();
            }
            Ok(())
        });
        let Err(why) = taken.map(drop) else {
            panic!("a lease was taken while it was being broken")
        };
        if why.contains("only ext4") {
            return;
        }
        if let Some(writer) = writer.take() {
            assert!(why.contains("open for writing"), "{why}");
            writer.join().unwrap();
            break;
        }
        // A child of another test may have the file open or mapped for a moment.
        assert!(begun.elapsed() < Duration::from_secs(10), "{why}");
    }
    assert_eq!(map.read_at(0, 7).unwrap(), b"changed");
}
