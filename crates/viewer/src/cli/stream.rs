//! Several files as a single stream of bytes.
//!
//! A failure of a single file ends the program. With several files, each failure is reported and
//! the others are printed, like hexdump does.

use std::collections::VecDeque;
use std::ops::Range;

use memmap::{
    Advice, AnyMap, Error, ErrorKind, Extent, Partial, plugin::Op, plugin::Schemes, widen,
};

use crate::cli::args::BytesArgs;
use crate::cli::part::{self, placed};
use crate::cli::text_writer::HELD_LEN;
use crate::cli::unpacking;
use crate::format::parse_size::Offset;
use crate::source::stream_reader::{Input, StreamReader};
use crate::source::{ReadOptions, Source, SourceArg};
use crate::{Failure, described, inputs, say};

/// For how many bytes it is asked at first where holes are. It grows with the hole.
const ASK_LEN: u64 = 64 << 20;

/// What follows after the bytes returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum More {
    /// More bytes.
    Bytes,
    /// The end.
    End,
    /// Unreadable bytes, and nothing after them.
    Lost,
}

/// A range of one file. Addresses are those of the file.
#[derive(Debug)]
struct Part {
    bytes: Bytes,
    /// The end is far away if it is not known.
    range: Range<u64>,
    /// Pages are released up to this address.
    held: u64,
    /// Up to this address no hole is known.
    data_end: u64,
}

/// Where the bytes come from.
#[derive(Debug)]
enum Bytes {
    /// The first byte of the map has the address `base`.
    Map { map: AnyMap, base: u64 },
    /// What was read and is no whole row yet comes first.
    Reader { reader: StreamReader, left_over: Vec<u8> },
}

impl Part {
    fn new(bytes: Bytes, range: Range<u64>) -> Self {
        Self { bytes, held: range.start, data_end: range.start, range }
    }

    const fn is_stream(&self) -> bool {
        matches!(self.bytes, Bytes::Reader { .. })
    }

    /// Reads what comes next. Of a stream that is what there is now; nothing means its end.
    fn read(&mut self, room: &mut [u8]) -> (usize, Option<Error>) {
        let (len, stopped) = match &mut self.bytes {
            Bytes::Map { map, base } => match map.read_some(self.range.start - *base, room) {
                Ok(Partial { len, stopped }) => (len, stopped),
                Err(error) => (0, Some(error)),
            },
            Bytes::Reader { reader, .. } => match reader.read_once(room) {
                Ok(0) => {
                    self.range.end = self.range.start;
                    (0, None)
                }
                Ok(len) => (len, None),
                Err(error) => (0, Some(reader.failed(error))),
            },
        };
        self.range.start += widen(len);
        (len, stopped)
    }
}

/// The bytes to dump.
#[derive(Debug)]
pub(crate) struct Stream<'a> {
    inputs: VecDeque<SourceArg<'a>>,
    /// Files that are open already, which come first.
    open: VecDeque<Source>,
    is_alone: bool,
    /// Start of the stream, counted over all files.
    start: u64,
    /// Bytes still to skip.
    skip: u64,
    /// Bytes of the files skipped or printed so far.
    passed: u64,
    /// Bytes still to print.
    length: Option<u64>,
    part: Option<Part>,
    /// Whether what does not exist between others is passed over.
    passes_gaps: bool,
    /// Where the bytes go on after what was passed over.
    goes_on_at: Option<u64>,
    /// Why a single file was not printed completely.
    failure: Option<Failure>,
    is_troubled: bool,
}

impl<'a> Stream<'a> {
    pub(crate) fn of(what: &'a BytesArgs, schemes: &'a Schemes) -> Result<Self, Failure> {
        let inputs = VecDeque::from(inputs(what, schemes)?);
        let is_alone = inputs.len() == 1;
        let skip = what.skip.unwrap_or_default();
        let start = skip.absolute().unwrap_or(0);
        let mut stream = Self {
            inputs,
            open: VecDeque::new(),
            is_alone,
            start,
            skip: start,
            passed: 0,
            length: what.length,
            part: None,
            passes_gaps: true,
            goes_on_at: None,
            failure: None,
            is_troubled: false,
        };
        if skip.absolute().is_none() {
            stream.count_from_the_end(skip)?;
        }
        Ok(stream)
    }

    /// Makes a gap an error.
    pub(crate) fn keep_gaps(&mut self) {
        self.passes_gaps = false;
    }

    /// Address of the first byte.
    pub(crate) const fn start(&self) -> u64 {
        self.start
    }

