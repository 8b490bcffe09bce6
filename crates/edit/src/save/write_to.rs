use std::ffi::OsString;
use std::io;
use std::path::Path;

use memmap_core::disk::{Attributes, Disk, Stored};
use memmap_core::{Progress, widen};

use super::io_steps::failed;
use super::{Draft, SaveError};

/// Bytes written at once.
const PIECE_LEN: usize = 1 << 20;

impl<M: Stored> Draft<M> {
    /// Writes the whole version to a file of this name, which it gets when it is complete and durable. A file
    /// that has the name is replaced only if `replaces`. The overlay goes on with its own file. Returns the
    /// length.
    ///
    /// # Errors
    /// [`SaveError::Exists`]; [`SaveError::Unreadable`]: nothing unreadable is written as zeros. After any error
    /// what had the name has it still, and no other file is left.
    pub fn write_to(
        self,
        path: &Path,
        replaces: bool,
        progress: &Progress,
    ) -> Result<u64, SaveError> {
        let disk = self.base.map().mapping().disk();
        let exists = || SaveError::Exists { path: path.to_path_buf() };
        let name = path.file_name().ok_or(SaveError::NoFile)?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or_else(|| Path::new("."));
        let folder = disk.folder(parent).map_err(failed("cannot open the folder of", path))?;
        // Before the work, not after it. The name is taken in a way that replaces nothing all the same.
        let there = disk.look_in(&folder, name).map_err(failed("cannot look at", path))?;
        if there.is_some() && !replaces {
            return Err(exists());
        }
        let mut temporary = OsString::from(".saving-");
        temporary.push(crate::random::hex());
        let file = disk.create(&folder, &temporary).map_err(failed("cannot make", path))?;
        let made = self.fill(&disk, &file, path, progress).and_then(|len| {
            let named = if replaces {
                disk.rename(&folder, &temporary, name)
            } else {
                disk.rename_new(&folder, &temporary, name)
            };
            match named {
                Ok(()) => Ok(len),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists()),
                Err(error) => Err(failed("cannot rename to", path)(error)),
            }
        });
        if made.is_err() {
            // Nobody but us knows its name.
            disk.remove(&folder, &temporary).ok();
            return made;
        }
        disk.sync_folder(&folder).map_err(failed("cannot sync the folder of", path))?;
        made
    }

    /// Writes all bytes, and brings them to the device. Zeros become holes.
    fn fill(
        &self,
        disk: &M::Disk,
        file: &<M::Disk as Disk>::File,
        path: &Path,
        progress: &Progress,
    ) -> Result<u64, SaveError> {
        self.give_mode(disk, file, path)?;
        let len = self.version.len();
        disk.set_len(file, len).map_err(failed("cannot write to", path))?;
        let mut piece = vec![0; PIECE_LEN];
        let mut at = 0;
        while at < len {
            if progress.is_cancelled() {
                return Err(SaveError::Cancelled);
            }
            let count =
                usize::try_from(len.saturating_sub(at)).unwrap_or(usize::MAX).min(PIECE_LEN);
            let bytes = piece.get_mut(..count).unwrap_or_default();
            let unreadable = self.version.rescue(at, bytes)?;
            if !unreadable.is_empty() {
                return Err(SaveError::Unreadable(unreadable));
            }
            if bytes.iter().any(|&byte| byte != 0) {
                super::io_steps::write(disk, file, bytes, at)
                    .map_err(failed("cannot write to", path))?;
            }
            at = at.saturating_add(widen(count));
            progress.add_done(widen(count));
        }
        disk.sync(file, true).map_err(failed("cannot write to", path))?;
        Ok(len)
    }

    /// The permissions of the file that is edited.
    fn give_mode(
        &self,
        disk: &M::Disk,
        file: &<M::Disk as Disk>::File,
        path: &Path,
    ) -> Result<(), SaveError> {
        let Some(edited) = self.base.map().path() else { return Ok(()) };
        let Ok(edited) = disk.open(edited, false) else { return Ok(()) };
        let of_edited = disk.attributes(&edited).map_err(failed("cannot look at", path))?;
        // A program that runs as another user is not made by writing its bytes to a new file.
        let mode = of_edited.mode.map(|mode| mode & 0o777);
        let attributes = Attributes { mode, ..Attributes::default() };
        disk.give(file, &attributes).map_err(failed("cannot give permissions to", path))?;
        Ok(())
    }
}
