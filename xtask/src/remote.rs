//! `cargo xtask remote`: objects of real servers. Runs the tests of memmap-object that start moto (S3) and nginx, and
//! compare with curl. What is missing on this machine is skipped, and said.

use crate::shell::{self, Result};

pub(crate) fn run(arguments: &[String]) -> Result {
    if !arguments.is_empty() {
        return Err("usage: cargo xtask remote".into());
    }
    let mut command =
        shell::cargo(&["test", "-p", "memmap-object", "--test", "servers", "--", "--nocapture"]);
    shell::succeed(command.env("MEMMAP_SERVERS", "1"))
}
