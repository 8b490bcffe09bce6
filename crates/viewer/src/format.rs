//! Formats bytes and numbers as text, and parses numbers. This file has the dump formats.
//!
//! Each format is a [`Layout`]: the positions of the digits and characters in a line of fixed
//! width. A line is made from a template and lookup tables, without `std::fmt`, so that a dump is
//! as fast as the pipe it writes to.
//!
//! Formats match the output of an existing tool to the byte: `hexdump -C`, and `xxd` with its options `-p`, `-b`,
//! `-e`, `-i`, `-c` and `-g`. Lines of any shape ([`grouped`]) and literals of languages ([`literal`]) are written
//! without a template.

pub(crate) mod theme;
pub(crate) mod terminal_kind;
pub(crate) mod charset;
pub(crate) mod hex;
mod row;
mod canonical;
mod plain;
mod xxd;
pub(crate) mod shape;
mod grouped;
mod literal;
pub(crate) mod parse_dump;
pub(crate) mod copy_as;
pub(crate) mod locale;
pub(crate) mod note_colour;
pub(crate) mod note_list;
pub(crate) mod packing;
pub(crate) mod parse_bytes;
pub(crate) mod parse_pasted;
pub(crate) mod parse_size;
pub(crate) mod printable;
pub(crate) mod units;
pub(crate) mod width;

pub(crate) use canonical::Canonical;
pub(crate) use hex::DIGITS;
pub(crate) use row::{Layout, append_address, append_row_lit, character};

use grouped::Grouped;
use literal::Literal;
use plain::Plain;
use row::{append_row, append_rows};
use shape::{Shape, ShapeError};
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
    /// Output of `xxd -b`: 6 bytes per line as binary digits
    Bits,
    /// Output of `xxd -i`: an array of C with the name of the file, 12 bytes per line
    C,
    /// A constant of Rust with the name of the file, 12 bytes per line
    Rust,
    /// A bytes object of Python with the name of the file, 16 bytes per line
    Python,
    /// An array of numbers in JSON, 16 bytes per line
    Json,
}

impl Format {
    /// Whether a language reads the output, so that it has an end that closes it.
    pub(crate) const fn is_literal(self) -> bool {
        matches!(self, Self::C | Self::Rust | Self::Python | Self::Json)
    }

    /// Bytes per line.
    pub const fn row_len(self) -> usize {
        match self {
            Self::Canonical => Canonical::ROW,
            Self::Xxd => Xxd::ROW,
            Self::Plain => Plain::ROW,
            Self::Bits => 6,
            Self::C | Self::Rust => 12,
            Self::Python | Self::Json => 16,
        }
    }
}

/// Formats a stream of bytes as lines.
///
/// Each piece must consist of whole rows, except the last. The output does not depend on the size
/// of the pieces.
#[derive(Debug)]
pub struct Formatter {
    writer: Writer,
    theme: Theme,
    /// The address of the next byte.
    address: u64,
}

/// How the lines are made.
#[derive(Debug)]
enum Writer {
    Canonical(Option<Repeats>),
    Xxd,
    Plain,
    Grouped(Grouped),
    Literal(Literal),
}

/// State for squeezing repeated rows.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    last: Option<[u8; Canonical::ROW]>,
    starred: bool,
}

/// How to print a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Print,
    Star,
    Skip,
}

impl Repeats {
    /// Decides about the next full row. Only rows of 16 bytes are squeezed.
    #[inline]
    pub(crate) fn judge(&mut self, row: &[u8]) -> Verdict {
        let Ok(row) = <[u8; Canonical::ROW]>::try_from(row) else { return Verdict::Print };
        if self.last == Some(row) {
            let first = !self.starred;
            self.starred = true;
            return if first { Verdict::Star } else { Verdict::Skip };
        }
        self.last = Some(row);
        self.starred = false;
        Verdict::Print
    }
}

impl Formatter {
    /// Starts a dump at this address. Colours are written as ANSI escape codes.
    pub fn new(format: Format, squeezing: Squeezing, theme: Theme, start: u64) -> Self {
        let writer = match format {
            Format::Canonical => {
                Writer::Canonical((squeezing == Squeezing::On).then(Repeats::default))
            }
            Format::Xxd => Writer::Xxd,
            Format::Plain => Writer::Plain,
            Format::Bits => Writer::Grouped(Grouped::BITS),
            _ => Writer::Literal(Literal::new(format, None)),
        };
        Self { writer, theme, address: start }
    }

