//! The files that tasks read: temporary, private, and removed when their value is dropped.

use std::env;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use memmap::{MemMap, Mode};
use rustix::fs::{self, Advice};
use tempfile::{NamedTempFile, TempPath};

use crate::Result;

/// A file that is never written again: this type cannot, and no one else has it open.
#[derive(Debug)]
pub(crate) struct Input {
    path: TempPath,
}

impl Input {
    /// Bytes that do not repeat, on disk and in the page cache. Bytes that are not on disk would be
    /// written back during the measurement.
    pub(crate) fn random(len: u64) -> Result<Self> {
        let file = NamedTempFile::new()?;
        let mut writer = BufWriter::with_capacity(1 << 20, &file);
        let mut random = Random::new();
        let mut missing = len;
        while missing > 0 {
            let word = random.next().to_le_bytes();
            let part = word.get(..usize::try_from(missing.min(8))?).unwrap_or(&word);
            writer.write_all(part)?;
            missing = missing.saturating_sub(8);
        }
        writer.flush()?;
        drop(writer);
        file.as_file().sync_all()?;
        Self::of(file).read_once()
    }

    /// The log of a program: lines of words, each with a date. [`RARE`] is in every 64 MiB,
    /// [`COMMON`] in every 21 KiB, and [`LAST`] is there once, near the end.
    pub(crate) fn log(len: u64) -> Result<Self> {
        let file = NamedTempFile::new()?;
        let mut writer = BufWriter::with_capacity(1 << 20, &file);
        let mut random = Random::new();
        let (mut at, mut marks) = (0, [(RARE, 0, 64 << 20), (COMMON, 0, 21 << 10), (LAST, 0, len)]);
        for (_, next, every) in &mut marks {
            // In the middle of the first interval, or near the end if there is only one.
            *next = if *every == len { len / 1000 * 995 } else { *every / 2 };
        }
        let mut line = Vec::new();
        while at < len {
            line.clear();
            write_line(&mut random, &mut line)?;
            for (mark, next, every) in &mut marks {
                if at >= *next {
                    line.extend_from_slice(mark.as_bytes());
                    line.push(b' ');
                    *next += *every;
                }
            }
            line.push(b'\n');
            let part = usize::try_from(len - at).map_or(line.len(), |left| left.min(line.len()));
            writer.write_all(&line[..part])?;
            at += u64::try_from(part)?;
        }
        writer.flush()?;
        drop(writer);
        file.as_file().sync_all()?;
        Self::of(file).read_once()
    }

    /// A sparse file of zeros with `data` bytes of data, in pieces across the file. Each piece
    /// contains [`RARE`].
    pub(crate) fn sparse_with(len: u64, data: u64) -> Result<Self> {
        let file = NamedTempFile::new()?;
        file.as_file().set_len(len)?;
        let pieces = (data / PIECE_LEN).max(1);
        let mut piece = vec![b'.'; usize::try_from(PIECE_LEN)?];
        piece[1000..1000 + RARE.len()].copy_from_slice(RARE.as_bytes());
        for number in 0..pieces {
            file.as_file().write_all_at(&piece, len / pieces * number / PIECE_LEN * PIECE_LEN)?;
        }
        file.as_file().sync_all()?;
        Ok(Self::of(file))
    }

    /// A sparse file of zeros, which take no space on disk.
    pub(crate) fn sparse(len: u64) -> Result<Self> {
        let file = NamedTempFile::new()?;
        file.as_file().set_len(len)?;
        Ok(Self::of(file))
    }

    /// An executable: a copy of this program.
    pub(crate) fn executable() -> Result<Self> {
        let file = NamedTempFile::new()?;
        std::fs::copy(env::current_exe()?, &file)?;
        Self::of(file).read_once()
    }

    /// Takes a file that is complete.
    pub(crate) fn of(file: NamedTempFile) -> Self {
        Self { path: file.into_temp_path() }
    }

    /// Reads the file, which brings it into the page cache.
    pub(crate) fn read_once(self) -> Result<Self> {
        self.read_again()?;
        Ok(self)
    }

    /// Brings the file back into the page cache.
    pub(crate) fn read_again(&self) -> Result {
        io::copy(&mut File::open(&self.path)?, &mut io::sink())?;
        Ok(())
    }

    /// Drops the file from the page cache, so that it is read from the device next time. All of it
    /// is on the device.
    pub(crate) fn drop_from_cache(&self) -> Result {
        let file = File::open(&self.path)?;
        fs::fadvise(&file, 0, None, Advice::DontNeed)?;
        let map = MemMap::open(&self.path, Mode::Read)?;
        let kept: u64 = map.resident(..)?.iter().map(|range| range.end - range.start).sum();
        if kept > map.len() / 100 {
            return Err(format!("{kept} bytes stay in the page cache").into());
        }
        Ok(())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn len(&self) -> Result<u64> {
        Ok(self.path.metadata()?.len())
    }
}

/// The length of a piece of data among holes.
pub(crate) const PIECE_LEN: u64 = 64 << 10;

/// The marks in a log: one in every 64 MiB, one in every 21 KiB, and one near its end.
pub(crate) const RARE: &str = "Qz7rare!";
pub(crate) const COMMON: &str = "offset-mark";
pub(crate) const LAST: &str = "LASTMARK";

/// Appends a line of about 110 bytes, without a newline.
fn write_line(random: &mut Random, line: &mut Vec<u8>) -> io::Result<()> {
    const WORDS: [&str; 16] = [
        "request", "from", "the", "cache", "was", "served", "in", "worker", "while", "reading",
        "block", "of", "table", "index", "after", "commit",
    ];
    let bits = random.next();
    let (day, hour, second) = (bits % 28 + 1, bits >> 8 & 15, bits >> 16 & 31);
    write!(line, "2026-01-{day:02} {hour:02}:00:{second:02} INFO [{:4x}] ", bits >> 48)?;
    let mut choices = random.next();
    for _ in 0..14 {
        line.extend_from_slice(WORDS[usize::try_from(choices & 15).unwrap_or(0)].as_bytes());
        line.push(b' ');
        choices >>= 4;
    }
    Ok(())
}

/// Marsaglia's xorshift64: a generator of three shifts, whose patterns do not matter here.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }

    #[inline]
    pub(crate) const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_has_its_marks_and_the_length_it_was_asked_for() {
        let log = std::fs::read(Input::log(1 << 20).unwrap().path()).unwrap();
        assert_eq!(log.len(), 1 << 20);
        let count = |mark: &str| memchr::memmem::find_iter(&log, mark).count();
        assert_eq!((count(RARE), count(LAST)), (0, 1));
        assert!((48..=50).contains(&count(COMMON)) && count(" INFO [") > 5_000);
        assert!(memchr::memmem::find(&log, LAST.as_bytes()).unwrap() > log.len() / 100 * 99);
    }

    #[test]
    fn a_sparse_input_has_some_data() {
        let input = Input::sparse_with(1 << 30, 1 << 20).unwrap();
        assert_eq!(input.len().unwrap(), 1 << 30);
        let mut mark = [0; RARE.len()];
        File::open(input.path()).unwrap().read_exact_at(&mut mark, 1000).unwrap();
        assert_eq!(mark, RARE.as_bytes());
    }

    #[test]
    fn a_random_input_has_the_length_it_was_asked_for() {
        for len in [0, 1, 8, 13, 4096] {
            assert_eq!(Input::random(len).unwrap().len().unwrap(), len);
        }
    }
}
