//! Writing hits to a new file, as a job.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::atomic::Ordering;

use memmap::widen;

use crate::format::hex::Hex;
use crate::job::context::{Merge, Site};
use crate::search::context::Near;
use crate::search::match_list::{Hit, Hits};

/// How hits are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A line for each: its offset, its length, its bytes as digits and as characters.
    Text,
    /// The same with commas between, under the names of the columns.
    Csv,
    /// One array of objects.
    Json,
}

impl Shape {
    /// The one that the end of a file's name asks for.
    fn of(path: &Path) -> Self {
        let is = |end: &str| path.extension().is_some_and(|it| it.eq_ignore_ascii_case(end));
        match () {
            () if is("csv") => Self::Csv,
            () if is("json") => Self::Json,
            () => Self::Text,
        }
    }
}

/// Bytes that are written of each hit, at most.
const BYTES_MAX: u64 = 64;

/// Writes hits to a file, which must not exist, and is removed again where that does not succeed.
pub(crate) fn run(
    all: &[Hits],
    path: &Path,
    site: &Site<'_, impl Merge>,
) -> Result<String, String> {
    let file = match File::create_new(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(format!("{path:?} exists; only new files are written"));
        }
        Err(error) => return Err(format!("cannot make {path:?}: {error}")),
    };
    let count = write(all, path, file, site);
    match count {
        Ok(Some(count)) => {
            let cut: u64 = all.iter().map(|hits| hits.total() - widen(hits.len())).sum();
            let cut = if cut > 0 { format!("; {cut} were not kept") } else { String::new() };
            let noun = if count == 1 { "hit is" } else { "hits are" };
            Ok(format!("{count} {noun} in {path:?} now{cut}"))
        }
        ended => {
            // There is nobody to tell about a file that cannot be removed.
            fs::remove_file(path).ok();
            match ended {
                Err(error) => Err(format!("cannot write {path:?}: {error}")),
                _ => Err("stopped".to_owned()),
            }
        }
    }
}

/// How many were written; `None` if it was to stop.
fn write(
    all: &[Hits],
    path: &Path,
    file: File,
    site: &Site<'_, impl Merge>,
) -> io::Result<Option<u64>> {
    let shape = Shape::of(path);
    let mut out = BufWriter::with_capacity(256 << 10, file);
    let mut near = Near::new(site.map);
    let total: usize = all.iter().map(Hits::len).sum();
    site.wire.total.store(widen(total), Ordering::Relaxed);
    out.write_all(match shape {
        Shape::Text => b"",
        Shape::Csv => b"offset,length,bytes\n",
        Shape::Json => b"[",
    })?;
    let mut count = 0;
    for hit in all.iter().flat_map(|hits| hits.iter_from(0)) {
        if count % 1024 == 0 && site.wire.cancel.is_cancelled() {
            return Ok(None);
        }
        let end = hit.end().min(hit.offset.saturating_add(BYTES_MAX)).min(site.map.len());
        let bytes = near.bytes(&(hit.offset.min(end)..end));
        line(&mut out, shape, hit, bytes, count == 0)?;
        count += 1;
        site.wire.steps.store(count, Ordering::Relaxed);
    }
    if shape == Shape::Json {
        out.write_all(b"\n]\n")?;
    }
    out.into_inner()?.sync_all()?;
    Ok(Some(count))
}

fn line(
    out: &mut impl Write,
    shape: Shape,
    hit: Hit,
    bytes: &[u8],
    is_first: bool,
) -> io::Result<()> {
    let Hit { offset, len } = hit;
    match shape {
        Shape::Text => {
            write!(out, "{offset:#x}\t{len}\t{}\t", Hex::plain(bytes))?;
            for &byte in bytes {
                let shown = if matches!(byte, b' '..=b'~') { byte } else { b'.' };
                out.write_all(&[shown])?;
            }
            out.write_all(b"\n")
        }
        Shape::Csv => {
            writeln!(out, "{offset},{len},{}", Hex::plain(bytes))
        }
        Shape::Json => {
            out.write_all(if is_first { b"\n" } else { b",\n" })?;
            let bytes = Hex::plain(bytes);
            write!(out, " {{\"offset\":{offset},\"length\":{len},\"bytes\":\"{bytes}\"}}")
        }
    }
}

#[cfg(test)]
mod tests {
    use memmap::{AnyMap, RamMap};

    use super::*;
    use crate::job::context::finish;

    fn export(map: &AnyMap, path: &Path) -> Result<String, String> {
        let mut hits = Hits::default();
        for (offset, len) in [(0, 3), (5, 1), (1000, 100)] {
            hits.push(Hit { offset, len });
        }
        finish::<()>(map, |site| run(&[Hits::default(), hits], path, site)).ended
    }

    #[test]
    fn the_end_of_the_name_says_how_it_is_written_and_nothing_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let map = RamMap::from_reader(&b"a\"\n--~~~"[..]).unwrap().erase();
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
            let said = export(&map, &path).unwrap();
            assert!(said.starts_with("3 hits are in "), "{said}");
            assert_eq!(fs::read_to_string(&path).unwrap(), expected);
            let why = export(&map, &path).unwrap_err();
            assert!(why.ends_with("exists; only new files are written"), "{why}");
            assert_eq!(fs::read_to_string(&path).unwrap(), expected);
        }
        export(&map, &dir.path().join("none/a")).unwrap_err();
    }
}
