use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use crate::{Error, ErrorKind, Op, Result, widen};

/// What to do with a file that cannot be mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Fallback {
    /// Return an error.
    #[default]
    Refuse,
    /// Read it into memory: the whole file, or the range of `offset` and `len`. Later writes to the file
    /// are not seen.
    ReadIntoMemory,
}

/// Reads a part of a file, up to its end without a `len`. The position of the file, if it has one, does
/// not change.
///
/// # Errors
/// [`ErrorKind::BeyondEnd`] if the file ends before, and errors of the operating system.
pub(crate) fn read(file: &File, offset: u64, len: Option<u64>) -> Result<Vec<u8>> {
    let mut reader = file;
    // A stream has no position, and is read from where it is.
    let position = reader.stream_position().ok();
    let bytes = match position {
        Some(_) => reader.seek(SeekFrom::Start(offset)).map(|_| offset),
        None => io::copy(&mut reader.take(offset), &mut io::sink()),
    }
    .map_err(|error| Error::new(Op::Read, ErrorKind::Os(error)))
    .and_then(|skipped| {
        if skipped < offset {
            let kind = ErrorKind::BeyondEnd { offset, len: 0, source_len: skipped };
            return Err(Error::new(Op::Read, kind));
        }
        let rest = file.metadata().map_or(0, |found| found.len().saturating_sub(offset));
        read_here(reader, offset, len, rest)
    });
    if let Some(position) = position {
        let restored = reader.seek(SeekFrom::Start(position));
        restored.map_err(|error| Error::new(Op::Read, ErrorKind::Os(error)))?;
    }
    bytes
}

/// Reads from the current position. `expected` is the probable number of bytes, so that they can be read
/// at once.
fn read_here(reader: impl Read, offset: u64, len: Option<u64>, expected: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = len.unwrap_or(u64::MAX);
    // One more byte, to detect the end.
    let room = usize::try_from(expected.min(most).saturating_add(1)).unwrap_or(usize::MAX);
    if bytes.try_reserve_exact(room).is_err() {
        return Err(Error::new(Op::Read, ErrorKind::OutOfMemory { len: expected.min(most) }));
    }
    reader.take(most).read_to_end(&mut bytes).map_err(|error| {
        let kind = match error.kind() {
            io::ErrorKind::OutOfMemory => ErrorKind::OutOfMemory { len: most },
            _ => ErrorKind::Os(error),
        };
        Error::new(Op::Read, kind)
    })?;
    match len {
        Some(len) if widen(bytes.len()) < len => {
            let file_len = offset.saturating_add(widen(bytes.len()));
            Err(Error::new(Op::Read, ErrorKind::BeyondEnd { offset, len, source_len: file_len }))
        }
        _ => Ok(bytes),
    }
}
