//! `write`: writes pieces into a file whose pages are all in memory and dirty, so that the copy is
//! measured and not the disk.

use std::fs::File;
use std::hint::black_box;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Instant;

use memmap::{MemMap, Mode};

use crate::Result;
use crate::drain::Digest;
use crate::engine::{self, Engine, Runs};
use crate::numpy;
use crate::options::Options;
use crate::report::{self, Work};
use crate::rival_map;
use crate::rounds::{self, Contestant, Record};
use crate::sample::Sample;
use crate::scratch::{Scratch, random_bytes};

use super::Task;
use super::get::Offsets;

const OURS: &str = "memmap/write_at";

/// The default size of the file. The caches hold a part of it.
const FILE_LEN: u64 = 16 << 20;

/// A size much larger than the caches.
const LARGE_LEN: u64 = 1 << 30;

/// Bytes per write when the file is made. Large folios suit the system calls.
const FIRST_PIECE: usize = 1 << 20;

/// Bytes per write.
const PIECES: [usize; 5] = [8, 64, 4 << 10, 64 << 10, 1 << 20];

/// The approximate number of bytes written in a run.
const TOTAL: usize = 1 << 30;

/// Writes in a run, at most.
const WRITES_MAX: usize = 2_000_000;

/// Random offsets, at most. They are used repeatedly, and few enough to be a small part of the
/// bytes that pass through the caches.
const OFFSETS_MAX: usize = 1 << 18;

static ENGINES: [Engine; 4] = [
    Engine { name: OURS, against: OURS, runs: Runs::Inside },
    Engine { name: "memmap2/MmapMut", against: OURS, runs: Runs::Inside },
    Engine { name: "pwrite", against: OURS, runs: Runs::Inside },
    Engine { name: "numpy.memmap", against: OURS, runs: Runs::Numpy },
];

pub(crate) const TASK: Task = Task {
    name: "write",
    about: "write into a file whose pages are in memory and dirty",
    engines: &ENGINES,
    run,
};

fn run(options: &Options) -> Result {
    let ready = engine::ready(&ENGINES, options);
    let small = options.size.unwrap_or(FILE_LEN);
    let orders = [Order::Sequential, Order::Random].into_iter();
    let ways = orders.flat_map(|order| PIECES.map(|piece| (order, piece)));
    compare(options, &ready, small, ways)?;
    if options.size.is_some() {
        return Ok(());
    }
    compare(options, &ready, LARGE_LEN, [(Order::Sequential, 64 << 10)])
}

