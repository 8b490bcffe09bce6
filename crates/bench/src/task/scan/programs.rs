//! Questions to other programs, measured from start to end.
//!
//! They do not all count the same: without an option, grep and ripgrep count lines.

use crate::Result;
use crate::drain::{Digest, drain};
use crate::engine::{self, Engine, Found, Runs};
use crate::input::Input;
use crate::options::Options;
use crate::report::{self, Work};
use crate::rounds::{self, Contestant};

use super::{Question, TASK};

const OURS: &str = "lazyhex find";
const ALONE: &str = "lazyhex find --threads 1";

/// Programs that print the same offsets as lazyhex, which is checked.
const SAME_OUTPUT: [&str; 4] = [ALONE, "rg --mmap", "rg --no-mmap", "grep"];

const fn ours(arguments: &'static [&'static str]) -> Engine {
    Engine { name: OURS, against: OURS, runs: Runs::Lazyhex(arguments) }
}

const fn alone(arguments: &'static [&'static str]) -> Engine {
    Engine { name: ALONE, against: OURS, runs: Runs::Lazyhex(arguments) }
}

const fn rg(arguments: &'static [&'static str]) -> Engine {
    let runs = Runs::Program("rg", arguments, "cargo install ripgrep");
    Engine { name: "rg --mmap", against: OURS, runs }
}

const fn rg_reading(arguments: &'static [&'static str]) -> Engine {
    let runs = Runs::Program("rg", arguments, "cargo install ripgrep");
    Engine { name: "rg --no-mmap", against: OURS, runs }
}

const fn grep(arguments: &'static [&'static str]) -> Engine {
    Engine {
        name: "grep",
        against: OURS,
        runs: Runs::Program("grep", arguments, "apt install grep"),
    }
}

const fn ugrep(arguments: &'static [&'static str]) -> Engine {
    let runs = Runs::Program("ugrep", arguments, "apt install ugrep");
    Engine { name: "ugrep", against: OURS, runs }
}

static LITERAL: [Engine; 6] = [
    ours(&["find", "-c", "Qz7rare!"]),
    alone(&["find", "--threads", "1", "-c", "Qz7rare!"]),
    rg(&["--no-config", "-a", "--no-unicode", "--mmap", "--count-matches", "-F", "Qz7rare!"]),
    rg_reading(&[
        "--no-config",
        "-a",
        "--no-unicode",
        "--no-mmap",
        "--count-matches",
        "-F",
        "Qz7rare!",
    ]),
    grep(&["-caF", "Qz7rare!"]),
    ugrep(&["-caF", "Qz7rare!"]),
];

static BYTE: [Engine; 6] = [
    ours(&["find", "-c", "e"]),
    alone(&["find", "--threads", "1", "-c", "e"]),
    rg(&["--no-config", "-a", "--no-unicode", "--mmap", "--count-matches", "-F", "e"]),
    rg_reading(&["--no-config", "-a", "--no-unicode", "--no-mmap", "--count-matches", "-F", "e"]),
    grep(&["-caF", "e"]),
    ugrep(&["-caF", "e"]),
];

static NEWLINES: [Engine; 4] = [
    ours(&["find", "-c", "--hex", "0a"]),
    alone(&["find", "--threads", "1", "-c", "--hex", "0a"]),
    Engine { name: "wc -l", against: OURS, runs: Runs::Program("wc", &["-l"], "coreutils") },
    rg(&["--no-config", "-a", "--no-unicode", "--mmap", "-c", ""]),
];

static EIGHT: [Engine; 6] = [
    ours(&["find", "-c", "--regex", ANY]),
    alone(&["find", "--threads", "1", "-c", "--regex", ANY]),
    rg(&["--no-config", "-a", "--no-unicode", "--mmap", "--count-matches", ANY]),
    rg_reading(&["--no-config", "-a", "--no-unicode", "--no-mmap", "--count-matches", ANY]),
    grep(&["-caE", ANY]),
    ugrep(&["-caE", ANY]),
];

/// Any of the eight words.
const ANY: &str = "Qz7rare!|panicked|segfault|timeout|refused|corrupt|overflow|LASTMARK";

static DATES: [Engine; 6] = [
    ours(&["find", "-c", "--regex", r"\d{4}-\d{2}-\d{2}"]),
    alone(&["find", "--threads", "1", "-c", "--regex", r"\d{4}-\d{2}-\d{2}"]),
    rg(&["--no-config", "-a", "--no-unicode", "--mmap", "--count-matches", r"\d{4}-\d{2}-\d{2}"]),
    rg_reading(&[
        "--no-config",
        "-a",
        "--no-unicode",
        "--no-mmap",
        "--count-matches",
        r"\d{4}-\d{2}-\d{2}",
    ]),
    grep(&["-caE", "[0-9]{4}-[0-9]{2}-[0-9]{2}"]),
    ugrep(&["-caE", "[0-9]{4}-[0-9]{2}-[0-9]{2}"]),
];

