//! `cargo xtask windows`: builds and tests for Windows, on any machine. It needs a toolchain with
//! the target, a linker for it and, on other systems, a runner. It reports what is missing, and how
//! to get it.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::shell::{self, Result};

const TARGET: &str = "x86_64-pc-windows-gnu";

/// The arguments that select what is built and tested: everything except the benchmarks and this
/// crate.
const PACKAGES: [&str; 14] = [
    "memmap-guard",
    "memmap-system",
    "memmap-core",
    "memmap-conformance",
    "memmap-windows",
    "memmap-anon",
    "memmap-array",
    "memmap-scan",
    "memmap-compare",
    "memmap-edit",
    "memmap-structure",
    "memmap-unpack",
    "memmap-rs",
    "lazyhex",
];

/// Toolchains to try after the one that runs this program.
const TOOLCHAINS: [&str; 3] = ["stable", "nightly", "debian-windows"];

const LINKER: &str = "x86_64-w64-mingw32-gcc";

/// How long rustup may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long tests may print nothing. Some run for a minute and a half.
const SILENCE: Duration = Duration::from_secs(900);

const USAGE: &str = "usage: cargo xtask windows setup|check|test|optimized [ARGUMENT OF TESTS…]";

pub(crate) fn run(arguments: &[String]) -> Result {
    let (verb, rest) = arguments.split_first().ok_or(USAGE)?;
    match verb.as_str() {
        "setup" if rest.is_empty() => setup().map(drop),
        "check" if rest.is_empty() => check(),
        "test" => test(&[], rest),
        "optimized" => test(&["--profile", "optimized"], rest),
        _ => Err(USAGE.into()),
    }
}

/// Finds a toolchain and the other tools. The error lists what is missing.
fn setup() -> Result<String> {
    let toolchain = match installed() {
        Some(toolchain) => Some(toolchain),
        None => add_target(),
    };
    let mut missing = Vec::new();
    if toolchain.is_none() {
        missing.push(format!(
            "a toolchain with the target: `rustup target add {TARGET}`, which was tried and failed, or \
             a toolchain whose sysroot has its standard library"
        ));
    }
    if !is_windows() && !answers(LINKER, "--version") {
        missing.push(format!("a linker: `{LINKER}`, from the Debian package gcc-mingw-w64-x86-64"));
    }
    if !is_windows() && runner().is_none() {
        missing.push(format!(
            "a runner: Wine, set in cargo's configuration with `[target.{TARGET}] runner = \"wine64\"`"
        ));
    }
    match toolchain {
        Some(toolchain) if missing.is_empty() => {
            println!("windows: toolchain `{toolchain}`, target {TARGET}");
            Ok(toolchain)
        }
        _ => Err(format!("missing: {}", missing.join("; and ")).into()),
    }
}

fn check() -> Result {
    let toolchain = setup()?;
    shell::succeed(cargo(&toolchain, "check").arg("--all-targets"))
}

/// Runs the tests, prints how many there were and how long they took, and compares a dump.
fn test(profile: &[&str], arguments: &[String]) -> Result {
    let toolchain = setup()?;
    let begun = Instant::now();
    // The program that a test of lazyhex runs. `--tests` builds no examples.
    shell::succeed(cargo(&toolchain, "build").args(["--example", "host"]).args(profile))?;
    let mut command = cargo(&toolchain, "test");
    command.args(["--no-fail-fast", "--lib", "--bins", "--tests"]).args(profile);
    command.arg("--").args(arguments);
    let count = counted(&mut command)?;
    let seconds = begun.elapsed().as_secs_f64();
    println!("windows: {count} tests passed in {seconds:.1} s, including the build");
    compare_dumps(&toolchain)
}

/// A cargo command for the packages and the target, with a toolchain that has the target.
fn cargo(toolchain: &str, verb: &str) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", toolchain, "cargo", verb, "--target", TARGET]).current_dir(shell::root());
    // Variables from the cargo that started this program are not meant for another one.
    for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN", "RUSTFLAGS"] {
        command.env_remove(variable);
    }
    if verb != "run" {
        command.args(PACKAGES.iter().flat_map(|package| ["-p", *package]));
    }
    command
}

/// Runs tests, prints every line except those of passed tests, and returns the number of passed
/// tests. Tests that print nothing for long are ended.
fn counted(command: &mut Command) -> Result<usize> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let (sender, lines) = mpsc::channel();
    let stdout = child.stdout.take().ok_or("the tests have no output")?;
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines() {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let mut count = 0;
    loop {
        match lines.recv_timeout(SILENCE) {
            Ok(line) => {
                let line = line?;
                count += passed(&line);
                if !line.trim_end().ends_with("... ok") {
                    println!("{line}");
                }
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                child.kill().ok();
                child.wait()?;
                let seconds = SILENCE.as_secs();
                return Err(format!("{count} tests passed; then nothing for {seconds} s").into());
            }
        }
    }
    let status = child.wait()?;
    if status.success() { Ok(count) } else { Err(format!("{count} tests passed; {status}").into()) }
}

/// The number of passed tests in a summary line, and 0 in any other line.
fn passed(line: &str) -> usize {
    let Some((_, rest)) = line.split_once("test result: ") else { return 0 };
    let mut words = rest.split_whitespace();
    words.find_map(|word| word.parse().ok()).unwrap_or(0)
}

