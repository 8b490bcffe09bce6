//! Scenes of leases that are given back too late, which the clock alone does not show at first.

use std::fs::{self, File, OpenOptions};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::pattern;
use super::proofs::{BREAK_TIME, Holder, SIGABRT, Setting, need_leases, own_lines};
use crate::fuse::{Contents, Fuse};
use crate::stage::{Mounted, Scratch, Verdict, expect, need_root, tool};

const LATE: &str = "did not wait long enough";

/// The system has taken the lease away, and the clock does not show it, because the system waits
/// longer now. The missing lease does show it.
pub(super) fn lease_lost() -> Verdict {
    const LEN: usize = 1 << 20;
    need_root()?;
    let scratch = Scratch::new("lease-lost")?;
    need_leases(&scratch)?;
    let path = scratch.path("file");
    fs::write(&path, pattern::bytes(LEN))?;
    let holder = Holder::proving(&path, "lease")?;
    holder.signal("STOP")?;
    {
        let _short = Setting::of(BREAK_TIME, "5")?;
        drop(OpenOptions::new().write(true).open(&path)?);
    }
    let _long = Setting::of(BREAK_TIME, "100000")?;
    holder.signal("CONT")?;
    ends_late(holder)
}

/// A copy that is begun in time and finished too late: the disk is a file of a FUSE server, which
/// delays the reads.
pub(super) fn lease_late() -> Verdict {
    const LEN: usize = 1 << 20;
    need_root()?;
    let scratch = Scratch::new("lease-late")?;
    let image = scratch.sparse("image", 16 << 20)?;
    // The file system is completely set up, so that only the copy reads from the disk.
    let make =
        ["-q", "-F", "-b", "4096", "-m", "0", "-O", "^has_journal", "-E", "lazy_itable_init=0"];
    tool(Command::new("mkfs.ext4").args(make).arg(&image))?;
    {
        let disk = Mounted::image(scratch.path("disk"), &image, "ext4", "rw")?;
        fs::write(disk.path("file"), pattern::bytes(LEN))?;
        File::open(disk.path("file"))?.sync_all()?;
    }
    let contents = Contents { bytes: fs::read(&image)?, ..Contents::default() };
    let fuse = Fuse::mount(scratch.path("fuse"), contents)?;
    let disk = Mounted::image(scratch.path("disk"), &fuse.file(), "ext4", "rw")?;
    disk.read_no_further()?;
    let path = disk.path("file");
    let mut holder = Holder::start(&path)?;
    holder.insist("prove lease", "proven lease")?;
    holder.insist("byte 0", "255")?;

    fuse.hold_reads();
    let writer = {
        let path = path.clone();
        thread::spawn(move || OpenOptions::new().write(true).open(path).map(drop))
    };
    // The copy is running, and waits for the disk.
    fuse.wait_for_read()?;
    // Set the wait of the system to less than the time that has passed. The system still waits, so
    // the lease is not lost.
    let short = Setting::of(BREAK_TIME, "3")?;
    thread::sleep(Duration::from_secs(2));
    fuse.release_reads()?;
    let ended = ends_late(holder);
    drop(short);
    let written = writer.join();
    expect(matches!(written, Ok(Ok(()))), || format!("the writer: {written:?}"))?;
    ended
}

/// Expects that a program ends because its lease is given back too late.
fn ends_late(mut holder: Holder) -> Verdict {
    // The program checks every second. Once it has ended, it does not answer.
    let mut said = "lease".to_owned();
    while said == "lease" {
        thread::sleep(Duration::from_millis(20));
        said = holder.ask("proof").unwrap_or_default();
    }
    let (status, errors) = holder.end()?;
    let lines = own_lines(&errors);
    let is_told = matches!(lines[..], [line] if line.contains(LATE));
    expect(said.is_empty() && status.signal() == Some(SIGABRT) && is_told, || {
        format!("the program ends with {status}, prints {said:?} and {errors}")
    })?;
    Ok(format!("the process ends: `{}`", lines.concat()))
}
