//! On what, and of what, the numbers are.

use std::fmt::Write;
use std::fs;
use std::process::Command;
use std::thread;

/// What a record needs for its numbers to mean something later.
pub(crate) fn facts() -> Vec<(&'static str, String)> {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    vec![
        ("cpu", first_in("/proc/cpuinfo", "model name")),
        ("cores", cores.to_string()),
        ("memory", first_in("/proc/meminfo", "MemTotal")),
        ("kernel", said_by("uname", &["-sr"])),
        ("date", said_by("date", &["-u", "+%F %H:%M UTC"])),
        ("commit", said_by("git", &["describe", "--always", "--dirty", "--exclude=*"])),
        ("rustc", said_by("rustc", &["--version"])),
    ]
}

/// The facts, a line each.
pub(crate) fn head() -> String {
    let mut text = String::new();
    for (name, fact) in facts() {
        let _written = writeln!(text, "{name:<7} {fact}");
    }
    text
}

/// What a file of `/proc` says after a name and a colon.
fn first_in(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'));
    line.map_or("unknown", |(_, value)| value.trim()).to_owned()
}

fn said_by(program: &str, arguments: &[&str]) -> String {
    let output =
        Command::new(program).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    match output {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
        _ => "unknown".to_owned(),
    }
}
