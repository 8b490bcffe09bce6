//! Where mutants are built and tested: a copy of what git knows of the workspace, with a target directory
//! of its own.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::{Read, Seek};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::shell::{self, Result};

/// How long a test may take. One that hangs has noticed, too.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often is looked whether a test has ended.
const LOOK: Duration = Duration::from_millis(50);

/// The first word of a test that is a scene.
const TORTURE: &str = "torture";

/// Builds what scenes run.
const PROGRAMS: [&str; 10] = [
    "build",
    "-p",
    "memmap-rs",
    "-p",
    "memmap-guard",
    "-p",
    "lazyhex",
    "--examples",
    "--bin",
    "lazyhex",
];

/// How a test ended.
pub(super) enum Ended {
    Passed {
        count: usize,
        /// Why it tried nothing.
        skipped: Option<String>,
    },
    Failed(String),
    Hung,
}

pub(super) struct Bench {
    tree: PathBuf,
    target: PathBuf,
    begun: Instant,
}

impl Bench {
    /// Copies what is not there yet, or not the same: what stays is not built again.
    pub(super) fn set_up() -> Result<Self> {
        let from = shell::root();
        let own = from.join("target/mutants");
        let bench =
            Self { tree: own.join("tree"), target: own.join("target"), begun: Instant::now() };
        let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(&from).output()?;
        if !listed.status.success() {
            return Err(
                "`git ls-files` fails: which files are the workspace's is asked of git".into()
            );
        }
        let listed = String::from_utf8(listed.stdout)?;
        // What was removed and not committed yet is not there.
        let names: BTreeSet<&Path> =
            listed.split('\0').map(Path::new).filter(|name| from.join(name).is_file()).collect();
        bench.remove_others(Path::new(""), &names)?;
        for name in names {
            let (bytes, target) = (fs::read(from.join(name))?, bench.tree.join(name));
            if fs::read(&target).is_ok_and(|there| there == bytes) {
                continue;
            }
            if let Some(directory) = target.parent() {
                fs::create_dir_all(directory)?;
            }
            fs::write(target, bytes)?;
        }
        Ok(bench)
    }

    /// Removes the files below a directory of the copy that are none of these.
    fn remove_others(&self, directory: &Path, names: &BTreeSet<&Path>) -> Result {
        let Ok(entries) = fs::read_dir(self.tree.join(directory)) else { return Ok(()) };
        for entry in entries {
            let entry = entry?;
            let name = directory.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                self.remove_others(&name, names)?;
            } else if !names.contains(&*name) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    pub(super) fn age(&self) -> Duration {
        self.begun.elapsed()
    }

    pub(super) fn read(&self, name: &str) -> Result<String> {
        Ok(fs::read_to_string(self.tree.join(name))?)
    }

    pub(super) fn write(&self, name: &str, text: &str) -> Result {
        Ok(fs::write(self.tree.join(name), text)?)
    }

    /// Whether what a test needs can be built.
    pub(super) fn build(&self, test: &[&str]) -> Result<bool> {
        let arguments = match test {
            [TORTURE, ..] => PROGRAMS.to_vec(),
            // Which are not built before they are run.
            [_, package, name, "--doc", ..] => vec!["build", package, name],
            _ => [test, &["--no-run"]].concat(),
        };
        let output = self.cargo(&arguments).output()?;
        Ok(output.status.success())
    }

    /// Runs a test that was built, with what it says in a file: a pipe would be held open by processes that
    /// it leaves behind.
    pub(super) fn test(&self, test: &[&str]) -> Result<Ended> {
        let mut said = fs::File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(self.target.with_file_name("said"))?;
        let mut command = match test {
            [TORTURE, scenes @ ..] => {
                let mut command = Command::new(env::current_exe()?);
                command.arg(TORTURE).args(scenes);
                command.env(shell::PROGRAMS, self.target.join("debug"));
                command
            }
            _ => self.cargo(test),
        };
        // What a test says of what it leaves out is read below.
        command.env("RUST_TEST_NOCAPTURE", "1");
        command.stdin(Stdio::null()).stdout(said.try_clone()?).stderr(said.try_clone()?);
        let mut child = command.process_group(0).spawn()?;
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break Some(status);
            }
            if begun.elapsed() > PATIENCE {
                break None;
            }
            thread::sleep(LOOK);
        };
        // What it has started goes with it.
        shell::kill_group(child.id());
        child.wait()?;
        let mut bytes = Vec::new();
        said.rewind()?;
        said.read_to_end(&mut bytes)?;
        let said = String::from_utf8_lossy(&bytes).into_owned();
        Ok(match status {
            None => Ended::Hung,
            Some(status) if status.success() => {
                Ended::Passed { count: passed(&said), skipped: skipped(&said) }
            }
            Some(_) => Ended::Failed(said),
        })
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = shell::cargo(arguments);
        // A mutation may leave something unused, or need what a crate forbids itself.
        command.env("RUSTFLAGS", "--cap-lints=warn").env("RUSTDOCFLAGS", "--cap-lints=warn");
        command.current_dir(&self.tree).env("CARGO_TARGET_DIR", &self.target);
        command
    }
}