    /// Opens all files to determine the total length. What is further from the end of each is not printed.
    fn count_from_the_end(&mut self, skip: Offset) -> Result<(), Failure> {
        let tail = match skip {
            Offset::FromEnd(back) => Some(back),
            Offset::FromStart(_) => None,
        };
        while let Some(input) = self.inputs.pop_front() {
            match unpacking::open(input, ReadOptions { tail, ..ReadOptions::default() }) {
                Ok(source) => self.open.push_back(source),
                Err(error) => self.leave_out(error),
            }
        }
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let len = self.open.iter().map(|source| source.base + source.map.len()).sum();
        self.start = part::start(len, skip).map_err(|error| match self.open.front() {
            Some(source) if self.is_alone => Failure::Source(placed(&source.map, error)),
            _ => Failure::Source(error),
        })?;
        self.skip = self.start;
        Ok(())
    }

    /// Records that a file, or the rest of it, is not available.
    fn leave_out(&mut self, error: Error) {
        if self.is_alone {
            self.failure = Some(Failure::Source(error));
        } else {
            say(&format!("lazyhex: {}\n", described(&error, "print with --length")));
            self.is_troubled = true;
        }
    }

    /// Advances to the next file with bytes to print. Returns whether there is one.
    pub(crate) fn next(&mut self) -> bool {
        self.close();
        loop {
            if !self.is_alone && self.length == Some(0) {
                return false;
            }
            let opened = if let Some(source) = self.open.pop_front() {
                Ok(Input::Map(source))
            } else if let Some(input) = self.inputs.pop_front() {
                unpacking::open_or_stream(input, self.wanted())
            } else {
                return false;
            };
            let part = opened.and_then(|opened| match opened {
                Input::Map(source) => self.part_of(source),
                Input::Stream(reader) => self.part_of_stream(reader),
            });
            match part {
                Ok(Some(part)) => {
                    self.part = Some(part);
                    return true;
                }
                Ok(None) => {}
                Err(error) => self.leave_out(error),
            }
        }
    }

    /// How much to read of a file that cannot be mapped.
    fn wanted(&self) -> ReadOptions {
        if self.is_alone {
            return ReadOptions { skip: self.skip, length: self.length, tail: None };
        }
        // How much of it to skip depends on its length.
        let length = self.length.map(|length| length.saturating_add(self.skip));
        ReadOptions { length, ..ReadOptions::default() }
    }

    fn part_of(&mut self, Source { map, base, .. }: Source) -> Result<Option<Part>, Error> {
        let len = base + map.len();
        if !self.is_alone && self.skip >= len && len > 0 {
            self.skip -= len;
            self.passed += len;
            return Ok(None);
        }
        if !self.is_alone && len == 0 {
            return Ok(None);
        }
        let part = part::part(len, Offset::FromStart(self.skip), self.length);
        let range = part.map_err(|error| placed(&map, error))?;
        self.passed += len;
        self.skip = 0;
        self.length = self.length.map(|left| left - (range.end - range.start));
        Ok(Some(Part::new(Bytes::Map { map, base }, range)))
    }

    /// What is not skipped of a stream; `None` if it ends before.
    fn part_of_stream(&mut self, mut reader: StreamReader) -> Result<Option<Part>, Error> {
        let start = self.skip;
        let skipped = reader.skip(start)?;
        self.passed += skipped;
        self.skip -= skipped;
        if self.skip > 0 && self.is_alone {
            self.skip = 0;
            let beyond = ErrorKind::BeyondEnd { offset: start, len: 0, source_len: skipped };
            return Err(Error::new(Op::Read, beyond));
        }
        if self.skip > 0 {
            return Ok(None);
        }
        let end = self.length.map_or(u64::MAX, |length| start.saturating_add(length));
        let bytes = Bytes::Reader { reader, left_over: Vec::new() };
        Ok(Some(Part::new(bytes, start..end)))
    }

    fn close(&mut self) {
        let Some(Part { bytes: Bytes::Map { map, .. }, .. }) = self.part.take() else { return };
        if let Err(error) = map.close() {
            self.leave_out(error);
        }
    }

