//! Records as bytes.

use std::time::{Duration, SystemTime};

use memmap_core::disk::{Facts, NodeKind, Process, Sectors};

use super::JournalError;
use super::record::{
    Edit, Inserted, Record, Rewriting, SavingAttributes, SavingPlan, SavingRange, SavingWay, Seen,
    SeenBytes, Splice, TemporaryFile, Time,
};

/// Collects the fields of a record.
#[derive(Debug, Default)]
pub(super) struct Put {
    pub(super) bytes: Vec<u8>,
}

macro_rules! put {
    ($($name:ident: $type:ty),*) => {
        $(pub(super) fn $name(&mut self, value: $type) {
            self.bytes.extend_from_slice(&value.to_le_bytes());
        })*
    };
}

impl Put {
    put!(u8: u8, u32: u32, u64: u64, i64: i64, u128: u128);

    /// The length of a list, which is at most that of the bytes that it is made of.
    pub(super) fn count(&mut self, len: usize) -> Result<(), JournalError> {
        let len = u32::try_from(len)
            .map_err(|_too_large| JournalError::TooLarge { len: memmap_core::widen(len) })?;
        self.u32(len);
        Ok(())
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), JournalError> {
        self.count(bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn option<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Self, T)) {
        self.u8(u8::from(value.is_some()));
        if let Some(value) = value {
            put(self, value);
        }
    }

    fn time(&mut self, (seconds, nanos): Time) {
        self.i64(seconds);
        self.u32(nanos);
    }

    pub(super) fn process(&mut self, process: &Process) -> Result<(), JournalError> {
        self.bytes(process.host.as_bytes())?;
        self.bytes(process.boot.as_bytes())?;
        self.u32(process.id);
        self.u64(process.started);
        self.u32(process.user);
        Ok(())
    }

    pub(super) fn facts(&mut self, facts: &Facts) -> Result<(), JournalError> {
        self.u8(match facts.kind {
            NodeKind::File => 0,
            NodeKind::Device => 1,
            NodeKind::Folder => 2,
            NodeKind::Link => 3,
            NodeKind::Other => 4,
        });
        self.u64(facts.device);
        self.u128(facts.inode);
        self.option(facts.generation, Self::u32);
        for time in [facts.born, facts.modified, facts.changed] {
            self.option(time.map(since_epoch), Self::time);
        }
        self.u64(facts.len);
        self.u64(facts.links);
        self.option(facts.sectors, |put, sectors| {
            put.u32(sectors.logical);
            put.u32(sectors.physical);
        });
        self.u8(u8::from(facts.is_read_only));
        self.bytes(facts.serial.as_bytes())
    }

    fn edit(&mut self, edit: &Edit) -> Result<(), JournalError> {
        self.u32(edit.state);
        self.u32(edit.parent);
        self.time(edit.time);
        self.count(edit.splices.len())?;
        for Splice { place, removed, inserted, seen } in &edit.splices {
            self.u64(*place);
            self.u64(*removed);
            self.count(inserted.len())?;
            for piece in inserted {
                self.inserted(piece)?;
            }
            self.count(seen.len())?;
            for Seen { start, source, bytes } in seen {
                self.u64(*start);
                self.u32(*source);
                self.seen(bytes)?;
            }
        }
        Ok(())
    }

    fn inserted(&mut self, piece: &Inserted) -> Result<(), JournalError> {
        let (tag, number, start, len) = match piece {
            Inserted::Bytes(bytes) => {
                self.u8(0);
                return self.bytes(bytes);
            }
            Inserted::Fill { pattern, phase, len } => {
                self.u8(1);
                self.u32(*phase);
                self.u64(*len);
                return self.bytes(pattern);
            }
            Inserted::Base { source, start, len } => (2, *source, *start, *len),
            Inserted::Spool { file, start, len } => (3, *file, *start, *len),
        };
        self.u8(tag);
        self.u32(number);
        self.u64(start);
        self.u64(len);
        Ok(())
    }

    fn seen(&mut self, seen: &SeenBytes) -> Result<(), JournalError> {
        match seen {
            SeenBytes::Exact(bytes) => {
                self.u8(0);
                self.bytes(bytes)?;
            }
            SeenBytes::Digest { block_len, digests } => {
                self.u8(1);
                self.u64(*block_len);
                self.count(digests.len())?;
                for digest in digests {
                    self.bytes.extend_from_slice(digest);
                }
            }
            SeenBytes::Unread { len } => {
                self.u8(2);
                self.u64(*len);
            }
        }
        Ok(())
    }
}

/// Takes fields from bytes that are not trusted. `None`: they are not what was written.
#[derive(Debug)]
pub(super) struct Take<'a>(pub(super) &'a [u8]);

macro_rules! take {
    ($($name:ident: $type:ty),*) => {
        $(pub(super) fn $name(&mut self) -> Option<$type> {
            let (value, rest) = self.0.split_first_chunk()?;
            self.0 = rest;
            Some(<$type>::from_le_bytes(*value))
        })*
    };
}

