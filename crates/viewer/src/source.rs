//! The data: where it comes from, the pages read so far, and array layouts. A file is mapped; input that
//! cannot be mapped is read into a temporary file, or into memory if it is short. Other sources are opened by
//! plug-ins, by their scheme.

pub(crate) mod handle;
pub(crate) mod page_cache;
pub(crate) mod read_error;
pub(crate) mod regions;
pub(crate) mod file_stat;
pub(crate) mod other_editors;
pub(crate) mod packed;
mod standard_input;
pub(crate) mod spool;
pub(crate) mod stream_reader;
pub(crate) mod strided_layout;
pub(crate) mod npy_layout;
pub(crate) mod format_catalog;
pub(crate) mod generated_format;
pub(crate) mod structure_source;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memmap::{
    Advice, AnyMap, Error, ErrorKind, MemMap, Mode, Progress, RamMap, Result, explain::FileKind,
    plugin::Op, plugin::Schemes,
};

use packed::Packing;
use page_cache::Page;
use read_error::ReadError;
use spool::{Spool, StreamKind};
use stream_reader::{STANDARD_INPUT, StreamReader};

/// The data and its name.
#[derive(Debug)]
pub struct Source {
    /// The mapping.
    pub map: AnyMap,
    /// Address of the first byte: more than 0 if the start of a pipe was skipped.
    pub base: u64,
    /// The name, safe to print.
    pub name: String,
    /// The location as the user named it, if a plug-in opened it.
    location: Option<OsString>,
    /// What the bytes were unpacked from.
    packing: Option<Packing>,
    /// Where the bytes of a stream are, and what reads it.
    spool: Option<Arc<Spool>>,
    pub(crate) reader: Option<StreamReader>,
}

impl Source {
    /// A source for a mapping.
    #[must_use]
    pub fn new(map: AnyMap, name: &str) -> Self {
        let name = printable(OsStr::new(name));
        Self { map, base: 0, name, location: None, packing: None, spool: None, reader: None }
    }

    /// What a plug-in opened. The name is from the origin, which has no secrets.
    fn of_plugin(map: AnyMap, location: &Path) -> Self {
        let origin = map.origin().map(|origin| match (origin.as_path(), origin.as_location()) {
            (Some(path), _) => path.to_owned(),
            (_, text) => text.unwrap_or_default().into(),
        });
        let origin = origin.unwrap_or_default();
        let name = printable(origin.file_name().unwrap_or(origin.as_os_str()));
        Self { name, location: Some(location.into()), ..Self::new(map, "") }
    }
}

/// An input from the command line.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SourceArg<'a> {
    /// A path, or a location that one of the schemes opens.
    File(&'a Path, &'a Schemes),
    Stdin,
}

/// How much to read of an input that cannot be mapped. A mapping has everything.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ReadOptions {
    pub(crate) skip: u64,
    pub(crate) length: Option<u64>,
    /// How many of the last bytes are needed, if the others are not.
    pub(crate) tail: Option<u64>,
}

/// Input up to this length is kept in memory, longer input in a temporary file.
const IN_MEMORY_MAX: u64 = 1 << 20;

/// The same if only the last bytes are needed.
const TAIL_MAX: u64 = 64 << 20;

/// Maximum number of bytes read from a file that the kernel generates, unless a length is given:
/// some, such as `/proc/PID/pagemap`, have no practical end.
const MADE_UP_LEN_MAX: u64 = 64 << 20;

/// Bytes requested to detect that there is more. A whole page, as some of these files do not return
/// single bytes.
const MADE_UP_LEN_ASKED: u64 = MADE_UP_LEN_MAX + 4096;

impl<'a> SourceArg<'a> {
    pub(crate) fn of(file: Option<&'a Path>, schemes: &'a Schemes) -> Self {
        match file {
            None => Self::Stdin,
            Some(path) if path == Path::new("-") => Self::Stdin,
            Some(path) => Self::File(path, schemes),
        }
    }

    /// Opens the input: the one function for files, plug-ins and standard input. What cannot be mapped is
    /// read to its end.
    pub(crate) fn open(self, wanted: ReadOptions) -> Result<Source> {
        self.open_while(wanted, &Progress::new())
    }

