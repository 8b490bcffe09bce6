//! An append-only log that survives a crash in the middle of a write.
//!
//! `cargo run -p memmap-rs --example append_log` writes four records, damages the third as a crash would, and
//! opens the log again: it ends after the second. [`MemMap::lock`] can keep other writers out.
//!
//! A record is a length, a checksum and the payload. After the last record, the file has zeros as room for
//! more. They are not a record, because their checksum is wrong.

#![expect(clippy::print_stdout, reason = "the output of a program")]

use std::error::Error;
use std::path::Path;

use memmap::zerocopy::little_endian::U32;
use memmap::{ErrorKind, MemMap, Mode};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Length and checksum, in front of each payload.
const HEADER_LEN: u64 = 8;

struct Log {
    map: MemMap,
    /// Where the next record goes.
    end: u64,
}

impl Log {
    /// Opens a log, or creates an empty one, and drops what comes after the last whole record.
    fn open(path: &Path) -> Result<Self> {
        let mut map = match MemMap::open(path, Mode::ReadWrite) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound) => {
                MemMap::options().mode(Mode::Create).create_new(true).len(0).open(path)?
            }
            opened => opened?,
        };
        let (_, end) = records(&map)?;
        // Otherwise a new record might end where old bytes still form a valid one.
        map.resize(end)?;
        // Address space, not memory: up to this length, growing does not move the mapping.
        map.reserve(256 << 20)?;
        Ok(Self { map, end })
    }

    /// Adds a record. Others see it at once; it survives a power failure after [`MemMap::sync`].
    fn append(&mut self, payload: &[u8]) -> Result<()> {
        let len = U32::new(u32::try_from(payload.len())?);
        let end = self.end + HEADER_LEN + u64::from(len.get());
        if end > self.map.len() {
            // Reserves room on the disk. If the disk is full, this fails and changes nothing.
            self.map.resize(end.next_multiple_of(64 << 10))?;
        }
        self.map.set(self.end, [len, checksum(len, payload)])?;
        self.map.write_at(self.end + HEADER_LEN, payload)?;
        self.end = end;
        Ok(())
    }
}

/// CRC-32 of length and payload. It is not 0 for a length of 0.
fn checksum(len: U32, payload: &[u8]) -> U32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&len.to_bytes());
    hasher.update(payload);
    hasher.finalize().into()
}

/// The payloads of all records up to the first that is not whole, and where that is.
fn records(map: &MemMap) -> Result<(Vec<Vec<u8>>, u64)> {
    let (mut records, mut end) = (Vec::new(), 0);
    while map.len() - end >= HEADER_LEN {
        let [len, expected] = map.get::<[U32; 2]>(end)?;
        let start = end + HEADER_LEN;
        if u64::from(len.get()) > map.len() - start {
            break;
        }
        let payload = map.read_at(start, usize::try_from(len.get())?)?;
        if checksum(len, &payload) != expected {
            break;
        }
        records.push(payload);
        end = start + u64::from(len.get());
    }
    Ok((records, end))
}

fn main() -> Result<()> {
    let path = std::env::temp_dir().join(format!("memmap-log-{}", std::process::id()));
    println!("{}", crash_and_recover(&path)?);
    Ok(std::fs::remove_file(&path)?)
}

fn crash_and_recover(path: &Path) -> Result<String> {
    let mut log = Log::open(path)?;
    log.append(b"first")?;
    log.append(b"second")?;
    log.map.sync(..)?;
    let torn = log.end;
    log.append(b"third")?;
    log.append(b"fourth")?;
    // Without `sync`, a crash keeps any part of these two: here, "th", and all of "fourth".
    log.map.fill_range(torn + 10..torn + 13, 0)?;
    drop(log);
    let mut log = Log::open(path)?;
    let found = records(&log.map)?.0.len();
    log.append(b"again")?;
    Ok(format!("{found} records, then {}", records(&log.map)?.0.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_ends_after_the_last_whole_record() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(crash_and_recover(&folder.path().join("log")).unwrap(), "2 records, then 3");
    }
}
