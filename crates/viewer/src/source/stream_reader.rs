//! Input that comes once, in order: a pipe, a terminal, a device without an end.

use std::fmt;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memmap::{
    AnyMap, Error, ErrorKind, MemMap, Mode, Progress, Result, explain::FileKind, plugin::Op,
    plugin::Schemes,
};

use super::spool::{LIMIT, Spool, StreamKind};
use super::{ReadOptions, Source, SourceArg, packed, standard_input};

/// An input that was opened.
#[derive(Debug)]
pub(crate) enum Input {
    /// Any part of it can be read at any time.
    Map(Source),
    Stream(StreamReader),
}

/// Reads a stream.
pub(crate) struct StreamReader {
    name: String,
    kind: StreamKind,
    reader: Reader,
}

enum Reader {
    Open(Box<dyn Read + Send>),
    /// It is opened when it is first read: opening a pipe with a name waits for its writer.
    Path(PathBuf),
}

impl fmt::Debug for StreamReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamReader").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Read for StreamReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match &mut self.reader {
            Reader::Open(reader) => reader.read(out),
            Reader::Path(path) => {
                let mut file = File::open(path)?;
                if file.is_terminal() {
                    // Its keys would be taken from the view.
                    return Err(io::Error::other("it is a terminal; name a file or a pipe"));
                }
                let read = file.read(out);
                self.reader = Reader::Open(Box::new(file));
                read
            }
        }
    }
}

impl StreamReader {
    pub(crate) fn new(name: &str, reader: impl Read + Send + 'static) -> Self {
        let reader = Reader::Open(Box::new(reader));
        Self { name: name.to_owned(), kind: StreamKind::Pipe, reader }
    }

    /// Standard input, which is closed with it where that is possible.
    fn of_stdin() -> Result<Self> {
        let file = standard_input::take().map_err(|error| {
            Error::new(Op::Open, ErrorKind::Os(error)).with_origin(STANDARD_INPUT)
        })?;
        Ok(Self::new(STANDARD_INPUT, file))
    }

    /// A stream with a name among files.
    fn of_path(path: PathBuf, kind: StreamKind) -> Self {
        let name = super::printable(path.file_name().unwrap_or(path.as_os_str()));
        Self { name, kind, reader: Reader::Path(path) }
    }

    /// Opens it now, if it is not yet.
    fn opened(self) -> Result<Self> {
        let Reader::Path(path) = self.reader else { return Ok(self) };
        let file = File::open(&path).map_err(|error| {
            let kind = ErrorKind::from_io(error, Mode::Read);
            Error::new(Op::Open, kind).with_origin(&*path)
        })?;
        Ok(Self { reader: Reader::Open(Box::new(file)), ..self })
    }

    /// Reads what there is, and waits if there is nothing.
    pub(crate) fn read_once(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.read(out) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }

    /// Passes over bytes. Returns their number, which is less at the end.
    pub(crate) fn skip(&mut self, len: u64) -> Result<u64> {
        let skipped = io::copy(&mut self.by_ref().take(len), &mut io::sink());
        skipped.map_err(|error| self.failed(error))
    }

    /// Adds the name to an error of reading.
    pub(crate) fn failed(&self, error: io::Error) -> Error {
        Error::new(Op::Read, ErrorKind::Os(error)).with_origin(Path::new(&self.name))
    }
}

impl SourceArg<'_> {
    /// Opens the input as [`open`](Self::open) does, but for what can only be read once and in order: that
    /// is not read before it is needed.
    pub(crate) fn open_or_stream(self, wanted: ReadOptions) -> Result<Input> {
        match self {
            Self::Stdin if standard_input::is_closed() => self.open(wanted).map(Input::Map),
            Self::Stdin => match standard_file() {
                Some(map) => Ok(Input::Map(Source::new(map, STANDARD_INPUT))),
                None => Ok(Input::Stream(StreamReader::new(STANDARD_INPUT, io::stdin()))),
            },
            Self::File(path, _) if packed::inner(path).is_some() => {
                self.open(wanted).map(Input::Map)
            }
            Self::File(path, schemes) => match schemes.open(path, MemMap::options()) {
                Ok(map) => Ok(Input::Map(self.source_of(map)?)),
                Err(error) => match stream_at(path, schemes, &error)? {
                    Some(reader) => Ok(Input::Stream(reader.opened()?)),
                    None => self.open(wanted).map(Input::Map),
                },
            },
        }
    }

    /// Opens the input for a view, which shows what comes of a stream as it comes: its reader is in the source.
    pub(crate) fn open_for_view(self, progress: &Progress) -> Result<Source> {
        let reader = match self {
            // The view needs the terminal for its keys, so standard input is read to its end first.
            Self::Stdin if standard_input::is_closed() || io::stdin().is_terminal() => None,
            Self::Stdin => match standard_file() {
                Some(map) => return Ok(Source::new(map, STANDARD_INPUT)),
                None => Some(StreamReader::of_stdin()?),
            },
            Self::File(path, _) if packed::inner(path).is_some() => None,
            Self::File(path, schemes) => match schemes.open(path, MemMap::options()) {
                Ok(map) => return self.source_of(map),
                Err(error) => stream_at(path, schemes, &error)?,
            },
        };
        match reader {
            Some(reader) => Source::of_stream(reader),
            None => self.open_while(ReadOptions::default(), progress),
        }
    }
}

impl Source {
    /// What comes of a stream. Nothing is read yet.
    fn of_stream(reader: StreamReader) -> Result<Self> {
        let spool = Spool::new(reader.kind, LIMIT).map_err(|error| reader.failed(error))?;
        let source = Self::new(spool.map()?, "");
        let name = reader.name.clone();
        Ok(Self { name, spool: Some(Arc::new(spool)), reader: Some(reader), ..source })
    }
}

/// The stream at a path that cannot be mapped because of this error, if it is one.
fn stream_at(path: &Path, schemes: &Schemes, error: &Error) -> Result<Option<StreamReader>> {
    let &ErrorKind::NotMappable { kind } = error.kind() else { return Ok(None) };
    let kind = match kind {
        FileKind::Fifo => StreamKind::Pipe,
        FileKind::CharDevice => StreamKind::Device,
        _ => return Ok(None),
    };
    let path = schemes.path_of(path)?;
    Ok(path.map(|path| StreamReader::of_path(path, kind)))
}

pub(super) const STANDARD_INPUT: &str = "standard input";

/// A map of standard input, if that is a file at its start: `lazyhex - < FILE`.
pub(super) fn standard_file() -> Option<AnyMap> {
    let mut file = standard_input::as_file()?;
    let is_file = file.metadata().is_ok_and(|it| it.is_file());
    // What was read before is not part of the input.
    let is_at_start = is_file && file.stream_position().is_ok_and(|at| at == 0);
    let map = is_at_start.then(|| MemMap::options().open_file(&file).ok())??;
    Some(map.erase())
}
