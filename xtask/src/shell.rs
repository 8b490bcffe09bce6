//! Runs cargo from the root of the workspace.

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// The result of a command.
pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// The directory of the workspace.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// The cargo that started this program, run in the root of the workspace.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// Runs a command to its end, and fails if the command fails.
pub(crate) fn succeed(command: &mut Command) -> Result {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(status.to_string().into()) }
}

/// Kills all processes of a group, including stopped ones.
pub(crate) fn kill_group(id: u32) {
    let group = format!("-{id}");
    let mut command = Command::new("kill");
    command.args(["-s", "KILL", "--", &group]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().ok();
}

/// The variable with the directory of programs that are built already.
pub(crate) const PROGRAMS: &str = "MEMMAP_PROGRAMS";

/// Builds all programs and examples with the profile of the optimized tests, unless they are built
/// already, and returns their directory.
pub(crate) fn programs() -> Result<PathBuf> {
    if let Some(programs) = env::var_os(PROGRAMS) {
        return Ok(programs.into());
    }
    let selected = ["--workspace", "--all-features", "--profile", "optimized"];
    let built = build(&[&selected[..], &["--bin", "lazyhex", "--examples"]].concat())?;
    let program = built.iter().find(|path| path.file_stem().is_some_and(|it| it == "lazyhex"));
    let directory = program.and_then(|path| path.parent());
    Ok(directory.ok_or("cargo built no `lazyhex`")?.to_owned())
}

/// Builds an example of a package with optimizations, and returns its path.
pub(crate) fn example(package: &str, name: &str) -> Result<PathBuf> {
    if let Some(programs) = env::var_os(PROGRAMS) {
        return Ok(Path::new(&programs).join("examples").join(name));
    }
    let mut built = build(&["--release", "-p", package, "--example", name])?;
    built.pop().ok_or_else(|| format!("cargo built no example `{name}`").into())
}

/// The path of `lazyhex`, among the programs that are built already.
pub(crate) fn lazyhex() -> Result<PathBuf> {
    let programs = env::var_os(PROGRAMS).ok_or("the programs are not built")?;
    Ok(Path::new(&programs).join("lazyhex"))
}

/// Builds what is selected and returns the paths of the executables.
fn build(selected: &[&str]) -> Result<Vec<PathBuf>> {
    let output = cargo(&["build", "--quiet", "--message-format=json"]).args(selected).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let messages = String::from_utf8(output.stdout)?;
    let executables = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        Some(PathBuf::from(message["executable"].as_str()?))
    });
    Ok(executables.collect())
}
