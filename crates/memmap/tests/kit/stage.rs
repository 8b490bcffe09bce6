//! A process of its own for a test that changes what holds for all of a process: limits, and mounts.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// In a process of its own: the path that it is given.
const STAGE: &str = "MEMMAP_TEST_STAGE";

/// Runs a test once more, in a process of its own, after these words of a shell in a namespace of its own,
/// whose mounts go with it. Says whether it was run: not every user may mount.
#[allow(dead_code, reason = "not every test that includes this needs it")]
pub(crate) fn on_stage(test: &str, stage: &Path, words: &str) -> bool {
    let script = format!("{words}\nexec \"$0\" --exact {test} --nocapture");
    let output = Command::new("unshare")
        .args(["--mount", "sh", "-e", "-c", &script])
        .arg(env::current_exe().unwrap())
        .env(STAGE, stage)
        .output();
    match output {
        Ok(output) if String::from_utf8_lossy(&output.stdout).contains("running 1 test") => {
            let said = format!("{output:?}");
            assert!(output.status.success(), "{}", said.replace("\\n", "\n"));
            true
        }
        other => {
            println!("skipped: this user mounts nothing: {other:?}");
            false
        }
    }
}

/// Runs a test once more in a process of its own.
#[allow(dead_code, reason = "not every test that includes this needs it")]
pub(crate) fn alone(test: &str, stage: &Path) {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(STAGE, stage)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", format!("{output:?}").replace("\\n", "\n"));
}

/// The path, in such a process.
pub(crate) fn stage() -> Option<PathBuf> {
    env::var_os(STAGE).map(PathBuf::from)
}
