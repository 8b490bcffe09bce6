//! Formats elements as lines: offset, indices, and values in aligned columns.

use std::io::Write;

use memmap::array::{DTypeKind, Value};
use memmap::{Advice, AnyMap, Error, ErrorKind, plugin::Op, widen};

use crate::cli::text_writer::{BATCH_LEN, HELD_LEN, Interrupted, Texts, through};
use crate::source::strided_layout::StridedLayout;
use crate::view::array::shown;

/// Maximum length of an element. Longer ones are unreadable as text, and would be held in memory
/// several times.
pub(crate) const ELEMENT_LEN_MAX: usize = 1 << 20;

/// Bytes read at once, if a line is that long.
const PIECE_LEN: usize = 16 << 10;

/// Number of values formatted ahead to determine the column width.
const AHEAD: usize = 1024;

/// Number of scattered elements read before pages are released; each may have brought in a page.
const SCATTERED_MAX: u64 = 16 << 10;

/// Printed for an unreadable element.
const LOST: &str = "??";

/// Give up after this many unreadable elements in a row.
const LOST_MAX: u64 = 1000;

/// Prints elements of a map whose first byte has the address `base`: one line per row of the last
/// dimension, or per element if there is only one dimension. Prints at most `most` elements, and
/// none past the offset `bound`.
///
/// Unreadable elements print as `??`. After a line without any readable element, printing stops
/// with the first error, as the rest may be unreadable, too.
pub(crate) fn print(
    map: &AnyMap,
    base: u64,
    grid: &StridedLayout,
    most: u64,
    bound: u64,
    out: &mut (dyn Write + Send),
) -> Result<(), Interrupted> {
    through(out, |texts| Table::new(map, base, grid, most, bound).format(texts))
}

struct Table<'a> {
    map: &'a AnyMap,
    base: u64,
    grid: &'a StridedLayout,
    bound: u64,
    /// Elements still to print.
    left: u64,
    /// The next element: line number, and index within the line.
    line: u64,
    index: u64,
    /// Elements read but not printed yet.
    cells: Vec<Cell>,
    /// Width of a value, in characters.
    width: usize,
    is_right_aligned: bool,
    /// Width of each index.
    index_widths: Vec<usize>,
    /// Number of elements read since pages were released, for scattered elements.
    scattered: u64,
    /// Pages are released up to this position, for contiguous elements.
    released: u64,
    /// Whether a part of the current line was printed.
    is_within_line: bool,
    /// Whether the line has a readable element so far, and the number of unreadable ones since the
    /// last readable one.
    is_line_alive: bool,
    lost: u64,
    error: Option<Error>,
    buffer: Vec<u8>,
}

struct Cell {
    /// Offset and indices before the first value of a line.
    prefix: Option<String>,
    text: String,
}

impl<'a> Table<'a> {
    fn new(map: &'a AnyMap, base: u64, grid: &'a StridedLayout, most: u64, bound: u64) -> Self {
        let digits = |&len: &usize| len.saturating_sub(1).to_string().len();
        let is_text = matches!(
            grid.dtype.kind(),
            DTypeKind::Bytes | DTypeKind::Text | DTypeKind::Void | DTypeKind::Struct(_)
        );
        Self {
            map,
            base,
            grid,
            bound,
            left: grid.count().min(most),
            line: 0,
            index: 0,
            cells: Vec::with_capacity(AHEAD),
            width: 0,
            is_right_aligned: !is_text,
            index_widths: grid.shape.iter().map(digits).collect(),
            scattered: 0,
            released: 0,
            is_within_line: false,
            is_line_alive: false,
            lost: 0,
            error: None,
            buffer: Vec::new(),
        }
    }

    fn format(mut self, mut texts: Texts) -> Result<(), Error> {
        if !self.grid.is_in_order() {
            // Read-ahead would be wasted.
            self.map.advise(.., Advice::Random).ok();
        }
        while let Some(mut text) = texts.next() {
            while text.len() < BATCH_LEN && self.left > 0 {
                self.read();
                if self.cells.len() >= AHEAD || self.is_heavy() || self.left == 0 {
                    self.flush(&mut text);
                }
                if self.is_due() {
                    break;
                }
            }
            let done = self.left == 0;
            if done && self.is_within_line {
                text.push(b'\n');
            }
            if !texts.hand_over(text) || done {
                break;
            }
        }
        self.error.map_or(Ok(()), Err)
    }

