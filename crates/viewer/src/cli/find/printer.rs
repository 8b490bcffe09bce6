//! Formats matches as lines, without `std::fmt` and without an allocation per match: there may be
//! hundreds of millions.

use std::ffi::OsStr;
use std::io::{self, IsTerminal};
use std::ops::Range;

use memmap::scan::Match;
use memmap::{AnyMap, Error, Region, widen};
use serde_json::json;

use super::Name;
use super::output::Screen;
use crate::cli::args::{FindArgs, Shown};
use crate::format::theme::Theme;
use crate::format::{Canonical, DIGITS, Layout, append_address, append_row_lit, character};
use crate::search::context::ContextReader;
use crate::source::printable;

/// Maximum number of bytes shown per match in rows and JSON. The length is always exact.
const SHOWN_MAX: u64 = 4096;

/// Bytes read at once of a long match.
const PIECE_LEN: u64 = 64 << 10;

/// Output format of matches.
#[derive(Debug)]
pub(crate) struct Style {
    kind: Kind,
    /// Printed before each match: the file name, if there are several files.
    prefix: Vec<u8>,
}

#[derive(Debug)]
enum Kind {
    /// The dump row that starts at the match.
    Row(Theme),
    /// Dump rows of the match with context.
    Rows(Theme, u64),
    /// The offset and the bytes. `fixed` has the bytes if all matches are the same.
    Bytes { fixed: Option<Vec<u8>>, are_dotted: bool },
    /// A JSON object, with this many bytes of context.
    Json(Option<u64>),
}

impl Style {
    /// How many bytes before and after the start of a match are printed, if it is no longer than this.
    pub(crate) fn around(asked: &FindArgs, longest: u64) -> (u64, u64) {
        match (asked.context, asked.json, asked.shown.0) {
            (_, false, Shown::Bytes | Shown::Count) | (None, true, _) => (0, 0),
            (Some(context), ..) => (context, longest.min(SHOWN_MAX).saturating_add(context)),
            (None, false, _) => (0, widen(Canonical::ROW)),
        }
    }

    pub(crate) fn of(
        asked: &FindArgs,
        name: &Name,
        is_one_of_many: bool,
        fixed: Option<Vec<u8>>,
    ) -> Self {
        let prefix = if asked.json {
            format!("{{\"type\":\"match\",{},\"offset\":", name.json_keys())
        } else if is_one_of_many {
            format!("{}:", name.text)
        } else {
            String::new()
        };
        let on_terminal = io::stdout().is_terminal();
        let theme = asked.color.theme(on_terminal);
        let kind = match (asked.json, asked.shown.0, asked.context) {
            (true, _, context) => Kind::Json(context),
            // Raw bytes could contain escape sequences.
            (_, Shown::Bytes, _) => Kind::Bytes { fixed, are_dotted: on_terminal },
            (_, _, Some(context)) => Kind::Rows(theme, context),
            (_, _, None) => Kind::Row(theme),
        };
        Self { kind, prefix: prefix.into_bytes() }
    }
}

/// Prints the matches of one file.
#[derive(Debug)]
pub(crate) struct Lines {
    style: Style,
    near: ContextReader,
    /// The searched range. Context does not extend beyond it.
    range: Range<u64>,
    /// The region of the last match.
    region: Option<Range<u64>>,
    /// Number of matches with unreadable bytes, and the first error.
    lost: Option<(u64, Error)>,
}

impl Lines {
    pub(crate) fn new(style: Style, range: Range<u64>) -> Self {
        Self { style, near: ContextReader::default(), range, region: None, lost: None }
    }

    /// Number of matches with unreadable bytes, and the first error.
    pub(crate) const fn lost(&self) -> Option<&(u64, Error)> {
        self.lost.as_ref()
    }

    /// Appends a match. A long match is written in pieces.
    pub(crate) fn append(&mut self, found: &Match, map: &AnyMap, screen: &mut Screen) {
        let out = &mut screen.text;
        if matches!(self.style.kind, Kind::Row(_) | Kind::Rows(..)) {
            self.append_region(found, map, out);
        }
        out.extend_from_slice(&self.style.prefix);
        let is_whole = match &self.style.kind {
            Kind::Bytes { fixed, are_dotted } => {
                append_decimal(found.offset, out);
                out.push(b':');
                let is_whole = match fixed {
                    Some(bytes) => {
                        append_bytes(bytes, *are_dotted, out);
                        true
                    }
                    None => append_match((&mut self.near, map), found, *are_dotted, screen),
                };
                screen.text.push(b'\n');
                is_whole
            }
            &Kind::Row(theme) => {
                let end = found.offset.saturating_add(widen(Canonical::ROW)).min(self.range.end);
                let bytes = self.near.bytes(map, &(found.offset..end));
                let len = usize::try_from(found.len).unwrap_or(usize::MAX);
                append_row_lit::<Canonical>(bytes, found.offset, theme, 0..len, out);
                widen(bytes.len()) >= found.len.min(widen(Canonical::ROW))
            }
            &Kind::Rows(theme, context) => self.append_rows(found, map, (theme, context), out),
            &Kind::Json(context) => self.append_json(found, map, context, out),
        };
        if !is_whole && let Some(why) = self.near.stopped() {
            let (count, _) = self.lost.get_or_insert((0, why));
            *count += 1;
        }
    }

    /// Appends the name of the region that a match is in, before its first one.
    fn append_region(&mut self, found: &Match, map: &AnyMap, out: &mut Vec<u8>) {
        if self.region.as_ref().is_some_and(|region| region.contains(&found.offset)) {
            return;
        }
        let Some(region) = region_of(found, map) else { return };
        self.region = Some(region.range.clone());
        let Region { range, access, .. } = region;
        let line = format!("{:x}-{:x} {access} {}\n", range.start, range.end, name_of(region));
        out.extend_from_slice(line.as_bytes());
    }

