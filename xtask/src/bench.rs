//! `cargo xtask bench`: runs the benchmarks in a release build.

use crate::shell::{self, Result};

pub(crate) fn run(arguments: &[String]) -> Result {
    shell::succeed(shell::cargo(&["run", "--release", "-p", "memmap-bench", "--"]).args(arguments))
}
