//! A file as a block device, which loses what the file loses.

use std::path::Path;
use std::process::Command;

/// The device, which is given back with this value.
pub(crate) struct LoopDevice(String);

impl LoopDevice {
    /// Makes a device of a file, whose partitions are devices too; says why it cannot.
    pub(crate) fn new(file: &Path) -> Result<Self, String> {
        let output =
            Command::new("losetup").args(["--find", "--show", "--partscan"]).arg(file).output();
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
