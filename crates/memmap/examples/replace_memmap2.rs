//! Replacing memmap2 in a program whose parser takes `&[u8]`.
//!
//! Before:
//!
//! ```text
//! let file = File::open(path)?;
//! let bytes = unsafe { memmap2::Mmap::map(&file)? };
//! let chunks = chunks(&bytes)?;
//! ```
//!
//! The `unsafe` promises that nobody changes the file while it is mapped. If someone does, the bytes of a
//! `&[u8]` change, which is undefined behaviour; if someone cuts the file short, the program dies of SIGBUS.
//! There are three ways to replace it:
//!
//! | way | the parser | costs |
//! |---|---|---|
//! | [`FrozenMap::open`], [`FrozenMap::open_with`] | stays as it is | the memory of what it touches; a copy where only a snapshot is a proof |
//! | [`RamMap::from_reader`] | stays as it is | a copy of the file; it may also be a pipe |
//! | [`MemMap::read_at`], [`MemMap::get`] | asks for the bytes it needs | a copy of these |
//!
//! `cargo run -p memmap-rs --example replace_memmap2` uses each of them on a file that is then cut short.

#![expect(clippy::print_stdout, reason = "the output of a program")]

use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::path::Path;

use memmap::zerocopy::little_endian::U32;
use memmap::{FrozenMap, MemMap, Mode, Proofs, RamMap};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The parser: lists the tags of chunks. A chunk is a tag of four bytes, a length and its data.
fn tags(mut bytes: &[u8]) -> Result<Vec<String>> {
    let mut tags = Vec::new();
    while !bytes.is_empty() {
        let (tag, rest) = bytes.split_at_checked(4).ok_or("a tag is cut short")?;
        let (len, rest) = rest.split_first_chunk().ok_or("a length is cut short")?;
        let len = usize::try_from(u32::from_le_bytes(*len))?;
        (_, bytes) = rest.split_at_checked(len).ok_or("a chunk is cut short")?;
        tags.push(String::from_utf8_lossy(tag).into_owned());
    }
    Ok(tags)
}

/// The smallest change. On Linux `FrozenMap::open(path)` is enough. If no proof holds, the error says why.
fn frozen(path: &Path) -> Result<FrozenMap> {
    Ok(FrozenMap::open_with(path, Proofs::any().snapshot_up_to(64 << 20))?)
}

/// A copy in memory of anything that can be read.
fn copied(path: &Path) -> Result<RamMap> {
    Ok(RamMap::from_reader(File::open(path)?)?)
}

/// The parser asks the map. Data that it skips is never read.
fn tags_of(map: &MemMap) -> Result<Vec<String>> {
    let (mut tags, mut at) = (Vec::new(), 0);
    while at < map.len() {
        tags.push(String::from_utf8_lossy(&map.read_at(at, 4)?).into_owned());
        at += 8 + u64::from(map.get::<U32>(at + 4)?.get());
    }
    Ok(tags)
}

fn main() -> Result<()> {
    let path = std::env::temp_dir().join(format!("memmap-chunks-{}", std::process::id()));
    println!("{}", show(&path)?.join("\n"));
    Ok(fs::remove_file(&path)?)
}

fn write(path: &Path) -> Result<()> {
    let chunk = |tag, len| [tag, &[len, 0, 0, 0][..], &vec![0; len.into()]].concat();
    Ok(fs::write(path, [chunk(b"HEAD", 16), chunk(b"DATA", 200), chunk(b"TAIL", 9)].concat())?)
}

/// Makes the file empty. On Windows this fails while a live map exists.
fn cut(path: &Path) -> std::io::Result<()> {
    OpenOptions::new().write(true).open(path)?.set_len(0)
}

/// What each way makes of a file that is cut short after it was opened.
fn show(path: &Path) -> Result<Vec<String>> {
    write(path)?;
    let frozen = frozen(path)?;
    cut(path)?;
    let mut lines = vec![format!("frozen: {:?}", tags(&frozen)?)];

    write(path)?;
    let copied = copied(path)?;
    cut(path)?;
    lines.push(format!("copied: {:?}", tags(&copied)?));

    write(path)?;
    let live = MemMap::open(path, Mode::Read)?;
    lines.push(format!("live: {:?}", tags_of(&live)?));
    lines.push(match cut(path) {
        Ok(()) => format!("cut: {}", tags_of(&live).err().ok_or("lost bytes were read")?),
        Err(error) => format!("not cut: {error}"),
    });
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_way_ends_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chunks");
        let lines = show(&path).unwrap();
        for (line, way) in lines.iter().zip(["frozen", "copied", "live"]) {
            assert_eq!(*line, format!(r#"{way}: ["HEAD", "DATA", "TAIL"]"#));
        }
        assert!(lines[3].contains("cut: "), "{lines:?}");
    }
}
