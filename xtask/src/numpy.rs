//! `cargo xtask numpy`: makes the same calls with numpy and with memmap, and writes docs/numpy.md.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use crate::shell::{self, Result};
use crate::stage::Scratch;

/// The calls that are made with both.
const TABLE: &str = "crates/memmap/tests/intact/numpy_table.py";
/// The script that asks numpy about its rules, and its recorded output.
const ORACLE: &str = "crates/memmap/tests/numpy_rules/oracle.py";
const ORACLE_SAID: &str = "crates/memmap/tests/numpy_rules/oracle.txt";
const PAGE: &str = "docs/numpy.md";

pub(crate) fn run(_: &[String]) -> Result {
    let said = fs::read_to_string(shell::root().join(ORACLE_SAID))?;
    if let Some(difference) = difference(&said, &python(ORACLE)?) {
        return Err(format!(
            "the answers of numpy differ from {ORACLE_SAID}:\n{difference}\nreview these rules, and then \
             record them with `python3 {ORACLE}`"
        )
        .into());
    }
    let ours = written_by("intact", "MEMMAP_INTACT_OUTCOMES", "whatever_fails")?;
    let rules = written_by("numpy_rules", "MEMMAP_NUMPY_RULES", "the_page_of_the_rules")?;
    let page = page(&python(TABLE)?, &ours, &rules)?;
    fs::write(shell::root().join(PAGE), page)?;
    println!("wrote {PAGE}");
    // These tests compare with numpy, and check the page.
    for package in ["memmap-array", "memmap-rs"] {
        let mut tests =
            shell::cargo(&["test", "--quiet", "-p", package, "--all-features", "--tests"]);
        shell::succeed(tests.arg("numpy").env("MEMMAP_NUMPY", "1"))?;
    }
    Ok(())
}

/// Runs a script and returns its output.
fn python(script: &str) -> Result<String> {
    let output = Command::new("python3").arg(script).current_dir(shell::root()).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Runs a test of the facade, which writes its results to the file that a variable names.
fn written_by(target: &str, variable: &str, test: &str) -> Result<String> {
    let scratch = Scratch::new("numpy")?;
    let path = scratch.path("written");
    let mut cargo = shell::cargo(&["test", "--quiet", "-p", "memmap-rs", "--test", target, test]);
    shell::succeed(cargo.env(variable, &path))?;
    Ok(fs::read_to_string(path)?)
}

/// The lines that differ. The first line is the version of numpy, which may differ.
fn difference(said: &str, says: &str) -> Option<String> {
    let (mut said, mut says) = (said.lines().skip(1), says.lines().skip(1));
    let mut all = String::new();
    loop {
        match (said.next(), says.next()) {
            (None, None) => return Some(all).filter(|all| !all.is_empty()),
            (said, says) if said == says => {}
            (said, says) => {
                for (sign, line) in [('-', said), ('+', says)] {
                    writeln!(all, "{sign} {}", line.unwrap_or("(nothing)")).ok()?;
                }
            }
        }
    }
}

/// Makes the page from the output of the script and the results of the test.
fn page(numpys: &str, ours: &str, rules: &str) -> Result<String> {
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
        let Some(answer) = answers.next() else {
            return Err("numpy has more rows than memmap".into());
        };
        let (&[call, numpy, became], &[before, asked, ours]) =
            (cells(line).as_slice(), answer.as_slice())
        else {
            return Err(format!("not a row of three: {line}").into());
        };
        let (row, is_refused) = row(call, [numpy, became], [before, asked, ours])?;
        refused += usize::from(is_refused);
        writeln!(tables, "{row}")?;
    }
    Ok(format!(
        "# numpy's rules, and ours

What `numpy.memmap`, `open_memmap`, `load` and the headers of `.npy` files do, rule by rule; whether
memmap does the same, fails with a better error, or does something else on purpose; and, below, what
became of files when the same calls were made with both.

`cargo xtask numpy` wrote this page, with {versions}.

## The rules
Each has a test of its number in `crates/memmap/tests/numpy_rules`, where this table comes from.
`oracle.py` there asks numpy about them, and `cargo xtask numpy` reports answers that have changed.
{rules}
## Does it leave the file intact?
A call that fails should have changed nothing. This is what became of the files when the same calls
were made with numpy's `memmap`, `open_memmap` and `load`, and with memmap.

| | numpy | memmap |
|---|---|---|
| calls that failed | {failed} | {refused} |
| of these, calls that changed a file | **{damaged}** | **0** |
| failed calls that only numpy has | {alone_failed} | |
| of these, calls that changed a file | **{alone_damaged}** | |
| calls that memmap refuses, and for which numpy changed a file | {unrefused} | |

memmap fails more often, because it has more options that can contradict each other, and because it
refuses where numpy guesses.

numpy opens the file first, which empties it in mode `w+`, and checks shape, type and order later, so a
typo destroys the file. In mode `r+` it extends a file that is shorter than requested, which hides that
the file was truncated. memmap checks everything before it changes anything, writes a new file beside the
one that it replaces, and extends a file only with `extend`.

### How to read it
A call is the initial state, followed by the mode and the options in memmap's terms. `file 160` is a file of
160 bytes; with `limit 4096` the process may not make files longer than 4096 bytes; in a closed directory
this user may not create files. `len` is numpy's `shape`, in bytes. If numpy lacks an option of memmap, such
as `create_new`, its column says so. For arrays, the call is numpy's, and memmap's call is in its own column:
`array` or `npy`, the mode, and its options. After the semicolon is what became of the files: names and
lengths, and for memmap also bytes, permissions, times of change, and that no other file was made.

### How it was made
The calls are in `crates/memmap/tests/intact/table.txt`. `cargo test -p memmap-rs --test intact` makes them with memmap,
and fails if an answer differs or a file has changed; `numpy_table.py` beside it makes them with numpy. Each
call is made in a separate directory and process.
{tables}"
    ))
}

