//! Scenes in which bytes are lent because something proves that they cannot change
//! (`crates/memmap/tests/fixtures/holder.rs`), and another program tries to change them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{self, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::pattern::{self, PAGE};
use crate::shell;
use crate::stage::{Mounted, Scratch, Stop, Verdict, expect, need_root, tool};

const MIB: u64 = 1 << 20;

/// The seconds that the system waits for a lease to be given back.
pub(super) const BREAK_TIME: &str = "/proc/sys/fs/lease-break-time";

pub(super) const SIGABRT: i32 = 6;
const SIGBUS: i32 = 7;

/// A program that holds a map, and answers each order before the next one.
pub(super) struct Holder {
    process: process::Child,
    output: BufReader<ChildStdout>,
}

impl Holder {
    pub(super) fn start(file: &Path) -> Verdict<Self> {
        Self::of(&mut Command::new(shell::example("memmap-rs", "holder")?), file)
    }

    pub(super) fn of(command: &mut Command, file: &Path) -> Verdict<Self> {
        command.arg(file).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn()?;
        let output = process.stdout.take().map(BufReader::new);
        let output =
            output.ok_or_else(|| Stop::Fail("the program has no output pipe".to_owned()))?;
        let mut holder = Self { process, output };
        let first = holder.hear()?;
        if first.starts_with("mapped") {
            return Ok(holder);
        }
        let (status, errors) = holder.end()?;
        Err(Stop::Fail(format!("the program does not map the file: {status}, {first}{errors}")))
    }

    /// Starts a program and orders it to prove its map.
    pub(super) fn proving(file: &Path, proof: &str) -> Verdict<Self> {
        let mut holder = Self::start(file)?;
        holder.insist(&format!("prove {proof}"), &format!("proven {proof}"))?;
        holder.insist("same", "same")?;
        Ok(holder)
    }

    pub(super) fn tell(&mut self, order: &str) -> io::Result<()> {
        match &mut self.process.stdin {
            Some(input) => writeln!(input, "{order}"),
            None => Ok(()),
        }
    }

    /// The next line of its output; empty if it has ended.
    pub(super) fn hear(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }

    pub(super) fn ask(&mut self, order: &str) -> io::Result<String> {
        self.tell(order)?;
        self.hear()
    }

    pub(super) fn insist(&mut self, order: &str, answer: &str) -> Verdict<()> {
        let said = self.ask(order)?;
        expect(said == answer, || format!("`{order}` is answered {said:?}, not {answer:?}"))
    }

    pub(super) fn is_running(&mut self) -> io::Result<bool> {
        Ok(self.process.try_wait()?.is_none())
    }

    pub(super) fn signal(&self, name: &str) -> Verdict<()> {
        let arguments = ["-s", name, &self.process.id().to_string()];
        tool(Command::new("kill").args(arguments)).map(drop)
    }

