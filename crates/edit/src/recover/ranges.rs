use std::io;
use std::ops::Range;

use memmap_core::disk::{Disk, Facts, Stored};
use memmap_core::widen;

use super::{Kept, RecoverError, Unfinished};

/// What a file is after a saving that was cut short.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "recovery decides each")]
pub enum Standing {
    /// All is new: only the journal does not say so.
    Complete,
    /// All is old.
    Untouched,
    /// Some is old and some new; range by range.
    Mixed(Vec<RangeStanding>),
    /// Another program wrote to it since: there are bytes that are neither.
    Changed(Vec<Range<u64>>),
    /// Another file has the name, or none has.
    OtherFile,
}

/// A range of a saving that was cut short.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RangeStanding {
    /// Where in the file.
    pub range: Range<u64>,
    /// The bytes that are new, of those that differ from the old ones by whole sectors.
    pub new: u64,
    /// The bytes that are old.
    pub old: u64,
}

/// What a disk writes as a whole, or not at all.
pub(super) const SECTOR: u64 = 512;

/// What a part of a sector is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Old and new bytes are the same, and are there.
    Both,
    Old,
    New,
    Other,
}

/// The parts of a range by sectors of the file, as positions in the range. What only one of both versions has
/// is apart: the file may end anywhere there.
pub(super) fn sectors(start: u64, old: &[u8], new: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let (shorter, len) = (old.len().min(new.len()), old.len().max(new.len()));
    let mut at = 0;
    std::iter::from_fn(move || {
        let place = start.saturating_add(widen(at));
        let next = (place / SECTOR).saturating_add(1).saturating_mul(SECTOR);
        let step = usize::try_from(next.saturating_sub(place)).unwrap_or(usize::MAX);
        let end = if at < shorter { shorter } else { len };
        let part = at..at.saturating_add(step).min(end);
        at = part.end;
        (!part.is_empty()).then_some(part)
    })
}

/// The bytes of a part, as far as there are any.
pub(super) fn bytes_of<'a>(bytes: &'a [u8], part: &Range<usize>) -> &'a [u8] {
    bytes.get(part.start.min(bytes.len())..part.end.min(bytes.len())).unwrap_or_default()
}

/// What a part of a range is. `now` ends where the file does.
pub(super) fn part_of(old: &[u8], new: &[u8], now: &[u8], part: &Range<usize>) -> Part {
    let [old, new, now] = [old, new, now].map(|bytes| bytes_of(bytes, part));
    match (now == old, now == new) {
        (true, true) => Part::Both,
        (true, false) => Part::Old,
        (false, true) => Part::New,
        (false, false) if !old.is_empty() && !new.is_empty() => Part::Other,
        // The file was being extended, or cut: what is there is a beginning, or zeros where the length was
        // written before the bytes.
        (false, false) => {
            let only = if old.is_empty() { new } else { old };
            let same = only.iter().zip(now).take_while(|(only, now)| only == now).count();
            let is_rest_zero = now.iter().skip(same).all(|&byte| byte == 0);
            match is_rest_zero {
                true if old.is_empty() => Part::Old,
                true => Part::New,
                false => Part::Other,
            }
        }
    }
}

impl<M: Stored> Unfinished<M> {
    /// Old and new bytes of a range.
    pub(super) fn bytes(&self, range: &Kept) -> Result<(Vec<u8>, Vec<u8>), RecoverError> {
        let read = |range: &Range<u64>| {
            let len = usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX);
            self.kept.read_at(range.start, len)
        };
        Ok((read(&range.old)?, read(&range.new)?))
    }

    /// The bytes that are at a range, as far as the file goes.
    pub(super) fn now(
        &self,
        file: &<M::Disk as Disk>::File,
        start: u64,
        len: usize,
    ) -> io::Result<Vec<u8>> {
        let mut now = vec![0; len];
        let mut done = 0;
        while let Some(rest) = now.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.disk.read_at(file, rest, start.saturating_add(widen(done))) {
                Ok(0) => break,
                Ok(count) => done = done.saturating_add(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        now.truncate(done);
        Ok(now)
    }

    /// Compares the file with old and new bytes.
    pub(super) fn compare(
        &self,
        file: &<M::Disk as Disk>::File,
        facts: &Facts,
    ) -> Result<Standing, RecoverError> {
        let (old_len, new_len) = (self.saving.plan.old_len, self.saving.plan.new_len);
        if !(old_len.min(new_len)..=old_len.max(new_len)).contains(&facts.len) {
            let end = facts.len.max(old_len).max(new_len);
            let behind = old_len.min(new_len)..end;
            return Ok(Standing::Changed(Vec::from([behind])));
        }
        let (mut found, mut others) = (Vec::new(), Vec::new());
        let (mut has_old, mut has_new) = (false, false);
        for range in &self.saving.ranges {
            let (old, new) = self.bytes(range)?;
            let len = old.len().max(new.len());
            let now = self.now(file, range.start, len).map_err(self.failed("cannot read"))?;
            let place = |at: usize| range.start.saturating_add(widen(at));
            let mut standing = RangeStanding { range: range.start..place(len), new: 0, old: 0 };
            for part in sectors(range.start, &old, &new) {
                let count = widen(part.len());
                match part_of(&old, &new, &now, &part) {
                    Part::Both => {}
                    Part::Old => standing.old = standing.old.saturating_add(count),
                    Part::New => standing.new = standing.new.saturating_add(count),
                    Part::Other => others.push(place(part.start)..place(part.end)),
                }
            }
            (has_old, has_new) = (has_old || standing.old > 0, has_new || standing.new > 0);
            found.push(standing);
        }
        if !others.is_empty() {
            return Ok(Standing::Changed(others));
        }
        // The length is a part of its own.
        has_old |= facts.len != new_len;
        has_new |= facts.len != old_len;
        Ok(match (has_old, has_new) {
            (false, _) => Standing::Complete,
            (true, false) => Standing::Untouched,
            (true, true) => Standing::Mixed(found),
        })
    }
}
