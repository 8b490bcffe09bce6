//! File systems on images, and loop devices, for as long as a test needs them.

use std::cell::Cell;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tempfile::TempDir;

pub(crate) const MIB: u64 = 1 << 20;

/// A child has all that this process has open, until it runs a program of its own. So a writer that one test
/// has closed may still be open in the child of another.
static FORKS: RwLock<()> = RwLock::new(());

thread_local! {
    static IS_ALONE: Cell<bool> = const { Cell::new(false) };
}

/// Held while a test has a child, unless it is alone.
pub(crate) fn forking() -> Option<RwLockReadGuard<'static, ()>> {
    let is_alone = IS_ALONE.get();
    (!is_alone).then(|| FORKS.read().unwrap_or_else(PoisonError::into_inner))
}

/// No other test has a child meanwhile.
pub(crate) struct Alone(#[expect(dead_code, reason = "it is held")] RwLockWriteGuard<'static, ()>);

/// Held by a test that counts who has a file open. It comes first in the test, to be dropped last.
pub(crate) fn alone() -> Alone {
    let guard = FORKS.write().unwrap_or_else(PoisonError::into_inner);
    IS_ALONE.set(true);
    Alone(guard)
}

impl Drop for Alone {
    fn drop(&mut self) {
        IS_ALONE.set(false);
    }
}

/// Runs a program, and returns what it prints; `None` if it is missing or fails, and says so.
pub(crate) fn tool(command: &mut Command) -> Option<String> {
    let _forking = forking();
    match command.output() {
        Ok(done) if done.status.success() => {
            Some(String::from_utf8_lossy(&done.stdout).trim().to_owned())
        }
        Ok(done) => {
            println!("skipped: {command:?}: {}", String::from_utf8_lossy(&done.stderr).trim());
            None
        }
        Err(error) => {
            println!("skipped: {command:?}: {error}");
            None
        }
    }
}

/// A mounted file system. It is unmounted when it is dropped.
pub(crate) struct Mounted {
    point: PathBuf,
    /// Keeps the image.
    _dir: TempDir,
}

impl Mounted {
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.point.join(name)
    }

    pub(crate) fn point(&self) -> &Path {
        &self.point
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // A child of another test has what this test had open, until it runs a program of its own or ends.
        for _ in 0..1000 {
            let forking = forking();
            let done = Command::new("umount").arg(&self.point).output();
            drop(forking);
            if done.is_ok_and(|done| done.status.success()) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        tool(Command::new("umount").arg("-l").arg(&self.point));
    }
}

/// A sparse image.
pub(crate) fn image(dir: &Path, mib: u64) -> PathBuf {
    let path = dir.join("image");
    File::create_new(&path).unwrap().set_len(mib * MIB).unwrap();
    path
}

/// Makes a file system on an image or a device.
pub(crate) fn make_on(path: &Path, kind: &str) -> Option<()> {
    let options: &[&str] = match kind {
        "ext4" => &["-q", "-F", "-b", "4096", "-m", "0"],
        _ => &["-q", "-f"],
    };
    tool(Command::new(format!("mkfs.{kind}")).args(options).arg(path)).map(drop)
}

/// A new file system; `None` if this machine cannot have it.
pub(crate) fn mounted(kind: &str) -> Option<Mounted> {
    let dir = tempfile::tempdir().unwrap();
    let point = dir.path().join("mounted");
    std::fs::create_dir(&point).unwrap();
    let mut mount = Command::new("mount");
    mount.args(["-t", kind, "-o"]);
    if kind == "tmpfs" {
        tool(mount.arg("size=64m").arg("none").arg(&point))?;
    } else {
        // The least that mkfs.xfs and mkfs.btrfs accept.
        let mib = match kind {
            "xfs" => 304,
            "btrfs" => 128,
            _ => 64,
        };
        let image = image(dir.path(), mib);
        make_on(&image, kind)?;
        tool(mount.arg("loop").arg(&image).arg(&point))?;
    }
    Some(Mounted { point, _dir: dir })
}

/// Mounts a device.
pub(crate) fn mount(device: &Path, kind: &str) -> Option<Mounted> {
    let dir = tempfile::tempdir().unwrap();
    let point = dir.path().join("mounted");
    std::fs::create_dir(&point).unwrap();
    tool(Command::new("mount").args(["-t", kind]).arg(device).arg(&point))?;
    Some(Mounted { point, _dir: dir })
}

/// An overlay with a file in its lower folder.
pub(crate) fn overlay(lower: &Path, memory: &Path) -> Option<Mounted> {
    let dir = tempfile::tempdir().unwrap();
    let point = dir.path().join("mounted");
    std::fs::create_dir(&point).unwrap();
    let (upper, work) = (memory.join("upper"), memory.join("work"));
    std::fs::create_dir(&upper).unwrap();
    std::fs::create_dir(&work).unwrap();
    let folders = format!(
        "lowerdir={},upperdir={},workdir={}",
        lower.display(),
        upper.display(),
        work.display()
    );
    tool(Command::new("mount").args(["-t", "overlay", "-o", &folders, "none"]).arg(&point))?;
    Some(Mounted { point, _dir: dir })
}

/// A loop device. It is detached when it is dropped.
pub(crate) struct Loop {
    pub(crate) path: PathBuf,
}

impl Loop {
    pub(crate) fn over(image: &Path, options: &[&str]) -> Option<Self> {
        let name = tool(Command::new("losetup").args(["-f", "--show"]).args(options).arg(image))?;
        Some(Self { path: PathBuf::from(name) })
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        tool(Command::new("losetup").arg("-d").arg(&self.path));
    }
}
