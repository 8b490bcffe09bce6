//! The setup of a scene: a directory, disk images and mounts, which are removed at its end.

use std::error::Error;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::{env, fmt};

/// The result of a scene: what it has observed, or why it stopped.
pub(crate) type Verdict<T = String> = Result<T, Stop>;

/// Why a scene stopped.
pub(crate) enum Stop {
    /// It cannot run on this machine.
    Skip(String),
    /// It has observed something wrong.
    Fail(String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Fail(error.to_string())
    }
}

impl From<Box<dyn Error>> for Stop {
    fn from(error: Box<dyn Error>) -> Self {
        Self::Fail(error.to_string())
    }
}

/// Stops a scene unless `right` holds.
pub(crate) fn expect(right: bool, seen: impl FnOnce() -> String) -> Verdict<()> {
    if right { Ok(()) } else { Err(Stop::Fail(seen())) }
}

/// A temporary directory, removed when this value is dropped.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> io::Result<Self> {
        let path = env::temp_dir().join(format!("memmap-{name}-{}", process::id()));
        fs::create_dir(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Creates a sparse file of zeros.
    pub(crate) fn sparse(&self, name: &str, len: u64) -> io::Result<PathBuf> {
        let path = self.path(name);
        File::create_new(&path)?.set_len(len)?;
        Ok(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // `remove_dir_all` does not cross a mount that could not be unmounted: the mount point is
        // busy.
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("cannot remove {}: {error}; remove it manually", self.0.display());
        }
    }
}

/// A mounted file system, unmounted when this value is dropped.
pub(crate) struct Mounted(PathBuf);

impl Mounted {
    /// Mounts a file system in memory.
    pub(crate) fn tmpfs(at: PathBuf, len: u64) -> Verdict<Self> {
        Self::mount(at, &["-t", "tmpfs", "-o", &format!("size={len}"), "memmap-torture"])
    }

    /// Mounts the file system of type `kind` in an image, with `options` of mount.
    pub(crate) fn image(at: PathBuf, image: &Path, kind: &str, options: &str) -> Verdict<Self> {
        let options = format!("loop,{options}");
        let image = image.to_string_lossy();
        Self::mount(at, &["-t", kind, "-o", &options, &image])
    }

    /// Mounts an overlay of the directory `upper` over the directory `lower`.
    pub(crate) fn overlay(at: PathBuf, lower: &Path, upper: &Path, work: &Path) -> Verdict<Self> {
        let options = format!(
            "lowerdir={},upperdir={},workdir={}",
            lower.display(),
            upper.display(),
            work.display()
        );
        Self::mount(at, &["-t", "overlay", "-o", &options, "memmap-torture"])
    }

    fn mount(at: PathBuf, arguments: &[&str]) -> Verdict<Self> {
        fs::create_dir_all(&at)?;
        let mut command = Command::new("mount");
        tool(command.args(arguments).arg(&at))?;
        Ok(Self(at))
    }

    /// Turns read-ahead off.
    pub(crate) fn read_no_further(&self) -> Verdict<()> {
        let device = tool(Command::new("findmnt").args(["-n", "-o", "SOURCE"]).arg(&self.0))?;
        tool(Command::new("blockdev").args(["--setra", "0", device.trim()])).map(drop)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let umount = |options: &[&str]| {
            let output = Command::new("umount").args(options).arg(&self.0).output();
            output.is_ok_and(|output| output.status.success())
        };
        // A program of a failed scene may still be ending, and keep it busy.
        if !umount(&[]) && !umount(&["--lazy"]) {
            eprintln!("cannot unmount {}; unmount it manually", self.0.display());
        }
    }
}

/// A file as a block device, detached when this value is dropped.
pub(crate) struct LoopDevice(PathBuf);

impl LoopDevice {
    /// Makes a device of a file, without read-ahead.
    pub(crate) fn over(file: &Path) -> Verdict<Self> {
        let made = tool(Command::new("losetup").args(["--find", "--show"]).arg(file))?;
        let device = Self(made.trim().into());
        tool(Command::new("blockdev").args(["--setra", "0"]).arg(&device.0))?;
        Ok(device)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for LoopDevice {
    fn drop(&mut self) {
        if Command::new("losetup").arg("--detach").arg(&self.0).status().is_err() {
            eprintln!("cannot detach {}; detach it manually", self.0.display());
        }
    }
}

/// Runs a tool of the system and returns its output. The scene is skipped if the tool is missing or
/// fails.
pub(crate) fn tool(command: &mut Command) -> Verdict {
    let name = Name(command.get_program()).to_string();
    match command.output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(Stop::Skip(format!("`{name}` is not installed")))
        }
        Err(error) => Err(Stop::Skip(format!("`{name}`: {error}"))),
        Ok(output) if output.status.success() => {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let line = said.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
            Err(Stop::Skip(format!("`{name}`: {}, {line}", output.status)))
        }
    }
}

/// Skips a scene that needs root if this is another user.
pub(crate) fn need_root() -> Verdict<()> {
    let output = Command::new("id").arg("-u").output()?;
    if output.stdout.trim_ascii() == b"0" {
        Ok(())
    } else {
        Err(Stop::Skip("mounting needs root".to_owned()))
    }
}

struct Name<'a>(&'a OsStr);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_string_lossy())
    }
}
