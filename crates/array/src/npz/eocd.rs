//! The end-of-central-directory record, which says where the directory is.

use super::Source;
use super::source::{damaged, u16_at, u32_at, u64_at};
use crate::{ErrorKind, Result};

const END: &[u8] = b"PK\x05\x06";
const END_LEN: usize = 22;
const LOCATOR: &[u8] = b"PK\x06\x07";
const LOCATOR_LEN: u64 = 20;
const END_64: &[u8] = b"PK\x06\x06";
const END_64_LEN: u64 = 56;
const ENTRY: &[u8] = b"PK\x01\x02";

/// The range of the directory in the file.
pub(super) struct DirectoryRange {
    pub(super) start: u64,
    pub(super) len: u64,
    /// The number of bytes before the archive. Its offsets do not count them.
    pub(super) prefix: u64,
}

/// The fields of an end record, in its 32-bit or 64-bit form.
struct Eocd {
    at: u64,
    directory_len: u64,
    directory_offset: u64,
}

impl DirectoryRange {
    /// # Errors
    /// `NotZip` without an end record, `ZipDamaged` if it contradicts itself or the file.
    pub(super) fn find(source: &Source<'_>) -> Result<Self> {
        let end = find_end(source)?;
        let before_end = end.at.checked_sub(end.directory_len);
        // The directory should end at the end record. If it does not, tries its own offset.
        for start in before_end.into_iter().chain([end.directory_offset]) {
            let Some(prefix) = start.checked_sub(end.directory_offset) else { continue };
            let place = Self { start, len: end.directory_len, prefix };
            if place.is_directory(source, end.at) {
                return Ok(place);
            }
        }
        Err(damaged(end.at, "the directory is not where the end record says"))
    }

    fn is_directory(&self, source: &Source<'_>, end: u64) -> bool {
        let fits = self.start.checked_add(self.len).is_some_and(|it| it <= end);
        fits && (self.len == 0 || source.array::<4>(self.start).is_ok_and(|it| it == ENTRY))
    }
}

fn find_end(source: &Source<'_>) -> Result<Eocd> {
    // A comment of up to 65,535 bytes may follow.
    let tail_len = source.len().min(65_557);
    let tail_start = source.len().saturating_sub(tail_len);
    let tail = source.bytes(tail_start, usize::try_from(tail_len).unwrap_or(0))?;
    let found = tail.windows(END_LEN).enumerate().rev().find(|(at, record)| {
        let comment_len = usize::from(u16_at(record, 20));
        let end = at.saturating_add(END_LEN).saturating_add(comment_len);
        record.starts_with(END) && end <= tail.len()
    });
    let Some((at, record)) = found else { return Err(ErrorKind::NotZip.into()) };
    let at = tail_start.saturating_add(u64::try_from(at).unwrap_or(0));
    if let Some(end) = find_end_64(source, at)? {
        return Ok(end);
    }
    let (disk, directory_disk) = (u16_at(record, 4), u16_at(record, 6));
    let (directory_len, directory_offset) = (u32_at(record, 12), u32_at(record, 16));
    if directory_len == u32::MAX || directory_offset == u32::MAX {
        return Err(damaged(at, "the zip64 end record is missing"));
    }
    one_disk(at, u32::from(disk), u32::from(directory_disk))?;
    Ok(Eocd {
        at,
        directory_len: u64::from(directory_len),
        directory_offset: u64::from(directory_offset),
    })
}

/// The zip64 end record of large archives, if there is one before the end record.
fn find_end_64(source: &Source<'_>, end: u64) -> Result<Option<Eocd>> {
    let Some(locator_at) = end.checked_sub(LOCATOR_LEN) else { return Ok(None) };
    let locator: [u8; 20] = source.array(locator_at)?;
    if !locator.starts_with(LOCATOR) {
        return Ok(None);
    }
    // Directly before its locator, unless it has extensions. The offset does not count bytes before the
    // archive.
    for at in locator_at.checked_sub(END_64_LEN).into_iter().chain([u64_at(&locator, 8)]) {
        let Ok(record) = source.array::<56>(at) else { continue };
        if record.starts_with(END_64) && at < locator_at {
            one_disk(at, u32_at(&record, 16), u32_at(&record, 20))?;
            let (directory_len, directory_offset) = (u64_at(&record, 40), u64_at(&record, 48));
            return Ok(Some(Eocd { at, directory_len, directory_offset }));
        }
    }
    Err(damaged(locator_at, "the zip64 end record is not where its locator says"))
}

fn one_disk(at: u64, disk: u32, directory_disk: u32) -> Result<()> {
    if disk == 0 && directory_disk == 0 {
        return Ok(());
    }
    Err(damaged(at, "the archive is split into several files"))
}
