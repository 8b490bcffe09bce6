//! A sorted table of fixed-size records in a file, built once and then looked up by eight threads.
//!
//! `cargo run -p memmap-rs --example lookup_table` builds a table of 100,000 records and looks up 300,000
//! keys in two ways. [`MemMap::get`] copies one record at a time; it works for every file, and is an error if
//! someone has cut the file short. A borrowed `&[Record]` needs a proof that nobody can change the bytes.
//! Opening the table reads nothing; a lookup reads only the pages that it touches.

#![expect(clippy::print_stdout, reason = "the output of a program")]

use std::error::Error;
use std::path::Path;
use std::thread;

use memmap::zerocopy::little_endian::U64;
use memmap::zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};
use memmap::{MemMap, Mode, Proofs};

const COUNT: u64 = 100_000;
const RECORD_LEN: u64 = 16;

/// One row of the table. The integers are little-endian on every machine, and need no alignment.
#[derive(FromBytes, IntoBytes, Immutable, KnownLayout)]
#[zerocopy(crate = "memmap::zerocopy")]
#[repr(C)]
struct Record {
    key: U64,
    value: U64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::temp_dir().join(format!("memmap-table-{}", std::process::id()));
    build(&path)?;
    println!("{}", look_up_all(&path)?.join("\n"));
    Ok(std::fs::remove_file(&path)?)
}

/// Writes the table: every third number, with its square. On a full disk `open` fails and leaves no file.
fn build(path: &Path) -> memmap::Result<()> {
    let mut table = MemMap::options().mode(Mode::Create).len(COUNT * RECORD_LEN).open(path)?;
    for index in 0..COUNT {
        let key = 3 * index;
        let record = Record { key: U64::new(key), value: U64::new(key * key) };
        table.set(index * RECORD_LEN, record)?;
    }
    table.close()
}

/// Binary search in the file. Each step copies one record.
fn find(table: &MemMap, key: u64) -> memmap::Result<Option<u64>> {
    let (mut low, mut high) = (0, table.len() / RECORD_LEN);
    while low < high {
        let middle = low.midpoint(high);
        let record: Record = table.get(middle * RECORD_LEN)?;
        match record.key.get() {
            found if found == key => return Ok(Some(record.value.get())),
            found if found < key => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(None)
}

/// The same in a slice, where the standard library does it.
fn find_in(table: &[Record], key: u64) -> Option<u64> {
    let index = table.binary_search_by_key(&key, |record| record.key.get()).ok()?;
    Some(table[index].value.get())
}

/// Looks up all keys below `3 * COUNT` on eight threads, which share one map: `MemMap` is `Sync`.
fn count_found(find: impl Fn(u64) -> memmap::Result<Option<u64>> + Sync) -> memmap::Result<usize> {
    let find = &find;
    let count = |first| {
        let mut found = 0;
        for key in (first..3 * COUNT).step_by(8) {
            found += usize::from(find(key)?.is_some());
        }
        Ok(found)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|first| scope.spawn(move || count(first))).collect();
        threads.into_iter().map(|thread| thread.join().expect("the thread panicked")).sum()
    })
}

fn look_up_all(path: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let table = MemMap::open(path, Mode::Read)?;
    let found = count_found(|key| find(&table, key))?;
    let mut lines = vec![format!("copied: {found} keys found")];

    // A lease or a clone of the file needs no copy; a snapshot of a file this small is cheap.
    match table.prove(Proofs::any().lease().snapshot_up_to(16 << 20)) {
        Ok(frozen) => {
            let records = <[Record]>::ref_from_bytes(&frozen).map_err(|error| error.to_string())?;
            let found = count_found(|key| Ok(find_in(records, key)))?;
            lines.push(format!("borrowed: {found} keys found; proof: {}", frozen.proof()));
        }
        // `refused.value` is the table, which can be used as before.
        Err(refused) => lines.push(format!("not borrowed: {}", refused.error)),
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_find_every_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table");
        build(&path).unwrap();
        let lines = look_up_all(&path).unwrap();
        assert_eq!(lines[0], "copied: 100000 keys found");
        assert!(lines[1].starts_with("borrowed: 100000 keys found"), "{lines:?}");
        let table = MemMap::open(&path, Mode::Read).unwrap();
        assert_eq!((find(&table, 21).unwrap(), find(&table, 22).unwrap()), (Some(441), None));
    }
}
