//! `cargo xtask dist [DIRECTORY]`: what is packed beside lazyhex, written by lazyhex's own definition of
//! its command line.

use crate::shell::{self, Result};

pub(crate) fn run(arguments: &[String]) -> Result {
    const WRITE: [&str; 7] = ["run", "--quiet", "-p", "lazyhex", "--example", "dist", "--"];
    let directory = match arguments {
        [] => shell::root().join("target/dist"),
        // As seen from where the command was given, and not from the root.
        [directory] => std::path::absolute(directory)?,
        _ => return Err("one directory, or none for target/dist".into()),
    };
    shell::succeed(shell::cargo(&WRITE).arg(directory))
}
