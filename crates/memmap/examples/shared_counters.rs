//! Counters in a file that threads and processes increment at the same time.
//!
//! `cargo run -p memmap-rs --example shared_counters` makes a file of two counters and starts itself again as
//! a second process. Each process increments both counters on four threads, without a lock and without a
//! system call, and no increment is lost. The counts stay in the file when the processes end.

#![expect(clippy::print_stdout, reason = "the output of a program")]

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::thread;

use memmap::{MemMap, Mode};

/// Where the counters are, in bytes. Each has a cache line of its own, so that threads that use different
/// counters do not slow each other down.
const REQUESTS: u64 = 0;
const BYTES: u64 = 64;
const FILE_LEN: u64 = 128;

const THREADS: u64 = 4;
const TIMES: u64 = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(path) = std::env::args_os().nth(1) {
        // The second process.
        count(Path::new(&path))?;
        return Ok(());
    }
    let path = std::env::temp_dir().join(format!("memmap-counters-{}", std::process::id()));
    let (requests, bytes) = count_twice(&path, Command::new(std::env::current_exe()?).arg(&path))?;
    println!("{requests} requests, {bytes} bytes");
    std::fs::remove_file(&path)?;
    Ok(())
}

/// Makes the file, counts in this process and in another, and returns the sums.
fn count_twice(path: &Path, other: &mut Command) -> Result<(u64, u64), Box<dyn Error>> {
    MemMap::options().mode(Mode::Create).len(FILE_LEN).open(path)?.close()?;
    let mut other = other.spawn()?;
    let counted = count(path);
    let status = other.wait()?;
    counted?;
    if !status.success() {
        return Err(format!("the other process: {status}").into());
    }
    let counters = MemMap::open(path, Mode::Read)?;
    Ok((counters.get(REQUESTS)?, counters.get(BYTES)?))
}

/// Adds to both counters on all threads.
fn count(path: &Path) -> memmap::Result<()> {
    let mut map = MemMap::open(path, Mode::ReadWrite)?;
    // Each thread gets a copy. While one is in use, resizing or closing `map` does not compile.
    let cells = map.cells();
    thread::scope(|scope| {
        let add = move || {
            for _ in 0..TIMES {
                cells.fetch_add(REQUESTS, 1_u64)?;
                cells.fetch_add(BYTES, 512_u64)?;
            }
            Ok(())
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(add)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("the thread panicked"))
    })
    // Dropping the map keeps the counts in the file. `close` would also wait for the device.
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: &str = "MEMMAP_EXAMPLE_COUNTERS";

    #[test]
    fn no_increment_of_either_process_is_lost() {
        if let Some(path) = std::env::var_os(SECOND) {
            return count(Path::new(&path)).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("counters");
        // The second process is this test again.
        let mut other = Command::new(std::env::current_exe().unwrap());
        let name = "tests::no_increment_of_either_process_is_lost";
        other.args(["--exact", "--quiet", name]).env(SECOND, &path);
        assert_eq!(count_twice(&path, &mut other).unwrap(), (80_000, 80_000 * 512));
    }
}
