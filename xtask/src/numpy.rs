//! `cargo xtask numpy`: one table of calls, made by numpy and by us; docs/numpy.md says what came of
//! them.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use crate::shell::{self, Result};
use crate::stage::Scratch;

const SCRIPT: &str = "crates/memmap/tests/intact/numpy_table.py";
const PAGE: &str = "docs/numpy.md";

pub(crate) fn run(_: &[String]) -> Result {
    let ours = ours()?;
    let output = Command::new("python3").arg(SCRIPT).current_dir(shell::root()).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let page = page(&String::from_utf8(output.stdout)?, &ours)?;
    fs::write(shell::root().join(PAGE), page)?;
    println!("wrote {PAGE}");
    Ok(())
}

/// What our calls answered, once the test found it to be right.
fn ours() -> Result<String> {
    let scratch = Scratch::new("numpy")?;
    let path = scratch.path("outcomes");
    let mut test = shell::cargo(&["test", "--quiet", "-p", "memmap-rs", "--test", "intact"]);
    shell::succeed(test.env("MEMMAP_INTACT_OUTCOMES", &path))?;
    Ok(fs::read_to_string(path)?)
}

/// The page, of what the script printed and what our test wrote.
fn page(numpys: &str, ours: &str) -> Result<String> {
    let mut lines = numpys.lines();
    let versions = lines.next().unwrap_or_default();
    let counts = lines.next().unwrap_or_default().split(' ').collect::<Vec<_>>();
    let &[failed, damaged, alone_failed, alone_damaged, unrefused] = counts.as_slice() else {
        return Err("no counts".into());
    };
    let mut answers = ours.lines().map(cells);

    let (mut refused, mut tables) = (0_usize, String::new());
    for line in lines {
        if line.starts_with("### ") {
            write!(tables, "\n{line}\n\n| the call | numpy | memmap |\n|---|---|---|\n")?;
            continue;
        }
        let Some(answer) = answers.next() else { return Err("more rows than answers".into()) };
        let (&[call, numpy, became], &[before, asked, ours]) =
            (cells(line).as_slice(), answer.as_slice())
        else {
            return Err(format!("not a row of three: {line}").into());
        };
        let is_alone = asked.starts_with("numpy: ");
        let asked = asked.trim_start_matches("numpy: ");
        if call != format!("{before}: `{asked}`") {
            return Err(format!("{call} is not {before}: {asked}").into());
        }
        let numpy = match became {
            "" => numpy.to_owned(),
            "intact" => format!("{numpy}; intact"),
            _ => format!("{numpy}; **{became}**"),
        };
        let is_refused = !is_alone && !ours.starts_with("ok ") && !ours.starts_with("not run");
        refused += usize::from(is_refused);
        let ours = if is_refused { format!("`{ours}`; intact") } else { ours.to_owned() };
        writeln!(tables, "| {call} | {numpy} | {ours} |")?;
    }
    Ok(format!(
        "# Does it leave the file intact?

A call that fails should have changed nothing. This is what became of the files when the same calls
were made with numpy's `memmap`, `open_memmap` and `load`, and with memmap.

| | numpy | memmap |
|---|---|---|
| calls that failed | {failed} | {refused} |
| of these, calls that changed a file | **{damaged}** | **0** |
| calls of numpy's own that failed | {alone_failed} | |
| of these, calls that changed a file | **{alone_damaged}** | |
| calls that memmap refuses, and that numpy answered with a changed file | {unrefused} | |

memmap fails more often, as it has more options to contradict, and refuses where numpy guesses.

numpy opens the file first, which in mode `w+` empties it, and looks at shape, type and order later; so
a typing error costs the file. In mode `r+` it makes a file longer that is shorter than was asked, and
so hides that it was cut short. memmap checks everything before it touches anything, makes a new file
beside the one it replaces, and grows a file only if `extend` says so.

## How to read it
A call is what is there, and then the mode and the options in memmap's words. `file 160` is a file of 160
bytes; with `limit 4096` the process may make none that is longer than 4096 bytes; in a closed directory
this user may make no file. `len` is numpy's `shape`, of bytes; where memmap has an option that
numpy has not, as `create_new`, numpy's column says so. After the semicolon is what became of the files:
names and lengths, and for memmap also bytes, permissions, times of change, and that nothing was made
beside them.

## How it was made
`cargo xtask numpy` wrote this page, with {versions}. The calls are in
`crates/memmap/tests/intact/table.txt`. `cargo test -p memmap-rs --test intact` makes them with memmap,
and fails if an answer is another one or anything has changed; `numpy_table.py` beside it makes them
with numpy. Each is made in a directory and a process of its own.

## The calls
{tables}"
    ))
}

/// The columns of a row.
fn cells(line: &str) -> Vec<&str> {
    let line = line.trim();
    let line = line.strip_prefix("| ").unwrap_or(line);
    line.strip_suffix('|').unwrap_or(line).split(" | ").map(str::trim).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMPYS: &str = "Python 3 and numpy 2 on Linux
2 1 4 3 5
### Lengths
| nothing: `r` | FileNotFoundError: no file | intact |
| file 160: `w+ len=2^63` | OverflowError: too large | emptied: 160 → 0 bytes |
| file 160: `r create_new` | has no `create_new` |  |
| npy: `np.load(path)` | ok 4 | intact |
";

    const OURS: &str = "nothing | r | NotFound
file 160 | w+ len=2^63 | TooLarge
file 160 | r create_new | Contradiction
npy | numpy: np.load(path) | no such call yet
";

    #[test]
    fn a_page_says_what_became_of_the_files_and_counts() {
        let page = page(NUMPYS, OURS).unwrap();
        for line in [
            "| calls that failed | 2 | 3 |",
            "| of these, calls that changed a file | **1** | **0** |",
            "| of these, calls that changed a file | **3** | |",
            "### Lengths",
            "| nothing: `r` | FileNotFoundError: no file; intact | `NotFound`; intact |",
            "| file 160: `w+ len=2^63` | OverflowError: too large; **emptied: 160 → 0 bytes** | \
             `TooLarge`; intact |",
            "| file 160: `r create_new` | has no `create_new` | `Contradiction`; intact |",
            "| npy: `np.load(path)` | ok 4; intact | no such call yet |",
        ] {
            assert!(page.lines().any(|it| it == line), "{line}\n{page}");
        }
    }

    #[test]
    fn rows_that_are_not_of_the_same_call_are_refused() {
        assert!(page(NUMPYS, &OURS.replace("| r |", "| c |")).is_err());
        assert!(page(NUMPYS, "").is_err());
        assert!(page("", OURS).is_err());
    }
}
