//! Exports matches to a new file, as a job.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use memmap::widen;

use crate::format::hex::Hex;
use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, OnQuit};
use crate::search::context::ContextReader;
use crate::search::match_list::{Match, MatchList};

/// Export format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// One line per match: offset, length, bytes in hexadecimal and as characters.
    Text,
    /// The same as comma-separated values with a header line.
    Csv,
    /// An array of objects.
    Json,
}

impl Shape {
    /// Chooses the format by the file extension.
    fn of(path: &Path) -> Self {
        let is = |end: &str| path.extension().is_some_and(|it| it.eq_ignore_ascii_case(end));
        match () {
            () if is("csv") => Self::Csv,
            () if is("json") => Self::Json,
            () => Self::Text,
        }
    }
}

/// Maximum number of bytes exported per match.
const BYTES_MAX: u64 = 64;

/// Writes matches to a file that must not exist yet. The file is removed on failure.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct ExportJob {
    pub(crate) matches: Vec<MatchList>,
    pub(crate) path: PathBuf,
}

/// Summary of an export.
#[derive(Debug)]
pub(crate) struct Exported {
    path: PathBuf,
    count: u64,
    /// Number of matches that were counted but not kept, and so not exported.
    cut: u64,
}

impl fmt::Display for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.count == 1 { "match" } else { "matches" };
        write!(f, "{} {noun} written to {:?}", self.count, self.path)?;
        if self.cut > 0 { write!(f, "; {} were not kept", self.cut) } else { Ok(()) }
    }
}

impl Job for ExportJob {
    type Event = Never;
    type Output = Exported;
    const ON_QUIT: OnQuit = OnQuit::Ask;

    fn title(&self) -> String {
        "export of matches".to_owned()
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<Exported, JobError> {
        let Self { matches, path } = self;
        let file = new_file(&path)?;
        match write(&matches, &path, file, cx) {
            Ok(count) => {
                let cut =
                    matches.iter().map(|matches| matches.total() - widen(matches.len())).sum();
                Ok(Exported { path, count, cut })
            }
            Err(error) => {
                // If the removal fails, too, there is nothing left to do.
                fs::remove_file(&path).ok();
                Err(error)
            }
        }
    }
}

/// Creates a file that must not exist yet.
pub(crate) fn new_file(path: &Path) -> Result<File, JobError> {
    File::create_new(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => JobError::Exists(path.to_owned()),
        _ => JobError::Create { path: path.to_owned(), error },
    })
}

/// Returns the number of matches written.
fn write(
    all: &[MatchList],
    path: &Path,
    file: File,
    cx: &JobContext<'_, Never>,
) -> Result<u64, JobError> {
    let failed = |error| JobError::Write { path: path.to_owned(), error };
    let shape = Shape::of(path);
    let mut out = BufWriter::with_capacity(256 << 10, file);
    let mut near = ContextReader::default();
    let total: usize = all.iter().map(MatchList::len).sum();
    cx.expect(widen(total));
    let head: &[u8] = match shape {
        Shape::Text => b"",
        Shape::Csv => b"offset,length,bytes\n",
        Shape::Json => b"[",
    };
    out.write_all(head).map_err(failed)?;
    let mut count = 0;
    for hit in all.iter().flat_map(|matches| matches.iter_from(0)) {
        if count % 1024 == 0 {
            cx.checkpoint()?;
        }
        let end = hit.end().min(hit.offset.saturating_add(BYTES_MAX)).min(cx.mapping().len());
        let bytes = near.bytes(cx.mapping(), &(hit.offset.min(end)..end));
        line(&mut out, shape, hit, bytes, count == 0).map_err(failed)?;
        count += 1;
        cx.advance(1);
    }
    if shape == Shape::Json {
        out.write_all(b"\n]\n").map_err(failed)?;
    }
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    Ok(count)
}

fn line(
    out: &mut impl Write,
    shape: Shape,
    hit: Match,
    bytes: &[u8],
    is_first: bool,
) -> io::Result<()> {
    let Match { offset, len } = hit;
    match shape {
        Shape::Text => {
            write!(out, "{offset:#x}\t{len}\t{}\t", Hex::plain(bytes))?;
            for &byte in bytes {
                let shown = if matches!(byte, b' '..=b'~') { byte } else { b'.' };
                out.write_all(&[shown])?;
            }
            out.write_all(b"\n")
        }
        Shape::Csv => writeln!(out, "{offset},{len},{}", Hex::plain(bytes)),
        Shape::Json => {
            out.write_all(if is_first { b"\n" } else { b",\n" })?;
            let bytes = Hex::plain(bytes);
            write!(out, " {{\"offset\":{offset},\"length\":{len},\"bytes\":\"{bytes}\"}}")
        }
    }
}

#[cfg(test)]
mod tests {
    use memmap::RamMap;

    use super::*;
    use crate::job::context::finish;
    use crate::source::handle::SourceHandle;

    fn export(source: &SourceHandle, path: &Path) -> Result<String, String> {
        let mut matches = MatchList::default();
        for (offset, len) in [(0, 3), (5, 1), (1000, 100)] {
            matches.push(Match { offset, len });
        }
        let job = ExportJob { matches: vec![MatchList::default(), matches], path: path.to_owned() };
        let ended = finish(source, job).ended;
        ended.map(|it| it.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_end_of_the_name_says_how_it_is_written_and_nothing_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let map = RamMap::from_reader(&b"a\"\n--~~~"[..]).unwrap().erase();
        let source = SourceHandle::new(map);
        for (name, expected) in [
            ("a.txt", "0x0\t3\t61220a\ta\".\n0x5\t1\t7e\t~\n0x3e8\t100\t\t\n"),
            ("a.csv", "offset,length,bytes\n0,3,61220a\n5,1,7e\n1000,100,\n"),
            (
                "a.json",
                "[\n {\"offset\":0,\"length\":3,\"bytes\":\"61220a\"},\n \
                 {\"offset\":5,\"length\":1,\"bytes\":\"7e\"},\n \
                 {\"offset\":1000,\"length\":100,\"bytes\":\"\"}\n]\n",
            ),
        ] {
            let path = dir.path().join(name);
            let said = export(&source, &path).unwrap();
            assert!(said.starts_with("3 matches written to "), "{said}");
            assert_eq!(fs::read_to_string(&path).unwrap(), expected);
            let why = export(&source, &path).unwrap_err();
            assert!(why.ends_with("exists; only new files are written"), "{why}");
            assert_eq!(fs::read_to_string(&path).unwrap(), expected);
        }
        export(&source, &dir.path().join("none/a")).unwrap_err();
    }
}
