//! Formats bytes and numbers as text, and parses numbers. This file has the dump formats.
//!
//! Each format is a [`Layout`]: the positions of the digits and characters in a line of fixed
//! width. A line is made from a template and lookup tables, without `std::fmt`, so that a dump is
//! as fast as the pipe it writes to.
//!
//! Three formats match the output of an existing tool to the byte: `hexdump -C`, `xxd` and `xxd
//! -p`.

pub(crate) mod theme;
pub(crate) mod terminal_kind;
pub(crate) mod charset;
pub(crate) mod hex;
mod row;
mod canonical;
mod plain;
mod xxd;
pub(crate) mod copy_as;
pub(crate) mod locale;
pub(crate) mod parse_size;
pub(crate) mod printable;
pub(crate) mod units;
pub(crate) mod width;

pub(crate) use canonical::Canonical;
pub(crate) use hex::DIGITS;
pub(crate) use row::{Layout, append_address, append_row_lit, character};

use plain::Plain;
use row::{append_row, append_rows};
use theme::Theme;
use xxd::Xxd;

/// Dump formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
#[non_exhaustive]
pub enum Format {
    /// Output of `hexdump -C`: 16 bytes per line, repeated lines shown as `*`
    #[default]
    Canonical,
    /// Output of `xxd`: 16 bytes per line in groups of two
    Xxd,
    /// Output of `xxd -p`: 30 bytes per line, digits only
    Plain,
}

impl Format {
    /// Bytes per line.
    pub const fn row_len(self) -> usize {
        match self {
            Self::Canonical => Canonical::ROW,
            Self::Xxd => Xxd::ROW,
            Self::Plain => Plain::ROW,
        }
    }
}

/// Formats a stream of bytes as lines.
///
/// Each piece must consist of whole rows, except the last. The output does not depend on the size
/// of the pieces.
#[derive(Debug)]
pub struct Formatter {
    format: Format,
    squeeze: bool,
    theme: Theme,
    /// The address of the next byte.
    address: u64,
    repeats: Repeats,
}

/// State for squeezing repeated rows.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    last: Option<[u8; Canonical::ROW]>,
    starred: bool,
}

/// How to print a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mappability {
    Print,
    Star,
    Skip,
}

impl Repeats {
    /// Decides about the next full row. Only rows of 16 bytes are squeezed.
    #[inline]
    pub(crate) fn judge(&mut self, row: &[u8]) -> Mappability {
        let Ok(row) = <[u8; Canonical::ROW]>::try_from(row) else { return Mappability::Print };
        if self.last == Some(row) {
            let first = !self.starred;
            self.starred = true;
            return if first { Mappability::Star } else { Mappability::Skip };
        }
        self.last = Some(row);
        self.starred = false;
        Mappability::Print
    }
}

impl Formatter {
    /// Starts a dump at this address. Colours are written as ANSI escape codes.
    pub fn new(format: Format, squeezing: Squeezing, theme: Theme, start: u64) -> Self {
        let squeeze = squeezing == Squeezing::On && format == Format::Canonical;
        Self { format, squeeze, theme, address: start, repeats: Repeats::default() }
    }

    /// Appends the lines of the next bytes to `out`. All pieces but the last must be whole rows.
    pub fn append(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        match self.format {
            Format::Canonical => self.append_as::<Canonical>(bytes, out),
            Format::Xxd => self.append_as::<Xxd>(bytes, out),
            Format::Plain => self.append_as::<Plain>(bytes, out),
        }
    }

    fn append_as<L: Layout>(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let full = bytes.len() - bytes.len() % L::ROW;
        let (rows, rest) = bytes.split_at(full);
        if self.theme == Theme::Mono {
            let repeats = self.squeeze.then_some(&mut self.repeats);
            append_rows::<L>(rows, self.address, repeats, out);
            self.address += memmap::widen(rows.len());
        } else {
            for row in rows.chunks_exact(L::ROW) {
                match if self.squeeze { self.repeats.judge(row) } else { Mappability::Print } {
                    Mappability::Print => append_row::<L>(row, self.address, self.theme, out),
                    Mappability::Star => out.extend_from_slice(b"*\n"),
                    Mappability::Skip => {}
                }
                self.address += memmap::widen(row.len());
            }
        }
        if !rest.is_empty() {
            append_row::<L>(rest, self.address, self.theme, out);
            self.address += memmap::widen(rest.len());
        }
    }

    /// Appends the trailer: the end address, if the format has one.
    pub fn append_end(&self, out: &mut Vec<u8>) {
        if self.format == Format::Canonical && self.address != 0 {
            append_address(self.address, out);
            out.push(b'\n');
        }
    }
}

/// Whether to squeeze repeated lines into one `*`, in formats that support it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a choice of two")]
pub enum Squeezing {
    /// Squeeze repeated lines.
    On,
    /// Print every line.
    Off,
}
