//! `cargo xtask instructions`: checks that guarded accesses cost the same with and without the
//! handler. Callgrind of valgrind counts instructions, which is repeatable; time is not measured.

use std::process::Command;

use crate::shell::{self, Result};

/// The function whose instructions are counted, together with those of the functions that it calls.
const COLLECTED: &str = "*collected_accesses*";

pub(crate) fn run(_: &[String]) -> Result {
    shell::succeed(&mut shell::cargo(&[
        "build",
        "--release",
        "-p",
        "memmap-guard",
        "--example",
        "instructions",
    ]))?;
    let with = count("with")?;
    let without = count("without")?;
    println!("instructions of 30000 accesses with the handler: {with}, without: {without}");
    if with == without { Ok(()) } else { Err("the handler costs instructions; it must not".into()) }
}

/// Runs the example under callgrind and returns the number of instructions.
fn count(mode: &str) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(format!("--toggle-collect={COLLECTED}"))
        .args(["target/release/examples/instructions", mode])
        .current_dir(shell::root())
        .output()
        .map_err(|error| format!("valgrind cannot be run ({error}); install it"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let number =
        said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    match number {
        Some(number) if number > 0 => Ok(number),
        _ => Err(format!("valgrind counted nothing:\n{said}").into()),
    }
}