impl<'a> Take<'a> {
    take!(u8: u8, u16: u16, u32: u32, u64: u64, i64: i64, u128: u128);

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (value, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*value)
    }

    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.u32()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(bytes)
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?.to_vec()).ok()
    }

    fn flag(&mut self) -> Option<bool> {
        match self.u8()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    #[expect(clippy::option_option, reason = "the outer one says that the bytes are wrong")]
    fn option<T>(&mut self, take: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.flag()? { take(self).map(Some) } else { Some(None) }
    }

    /// A list whose elements take at least so many bytes each, so that what is left of the record bounds
    /// the memory.
    fn list<T>(
        &mut self,
        least: usize,
        mut take: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let count = usize::try_from(self.u32()?).ok()?;
        if count > self.0.len() / least {
            return None;
        }
        (0..count).map(|_| take(self)).collect()
    }

    fn time(&mut self) -> Option<Time> {
        let time = (self.i64()?, self.u32()?);
        (time.1 < 1_000_000_000).then_some(time)
    }

    pub(super) fn process(&mut self) -> Option<Process> {
        Some(Process {
            host: self.text()?,
            boot: self.text()?,
            id: self.u32()?,
            started: self.u64()?,
            user: self.u32()?,
        })
    }

    pub(super) fn facts(&mut self) -> Option<Facts> {
        let kind = match self.u8()? {
            0 => NodeKind::File,
            1 => NodeKind::Device,
            2 => NodeKind::Folder,
            3 => NodeKind::Link,
            4 => NodeKind::Other,
            _ => return None,
        };
        let (device, inode) = (self.u64()?, self.u128()?);
        let generation = self.option(Self::u32)?;
        let mut times = [None; 3];
        for time in &mut times {
            if let Some(since) = self.option(Self::time)? {
                *time = Some(system_time(since)?);
            }
        }
        let [born, modified, changed] = times;
        let (len, links) = (self.u64()?, self.u64()?);
        let sectors = self.option(|take| {
            let (logical, physical) = (take.u32()?, take.u32()?);
            Some(Sectors { logical, physical })
        })?;
        let (is_read_only, serial) = (self.flag()?, self.text()?);
        Some(Facts {
            kind,
            device,
            inode,
            generation,
            born,
            len,
            modified,
            changed,
            links,
            sectors,
            is_read_only,
            serial,
        })
    }

    fn edit(&mut self) -> Option<Edit> {
        Some(Edit {
            state: self.u32()?,
            parent: self.u32()?,
            time: self.time()?,
            splices: self.list(24, |take| {
                Some(Splice {
                    place: take.u64()?,
                    removed: take.u64()?,
                    inserted: take.list(5, Self::inserted)?,
                    seen: take.list(17, Self::seen)?,
                })
            })?,
        })
    }

    fn inserted(&mut self) -> Option<Inserted> {
        Some(match self.u8()? {
            0 => Inserted::Bytes(self.bytes()?.to_vec()),
            1 => {
                let (phase, len) = (self.u32()?, self.u64()?);
                Inserted::Fill { phase, len, pattern: self.bytes()?.to_vec() }
            }
            2 => Inserted::Base { source: self.u32()?, start: self.u64()?, len: self.u64()? },
            3 => Inserted::Spool { file: self.u32()?, start: self.u64()?, len: self.u64()? },
            _ => return None,
        })
    }

    fn seen(&mut self) -> Option<Seen> {
        let (start, source) = (self.u64()?, self.u32()?);
        let bytes = match self.u8()? {
            0 => SeenBytes::Exact(self.bytes()?.to_vec()),
            1 => SeenBytes::Digest {
                block_len: self.u64()?,
                digests: self.list(32, Self::array::<32>)?,
            },
            2 => SeenBytes::Unread { len: self.u64()? },
            _ => return None,
        };
        Some(Seen { start, source, bytes })
    }
}

impl Record {
    /// The number of its kind, and its payload.
    pub(super) fn encode(&self) -> Result<(u16, Vec<u8>), JournalError> {
        let mut put = Put::default();
        match self {
            Self::Edit(edit) => put.edit(edit)?,
            Self::GoTo { state, time } => {
                put.u32(*state);
                put.time(*time);
            }
            Self::Marks(bytes) => put.bytes.extend_from_slice(bytes),
            Self::Plan(SavingPlan { way, old_len, new_len, state }) => {
                put.u8(u8::from(*way == SavingWay::Rewrite));
                put.u64(*old_len);
                put.u64(*new_len);
                put.u32(*state);
            }
            Self::Range(SavingRange { start, old, new }) => {
                if old.len().max(new.len()) > SavingRange::LEN_MAX {
                    let len = memmap_core::widen(old.len().max(new.len()));
                    return Err(JournalError::TooLarge { len });
                }
                put.u64(*start);
                put.count(old.len())?;
                put.count(new.len())?;
                put.bytes.extend_from_slice(old);
                put.bytes.extend_from_slice(new);
            }
            Self::Planned { count, digest } => {
                put.u64(*count);
                put.bytes.extend_from_slice(digest);
            }
            Self::Rewriting(Rewriting { name, file }) => {
                put.bytes(name)?;
                put.option(*file, |put, file| {
                    put.u128(file.inode);
                    put.option(file.generation, Put::u32);
                    put.option(file.born, Put::time);
                });
            }
            Self::Attributes(SavingAttributes { owner, mode, extended }) => {
                put.option(*owner, |put, (user, group)| {
                    put.u32(user);
                    put.u32(group);
                });
                put.option(*mode, Put::u32);
                put.count(extended.len())?;
                for (name, value) in extended {
                    put.bytes(name.as_bytes())?;
                    put.bytes(value)?;
                }
            }
            Self::Spooled { file, name, len } => {
                put.u32(*file);
                put.u64(*len);
                put.bytes(name)?;
            }
            Self::Resumed(process) => put.process(process)?,
            Self::Done | Self::Back | Self::Unfinished | Self::Discarded | Self::Closed => {}
        }
        Ok((self.kind(), put.bytes))
    }

