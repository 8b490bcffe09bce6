//! `reader`: a file of 1 GiB in the page cache, read through `Read`, `BufRead` and `Seek`.

use std::fs::File;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::time::Instant;

use memmap::{MemMap, Mode};

use crate::Result;
use crate::engine::{Engine, Runs};
use crate::input::Input;
use crate::options::Options;
use crate::report::{self, Work};
use crate::rounds::{self, Contestant};
use crate::sample::Sample;

use super::Task;
use super::get::Offsets;

const OURS: &str = "memmap/reader";

/// The default size of the file.
const FILE_LEN: u64 = 1 << 30;

/// Bytes of a short read.
const SHORT: usize = 16;

/// Short reads in a run, at most, and the ones that follow a seek.
const READS_MAX: u64 = 16_000_000;
const SEEKS: u64 = 500_000;

static ENGINES: [Engine; 5] = [
    Engine { name: OURS, against: OURS, runs: Runs::Inside },
    Engine { name: "memmap/open+reader", against: OURS, runs: Runs::Inside },
    Engine { name: "memmap/erased", against: OURS, runs: Runs::Inside },
    Engine { name: "BufReader<File>", against: OURS, runs: Runs::Inside },
    Engine { name: "File", against: OURS, runs: Runs::Inside },
];

pub(crate) const TASK: Task = Task {
    name: "reader",
    about: "a file read through std's traits: long and short reads, lines, seeks; in this program",
    engines: &ENGINES,
    run,
};

/// What is read, in one run.
#[derive(Clone, Copy)]
enum Question {
    Long(usize),
    Lines,
    Short,
    Seeks,
    SoughtLines,
}

const QUESTIONS: [Question; 6] = [
    Question::Long(64 << 10),
    Question::Long(1 << 20),
    Question::Lines,
    Question::Short,
    Question::Seeks,
    Question::SoughtLines,
];

fn run(options: &Options) -> Result {
    let input = Input::log(options.size.unwrap_or(FILE_LEN))?;
    let len = input.len()?;
    let map = MemMap::open(input.path(), Mode::Read)?;
    let erased = MemMap::open(input.path(), Mode::Read)?.erase();
    for question in QUESTIONS {
        let (data, work) = question.described(len);
        let reader = || question.measure(len, Instant::now(), map.reader());
        let opened = || {
            let begun = Instant::now();
            let map = MemMap::open(input.path(), Mode::Read)?;
            question.measure(len, begun, map.reader())
        };
        let behind_pointer = || question.measure(len, Instant::now(), erased.reader());
        let buffered =
            || question.measure(len, Instant::now(), BufReader::new(File::open(input.path())?));
        let file = || question.measure_plain(len, &input);
        let runs: [Box<dyn FnMut() -> Result<Sample> + '_>; 5] = [
            Box::new(reader),
            Box::new(opened),
            Box::new(behind_pointer),
            Box::new(buffered),
            Box::new(file),
        ];
        let contestants = ENGINES
            .iter()
            .zip(runs)
            .filter(|(engine, _)| options.wants(engine.name))
            // A file has no lines without a buffer.
            .filter(|(engine, _)| engine.name != "File" || !question.is_of_lines())
            .map(|(engine, run)| Contestant { engine, run })
            .collect();
        // The first round touches every page, and does not count.
        black_box(question.measure(len, Instant::now(), map.reader())?);
        black_box(question.measure(len, Instant::now(), erased.reader())?);
        let records = rounds::run(options.rounds, contestants)?;
        report::publish(options, (TASK.name, &data), work, &records)?;
    }
    Ok(())
}

impl Question {
    const fn is_of_lines(self) -> bool {
        matches!(self, Self::Lines | Self::SoughtLines)
    }

    fn described(self, len: u64) -> (String, Work) {
        let whole = report::size(len);
        match self {
            Self::Long(by) => {
                let by = report::size(u64::try_from(by).unwrap_or(u64::MAX));
                (format!("{whole} of a log by {by}"), Work::Bytes(len))
            }
            Self::Lines => (format!("{whole} of a log by lines"), Work::Bytes(len)),
            Self::Short => {
                (format!("{SHORT} bytes at a time, in order"), Work::Calls(short_reads(len)))
            }
            Self::Seeks => {
                (format!("{SHORT} bytes, each after a seek, in {whole}"), Work::Calls(SEEKS))
            }
            Self::SoughtLines => {
                (format!("ends of lines, each after a seek, in {whole}"), Work::Calls(SEEKS))
            }
        }
    }

    /// Runs it on a reader with a buffer. The clock began before, to include what opening costs.
    fn measure(self, len: u64, begun: Instant, mut reader: impl BufRead + Seek) -> Result<Sample> {
        if let Self::Lines = self {
            let (mut line, mut lines, mut bytes) = (Vec::new(), 0_u64, 0);
            loop {
                line.clear();
                let read = reader.read_until(b'\n', &mut line)?;
                if read == 0 {
                    break;
                }
                lines += 1;
                bytes += u64::try_from(read)?;
            }
            let time = begun.elapsed();
            check(bytes == len && lines > 0)?;
            return Ok(Sample { time, notes: Vec::new() });
        }
        if let Self::SoughtLines = self {
            let mut offsets = Offsets::below(len)?;
            let mut line = Vec::new();
            for _ in 0..SEEKS {
                line.clear();
                reader.seek(SeekFrom::Start(offsets.next()))?;
                reader.read_until(b'\n', &mut line)?;
                black_box(&line);
            }
            return Ok(Sample { time: begun.elapsed(), notes: Vec::new() });
        }
        self.read(len, begun, reader)
    }

    fn measure_plain(self, len: u64, input: &Input) -> Result<Sample> {
        let begun = Instant::now();
        self.read(len, begun, File::open(input.path())?)
    }

    fn read(self, len: u64, begun: Instant, mut reader: impl Read + Seek) -> Result<Sample> {
        let mut word = [0; SHORT];
        match self {
            Self::Long(by) => {
                let (mut out, mut bytes) = (vec![0; by], 0);
                loop {
                    let read = reader.read(black_box(&mut out))?;
                    if read == 0 {
                        break;
                    }
                    bytes += u64::try_from(read)?;
                }
                check(bytes == len)?;
            }
            Self::Short | Self::Lines | Self::SoughtLines => {
                let mut sum = 0_u128;
                for _ in 0..short_reads(len) {
                    reader.read_exact(&mut word)?;
                    sum = sum.wrapping_add(u128::from_ne_bytes(word));
                }
                black_box(sum);
            }
            Self::Seeks => {
                let mut offsets = Offsets::below(len - u64::try_from(SHORT)?)?;
                let mut sum = 0_u128;
                for _ in 0..SEEKS {
                    reader.seek(SeekFrom::Start(offsets.next()))?;
                    reader.read_exact(&mut word)?;
                    sum = sum.wrapping_add(u128::from_ne_bytes(word));
                }
                black_box(sum);
            }
        }
        Ok(Sample { time: begun.elapsed(), notes: Vec::new() })
    }
}

/// Short reads in a run.
fn short_reads(len: u64) -> u64 {
    (len / 16).min(READS_MAX)
}

fn check(is_whole: bool) -> Result {
    if is_whole { Ok(()) } else { Err("it did not read the whole file".into()) }
}
