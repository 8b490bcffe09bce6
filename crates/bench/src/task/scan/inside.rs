//! Questions in mappings that exist already: live and frozen, with one thread and with all; and in
//! a slice of `memmap2`, with the best crates for each question.

use std::cell::Cell;
use std::hint::black_box;
use std::time::Instant;

use aho_corasick::{AhoCorasick, MatchKind};
use memmap::scan::{Pattern, Scan};
use memmap::{FrozenMap, MemMap, Mode, Proofs, plugin::Mapping};
use regex::bytes::Regex;

use crate::Result;
use crate::engine::{self, Engine, Runs};
use crate::input::{COMMON, Input, LAST, RARE};
use crate::numpy;
use crate::options::Options;
use crate::report::{self, Work};
use crate::rival_map;
use crate::rounds::{self, Contestant};
use crate::sample::Sample;

use super::{DATE, EIGHT, Question, TASK};

const SLICE: &str = "memmap2/slice";

pub(super) static ENGINES: [Engine; 6] = [
    Engine { name: SLICE, against: SLICE, runs: Runs::Inside },
    Engine { name: "memmap/live, 1 thread", against: SLICE, runs: Runs::Inside },
    Engine { name: "memmap/live, all threads", against: SLICE, runs: Runs::Inside },
    Engine { name: "memmap/frozen, 1 thread", against: SLICE, runs: Runs::Inside },
    Engine { name: "memmap/frozen, all threads", against: SLICE, runs: Runs::Inside },
    Engine { name: "python", against: SLICE, runs: Runs::Numpy },
];

/// The loop in Python for a question, and its input.
const fn in_python(question: Question) -> Option<(&'static str, &'static str)> {
    match question {
        Question::CountLiteral => Some(("find", RARE)),
        Question::First => Some(("find", LAST)),
        Question::Offsets => Some(("find", COMMON)),
        Question::CountByte => Some(("count-byte", "e")),
        Question::CountNewlines => Some(("count-byte", "\n")),
        Question::Histogram => Some(("histogram", "")),
        Question::CountEight | Question::CountDates => None,
    }
}

pub(super) fn race(options: &Options, question: Question, data: &str, input: &Input) -> Result {
    if !super::wants(options, &ENGINES) {
        return Ok(());
    }
    let live = MemMap::open(input.path(), Mode::Read)?;
    let frozen: FrozenMap =
        MemMap::open(input.path(), Mode::Read)?.prove(Proofs::none().lease())?;
    // The lease has dropped it from the page cache.
    input.read_again()?;
    let slice = rival_map::map(input)?;
    let rival = Rival::of(question)?;
    let pattern = question.pattern()?;
    let pattern = pattern.as_ref();
    let answers = Answers::default();

    let runs: [Box<dyn FnMut() -> Result<Sample> + '_>; 6] = [
        Box::new(|| answers.measure(|| Ok(rival.answer(&slice)))),
        Box::new(|| answers.measure(|| answer(Scan::new(&live).threads(1), question, pattern))),
        Box::new(|| answers.measure(|| answer(Scan::new(&live), question, pattern))),
        Box::new(|| answers.measure(|| answer(Scan::new(&frozen).threads(1), question, pattern))),
        Box::new(|| answers.measure(|| answer(Scan::new(&frozen), question, pattern))),
        Box::new(|| {
            let (task, given) = in_python(question).ok_or("there is no loop in Python for it")?;
            numpy::run(task, input.path(), &[], given.as_bytes())
        }),
    ];
    let ready = engine::ready(&ENGINES, options);
    let contestants = ENGINES
        .iter()
        .zip(runs)
        .filter(|(engine, _)| ready.iter().any(|ready| ready.name == engine.name))
        .filter(|(engine, _)| engine.name != "python" || in_python(question).is_some())
        .map(|(engine, run)| Contestant { engine, run })
        .collect();
    let records = rounds::run(options.rounds, contestants)?;
    let data = format!("{data}, every page touched");
    report::publish(options, (TASK.name, &data), Work::Bytes(input.len()?), &records)
}

/// The answer of our scan, as one number.
pub(super) fn answer<M: Mapping>(
    scan: Scan<'_, M>,
    question: Question,
    pattern: Option<&Pattern>,
) -> Result<u64> {
    let Some(pattern) = pattern else {
        return Ok(digest(scan.histogram()?.value.counts()));
    };
    Ok(match question {
        Question::First => scan.find_first(pattern)?.value.ok_or("no match")?.offset,
        Question::Offsets => {
            let mut sum = 0_u64;
            scan.find_all_into(pattern, |found| sum = sum.wrapping_add(found.offset))?;
            sum
        }
        _ => scan.count(pattern)?.value,
    })
}

