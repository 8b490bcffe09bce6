//! `cargo xtask duel`: truncates a mapped file, and reads it with memmap2, numpy and memmap.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::process::Command;

use crate::shell::{self, Result};
use crate::stage::Scratch;
use crate::talk::{Answer, Talk};

const FILE_LEN: usize = 16_384;
const CUT_LEN: u64 = 5_000;

/// The same for `numpy.memmap`.
const NUMPY: &str = "
import sys, numpy
bytes = numpy.memmap(sys.argv[1], mode='r')
print('mapped', bytes.size, flush=True)
sys.stdin.readline()
print('read', bytes.size, 'bytes, sum', bytes.sum())
";

pub(crate) fn run(_: &[String]) -> Result {
    let scratch = Scratch::new("duel")?;
    let path = scratch.path("data.bin");
    println!(
        "A file of {FILE_LEN} bytes is mapped, truncated to {CUT_LEN}, and read to its end.\n"
    );

    let mut memmap2 = Command::new(shell::example("memmap-guard", "plain")?);
    show("memmap2", &play(&mut memmap2, &path, "\n")?, &scratch);

    let mut numpy = Command::new("python3");
    match Command::new("python3").args(["-c", "import numpy"]).output() {
        Ok(found) if found.status.success() => {
            show("numpy", &play(numpy.args(["-c", NUMPY]), &path, "\n")?, &scratch);
        }
        _ => println!("numpy: SKIP (python3 cannot import it)"),
    }

    let mut ours = Command::new(shell::example("memmap-rs", "probe")?);
    let questions = format!("read 0 {FILE_LEN}\nsome 0 {FILE_LEN}\n");
    show("memmap", &play(&mut ours, &path, &questions)?, &scratch);
    Ok(())
}

/// Lets a program map the file, truncates the file, and lets the program read.
fn play(command: &mut Command, path: &Path, questions: &str) -> Result<Answer> {
    fs::write(path, [1; FILE_LEN])?;
    let talk = Talk::start(command, path)?;
    OpenOptions::new().write(true).open(path)?.set_len(CUT_LEN)?;
    talk.ask(questions)
}

fn show(name: &str, Answer { output, errors, status }: &Answer, scratch: &Scratch) {
    println!("{name}: {status}");
    let directory = scratch.path("").display().to_string();
    // Both questions have the same error, which is shown once.
    let mut errors: Vec<&str> = errors.lines().collect();
    errors.dedup();
    for line in output.lines().chain(errors) {
        println!("    {}", line.replace(&directory, ""));
    }
}
