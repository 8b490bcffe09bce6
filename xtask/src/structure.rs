//! `cargo xtask structure --suite DIR`: runs Kaitai's conformance suite, as far as it is in a directory, against
//! the interpreter of descriptions.

use std::path::PathBuf;

use crate::shell::{self, Result};

const USAGE: &str = "usage: cargo xtask structure --suite DIR [NAME]; DIR has spec/ks, formats, formats_err and src";

pub(crate) fn run(arguments: &[String]) -> Result {
    let (flag, rest) = arguments.split_first().ok_or(USAGE)?;
    let (directory, rest) = rest.split_first().ok_or(USAGE)?;
    if flag != "--suite" || rest.len() > 1 {
        return Err(USAGE.into());
    }
    let directory = PathBuf::from(directory).canonicalize()?;
    let mut command = shell::cargo(&[
        "run",
        "-q",
        "-p",
        "memmap-structure",
        "--features",
        "testing",
        "--example",
        "suite",
        "--",
    ]);
    command.arg(directory).args(rest);
    shell::succeed(&mut command)
}