/// Checks that the program prints the same bytes as `hexdump -C`, if that is installed: the output
/// must not be translated.
fn compare_dumps(toolchain: &str) -> Result {
    let file = env::temp_dir().join(format!("memmap-dump-{}", std::process::id()));
    let bytes: Vec<u8> = (0..=255).cycle().take(100_003).chain([0; 4096]).collect();
    fs::write(&file, bytes)?;
    let compared = dumps(toolchain, &file);
    fs::remove_file(&file)?;
    compared
}

fn dumps(toolchain: &str, file: &Path) -> Result {
    let Ok(theirs) = Command::new("hexdump").arg("-C").arg(file).output() else {
        println!("windows: dump not compared: `hexdump` is not installed");
        return Ok(());
    };
    let mut ours = cargo(toolchain, "run");
    ours.args(["--quiet", "-p", "lazyhex", "--", "dump"]).arg(file);
    let ours = ours.stderr(Stdio::inherit()).output()?;
    if !ours.status.success() || ours.stdout != theirs.stdout {
        return Err("`lazyhex.exe dump` does not print what `hexdump -C` does".into());
    }
    println!("windows: `lazyhex.exe dump` prints {} bytes as `hexdump -C` does", ours.stdout.len());
    Ok(())
}

/// Finds a toolchain that has the target.
fn installed() -> Option<String> {
    let active = env::var("RUSTUP_TOOLCHAIN").ok();
    let candidates = active.into_iter().chain(TOOLCHAINS.map(str::to_owned));
    candidates.into_iter().find(|toolchain| sysroot(toolchain).is_some_and(|it| has_target(&it)))
}

fn sysroot(toolchain: &str) -> Option<PathBuf> {
    let mut command = Command::new("rustup");
    command.args(["run", toolchain, "rustc", "--print", "sysroot"]).stderr(Stdio::null());
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

fn has_target(sysroot: &Path) -> bool {
    let libraries = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    let names = fs::read_dir(libraries).into_iter().flatten().flatten();
    names.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
}

/// Adds the target to the toolchain that runs this program, with rustup.
fn add_target() -> Option<String> {
    let toolchain = env::var("RUSTUP_TOOLCHAIN").unwrap_or_else(|_| "stable".to_owned());
    println!("windows: rustup target add --toolchain {toolchain} {TARGET}");
    let mut command = Command::new("rustup");
    command.args(["target", "add", "--toolchain", &toolchain, TARGET]);
    let mut child = command.env_remove("RUSTUP_TOOLCHAIN").spawn().ok()?;
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        match child.try_wait() {
            Ok(None) => thread::sleep(Duration::from_millis(100)),
            Ok(Some(status)) if status.success() => return Some(toolchain),
            _ => return None,
        }
    }
    child.kill().ok();
    child.wait().ok();
    None
}

fn is_windows() -> bool {
    env::consts::OS == "windows"
}

fn answers(program: &str, argument: &str) -> bool {
    let mut command = Command::new(program);
    command.arg(argument).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The runner of programs of the target, as cargo is configured.
fn runner() -> Option<String> {
    let variable = format!("CARGO_TARGET_{}_RUNNER", TARGET.to_uppercase().replace('-', "_"));
    env::var(variable).ok().or_else(|| {
        let home = env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")))?;
        let own = shell::root().join(".cargo");
        [own, home].iter().find_map(|directory| {
            configured(&fs::read_to_string(directory.join("config.toml")).ok()?)
        })
    })
}

/// The runner of the target in a configuration of cargo.
fn configured(config: &str) -> Option<String> {
    let section = config.split("[target.").find_map(|section| {
        let (name, rest) = section.split_once(']')?;
        (name.trim_matches(['"', '\'']) == TARGET).then_some(rest)
    })?;
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    lines.into_iter().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "runner").then(|| value.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_summary_lines_are_counted() {
        let line = "test result: ok. 535 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(passed(line), 535);
        assert_eq!(passed("test result: FAILED. 3 passed; 1 failed"), 3);
        for line in ["", "running 7 tests", "test a_test ... ok", "test result: "] {
            assert_eq!(passed(line), 0, "{line}");
        }
    }

    #[test]
    fn the_runner_is_that_of_the_target() {
        let config =
            |target: &str| format!("[build]\njobs = 2\n[target.{target}]\nlinker = \"gcc\"\n");
        let ours = config(TARGET) + "runner = \"wine\"\n[alias]\nrunner = \"x\"\n";
        assert_eq!(configured(&ours).as_deref(), Some("\"wine\""));
        let quoted = ours.replace(TARGET, &format!("'{TARGET}'"));
        assert_eq!(configured(&quoted).as_deref(), Some("\"wine\""));
        for other in [String::new(), config(TARGET) + "[alias]\nrunner = \"x\"\n", config("other")]
        {
            assert_eq!(configured(&other), None, "{other}");
        }
    }

    #[test]
    fn unknown_commands_are_refused() {
        for arguments in [&[][..], &["install"], &["setup", "now"]] {
            let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            assert!(run(&arguments).is_err(), "{arguments:?}");
        }
    }
}
