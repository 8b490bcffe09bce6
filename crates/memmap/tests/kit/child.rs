//! Another process: this test again, told by the environment which part it plays there.

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{self, ChildStderr, Command, Stdio};
use std::thread;
use std::time::Duration;

const PART: &str = "MEMMAP_TEST_PART";
const FILE: &str = "MEMMAP_TEST_FILE";

/// How long a part lasts at most.
const PATIENCE: Duration = Duration::from_secs(60);

/// The part that this process plays, and its file; none for the process that was started by hand.
pub(crate) fn part() -> Option<(String, PathBuf)> {
    let (part, file) = (env::var(PART).ok()?, env::var_os(FILE)?);
    // Who waits for something that never comes would keep the other process waiting, too.
    thread::spawn(|| {
        thread::sleep(PATIENCE);
        process::abort();
    });
    Some((part, file.into()))
}

/// Says a line to the process that started this one. If that is gone, this one ends, too.
pub(crate) fn say(line: &str) {
    // In one piece; and not on the output, where the test's harness speaks.
    io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// A process that plays a part, which ends with this value.
pub(crate) struct Child {
    process: process::Child,
    said: BufReader<ChildStderr>,
}

impl Child {
    /// Starts it, in the test of that name.
    pub(crate) fn start(test: &str, part: &str, file: &Path) -> Self {
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(PART, part)
            .env(FILE, file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stderr.take().unwrap());
        Self { process, said }
    }

    /// Waits for the next line that it says.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Kills it, wherever it is, and returns what it said until then: whole lines.
    #[allow(dead_code, reason = "not every test that includes this kills")]
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.process.kill().unwrap();
        let status = self.process.wait().unwrap();
        let said = self.rest();
        assert_eq!(status.code(), None, "it ended before it was killed: {said:?}");
        said
    }

    #[allow(dead_code, reason = "as above")]
    fn rest(&mut self) -> Vec<String> {
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).unwrap();
        let whole = rest.rfind('\n').map_or("", |end| &rest[..end]);
        whole.lines().map(str::to_owned).collect()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