    /// Whether enough elements are waiting to be printed.
    fn is_heavy(&self) -> bool {
        self.cells.iter().rev().take(64).map(|cell| cell.text.len()).sum::<usize>() > BATCH_LEN
    }

    /// Whether to write the text now. Releases the pages read so far.
    fn is_due(&mut self) -> bool {
        // Both are hints, so an error does not matter.
        if !self.grid.is_in_order() {
            let is_due = self.scattered >= SCATTERED_MAX;
            if is_due {
                self.map.advise(.., Advice::DontNeed).ok();
                self.scattered = 0;
            }
            return is_due;
        }
        let line_at = self.grid.line(self.line).0 + self.index * self.grid.step();
        let at = line_at.saturating_sub(self.base).min(self.map.len());
        let is_due = at.saturating_sub(self.released) >= HELD_LEN;
        if is_due {
            self.map.advise(self.released..at, Advice::DontNeed).ok();
            self.released = at;
        }
        is_due
    }

    /// Reads some elements of the current line.
    fn read(&mut self) {
        let (itemsize, step) = (self.grid.dtype.itemsize(), self.grid.step());
        let at_a_time = widen((PIECE_LEN / itemsize.max(1)).max(1));
        let in_line = self.grid.line_len() - self.index;
        let count = in_line.min(self.left).min(at_a_time);
        let (start, indices) = self.grid.line(self.line);
        let at = start + self.index * step;
        let len = itemsize * usize::try_from(count).unwrap_or(0);
        let mut bytes = std::mem::take(&mut self.buffer);
        bytes.resize(len, 0);
        let is_whole = step == widen(itemsize) && self.read_into(at, &mut bytes).is_ok();
        for number in 0..count {
            let from = itemsize * usize::try_from(number).unwrap_or(0);
            let element = &mut bytes[from..from + itemsize];
            let at = at + number * step;
            let read = if is_whole { Ok(()) } else { self.read_into(at, element) };
            let prefix = (self.index + number == 0).then(|| self.prefix(at, &indices));
            let text = match read {
                Ok(()) => shown(&Value::decode(&self.grid.dtype, element)),
                Err(_) => LOST.to_owned(),
            };
            self.note(read);
            self.cells.push(Cell { prefix, text });
        }
        self.buffer = bytes;
        self.scattered += count;
        self.index += count;
        self.left -= count;
        if self.index == self.grid.line_len() {
            let is_over = self.lost > 0 && !self.is_line_alive;
            (self.line, self.index, self.is_line_alive) = (self.line + 1, 0, false);
            self.left = if is_over { 0 } else { self.left };
        }
        if self.lost >= LOST_MAX {
            self.left = 0;
        }
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let len = widen(out.len());
        if offset.saturating_add(len) > self.bound {
            let kind = ErrorKind::BeyondEnd { offset, len, source_len: self.bound };
            return Err(Error::new(Op::Read, kind));
        }
        self.map.read_into(offset.wrapping_sub(self.base), out)
    }

    fn note(&mut self, read: Result<(), Error>) {
        match read {
            Ok(()) => (self.lost, self.is_line_alive) = (0, true),
            Err(error) => {
                self.lost += 1;
                self.error.get_or_insert(error);
            }
        }
    }

    fn prefix(&self, at: u64, indices: &[u64]) -> String {
        let widths = self.index_widths.iter();
        let mut indices: Vec<String> =
            indices.iter().zip(widths).map(|(index, width)| format!("{index:width$}")).collect();
        if self.grid.shape.len() > 1 {
            indices.push(":".to_owned());
        }
        format!("{at:08x}  [{}]", indices.join(", "))
    }

    /// Formats the waiting elements in columns as wide as the widest value so far.
    fn flush(&mut self, out: &mut Vec<u8>) {
        let widest = self.cells.iter().map(|cell| cell.text.chars().count()).max();
        self.width = self.width.max(widest.unwrap_or(0));
        let mut missing = 0;
        for Cell { prefix, text } in self.cells.drain(..) {
            if let Some(prefix) = prefix {
                if self.is_within_line {
                    out.push(b'\n');
                }
                out.extend_from_slice(prefix.as_bytes());
                (self.is_within_line, missing) = (true, 0);
            }
            let blanks = self.width - text.chars().count();
            let before = if self.is_right_aligned { blanks } else { missing };
            out.resize(out.len() + 2 + before, b' ');
            out.extend_from_slice(text.as_bytes());
            missing = blanks;
        }
    }
}
