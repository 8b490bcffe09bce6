//! A member's entry in the directory, and its own header.

use std::ops::Range;

use super::member::Data;
use super::source::{damaged, u16_at, u32_at, u64_at};
use super::{Member, Method, Source, cp437};
use crate::Result;

const ENTRY: &[u8] = b"PK\x01\x02";
const ENTRY_LEN: usize = 46;
const LOCAL: &[u8] = b"PK\x03\x04";
const LOCAL_LEN: u64 = 30;

const ENCRYPTED: u16 = 1 << 0;
const SIZES_FOLLOW: u16 = 1 << 3;
const PATCHED: u16 = 1 << 5;
const UTF8: u16 = 1 << 11;

/// An entry of the directory.
pub(super) struct CentralHeader<'a> {
    flags: u16,
    method: u16,
    compressed_len: u64,
    len: u64,
    crc: u32,
    local_at: u64,
    name: &'a [u8],
}

impl<'a> CentralHeader<'a> {
    /// Parses the entry at the start of `rest`, and returns the rest. `at` is its offset in the file.
    pub(super) fn parse(rest: &'a [u8], at: u64) -> Result<(Self, &'a [u8])> {
        const TOO_SHORT: &str = "an entry of the directory is cut short";
        let Some((record, rest)) = rest.split_at_checked(ENTRY_LEN) else {
            return Err(damaged(at, TOO_SHORT));
        };
        if !record.starts_with(ENTRY) {
            return Err(damaged(at, "an entry of the directory is expected here"));
        }
        let take =
            |rest: &'a [u8], at_len| rest.split_at_checked(usize::from(u16_at(record, at_len)));
        let parts = take(rest, 28).and_then(|(name, rest)| {
            let (extra, rest) = take(rest, 30)?;
            let (_comment, rest) = take(rest, 32)?;
            Some((name, extra, rest))
        });
        let Some((name, extra, rest)) = parts else { return Err(damaged(at, TOO_SHORT)) };
        let mut entry = Self {
            flags: u16_at(record, 8),
            method: u16_at(record, 10),
            compressed_len: u64::from(u32_at(record, 20)),
            len: u64::from(u32_at(record, 24)),
            crc: u32_at(record, 16),
            local_at: u64::from(u32_at(record, 42)),
            name,
        };
        let numbers = [&mut entry.len, &mut entry.compressed_len, &mut entry.local_at];
        if !widen(numbers, extra) {
            return Err(damaged(at, "an entry of the directory lacks its 64-bit numbers"));
        }
        Ok((entry, rest))
    }

    /// The member, with what its own header says about where its data is.
    pub(super) fn member(
        &self,
        source: &Source<'_>,
        prefix: u64,
        directory_at: u64,
    ) -> Result<Member> {
        let method = Method::of(self.method);
        let data = if self.flags & ENCRYPTED != 0 {
            Data::Encrypted
        } else if matches!(method, Method::Other(_)) || self.flags & PATCHED != 0 {
            Data::Compressed(Err("its compression method is not supported"))
        } else {
            match (method, self.range(source, prefix, directory_at)?) {
                (Method::Deflated, range) => Data::Compressed(range),
                (_, Ok(range)) => Data::Stored(range),
                (_, Err(problem)) => Data::Broken(problem),
            }
        };
        Ok(Member::new(self.decoded_name(), method, (self.len, self.crc), data))
    }

    /// The range of the data, or what is wrong with it. Only a failed read is an outer error.
    fn range(
        &self,
        source: &Source<'_>,
        prefix: u64,
        directory_at: u64,
    ) -> Result<std::result::Result<Range<u64>, &'static str>> {
        let local_at = self.local_at.checked_add(prefix);
        let header_end = local_at.and_then(|at| at.checked_add(LOCAL_LEN));
        let (Some(at), Some(header_end)) = (local_at, header_end) else {
            return Ok(Err("its header is beyond the end of the file"));
        };
        if header_end > directory_at {
            return Ok(Err("its header is not before the directory"));
        }
        let header: [u8; 30] = source.array(at)?;
        let (name_len, extra_len) = (u16_at(&header, 26), u16_at(&header, 28));
        let extra_at = header_end.saturating_add(u64::from(name_len));
        let start = extra_at.saturating_add(u64::from(extra_len));
        if !header.starts_with(LOCAL) {
            return Ok(Err("its header is not where the directory says"));
        }
        if start > directory_at {
            return Ok(Err("its header does not end before the directory"));
        }
        if self.method == 0 && self.len != self.compressed_len {
            return Ok(Err("the directory gives it two different lengths"));
        }
        let end = start.checked_add(self.compressed_len);
        let Some(end) = end.filter(|&end| end <= directory_at) else {
            return Ok(Err("its data does not end before the directory"));
        };
        let name = source.bytes(header_end, usize::from(name_len))?;
        let extra = source.bytes(extra_at, usize::from(extra_len))?;
        if name != self.name || u16_at(&header, 8) != self.method {
            return Ok(Err("its header and the directory disagree about its name or method"));
        }
        let flags = u16_at(&header, 6);
        if flags & ENCRYPTED != 0 {
            return Ok(Err("its header says that it is encrypted, but the directory does not"));
        }
        let mut compressed_len = u64::from(u32_at(&header, 18));
        let mut len = u64::from(u32_at(&header, 22));
        let mut nowhere = 0;
        let is_widened = widen([&mut len, &mut compressed_len, &mut nowhere], &extra);
        let is_known = flags & SIZES_FOLLOW == 0;
        if is_known && !(is_widened && len == self.len && compressed_len == self.compressed_len) {
            return Ok(Err("its header and the directory disagree about its length"));
        }
        Ok(Ok(start..end))
    }

    fn decoded_name(&self) -> String {
        let name = if self.flags & UTF8 == 0 {
            self.name.iter().map(|&byte| cp437::decode(byte)).collect()
        } else {
            String::from_utf8_lossy(self.name).into_owned()
        };
        // As in Python, a zero byte ends the name.
        match name.split_once('\0') {
            Some((name, _)) => name.to_owned(),
            None => name,
        }
    }
}

/// Replaces numbers that do not fit into 32 bits by those in the extra field, which has them in this
/// order. Returns whether it had all of them.
fn widen(numbers: [&mut u64; 3], extra: &[u8]) -> bool {
    let mut long = long_numbers(extra);
    for number in numbers {
        if *number == u64::from(u32::MAX) {
            let Some((first, rest)) = long.split_at_checked(8) else { return false };
            *number = u64_at(first, 0);
            long = rest;
        }
    }
    true
}

fn long_numbers(mut extra: &[u8]) -> &[u8] {
    while let Some((head, rest)) = extra.split_at_checked(4) {
        let (kind, len) = (u16_at(head, 0), usize::from(u16_at(head, 2)));
        let Some((field, rest)) = rest.split_at_checked(len) else { break };
        if kind == 1 {
            return field;
        }
        extra = rest;
    }
    &[]
}
