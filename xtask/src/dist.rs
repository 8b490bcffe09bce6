//! `cargo xtask dist [DIRECTORY]`: writes the manual pages and completions of lazyhex, from the
//! definition of its command line.

use crate::shell::{self, Result};

pub(crate) fn run(arguments: &[String]) -> Result {
    const WRITE: [&str; 7] = ["run", "--quiet", "-p", "lazyhex", "--example", "dist", "--"];
    let directory = match arguments {
        [] => shell::root().join("target/dist"),
        // Relative to the current directory, not to the root of the workspace.
        [directory] => std::path::absolute(directory)?,
        _ => return Err("usage: cargo xtask dist [DIRECTORY] (default: target/dist)".into()),
    };
    shell::succeed(shell::cargo(&WRITE).arg(directory))
}