    /// The same for what may take long: a packed file is unpacked once.
    pub(crate) fn open_while(self, wanted: ReadOptions, progress: &Progress) -> Result<Source> {
        if let Self::File(path, schemes) = self
            && let Some(inner) = packed::inner(path)
        {
            return packed::open(path, &inner, schemes, progress);
        }
        let (path, schemes) = match self {
            Self::Stdin if standard_input::is_closed() => {
                let what = "standard input is closed, or /dev/null opened to be written to; name a \
                            file, or pipe the bytes into `lazyhex -`";
                return Err(Error::new(Op::Read, ErrorKind::InvalidOptions { what }));
            }
            Self::Stdin => {
                return match stream_reader::standard_file() {
                    Some(map) => Ok(Source::new(map, STANDARD_INPUT)),
                    None => read(io::stdin().lock(), wanted, STANDARD_INPUT),
                };
            }
            Self::File(path, schemes) => (path, schemes),
        };
        let name = printable(path.file_name().unwrap_or(path.as_os_str()));
        match schemes.open(path, MemMap::options()) {
            Ok(map) => self.source_of(map),
            Err(error) => {
                let Some(wanted) = readable(error.kind(), wanted) else { return Err(error) };
                let Some(path) = schemes.path_of(path)? else { return Err(error) };
                let placed = |error: Error| error.with_origin(&*path);
                let file = File::open(&path).map_err(|error| {
                    placed(Error::new(Op::Open, ErrorKind::from_io(error, Mode::Read)))
                })?;
                let source = read(file, wanted, &name).map_err(placed)?;
                let is_cut = wanted.length == Some(MADE_UP_LEN_ASKED);
                if is_cut && source.map.len() > MADE_UP_LEN_MAX { Err(error) } else { Ok(source) }
            }
        }
    }
}

impl SourceArg<'_> {
    /// The source of what this argument opened.
    fn source_of(self, map: AnyMap) -> Result<Source> {
        let Self::File(path, schemes) = self else { return Ok(Source::new(map, STANDARD_INPUT)) };
        if schemes.path_of(path)?.is_none() {
            return Ok(Source::of_plugin(map, path));
        }
        let name = printable(path.file_name().unwrap_or(path.as_os_str()));
        Ok(Source { name, ..Source::new(map, "") })
    }
}

/// How much to read of an input that cannot be mapped; `None` if reading is not possible. A device
/// may have no end, so it is read only if a length is given.
fn readable(kind: &ErrorKind, wanted: ReadOptions) -> Option<ReadOptions> {
    let &ErrorKind::NotMappable { kind } = kind else { return None };
    match kind {
        FileKind::Fifo => Some(wanted),
        FileKind::Proc | FileKind::Sys | FileKind::Pseudo => {
            Some(ReadOptions { length: wanted.length.or(Some(MADE_UP_LEN_ASKED)), ..wanted })
        }
        FileKind::CharDevice => wanted.length.map(|_| wanted),
        _ => None,
    }
}

/// Reads to the end. Skipped bytes are discarded.
fn read(mut reader: impl Read, wanted: ReadOptions, name: &str) -> Result<Source> {
    let failed = |error| Error::new(Op::Read, ErrorKind::Os(error));
    let ReadOptions { skip, length, tail } = wanted;
    let skipped = io::copy(&mut reader.by_ref().take(skip), &mut io::sink()).map_err(failed)?;
    if skipped < skip {
        let kind = ErrorKind::BeyondEnd { offset: skip, len: 0, source_len: skipped };
        return Err(Error::new(Op::Read, kind));
    }
    let mut reader = reader.take(length.unwrap_or(u64::MAX));
    let named = |map| Source { name: name.to_owned(), ..Source::new(map, "") };
    if let Some(len) = tail.filter(|&len| len <= TAIL_MAX) {
        let (passed, bytes) = last_bytes(reader, len).map_err(failed)?;
        let map = RamMap::from_reader(&bytes[..])?.erase();
        return Ok(Source { base: skip + passed, ..named(map) });
    }
    let mut map = RamMap::from_reader(reader.by_ref().take(IN_MEMORY_MAX))?.erase();
    if map.len() == IN_MEMORY_MAX {
        let all = map.reader().chain(reader);
        map = Spool::filled(StreamKind::Pipe, all).map_err(failed)?.map()?;
    }
    Ok(Source { base: skip, ..named(map) })
}

/// The last bytes of a reader, and how many came before them.
fn last_bytes(mut reader: impl Read, len: u64) -> io::Result<(u64, Vec<u8>)> {
    let wanted = usize::try_from(len).unwrap_or(usize::MAX);
    let (mut bytes, mut passed) = (Vec::new(), 0);
    loop {
        let more = len.max(memmap::widen(spool::PIECE_LEN));
        let read = reader.by_ref().take(more).read_to_end(&mut bytes)?;
        let gone = bytes.len().saturating_sub(wanted);
        bytes.drain(..gone);
        passed += memmap::widen(gone);
        if read == 0 {
            return Ok((passed, bytes));
        }
    }
}

