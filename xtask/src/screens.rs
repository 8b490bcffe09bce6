//! `cargo xtask screens`: the pictures of the viewer in the documentation, drawn by the viewer.

use crate::shell::{self, Result};

pub(crate) fn run(_: &[String]) -> Result {
    const DRAW: [&str; 7] = ["run", "--release", "-p", "lazyhex", "--example", "screens", "--"];
    shell::succeed(shell::cargo(&DRAW).arg("docs/screens"))
}
