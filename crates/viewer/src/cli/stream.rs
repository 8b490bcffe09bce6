//! The bytes of several files, one after the other, as if they were one.
//!
//! Of a file that stands alone, the first failure ends everything. Of several, each failure is said, and
//! the others are printed, as hexdump does.

use std::collections::VecDeque;
use std::ops::Range;

use memmap::{Advice, AnyMap, Error, ErrorKind, Op, Partial, widen};

use crate::cli::args::BytesArgs;
use crate::cli::dump::{self, HELD_LEN, placed};
use crate::format::parse_size::Offset;
use crate::source::{ReadOptions, Source, SourceArg};
use crate::{Failure, described, inputs, say};

/// What comes after the bytes that were had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum More {
    /// More of them.
    Bytes,
    /// The end.
    End,
    /// Bytes that could not be had, and nothing after them.
    Lost,
}

/// Bytes of one file. Addresses are its own, and the first byte of the map has the address `base`.
#[derive(Debug)]
struct Part {
    map: AnyMap,
    base: u64,
    range: Range<u64>,
    /// Up to where nothing is kept in memory.
    held: u64,
}

impl Part {
    fn new(map: AnyMap, base: u64, range: Range<u64>) -> Self {
        Self { map, base, held: range.start, range }
    }
}

/// The bytes that a dump prints.
#[derive(Debug)]
pub(crate) struct Stream<'a> {
    inputs: VecDeque<SourceArg<'a>>,
    /// Those that are open and come before the others.
    open: VecDeque<Source>,
    is_alone: bool,
    /// Where the stream starts, of all bytes that there are.
    start: u64,
    /// Bytes still to skip.
    skip: u64,
    /// Bytes of the files that were skipped or printed.
    passed: u64,
    /// Bytes still to print.
    length: Option<u64>,
    part: Option<Part>,
    /// Why a single file was not printed, or only in part.
    failure: Option<Failure>,
    is_troubled: bool,
}

impl<'a> Stream<'a> {
    pub(crate) fn of(what: &'a BytesArgs) -> Result<Self, Failure> {
        let inputs = VecDeque::from(inputs(what)?);
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
            failure: None,
            is_troubled: false,
        };
        if skip.absolute().is_none() {
            stream.count_from_the_end(skip)?;
        }
        Ok(stream)
    }

    /// The address of the first byte.
    pub(crate) const fn start(&self) -> u64 {
        self.start
    }

    /// Opens all files, as only then it is known where their end is.
    fn count_from_the_end(&mut self, skip: Offset) -> Result<(), Failure> {
        while let Some(input) = self.inputs.pop_front() {
            match input.open(ReadOptions::default()) {
                Ok(source) => self.open.push_back(source),
                Err(error) => self.leave_out(error),
            }
        }
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let len = self.open.iter().map(|source| source.map.len()).sum();
        self.start = dump::start(len, skip).map_err(|error| match self.open.front() {
            Some(source) if self.is_alone => Failure::Source(placed(&source.map, error)),
            _ => Failure::Source(error),
        })?;
        self.skip = self.start;
        Ok(())
    }

    /// Notes that a file cannot be had, or no more of it.
    fn leave_out(&mut self, error: Error) {
        if self.is_alone {
            self.failure = Some(Failure::Source(error));
        } else {
            say(&format!("lazyhex: {}\n", described(&error, "print with --length")));
            self.is_troubled = true;
        }
    }

    /// Goes on to the next file that has bytes to print, if there is one.
    pub(crate) fn next(&mut self) -> bool {
        self.close();
        loop {
            if !self.is_alone && self.length == Some(0) {
                return false;
            }
            let opened = if let Some(source) = self.open.pop_front() {
                Ok(source)
            } else if let Some(input) = self.inputs.pop_front() {
                input.open(self.wanted())
            } else {
                return false;
            };
            match opened.and_then(|source| self.part_of(source)) {
                Ok(Some(part)) => {
                    self.part = Some(part);
                    return true;
                }
                Ok(None) => {}
                Err(error) => self.leave_out(error),
            }
        }
    }

    /// What has to be read of a file that cannot be mapped.
    fn wanted(&self) -> ReadOptions {
        if self.is_alone {
            return ReadOptions { skip: self.skip, length: self.length };
        }
        // How much of it is skipped is known when its length is.
        ReadOptions { skip: 0, length: self.length.map(|length| length.saturating_add(self.skip)) }
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
        let part = dump::part(len, Offset::FromStart(self.skip), self.length);
        let range = part.map_err(|error| placed(&map, error))?;
        self.passed += len;
        self.skip = 0;
        self.length = self.length.map(|left| left - (range.end - range.start));
        Ok(Some(Part::new(map, base, range)))
    }

    fn close(&mut self) {
        if let Some(part) = self.part.take()
            && let Err(error) = part.map.close()
        {
            self.leave_out(error);
        }
    }

    /// Copies as many bytes as there are room and bytes; says how many, and what comes after them.
    pub(crate) fn fill(&mut self, piece: &mut [u8]) -> (usize, More) {
        let mut filled = 0;
        let mut more = More::End;
        loop {
            let room = piece.get_mut(filled..).unwrap_or_default();
            if room.is_empty() {
                return (filled, More::Bytes);
            }
            let Some(part) = &mut self.part else {
                if !self.next() {
                    // Of several, one that could not be opened is not a part of the stream.
                    let is_lost = self.failure.is_some() || self.is_beyond();
                    return (filled, if is_lost { More::Lost } else { more });
                }
                more = More::End;
                continue;
            };
            let left = part.range.end - part.range.start;
            if left == 0 {
                self.close();
                continue;
            }
            let len = usize::try_from(left).map_or(room.len(), |left| left.min(room.len()));
            let room = room.get_mut(..len).unwrap_or_default();
            let stopped = match part.map.read_some(part.range.start - part.base, room) {
                Ok(Partial { len, stopped }) => {
                    filled += len;
                    part.range.start += widen(len);
                    stopped
                }
                Err(error) => Some(error),
            };
            if let Some(error) = stopped {
                self.leave_out(error);
                more = More::Lost;
                self.part = None;
                if self.is_alone {
                    return (filled, more);
                }
            }
        }
    }

    /// Lets go of bytes that were printed, where they are many, so that a dump of any length stays small.
    /// Answers whether they were.
    pub(crate) fn let_go(&mut self) -> bool {
        let Some(part) = &mut self.part else { return false };
        let at = part.range.start;
        let is_much = at - part.held >= HELD_LEN;
        if is_much {
            // A hint: where it is not taken, nothing is lost.
            part.map.advise(part.held - part.base..at - part.base, Advice::DontNeed).ok();
            part.held = at;
        }
        is_much
    }

    /// Whether several files ended before the first byte to print.
    fn is_beyond(&self) -> bool {
        self.skip > 0 && !self.is_alone && self.length != Some(0)
    }

    /// How it went.
    pub(crate) fn end(mut self) -> Result<(), Failure> {
        self.close();
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        if self.is_beyond() {
            let offset = self.skip + self.passed;
            let beyond = ErrorKind::OffsetBeyondEnd { offset, file_len: self.passed };
            return Err(Failure::Source(Error::new(Op::Read, beyond)));
        }
        if self.is_troubled { Err(Failure::Told) } else { Ok(()) }
    }
}
