//! `scan`: searches a log and counts in it, in mappings of this program and by other programs.

mod fresh;
mod inside;
mod programs;

use memmap::scan::Pattern;

use crate::Result;
use crate::engine::Engine;
use crate::input::{COMMON, Input, LAST, RARE};
use crate::options::Options;
use crate::report;

use super::Task;
use fresh::Pages;

/// The default size of the log, in bytes.
const FILE_LEN: u64 = 1 << 30;

/// The length of the file with holes, and how much of it is data.
const SPARSE_LEN: u64 = 1 << 40;
const SPARSE_DATA: u64 = 10 << 20;

/// Words that are rare in the log, or not in it.
const EIGHT: [&str; 8] =
    [RARE, "panicked", "segfault", "timeout", "refused", "corrupt", "overflow", "LASTMARK"];

const DATE: &str = r"\d{4}-\d{2}-\d{2}";

pub(crate) const TASK: Task = Task {
    name: "scan",
    about: "search and count in a mapped log, in this program and by other programs",
    engines: &inside::ENGINES,
    run,
};

/// What an engine has to find out about the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    CountLiteral,
    CountByte,
    CountNewlines,
    CountEight,
    CountDates,
    Histogram,
    First,
    Offsets,
}

const QUESTIONS: [Question; 8] = [
    Question::CountLiteral,
    Question::CountByte,
    Question::CountNewlines,
    Question::CountEight,
    Question::CountDates,
    Question::Histogram,
    Question::First,
    Question::Offsets,
];

impl Question {
    const fn in_words(self) -> &'static str {
        match self {
            Self::CountLiteral => "a rare literal counted",
            Self::CountByte => "a byte counted",
            Self::CountNewlines => "newlines counted",
            Self::CountEight => "8 literals counted",
            Self::CountDates => "dates counted by an expression",
            Self::Histogram => "a histogram of 256 values",
            Self::First => "the first match, at 99.5 %",
            Self::Offsets => "all offsets of a literal, one in 21 KiB",
        }
    }

    /// The pattern to search for; `None` for a histogram.
    fn pattern(self) -> Result<Option<Pattern>> {
        Ok(Some(match self {
            Self::CountLiteral => Pattern::literal(RARE)?,
            Self::CountByte => Pattern::byte(b'e'),
            Self::CountNewlines => Pattern::byte(b'\n'),
            Self::CountEight => Pattern::literals(EIGHT)?,
            Self::CountDates => Pattern::regex(DATE)?,
            Self::First => Pattern::literal(LAST)?,
            Self::Offsets => Pattern::literal(COMMON)?,
            Self::Histogram => return Ok(None),
        }))
    }
}

fn run(options: &Options) -> Result {
    let size = options.size.unwrap_or(FILE_LEN);
    let input = Input::log(size)?;
    for question in QUESTIONS {
        let data =
            format!("{} in {} of a log, page cache warm", question.in_words(), report::size(size));
        inside::race(options, question, &data, &input)?;
        programs::race(options, Some(question), &data, &input)?;
    }
    for question in [Question::CountLiteral, Question::CountDates] {
        let data = format!("{} in {} of a log", question.in_words(), report::size(size));
        fresh::race_inside(options, question, &data, (&input, Pages::Cached))?;
        if let Err(error) = input.drop_from_cache() {
            println!("not measured without the page cache: {error}");
            continue;
        }
        fresh::race_inside(options, question, &data, (&input, Pages::Dropped))?;
        fresh::race_programs(options, question, &data, &input)?;
    }
    let sparse = Input::sparse_with(SPARSE_LEN, SPARSE_DATA)?;
    let (len, stored) = (report::size(SPARSE_LEN), report::size(SPARSE_DATA));
    let data = format!("a literal counted in {len} of holes with {stored} of data");
    programs::race(options, None, &data, &sparse)
}

/// Whether any of these engines is wanted.
fn wants(options: &Options, engines: &[Engine]) -> bool {
    engines.iter().any(|engine| options.wants(engine.name))
}
