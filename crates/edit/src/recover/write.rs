use std::ops::Range;

use memmap_core::disk::{Disk as _, Stored};
use memmap_core::widen;

use crate::exact;

use super::ranges::{Part, part_of, sectors};
use super::{Direction, RecoverError, Unfinished};

impl<M: Stored> Unfinished<M> {
    /// Writes all ranges, in the order of a saving. Cut short, it can begin again.
    ///
    /// What looks right is written too: after a failed sync the system shows the new bytes and takes them for
    /// written, while the device has the old ones.
    pub(super) fn write(&self, direction: Direction) -> Result<(), RecoverError> {
        let Some(file) = &self.file else {
            return Err(RecoverError::OtherFile { path: self.path.clone() });
        };
        let disk = &self.disk;
        let attributes =
            disk.attributes(file).map_err(self.failed("cannot read the attributes of"))?;
        // The saving, or one before it that did not finish, took some away and was cut short.
        let savings = self.before.iter().chain([&self.saving]);
        let attributes = savings
            .filter_map(|saving| saving.attributes.as_ref())
            .fold(attributes, |now, before| now.with_taken(&before.into()));
        for range in &self.saving.ranges {
            let (old, new) = self.bytes(range)?;
            let wanted = match direction {
                Direction::Forward => &new,
                Direction::Back => &old,
            };
            let now = self.now(file, range.start, old.len().max(new.len()));
            let now = now.map_err(self.failed("cannot read"))?;
            let mut parts = sectors(range.start, &old, &new);
            if parts.any(|part| part_of(&old, &new, &now, &part) == Part::Other) {
                return Err(self.changed(range.start..range.start.saturating_add(widen(now.len()))));
            }
            exact::write(disk, file, wanted, range.start)
                .map_err(self.failed("cannot write to"))?;
        }
        let (len, longer) = match direction {
            Direction::Forward => (self.saving.plan.new_len, self.saving.plan.old_len),
            Direction::Back => (self.saving.plan.old_len, self.saving.plan.new_len),
        };
        // Nothing is known of what was synced before: everything is.
        disk.sync(file, true).map_err(self.failed("cannot sync"))?;
        let now = disk.facts(file).map_err(self.failed("cannot look at"))?.len;
        if now > len.max(longer) {
            return Err(self.changed(len..now));
        }
        // A length that is right is set too, for the same reason.
        if now >= len && self.saving.plan.old_len != self.saving.plan.new_len {
            disk.set_len(file, len).map_err(self.failed("cannot cut"))?;
            disk.sync(file, true).map_err(self.failed("cannot sync"))?;
        }
        disk.give_back(file, &attributes).map_err(self.failed("cannot give attributes to"))?;
        if attributes.takes_sync() {
            disk.sync(file, true).map_err(self.failed("cannot sync"))?;
        }
        Ok(())
    }

    fn changed(&self, range: Range<u64>) -> RecoverError {
        RecoverError::Changed { path: self.path.clone(), ranges: vec![range] }
    }
}
