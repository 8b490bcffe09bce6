use std::io;
use std::path::{Path, PathBuf};

use memmap_core::disk::{Disk, Facts, NodeKind};

use super::SaveError;
use super::io_steps::failed;
use crate::lock::Lockable;

/// The file that is saved to, open for writing unless a program runs from it, locked, and known to be the one
/// that was mapped.
#[derive(Debug)]
pub(super) struct Opened<D: Disk> {
    pub(super) path: PathBuf,
    pub(super) file: Lockable<D>,
    pub(super) facts: Facts,
    /// Whether a program runs from it: then it is open for reading, and nobody can write to it.
    pub(super) is_running: bool,
}

impl<D: Disk> Opened<D> {
    /// Opens the file at `path`, and compares it with what is mapped.
    pub(super) fn new(
        disk: &D,
        path: &Path,
        mapped: &Facts,
        allows_device: bool,
    ) -> Result<Self, SaveError> {
        let replaced = || SaveError::Replaced { path: path.to_path_buf() };
        let path = disk.resolve(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => replaced(),
            _ => failed("cannot find", path)(error),
        })?;
        let found = disk.look(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => replaced(),
            _ => failed("cannot look at", &path)(error),
        })?;
        if !found.is_same_file(mapped) {
            return Err(replaced());
        }
        if found.is_read_only {
            let why = "a read-only device, a read-only file system, or an attribute".to_owned();
            return Err(SaveError::ReadOnly { path, why });
        }
        let in_use = |path: &Path, by: String| SaveError::InUse { path: path.to_path_buf(), by };
        let mut is_running = false;
        let file = match found.kind {
            NodeKind::Device if !allows_device => return Err(SaveError::Device { path }),
            NodeKind::Device => disk.open_device(&path).map_err(|error| match error.kind() {
                io::ErrorKind::ResourceBusy => {
                    in_use(&path, "it is mounted, or another program has it for itself".to_owned())
                }
                _ => failed("cannot open", &path)(error),
            })?,
            NodeKind::File => match disk.open(&path, true) {
                Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                    is_running = true;
                    disk.open(&path, false).map_err(failed("cannot open", &path))?
                }
                opened => opened.map_err(failed("cannot open for writing", &path))?,
            },
            _ => return Err(SaveError::NoFile),
        };
        let facts = disk.facts(&file).map_err(failed("cannot look at", &path))?;
        if !facts.is_same_file(mapped) || facts.links == 0 {
            return Err(replaced());
        }
        if let Some(user) = disk.in_use(&file).map_err(failed("cannot look at", &path))? {
            return Err(in_use(&path, user.by));
        }
        // A file system without locks keeps two savings apart by the check before each write alone.
        let mut file = Lockable::new(disk, file);
        if !file.try_lock().unwrap_or(true) {
            return Err(in_use(&path, "another program saves it, or has it locked".to_owned()));
        }
        Ok(Self { path, file, facts, is_running })
    }
}