/// Each engine has its own file, so that none profits from what the one before left in the caches.
fn compare(
    options: &Options,
    ready: &[&'static Engine],
    len: u64,
    ways: impl IntoIterator<Item = (Order, usize)>,
) -> Result {
    let [our_file, call_file, numpy_file] = [
        Scratch::new(len, FIRST_PIECE)?,
        Scratch::new(len, FIRST_PIECE)?,
        Scratch::new(len, FIRST_PIECE)?,
    ];
    let mut ours = MemMap::open(our_file.path(), Mode::ReadWrite)?;
    let mut theirs = rival_map::map_new(len, FIRST_PIECE)?;
    let file = File::options().write(true).open(call_file.path())?;

    for (order, piece) in ways {
        let Some(plan) = Plan::new(order, piece, len)? else {
            println!("\na file of {} is too small for pieces of {piece} bytes", report::size(len));
            continue;
        };
        // Each run leaves a clean file. If much of a file is dirty, the system begins to write it
        // back, and write-protects pages that the next run has prepared.
        let write_at = || {
            let sample = plan.measure(|at, bytes| Ok(ours.write_at(at, bytes)?))?;
            ours.sync(..)?;
            Ok(sample)
        };
        let slice = || {
            let sample = plan.measure(|at, bytes| {
                let at = usize::try_from(at)?;
                theirs.map[at..at + bytes.len()].copy_from_slice(bytes);
                Ok(())
            })?;
            theirs.map.flush()?;
            Ok(sample)
        };
        let pwrite = || {
            let sample = plan.measure(|at, bytes| Ok(file.write_all_at(bytes, at)?))?;
            file.sync_data()?;
            Ok(sample)
        };
        let memmap = || plan.measure_numpy(numpy_file.path());

        let runs: [Box<dyn FnMut() -> Result<Sample> + '_>; 4] =
            [Box::new(write_at), Box::new(slice), Box::new(pwrite), Box::new(memmap)];
        let contestants = ENGINES
            .iter()
            .zip(runs)
            .filter(|(engine, _)| ready.iter().any(|ready| ready.name == engine.name))
            .map(|(engine, run)| Contestant { engine, run })
            .collect();
        let records = rounds::run(options.rounds, contestants)?;
        let digests = [
            digest_of_file(our_file.path())?,
            digest(&theirs.map[..])?,
            digest_of_file(call_file.path())?,
            digest_of_file(numpy_file.path())?,
        ];
        require_same(&records, digests, options.rounds)?;
        let data = format!(
            "{} at a time, {}, into a file of {} on {}, every page in memory and dirty",
            report::size(piece.try_into()?),
            order.in_words(),
            report::size(len),
            our_file.file_system(),
        );
        let work = Work::Calls(plan.writes()?);
        report::publish(options, (TASK.name, &data), work, &records)?;
    }
    Ok(())
}

fn digest_of_file(path: &Path) -> Result<Digest> {
    digest(File::open(path)?)
}

fn digest(mut bytes: impl Read) -> Result<Digest> {
    let mut digest = Digest::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match bytes.read(&mut buffer) {
            Ok(0) => return Ok(digest),
            Ok(len) => digest.add(&buffer[..len]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Fails if two engines that ran in every round wrote different bytes.
fn require_same(records: &[Record], digests: [Digest; 4], rounds: usize) -> Result {
    let mut expected = None;
    for (engine, digest) in ENGINES.iter().zip(digests) {
        let took_part =
            |record: &Record| record.engine.name == engine.name && record.samples.len() == rounds;
        if records.iter().any(took_part) && *expected.get_or_insert(digest) != digest {
            return Err(format!(
                "the bytes of {} differ from those of the engines before it",
                engine.name
            )
            .into());
        }
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// From the start of the file, without gaps.
    Sequential,
    /// At unaligned offsets.
    Random,
}

impl Order {
    const fn in_words(self) -> &'static str {
        match self {
            Self::Sequential => "one after the other",
            Self::Random => "at random offsets",
        }
    }
}

/// The writes, which are the same for all engines.
struct Plan {
    piece: Vec<u8>,
    file_len: u64,
    /// Where to write; empty for sequential writes.
    offsets: Vec<u64>,
    /// Writes per pass.
    count: u64,
    passes: u64,
}

impl Plan {
    /// `None` if the file is not longer than a piece.
    fn new(order: Order, piece: usize, file_len: u64) -> Result<Option<Self>> {
        let piece_len = u64::try_from(piece)?;
        let Some(within) = file_len.checked_sub(piece_len).filter(|within| *within > 0) else {
            return Ok(None);
        };
        let writes = (TOTAL / piece).min(WRITES_MAX);
        let (offsets, count) = match order {
            Order::Sequential => (Vec::new(), (file_len / piece_len).min(writes.try_into()?)),
            Order::Random => {
                let count = writes.min(OFFSETS_MAX);
                let mut offsets = Offsets::below(within)?;
                ((0..count).map(|_| offsets.next()).collect(), count.try_into()?)
            }
        };
        let passes = (u64::try_from(writes)? / count).max(1);
        Ok(Some(Self { piece: random_bytes(piece), file_len, offsets, count, passes }))
    }

    fn writes(&self) -> Result<u64> {
        Ok(self.count.checked_mul(self.passes).ok_or("too many writes")?)
    }

    /// The time of all writes, after a write to each page that makes it dirty and, if it is mapped,
    /// takes the page fault.
    fn measure(&self, mut write: impl FnMut(u64, &[u8]) -> Result) -> Result<Sample> {
        for at in (0..self.file_len).step_by(4096) {
            write(at, &self.piece[..1])?;
        }
        let step = u64::try_from(self.piece.len())?;
        let begun = Instant::now();
        for _ in 0..self.passes {
            if self.offsets.is_empty() {
                let mut at = 0;
                for _ in 0..self.count {
                    write(at, black_box(&self.piece))?;
                    at += step;
                }
            } else {
                for at in &self.offsets {
                    write(*at, black_box(&self.piece))?;
                }
            }
        }
        Ok(Sample { time: begun.elapsed(), notes: Vec::new() })
    }

    /// The time of the same writes by numpy.
    fn measure_numpy(&self, path: &Path) -> Result<Sample> {
        let numbers = [self.piece.len().try_into()?, self.count, self.passes];
        numpy::run(TASK.name, path, &numbers, &numpy::input(&self.piece, &self.offsets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_writes_are_within_the_file() {
        for order in [Order::Sequential, Order::Random] {
            for piece in [8, 4096] {
                let plan = Plan::new(order, piece, 10_000).unwrap().unwrap();
                let mut calls = 0;
                plan.measure(|at, bytes| {
                    calls += u64::from(bytes.len() == piece);
                    let end = at + u64::try_from(bytes.len())?;
                    if end <= 10_000 { Ok(()) } else { Err(format!("{end}").into()) }
                })
                .unwrap();
                assert_eq!(calls, plan.writes().unwrap());
            }
        }
    }

    #[test]
    fn a_piece_as_long_as_the_file_is_left_out() {
        assert!(Plan::new(Order::Random, 4096, 4096).unwrap().is_none());
    }
}
