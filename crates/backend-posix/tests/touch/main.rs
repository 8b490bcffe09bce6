//! Attacks on bytes that freeze when they are first touched: closed descriptors, locked memory, children, sandboxes,
//! system calls, signals and limits. Most of them hold for all of a process, so each is made in a process of its
//! own, for each way to bring pages.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test speaks by panicking, and says what it did not try"
)]

use std::fs;
use std::path::{Path, PathBuf};

use memmap_core::{Map, OnLostPage, Proof, Proofs};
use memmap_posix::{Frozen, Live};
use tempfile::TempDir;

#[path = "../kit/child.rs"]
mod child;
mod descriptors;
mod drops;
mod exits;
mod forks;
mod granules;
mod kernel;
mod limits;
mod locked;
#[path = "../kit/sandbox.rs"]
mod sandbox;
mod sandboxes;
mod signals;
mod splits;
mod ways;

type FrozenMap = Map<Frozen>;
type MemMap = Map<Live>;

const PAGE: usize = 4096;
const MIB: usize = 1 << 20;

/// A file whose bytes tell where they are. None of them is zero.
fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|at| u8::try_from(1 + (at / 7 + at / PAGE * 13) % 251).unwrap()).collect()
}

/// A directory with a file `file` of these bytes.
fn stage(len: usize) -> (TempDir, PathBuf) {
    let stage = tempfile::tempdir().unwrap();
    let path = stage.path().join("file");
    fs::write(&path, bytes(len)).unwrap();
    (stage, path)
}

fn touching(path: &Path) -> FrozenMap {
    let frozen = FrozenMap::open_with(path, Proofs::none().first_touch()).unwrap();
    assert_eq!(frozen.proof(), Proof::FirstTouch);
    frozen
}

fn with_zeros(path: &Path) -> FrozenMap {
    let proofs = Proofs::none().first_touch().on_lost(OnLostPage::Zeros);
    FrozenMap::open_with(path, proofs).unwrap()
}

/// Reads a byte of a slice when it is its turn, and not earlier.
fn touch(slice: &[u8], at: usize) -> u8 {
    std::hint::black_box(slice)[at]
}
