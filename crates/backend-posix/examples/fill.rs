//! Writes a file full through a mapping, on a disk that may have no room for it:
//! `cargo run -p memmap-posix --example fill -- FILE` prints `stored N of LEN` and, where that is not
//! all, why.
//!
//! The file is as long as it is; what it lacks is the room behind it. Its bytes become words of
//! eight, each the complement of its own offset, so that whoever reads them can tell where they
//! belong.

#![expect(clippy::print_stdout, reason = "a program speaks on its output")]

use std::env;
use std::error::Error;
use std::fs::OpenOptions;

use memmap_core::ErrorKind;
use memmap_guard::copy_in;
use memmap_posix::lost_store;
use memmap2::MmapRaw;

const PIECE: usize = 64 << 10;

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os().nth(1).ok_or("name a file")?;
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let pages = MmapRaw::map_raw(&file)?;
    let mut stored = 0;
    let mut why = None;
    while stored < pages.len() {
        let piece = words(stored, PIECE.min(pages.len() - stored))?;
        let to = pages.as_mut_ptr().wrapping_add(stored);
        // SAFETY: 1. `stored + piece.len()` is within the mapping, which lives to the end of `main`;
        // 2. nothing else in this process refers to it.
        match unsafe { copy_in(to, &piece) } {
            Ok(()) => stored += piece.len(),
            Err(fault) => {
                stored += fault.moved;
                let (offset, missing) = (stored.try_into()?, pages.len() - stored);
                why = Some(lost_store(&file, 0, offset, missing.try_into()?, fault));
                break;
            }
        }
    }
    println!("stored {stored} of {}", pages.len());
    if let Some(error) = why {
        match error.kind() {
            ErrorKind::StorageFull { .. } => println!("storage full: {error}"),
            _ => println!("other: {error}"),
        }
    }
    // What was stored has its room: it must reach the disk, too.
    file.sync_all()?;
    Ok(())
}

/// `len` bytes as they belong at `offset`, which is a multiple of eight.
fn words(offset: usize, len: usize) -> Result<Vec<u8>, Box<dyn Error>> {
    let first = u64::try_from(offset)?;
    Ok((first..).step_by(8).flat_map(|at| (!at).to_le_bytes()).take(len).collect())
}
