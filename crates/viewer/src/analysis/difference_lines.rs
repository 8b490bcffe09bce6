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
        Self { maps, is_aligned, arrow, more, names, width }
    }

    /// Appends the line of a difference.
    pub(crate) fn append(&mut self, found: &Difference, out: &mut Vec<u8>) {
        let [a, b] = self.maps;
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
                self.append_bytes(a, &found.a, out);
                out.extend_from_slice(self.arrow.as_bytes());
                self.append_bytes(b, &found.b, out);
            }
            DifferenceKind::OnlyInA => {
                only(a_name, out);
                self.append_bytes(a, &found.a, out);
            }
            DifferenceKind::OnlyInB => {
                only(b_name, out);
                self.append_bytes(b, &found.b, out);
            }
        }
        out.push(b'\n');
    }

    /// Appends `0x0000abcd`.
    fn append_offset(&self, offset: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(b"0x");
        let bytes = offset.to_be_bytes();
        let digits = bytes.iter().flat_map(|&byte| DIGITS[usize::from(byte)]);
        out.extend(digits.skip(16 - self.width.min(16)));
    }

    /// Appends the first bytes of a range. What cannot be read any more is `??`.
    fn append_bytes(&self, map: &AnyMap, range: &Range<u64>, out: &mut Vec<u8>) {
        let mut bytes = [0; SHOWN];
        let len = usize::try_from(range.end - range.start).unwrap_or(SHOWN).min(SHOWN);
        let shown = &mut bytes[..len];
        let is_read = map.read_into(range.start, shown).is_ok();
        for (index, &byte) in shown.iter().enumerate() {
            if index > 0 {
                out.push(b' ');
            }
            let digits = if is_read { DIGITS[usize::from(byte)] } else { *b"??" };
            out.extend_from_slice(&digits);
        }
        if range.end - range.start > u64::try_from(len).unwrap_or(u64::MAX) {
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