/// How many tests passed, by what they say: those of the standard harness, scenes of the guard's, and scenes
/// of `torture`.
fn passed(said: &str) -> usize {
    said.lines()
        .map(|line| match line.strip_prefix("test result: ok. ") {
            Some(rest) => rest.split(' ').next().and_then(|count| count.parse().ok()).unwrap_or(0),
            None if line.starts_with("scene ") && line.ends_with(" ... ok") => 1,
            None if line.starts_with("PASS ") => 1,
            None => 0,
        })
        .fold(0, usize::saturating_add)
}

/// What a test that failed says of it, in a line: why a scene failed, what a panic said, which signal ended it.
pub(super) fn reason(said: &str) -> String {
    const LEN: usize = 150;
    let find = |mark: &str| said.lines().find(|line| line.contains(mark));
    let marked = ["marked `compile_fail`", "... FAILED: ", "FAIL "].into_iter().find_map(find);
    let panicked = || said.lines().skip_while(|line| !line.contains(" panicked at ")).nth(1);
    let killed = || said.lines().find_map(|line| line.rsplit_once(" (signal: ").map(|(_, it)| it));
    let line = marked.or_else(panicked);
    let line = line.map(str::to_owned).or_else(|| {
        killed().map(|signal| format!("it ended by signal {}", signal.trim_end_matches(')')))
    });
    let line = line.unwrap_or_else(|| "it failed without a word".to_owned());
    line.trim().chars().take(LEN).collect()
}

/// Why a test was skipped, if it says so.
fn skipped(said: &str) -> Option<String> {
    said.lines().find_map(|line| {
        let marks = ["skipped: ", "not tried, as ", "SKIP "];
        let (_, why) = marks.into_iter().find_map(|mark| line.split_once(mark))?;
        Some(why.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_has_a_reason() {
        let panicked = "thread 'a' (7) panicked at file:1:2:\nthe bytes changed\nnote: run\n";
        assert_eq!(reason(panicked), "the bytes changed");
        assert_eq!(reason(&format!("{panicked}FAIL eio: why")), "FAIL eio: why");
        let killed =
            "error: test failed\n\nCaused by:\n  not successfully: `a` (signal: 7, SIGBUS)\n";
        assert_eq!(reason(killed), "it ended by signal 7, SIGBUS");
        assert_eq!(reason(""), "it failed without a word");
    }

    #[test]
    fn tests_are_counted_and_what_is_skipped_says_why() {
        let harness = "running 2 tests\ntest result: ok. 2 passed; 0 failed\n\
                       test result: ok. 0 passed; 0 failed; 3 filtered out\n";
        assert_eq!((passed(harness), skipped(harness)), (2, None));
        assert_eq!(passed("scene a fork ... ok\nscene b ... FAILED: why\n"), 1);
        assert_eq!(passed("PASS eio (1.0 s): all\ntorture: 1 passed, 0 failed\n"), 1);
        assert_eq!(passed("running 0 tests\ntest result: ok. 0 passed; 0 failed\n"), 0);
        assert_eq!(skipped("test a ... skipped: only root\nok\n").as_deref(), Some("only root"));
        assert_eq!(skipped("SKIP eio (0.0 s): no disk\n").as_deref(), Some("eio (0.0 s): no disk"));
    }
}
