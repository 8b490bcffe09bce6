//! What saving asks of Linux, on real file systems. Those on images, and devices, are made by root; where
//! that is not possible, a test says so and passes.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test speaks by panicking, and says what it did not try"
)]
#![expect(clippy::single_range_in_vec_init, reason = "lists of ranges, with one")]

use std::fs::File;
use std::io;

use memmap_core::disk::Disk;
use memmap_posix::PosixDisk;

mod attributes;
#[path = "../kit/child.rs"]
mod child;
mod devices;
mod identity;
mod leases;
mod names;
mod process;
mod room;
mod sharing;
mod stage;
mod users;

const DISK: PosixDisk = PosixDisk;

/// Writes all bytes.
fn write(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = DISK.write_at(file, bytes, at)?;
        bytes = &bytes[written..];
        at += u64::try_from(written).unwrap();
    }
    Ok(())
}

/// Reads all bytes.
fn read(file: &File, len: usize, at: u64) -> Vec<u8> {
    let mut bytes = vec![0; len];
    let mut done = 0;
    while done < len {
        let at = at + u64::try_from(done).unwrap();
        let read = DISK.read_at(file, &mut bytes[done..], at).unwrap();
        assert!(read > 0, "the end comes after {done} of {len} bytes");
        done += read;
    }
    bytes
}
