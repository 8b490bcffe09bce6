//! `cargo xtask bench`: the benchmarks, built for speed.

use crate::shell::{self, Result};

pub(crate) fn run(arguments: &[String]) -> Result {
    shell::succeed(shell::cargo(&["run", "--release", "-p", "memmap-bench", "--"]).args(arguments))
}
