//! `cargo xtask ci`: every check that a change must pass, the quickest first.

use std::time::Instant;

use crate::shell::{self, Result};
use crate::tidy;

/// The name of a step, its cargo command, and the variable that it sets, if any.
type Step = (&'static str, &'static [&'static str], Option<(&'static str, &'static str)>);

/// The optimized tests are for code that an optimizer may bend: what is unsafe, what is written for
/// registers, and what is right over them. Packages that forbid unsafe code and only use the others are
/// tested once.
const STEPS: [Step; 6] = [
    ("format", &["fmt", "--all", "--check"], None),
    (
        "clippy",
        &["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"],
        None,
    ),
    (
        "without features",
        &["clippy", "-p", "memmap-rs", "--no-default-features", "--", "-D", "warnings"],
        None,
    ),
    (
        "rustdoc",
        &["doc", "--workspace", "--no-deps", "--all-features"],
        Some(("RUSTDOCFLAGS", "-D warnings")),
    ),
    ("test", &["test", "--workspace", "--all-features"], None),
    (
        "test optimized",
        &[
            "test",
            "--workspace",
            "--all-features",
            "--profile",
            "optimized",
            "--exclude",
            "lazyhex",
            "--exclude",
            "memmap-structure",
            "--exclude",
            "xtask",
        ],
        None,
    ),
];

pub(crate) fn run(_: &[String]) -> Result {
    let begun = Instant::now();
    step("tidy", "cargo xtask tidy", || tidy::run(&[]))?;
    for (name, arguments, variable) in STEPS {
        let mut command = shell::cargo(arguments);
        let mut line = format!("cargo {}", arguments.join(" "));
        if let Some((variable, value)) = variable {
            command.env(variable, value);
            line = format!("{variable}=\"{value}\" {line}");
        }
        step(name, &line, || shell::succeed(&mut command))?;
    }
    println!("== all passed in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}

/// Prints a step, runs it, and prints how long it took. An error names the step.
fn step(name: &str, line: &str, run: impl FnOnce() -> Result) -> Result {
    println!("== {name}: {line}");
    let begun = Instant::now();
    let result = run();
    let seconds = begun.elapsed().as_secs_f64();
    match result {
        Ok(()) => {
            println!("== {name}: passed in {seconds:.1} s");
            Ok(())
        }
        Err(error) => Err(format!("step `{name}` failed after {seconds:.1} s: {error}").into()),
    }
}
