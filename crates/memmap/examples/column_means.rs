//! The mean of each column of a `.npy` file that has a row for each sample and a column for each feature.
//!
//! `cargo run --release -p memmap-rs --example column_means -- FILE.npy` reads a file that numpy wrote, of two
//! dimensions and type `f4`. Without a file it makes one of a million rows.
//!
//! It is what `numpy.load(path, mmap_mode="r").mean(axis=0)` computes, except that sums are kept in `f64`. The
//! file may be larger than memory: it is read once, and only the sums are kept.

#![expect(clippy::print_stdout, reason = "the output of a program")]

use std::path::Path;
use std::time::Instant;

use memmap::array::{MemArray, Result};

const COLUMNS: usize = 4;

fn main() -> Result<()> {
    if let Some(path) = std::env::args_os().nth(1) {
        return show(Path::new(&path));
    }
    let path = std::env::temp_dir().join(format!("memmap-features-{}.npy", std::process::id()));
    make(&path, 1_000_000)?;
    let shown = show(&path);
    std::fs::remove_file(&path).ok();
    shown
}

/// Writes features as they are computed, a block of rows at a time.
fn make(path: &Path, rows: usize) -> Result<()> {
    let mut features = MemArray::<f32>::options().shape([0, COLUMNS]).create_npy(path)?;
    let row = [0.5, 1.0, -2.0, 8.0];
    let block = row.repeat(1000);
    for _ in 0..rows / 1000 {
        features.append_rows(&block)?;
    }
    features.close()
}

fn show(path: &Path) -> Result<()> {
    let begun = Instant::now();
    println!("one thread:  {:?} in {:.1?}", means(path)?, begun.elapsed());
    let begun = Instant::now();
    println!("all threads: {:?} in {:.1?}", means_in_parallel(path)?, begun.elapsed());
    Ok(())
}

/// Axis 0 counts the rows, so the means along it are those of the columns.
fn means(path: &Path) -> Result<Vec<f32>> {
    let features = MemArray::<f32>::options().open_npy(path)?;
    features.mean_axis(0)
}

/// The same on all cores.
fn means_in_parallel(path: &Path) -> Result<Vec<f32>> {
    let features = MemArray::<f32>::options().open_npy(path)?;
    features.par().mean_axis(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_give_one_mean_for_each_column() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("features.npy");
        make(&path, 20_000).unwrap();
        let expected = [0.5, 1.0, -2.0, 8.0];
        assert_eq!(means(&path).unwrap(), expected);
        assert_eq!(means_in_parallel(&path).unwrap(), expected);
        show(&path).unwrap();
    }
}
