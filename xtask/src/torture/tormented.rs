//! Scenes of bytes that freeze when they are first touched, while this process rewrites, cuts, grows and replaces
//! their file: no page that was seen may change, and no process may end.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::fuse::{Contents, Fuse};
use crate::shell;
use crate::stage::{Mounted, Scratch, Verdict, expect, need_root, tool};

const PAGE: u64 = 4096;
const MIB: u64 = 1 << 20;

/// The ways to bring pages, as `toucher` names them.
pub(super) const WAYS: [&str; 3] = ["thread", "markers", "no-access"];

/// Pages that are touched in each way by a short scene.
const FEW: u64 = 6_000;

/// A process that writes to the file, until this value is dropped.
pub(super) struct Writer {
    ends: std::sync::Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<io::Result<()>>>,
}

impl Writer {
    pub(super) fn of(path: PathBuf, len: u64) -> Self {
        let ends = std::sync::Arc::new(AtomicBool::new(false));
        let is_ending = std::sync::Arc::clone(&ends);
        let write = move || {
            let mut seed = 99_u64;
            while !is_ending.load(Ordering::Relaxed) {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
                // A replacement leaves the name without a file for no moment.
                mistreat(&path, len, seed >> 20)?;
            }
            Ok(())
        };
        Self { ends, thread: Some(thread::spawn(write)) }
    }

