//! The copy of the workspace in which mutants are built and tested: the files that git tracks, with a
//! separate target directory.

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

/// How long a test may take. A test that hangs counts as failed.
const PATIENCE: Duration = Duration::from_secs(120);

/// The interval at which a running test is polled.
const LOOK: Duration = Duration::from_millis(50);

/// The first word of a test that is a scene.
const TORTURE: &str = "torture";

/// The arguments that build the programs of scenes.
const PROGRAMS: [&str; 12] = [
    "build",
    "-p",
    "memmap-rs",
    "-p",
    "memmap-guard",
    "-p",
    "memmap-posix",
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
        /// Why it was skipped.
        skipped: Option<String>,
    },
    Failed(String),
    Hung,
}

pub(super) struct WorkspaceCopy {
    tree: PathBuf,
    target: PathBuf,
    begun: Instant,
}

impl WorkspaceCopy {
    /// Copies the files that are missing or different. Other files are not built again.
    pub(super) fn set_up() -> Result<Self> {
        let from = shell::root();
        let own = from.join("target/mutants");
        let bench =
            Self { tree: own.join("tree"), target: own.join("target"), begun: Instant::now() };
        let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(&from).output()?;
        if !listed.status.success() {
            return Err("`git ls-files` fails; it lists the files of the workspace".into());
        }
        let listed = String::from_utf8(listed.stdout)?;
        // A file that was removed and not committed yet does not exist.
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

    /// Removes all other files below a directory of the copy.
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

    /// Builds what a test needs, and returns whether that succeeded.
    pub(super) fn build(&self, test: &[&str]) -> Result<bool> {
        let arguments = match test {
            [TORTURE, ..] => PROGRAMS.to_vec(),
            // Documentation tests are built when they are run.
            [_, package, name, "--doc", ..] => vec!["build", package, name],
            _ => [test, &["--no-run"]].concat(),
        };
        let output = self.cargo(&arguments).output()?;
        Ok(output.status.success())
    }

    /// Runs a test that was built, with its output in a file: processes that it leaves behind would keep a
    /// pipe open.
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
        // The reason why a test is skipped is read from its output below.
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
        // The processes that it has started are killed with it.
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
        // A mutation may leave something unused, or need what a crate forbids.
        command.env("RUSTFLAGS", "--cap-lints=warn").env("RUSTDOCFLAGS", "--cap-lints=warn");
        command.current_dir(&self.tree).env("CARGO_TARGET_DIR", &self.target);
        command
    }
}

/// The number of passed tests in an output: tests of the standard harness, scenes of the guard, and
/// scenes of `torture`.
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

/// The reason why a test failed, in one line: that of a scene, the message of a panic, or a signal.
pub(super) fn reason(said: &str) -> String {
    const LEN: usize = 150;
    let find = |mark: &str| said.lines().find(|line| line.contains(mark));
    let marked = ["marked `compile_fail`", "... FAILED: ", "FAIL "].into_iter().find_map(find);
    let panicked = || said.lines().skip_while(|line| !line.contains(" panicked at ")).nth(1);
    let killed = || said.lines().find_map(|line| line.rsplit_once(" (signal: ").map(|(_, it)| it));
    let line = marked.or_else(panicked);
    let line = line.map(str::to_owned).or_else(|| {
        killed().map(|signal| format!("ended by signal {}", signal.trim_end_matches(')')))
    });
    let line = line.unwrap_or_else(|| "failed without a message".to_owned());
    line.trim().chars().take(LEN).collect()
}

/// The reason why a test was skipped, if it was.
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
        assert_eq!(reason(killed), "ended by signal 7, SIGBUS");
        assert_eq!(reason(""), "failed without a message");
    }

    #[test]
    fn tests_are_counted_and_a_skipped_one_has_its_reason() {
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
