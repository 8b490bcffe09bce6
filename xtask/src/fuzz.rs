//! `cargo xtask fuzz`: runs the fuzz targets in `fuzz/`. It needs a nightly compiler and
//! cargo-fuzz, and reports what is missing.

use std::fs;
use std::process::Command;

use crate::shell::{self, Result};

/// How long each target runs by default.
const SECONDS: u64 = 60;

/// What the arguments request.
#[derive(PartialEq, Eq, Debug)]
struct Plan {
    /// One target, or all.
    target: Option<String>,
    seconds: u64,
}

pub(crate) fn run(arguments: &[String]) -> Result {
    let Plan { target, seconds } = plan(arguments)?;
    let targets = targets()?;
    let chosen: Vec<&String> =
        targets.iter().filter(|it| target.as_ref().is_none_or(|target| target == *it)).collect();
    if chosen.is_empty() {
        return Err(format!("unknown target; the targets are {}", targets.join(", ")).into());
    }
    needed(&["rustc", "--version"], "rustup toolchain install nightly")?;
    needed(&["cargo", "fuzz", "--version"], "cargo install cargo-fuzz")?;
    for target in chosen {
        println!("{target}: {seconds} seconds");
        fuzz(target, seconds)?;
    }
    Ok(())
}

fn plan(arguments: &[String]) -> Result<Plan> {
    let mut plan = Plan { target: None, seconds: SECONDS };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument == "--seconds" {
            let seconds = rest.next().and_then(|it| it.parse().ok()).filter(|&it| it > 0);
            plan.seconds = seconds.ok_or("--seconds needs a number")?;
        } else if argument.starts_with('-') || plan.target.is_some() {
            return Err("usage: cargo xtask fuzz [TARGET] [--seconds N]".into());
        } else {
            plan.target = Some(argument.clone());
        }
    }
    Ok(plan)
}

/// The names of the targets, sorted.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(shell::root().join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// Checks that a command of the nightly toolchain runs. The error says how to install it.
fn needed(command: &[&str], remedy: &str) -> Result {
    match nightly(command).output() {
        Ok(output) if output.status.success() => Ok(()),
        _ => Err(format!(
            "`{}` of the nightly toolchain is missing; run `{remedy}`",
            command.join(" ")
        )
        .into()),
    }
}

fn fuzz(target: &str, seconds: u64) -> Result {
    let corpus = format!("fuzz/corpus/{target}");
    fs::create_dir_all(shell::root().join(&corpus))?;
    let mut command = nightly(&["cargo", "fuzz", "run", "--fuzz-dir", "fuzz", target, &corpus]);
    command.arg(format!("fuzz/seeds/{target}"));
    command.arg("--").args([
        format!("-max_total_time={seconds}"),
        format!("-dict=fuzz/dictionaries/{target}.dict"),
        "-timeout=10".to_owned(),
        "-print_final_stats=1".to_owned(),
        "-verbosity=0".to_owned(),
    ]);
    shell::succeed(&mut command)
}

/// A command of the nightly toolchain, whichever toolchain runs this program.
fn nightly(command: &[&str]) -> Command {
    let mut rustup = Command::new("rustup");
    rustup.args(["run", "nightly"]).args(command).current_dir(shell::root());
    rustup
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(arguments: &[&str]) -> Option<Plan> {
        plan(&arguments.iter().map(ToString::to_string).collect::<Vec<_>>()).ok()
    }

    #[test]
    fn a_target_and_seconds_are_read_in_any_order() {
        let all = |seconds| Some(Plan { target: None, seconds });
        assert_eq!(planned(&[]), all(SECONDS));
        assert_eq!(planned(&["--seconds", "5"]), all(5));
        let one = Some(Plan { target: Some("dtype".to_owned()), seconds: 5 });
        assert_eq!(planned(&["dtype", "--seconds", "5"]), one);
        assert_eq!(planned(&["--seconds", "5", "dtype"]), one);
    }

    #[test]
    fn wrong_arguments_are_refused() {
        for arguments in [&["--seconds"][..], &["--seconds", "0"], &["--many"], &["a", "b"]] {
            assert_eq!(planned(arguments), None, "{arguments:?}");
        }
    }

    #[test]
    fn every_target_has_seeds_and_a_dictionary_and_is_built() {
        let manifest = fs::read_to_string(shell::root().join("fuzz/Cargo.toml")).unwrap();
        for target in targets().unwrap() {
            let seeds = shell::root().join("fuzz/seeds").join(&target);
            assert!(fs::read_dir(seeds).unwrap().next().is_some(), "{target}");
            let dictionary = format!("fuzz/dictionaries/{target}.dict");
            assert!(shell::root().join(dictionary).exists(), "{target}");
            assert!(manifest.contains(&format!("name = \"{target}\"")), "{target}");
        }
    }
}
