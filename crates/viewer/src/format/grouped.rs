//! `xxd` and `xxd -b` with any number of columns and bytes per group, and `xxd -e`.

use super::row::Pen;
use super::shape::{Endian, Shape, ShapeError};
use super::{DIGITS, append_address, character};
use crate::format::theme::Theme;

/// Lines with an address, groups of digits, and characters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grouped {
    columns: usize,
    /// Bytes per group, 1 to `columns`.
    group: usize,
    is_little: bool,
    is_binary: bool,
}

impl Grouped {
    /// `xxd -b`.
    pub(super) const BITS: Self = Self { columns: 6, group: 1, is_little: false, is_binary: true };

    pub(super) fn new(shape: Shape, is_binary: bool) -> Result<Self, ShapeError> {
        let is_little = shape.endian == Some(Endian::Little);
        let columns = shape.columns.unwrap_or(if is_binary { 6 } else { 16 });
        let group = shape.group.unwrap_or(match (is_binary, is_little) {
            (true, _) => 1,
            (false, true) => 4,
            (false, false) => 2,
        });
        let group = if group == 0 { columns } else { group.min(columns) };
        if is_little && !(group.is_power_of_two() && columns.is_multiple_of(group)) {
            return Err(ShapeError::LittleGroup);
        }
        Ok(Self { columns, group, is_little, is_binary })
    }

    /// Bytes per line.
    pub(super) const fn columns(&self) -> usize {
        self.columns
    }

    /// Appends a line. The last one may have fewer bytes.
    pub(super) fn append_row(&self, row: &[u8], address: u64, theme: Theme, out: &mut Vec<u8>) {
        append_address(address, out);
        out.extend_from_slice(b": ");
        let mut pen = Pen::new(theme);
        let blanks = if self.is_binary { 8 } else { 2 };
        for place in 0..self.columns {
            if place > 0 && place.is_multiple_of(self.group) {
                pen.lift(out);
                out.push(b' ');
            }
            let index = if self.is_little { place ^ (self.group - 1) } else { place };
            if let Some(&byte) = row.get(index) {
                pen.colour(byte, out);
                self.append_digits(byte, out);
            } else {
                pen.lift(out);
                out.resize(out.len() + blanks, b' ');
            }
        }
        pen.lift(out);
        out.extend_from_slice(b"  ");
        for &byte in row {
            pen.colour(byte, out);
            out.push(character(byte));
        }
        pen.lift(out);
        out.push(b'\n');
    }

    fn append_digits(&self, byte: u8, out: &mut Vec<u8>) {
        if self.is_binary {
            out.extend((0..8).rev().map(|bit| b'0' + (byte >> bit & 1)));
        } else {
            out.extend_from_slice(&DIGITS[usize::from(byte)]);
        }
    }
}