static FIRST: [Engine; 6] = [
    ours(&["find", "-o", "-m", "1", "LASTMARK"]),
    alone(&["find", "--threads", "1", "-o", "-m", "1", "LASTMARK"]),
    rg(&["--no-config", "-oba", "--no-unicode", "--mmap", "-m1", "-F", "LASTMARK"]),
    rg_reading(&["--no-config", "-oba", "--no-unicode", "--no-mmap", "-m1", "-F", "LASTMARK"]),
    grep(&["-obUaF", "-m1", "LASTMARK"]),
    ugrep(&["-obaF", "-m1", "LASTMARK"]),
];

static OFFSETS: [Engine; 6] = [
    ours(&["find", "-o", "offset-mark"]),
    alone(&["find", "--threads", "1", "-o", "offset-mark"]),
    rg(&["--no-config", "-oba", "-N", "--no-unicode", "--mmap", "-F", "offset-mark"]),
    rg_reading(&["--no-config", "-oba", "-N", "--no-unicode", "--no-mmap", "-F", "offset-mark"]),
    grep(&["-obUaF", "offset-mark"]),
    ugrep(&["-obaF", "offset-mark"]),
];

/// Other programs would read a terabyte.
static SPARSE: [Engine; 2] =
    [ours(&["find", "-c", "Qz7rare!"]), alone(&["find", "--threads", "1", "-c", "Qz7rare!"])];

/// The programs that answer a question. None makes a histogram.
pub(super) fn of(question: Question) -> &'static [Engine] {
    match question {
        Question::CountLiteral => &LITERAL,
        Question::CountByte => &BYTE,
        Question::CountNewlines => &NEWLINES,
        Question::CountEight => &EIGHT,
        Question::CountDates => &DATES,
        Question::First => &FIRST,
        Question::Offsets => &OFFSETS,
        Question::Histogram => &[],
    }
}

/// Compares the programs. `None` is a search for a literal in a file with holes.
pub(super) fn race(
    options: &Options,
    question: Option<Question>,
    data: &str,
    input: &Input,
) -> Result {
    let engines = question.map_or(&SPARSE[..], of);
    if !super::wants(options, engines) {
        return Ok(());
    }
    let found = engine::find(engines, options)?;
    if question == Some(Question::Offsets) {
        check_same_output(&found, input)?;
    }
    let contestants = found
        .iter()
        .map(|found| Contestant {
            engine: found.engine,
            run: Box::new(|| drain(&mut found.command(input.path()), |_| {})),
        })
        .collect();
    let records = rounds::run(options.rounds, contestants)?;
    let data = format!("{data}, by programs");
    report::publish(options, (TASK.name, &data), Work::Bytes(input.len()?), &records)
}

/// Fails if programs that should print the same offsets do not.
fn check_same_output(found: &[Found], input: &Input) -> Result {
    let digest = |found: &Found| -> Result<Digest> {
        let mut digest = Digest::new();
        drain(&mut found.command(input.path()), |bytes| digest.add(bytes))?;
        Ok(digest)
    };
    let Some(ours) = found.iter().find(|found| found.engine.is_ours()) else { return Ok(()) };
    let ours = digest(ours)?;
    for theirs in found.iter().filter(|found| SAME_OUTPUT.contains(&found.engine.name)) {
        if digest(theirs)? != ours {
            return Err(format!("{} and {OURS} print different offsets", theirs.engine.name).into());
        }
        println!("{} and {OURS} print the same {} bytes", theirs.engine.name, ours.len);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{COMMON, LAST, RARE};
    use crate::task::scan::{DATE, QUESTIONS};

    #[test]
    fn programs_are_asked_for_what_the_log_has() {
        for question in QUESTIONS {
            let sought = match question {
                Question::CountLiteral => RARE,
                Question::CountByte => "e",
                Question::CountNewlines => "0a",
                Question::CountEight => &super::super::EIGHT.join("|"),
                Question::CountDates => DATE,
                Question::First => LAST,
                Question::Offsets => COMMON,
                Question::Histogram => continue,
            };
            for engine in of(question).iter().take(2) {
                let Runs::Lazyhex(arguments) = engine.runs else { panic!("{}", engine.name) };
                assert_eq!(arguments.last(), Some(&sought), "{question:?}");
            }
        }
    }
}