    /// The same with lines of another shape.
    pub(crate) fn shaped(mut self, format: Format, shape: Shape) -> Result<Self, ShapeError> {
        shape.check(format)?;
        if shape != Shape::default() {
            self.writer = match format {
                Format::Xxd | Format::Bits => {
                    Writer::Grouped(Grouped::new(shape, format == Format::Bits)?)
                }
                _ => Writer::Literal(Literal::new(format, shape.columns)),
            };
        }
        Ok(self)
    }

    /// Gives the array of a language the name of a file.
    pub(crate) fn named(&mut self, file: &[u8]) {
        if let Writer::Literal(literal) = &mut self.writer {
            literal.named(file);
        }
    }

    /// Bytes per row: each piece must have a multiple of it.
    pub(crate) const fn row_len(&self) -> usize {
        match &self.writer {
            Writer::Canonical(_) => Canonical::ROW,
            Writer::Xxd => Xxd::ROW,
            Writer::Plain => Plain::ROW,
            Writer::Grouped(grouped) => grouped.columns(),
            Writer::Literal(_) => 1,
        }
    }

    /// Appends the lines of the next bytes to `out`. All pieces but the last must be whole rows.
    pub fn append(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let (theme, mut address) = (self.theme, self.address);
        match &mut self.writer {
            Writer::Canonical(repeats) => {
                append_as::<Canonical>(bytes, address, theme, repeats.as_mut(), out);
            }
            Writer::Xxd => append_as::<Xxd>(bytes, address, theme, None, out),
            Writer::Plain => append_as::<Plain>(bytes, address, theme, None, out),
            Writer::Grouped(grouped) => {
                for row in bytes.chunks(grouped.columns()) {
                    grouped.append_row(row, address, theme, out);
                    address += memmap::widen(row.len());
                }
            }
            Writer::Literal(literal) => literal.append(bytes, out),
        }
        self.address += memmap::widen(bytes.len());
    }

    /// Goes on at another address.
    pub(crate) fn go_to(&mut self, address: u64) {
        self.address = address;
        if let Writer::Canonical(Some(repeats)) = &mut self.writer {
            *repeats = Repeats::default();
        }
    }

    /// Whether more rows of zeros would print nothing.
    pub(crate) fn squeezes_zeros(&self) -> bool {
        let Writer::Canonical(Some(repeats)) = &self.writer else { return false };
        repeats.starred && repeats.last == Some([0; Canonical::ROW])
    }

    /// Passes over rows of zeros that would print nothing.
    pub(crate) fn skip_zeros(&mut self, len: u64) {
        debug_assert!(self.squeezes_zeros(), "they would be printed");
        self.address += len;
    }

    /// Appends the trailer, if the format has one: the end address, or what closes an array.
    pub fn append_end(&self, out: &mut Vec<u8>) {
        match &self.writer {
            Writer::Canonical(_) if self.address != 0 => {
                append_address(self.address, out);
                out.push(b'\n');
            }
            Writer::Literal(literal) => literal.append_end(out),
            _ => {}
        }
    }
}

fn append_as<L: Layout>(
    bytes: &[u8],
    mut address: u64,
    theme: Theme,
    mut repeats: Option<&mut Repeats>,
    out: &mut Vec<u8>,
) {
    let full = bytes.len() - bytes.len() % L::ROW;
    let (rows, rest) = bytes.split_at(full);
    if theme == Theme::Mono {
        append_rows::<L>(rows, address, repeats, out);
        address += memmap::widen(rows.len());
    } else {
        for row in rows.chunks_exact(L::ROW) {
            let verdict = repeats.as_mut().map_or(Verdict::Print, |repeats| repeats.judge(row));
            match verdict {
                Verdict::Print => append_row::<L>(row, address, theme, out),
                Verdict::Star => out.extend_from_slice(b"*\n"),
                Verdict::Skip => {}
            }
            address += memmap::widen(row.len());
        }
    }
    if !rest.is_empty() {
        append_row::<L>(rest, address, theme, out);
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
