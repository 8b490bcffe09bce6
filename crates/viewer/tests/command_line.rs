//! The command line together with other programs: hexdump, grep, less, shells.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

#[path = "command_line/output.rs"]
mod output;
#[path = "command_line/pipes.rs"]
mod pipes;
#[path = "command_line/streams.rs"]
mod streams;
#[cfg(target_os = "linux")]
#[path = "command_line/processes.rs"]
mod processes;
#[cfg(target_os = "linux")]
#[path = "command_line/signals.rs"]
mod signals;
#[cfg(target_os = "linux")]
#[path = "command_line/terminal.rs"]
mod terminal;

use std::fs;
use std::process::{Command, Output, Stdio};

fn lazyhex(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
    command.args(args).stdin(Stdio::null()).env_remove("NO_COLOR");
    command
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Runs a shell command, in which `lazyhex` is the program under test.
fn shell(script: &str, dir: &tempfile::TempDir) -> Output {
    let script = format!("lazyhex() {{ \"$LAZYHEX\" \"$@\"; }}\n{script}");
    Command::new("sh")
        .args(["-c", &script])
        .env("LAZYHEX", env!("CARGO_BIN_EXE_lazyhex"))
        .env_remove("NO_COLOR")
        .current_dir(dir.path())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// Creates a directory with these files.
fn dir(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    dir
}
