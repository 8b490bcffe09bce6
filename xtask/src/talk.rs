//! A program that maps a file, prints `mapped`, and waits for questions, so that the file can be
//! changed before the program reads it.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use crate::shell::Result;

/// A program that has mapped its file.
pub(crate) struct Talk {
    child: Child,
    output: BufReader<ChildStdout>,
}

/// The output of a program that has ended, and its status.
pub(crate) struct Answer {
    pub(crate) output: String,
    pub(crate) errors: String,
    pub(crate) status: ExitStatus,
}

impl Talk {
    /// Starts a program and waits until it has printed `mapped`.
    pub(crate) fn start(command: &mut Command, file: impl AsRef<OsStr>) -> Result<Self> {
        command.arg(file).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let output = child.stdout.take().ok_or("the program has no output pipe")?;
        let mut talk = Self { child, output: BufReader::new(output) };
        let mut first = String::new();
        talk.output.read_line(&mut first)?;
        if first.starts_with("mapped") {
            return Ok(talk);
        }
        let Answer { errors, status, .. } = talk.ask("")?;
        Err(format!("the program does not map the file: {status}, {first}{errors}").into())
    }

    /// Sends these lines, and waits for the program to end.
    pub(crate) fn ask(mut self, questions: &str) -> Result<Answer> {
        if let Some(mut input) = self.child.stdin.take() {
            match input.write_all(questions.as_bytes()) {
                // The program may end at the first question, without reading the others.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
                result => result?,
            }
        }
        let mut output = String::new();
        self.output.read_to_string(&mut output)?;
        let mut errors = String::new();
        if let Some(mut stream) = self.child.stderr.take() {
            stream.read_to_string(&mut errors)?;
        }
        Ok(Answer { output, errors, status: self.child.wait()? })
    }
}
