//! A map to ask questions by hand, or by `cargo xtask torture`, while its file is mistreated:
//! `cargo run -p memmap-rs --example probe -- [MODE] FILE`, and then a question a line. Without a
//! mode, it is `r`.
//!
//! | question | answer |
//! |---|---|
//! | `read OFFSET LEN` | `ok`, or why not |
//! | `some OFFSET LEN [OUT]` | `got N`, and why no more; the bytes go to the file `OUT` |
//! | `rescue OFFSET LEN [OUT]` | `lost OFFSET LEN` and why, for each range; then `done` |
//! | `fill OFFSET LEN` | `ok`, or why the bytes cannot be set to 165 |
//!
//! Why is one of `truncated offset=… needed=… now=…`, `io offset=… kind=…`, or the name of another
//! kind. Answers go to the output, the texts of errors to the error output.

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks on its output")]

use std::error::Error;
use std::{env, fs, io};

use memmap::{ErrorKind, MemMap, Mode};

fn main() -> Result<(), Box<dyn Error>> {
    let mut words: Vec<_> = env::args_os().skip(1).collect();
    let path = words.pop().ok_or("name a file")?;
    let mode = words.pop().map(|word| word.to_string_lossy().parse()).transpose()?;
    let mut map = MemMap::open(path, mode.unwrap_or(Mode::Read))?;
    println!("mapped {}", map.len());
    for line in io::stdin().lines() {
        answer(&mut map, &line?)?;
    }
    Ok(())
}

fn answer(map: &mut MemMap, line: &str) -> Result<(), Box<dyn Error>> {
    let mut words = line.split_whitespace();
    let question = words.next().unwrap_or_default();
    let offset = words.next().ok_or("say an offset")?.parse()?;
    let mut bytes = vec![0; words.next().ok_or("say a length")?.parse()?];
    let mut answers = Vec::new();
    match question {
        "read" => answers.push(ok_or_why(&map.read_into(offset, &mut bytes))),
        "some" => {
            let partial = map.read_some(offset, &mut bytes)?;
            bytes.truncate(partial.len);
            let stopped = partial.stopped.as_ref().map_or_else(String::new, why);
            answers.push(format!("got {} {stopped}", partial.len));
        }
        "rescue" => {
            for lost in map.rescue(offset, &mut bytes)? {
                let (start, len) = (lost.range.start, lost.range.end - lost.range.start);
                answers.push(format!("lost {start} {len} {}", why(&lost.error)));
            }
            answers.push("done".to_owned());
        }
        "fill" => {
            let end = offset + memmap::widen(bytes.len());
            answers.push(ok_or_why(&map.fill_range(offset..end, 0xA5)));
        }
        other => return Err(format!("{other:?} is none of read, some, rescue, fill").into()),
    }
    // Before the answer, which says that the bytes are there.
    if let Some(out) = words.next() {
        fs::write(out, bytes)?;
    }
    println!("{}", answers.join("\n"));
    Ok(())
}

fn ok_or_why(result: &memmap::Result<()>) -> String {
    result.as_ref().err().map_or_else(|| "ok".to_owned(), why)
}

/// The kind of an error and its numbers, as words; its text goes to the error output.
fn why(error: &memmap::Error) -> String {
    eprintln!("{error}");
    match error.kind() {
        ErrorKind::Truncated { offset, needed, now } => {
            format!("truncated offset={offset} needed={needed} now={now}")
        }
        ErrorKind::Io { offset, source } => {
            // EIO has no kind in std, but a number.
            let kind = source.raw_os_error().map_or_else(String::new, |code| code.to_string());
            format!("io offset={offset} kind={:?} code={kind}", source.kind())
        }
        other => format!("{other:?}"),
    }
}