    fn end(mut self) -> Verdict<()> {
        self.ends.store(true, Ordering::Relaxed);
        let ended = self.thread.take().map(thread::JoinHandle::join);
        match ended {
            Some(Ok(result)) => Ok(result?),
            _ => expect(false, || "the writer panicked".to_owned()),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// Rewrites a part of a file, cuts it short, extends it, or replaces it.
fn mistreat(path: &Path, len: u64, random: u64) -> io::Result<()> {
    let at = random / 64 % (len / PAGE) * PAGE;
    let file = File::options().write(true).create(true).truncate(false).open(path)?;
    match random % 64 {
        0..40 => {
            let part =
                vec![random.to_le_bytes()[2]; usize::try_from(MIB.min(len - at)).unwrap_or(0)];
            file.write_all_at(&part, at)
        }
        40..50 => file.set_len(at),
        50..60 => file.set_len(len),
        _ if path.with_extension("fixed").exists() => Ok(()),
        _ => {
            let new = path.with_extension("new");
            File::create(&new)?.set_len(len)?;
            fs::rename(new, path)
        }
    }
}

/// The program, for root or for nobody.
pub(super) fn toucher(as_nobody: bool) -> Verdict<Command> {
    let program = shell::example("memmap-posix", "toucher")?;
    if !as_nobody {
        return Ok(Command::new(program));
    }
    need_root()?;
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program);
    Ok(command)
}

/// Plays a deed in each way, while the file is mistreated. Returns what was seen.
fn torment(path: &Path, len: u64, deed: &[&str], as_nobody: bool) -> Verdict {
    File::create(path)?.set_len(len)?;
    let mut seen = Vec::new();
    for way in WAYS {
        let writer = Writer::of(path.to_owned(), len);
        let output = toucher(as_nobody)?.arg(way).args(deed).arg(path).output()?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        expect(output.status.success(), || {
            let errors = String::from_utf8_lossy(&output.stderr);
            format!("{way}: {}, {said} {errors}", output.status)
        })?;
        writer.end()?;
        seen.push(format!("{way}: {said}"));
    }
    Ok(seen.join("; "))
}

fn few() -> String {
    FEW.to_string()
}

/// On the file system of temporary files, which is ext4 on most machines.
pub(super) fn on_ext4() -> Verdict {
    need_root()?;
    let scratch = Scratch::new("touch-ext4")?;
    let image = scratch.sparse("image", 128 * MIB)?;
    tool(Command::new("mkfs.ext4").args(["-q", "-F", "-m", "0"]).arg(&image))?;
    let disk = Mounted::image(scratch.path("disk"), &image, "ext4", "rw")?;
    open_to_all(&disk, &scratch)?;
    on(&disk.path("file"), &few())
}

pub(super) fn on_tmpfs() -> Verdict {
    need_root()?;
    let scratch = Scratch::new("touch-tmpfs")?;
    let disk = Mounted::tmpfs(scratch.path("disk"), 256 * MIB)?;
    open_to_all(&disk, &scratch)?;
    on(&disk.path("file"), &few())
}

pub(super) fn on_overlay() -> Verdict {
    need_root()?;
    let scratch = Scratch::new("touch-overlay")?;
    let below = Mounted::tmpfs(scratch.path("below"), 256 * MIB)?;
    for name in ["lower", "upper", "work"] {
        fs::create_dir(below.path(name))?;
    }
    File::create(below.path("lower/file"))?.set_len(16 * MIB)?;
    let [lower, upper, work] = ["lower", "upper", "work"].map(|name| below.path(name));
    let overlay = Mounted::overlay(scratch.path("disk"), &lower, &upper, &work)?;
    open_to_all(&overlay, &scratch)?;
    on(&overlay.path("file"), &few())
}

/// Lets other users read what is there.
fn open_to_all(disk: &Mounted, scratch: &Scratch) -> Verdict<()> {
    tool(Command::new("chmod").arg("755").arg(disk.path("")).arg(scratch.path(""))).map(drop)
}

/// As root and as nobody.
fn on(path: &Path, touches: &str) -> Verdict {
    let root = torment(path, 16 * MIB, &["torment", touches], false)?;
    let nobody = torment(path, 16 * MIB, &["torment", touches], true)?;
    Ok(format!("as root {root}; as nobody {nobody}"))
}

/// A FUSE file that is opened for direct I/O. Its server lets nobody rename.
pub(super) fn on_direct_fuse() -> Verdict {
    on_fuse(&few())
}

fn on_fuse(touches: &str) -> Verdict {
    const LEN: u64 = 2 * MIB;
    let scratch = Scratch::new("touch-fuse")?;
    let bytes = vec![1; usize::try_from(LEN).unwrap_or(0)];
    let contents = Contents { bytes, is_direct: true, ..Contents::default() };
    let fuse = Fuse::mount(scratch.path("mount"), contents)?;
    let mut seen = Vec::new();
    for way in WAYS {
        // The server itself changes the bytes, and their number: the system is not told.
        let ends = AtomicBool::new(false);
        let output = thread::scope(|scope| {
            scope.spawn(|| {
                let mut turn = 0_u8;
                while !ends.load(Ordering::Relaxed) {
                    turn = turn.wrapping_add(1);
                    let mut bytes = fuse.bytes();
                    if turn.is_multiple_of(8) {
                        let len = bytes.len();
                        bytes.truncate(len / 2);
                        bytes.resize(len, turn);
                    } else {
                        bytes.fill(turn);
                    }
                    drop(bytes);
                    // A lock that is taken again at once leaves the server none.
                    thread::sleep(std::time::Duration::from_millis(1));
                }
            });
            let output = toucher(false).and_then(|mut toucher| {
                Ok(toucher.args([way, "torment", touches]).arg(fuse.file()).output()?)
            });
            ends.store(true, Ordering::Relaxed);
            output
        })?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        expect(output.status.success(), || {
            format!("{way}: {}, {said} {}", output.status, String::from_utf8_lossy(&output.stderr))
        })?;
        seen.push(format!("{way}: {said}"));
    }
    Ok(seen.join("; "))
}

/// While the system is asked to merge pages, to make huge ones and to page them out.
pub(super) fn advised() -> Verdict {
    let scratch = Scratch::new("touch-advised")?;
    torment(&scratch.path("file"), 16 * MIB, &["advised", &few()], false)
}

/// In threads that block all signals: those of the thread's way alone can.
pub(super) fn blocked() -> Verdict {
    let scratch = Scratch::new("touch-blocked")?;
    let path = scratch.path("file");
    File::create(&path)?.set_len(16 * MIB)?;
    let mut seen = Vec::new();
    for way in WAYS {
        let _writer = Writer::of(path.clone(), 16 * MIB);
        let output = toucher(false)?.args([way, "blocked", &few()]).arg(&path).output()?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let ends = output.status.to_string();
        expect(output.status.success() == (way == WAYS[0]), || format!("{way}: {ends}, {said}"))?;
        expect(output.status.success() || ends.contains("SIGSEGV"), || format!("{way}: {ends}"))?;
        seen.push(format!("{way}: {}", if said.is_empty() { ends } else { said }));
    }
    Ok(seen.join("; "))
}

/// Processes that end in the middle of touches.
pub(super) fn exits() -> Verdict {
    ends("100")
}

pub(super) fn a_thousand_exits() -> Verdict {
    ends("3000")
}

fn ends(times: &str) -> Verdict {
    let scratch = Scratch::new("touch-exits")?;
    let path = scratch.path("file");
    fs::write(&path, vec![b'A'; 32 << 20])?;
    let mut seen = Vec::new();
    for way in WAYS {
        let output = toucher(false)?.args([way, "exits", times]).arg(&path).output()?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        expect(output.status.success(), || format!("{way}: {}, {said}", output.status))?;
        seen.push(format!("{way}: {said}"));
    }
    Ok(seen.join("; "))
}

/// A million touches, in each way, as root and as nobody, on each file system.
pub(super) fn a_million() -> Verdict {
    const MANY: &str = "1000000";
    need_root()?;
    let scratch = Scratch::new("touch-million")?;
    let image = scratch.sparse("image", 256 * MIB)?;
    tool(Command::new("mkfs.ext4").args(["-q", "-F", "-m", "0"]).arg(&image))?;
    let disk = Mounted::image(scratch.path("disk"), &image, "ext4", "rw")?;
    open_to_all(&disk, &scratch)?;
    let on_disk = on(&disk.path("file"), MANY)?;
    let memory = Mounted::tmpfs(scratch.path("memory"), 256 * MIB)?;
    open_to_all(&memory, &scratch)?;
    let in_memory = on(&memory.path("file"), MANY)?;
    let advised = torment(&disk.path("file"), 64 * MIB, &["advised", MANY], false)?;
    let served = on_fuse(MANY)?;
    Ok(format!("ext4: {on_disk}; tmpfs: {in_memory}; advised: {advised}; FUSE: {served}"))
}
