//! Laws of how a system's backend opens, makes and resizes files.

pub(crate) mod making;
pub(crate) mod mapped;
pub(crate) mod open_file;
pub(crate) mod opening;
pub(crate) mod resizing;
pub(crate) mod versions;

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use memmap_core::{Files, MapOptions, Mode};

/// Options of files.
type Options<B> = MapOptions<Files<B>>;

/// The modes of files that exist.
const EXISTING: [Mode; 3] = [Mode::Read, Mode::ReadWrite, Mode::CopyOnWrite];

/// A file of a law's own. Laws run side by side, so each names its own.
fn file(dir: &Path, law: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(law);
    fs::write(&path, bytes).unwrap();
    path
}

fn file_len(path: &Path) -> u64 {
    fs::metadata(path).unwrap().len()
}

fn open_to_write(path: &Path) -> File {
    OpenOptions::new().read(true).write(true).open(path).unwrap()
}
