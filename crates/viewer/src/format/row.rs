use std::ops::Range;

use super::{DIGITS, Repeats, Verdict};
use crate::format::byte_class::ByteClass;
use crate::format::theme::Theme;

/// Where things stand in a line.
pub(crate) trait Layout {
    /// Bytes a line shows.
    const ROW: usize;
    /// Whether a line begins with the address.
    const ADDRESSED: bool;
    /// A line of a full row after its address, with blanks where digits and characters go.
    const TEMPLATE: &'static [u8];
    /// Where the characters begin, if they are shown: that of byte `i` is at `TEXT_AT + i`.
    const TEXT_AT: Option<usize>;
    /// What ends a line, after the digits or, where they are shown, the characters.
    const SUFFIX: &'static [u8];

    /// Where the two digits of byte `i` stand in the template.
    fn digits_at(i: usize) -> usize;

    /// The eight bytes of the template from the digits of byte `i` on, little-endian, with nothing
    /// where the digits of it and the next byte go. (At the end of a line fewer count.)
    #[inline]
    fn blanks_at(i: usize) -> u64 {
        let (first, second) = (Self::digits_at(i), Self::digits_at(i + 1));
        let mut blanks = [0; 8];
        for (ahead, blank) in blanks.iter_mut().enumerate() {
            let at = first + ahead;
            let is_digit = ahead < 2 || (second..second + 2).contains(&at);
            if !is_digit && at < Self::TEMPLATE.len() {
                *blank = Self::TEMPLATE[at];
            }
        }
        u64::from_le_bytes(blanks)
    }
}

/// The character a dump shows for a byte: itself if it is printable ASCII, otherwise a dot.
#[inline]
pub(crate) const fn character(byte: u8) -> u8 {
    if byte.wrapping_sub(b' ') < 95 { byte } else { b'.' }
}

/// Addresses have eight digits, and more where they need them.
const ADDRESS_LEN: usize = 8;
const ADDRESS_LEN_MAX: usize = 16;

/// The eight hexadecimal digits of a number, the first one in the lowest byte.
///
/// All in one register: each halving of the distance spreads the nibbles further, until every
/// byte holds one; those above 9 then step over the gap between `9` and `a` in ASCII.
#[inline]
const fn eight_digits(number: u32) -> [u8; ADDRESS_LEN] {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let mut n = widen_u32(number.swap_bytes());
    n = (n | n << 16) & 0x0000_ffff_0000_ffff;
    n = (n | n << 8) & 0x00ff_00ff_00ff_00ff;
    n = (n >> 4 | n << 8) & 0x0f0f_0f0f_0f0f_0f0f;
    let above_nine = (n + 6 * ONES) >> 4 & ONES;
    (n + 0x30 * ONES + above_nine * 39).to_le_bytes()
}

#[expect(clippy::as_conversions, reason = "`u64::from` is not yet const")]
const fn widen_u32(number: u32) -> u64 {
    number as u64
}

/// The digits of an address above the last eight, and how many there are without leading zeros:
/// none below 4 GiB.
#[inline]
fn high_digits(address: u64) -> ([u8; ADDRESS_LEN], usize) {
    let high = u32::try_from(address >> 32).unwrap_or(u32::MAX);
    let bits = u32::BITS - high.leading_zeros();
    (eight_digits(high), usize::try_from(bits.div_ceil(4)).unwrap_or(ADDRESS_LEN))
}

/// The low half of an address.
#[inline]
fn low(address: u64) -> u32 {
    u32::try_from(address & 0xffff_ffff).unwrap_or(u32::MAX)
}

pub(crate) fn append_address(address: u64, out: &mut Vec<u8>) {
    let (digits, len) = high_digits(address);
    out.extend_from_slice(&digits[ADDRESS_LEN - len..]);
    out.extend_from_slice(&eight_digits(low(address)));
}

