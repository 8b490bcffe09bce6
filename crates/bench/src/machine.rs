//! The machine and the commit that the numbers belong to.

use std::fmt::Write;
use std::fs;
use std::process::Command;
use std::thread;

/// Facts that must be recorded with the numbers for later comparison.
pub(crate) fn facts() -> Vec<(&'static str, String)> {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    vec![
        ("cpu", value_in("/proc/cpuinfo", "model name")),
        ("cores", cores.to_string()),
        ("memory", value_in("/proc/meminfo", "MemTotal")),
        ("kernel", output_of("uname", &["-sr"])),
        ("date", output_of("date", &["-u", "+%F %H:%M UTC"])),
        ("commit", output_of("git", &["describe", "--always", "--dirty", "--exclude=*"])),
        ("rustc", output_of("rustc", &["--version"])),
    ]
}

/// The facts, one per line.
pub(crate) fn head() -> String {
    let mut text = String::new();
    for (name, fact) in facts() {
        let _written = writeln!(text, "{name:<7} {fact}");
    }
    text
}

/// The value after `name` and a colon in a file of `/proc`.
fn value_in(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'));
    line.map_or("unknown", |(_, value)| value.trim()).to_owned()
}

fn output_of(program: &str, arguments: &[&str]) -> String {
    let output =
        Command::new(program).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    match output {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
        _ => "unknown".to_owned(),
    }
}
