//! Questions with a cold start: in mappings that are made for one question, and in files that are
//! not in the page cache.

use std::time::Instant;

use memmap::scan::Scan;
use memmap::{MemMap, Mode};

use crate::Result;
use crate::drain::drain;
use crate::engine::{self, Engine, Runs};
use crate::input::Input;
use crate::options::Options;
use crate::report::{self, Work};
use crate::rival_map;
use crate::rounds::{self, Contestant};
use crate::sample::Sample;

use super::inside::{self, Answers, Rival};
use super::{Question, TASK, programs};

const SLICE: &str = "memmap2/slice";

static ENGINES: [Engine; 3] = [
    Engine { name: SLICE, against: SLICE, runs: Runs::Inside },
    Engine { name: "memmap/live, 1 thread", against: SLICE, runs: Runs::Inside },
    Engine { name: "memmap/live, all threads", against: SLICE, runs: Runs::Inside },
];

/// Where the bytes of the file are before each run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pages {
    Cached,
    /// On the device only, because `posix_fadvise` with `DONTNEED` dropped them.
    Dropped,
}

impl Pages {
    fn prepare(self, input: &Input) -> Result {
        match self {
            Self::Cached => Ok(()),
            Self::Dropped => input.drop_from_cache(),
        }
    }

    const fn in_words(self) -> &'static str {
        match self {
            Self::Cached => "page cache warm",
            Self::Dropped => "page cache dropped by posix_fadvise",
        }
    }
}

/// Measures mappings of this program, which each run opens and closes.
pub(super) fn race_inside(
    options: &Options,
    question: Question,
    data: &str,
    (input, pages): (&Input, Pages),
) -> Result {
    if !super::wants(options, &ENGINES) {
        return Ok(());
    }
    let rival = Rival::of(question)?;
    let pattern = question.pattern()?;
    let pattern = pattern.as_ref();
    let answers = Answers::default();
    let open = || MemMap::open(input.path(), Mode::Read);
    let runs: [Box<dyn Fn() -> Result<u64> + '_>; 3] = [
        Box::new(|| Ok(rival.answer(&rival_map::map(input)?))),
        Box::new(|| inside::answer(Scan::new(&open()?).threads(1), question, pattern)),
        Box::new(|| inside::answer(Scan::new(&open()?), question, pattern)),
    ];
    let answers = &answers;
    let contestants = ENGINES
        .iter()
        .zip(runs)
        .filter(|(engine, _)| options.wants(engine.name))
        .map(|(engine, ask)| Contestant {
            engine,
            run: Box::new(move || {
                pages.prepare(input)?;
                let begun = Instant::now();
                let answer = ask()?;
                let time = begun.elapsed();
                answers.check(answer)?;
                Ok(Sample { time, notes: Vec::new() })
            }),
        })
        .collect();
    let records = rounds::run(options.rounds, contestants)?;
    let data = format!("{data}, {}, mapped for it", pages.in_words());
    report::publish(options, (TASK.name, &data), Work::Bytes(input.len()?), &records)
}

/// Measures other programs, after dropping the page cache.
pub(super) fn race_programs(
    options: &Options,
    question: Question,
    data: &str,
    input: &Input,
) -> Result {
    let engines = programs::of(question);
    if !super::wants(options, engines) {
        return Ok(());
    }
    let found = engine::find(engines, options)?;
    let pages = Pages::Dropped;
    let contestants = found
        .iter()
        .map(|found| Contestant {
            engine: found.engine,
            run: Box::new(|| {
                pages.prepare(input)?;
                drain(&mut found.command(input.path()), |_| {})
            }),
        })
        .collect();
    let records = rounds::run(options.rounds, contestants)?;
    let data = format!("{data}, {}, by programs", pages.in_words());
    report::publish(options, (TASK.name, &data), Work::Bytes(input.len()?), &records)
}
