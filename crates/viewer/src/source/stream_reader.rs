//! Input that comes once, in order: a pipe, a terminal, a device without an end.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek};

use memmap::{AnyMap, Error, ErrorKind, MemMap, Mode, Result, explain::FileKind, plugin::Op};

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
    reader: Box<dyn Read + Send>,
}

impl fmt::Debug for StreamReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamReader").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Read for StreamReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.reader.read(out)
    }
}

impl StreamReader {
    pub(crate) fn new(name: &str, reader: impl Read + Send + 'static) -> Self {
        Self { name: name.to_owned(), reader: Box::new(reader) }
    }

    /// Reads what there is, and waits if there is nothing.
    pub(crate) fn read_once(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.reader.read(out) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }

    /// Passes over bytes. Returns their number, which is less at the end.
    pub(crate) fn skip(&mut self, len: u64) -> Result<u64> {
        let skipped = io::copy(&mut self.reader.by_ref().take(len), &mut io::sink());
        skipped.map_err(|error| self.failed(error))
    }

    /// Adds the name to an error of reading.
    pub(crate) fn failed(&self, error: io::Error) -> Error {
        Error::new(Op::Read, ErrorKind::Os(error)).with_origin(std::path::Path::new(&self.name))
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
            Self::File(path, schemes) => {
                let error = match schemes.open(path, MemMap::options()) {
                    Ok(map) => return Ok(Input::Map(self.source_of(map)?)),
                    Err(error) => error,
                };
                let kind = error.kind();
                let is_stream = matches!(
                    kind,
                    ErrorKind::NotMappable { kind: FileKind::Fifo | FileKind::CharDevice }
                );
                match schemes.path_of(path)?.filter(|_| is_stream) {
                    Some(path) => {
                        let file = File::open(&path).map_err(|error| {
                            let kind = ErrorKind::from_io(error, Mode::Read);
                            Error::new(Op::Open, kind).with_origin(&*path)
                        })?;
                        let name = super::printable(path.file_name().unwrap_or(path.as_os_str()));
                        Ok(Input::Stream(StreamReader::new(&name, file)))
                    }
                    None => self.open(wanted).map(Input::Map),
                }
            }
        }
    }
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