    /// Closes its input, and returns its status and its errors.
    pub(super) fn end(mut self) -> io::Result<(ExitStatus, String)> {
        drop(self.process.stdin.take());
        io::copy(&mut self.output, &mut io::sink())?;
        let mut errors = String::new();
        if let Some(mut stream) = self.process.stderr.take() {
            stream.read_to_string(&mut errors)?;
        }
        Ok((self.process.wait()?, errors))
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // This also kills a stopped program. Usually it has ended already.
        self.process.kill().ok();
        // A program that waits for a server of this process ends when the server is dropped, maybe
        // later.
        for _ in 0..100 {
            if !matches!(self.process.try_wait(), Ok(None)) {
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The lines that the library itself prints.
pub(super) fn own_lines(errors: &str) -> Vec<&str> {
    errors.lines().filter(|line| line.starts_with("memmap: ")).collect()
}

/// A setting of the system, which is restored when this value is dropped.
pub(super) struct Setting {
    path: &'static str,
    before: String,
}

impl Setting {
    pub(super) fn of(path: &'static str, value: &str) -> Verdict<Self> {
        let unset = |error| Stop::Skip(format!("{path} cannot be set: {error}"));
        let before = fs::read_to_string(path).map_err(unset)?;
        let setting = Self { path, before };
        fs::write(path, value).map_err(unset)?;
        Ok(setting)
    }
}

impl Drop for Setting {
    fn drop(&mut self) {
        if let Err(error) = fs::write(self.path, &self.before) {
            eprintln!("{}: {error}; it was {}", self.path, self.before.trim());
        }
    }
}

/// Skips a scene that needs leases if the file system of temporary files has none.
pub(super) fn need_leases(scratch: &Scratch) -> Verdict<()> {
    let kind = tool(Command::new("stat").args(["-f", "-c", "%T"]).arg(scratch.path(".")))?;
    if ["ext2/ext3", "xfs", "btrfs"].contains(&kind.trim()) {
        return Ok(());
    }
    let kind = kind.trim();
    Err(Stop::Skip(format!("temporary files are on {kind}; set TMPDIR to a directory of ext4")))
}

// ---- clones ------------------------------------------------------------------------------------

pub(super) fn clone_on_btrfs() -> Verdict {
    clone_on("btrfs", 128)
}

pub(super) fn clone_on_xfs() -> Verdict {
    clone_on("xfs", 320)
}

/// Changes of a file do not affect its clone. No clone is left in the end.
fn clone_on(kind: &str, disk_mib: u64) -> Verdict {
    const LEN: usize = (8 << 20) + 1234;
    need_root()?;
    let scratch = Scratch::new(&format!("clone-{kind}"))?;
    let image = scratch.sparse("image", disk_mib * MIB)?;
    tool(Command::new(format!("mkfs.{kind}")).arg("-q").arg(&image))?;
    let disk = Mounted::image(scratch.path("disk"), &image, kind, "rw")?;
    let path = disk.path("file");
    // Not synced: a clone also has the bytes that are in memory only.
    fs::write(&path, pattern::bytes(LEN))?;
    let mut holder = Holder::proving(&path, "reflink")?;

    let file = OpenOptions::new().write(true).open(&path)?;
    let deeds: [(&str, &dyn Fn() -> io::Result<()>); 4] = [
        ("overwritten", &|| file.write_all_at(&vec![0xFF; LEN], 0)),
        ("cut short", &|| file.set_len(10)),
        ("made longer", &|| file.set_len(MIB)),
        ("deleted", &|| fs::remove_file(&path)),
    ];
    for (what, deed) in deeds {
        deed()?;
        tool(&mut Command::new("sync"))?;
        // So that the bytes are read from the disk.
        fs::write("/proc/sys/vm/drop_caches", "1")?;
        let said = holder.ask("same")?;
        expect(said == "same", || format!("after the file was {what}: {said:?}"))?;
    }
    let names = fs::read_dir(disk.path(""))?.count();
    expect(names == 0, || format!("{names} names are left"))?;
    let (status, errors) = holder.end()?;
    expect(status.success(), || format!("{status}: {errors}"))?;
    Ok(format!(
        "{LEN} bytes stay the same while the file is overwritten, truncated and deleted; no name is left"
    ))
}

pub(super) fn no_clone_on_ext4() -> Verdict {
    need_root()?;
    let scratch = Scratch::new("clone-ext4")?;
    let image = scratch.sparse("image", 16 * MIB)?;
    tool(Command::new("mkfs.ext4").args(["-q", "-F", "-m", "0"]).arg(&image))?;
    let disk = Mounted::image(scratch.path("disk"), &image, "ext4", "rw")?;
    let path = disk.path("file");
    fs::write(&path, pattern::bytes(100_000))?;
    let mut holder = Holder::start(&path)?;
    let refused = "refused its file system cannot clone files; btrfs and xfs can";
    holder.insist("prove reflink", refused)?;
    holder.insist("same", "same")?;
    let names = fs::read_dir(disk.path(""))?.count();
    expect(names == 2, || format!("{names} names instead of the file and lost+found"))?;
    Ok(format!("`{refused}`, and the map is as it was"))
}

// ---- leases ------------------------------------------------------------------------------------

/// An overlay does not know who changes the files below it.
pub(super) fn no_lease_on_overlay() -> Verdict {
    need_root()?;
    let scratch = Scratch::new("lease-overlay")?;
    let [lower, upper, work] = ["lower", "upper", "work"].map(|name| scratch.path(name));
    for directory in [&lower, &upper, &work] {
        fs::create_dir(directory)?;
    }
    for path in [lower.join("below"), upper.join("above")] {
        fs::write(path, pattern::bytes(100_000))?;
    }
    let overlay = Mounted::overlay(scratch.path("merged"), &lower, &upper, &work)?;
    for (name, real) in [("below", lower.join("below")), ("above", upper.join("above"))] {
        let mut holder = Holder::start(&overlay.path(name))?;
        for (proof, keepers) in [("lease", "only ext4, xfs and btrfs"), ("verity", "only ext4")] {
            let said = holder.ask(&format!("prove {proof}"))?;
            expect(said.starts_with(&format!("refused {keepers}")), || format!("{name}: {said}"))?;
        }
        holder.insist("same", "same")?;
        OpenOptions::new().write(true).open(&real)?.write_all_at(&[0xFF; 8], 4096)?;
        holder.insist("same", "other 4096")?;
    }
    Ok("a lease and verity are refused, with the file systems that keep them; and rightly: a write \
        to the file below changes what is mapped through the overlay"
        .to_owned())
}

/// The kernel gives leases to the owner of a file only.
pub(super) fn no_lease_for_others() -> Verdict {
    need_root()?;
    let scratch = Scratch::new("lease-not-owner")?;
    need_leases(&scratch)?;
    let path = scratch.path("file");
    fs::write(&path, pattern::bytes(100_000))?;
    // In a directory that every user may enter.
    let program = scratch.path("holder");
    fs::copy(shell::example("memmap-rs", "holder")?, &program)?;
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    tool(Command::new("setpriv").args(nobody).arg("true"))?;
    let start = || Holder::of(Command::new("setpriv").args(nobody).arg(&program), &path);
    let mut holder = start()?;
    let refused = "refused the file belongs to another user; only its owner can take a lease";
    holder.insist("prove lease", refused)?;
    holder.insist("prove snapshot", "proven snapshot")?;
    holder.insist("same", "same")?;

    tool(Command::new("chown").arg("65534").arg(&path))?;
    let mut holder = start()?;
    holder.insist("prove lease", "proven lease")?;
    fs::write(&path, b"root waits as well")?;
    holder.insist("proof", "snapshot")?;
    holder.insist("same", "same")?;
    Ok(format!("`{refused}`; a snapshot is made, and the owner gets a lease"))
}

/// A program that wants to write waits for the copy, and not longer.
pub(super) fn lease_broken() -> Verdict {
    const LEN: usize = 100 << 20;
    need_root()?;
    let scratch = Scratch::new("lease-break")?;
    need_leases(&scratch)?;
    let path = scratch.path("file");
    fs::write(&path, pattern::bytes(LEN))?;
    let mut holder = Holder::proving(&path, "lease")?;
    holder.insist("watch", "watching")?;
    let begun = Instant::now();
    let file = OpenOptions::new().write(true).open(&path)?;
    let waited = begun.elapsed();
    file.write_all_at(&vec![0xFF; LEN], 0)?;
    file.set_len(0)?;
    holder.insist("proof", "snapshot")?;
    holder.insist("same", "same")?;
    // The other thread compares for a while longer.
    thread::sleep(Duration::from_millis(300));
    holder.insist("same", "same")?;
    let (status, errors) = holder.end()?;
    expect(status.success() && errors.is_empty(), || format!("{status}: {errors}"))?;
    // Without an answer the system makes it wait for 45 s by default.
    expect(waited < Duration::from_secs(20), || format!("the writer waited for {waited:?}"))?;
    let millis = waited.as_millis();
    Ok(format!("the writer waited for {millis} ms, until 100 MiB were copied, and they stay"))
}

/// A process that is stopped when the system takes its lease away ends when it continues.
pub(super) fn lease_overdue() -> Verdict {
    const LEN: usize = 64 << 20;
    need_root()?;
    let scratch = Scratch::new("lease-overdue")?;
    need_leases(&scratch)?;
    let path = scratch.path("file");
    fs::write(&path, pattern::bytes(LEN))?;
    let mut holder = Holder::proving(&path, "lease")?;
    holder.signal("STOP")?;
    let short = Setting::of(BREAK_TIME, "5")?;
    let begun = Instant::now();
    let file = OpenOptions::new().write(true).open(&path)?;
    let waited = begun.elapsed();
    file.write_all_at(&vec![0x55; LEN], 0)?;
    expect(waited >= Duration::from_secs(4), || format!("the writer waited for {waited:?} only"))?;
    // It looks at the bytes as soon as it continues.
    holder.tell("same")?;
    holder.signal("CONT")?;
    let said = holder.hear()?;
    let (status, errors) = holder.end()?;
    drop(short);
    let lines = own_lines(&errors);
    let is_told = matches!(lines[..], [line] if line.contains("did not wait long enough"));
    expect(status.signal() == Some(SIGABRT) && is_told, || {
        format!("the program ends with {status}, prints {said:?} and {errors}")
    })?;
    // A thread that continues at the same moment may look at the bytes first: SAFETY.md, "Limits".
    let seen = if said.is_empty() { "nothing" } else { "changed bytes" };
    Ok(format!(
        "stopped while a writer waited for {waited:.1?}, it ends when it continues, after it showed {seen}: `{}`",
        lines.concat()
    ))
}

/// No lease is taken if the system waits for a moment only, because each break would end the
/// process.
pub(super) fn no_lease_without_time() -> Verdict {
    need_root()?;
    let scratch = Scratch::new("lease-short")?;
    need_leases(&scratch)?;
    let path = scratch.path("file");
    fs::write(&path, pattern::bytes(100_000))?;
    let mut holder = Holder::start(&path)?;
    let said = {
        let _short = Setting::of(BREAK_TIME, "2")?;
        let said = holder.ask("prove lease")?;
        fs::write(&path, b"changed")?;
        said
    };
    if said.starts_with("refused") {
        return Ok(format!("with a lease-break-time of 2 s: `{said}`"));
    }
    let kept = holder.ask("same");
    let (status, errors) = holder.end()?;
    Err(Stop::Fail(format!("{said}, and then {kept:?}, {status}: {errors}")))
}

/// A program that may write to a file can truncate it without opening it for writing, and then the
/// kernel does not ask for the lease. All bytes are lost then, so that no wrong byte is seen.
pub(super) fn lease_not_asked_for() -> Verdict {
    /// `O_TRUNC` of Linux, which also works with read-only access; open(2) does not mention it.
    const O_TRUNC: i32 = 0o1000;
    const LEN: usize = 16 << 20;
    let scratch = Scratch::new("lease-cut")?;
    need_leases(&scratch)?;
    let path = scratch.path("file");
    let mut ends = Vec::new();
    for (order, signal) in [("watch", SIGBUS), ("proof", SIGABRT)] {
        fs::write(&path, pattern::bytes(LEN))?;
        let mut holder = Holder::proving(&path, "lease")?;
        holder.ask(order)?;
        drop(OpenOptions::new().read(true).custom_flags(O_TRUNC).open(&path)?);
        if order == "proof" {
            // No read is pending, but this opens the file for writing, which waits for a copy.
            fs::write(&path, b"changed")?;
        }
        let said = holder.hear()?;
        let (status, errors) = holder.end()?;
        let lines = own_lines(&errors);
        expect(said.is_empty() && status.signal() == Some(signal) && lines.len() == 1, || {
            format!("{order}: {status}, {said:?}: {errors}")
        })?;
        ends.push(format!("`{}`", lines.concat()));
    }
    Ok(format!(
        "truncated, it ends a program that reads, {}",
        ends.join(", and one that holds it, ")
    ))
}

// ---- devices -----------------------------------------------------------------------------------

/// The disk of the scene `eio`: a lost page under a slice ends the process, with one line, and is
/// an error of a copy.
pub(super) fn failing_device() -> Verdict {
    const FILE_LEN: usize = 40 << 20;
    need_root()?;
    let scratch = Scratch::new("eio-frozen")?;
    let image = scratch.sparse("image", 64 * MIB)?;
    let make = ["-q", "-F", "-b", "4096", "-m", "0", "-O", "^has_journal"];
    tool(Command::new("mkfs.ext4").args(make).arg(&image))?;
    let file = pattern::bytes(FILE_LEN);
    {
        let disk = Mounted::image(scratch.path("disk"), &image, "ext4", "rw")?;
        let mut big = File::create_new(disk.path("big"))?;
        big.write_all(&file)?;
        big.sync_all()?;
    }
    let disk = Mounted::image(scratch.path("disk"), &image, "ext4", "ro")?;
    disk.read_no_further()?;
    let big: PathBuf = disk.path("big");
    let mut holder = Holder::start(&big)?;
    holder.insist("prove lease", "proven lease")?;
    OpenOptions::new().write(true).open(&image)?.set_len(32 * MIB)?;
    let held = pattern::pages_in(&fs::read(&image)?, &file);
    let first = held.iter().position(|held| !held).unwrap_or(0) * PAGE;
    if first == 0 {
        return Err(Stop::Skip(
            "the layout of the disk is such that no part of the file is lost".to_owned(),
        ));
    }

    holder.insist(&format!("read 0 {first}"), "ok")?;
    holder.insist(&format!("read 0 {}", first + 1), &format!("io offset={first} code=5"))?;
    holder.insist(&format!("byte {}", first - 1), &file[first - 1].to_string())?;
    let said = holder.ask(&format!("byte {first}"))?;
    let (status, errors) = holder.end()?;
    let lines = own_lines(&errors);
    let place = format!("byte {first} ");
    let is_told = matches!(lines[..], [line] if line.contains(&place));
    expect(said.is_empty() && status.signal() == Some(SIGBUS) && is_told, || {
        format!("{status}, {said:?}: {errors}")
    })?;
    Ok(format!(
        "a copy of a lost page is EIO at offset {first}; a borrowed one ends the process: `{}`",
        lines.concat()
    ))
}