    /// Appends `ADDRESS: LENGTH bytes`, and the dump rows including context.
    fn append_rows(
        &mut self,
        found: &Match,
        map: &AnyMap,
        (theme, context): (Theme, u64),
        out: &mut Vec<u8>,
    ) -> bool {
        append_address(found.offset, out);
        out.extend_from_slice(b": ");
        append_decimal(found.len, out);
        out.extend_from_slice(if found.len == 1 { b" byte\n" } else { b" bytes\n" });
        let shown = found.offset..found.offset + found.len.min(SHOWN_MAX);
        let mut start = found.offset.saturating_sub(context).max(self.range.start);
        let end = match found.len {
            0..=SHOWN_MAX => shown.end.saturating_add(context).min(self.range.end),
            _ => shown.end,
        };
        if start + widen(self.near.bytes(map, &(start..end)).len()) < shown.end {
            // The context before may be unreadable while the match is not.
            start = found.offset;
        }
        let bytes = self.near.bytes(map, &(start..end));
        for (at, row) in (0..).step_by(Canonical::ROW).zip(bytes.chunks(Canonical::ROW)) {
            let address = start + at;
            let lit = |offset: u64| usize::try_from(offset.saturating_sub(address)).unwrap_or(16);
            let lit = lit(shown.start)..lit(shown.end);
            append_row_lit::<Canonical>(row, address, theme, lit, out);
        }
        out.push(b'\n');
        start + widen(bytes.len()) >= shown.end
    }

    /// Appends the rest of a JSON object.
    fn append_json(
        &mut self,
        found: &Match,
        map: &AnyMap,
        context: Option<u64>,
        out: &mut Vec<u8>,
    ) -> bool {
        append_decimal(found.offset, out);
        out.extend_from_slice(b",\"length\":");
        append_decimal(found.len, out);
        let end = found.offset + found.len.min(SHOWN_MAX);
        let bytes = self.near.bytes(map, &(found.offset..end));
        let is_whole = found.offset + widen(bytes.len()) == end;
        append_hex("bytes", bytes, out);
        if let Some(region) = region_of(found, map) {
            let name = format!(",\"region\":{}", json!(name_of(region)));
            out.extend_from_slice(name.as_bytes());
        }
        if let Some(context) = context {
            let start = found.offset.saturating_sub(context).max(self.range.start);
            append_hex("before", self.near.bytes(map, &(start..found.offset)), out);
            let end = found.end().saturating_add(context).min(self.range.end);
            append_hex("after", self.near.bytes(map, &(found.end()..end)), out);
        }
        out.extend_from_slice(b"}\n");
        is_whole
    }
}

fn region_of<'m>(found: &Match, map: &'m AnyMap) -> Option<&'m Region> {
    let regions = map.regions();
    let at = regions.partition_point(|region| region.range.end <= found.offset);
    regions.get(at).filter(|region| region.range.start <= found.offset)
}

/// The name of a region, safe to print.
fn name_of(region: &Region) -> String {
    if region.name.is_empty() {
        "[anonymous]".to_owned()
    } else {
        printable(OsStr::new(&region.name))
    }
}

/// Appends all bytes of a match. Returns whether they could be read.
fn append_match(
    (near, map): (&mut ContextReader, &AnyMap),
    found: &Match,
    are_dotted: bool,
    screen: &mut Screen,
) -> bool {
    let mut at = found.offset;
    while at < found.end() && !screen.has_failed() {
        let bytes = near.bytes(map, &(at..found.end().min(at + PIECE_LEN)));
        if bytes.is_empty() {
            return false;
        }
        append_bytes(bytes, are_dotted, &mut screen.text);
        at += widen(bytes.len());
        screen.write_if_much();
    }
    true
}

fn append_bytes(bytes: &[u8], are_dotted: bool, out: &mut Vec<u8>) {
    if are_dotted {
        out.extend(bytes.iter().map(|&byte| character(byte)));
    } else {
        out.extend_from_slice(bytes);
    }
}

/// Appends `,"key":"6162"`.
fn append_hex(key: &str, bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":\"");
    for &byte in bytes {
        out.extend_from_slice(&DIGITS[usize::from(byte)]);
    }
    out.push(b'"');
}

/// The decimal digits of 00 to 99.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number = 0_u8;
    let mut at = 0;
    while at < 100 {
        pairs[at] = [b'0' + number / 10, b'0' + number % 10];
        number += 1;
        at += 1;
    }
    pairs
};

/// Appends a decimal number, two digits at a time.
fn append_decimal(mut number: u64, out: &mut Vec<u8>) {
    // 2^64 has 20 digits.
    let mut digits = [0; 20];
    let mut at = digits.len();
    while number >= 100 {
        at -= 2;
        digits[at..at + 2].copy_from_slice(&pair(number % 100));
        number /= 100;
    }
    let [tens, ones] = pair(number);
    at -= 1;
    digits[at] = ones;
    if number >= 10 {
        at -= 1;
        digits[at] = tens;
    }
    out.extend_from_slice(&digits[at..]);
}

/// The two digits of a number below 100.
fn pair(number: u64) -> [u8; 2] {
    PAIRS[usize::try_from(number).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_in_full() {
        let mut numbers = vec![0, 9, 10, 99, 100, 101, 999, 1000, 12_345, u64::MAX];
        numbers.extend((0..64).map(|bit| 1 << bit));
        for number in numbers {
            let mut out = b"x".to_vec();
            append_decimal(number, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), format!("x{number}"));
        }
    }
}
