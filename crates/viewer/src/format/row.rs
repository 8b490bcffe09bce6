use std::ops::Range;

use memmap::scan::ByteClass;

use super::{DIGITS, Repeats, Verdict};
use crate::format::theme::Theme;

/// The layout of a line.
pub(crate) trait Layout {
    /// Bytes per line.
    const ROW: usize;
    /// Whether a line starts with the address.
    const ADDRESSED: bool;
    /// A full line after its address, with blanks in place of digits and characters.
    const TEMPLATE: &'static [u8];
    /// The position of the characters, if there are any: that of byte `i` is at `TEXT_AT + i`.
    const TEXT_AT: Option<usize>;
    /// The end of a line, after the digits and characters.
    const SUFFIX: &'static [u8];

    /// The position of the two digits of byte `i` in the template.
    fn digits_at(i: usize) -> usize;

    /// The eight bytes of the template that start at the digits of byte `i`, little-endian, with
    /// zeros in place of the digits of this byte and the next. At the end of a line there are
    /// fewer.
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

/// Minimum number of digits in an address.
const ADDRESS_LEN: usize = 8;
const ADDRESS_LEN_MAX: usize = 16;

/// The eight hexadecimal digits of a number, the first one in the lowest byte.
///
/// Works in a single register: each step halves the distance between nibbles, until every byte
/// holds one. Digits above 9 then skip the gap between `9` and `a` in ASCII.
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

/// The digits of an address above the low eight, and their count without leading zeros: 0 below 4
/// GiB.
#[inline]
fn high_digits(address: u64) -> ([u8; ADDRESS_LEN], usize) {
    let high = u32::try_from(address >> 32).unwrap_or(u32::MAX);
    let bits = u32::BITS - high.leading_zeros();
    (eight_digits(high), usize::try_from(bits.div_ceil(4)).unwrap_or(ADDRESS_LEN))
}

/// The low 32 bits of an address.
#[inline]
fn low(address: u64) -> u32 {
    u32::try_from(address & 0xffff_ffff).unwrap_or(u32::MAX)
}

pub(crate) fn append_address(address: u64, out: &mut Vec<u8>) {
    let (digits, len) = high_digits(address);
    out.extend_from_slice(&digits[ADDRESS_LEN - len..]);
    out.extend_from_slice(&eight_digits(low(address)));
}

/// Appends the lines of full rows without colours: the fast path.
pub(crate) fn append_rows<L: Layout>(
    rows: &[u8],
    mut address: u64,
    mut repeats: Option<&mut Repeats>,
    out: &mut Vec<u8>,
) {
    // Room for the longest possible lines, plus what `fill` writes ahead. The excess is truncated
    // below.
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

/// [`fill`] may write this many bytes past the end of a line.
const AHEAD: usize = 8;

/// Writes the line of a full row to the start of `line`.
///
/// Two bytes are formatted at a time: their four digits and the blanks around them make a word of
/// eight bytes, whose tail is overwritten by the next word or the characters. This halves the
/// number of stores and avoids a copy of the template.
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

/// Appends the line of a row, which may be partial, in the colours of the theme.
pub(crate) fn append_row<L: Layout>(row: &[u8], address: u64, theme: Theme, out: &mut Vec<u8>) {
    append_row_lit::<L>(row, address, theme, 0..row.len(), out);
}

/// The same, with colours only for some bytes.
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
    let mut pen = Pen::new(theme);
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

/// Writes an escape code only when the colour changes: one per run of a class, not one per byte.
pub(super) struct Pen {
    theme: Theme,
    class: Option<ByteClass>,
}

impl Pen {
    pub(super) const fn new(theme: Theme) -> Self {
        Self { theme, class: None }
    }

    fn paint(&mut self, is_lit: bool, byte: u8, out: &mut Vec<u8>) {
        if is_lit { self.colour(byte, out) } else { self.lift(out) }
    }

    pub(super) fn colour(&mut self, byte: u8, out: &mut Vec<u8>) {
        let class = ByteClass::of(byte);
        if self.class != Some(class) {
            out.extend_from_slice(self.theme.sgr(class));
            self.class = Some(class);
        }
    }

    pub(super) fn lift(&mut self, out: &mut Vec<u8>) {
        if self.class.take().is_some() {
            out.extend_from_slice(self.theme.sgr_end());
        }
    }
}
