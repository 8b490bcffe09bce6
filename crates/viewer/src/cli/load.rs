//! `lazyhex load`: makes a file of its dump.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use memmap::{Cancel, plugin::Schemes, widen};
use thiserror::Error;

use crate::cli::args::LoadArgs;
use crate::cli::find::Interrupt;
use crate::format::parse_dump::{DumpFormat, Line, LineError, PlainParser, without_colours};
use crate::job::new_file::{NewFile, NewFileError};
use crate::source::{ReadOptions, SourceArg, shown};
use crate::{described, say};

/// The most bytes of a line with an address.
const LINE_LEN_MAX: usize = 64 << 10;

/// The most characters of a line in an error.
const SHOWN_LEN: usize = 80;

/// Bytes of a repeated line that are written at once.
const FILL_LEN: usize = 64 << 10;

/// Why there is no file.
#[derive(Debug, Error)]
enum LoadError {
    #[error("say with -o FILE where the bytes go: to a new file, or to standard output with -o -")]
    NoOutput,
    #[error("{}", described(.0, "read"))]
    Open(memmap::Error),
    #[error("cannot read {name}: {error}")]
    Read { name: String, error: io::Error },
    #[error("{name}, line {line}: {text:?} cannot be read: {why}")]
    Line { name: String, line: u64, text: String, why: LineError },
    #[error("cannot write {path:?}: {error}")]
    Write { path: PathBuf, error: io::Error },
    #[error("interrupted")]
    Interrupted,
    #[error(transparent)]
    NewFile(#[from] NewFileError),
}

/// Makes the file.
pub(crate) fn run(asked: &LoadArgs, schemes: &Schemes) -> ExitCode {
    match load(asked, schemes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&format!("lazyhex: {failure}\n"));
            ExitCode::from(if matches!(failure, LoadError::NoOutput) { 2 } else { 1 })
        }
    }
}

fn load(asked: &LoadArgs, schemes: &Schemes) -> Result<(), LoadError> {
    let out = asked.output.as_deref().ok_or(LoadError::NoOutput)?;
    let interrupt = Interrupt::listen();
    let cancel = Cancel::new();
    interrupt.stops(Some(&cancel));
    let input = SourceArg::of(Some(&asked.dump), schemes);
    let opened;
    let input: Box<dyn Read> = match input {
        SourceArg::Stdin => Box::new(io::stdin().lock()),
        file @ SourceArg::File(..) => {
            opened = file.open(ReadOptions::default()).map_err(LoadError::Open)?.map;
            Box::new(opened.reader())
        }
    };
    let mut new = NewFile::make(out, |path| File::create_new(path))?;
    {
        let target = Target::new(new.file());
        let mut loader = Loader { name: shown(&asked.dump), path: out, cancel: &cancel, target };
        loader.read(&mut BufReader::with_capacity(LINE_LEN_MAX, input))?;
    }
    new.publish(|file| file.sync_all())?;
    Ok(())
}

/// Reads a dump, and writes what it says.
struct Loader<'a> {
    name: String,
    path: &'a Path,
    cancel: &'a Cancel,
    target: Target<'a>,
}

