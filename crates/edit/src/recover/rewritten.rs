use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use memmap_core::disk::{Disk, Facts, Stored};

use super::{RecoverError, Standing, Unfinished};
use crate::journal::TemporaryFile;

impl<M: Stored> Unfinished<M> {
    /// Which file has the name: the old one, ours, or another one.
    pub(super) fn look_at_names(&self) -> Result<Standing, RecoverError> {
        let (folder, name) = self.place()?;
        let named = self.disk.look_in(&folder, &name).map_err(self.failed("cannot look at"))?;
        let Some(named) = named else { return Ok(Standing::OtherFile) };
        if self.is_file(&named) {
            return Ok(Standing::Untouched);
        }
        let is_ours = self.temporary().is_some_and(|file| is_it(&file, &named));
        Ok(if is_ours { Standing::Complete } else { Standing::OtherFile })
    }

    /// Removes what is left of a rewrite. Returns whether the new file has the name.
    pub(super) fn settle_names(&self) -> Result<bool, RecoverError> {
        let (folder, name) = self.place()?;
        let temporary = self.saving.rewriting.as_ref().and_then(|it| name_of(&it.name));
        let is_done = self.standing == Standing::Complete;
        let look = |name: &OsString| self.disk.look_in(&folder, name);
        let left = temporary.as_ref().map(look).transpose().map(Option::flatten);
        let left = left.map_err(self.failed("cannot look beside"))?;
        if is_done {
            let old =
                temporary.as_deref().filter(|_| left.as_ref().is_some_and(|it| self.is_file(it)));
            self.write_names_again(&folder, &name, old)?;
        }
        // The exchange may not be durable yet, and the old file is removed only after it is.
        self.disk.sync_folder(&folder).map_err(self.failed("cannot sync the folder of"))?;
        let Some(temporary) = temporary else { return Ok(is_done) };
        let may_go = left.is_some_and(|left| {
            if is_done {
                // A writer that waited in `open` for the lease got the old file.
                self.is_file(&left) && left.len == self.saving.plan.old_len
            } else {
                // Before it is recorded which one it is, nothing is written to it.
                self.temporary().map_or(left.len == 0, |file| is_it(&file, &left))
            }
        });
        if may_go {
            self.disk
                .remove(&folder, &temporary)
                .map_err(self.failed("cannot remove a file beside"))?;
        }
        Ok(is_done)
    }

    /// Exchanges the names of the new file and the `old` one twice, so that they are written again: after a
    /// failed sync the system takes them for written, whatever the disk has, and syncs nothing.
    ///
    /// # Errors
    /// Of the system; also if a sync failed and there is no old file to exchange names with.
    fn write_names_again(
        &self,
        folder: &<M::Disk as Disk>::Folder,
        name: &OsStr,
        old: Option<&OsStr>,
    ) -> Result<(), RecoverError> {
        if let Some(old) = old {
            for _ in 0..2 {
                match self.disk.exchange(folder, old, name) {
                    Err(error) if error.kind() == io::ErrorKind::Unsupported => break,
                    exchanged => exchanged.map_err(self.failed("cannot write the name of"))?,
                }
            }
            return Ok(());
        }
        // After another start of the system, what it shows is what the disk has.
        let is_doubtful = self
            .saving
            .failed_in
            .as_ref()
            .is_some_and(|boot| *boot == self.disk.this_process().boot);
        if is_doubtful {
            let source = io::Error::other(
                "an earlier sync of its folder failed; what the disk has is known after the system starts again",
            );
            return Err(self.failed("cannot tell whether the disk has the new name of")(source));
        }
        Ok(())
    }

    fn temporary(&self) -> Option<TemporaryFile> {
        self.saving.rewriting.as_ref()?.file
    }

    fn place(&self) -> Result<(<M::Disk as Disk>::Folder, OsString), RecoverError> {
        let name = self.path.file_name().unwrap_or_else(|| OsStr::new("")).to_os_string();
        let parent = self.path.parent().unwrap_or_else(|| Path::new("."));
        let folder = self.disk.folder(parent).map_err(self.failed("cannot open the folder of"))?;
        Ok((folder, name))
    }
}

/// Whether a file is the one that was recorded.
pub(super) fn is_it(file: &TemporaryFile, found: &Facts) -> bool {
    let born = file.born.and_then(|(seconds, nanos)| {
        let since = Duration::new(u64::try_from(seconds).ok()?, nanos);
        SystemTime::UNIX_EPOCH.checked_add(since)
    });
    file.inode == found.inode
        && (file.generation.is_none()
            || found.generation.is_none()
            || file.generation == found.generation)
        && (born.is_none() || found.born.is_none() || born == found.born)
}

/// A name from its bytes in the journal: one name, and no way to another folder.
fn name_of(bytes: &[u8]) -> Option<OsString> {
    let name = std::str::from_utf8(bytes).ok()?;
    let is_name = !name.is_empty() && Path::new(name).file_name() == Some(OsStr::new(name));
    is_name.then(|| OsString::from(name))
}