/// Appends the lines of full rows: the fast way, without colours.
pub(crate) fn append_rows<L: Layout>(
    rows: &[u8],
    mut address: u64,
    mut repeats: Option<&mut Repeats>,
    out: &mut Vec<u8>,
) {
    // Room for the longest lines there can be, and for what `fill` writes ahead; what was not
    // needed is cut off again below.
    let start = out.len();
    let line_len_max = L::TEMPLATE.len() + if L::ADDRESSED { ADDRESS_LEN_MAX } else { 0 };
    out.resize(start + rows.len() / L::ROW * line_len_max + AHEAD, 0);

    let mut at = start;
    for row in rows.chunks_exact(L::ROW) {
        let verdict = repeats.as_mut().map_or(Verdict::Print, |repeats| repeats.judge(row));
        if verdict == Verdict::Print {
            if L::ADDRESSED {
                if address >> 32 != 0 {
                    let (digits, len) = high_digits(address);
                    out[at..at + len].copy_from_slice(&digits[ADDRESS_LEN - len..]);
                    at += len;
                }
                out[at..at + ADDRESS_LEN].copy_from_slice(&eight_digits(low(address)));
                at += ADDRESS_LEN;
            }
            fill::<L>(row, &mut out[at..at + L::TEMPLATE.len() + AHEAD]);
            at += L::TEMPLATE.len();
        } else if verdict == Verdict::Star {
            out[at..at + 2].copy_from_slice(b"*\n");
            at += 2;
        }
        address += memmap::widen(L::ROW);
    }
    out.truncate(at);
}

/// Bytes behind a line that [`fill`] may write to, before the next line does.
const AHEAD: usize = 8;

/// Writes the line of a full row over the start of `line`.
///
/// Two bytes are placed at a time: their four digits and the blanks of the template around them
/// make one word of eight bytes, whose end the next word, or the characters, then overwrite. That
/// is half the stores, and no copy of the template.
#[inline]
fn fill<L: Layout>(row: &[u8], line: &mut [u8]) {
    let (head, len) = (L::digits_at(0), L::TEMPLATE.len());
    let line = &mut line[..len + AHEAD];
    line[..head].copy_from_slice(&L::TEMPLATE[..head]);
    for i in (0..L::ROW).step_by(2) {
        let at = L::digits_at(i);
        let apart = 8 * (L::digits_at(i + 1) - at);
        let word = L::blanks_at(i)
            | u64::from(u16::from_le_bytes(DIGITS[usize::from(row[i])]))
            | u64::from(u16::from_le_bytes(DIGITS[usize::from(row[i + 1])])) << apart;
        line[at..at + 8].copy_from_slice(&word.to_le_bytes());
    }
    if let Some(text_at) = L::TEXT_AT {
        for (slot, &byte) in line[text_at..text_at + L::ROW].iter_mut().zip(row) {
            *slot = character(byte);
        }
    }
    line[len - L::SUFFIX.len()..len].copy_from_slice(L::SUFFIX);
}

/// Appends the line of one row, full or not, in colours or not.
pub(crate) fn append_row<L: Layout>(row: &[u8], address: u64, theme: Theme, out: &mut Vec<u8>) {
    append_row_lit::<L>(row, address, theme, 0..row.len(), out);
}

/// The same, with colours for these bytes only.
pub(crate) fn append_row_lit<L: Layout>(
    row: &[u8],
    address: u64,
    theme: Theme,
    lit: Range<usize>,
    out: &mut Vec<u8>,
) {
    if L::ADDRESSED {
        append_address(address, out);
    }
    let mut pen = Pen { theme, class: None };
    let mut at = 0;
    for (i, &byte) in row.iter().enumerate() {
        let digits_at = L::digits_at(i);
        out.extend_from_slice(&L::TEMPLATE[at..digits_at]);
        pen.paint(lit.contains(&i), byte, out);
        out.extend_from_slice(&DIGITS[usize::from(byte)]);
        at = digits_at + 2;
    }
    if let Some(text_at) = L::TEXT_AT {
        pen.lift(out);
        out.extend_from_slice(&L::TEMPLATE[at..text_at]);
        for (i, &byte) in row.iter().enumerate() {
            pen.paint(lit.contains(&i), byte, out);
            out.push(character(byte));
        }
    }
    pen.lift(out);
    out.extend_from_slice(L::SUFFIX);
}

/// Writes a colour only where it changes: a line of one class costs one code, not sixteen.
struct Pen {
    theme: Theme,
    class: Option<ByteClass>,
}

impl Pen {
    fn paint(&mut self, is_lit: bool, byte: u8, out: &mut Vec<u8>) {
        if is_lit { self.colour(byte, out) } else { self.lift(out) }
    }

    fn colour(&mut self, byte: u8, out: &mut Vec<u8>) {
        let class = ByteClass::of(byte);
        if self.class != Some(class) {
            out.extend_from_slice(self.theme.sgr(class));
            self.class = Some(class);
        }
    }

    fn lift(&mut self, out: &mut Vec<u8>) {
        if self.class.take().is_some() {
            out.extend_from_slice(self.theme.sgr_end());
        }
    }
}
