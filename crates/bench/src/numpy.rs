//! Tasks for numpy, whose loops run inside Python: a call from this program would cost more than
//! the operation that is measured.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::Result;
use crate::sample::Sample;

const PYTHON: &str = "python3";

const SCRIPT: &str = include_str!("numpy.py");

/// The versions of numpy and Python, if both are installed.
pub(crate) fn version() -> Option<String> {
    let versions = "import numpy, platform as p; print(numpy.__version__, p.python_version())";
    let output = Command::new(PYTHON).args(["-c", versions]).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (numpy, python) = text.trim().split_once(' ').filter(|_| output.status.success())?;
    Some(format!("numpy {numpy}, Python {python}"))
}

/// Runs a task once on the file at `path`, with `input` on its standard input.
///
/// The time is that of the loop, without the start of Python and numpy.
pub(crate) fn run(task: &str, path: &Path, numbers: &[u64], input: &[u8]) -> Result<Sample> {
    let mut child = Command::new(PYTHON)
        .args([OsStr::new("-c"), OsStr::new(SCRIPT), OsStr::new(task), path.as_os_str()])
        .args(numbers.iter().map(u64::to_string))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    // The script prints nothing before it has read all of its input, so neither side waits for the
    // other. If it ends early, its status says more than the error of the pipe.
    let given = child.stdin.take().map(|mut stdin| stdin.write_all(input));
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(output.status.to_string().into());
    }
    given.transpose()?;
    let nanos = String::from_utf8(output.stdout)?.trim().parse()?;
    Ok(Sample { time: Duration::from_nanos(nanos), notes: Vec::new() })
}

/// The input that the script expects: bytes, followed by offsets.
pub(crate) fn input(bytes: &[u8], offsets: &[u64]) -> Vec<u8> {
    let mut input = bytes.to_vec();
    input.extend(offsets.iter().flat_map(|offset| offset.to_le_bytes()));
    input
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_follow_the_bytes() {
        assert_eq!(input(&[7], &[1, 256]), [7, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    }
}
