//! Other crates over memmap: the examples of `docs/neighbours.md` and `docs/async.md`, run, and what they
//! need.

#![forbid(unsafe_code)]

pub mod read_ref;

use std::path::PathBuf;
use std::process::Command;

/// A file that a crate ships, in the sources that cargo has downloaded.
///
/// # Panics
/// If this package does not depend on the crate.
pub fn shipped(package: &str, file: &str) -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--offline", "--format-version", "1", "--manifest-path"];
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let output = Command::new(cargo).args(arguments).arg(manifest).output().expect("cargo runs");
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("it prints JSON");
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let found =
        packages.filter(|it| it["name"] == package).find_map(|it| it["manifest_path"].as_str());
    PathBuf::from(found.expect("this package depends on it")).with_file_name(file)
}

/// The examples of the guide to other crates, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/neighbours.md")]
struct Neighbours;

/// The examples of the guide to asynchronous programs, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/async.md")]
struct Async;