/// Copies the readable bytes of a range. Unreadable bytes are `None`, and the page has the reason.
pub(crate) fn rescue(map: &AnyMap, range: Range<u64>) -> Page {
    let mut buffer = vec![0; usize::try_from(range.end - range.start).unwrap_or(0)];
    let lost = match map.rescue(range.start, &mut buffer) {
        Ok(lost) => lost,
        Err(error) => {
            let bytes = vec![None; buffer.len()];
            let problem = Some(ReadError::failed(error));
            return Page { start: range.start, bytes, problem, ..Page::default() };
        }
    };
    let mut problem = None;
    let mut bytes: Vec<Option<u8>> = buffer.into_iter().map(Some).collect();
    for lost in lost {
        let at = |position: u64| {
            usize::try_from(position.saturating_sub(range.start)).unwrap_or(usize::MAX)
        };
        let bad = at(lost.range.start)..at(lost.range.end);
        bytes.get_mut(bad).unwrap_or_default().fill(None);
        // That there are no bytes is no problem.
        if !matches!(lost.error.kind(), ErrorKind::Gap { .. }) {
            problem.get_or_insert_with(|| ReadError::lost(lost.error));
        }
    }
    Page { start: range.start, bytes, problem, ..Page::default() }
}

/// Length of the blocks in which unreadable bytes are folded: a page of most systems.
pub(crate) const BLOCK_LEN: u64 = 4096;

/// Reads a range for display. If its first or last byte is unreadable, also checks the rest of that
/// block, so that a block that is unreadable as a whole can be folded.
pub(crate) fn read_page(map: &AnyMap, range: Range<u64>) -> Page {
    let mut page = rescue(map, range.clone());
    let before = range.start - range.start % BLOCK_LEN..range.start;
    let end = range.end.div_ceil(BLOCK_LEN).saturating_mul(BLOCK_LEN).min(map.len());
    let after = range.end..end.max(range.end);
    for (beside, edge) in [(before, page.bytes.first()), (after, page.bytes.last())] {
        let is_lost = |range| rescue(map, range).bytes.iter().all(Option::is_none);
        if edge == Some(&None) && !beside.is_empty() && is_lost(beside.clone()) {
            page.lost_beside.push(beside);
        }
    }
    page
}

/// The same for bytes that are needed only once: releases their pages, so that a pass over a large
/// file does not grow the resident set.
pub(crate) fn pass_over(map: &AnyMap, range: Range<u64>) -> Page {
    let page = rescue(map, range.clone());
    // Only a hint, so an error does not matter.
    map.advise(range, Advice::DontNeed).ok();
    page
}

/// The bytes of a path that is not UTF-8, in base64, for JSON. JSON strings replace invalid bytes
/// by U+FFFD, and so would name a different file.
pub(crate) fn bytes_unless_utf8(path: &Path) -> Option<String> {
    let bytes = || STANDARD.encode(path.as_os_str().as_encoded_bytes());
    path.to_str().is_none().then(bytes)
}

/// A path, or a location without what may be secret in it: a user, a query.
pub(crate) fn shown(path: &Path) -> String {
    let text = printable(path.as_os_str());
    let Some((scheme, rest)) = text.split_once("://") else { return text };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, inside) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    format!("{scheme}://{}{inside}", host.rsplit('@').next().unwrap_or_default())
}

/// A file name with control and unprintable characters escaped.
pub(crate) fn printable(name: &OsStr) -> String {
    let quoted = format!("{name:?}");
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(&quoted).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Opens `key://SECRET@NAME` as a file would be: by an origin that has no secret.
    #[derive(Debug)]
    struct Keyed;

    impl memmap::plugin::Opener for Keyed {
        type Source = str;
        type Mapping = Empty;

        fn origin(&self, location: &str) -> memmap::plugin::Origin {
            Path::new(location.rsplit('@').next().unwrap_or_default()).into()
        }
        fn open(&self, location: &str, _: &memmap::plugin::Request) -> Result<Empty> {
            assert!(location.starts_with("key://secret@"), "{location}");
            Ok(Empty)
        }
    }

    #[derive(Debug)]
    struct Empty;

    impl memmap::plugin::Mapping for Empty {
        fn len(&self) -> u64 {
            0
        }
        fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
            memmap::plugin::check(offset, out.len(), 0)
        }
    }

    #[test]
    fn what_a_plug_in_opened_is_opened_again_by_its_location_and_named_by_its_origin() {
        let schemes = Schemes::default().with("key", Keyed);
        let mut location = OsString::from("key://secret@/dir/log.gz");
        for _ in 0..2 {
            let input = SourceArg::of(Some(Path::new(&location)), &schemes);
            let source = input.open(ReadOptions::default()).unwrap();
            assert_eq!(source.name, "log.gz");
            let handle = handle::SourceHandle::of(source);
            // The origin is a path, but not that of a file with these bytes.
            assert_eq!(handle.path(), None);
            location = handle.location().unwrap().to_owned();
        }
    }

    #[test]
    fn a_location_is_shown_without_its_secrets() {
        for (location, text) in [
            ("http://user:word@host/a/b?token=1#x", "http://host/a/b"),
            ("s3://bucket/a@b", "s3://bucket/a@b"),
            ("x://key@host", "x://host"),
            ("/a/b?c@d", "/a/b?c@d"),
        ] {
            assert_eq!(shown(Path::new(location)), text);
        }
    }

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
