//! Where the bytes come from: a mapped file, or, for what cannot be mapped, memory.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use memmap::{AnyMap, Error, ErrorKind, FileKind, MemMap, Mode, Op, RamMap, Result};

/// Bytes to look at, and what to call them.
#[derive(Debug)]
pub struct Source {
    /// The bytes.
    pub map: AnyMap,
    /// Their name, safe to print.
    pub name: String,
}

/// What was named on the command line.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Input<'a> {
    File(&'a Path),
    Stdin,
}

impl<'a> Input<'a> {
    pub(crate) fn of(file: Option<&'a Path>) -> Self {
        match file {
            None => Self::Stdin,
            Some(path) if path == Path::new("-") => Self::Stdin,
            Some(path) => Self::File(path),
        }
    }

    /// Opens it. Of what has to be read into memory, at most `most` bytes are taken.
    pub(crate) fn open(self, most: Option<u64>) -> Result<Source> {
        let path = match self {
            Self::Stdin => {
                let name = "standard input".to_owned();
                return Ok(Source { map: read(io::stdin().lock(), most)?.erase(), name });
            }
            Self::File(path) => path,
        };
        let name = printable(path.file_name().unwrap_or(path.as_os_str()));
        let map = match MemMap::open(path, Mode::Read) {
            Ok(map) => map.erase(),
            Err(error) if is_readable(error.kind(), most) => {
                let refused = |kind| Error::new(Op::Open, kind).with_path(path);
                let file = File::open(path)
                    .map_err(|error| refused(ErrorKind::from_io(error, Mode::Read)))?;
                read(file, most).map_err(|error| error.with_path(path))?.erase()
            }
            Err(error) => return Err(error),
        };
        Ok(Source { map, name })
    }
}

/// Whether something that cannot be mapped can be read instead. A device may have no end, so it
/// is read only where it was said how much of it.
fn is_readable(kind: &ErrorKind, most: Option<u64>) -> bool {
    let &ErrorKind::NotMappable { kind } = kind else { return false };
    match kind {
        FileKind::Fifo | FileKind::Proc | FileKind::Sys => true,
        FileKind::CharDevice => most.is_some(),
        _ => false,
    }
}

fn read(reader: impl Read, most: Option<u64>) -> Result<RamMap> {
    RamMap::from_reader(reader.take(most.unwrap_or(u64::MAX)))
}

/// A file's name with everything escaped that a terminal would obey or could not show.
fn printable(name: &OsStr) -> String {
    #[expect(clippy::unnecessary_debug_formatting, reason = "escapes what a terminal obeys")]
    let quoted = format!("{name:?}");
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(&quoted).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_disturb_a_terminal() {
        for (name, shown) in [
            ("disk.img", "disk.img"),
            ("größe 1.bin", "größe 1.bin"),
            ("\x1b[2J\x07evil\n", r"\u{1b}[2J\u{7}evil\n"),
            ("a\u{202e}txt.exe", r"a\u{202e}txt.exe"),
        ] {
            assert_eq!(printable(OsStr::new(name)), shown);
        }
    }
}