    /// Fills `piece` as far as possible, or with the rows that have come of a stream. Returns the number of
    /// bytes, and what follows after them.
    pub(crate) fn fill(&mut self, piece: &mut [u8], row_len: usize) -> (usize, More) {
        let mut filled = 0;
        let mut more = More::End;
        loop {
            let room = piece.get_mut(filled..).unwrap_or_default();
            if room.is_empty() {
                return (filled, More::Bytes);
            }
            let Some(part) = &mut self.part else {
                if !self.next() {
                    // With several files, a file that cannot be opened is left out.
                    let is_lost = self.failure.is_some() || self.is_beyond();
                    return (filled, if is_lost { More::Lost } else { more });
                }
                more = More::End;
                continue;
            };
            if let Bytes::Reader { left_over, .. } = &mut part.bytes
                && !left_over.is_empty()
            {
                // It is less than a row.
                let rest = std::mem::take(left_over);
                room.get_mut(..rest.len()).unwrap_or_default().copy_from_slice(&rest);
                filled += rest.len();
                continue;
            }
            let left = part.range.end - part.range.start;
            if left == 0 {
                self.close();
                continue;
            }
            let len = usize::try_from(left).map_or(room.len(), |left| left.min(room.len()));
            let (len, stopped) = part.read(room.get_mut(..len).unwrap_or_default());
            filled += len;
            if part.is_stream() {
                self.length = self.length.map(|length| length.saturating_sub(widen(len)));
            }
            let is_more_due = piece.len() > filled && filled >= row_len;
            if let Bytes::Reader { left_over, .. } = &mut part.bytes
                && is_more_due
                && len > 0
            {
                // The rest may take a while.
                let rows = filled - filled % row_len;
                left_over.extend_from_slice(piece.get(rows..filled).unwrap_or_default());
                return (rows, More::Bytes);
            }
            if let Some(error) = stopped {
                if let &ErrorKind::Gap { next, .. } = error.kind()
                    && let Some(next) = self.after_gap(next)
                {
                    self.goes_on_at = Some(next);
                    return (filled, More::Bytes);
                }
                self.leave_out(error);
                more = More::Lost;
                self.part = None;
                if self.is_alone {
                    return (filled, more);
                }
            }
        }
    }

    /// Where the bytes go on, if some were passed over that do not exist.
    pub(crate) fn passed_gap(&mut self) -> Option<u64> {
        self.goes_on_at.take()
    }

    /// Passes over whole rows of a hole that starts here. Returns their length.
    pub(crate) fn skip_hole(&mut self, row_len: usize) -> u64 {
        let Some(Part { bytes: Bytes::Map { map, base }, range, held, data_end }) = &mut self.part
        else {
            return 0;
        };
        let (mut skipped, mut ask_len) = (0, ASK_LEN);
        while range.start >= *data_end && range.start < range.end {
            let asked =
                (range.start - *base)..range.start.saturating_add(ask_len).min(range.end) - *base;
            ask_len = ask_len.saturating_mul(8);
            let hole_end = match map.extents(asked.clone()).unwrap_or_default().first() {
                Some(Extent::Hole(hole)) => hole.end,
                Some(Extent::Data(data)) => {
                    *data_end = data.end + *base;
                    break;
                }
                Some(Extent::Gap(_)) | None => {
                    *data_end = range.end;
                    break;
                }
            };
            let len = hole_end - asked.start;
            let rows = len - len % widen(row_len);
            if rows == 0 {
                break;
            }
            range.start += rows;
            *held = range.start;
            skipped += rows;
        }
        skipped
    }

    /// Goes to the next bytes; `None` if it is an error that there are none here.
    fn after_gap(&mut self, next: Option<u64>) -> Option<u64> {
        let part = self.part.as_mut().filter(|_| self.passes_gaps)?;
        let Bytes::Map { base, .. } = part.bytes else { return None };
        // Who asks for an address wants to know that nothing is there.
        if part.range.start == self.start && self.start > 0 {
            return None;
        }
        let next = next.map_or(part.range.end, |next| next.saturating_add(base));
        part.range.start = next.min(part.range.end);
        part.held = part.range.start;
        Some(part.range.start)
    }

    /// Releases printed pages, once there are enough, so that memory use is constant. Returns
    /// whether what was printed is to be passed on.
    pub(crate) fn let_go(&mut self) -> bool {
        let Some(part) = &mut self.part else { return false };
        let at = part.range.start;
        match &part.bytes {
            // What has come is shown before more is waited for.
            Bytes::Reader { .. } => true,
            Bytes::Map { .. } if at - part.held < HELD_LEN => false,
            Bytes::Map { map, base } => {
                // Only a hint, so an error does not matter.
                map.advise(part.held - base..at - base, Advice::DontNeed).ok();
                part.held = at;
                true
            }
        }
    }

    /// Whether several files end before the first byte to print.
    fn is_beyond(&self) -> bool {
        self.skip > 0 && !self.is_alone && self.length != Some(0)
    }

    /// The outcome.
    pub(crate) fn end(mut self) -> Result<(), Failure> {
        self.close();
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        if self.is_beyond() {
            let offset = self.skip + self.passed;
            let beyond = ErrorKind::BeyondEnd { offset, len: 0, source_len: self.passed };
            return Err(Failure::Source(Error::new(Op::Read, beyond)));
        }
        if self.is_troubled { Err(Failure::Told) } else { Ok(()) }
    }
}
