//! `get`: reads four bytes at random offsets of a file whose pages are all in memory.

use std::cell::Cell;
use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::time::Instant;

use memmap::{MemMap, Mode};

use crate::Result;
use crate::engine::{Engine, Runs};
use crate::input::Input;
use crate::options::Options;
use crate::report::{self, Work};
use crate::rival_map;
use crate::rounds::{self, Contestant};
use crate::sample::Sample;

use super::Task;

const OURS: &str = "memmap/get";

/// Reads in a run.
const READS: u64 = 4_000_000;

/// A size that fits into the caches, and one that does not.
const SIZES: [u64; 2] = [16 << 20, 1 << 30];

static ENGINES: [Engine; 4] = [
    Engine { name: OURS, against: OURS, runs: Runs::Inside },
    Engine { name: "memmap/read_into", against: OURS, runs: Runs::Inside },
    Engine { name: "memmap2/slice", against: OURS, runs: Runs::Inside },
    Engine { name: "std/pread", against: OURS, runs: Runs::Inside },
];

pub(crate) const TASK: Task = Task {
    name: "get",
    about: "random reads of four bytes, in this program",
    engines: &ENGINES,
    run,
};

fn run(options: &Options) -> Result {
    match options.size {
        Some(size) => compare(options, size),
        None => SIZES.into_iter().try_for_each(|size| compare(options, size)),
    }
}

fn compare(options: &Options, size: u64) -> Result {
    let input = Input::random(size)?;
    let bound = size.checked_sub(3).filter(|bound| *bound > 0).ok_or("at least 4 bytes")?;
    let sums = Sums::default();
    let ours = MemMap::open(input.path(), Mode::Read)?;
    let theirs = rival_map::map(&input)?;
    let file = File::open(input.path())?;

    let get = || sums.measure(bound, |at| ours.get::<u32>(at));
    let read_into = || {
        sums.measure(bound, |at| {
            let mut bytes = [0; 4];
            ours.read_into(at, &mut bytes).map(|()| u32::from_ne_bytes(bytes))
        })
    };
    let slice = || {
        sums.measure(bound, |at| -> Result<u32> {
            let at = usize::try_from(at)?;
            Ok(u32::from_ne_bytes(theirs[at..at + 4].try_into()?))
        })
    };
    let pread = || {
        sums.measure(bound, |at| {
            let mut bytes = [0; 4];
            file.read_exact_at(&mut bytes, at).map(|()| u32::from_ne_bytes(bytes))
        })
    };

    let runs: [Box<dyn FnMut() -> Result<Sample> + '_>; 4] =
        [Box::new(get), Box::new(read_into), Box::new(slice), Box::new(pread)];
    let contestants = ENGINES
        .iter()
        .zip(runs)
        .filter(|(engine, _)| options.wants(engine.name))
        .map(|(engine, run)| Contestant { engine, run })
        .collect();
    let records = rounds::run(options.rounds, contestants)?;
    let data = format!("{}, page cache warm, every page touched", report::size(size));
    report::publish(options, (TASK.name, &data), Work::Calls(READS), &records)
}

/// Checks that all runs compute the same sum.
#[derive(Default)]
struct Sums(Cell<Option<u32>>);

impl Sums {
    fn measure<E: Into<Box<dyn Error>>>(
        &self,
        bound: u64,
        mut read: impl FnMut(u64) -> std::result::Result<u32, E>,
    ) -> Result<Sample> {
        for at in (0..bound).step_by(4096) {
            black_box(read(at).map_err(Into::into)?);
        }
        let mut offsets = Offsets::below(bound)?;
        let mut sum = 0_u32;
        let begun = Instant::now();
        for _ in 0..READS {
            sum = sum.wrapping_add(read(offsets.next()).map_err(Into::into)?);
        }
        let sum = black_box(sum);
        let time = begun.elapsed();
        if self.0.replace(Some(sum)).is_some_and(|others| others != sum) {
            return Err("its values differ from those of the engine before it".into());
        }
        Ok(Sample { time, notes: Vec::new() })
    }
}

/// The upper half of Knuth's MMIX generator. Its cost, a multiplication and an addition, is
/// negligible here.
pub(super) struct Offsets {
    state: u64,
    bound: u64,
}

impl Offsets {
    /// Offsets in `0..bound`. The bound is less than 4 GiB.
    pub(super) fn below(bound: u64) -> Result<Self> {
        Ok(Self { state: 1, bound: u32::try_from(bound)?.into() })
    }

    #[inline]
    pub(super) const fn next(&mut self) -> u64 {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.state >> 32) * self.bound) >> 32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_reach_all_of_a_file_and_not_beyond() {
        let mut offsets = Offsets::below(5).unwrap();
        let seen: Vec<u64> = (0..200).map(|_| offsets.next()).collect();
        assert_eq!((seen.iter().min(), seen.iter().max()), (Some(&0), Some(&4)));
        assert!(Offsets::below(1 << 32).is_err());
    }
}