/// A search of a slice by another crate.
pub(super) enum Rival {
    Byte(u8),
    Count(memchr::memmem::Finder<'static>),
    First(memchr::memmem::Finder<'static>),
    Offsets(memchr::memmem::Finder<'static>),
    Eight(AhoCorasick),
    Dates(Regex),
    Histogram,
}

impl Rival {
    pub(super) fn of(question: Question) -> Result<Self> {
        let finder = |literal: &'static str| memchr::memmem::Finder::new(literal);
        Ok(match question {
            Question::CountLiteral => Self::Count(finder(RARE)),
            Question::CountByte => Self::Byte(b'e'),
            Question::CountNewlines => Self::Byte(b'\n'),
            Question::CountEight => Self::Eight(
                AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(EIGHT)?,
            ),
            Question::CountDates => Self::Dates(Regex::new(&format!("(?-u){DATE}"))?),
            Question::Histogram => Self::Histogram,
            Question::First => Self::First(finder(LAST)),
            Question::Offsets => Self::Offsets(finder(COMMON)),
        })
    }

    pub(super) fn answer(&self, bytes: &[u8]) -> u64 {
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        match self {
            Self::Byte(byte) => count(memchr::memchr_iter(*byte, bytes).count()),
            Self::Count(finder) => count(finder.find_iter(bytes).count()),
            Self::First(finder) => finder.find(bytes).map_or(u64::MAX, count),
            Self::Offsets(finder) => {
                finder.find_iter(bytes).fold(0, |sum: u64, at| sum.wrapping_add(count(at)))
            }
            Self::Eight(automaton) => count(automaton.find_iter(bytes).count()),
            Self::Dates(expression) => count(expression.find_iter(bytes).count()),
            Self::Histogram => digest(&histogram(bytes)),
        }
    }
}

/// A histogram in four tables, so that equal bytes in a row do not wait for the same counter.
fn histogram(bytes: &[u8]) -> [u64; 256] {
    let mut tables = [[0_u64; 256]; 4];
    let (words, rest) = bytes.as_chunks::<4>();
    for word in words {
        for (table, &byte) in tables.iter_mut().zip(word) {
            table[usize::from(byte)] += 1;
        }
    }
    for &byte in rest {
        tables[0][usize::from(byte)] += 1;
    }
    let mut counts = [0; 256];
    for table in tables {
        for (count, more) in counts.iter_mut().zip(table) {
            *count += more;
        }
    }
    counts
}

/// Combines the counts into one number.
fn digest(counts: &[u64; 256]) -> u64 {
    counts.iter().fold(0, |digest: u64, &count| digest.wrapping_mul(31).wrapping_add(count))
}

/// Checks that all engines give the same answer.
#[derive(Default)]
pub(super) struct Answers(Cell<Option<u64>>);

impl Answers {
    fn measure(&self, ask: impl Fn() -> Result<u64>) -> Result<Sample> {
        if self.0.get().is_none() {
            // The first engine has to touch its pages; the others do so in later rounds.
            ask()?;
        }
        let begun = Instant::now();
        let answer = black_box(ask()?);
        let time = begun.elapsed();
        self.check(answer)?;
        Ok(Sample { time, notes: Vec::new() })
    }

    pub(super) fn check(&self, answer: u64) -> Result {
        if self.0.replace(Some(answer)).is_some_and(|others| others != answer) {
            return Err("its answer differs from that of the engine before it".into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::scan::QUESTIONS;

    #[test]
    fn every_question_has_the_same_answer_from_all() {
        let input = Input::log(5 << 20).unwrap();
        let live = MemMap::open(input.path(), Mode::Read).unwrap();
        let slice = rival_map::map(&input).unwrap();
        for question in QUESTIONS {
            let pattern = question.pattern().unwrap();
            let theirs = Rival::of(question).unwrap().answer(&slice);
            for threads in [1, 3] {
                let scan = Scan::new(&live).threads(threads);
                let ours = answer(scan, question, pattern.as_ref()).unwrap();
                assert_eq!(ours, theirs, "{question:?} by {threads}");
            }
        }
    }

    #[test]
    fn a_histogram_counts_every_byte() {
        let counts = histogram(b"abracadabra!!");
        assert_eq!((counts[usize::from(b'a')], counts[usize::from(b'!')]), (5, 2));
        assert_eq!(counts.iter().sum::<u64>(), 13);
    }
}
