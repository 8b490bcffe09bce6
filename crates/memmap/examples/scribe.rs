//! A map to write to by hand, or by `cargo xtask torture`, on a disk that fills up or fails:
//! `cargo run -p memmap-rs --example scribe -- FILE`, and then an order a line.
//!
//! | order | what it does |
//! |---|---|
//! | `open` | maps the file in mode `r+` |
//! | `create LEN` | makes it anew, in mode `w+` |
//! | `refill LEN` | empties it and makes it as long, in mode `w+` and in place |
//! | `extend LEN` | maps it in mode `r+` and makes it as long |
//! | `resize LEN` | makes map and file as long |
//! | `write OFFSET LEN` | writes words of eight, each the complement of its own offset |
//! | `fill OFFSET LEN` | sets bytes to 165 |
//! | `copy OFFSET LEN TO` | copies within the map |
//! | `cells OFFSET COUNT` | stores integers of eight bytes, as `write` does, a page apart |
//! | `replace LEN` | replaces the file by `LEN` bytes as `write` writes them, whatever is mapped |
//! | `sync`, `close`, `drop` | ends the map, or does not |
//!
//! The answer to each is `ok`, or why not: the name of the error's kind and its numbers. Texts of
//! errors go to the error output.

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks on its output")]

use std::env;
use std::error::Error;
use std::io;
use std::path::Path;

use memmap::{ErrorKind, MemMap, Mode, Progress, RamMap};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os().nth(1).ok_or("name a file")?;
    let mut map = None;
    println!("mapped nothing yet");
    for line in io::stdin().lines() {
        match obey(Path::new(&path), &mut map, &line?)? {
            Ok(()) => println!("ok"),
            Err(error) => println!("{}", why(&error)),
        }
    }
    Ok(())
}

fn obey(
    path: &Path,
    map: &mut Option<MemMap>,
    line: &str,
) -> Result<memmap::Result<()>, Box<dyn Error>> {
    let mut words = line.split_whitespace();
    let order = words.next().unwrap_or_default();
    let numbers = words.map(str::parse).collect::<Result<Vec<u64>, _>>()?;
    let options = match (order, &numbers[..]) {
        ("open", []) => Some(MemMap::options().mode(Mode::ReadWrite)),
        ("create", &[len]) => Some(MemMap::options().mode(Mode::Create).len(len)),
        ("refill", &[len]) => Some(MemMap::options().mode(Mode::Create).in_place(true).len(len)),
        ("extend", &[len]) => Some(MemMap::options().mode(Mode::ReadWrite).extend(true).len(len)),
        _ => None,
    };
    if let Some(options) = options {
        return Ok(options.open(path).map(|opened| drop(map.replace(opened))));
    }
    if let ("replace", &[len]) = (order, &numbers[..]) {
        let mut ram = RamMap::new(len)?;
        ram.copy_from_slice(&bytes(0, len)?);
        return Ok(ram.replace_file(path, &Progress::new()));
    }
    match (order, map.take()) {
        ("close", Some(closed)) => return Ok(closed.close()),
        ("drop", Some(_)) => return Ok(Ok(())),
        (_, kept) => *map = kept,
    }
    let map = map.as_mut().ok_or("nothing is mapped")?;
    Ok(match (order, &numbers[..]) {
        ("resize", &[len]) => map.resize(len),
        ("write", &[offset, len]) => map.write_at(offset, &bytes(offset, len)?),
        ("fill", &[offset, len]) => map.fill_range(offset..offset + len, 0xA5),
        ("copy", &[offset, len, to]) => map.copy_within(offset..offset + len, to),
        ("cells", &[offset, count]) => {
            let cells = map.cells();
            let mut places = (0..count).map(|index| offset + index * 4096);
            places.try_for_each(|at| cells.compare_exchange(at, 0, !at).map(drop))
        }
        ("sync", []) => map.sync(..),
        _ => return Err(format!("{line:?} is no order").into()),
    })
}

/// `len` bytes as they belong at `offset`, which is a multiple of eight.
fn bytes(offset: u64, len: u64) -> Result<Vec<u8>, Box<dyn Error>> {
    let words = (offset..).step_by(8).flat_map(|at| (!at).to_le_bytes());
    Ok(words.take(len.try_into()?).collect())
}

/// The kind of an error and its numbers, as words; its text goes to the error output.
fn why(error: &memmap::Error) -> String {
    eprintln!("{error}");
    match error.kind() {
        ErrorKind::StorageFull { offset: Some(offset), needed: short_by, .. } => {
            format!("storage-full offset={offset} short_by={short_by}")
        }
        ErrorKind::StorageFull { offset: None, needed, .. } => format!("no-room needed={needed}"),
        ErrorKind::QuotaExceeded { offset } => format!("quota-exceeded offset={offset}"),
        ErrorKind::NotDurable { .. } => "not-durable".to_owned(),
        other => format!("{other:?}"),
    }
}