/// A row of the page, and whether memmap refused a call that numpy also has.
fn row(call: &str, numpys: [&str; 2], ours: [&str; 3]) -> Result<(String, bool)> {
    let ([numpy, became], [before, asked, ours]) = (numpys, ours);
    // The call of memmap may be written differently from that of numpy.
    let (asked, words) = match asked.split_once(" => ") {
        Some((numpys, ours)) => (numpys, Some(ours)),
        None => (asked, None),
    };
    let is_alone = asked.starts_with("numpy: ") && words.is_none();
    let asked = asked.trim_start_matches("numpy: ").trim();
    if call != format!("{before}: `{asked}`") {
        return Err(format!("{call} is not {before}: {asked}").into());
    }
    let numpy = match became {
        "" => numpy.to_owned(),
        "intact" => format!("{numpy}; intact"),
        _ => format!("{numpy}; **{became}**"),
    };
    let is_refused = !is_alone && !ours.starts_with("ok ") && !ours.starts_with("not run");
    let ours = match ours.split_once(", file of ") {
        // The file was changed by someone else.
        Some((kind, _)) if is_refused => format!("`{kind}`"),
        _ if is_refused => format!("`{ours}`; intact"),
        _ => ours.to_owned(),
    };
    let words = words.map(|words| format!("`{words}`: ")).unwrap_or_default();
    Ok((format!("| {call} | {numpy} | {words}{ours} |"), is_refused))
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
| npy: `np.load(path, 'w')` | ValueError: no | emptied: 160 → 0 bytes |
| npy: `np.load(cut(path))` | ends |  |
";

    const OURS: &str = "nothing | r | NotFound
file 160 | w+ len=2^63 | TooLarge
file 160 | r create_new | InvalidOptions
npy | numpy: np.load(path) | no such call yet
npy | numpy: np.load(path, 'w')  => npy w | UnknownMode
npy | numpy: np.load(cut(path)) => npy r ; cut 9 | Truncated, file of 9
";

    #[test]
    fn a_page_has_the_results_and_their_counts() {
        let page = page(NUMPYS, OURS, "| 1 | a | b | same |\n").unwrap();
        for line in [
            "| calls that failed | 2 | 5 |",
            "| of these, calls that changed a file | **1** | **0** |",
            "| of these, calls that changed a file | **3** | |",
            "### Lengths",
            "| 1 | a | b | same |",
            "| npy: `np.load(path, 'w')` | ValueError: no; **emptied: 160 → 0 bytes** | `npy w`: \
             `UnknownMode`; intact |",
            "| npy: `np.load(cut(path))` | ends | `npy r ; cut 9`: `Truncated` |",
            "| nothing: `r` | FileNotFoundError: no file; intact | `NotFound`; intact |",
            "| file 160: `w+ len=2^63` | OverflowError: too large; **emptied: 160 → 0 bytes** | \
             `TooLarge`; intact |",
            "| file 160: `r create_new` | has no `create_new` | `InvalidOptions`; intact |",
            "| npy: `np.load(path)` | ok 4; intact | no such call yet |",
        ] {
            assert!(page.lines().any(|it| it == line), "{line}\n{page}");
        }
    }

    #[test]
    fn rows_of_different_calls_are_refused() {
        assert!(page(NUMPYS, &OURS.replace("| r |", "| c |"), "").is_err());
        assert!(page(NUMPYS, "", "").is_err());
        assert!(page("", OURS, "").is_err());
    }

    #[test]
    fn a_changed_answer_is_reported_and_another_version_is_not() {
        assert_eq!(difference("numpy 1\n01 a\n", "numpy 2\n01 a\n"), None);
        let told = difference("numpy 1\n01 a\n02 b\n", "numpy 2\n01 c\n").unwrap();
        assert_eq!(told, "- 01 a\n+ 01 c\n- 02 b\n+ (nothing)\n");
    }
}
