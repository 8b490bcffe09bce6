//! A file as a block device, which loses what the file loses.

use std::path::Path;
use std::process::Command;

/// The device, which is given back with this value.
pub(crate) struct LoopDevice(String);

impl LoopDevice {
    /// Makes a device of a file; says why it cannot.
    pub(crate) fn new(file: &Path) -> Result<Self, String> {
        Self::made_with(&["--find", "--show"], file)
    }

    /// The same, with its partitions as devices of their own.
    #[allow(dead_code, reason = "not every test has partitions")]
    pub(crate) fn with_partitions(file: &Path) -> Result<Self, String> {
        Self::made_with(&["--find", "--show", "--partscan"], file)
    }

    fn made_with(arguments: &[&str], file: &Path) -> Result<Self, String> {
        let output = Command::new("losetup").args(arguments).arg(file).output();
        let output = output.map_err(|error| format!("`losetup`: {error}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("`losetup`: {}, {}", output.status, said.trim()));
        }
        let device = Self(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        // What the system reads ahead of what is asked for is lost with it.
        let read_ahead = Command::new("blockdev").args(["--setra", "0", &device.0]).status();
        match read_ahead {
            Ok(status) if status.success() => Ok(device),
            other => Err(format!("`blockdev`: {other:?}")),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        Path::new(&self.0)
    }
}

impl Drop for LoopDevice {
    fn drop(&mut self) {
        Command::new("losetup").args(["--detach", &self.0]).status().ok();
    }
}