impl Loader<'_> {
    fn read(&mut self, input: &mut impl BufRead) -> Result<(), LoadError> {
        let mut format = None;
        let (mut line, mut bytes) = (Vec::new(), Vec::new());
        let mut number = 0;
        loop {
            number += 1;
            line.clear();
            let read = input.by_ref().take(widen(LINE_LEN_MAX)).read_until(b'\n', &mut line);
            let len = read.map_err(|error| self.cannot_read(error))?;
            if self.cancel.is_cancelled() {
                return Err(LoadError::Interrupted);
            }
            let text = without_colours(&line);
            let wrong = |this: &Self, why| this.wrong(number, &text, why);
            if len == 0 {
                return match self.target.end() {
                    Ok(()) => Ok(()),
                    Err(TargetError::Line(why)) => Err(wrong(self, why)),
                    Err(TargetError::Write(error)) => Err(self.cannot_write(error)),
                };
            }
            if format.is_none() {
                if text.trim().is_empty() {
                    continue;
                }
                if PlainParser::is_plain(&text) {
                    return self.read_plain(number, &line, input);
                }
            }
            if len == LINE_LEN_MAX {
                return Err(wrong(self, LineError::Long(LINE_LEN_MAX)));
            }
            bytes.clear();
            if format.is_none() {
                format = DumpFormat::of(&text);
            }
            let known = format.as_ref().ok_or_else(|| wrong(self, LineError::Unknown))?;
            let said = known.parse(&text, &mut bytes).map_err(|why| wrong(self, why))?;
            self.target.take(&said, &bytes).map_err(|error| match error {
                TargetError::Line(why) => wrong(self, why),
                TargetError::Write(error) => self.cannot_write(error),
            })?;
        }
    }

    /// Reads digits alone. The first ones are in `piece`.
    fn read_plain(
        &mut self,
        first: u64,
        piece: &[u8],
        input: &mut impl BufRead,
    ) -> Result<(), LoadError> {
        let mut parser = PlainParser::default();
        let mut bytes = Vec::new();
        let mut piece = piece.to_vec();
        while !piece.is_empty() {
            if self.cancel.is_cancelled() {
                return Err(LoadError::Interrupted);
            }
            bytes.clear();
            if let Err((at, why)) = parser.parse(&piece, &mut bytes) {
                let start = piece[..at].iter().rposition(|&it| it == b'\n').map_or(0, |it| it + 1);
                let text = without_colours(
                    piece[start..].split(|&it| it == b'\n').next().unwrap_or_default(),
                );
                return Err(self.wrong(first + parser.line() - 1, &text, why));
            }
            self.target.append(&bytes).map_err(|error| self.cannot_write(error))?;
            piece.clear();
            let more = input.fill_buf().map_err(|error| self.cannot_read(error))?;
            piece.extend_from_slice(more);
            let len = more.len();
            input.consume(len);
        }
        parser.end().map_err(|why| self.wrong(first + parser.line() - 1, "", why))?;
        match self.target.end() {
            Err(TargetError::Write(error)) => Err(self.cannot_write(error)),
            _ => Ok(()),
        }
    }

    fn wrong(&self, line: u64, text: &str, why: LineError) -> LoadError {
        let text = text.chars().take(SHOWN_LEN).collect();
        LoadError::Line { name: self.name.clone(), line, text, why }
    }

    fn cannot_read(&self, error: io::Error) -> LoadError {
        LoadError::Read { name: self.name.clone(), error }
    }

    fn cannot_write(&self, error: io::Error) -> LoadError {
        LoadError::Write { path: self.path.to_owned(), error }
    }
}

/// Why a line was not taken.
#[derive(Debug)]
enum TargetError {
    Line(LineError),
    Write(io::Error),
}

impl From<io::Error> for TargetError {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

/// Writes bytes where the addresses say, as `xxd -r` does: what is left out stays a hole, and what comes twice
/// is written twice.
#[derive(Debug)]
struct Target<'f> {
    file: BufWriter<&'f mut File>,
    /// Where the next byte goes.
    at: u64,
    /// Where the file ends, holes included.
    end: u64,
    /// The line before.
    row: Vec<u8>,
    is_repeated: bool,
}

impl<'f> Target<'f> {
    fn new(file: &'f mut File) -> Self {
        let file = BufWriter::with_capacity(FILL_LEN, file);
        Self { file, at: 0, end: 0, row: Vec::new(), is_repeated: false }
    }

    fn take(&mut self, line: &Line, bytes: &[u8]) -> Result<(), TargetError> {
        match *line {
            Line::Nothing => {}
            Line::Repeat if self.row.is_empty() => {
                return Err(TargetError::Line(LineError::NothingToRepeat));
            }
            Line::Repeat => self.is_repeated = true,
            Line::Bytes(address) => {
                self.repeat_up_to(address)?;
                self.go_to(address)?;
                self.append(bytes)?;
                self.row.clear();
                self.row.extend_from_slice(bytes);
            }
            Line::End(address) => {
                self.repeat_up_to(address)?;
                if address != self.at {
                    return Err(TargetError::Line(LineError::End { at: self.at }));
                }
            }
        }
        Ok(())
    }

    /// Repeats the line before, if the dump says so.
    fn repeat_up_to(&mut self, address: u64) -> Result<(), TargetError> {
        if !std::mem::take(&mut self.is_repeated) {
            return Ok(());
        }
        let row_len = widen(self.row.len());
        let len = address.checked_sub(self.at).filter(|len| len.is_multiple_of(row_len));
        let mut left = len.ok_or(TargetError::Line(LineError::Repetition))?;
        if self.row.iter().all(|&it| it == 0) {
            // Zeros that nobody stores.
            return Ok(self.go_to(address)?);
        }
        let rows = self.row.repeat((FILL_LEN / self.row.len()).max(1));
        while left > 0 {
            let part = usize::try_from(left).unwrap_or(rows.len()).min(rows.len());
            self.append(&rows[..part])?;
            left -= widen(part);
        }
        Ok(())
    }

    fn go_to(&mut self, address: u64) -> io::Result<()> {
        if address != self.at {
            self.file.seek(SeekFrom::Start(address))?;
            self.at = address;
            self.end = self.end.max(address);
        }
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.at += widen(bytes.len());
        self.end = self.end.max(self.at);
        Ok(())
    }

    fn end(&mut self) -> Result<(), TargetError> {
        if self.is_repeated {
            return Err(TargetError::Line(LineError::OpenRepetition));
        }
        self.file.flush()?;
        // A hole at the end.
        Ok(self.file.get_ref().set_len(self.end)?)
    }
}
