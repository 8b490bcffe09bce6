//! How long journals are kept.

use std::ffi::OsString;
use std::time::{Duration, SystemTime};

use memmap_core::disk::Disk;

use super::folder::{Journals, is_name, is_spool_of};
use super::{EndedBy, JournalError, Listed, Standing, Summary};

/// What the folder of journals may hold. A journal with unsaved edits or an unfinished saving stays, and so
/// does one that cannot be read. One of a session that changed nothing goes at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "there are only these")]
pub struct Limits {
    /// The bytes of all journals. Beyond, the finished ones go, the oldest first.
    pub bytes: u64,
    /// How long finished ones stay.
    pub finished: Duration,
    /// How long discarded ones stay.
    pub discarded: Duration,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for Limits {
    /// 2 GiB; 30 days; 7 days.
    fn default() -> Self {
        Self { bytes: 2 << 30, finished: DAY * 30, discarded: DAY * 7 }
    }
}

/// A journal that was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Removed {
    /// Its name.
    pub name: OsString,
    /// What it was.
    pub standing: Standing,
    /// The bytes of it and of its spooled files.
    pub bytes: u64,
}

/// A journal by its file alone.
struct Found {
    name: OsString,
    bytes: u64,
    age: Duration,
}

impl<D: Disk> Journals<D> {
    /// Removes what the limits do not allow. Journals are read only if they are old enough, or if they are
    /// too many.
    ///
    /// # Errors
    /// [`JournalError::Io`] if the folder cannot be read or synced. A journal that cannot be read or removed
    /// stays.
    pub fn tidy(&self, limits: Limits, now: SystemTime) -> Result<Vec<Removed>, JournalError> {
        let names = self.disk().names(self.handle()).map_err(JournalError::io("list"))?;
        let mut found: Vec<Found> = Vec::new();
        for name in names.iter().filter(|name| is_name(name)) {
            let Ok(Some(facts)) = self.disk().look_in(self.handle(), name) else { continue };
            let spools = names.iter().filter(|spool| is_spool_of(spool, name));
            let spooled =
                spools.filter_map(|spool| self.disk().look_in(self.handle(), spool).ok()?);
            let bytes = spooled.map(|facts| facts.len).fold(facts.len, u64::saturating_add);
            let age = facts.modified.and_then(|time| now.duration_since(time).ok());
            found.push(Found { name: name.clone(), bytes, age: age.unwrap_or_default() });
        }
        found.sort_by(|a, b| b.age.cmp(&a.age).then_with(|| a.name.cmp(&b.name)));
        let mut left = found.iter().map(|found| found.bytes).fold(0, u64::saturating_add);
        let mut removed = Vec::new();
        for Found { name, bytes, age } in found {
            let is_over = left > limits.bytes;
            // The shortest that any of them stays.
            if !is_over && age <= limits.discarded.min(limits.finished) && bytes > SMALL_LEN {
                continue;
            }
            let may_go = |listed: &Listed| match listed.standing {
                Standing::Finished => {
                    // A session that changed nothing left nothing.
                    let did = |summary: &Summary| summary.edits > 0 || summary.savings > 0;
                    let is_idle = !listed.summary.as_ref().is_none_or(did);
                    is_idle || is_over || age > limits.finished
                }
                Standing::Discarded => age > limits.discarded,
                Standing::Empty => true,
                _ => false,
            };
            if let Ok(Some(standing)) = self.remove_if(&name, may_go, &names) {
                left = left.saturating_sub(bytes);
                removed.push(Removed { name, standing, bytes });
            }
        }
        if !removed.is_empty() {
            self.disk().sync_folder(self.handle()).map_err(JournalError::io("remove"))?;
        }
        Ok(removed)
    }

    /// Removes a journal under its lock, if it may go then. Returns what it was.
    fn remove_if(
        &self,
        name: &OsString,
        may_go: impl Fn(&Listed) -> bool,
        names: &[OsString],
    ) -> Result<Option<Standing>, JournalError> {
        let failed = JournalError::io("remove");
        let (listed, file) = self.examine(name)?;
        // A torn one may have had unsaved edits after what can be read.
        let is_whole = listed.end.is_none_or(|end| end.by == EndedBy::File);
        let (Some(file), true, true) = (file, is_whole, may_go(&listed)) else { return Ok(None) };
        let facts = self.disk().facts(&file).map_err(JournalError::io("remove"))?;
        let there = self.disk().look_in(self.handle(), name).map_err(JournalError::io("remove"))?;
        if !there.is_some_and(|there| there.is_same_file(&facts)) {
            return Ok(None);
        }
        self.disk().remove(self.handle(), name).map_err(failed)?;
        for spool in names.iter().filter(|spool| is_spool_of(spool, name)) {
            // A spooled file without its journal is of no use, and of no harm.
            drop(self.disk().remove(self.handle(), spool));
        }
        Ok(Some(listed.standing))
    }
}

/// A file up to this length has no records, or few.
const SMALL_LEN: u64 = 4096 + 512;
