//! Writes a file full through a mapping, on a disk that may have no room for it:
//! `cargo run -p memmap-rs --example fill -- FILE` prints `stored N of LEN` and, where that is not
//! all, why.
//!
//! The file is as long as it is; what it lacks is the room behind it. Its bytes become words of
//! eight, each the complement of its own offset, so that whoever reads them can tell where they
//! belong.

#![expect(clippy::print_stdout, reason = "a program speaks on its output")]

use std::env;
use std::error::Error;
use std::iter;

use memmap::{ErrorKind, MemMap, Mode, widen};

const PIECE: u64 = 64 << 10;

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os().nth(1).ok_or("name a file")?;
    let mut mm = MemMap::open(path, Mode::ReadWrite)?;
    let mut stored = 0;
    let mut why = None;
    while stored < mm.len() {
        let piece = words(stored, PIECE.min(mm.len() - stored))?;
        match mm.write_at(stored, &piece) {
            Ok(()) => stored += widen(piece.len()),
            Err(error) => {
                why = Some(error);
                break;
            }
        }
    }
    if let Some(&ErrorKind::StorageFull { offset: Some(offset), .. }) =
        why.as_ref().map(memmap::Error::kind)
    {
        stored = offset;
    }
    println!("stored {stored} of {}", mm.len());
    match why.as_ref().map(|error| (error, error.kind())) {
        Some((error, ErrorKind::StorageFull { .. })) => println!("storage full: {error}"),
        Some((error, _)) => println!("other: {error}"),
        None => {}
    }
    // What was stored has its room: it must reach the disk, too.
    mm.close()?;
    Ok(())
}

/// `len` bytes as they belong at `offset`, which is a multiple of eight.
fn words(offset: u64, len: u64) -> Result<Vec<u8>, Box<dyn Error>> {
    let offsets = iter::successors(Some(offset), |at| Some(at + 8));
    Ok(offsets.flat_map(|at| (!at).to_le_bytes()).take(len.try_into()?).collect())
}
