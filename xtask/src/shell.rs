//! Running cargo from the root of the workspace.

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What a chore answers: nothing, or why it failed.
pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// The directory of the workspace.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// The cargo that started us, in the root of the workspace.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// Runs a command to its end and fails if it does.
pub(crate) fn succeed(command: &mut Command) -> Result {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(status.to_string().into()) }
}

/// Builds an example of a package of ours for speed and says where it is.
pub(crate) fn example(package: &str, name: &str) -> Result<PathBuf> {
    const BUILD: [&str; 4] = ["build", "--release", "--quiet", "--message-format=json"];
    let output = cargo(&BUILD).args(["-p", package, "--example", name]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let messages = String::from_utf8(output.stdout)?;
    let mut executables = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        Some(PathBuf::from(message["executable"].as_str()?))
    });
    executables.next_back().ok_or_else(|| format!("cargo built no example `{name}`").into())
}