    const fn kind(&self) -> u16 {
        match self {
            Self::Edit(_) => 1,
            Self::GoTo { .. } => 2,
            Self::Marks(_) => 3,
            Self::Spooled { .. } => 4,
            Self::Plan(_) => 16,
            Self::Range(_) => RANGE,
            Self::Planned { .. } => 18,
            Self::Rewriting(_) => 19,
            Self::Done => 20,
            Self::Back => 21,
            Self::Unfinished => 22,
            Self::Attributes(_) => 23,
            Self::Discarded => 32,
            Self::Closed => 33,
            Self::Resumed(_) => 34,
        }
    }

    /// The record of a payload. `None`: it is not what was written.
    pub(super) fn decode(kind: u16, payload: &[u8]) -> Option<Self> {
        let mut take = Take(payload);
        let record = match kind {
            1 => Self::Edit(take.edit()?),
            2 => Self::GoTo { state: take.u32()?, time: take.time()? },
            3 => Self::Marks(std::mem::take(&mut take.0).to_vec()),
            4 => {
                let (file, len) = (take.u32()?, take.u64()?);
                Self::Spooled { file, len, name: take.bytes()?.to_vec() }
            }
            16 => Self::Plan(SavingPlan {
                way: if take.flag()? { SavingWay::Rewrite } else { SavingWay::InPlace },
                old_len: take.u64()?,
                new_len: take.u64()?,
                state: take.u32()?,
            }),
            RANGE => Self::Range(take.range()?),
            18 => Self::Planned { count: take.u64()?, digest: take.array()? },
            19 => Self::Rewriting(Rewriting {
                name: take.bytes()?.to_vec(),
                file: take.option(|take| {
                    Some(TemporaryFile {
                        inode: take.u128()?,
                        generation: take.option(Take::u32)?,
                        born: take.option(Take::time)?,
                    })
                })?,
            }),
            20 => Self::Done,
            21 => Self::Back,
            22 => Self::Unfinished,
            23 => Self::Attributes(SavingAttributes {
                owner: take.option(|take| Some((take.u32()?, take.u32()?)))?,
                mode: take.option(Take::u32)?,
                extended: take.list(8, |take| Some((take.text()?, take.bytes()?.to_vec())))?,
            }),
            32 => Self::Discarded,
            33 => Self::Closed,
            34 => Self::Resumed(take.process()?),
            _ => return None,
        };
        take.0.is_empty().then_some(record)
    }
}

impl Take<'_> {
    fn range(&mut self) -> Option<SavingRange> {
        let start = self.u64()?;
        let old = usize::try_from(self.u32()?).ok()?;
        let new = usize::try_from(self.u32()?).ok()?;
        if old.max(new) > SavingRange::LEN_MAX || self.0.len() != old.checked_add(new)? {
            return None;
        }
        let (old, new) = std::mem::take(&mut self.0).split_at_checked(old)?;
        Some(SavingRange { start, old: old.to_vec(), new: new.to_vec() })
    }
}

/// The kind of a range of a saving, whose old bytes start [`RANGE_HEAD_LEN`] bytes after its payload does.
pub(super) const RANGE: u16 = 17;
pub(super) const RANGE_HEAD_LEN: u64 = 16;

/// Whether records of this kind are known.
pub(super) const fn is_known(kind: u16) -> bool {
    matches!(kind, 1..=4 | 16..=23 | 32..=34)
}

fn since_epoch(time: SystemTime) -> Time {
    let epoch = SystemTime::UNIX_EPOCH;
    match time.duration_since(epoch) {
        Ok(after) => (i64::try_from(after.as_secs()).unwrap_or(i64::MAX), after.subsec_nanos()),
        Err(before) => {
            let before = before.duration();
            let seconds = i64::try_from(before.as_secs()).unwrap_or(i64::MAX);
            match before.subsec_nanos() {
                0 => (-seconds, 0),
                nanos => ((-seconds).saturating_sub(1), 1_000_000_000 - nanos),
            }
        }
    }
}

fn system_time((seconds, nanos): Time) -> Option<SystemTime> {
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let epoch = SystemTime::UNIX_EPOCH;
    let start = if seconds < 0 { epoch.checked_sub(whole) } else { epoch.checked_add(whole) };
    start?.checked_add(Duration::from_nanos(nanos.into()))
}
