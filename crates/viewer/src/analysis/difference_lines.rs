//! Differences as lines of text: printed, or copied.

use std::ops::Range;

use memmap::AnyMap;
use memmap::compare::{Difference, DifferenceKind};

use crate::format::hex::DIGITS;
use crate::format::locale::Locale;

/// Bytes of each file that are shown of a difference.
const SHOWN: usize = 8;

/// Formats differences.
pub(crate) struct Lines<'d> {
    maps: [&'d AnyMap; 2],
    is_aligned: bool,
    arrow: &'static str,
    more: &'static str,
    /// The files' own names, unless they have the same one.
    names: (&'d str, &'d str),
    /// Digits of an offset.
    width: usize,
    /// The bytes of both files that are shown of the differences in hand.
    shown: Vec<[Shown; 2]>,
}

/// The first bytes of a range.
#[derive(Clone, Copy, Default)]
struct Shown {
    bytes: [u8; SHOWN],
    len: usize,
    is_read: bool,
}

impl Shown {
    fn read(map: &AnyMap, range: &Range<u64>) -> Self {
        let mut bytes = [0; SHOWN];
        let len = usize::try_from(range.end - range.start).unwrap_or(SHOWN).min(SHOWN);
        let is_read = map.read_into(range.start, &mut bytes[..len]).is_ok();
        Self { bytes, len, is_read }
    }
}

impl<'d> Lines<'d> {
    pub(crate) fn new(
        maps: [&'d AnyMap; 2],
        paths: [&'d str; 2],
        is_aligned: bool,
        locale: Locale,
    ) -> Self {
        let (arrow, more) = if locale.is_utf8 { (" → ", " …") } else { (" -> ", " ...") };
        let longest = maps[0].len().max(maps[1].len());
        let width = format!("{longest:x}").len().max(8);
        let own = |name: &'d str| name.rsplit(std::path::MAIN_SEPARATOR).next().unwrap_or(name);
        let (paths, names) = ((paths[0], paths[1]), (own(paths[0]), own(paths[1])));
        let names = if names.0 == names.1 { paths } else { names };
        Self { maps, is_aligned, arrow, more, names, width, shown: Vec::new() }
    }

    /// Appends the lines of differences.
    pub(crate) fn append(&mut self, batch: &[Difference], out: &mut Vec<u8>) {
        // First of all the bytes are read, most of which are not in a cache: so the processor waits for
        // many of them at once.
        let mut shown = std::mem::take(&mut self.shown);
        let [a, b] = self.maps;
        shown.extend(batch.iter().map(|found| match found.kind {
            DifferenceKind::Changed => [Shown::read(a, &found.a), Shown::read(b, &found.b)],
            DifferenceKind::OnlyInA => [Shown::read(a, &found.a), Shown::default()],
            DifferenceKind::OnlyInB => [Shown::default(), Shown::read(b, &found.b)],
            DifferenceKind::Unreadable => Default::default(),
        }));
        for (found, shown) in batch.iter().zip(&shown) {
            self.append_line(found, shown, out);
        }
        shown.clear();
        self.shown = shown;
    }

    fn append_line(&self, found: &Difference, [a, b]: &[Shown; 2], out: &mut Vec<u8>) {
        let (a_len, b_len) = (found.a.end - found.a.start, found.b.end - found.b.start);
        if self.is_aligned {
            self.append_offset(found.a.start, out);
            out.extend_from_slice(b"  ");
            self.append_offset(found.b.start, out);
            let lens = format!("  {a_len}{}{b_len}  ", self.arrow);
            out.extend_from_slice(lens.as_bytes());
        } else {
            self.append_offset(found.a.start, out);
            // Ranges of two parts have two offsets.
            if found.a.start != found.b.start {
                out.extend_from_slice(b"  ");
                self.append_offset(found.b.start, out);
            }
            out.extend_from_slice(b"  ");
            append_decimal(a_len.max(b_len), out);
            out.extend_from_slice(b"  ");
        }
        let only = |name: &str, out: &mut Vec<u8>| {
            out.extend_from_slice(b"only in ");
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"  ");
        };
        let (a_name, b_name) = self.names;
        match found.kind {
            DifferenceKind::Unreadable => out.extend_from_slice(b"?? not compared"),
            DifferenceKind::Changed => {
                self.append_bytes(a, a_len, out);
                out.extend_from_slice(self.arrow.as_bytes());
                self.append_bytes(b, b_len, out);
            }
            DifferenceKind::OnlyInA => {
                only(a_name, out);
                self.append_bytes(a, a_len, out);
            }
            DifferenceKind::OnlyInB => {
                only(b_name, out);
                self.append_bytes(b, b_len, out);
            }
        }
        out.push(b'\n');
    }

    /// Appends `0x0000abcd`.
    fn append_offset(&self, offset: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(b"0x");
        let mut digits = [0; 16];
        let (pairs, _) = digits.as_chunks_mut::<2>();
        for (pair, byte) in pairs.iter_mut().zip(offset.to_be_bytes()) {
            *pair = DIGITS[usize::from(byte)];
        }
        out.extend_from_slice(&digits[16 - self.width.min(16)..]);
    }

    /// Appends the first bytes of a range. What cannot be read any more is `??`.
    fn append_bytes(&self, shown: &Shown, range_len: u64, out: &mut Vec<u8>) {
        for (index, &byte) in shown.bytes[..shown.len].iter().enumerate() {
            if index > 0 {
                out.push(b' ');
            }
            let digits = if shown.is_read { DIGITS[usize::from(byte)] } else { *b"??" };
            out.extend_from_slice(&digits);
        }
        if range_len > u64::try_from(shown.len).unwrap_or(u64::MAX) {
            out.extend_from_slice(self.more.as_bytes());
        }
    }
}

fn append_decimal(number: u64, out: &mut Vec<u8>) {
    match u8::try_from(number) {
        Ok(digit @ 0..=9) => out.push(b'0' + digit),
        _ => out.extend_from_slice(number.to_string().as_bytes()),
    }
}
